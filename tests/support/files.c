/* SPDX-License-Identifier: MIT */
#include "support/files.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/suite.h"

const struct file_system file_systems[FILE_SYSTEMS] = {
	{"tmpfs", "TEST_TMPFS"},
	{"ext4", "TEST_EXT4"},
	{"xfs", "TEST_XFS"},
	{"btrfs", "TEST_BTRFS"},
};

static char *scratch_below(const char *directory)
{
	char *path = path_in(directory, "sparsesum-test-XXXXXX");

	ck_assert_msg(mkdtemp(path) != NULL, "%s: %s", path, strerror(errno));
	return path;
}

char *scratch_new(const struct file_system *file_system)
{
	const char *directory = getenv(file_system->variable);

	return directory && *directory ? scratch_below(directory) : NULL;
}

char *scratch_here(void)
{
	const char *directory = getenv("TMPDIR");

	return scratch_below(directory && *directory ? directory : "/tmp");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_remove(char *directory)
{
	nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(directory);
}

char *path_in(const char *directory, const char *name)
{
	char *path;

	ck_assert(asprintf(&path, "%s/%s", directory, name) >= 0);
	return path;
}

void write_file(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	for (size_t done = 0; done < length;) {
		ssize_t n = write(fd, (const char *)data + done, length - done);

		ck_assert_msg(n > 0, "%s: %s", path, strerror(errno));
		done += (size_t)n;
	}
	close(fd);
}

void write_text(const char *path, const char *text)
{
	write_file(path, text, strlen(text));
}

char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	size_t capacity = 0, used = 0, n;

	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	do {
		capacity = capacity ? 2 * capacity : 65536;
		data = realloc(data, capacity + 1);
		ck_assert(data != NULL);
		n = fread(data + used, 1, capacity - used, file);
		used += n;
	} while (used == capacity);
	fclose(file);
	data[used] = '\0';
	if (length)
		*length = used;
	return data;
}

/* splitmix64 (Steele, Lea, Flood 2014): every state is valid. */
uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void fill_random(void *data, size_t length, uint64_t *state)
{
	unsigned char *bytes = data;

	for (size_t i = 0; i < length; i += 8) {
		uint64_t value = next_random(state);

		memcpy(bytes + i, &value, length - i < 8 ? length - i : 8);
	}
}

uint64_t test_seed(void)
{
	const char *given = getenv("TEST_SEED");

	return given ? strtoull(given, NULL, 0)
		     : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
}

uint64_t test_rounds(uint64_t usual, uint64_t of_long)
{
	const char *given = getenv("TEST_ROUNDS");

	return given ? strtoull(given, NULL, 0) : test_is_long() ? of_long : usual;
}
