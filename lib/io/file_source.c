/* SPDX-License-Identifier: MIT */
#include "io/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"

/* The kernel's usual read-ahead reads a smaller file in two steps. */
#define ADVISE_MIN (512 * KIB)

/* A file up to this size that has all its blocks is not asked for holes. */
#define ASK_MIN ((off_t)MIB)
#define ST_BLOCK 512 /* bytes; the unit of st_blocks */

/* What is read from a rotating disk in one turn: this takes long compared with a seek, and short
   compared with what the other threads can wait. */
#define STRETCH_LENGTH (4 * MIB)

/* How often a stretch is requested. For each request the kernel looks at every page of it, so a
   request for each short piece costs more than reading. (Measured: half of the system time for a
   cold file.) */
#define REQUEST_EVERY MIB

/* ---- Devices ---- */

void devices_init(struct devices *devices)
{
	*devices = (struct devices){.is_known = false};
	pthread_mutex_init(&devices->turn, NULL);
	pthread_mutex_init(&devices->lock, NULL);
}

void devices_end(struct devices *devices)
{
	pthread_mutex_destroy(&devices->turn);
	pthread_mutex_destroy(&devices->lock);
}

static bool devices_is_rotating(dev_t number)
{
	/* For a partition, the queue is that of the disk: one directory higher. */
	static const char *const above[] = {"", "../"};
	char path[64], answer = '0';
	int fd = -1;

	for (size_t i = 0; i < ARRAY_SIZE(above) && fd < 0; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%squeue/rotational",
			 major(number), minor(number), above[i]);
		fd = uninterrupted(open(path, O_RDONLY | O_CLOEXEC));
	}
	if (fd < 0)
		return false;
	if (read(fd, &answer, 1) != 1)
		answer = '0';
	close(fd);
	return answer == '1';
}

/* Find out the type of the file system, and whether the disk rotates. The last answer is kept,
   since most files of an operation are on one device. */
static int devices_examine(struct devices *devices, int fd, dev_t number, uint64_t *fs_type,
			   bool *is_rotating)
{
	struct statfs fs;
	int rc = 0;

	if (!devices) {
		*is_rotating = false; /* there is nobody to take turns with */
		rc = fstatfs(fd, &fs) ? -errno : 0;
		*fs_type = rc ? 0 : (uint32_t)fs.f_type;
		return rc;
	}
	pthread_mutex_lock(&devices->lock);
	if (!devices->is_known || devices->number != number) {
		rc = fstatfs(fd, &fs) ? -errno : 0;
		devices->is_known = !rc;
		if (!rc) {
			devices->number = number;
			devices->fs_type = (uint32_t)fs.f_type;
			devices->is_rotating = devices_is_rotating(number);
		}
	}
	*fs_type = devices->fs_type;
	*is_rotating = devices->is_rotating;
	pthread_mutex_unlock(&devices->lock);
	return rc;
}

/* Read as read_until_end(): at once if it is cached, else when no other thread is reading. */
static int devices_read_in_turn(struct devices *devices, int fd, void *buffer, size_t length,
				uint64_t offset, size_t *got)
{
	struct iovec whole = {.iov_base = buffer, .iov_len = length};
	int rc;

	if (preadv2(fd, &whole, 1, (off_t)offset, RWF_NOWAIT) == (ssize_t)length) {
		*got = length;
		return 0;
	}
	pthread_mutex_lock(&devices->turn);
	if (offset % REQUEST_EVERY < length)
		posix_fadvise(fd, (off_t)offset, STRETCH_LENGTH, POSIX_FADV_WILLNEED);
	rc = read_until_end(fd, buffer, length, offset, got);
	pthread_mutex_unlock(&devices->turn);
	return rc;
}

/* ---- Opening ---- */

static bool file_source_is_stream(mode_t mode)
{
	return S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

/* The type is checked before the file is opened, since to open a FIFO can block and to open a
   device can have effects. If the file is replaced in between, O_NONBLOCK keeps open() from
   blocking, and file_source_examine() checks the type again. */
static int file_source_open_named(struct file_source *file)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY, fd;
	struct stat st;

	if (stat(file->path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!file_source_is_stream(st.st_mode))
		fd = uninterrupted(open(file->path, flags | O_NONBLOCK));
	else if (file->any_source)
		fd = TEMP_FAILURE_RETRY(open(file->path, flags));
	else
		return SSUM_ERR_NOT_REGULAR;
	return fd < 0 ? -errno : fd;
}

/* To ask for extents moves the position of a descriptor, and the caller's must not move. So a
   regular file is opened again. If that fails, the caller's is used and not asked for extents. */
static int file_source_open_given(struct file_source *file)
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

bool file_source_may_wait(const struct file_source *file)
{
	struct stat st;
	int rc = file->place == FILE_GIVEN   ? fstat(file->given, &st)
		 : file->place == FILE_NAMED ? stat(file->path, &st)
					     : -1;

	return !rc && file_source_is_stream(st.st_mode);
}

static int file_source_examine_regular(struct file_source *file)
{
	/* Kernel interfaces in the form of files: their st_size is 0 or a page, whatever they
	   contain, and their times do not change. */
	static const uint32_t pseudo_types[] = {
		PROC_SUPER_MAGIC,   SYSFS_MAGIC,         DEBUGFS_MAGIC, TRACEFS_MAGIC,
		CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,  SECURITYFS_MAGIC,
	};
	const struct stat *st = &file->before;
	uint64_t fs_type, size = (uint64_t)st->st_size;
	bool is_rotating, is_pseudo = false;
	int rc = devices_examine(file->devices, file->fd, st->st_dev, &fs_type, &is_rotating);

	if (rc)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(pseudo_types); i++)
		is_pseudo = is_pseudo || fs_type == pseudo_types[i];

	/* A file of size 0 may have content; a read shows whether it has. */
	file->source.has_size = size && !is_pseudo;
	file->source.size = size;
	file->source.start = file->source.has_size ? min_u64(file->offset, size) : file->offset;
	file->seekable = true;
	file->takes_turns = is_rotating;
	file->keeps_time = !is_pseudo;
	if (file->keeps_time)
		wait_out_tick(st);

	/* To read a small file that has all its blocks is faster than to ask for its holes. (One
	   that has a hole, and as many blocks after its end, is read as a whole: this is correct
	   too.) */
	file->knows_holes = file->own_fd && extent_policy_asks(file->holes, fs_type, size);
	bool asks = file->asks_always || st->st_size > ASK_MIN ||
		    st->st_blocks * ST_BLOCK < st->st_size;
	extent_map_init(&file->map, file->fd, size, file->knows_holes && asks);
	if (size > ADVISE_MIN)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static int file_source_examine(struct file_source *file)
{
	/* Beneath a directory, the status was read when the file was opened. */
	if (file->place != FILE_BENEATH && fstat(file->fd, &file->before))
		return -errno;
	const mode_t mode = file->before.st_mode;
	file->keeps_time = false;
	file->seekable = false;
	file->takes_turns = false;
	file->knows_holes = false;
	file->source.has_size = false;
	file->source.size = 0;
	file->source.start = 0;

	if (S_ISREG(mode))
		return file_source_examine_regular(file);
	if (S_ISBLK(mode) && file->place != FILE_BENEATH) {
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
	if (S_ISDIR(mode))
		return -EISDIR;
	if (!file_source_is_stream(mode) || !file->any_source)
		return SSUM_ERR_NOT_REGULAR;
	file->source.can_reopen = false;
	return 0;
}

/* ---- The operations of a source ---- */

static void file_source_close(struct source *source)
{
	struct file_source *file = container_of(source, struct file_source, source);

	if (file->own_fd)
		close(file->fd);
	file->fd = -1;
}

static int file_source_open(struct source *source)
{
	struct file_source *file = container_of(source, struct file_source, source);

	file->own_fd = true;
	if (file->place == FILE_NAMED)
		file->fd = file_source_open_named(file);
	else if (file->place == FILE_BENEATH)
		file->fd = beneath_open_regular(file->dir, file->path, file->descriptors,
						&file->before);
	else
		file->fd = file_source_open_given(file);
	if (file->fd < 0)
		return file->fd;

	int rc = file_source_examine(file);
	if (rc)
		file_source_close(source);
	return rc;
}

static struct ssum_extent file_source_extent_at(struct source *source, uint64_t offset)
{
	return extent_at(&container_of(source, struct file_source, source)->map, offset);
}

static int file_source_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			       size_t *got)
{
	struct file_source *file = container_of(source, struct file_source, source);

	if (file->takes_turns)
		return devices_read_in_turn(file->devices, file->fd, buffer, length, offset, got);
	return file->seekable ? read_until_end(file->fd, buffer, length, offset, got)
			      : read_sequentially(file->fd, buffer, length, got);
}

static int file_source_check(struct source *source)
{
	struct file_source *file = container_of(source, struct file_source, source);
	struct stat now;

	if (!file->keeps_time)
		return 0;
	if (fstat(file->fd, &now))
		return -errno;
	return same_state(&now, &file->before) ? 0 : SSUM_ERR_CHANGED;
}

static const struct source_ops file_source_ops = {
	.open = file_source_open,
	.extent_at = file_source_extent_at,
	.read_at = file_source_read_at,
	.check = file_source_check,
	.close = file_source_close,
};

void file_source_named(struct file_source *file, const char *path, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_source_ops, .can_reopen = true},
				     .place = FILE_NAMED,
				     .path = path,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}

void file_source_beneath(struct file_source *file, int dir, const char *path, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_source_ops, .can_reopen = true},
				     .place = FILE_BENEATH,
				     .path = path,
				     .dir = dir,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}

void file_source_given(struct file_source *file, int fd, uint64_t offset, enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_source_ops, .can_reopen = true},
				     .place = FILE_GIVEN,
				     .given = fd,
				     .offset = offset,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}
