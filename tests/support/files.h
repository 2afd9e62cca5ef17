/* SPDX-License-Identifier: MIT */
/* Files for tests: scratch directories on each file system, contents, and copies. */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include <stddef.h>
#include <stdint.h>

/* The file systems that tests run on. The first is always available; the others are loop mounts
   that tests/run makes if it can, and whose paths are in the environment. */
struct file_system {
	const char *name;     /* "tmpfs", "ext4", "xfs", "btrfs" */
	const char *variable; /* TEST_TMPFS ... */
};

#define FILE_SYSTEMS 4
extern const struct file_system file_systems[FILE_SYSTEMS];

/* A new empty directory on a file system, or NULL if that is not available. scratch_remove()
   removes the directory and frees the name. */
char *scratch_new(const struct file_system *file_system);

/* A new empty directory on the file system of temporary files. Never NULL. */
char *scratch_here(void);
void scratch_remove(char *directory);

/* Returns "directory/name". The caller frees it. */
char *path_in(const char *directory, const char *name);

/* Write a whole file. Fails the test if it cannot. */
void write_file(const char *path, const void *data, size_t length);
void write_text(const char *path, const char *text);

/* Read a whole file and append a NUL. The caller frees the result. */
char *read_file(const char *path, size_t *length);

/* Pseudo-random numbers: the same for the same seed on every machine. */
uint64_t next_random(uint64_t *state);
void fill_random(void *data, size_t length, uint64_t *state);

/* The seed of a random test: TEST_SEED if set, else from the clock and the process. */
uint64_t test_seed(void);

/* The number of seeds that a random test tries: TEST_ROUNDS if set (1 repeats one seed), else
   `usual`, or `of_long` if test_is_long(). */
uint64_t test_rounds(uint64_t usual, uint64_t of_long);

#endif
