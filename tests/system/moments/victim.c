/* SPDX-License-Identifier: MIT */
#include "system/moments/victim.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/moments/calls.h"
#include "support/files.h"

#define HOLE_AT (256 * 1024)
#define HOLE_LENGTH (128 * 1024)
#define PUNCH_AT (448 * 1024)

unsigned char victim_content[VICTIM_SIZE];
static unsigned char other[VICTIM_SIZE];
int victim_fd = -1;
static const char *victim_path;
static struct stat victim;

void victim_make_up(void)
{
	uint64_t seed = 11;

	fill_random(victim_content, sizeof(victim_content), &seed);
	fill_random(other, sizeof(other), &seed);
	memset(victim_content + HOLE_AT, 0, HOLE_LENGTH);
	victim_content[VICTIM_FIRST] = 'a';
}

static void put(const void *data, size_t length, off_t offset)
{
	ck_assert_int_eq(pwrite(victim_fd, data, length, offset), (ssize_t)length);
}

void victim_new(const char *path)
{
	const size_t behind = HOLE_AT + HOLE_LENGTH;

	unlink(path);
	victim_path = path;
	victim_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ck_assert(victim_fd >= 0 && !ftruncate(victim_fd, VICTIM_SIZE));
	put(victim_content, HOLE_AT, 0);
	put(victim_content + behind, VICTIM_SIZE - behind, (off_t)behind);
	ck_assert(!fstatat(victim_fd, "", &victim, AT_EMPTY_PATH));
	watch_file(&victim);
}

void victim_close(void)
{
	close(victim_fd);
}

/* ---- The writers ---- */

static void first(void)
{
	put("b", 1, VICTIM_FIRST);
}

static void grow(void)
{
	put("more than there was", 19, VICTIM_SIZE);
}

static void shrink(void)
{
	ck_assert(!ftruncate(victim_fd, VICTIM_SIZE - 5000));
}

static void shrink_to_nothing(void)
{
	ck_assert(!ftruncate(victim_fd, 0));
}

static void punch(void)
{
	ck_assert(
		!fallocate(victim_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PUNCH_AT, 65536));
}

static void fill(void)
{
	put("no hole", 7, HOLE_AT + 60000);
}

static void rewrite(void)
{
	put("rewritten", 9, VICTIM_LAST);
}

static void replace(void)
{
	char *path;

	ck_assert(asprintf(&path, "%s-new", victim_path) > 0);
	write_file(path, other, sizeof(other));
	ck_assert(!rename(path, victim_path));
	free(path);
}

static void touch(void)
{
	ck_assert(!futimens(victim_fd, NULL));
}

static void change_mode(void)
{
	ck_assert(!fchmod(victim_fd, 0600));
}

/* The whole content again, except the first byte and one of the last ones. */
static void write_back(void)
{
	static unsigned char again[VICTIM_SIZE];

	memcpy(again, victim_content, VICTIM_SIZE);
	again[VICTIM_FIRST] = 'b';
	again[VICTIM_LAST] ^= 1;
	put(again, VICTIM_SIZE, 0);
}

static void set_time_back(void)
{
	ck_assert(!futimens(victim_fd, (struct timespec[]){victim.st_atim, victim.st_mtim}));
}

const struct writer writers[WRITERS] = {
	{"grow", {first, grow}, false},
	{"shrink", {first, shrink}, false},
	{"shrink to nothing", {first, shrink_to_nothing}, false},
	{"punch", {first, punch}, false},
	{"fill a hole", {first, fill}, false},
	{"rewrite in place", {first, rewrite}, false},
	{"rewrite and set the time back", {first, rewrite, set_time_back}, true},
	{"replace by rename", {replace}, false},
	{"touch", {touch}, true},
	{"chmod", {change_mode}, true},
	{"truncate, write back, set the time back",
	 {shrink_to_nothing, write_back, set_time_back},
	 true},
};

void write_steps(const struct writer *writer, size_t from, size_t to)
{
	for (size_t i = from; i < to && writer->steps[i]; i++)
		writer->steps[i]();
}
