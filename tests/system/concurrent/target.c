/* SPDX-License-Identifier: MIT */
#include "system/concurrent/target.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/concurrent/calls.h"
#include "support/files.h"

#define HOLE_AT (256 * 1024)
#define HOLE_LENGTH (128 * 1024)
#define PUNCH_AT (448 * 1024)

unsigned char target_content[TARGET_SIZE];
static unsigned char other[TARGET_SIZE];
int target_fd = -1;
static const char *target_path;
static struct stat target;

void target_make_content(void)
{
	uint64_t seed = 11;

	fill_random(target_content, sizeof(target_content), &seed);
	fill_random(other, sizeof(other), &seed);
	memset(target_content + HOLE_AT, 0, HOLE_LENGTH);
	target_content[TARGET_FIRST] = 'a';
}

static void put(const void *data, size_t length, off_t offset)
{
	ck_assert_int_eq(pwrite(target_fd, data, length, offset), (ssize_t)length);
}

void target_new(const char *path)
{
	const size_t after_hole = HOLE_AT + HOLE_LENGTH;

	unlink(path);
	target_path = path;
	target_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ck_assert(target_fd >= 0 && !ftruncate(target_fd, TARGET_SIZE));
	put(target_content, HOLE_AT, 0);
	put(target_content + after_hole, TARGET_SIZE - after_hole, (off_t)after_hole);
	ck_assert(!fstatat(target_fd, "", &target, AT_EMPTY_PATH));
	watch_file(&target);
}

void target_close(void)
{
	close(target_fd);
}

/* ---- The writers ---- */

static void first(void)
{
	put("b", 1, TARGET_FIRST);
}

static void grow(void)
{
	put("more than there was", 19, TARGET_SIZE);
}

static void shrink(void)
{
	ck_assert(!ftruncate(target_fd, TARGET_SIZE - 5000));
}

static void shrink_to_nothing(void)
{
	ck_assert(!ftruncate(target_fd, 0));
}

static void punch(void)
{
	ck_assert(
		!fallocate(target_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PUNCH_AT, 65536));
}

static void fill(void)
{
	put("no hole", 7, HOLE_AT + 60000);
}

static void rewrite(void)
{
	put("rewritten", 9, TARGET_LAST);
}

static void replace(void)
{
	char *path;

	ck_assert(asprintf(&path, "%s-new", target_path) > 0);
	write_file(path, other, sizeof(other));
	ck_assert(!rename(path, target_path));
	free(path);
}

static void touch(void)
{
	ck_assert(!futimens(target_fd, NULL));
}

static void change_mode(void)
{
	ck_assert(!fchmod(target_fd, 0600));
}

/* Write the whole content again, with the first byte and one of the last bytes changed. */
static void write_back(void)
{
	static unsigned char again[TARGET_SIZE];

	memcpy(again, target_content, TARGET_SIZE);
	again[TARGET_FIRST] = 'b';
	again[TARGET_LAST] ^= 1;
	put(again, TARGET_SIZE, 0);
}

static void restore_mtime(void)
{
	ck_assert(!futimens(target_fd, (struct timespec[]){target.st_atim, target.st_mtim}));
}

const struct writer writers[WRITERS] = {
	{"grow", {first, grow}, false},
	{"shrink", {first, shrink}, false},
	{"shrink to nothing", {first, shrink_to_nothing}, false},
	{"punch", {first, punch}, false},
	{"fill a hole", {first, fill}, false},
	{"rewrite in place", {first, rewrite}, false},
	{"rewrite and restore the mtime", {first, rewrite, restore_mtime}, true},
	{"replace by rename", {replace}, false},
	{"touch", {touch}, true},
	{"chmod", {change_mode}, true},
	{"truncate, rewrite, restore the mtime",
	 {shrink_to_nothing, write_back, restore_mtime},
	 true},
};

void write_steps(const struct writer *writer, size_t from, size_t to)
{
	for (size_t i = from; i < to && writer->steps[i]; i++)
		writer->steps[i]();
}
