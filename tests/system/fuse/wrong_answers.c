/* SPDX-License-Identifier: MIT */
#include "wrong_answers.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The range with wrong answers, in the middle of data. */
#define WRONG_START 720896
#define WRONG_LENGTH 65536

/* ---- Wrong answers about holes ---- */

off_t true_seek(struct subject *subject, off_t offset, int whence)
{
	off_t answer = lseek(subject->fd, offset, whence);

	return answer < 0 ? -errno : answer;
}

#define SEEK(name, value)                                                                          \
	static off_t name(struct subject *subject, off_t offset, int whence)                       \
	{                                                                                          \
		(void)subject, (void)offset, (void)whence;                                         \
		return value;                                                                      \
	}

SEEK(seek_backwards, offset > 5000 ? offset - 5000 : 0)
SEEK(seek_zero, 0)
SEEK(seek_same, offset)
SEEK(seek_past, subject->size + 1)
SEEK(seek_far, INT64_MAX)
SEEK(seek_smallest, INT64_MIN)
SEEK(seek_negative, -8192)
SEEK(seek_hole_before_data, whence == SEEK_HOLE ? offset / 2 : offset < 4096 ? 4096 : offset)
SEEK(seek_all_data, whence == SEEK_DATA ? offset : subject->size)
SEEK(seek_no_data, whence == SEEK_DATA ? -ENXIO : offset)
SEEK(seek_enxio, -ENXIO)
SEEK(seek_enosys, -ENOSYS)
SEEK(seek_einval, -EINVAL)
SEEK(seek_eopnotsupp, -EOPNOTSUPP)
SEEK(seek_eio, -EIO)
SEEK(seek_tail, offset < WRONG_START  ? (whence == SEEK_DATA ? offset : WRONG_START)
		: whence == SEEK_DATA ? -ENXIO
				      : offset)

/* Report the range as a hole and the rest as data. */
static off_t seek_hole_over_data(struct subject *subject, off_t offset, int whence)
{
	bool within = offset >= WRONG_START && offset < WRONG_START + WRONG_LENGTH;

	if (whence == SEEK_DATA)
		return within ? WRONG_START + WRONG_LENGTH : offset;
	return within || offset >= subject->size ? offset
	       : offset < WRONG_START            ? WRONG_START
						 : subject->size;
}

/* A different answer at each call. Each is possible. */
static off_t seek_random(struct subject *subject, off_t offset, int whence)
{
	(void)whence;
	if (offset >= subject->size)
		return -ENXIO;
	srandom(++subject->calls);
	return offset + random() % (subject->size - offset);
}

/* ---- Wrong content ---- */

#define READ(name)                                                                                 \
	static ssize_t name(struct subject *subject, char *buffer, size_t size, off_t offset)

static ssize_t read_true(struct subject *subject, char *buffer, size_t size, off_t offset)
{
	ssize_t n = pread(subject->fd, buffer, size, offset);

	return n < 0 ? -errno : n;
}

READ(read_short)
{
	size_t some = 1 + (size_t)random() % 8192;

	return read_true(subject, buffer, size < some ? size : some, offset);
}

READ(read_ends_early)
{
	if (offset >= 777)
		return 0;
	return read_true(subject, buffer, size < 777 ? size : 777 - (size_t)offset, offset);
}

static ssize_t read_fails(struct subject *subject, char *buffer, size_t size, off_t offset,
			  int error)
{
	if (offset + (off_t)size <= WRONG_START)
		return read_true(subject, buffer, size, offset);
	if (offset >= WRONG_START)
		return -error;
	return read_true(subject, buffer, (size_t)(WRONG_START - offset), offset);
}

READ(read_eio)
{
	return read_fails(subject, buffer, size, offset, EIO);
}

READ(read_estale)
{
	return read_fails(subject, buffer, size, offset, ESTALE);
}

READ(read_interrupted)
{
	return subject->calls++ % 3 < 2 ? -EINTR : read_short(subject, buffer, size, offset);
}

READ(read_always_interrupted)
{
	(void)subject, (void)buffer, (void)size, (void)offset;
	return -EINTR;
}

READ(read_slowly)
{
	usleep(300000);
	return read_true(subject, buffer, size < 131072 ? size : 131072, offset);
}

READ(read_differently)
{
	ssize_t n = read_true(subject, buffer, size, offset);

	if (n > 0)
		buffer[0] ^= (char)(1 + subject->calls++ % 255);
	return n;
}

/* ---- Wrong size and times ---- */

#define STAT(name) static void name(struct subject *subject, struct stat *st)

STAT(stat_size_moves)
{
	st->st_size -= ++subject->calls % 1000;
}

STAT(stat_size_is_less)
{
	(void)subject;
	st->st_size -= 1000;
}

STAT(stat_size_is_more)
{
	(void)subject;
	st->st_size += 1000;
}

STAT(stat_size_is_zero)
{
	(void)subject;
	st->st_size = 0;
}

STAT(stat_size_is_largest)
{
	(void)subject;
	st->st_size = INT64_MAX;
}

/* The maximum length for SHA-1. */
STAT(stat_size_is_huge)
{
	(void)subject;
	st->st_size = (INT64_C(1) << 61) - 1;
}

STAT(stat_time_moves)
{
	st->st_mtim.tv_sec += ++subject->calls;
}

/* As after a hard link was made. */
STAT(stat_links_move)
{
	st->st_nlink += ++subject->calls;
	st->st_ctim.tv_sec += subject->calls;
}

/* In the year 2065. */
STAT(stat_in_future)
{
	(void)subject;
	st->st_mtim.tv_sec = st->st_ctim.tv_sec = 3000000000;
}

STAT(stat_no_times)
{
	(void)subject;
	st->st_mtim.tv_sec = st->st_ctim.tv_sec = 0;
}

STAT(stat_inode_moves)
{
	st->st_ino = 1000 + ++subject->calls;
}

STAT(stat_no_links)
{
	(void)subject;
	st->st_nlink = 0;
}

STAT(stat_no_blocks)
{
	(void)subject;
	st->st_blocks = 0;
}

/* ---- Wrong names ---- */

#define TRUE                                                                                       \
	{"file", S_IFREG},                                                                         \
	{                                                                                          \
		"other", S_IFREG                                                                   \
	}
#define LISTING(name, ...) static const struct entry name[] = {__VA_ARGS__, {NULL, 0}}

LISTING(dir_twice, {"file", S_IFREG}, TRUE);
LISTING(dir_ghost, TRUE, {"ghost", S_IFREG});
LISTING(dir_slash, TRUE, {"a/b", S_IFREG});
LISTING(dir_empty_name, TRUE, {"", S_IFREG});
LISTING(dir_no_type, {"file", 0}, {"other", 0});
LISTING(dir_file_is_directory, {"file", S_IFDIR}, {"other", S_IFREG});
LISTING(dir_order, {"file", S_IFDIR}, {"file.x", S_IFREG}, {"other", S_IFREG});
LISTING(dir_file_is_fifo, {"file", S_IFIFO}, {"other", S_IFREG});
LISTING(dir_fifo_is_file, TRUE, {"pipe", S_IFREG});
LISTING(dir_link_is_file, TRUE, {"link", S_IFREG});
LISTING(dir_fails, {"file", S_IFREG}, {"", FAILS});

const struct wrong_answer wrong_answers[] = {
	{.name = "nothing"},
	{.name = "seek-backwards", .seek = seek_backwards},
	{.name = "seek-zero", .seek = seek_zero},
	{.name = "seek-same", .seek = seek_same},
	{.name = "seek-past", .seek = seek_past},
	{.name = "seek-far", .seek = seek_far},
	{.name = "seek-smallest", .seek = seek_smallest},
	{.name = "seek-negative", .seek = seek_negative},
	{.name = "seek-hole-before-data", .seek = seek_hole_before_data},
	{.name = "seek-all-data", .seek = seek_all_data},
	{.name = "seek-no-data", .seek = seek_no_data},
	{.name = "seek-enxio", .seek = seek_enxio},
	{.name = "seek-enosys", .seek = seek_enosys},
	{.name = "seek-einval", .seek = seek_einval},
	{.name = "seek-eopnotsupp", .seek = seek_eopnotsupp},
	{.name = "seek-eio", .seek = seek_eio},
	{.name = "seek-tail", .seek = seek_tail},
	{.name = "seek-hole-over-data", .seek = seek_hole_over_data},
	{.name = "seek-random", .seek = seek_random},
	{.name = "read-short", .read = read_short},
	{.name = "read-ends-early", .read = read_ends_early},
	{.name = "read-eio", .read = read_eio},
	{.name = "read-estale", .read = read_estale},
	{.name = "read-interrupted", .read = read_interrupted},
	{.name = "read-always-interrupted", .read = read_always_interrupted},
	{.name = "read-slowly", .read = read_slowly},
	{.name = "read-differently", .read = read_differently},
	{.name = "stat-size-moves", .stat = stat_size_moves},
	{.name = "stat-size-is-less", .stat = stat_size_is_less},
	{.name = "stat-size-is-more", .stat = stat_size_is_more},
	{.name = "stat-size-is-zero", .stat = stat_size_is_zero},
	{.name = "stat-size-is-largest", .stat = stat_size_is_largest},
	{.name = "stat-size-is-huge", .stat = stat_size_is_huge},
	{.name = "stat-time-moves", .stat = stat_time_moves},
	{.name = "stat-links-move", .stat = stat_links_move},
	{.name = "stat-in-future", .stat = stat_in_future},
	{.name = "stat-no-times", .stat = stat_no_times},
	{.name = "in-future-and-differently", .stat = stat_in_future, .read = read_differently},
	{.name = "stat-inode-moves", .stat = stat_inode_moves},
	{.name = "stat-no-links", .stat = stat_no_links},
	{.name = "stat-no-blocks", .stat = stat_no_blocks},
	{.name = "dir-twice", .entries = dir_twice},
	{.name = "dir-ghost", .entries = dir_ghost},
	{.name = "dir-slash", .entries = dir_slash},
	{.name = "dir-empty-name", .entries = dir_empty_name},
	{.name = "dir-no-type", .entries = dir_no_type},
	{.name = "dir-file-is-directory", .entries = dir_file_is_directory},
	{.name = "dir-order", .entries = dir_order},
	{.name = "dir-file-is-fifo", .entries = dir_file_is_fifo},
	{.name = "dir-fifo-is-file", .entries = dir_fifo_is_file},
	{.name = "dir-link-is-file", .entries = dir_link_is_file},
	{.name = "dir-fails", .entries = dir_fails},
	{.name = "dir-endless", .endless = true},
	{.name = "open-interrupted", .opens_never = true},
	{.name = NULL},
};
