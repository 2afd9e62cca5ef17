/* SPDX-License-Identifier: MIT */
/* The wrong answers that the file system in server.c can return. */
#ifndef FUSE_WRONG_ANSWERS_H
#define FUSE_WRONG_ANSWERS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The file with the wrong answer. */
struct subject {
	int fd; /* open for the real content */
	off_t size;
	unsigned calls; /* count of calls, for answers that change */
};

/* An entry as the directory lists it. */
struct entry {
	const char *name; /* NULL ends the table */
	mode_t type;      /* the type as in st_mode, or FAILS */
};
#define FAILS 1 /* the listing fails here */

/* Fields that are not set have no effect. Numbers from -4095 to -1 are errors. */
struct wrong_answer {
	const char *name;
	off_t (*seek)(struct subject *subject, off_t offset, int whence);
	ssize_t (*read)(struct subject *subject, char *buffer, size_t size, off_t offset);
	void (*stat)(struct subject *subject, struct stat *st);
	const struct entry *entries;
	bool endless;     /* the directory never ends */
	bool opens_never; /* each open() fails with EINTR */
};

extern const struct wrong_answer wrong_answers[]; /* ends with a row without a name */

off_t true_seek(struct subject *subject, off_t offset, int whence);

#endif
