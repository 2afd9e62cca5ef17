/* SPDX-License-Identifier: MIT */
#include "io/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/beneath.h"
#include "io/interruptions.h"
#include "io/reader.h"

/* Below that the kernel's ordinary read-ahead has it all in two steps. */
#define ADVISE_MIN (512 * KIB)

/* Up to this size a file is not asked for holes if it has all its blocks. */
#define ASK_MIN ((off_t)MIB)
#define ST_BLOCK 512 /* bytes; the unit of st_blocks */

static struct file_source *of(struct source *source)
{
	return container_of(source, struct file_source, source);
}

/* ---- Opening ---- */

static bool is_stream(mode_t mode)
{
	return S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

/* The name is looked at before it is opened: opening can hang on a FIFO and act on a device. Who
   swaps the file in between meets O_NONBLOCK, and the second look in examine(). */
static int open_named(struct file_source *file)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
	struct stat st;

	if (stat(file->path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (is_stream(st.st_mode) && !file->any_source)
		return SSUM_ERR_NOT_REGULAR;
	if (!is_stream(st.st_mode))
		flags |= O_NONBLOCK;

	int fd = is_stream(st.st_mode) ? TEMP_FAILURE_RETRY(open(file->path, flags))
				       : uninterrupted(open(file->path, flags));
	return fd < 0 ? -errno : fd;
}

/* Asking for extents moves the position, and the caller's must not: a regular file is opened once
   more, and where that is not possible it is not asked. */
static int open_given(struct file_source *file)
{
	struct stat st;

	if (fstat(file->given, &st))
		return -errno;
	file->own_fd = false;
	if (!S_ISREG(st.st_mode) || (fcntl(file->given, F_GETFL) & O_ACCMODE) == O_WRONLY)
		return file->given;

	int fd = reopen(file->descriptors, file->given);
	if (fd < 0)
		return file->given;
	file->own_fd = true;
	return fd;
}

static int open_place(struct file_source *file)
{
	file->own_fd = true;
	switch (file->place) {
	case FILE_NAMED:
		return open_named(file);
	case FILE_BENEATH:
		return beneath_open_regular(file->dir, file->path, file->descriptors,
					    &file->before);
	case FILE_GIVEN:
		break;
	}
	return open_given(file);
}

bool file_source_may_wait(const struct file_source *file)
{
	struct stat st;
	int rc = file->place == FILE_GIVEN   ? fstat(file->given, &st)
		 : file->place == FILE_NAMED ? stat(file->path, &st)
					     : -1;

	return !rc && is_stream(st.st_mode);
}

/* ---- What was opened ---- */

/* Kernel interfaces in the form of files: their size is 0 or a page, whatever they hold. */
static bool is_pseudo(uint64_t fs_type)
{
	static const uint32_t types[] = {
		PROC_SUPER_MAGIC,   SYSFS_MAGIC,         DEBUGFS_MAGIC, TRACEFS_MAGIC,
		CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,  SECURITYFS_MAGIC,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (fs_type == types[i])
			return true;
	return false;
}

/* A small file that has all its blocks is read faster than it is asked for holes. (One that has a
   hole and as many blocks behind its end is read as a whole, which is right as well.) */
static bool is_worth_asking(const struct stat *st)
{
	return st->st_size > ASK_MIN || st->st_blocks * ST_BLOCK < st->st_size;
}

static int examine_regular(struct file_source *file)
{
	struct device device;
	uint64_t size = (uint64_t)file->before.st_size;
	int rc = device_of(file->devices, file->fd, file->before.st_dev, &device);

	if (rc)
		return rc;
	bool pseudo = is_pseudo(device.fs_type);
	file->knows_holes = file->own_fd && extent_policy_asks(file->holes, device.fs_type, size);

	/* A size of 0 may be no size at all; the first read tells. */
	file->source.has_size = size && !pseudo;
	file->source.size = size;
	file->source.start = file->source.has_size ? min_u64(file->offset, size) : file->offset;
	file->keeps_time = !pseudo;
	file->seekable = true;
	file->takes_turns = file->devices && device.is_rotating;
	if (file->keeps_time)
		wait_out_tick(&file->before);
	extent_map_init(&file->map, file->fd, size,
			file->knows_holes && (file->asks_always || is_worth_asking(&file->before)));
	if (size > ADVISE_MIN)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static int examine_block_device(struct file_source *file)
{
	uint64_t size;

	if (ioctl(file->fd, BLKGETSIZE64, &size))
		return -errno;
	file->source.has_size = true;
	file->source.size = size;
	file->source.start = min_u64(file->offset, size);
	file->seekable = true;
	extent_map_init(&file->map, file->fd, size, false);
	return 0;
}

static int examine(struct file_source *file)
{
	mode_t mode;

	/* Below a directory it was looked at when it was opened. */
	if (file->place != FILE_BENEATH && fstat(file->fd, &file->before))
		return -errno;
	mode = file->before.st_mode;
	file->keeps_time = false;
	file->seekable = false;
	file->takes_turns = false;
	file->knows_holes = false;
	file->source.has_size = false;
	file->source.size = 0;
	file->source.start = 0;

	if (S_ISREG(mode))
		return examine_regular(file);
	if (S_ISBLK(mode) && file->place != FILE_BENEATH)
		return examine_block_device(file);
	if (S_ISDIR(mode))
		return -EISDIR;
	if (!is_stream(mode) || !file->any_source)
		return SSUM_ERR_NOT_REGULAR;
	file->source.can_reopen = false;
	return 0;
}

/* ---- The interface ---- */

static void file_close(struct source *source)
{
	struct file_source *file = of(source);

	if (file->own_fd)
		close(file->fd);
	file->fd = -1;
}

static int file_open(struct source *source)
{
	struct file_source *file = of(source);
	int rc;

	file->fd = open_place(file);
	if (file->fd < 0)
		return file->fd;
	rc = examine(file);
	if (rc)
		file_close(source);
	return rc;
}

static struct ssum_extent file_extent_at(struct source *source, uint64_t offset)
{
	return extent_at(&of(source)->map, offset);
}

static int file_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			size_t *got)
{
	struct file_source *file = of(source);

	if (file->takes_turns)
		return read_in_turn(file->devices, file->fd, buffer, length, offset, got);
	return file->seekable ? read_until_end(file->fd, buffer, length, offset, got)
			      : read_sequentially(file->fd, buffer, length, got);
}

static int file_check(struct source *source)
{
	struct file_source *file = of(source);
	struct stat now;

	if (!file->keeps_time)
		return 0;
	if (fstat(file->fd, &now))
		return -errno;
	return same_state(&now, &file->before) ? 0 : SSUM_ERR_CHANGED;
}

static const struct source_ops file_ops = {
	.open = file_open,
	.extent_at = file_extent_at,
	.read_at = file_read_at,
	.check = file_check,
	.close = file_close,
};

void file_source_named(struct file_source *file, const char *path, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_ops, .can_reopen = true},
				     .place = FILE_NAMED,
				     .path = path,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}

void file_source_beneath(struct file_source *file, int dir, const char *path, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_ops, .can_reopen = true},
				     .place = FILE_BENEATH,
				     .path = path,
				     .dir = dir,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}

void file_source_given(struct file_source *file, int fd, uint64_t offset, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_ops, .can_reopen = true},
				     .place = FILE_GIVEN,
				     .given = fd,
				     .offset = offset,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}
