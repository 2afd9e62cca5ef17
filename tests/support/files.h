/* SPDX-License-Identifier: MIT */
/* Files for tests: scratch directories on each file system, contents, and copies. */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include <stddef.h>
#include <stdint.h>

/* The file systems that tests run on. The directory of the first is always there; the others are
   loop mounts that tests/run makes where it may, and names in the environment. */
struct file_system {
	const char *name;     /* "tmpfs", "ext4", "xfs", "btrfs" */
	const char *variable; /* TEST_TMPFS ... */
};

#define FILE_SYSTEMS 4
extern const struct file_system file_systems[FILE_SYSTEMS];

/* A new empty directory on a file system; NULL where there is none to be had. To be removed and
   freed by scratch_remove(). */
char *scratch_new(const struct file_system *file_system);

/* A new empty directory on whatever holds temporary files. Never NULL. */
char *scratch_here(void);
void scratch_remove(char *directory);

/* "directory/name", to be freed. */
char *path_in(const char *directory, const char *name);

/* Write a whole file. Fails the test if it cannot. */
void write_file(const char *path, const void *data, size_t length);
void write_text(const char *path, const char *text);

/* Read a whole file, with a NUL behind it, to be freed. */
char *read_file(const char *path, size_t *length);

/* Numbers from a seed: the same everywhere. */
uint64_t next_random(uint64_t *state);
void fill_random(void *data, size_t length, uint64_t *state);

/* The seed of a random test: TEST_SEED if set, else of the clock. It is printed when the test
   fails. */
uint64_t test_seed(void);

/* How many seeds a random test tries from there on: TEST_ROUNDS if set, as 1 to try one again; else
   as many as usual, or those of the long run (test_is_long()). */
uint64_t test_rounds(uint64_t usual, uint64_t of_long);

#endif
