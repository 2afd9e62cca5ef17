/* SPDX-License-Identifier: MIT */
#include "io/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"

/* From this size on, POSIX_FADV_SEQUENTIAL helps. The usual read-ahead of the kernel reads smaller
   files in two steps. */
#define ADVISE_MIN (512 * KIB)

/* The holes of a larger file are always queried. */
#define ASK_MIN ((off_t)MIB)
#define ST_BLOCK 512 /* bytes; the unit of st_blocks */

/* How much a thread requests from a rotating disk in one turn. This is long compared with a seek,
   but short enough that other threads do not wait long. */
#define TURN_LENGTH (4 * MIB)

/* How many bytes to read before the next request. For each request the kernel examines every page
   of the range, so a request for each read costs more than the read. (Measured: half of the system
   time for a file that is not cached.) */
#define REQUEST_EVERY MIB

/* ---- Devices ---- */

void devices_init(struct devices *devices, const struct ssum_context *context)
{
	*devices = (struct devices){.context = context};
	pthread_mutex_init(&devices->turn, NULL);
	pthread_mutex_init(&devices->lock, NULL);
	clocks_init(&devices->clocks);
}

void devices_end(struct devices *devices)
{
	pthread_mutex_destroy(&devices->turn);
	pthread_mutex_destroy(&devices->lock);
	clocks_end(&devices->clocks);
}

static bool devices_is_rotating(dev_t number)
{
	/* For a partition, the queue is in the directory of the disk: one higher. */
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

/* Whether the file is on a rotating disk. `devices` keeps the last answer, since most files of an
   operation are on one device. Without it, no other thread takes turns with this one. */
static bool devices_take_turns(struct devices *devices, dev_t number)
{
	bool is_rotating;

	if (!devices)
		return false;
	pthread_mutex_lock(&devices->lock);
	if (!devices->is_known || devices->number != number) {
		devices->is_known = true;
		devices->number = number;
		devices->is_rotating = devices_is_rotating(number);
	}
	is_rotating = devices->is_rotating;
	pthread_mutex_unlock(&devices->lock);
	return is_rotating;
}

/* As read_until_end(). If the bytes are not cached, wait until no other thread reads. */
static int devices_read_in_turn(struct devices *devices, int fd, void *buffer, size_t length,
				uint64_t offset, size_t *got)
{
	int rc;

#ifdef __GLIBC__ /* musl has preadv2() only since 1.2.5 */
	struct iovec whole = {.iov_base = buffer, .iov_len = length};
	if (preadv2(fd, &whole, 1, (off_t)offset, RWF_NOWAIT) == (ssize_t)length) {
		*got = length;
		return 0;
	}
#endif
	pthread_mutex_lock(&devices->turn);
	if (offset % REQUEST_EVERY < length)
		posix_fadvise(fd, (off_t)offset, TURN_LENGTH, POSIX_FADV_WILLNEED);
	rc = read_until_end(fd, buffer, length, offset, got);
	pthread_mutex_unlock(&devices->turn);
	return rc;
}

/* ---- Opening ---- */

/* Open the file of the caller's descriptor again, because lseek() for extents changes the position
   of a descriptor, and that of the caller must not change. If the file cannot be opened again, use
   the caller's descriptor; file_source_examine_regular() then does not query extents. */
static int file_source_open_descriptor(struct file_source *file, const struct ssum_context *context)
{
	struct stat st;
	int fd = -1;

	if (fstat(file->caller_fd, &st))
		return -errno;
	if (S_ISREG(st.st_mode) && (fcntl(file->caller_fd, F_GETFL) & O_ACCMODE) != O_WRONLY &&
	    fcntl(file->caller_fd, F_GETLEASE) != F_WRLCK)
		fd = descriptor_reopen(context, file->descriptors, file->caller_fd);
	if (fd == SSUM_ERR_CANCELLED)
		return fd;
	file->own_fd = fd >= 0;
	return file->own_fd ? fd : file->caller_fd;
}

bool file_source_may_wait(const struct file_source *file)
{
	struct stat st;
	int rc = file->place == FILE_DESCRIPTOR ? fstat(file->caller_fd, &st)
		 : file->place == FILE_NAMED    ? stat(file->path, &st)
						: -1;

	return !rc && mode_is_stream(st.st_mode);
}

static void file_source_set_size(struct file_source *file, uint64_t size, bool has_size, bool ask)
{
	file->source.has_size = has_size;
	file->source.size = size;
	file->source.start = has_size ? min_u64(file->offset, size) : file->offset;
	file->seekable = true;
	extent_map_init(&file->map, file->fd, size, ask);
}

static int file_source_examine_regular(struct file_source *file, const struct waiter *waiter)
{
	struct stat *st = &file->before;
	struct clocks *clocks = file->devices ? &file->devices->clocks : NULL;
	bool has_settled;
	int rc = file_times_find(&file->times, file->fd);

	if (!rc)
		rc = file_times_settle(&file->times, clocks, waiter, file->fd, st, &has_settled);
	if (rc)
		return rc;
	file->source.is_unsettled = !has_settled;
	file->takes_turns = devices_take_turns(file->devices, st->st_dev);

	uint64_t size = (uint64_t)st->st_size;
	bool is_pseudo = file->times.kind == TIMES_NONE; /* st_size is 0 or a page */

	/* Reading a small file that has all its blocks is faster than querying its holes. (If such
	   a file has a hole and blocks after its end, the hole is read too; the digest is the
	   same.) A file of size 0 may have content: it is read to its end. */
	bool asks = file->asks_always || st->st_size > ASK_MIN ||
		    st->st_blocks * ST_BLOCK < st->st_size;
	file->knows_holes =
		file->own_fd && extent_policy_asks(file->holes, file->times.fs_type, size);
	file_source_set_size(file, size, size && !is_pseudo, file->knows_holes && asks);
	uint64_t stored = (uint64_t)st->st_blocks * ST_BLOCK;
	if (file->devices && file->holes == SSUM_HOLES_AUTO && !file->knows_holes && stored < size)
		atomic_fetch_add(&file->devices->holes_read, size - stored);
	if (size > ADVISE_MIN)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
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

/* Open the file by its path or descriptor, then find out its type, its size, and how to read it.
   This is done again each time that the content is read. */
static int file_source_open(struct source *source, const struct waiter *waiter)
{
	struct file_source *file = container_of(source, struct file_source, source);
	const struct ssum_context *context = file->devices ? file->devices->context : NULL;
	uint64_t size = source->size;
	int rc = 0;

	file->own_fd = file->place != FILE_UNCHECKED;
	switch (file->place) {
	case FILE_NAMED:
		file->fd = path_open(context, file->path, file->any_source);
		break;
	case FILE_BENEATH:
		file->fd = beneath_open_regular(context, file->dir, file->path, file->descriptors,
						&file->before);
		break;
	case FILE_DESCRIPTOR:
		file->fd = file_source_open_descriptor(file, context);
		break;
	case FILE_UNCHECKED:
		file->fd = file->caller_fd;
		file_source_set_size(file, size, true, false);
		return 0;
	}
	if (file->fd < 0)
		return file->fd;

	file->seekable = false;
	file->takes_turns = false;
	file->times = (struct file_times){.kind = TIMES_NONE};
	file->knows_holes = false;
	source->is_unsettled = false;
	source->changes = 0;
	source->has_size = false;
	source->start = 0;
	source->size = 0;

	/* beneath_open_regular() has read the status, and opens regular files only. */
	if (file->place != FILE_BENEATH && fstat(file->fd, &file->before))
		rc = -errno;
	else if (S_ISREG(file->before.st_mode))
		rc = file_source_examine_regular(file, waiter);
	else if (S_ISBLK(file->before.st_mode)) {
		rc = ioctl(file->fd, BLKGETSIZE64, &size) ? -errno : 0;
		if (!rc)
			file_source_set_size(file, size, true, false);
	} else if (S_ISDIR(file->before.st_mode))
		rc = -EISDIR;
	else if (!mode_is_stream(file->before.st_mode) || !file->any_source)
		rc = SSUM_ERR_NOT_REGULAR;
	else
		source->can_reopen = false;
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
	const struct stat *before = &file->before;
	struct stat now;
	int rc;

	source->changes = 0;
	if (file->times.kind == TIMES_NONE || file->times.kind == TIMES_FIXED)
		return 0;
	rc = file_times_look(&file->times, file->fd, &now);
	if (rc)
		return rc;
	struct file_identity was = identity_of(before), is = identity_of(&now);
	source->changes = identity_changes(&was, &is);
	if (!source->changes)
		return 0;
	if (before->st_nlink != now.st_nlink)
		source->changes |= SSUM_CHANGE_LINKS;
	if (before->st_mode != now.st_mode || before->st_uid != now.st_uid ||
	    before->st_gid != now.st_gid)
		source->changes |= SSUM_CHANGE_PERMISSION;
	return SSUM_ERR_CHANGED;
}

static void file_source_forget(struct source *source)
{
	struct file_source *file = container_of(source, struct file_source, source);

	if (file->times.kind == TIMES_SERVER)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static const struct source_ops file_source_ops = {
	.open = file_source_open,
	.extent_at = file_source_extent_at,
	.read_at = file_source_read_at,
	.check = file_source_check,
	.forget = file_source_forget,
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

void file_source_descriptor(struct file_source *file, int fd, uint64_t offset,
			    enum ssum_holes holes)
{
	*file = (struct file_source){.source = {.ops = &file_source_ops, .can_reopen = true},
				     .place = FILE_DESCRIPTOR,
				     .caller_fd = fd,
				     .offset = offset,
				     .holes = holes,
				     .descriptors = -1,
				     .fd = -1};
}

void file_source_unchecked(struct file_source *file, int fd, uint64_t size)
{
	*file = (struct file_source){
		.source = {.ops = &file_source_ops, .has_size = true, .size = size},
		.place = FILE_UNCHECKED,
		.caller_fd = fd,
		.descriptors = -1,
		.fd = -1};
}
