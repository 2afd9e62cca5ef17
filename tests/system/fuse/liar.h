/* SPDX-License-Identifier: MIT */
/* The lies that the file system of liar.c can tell. */
#ifndef FUSE_LIAR_H
#define FUSE_LIAR_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The file that it lies about. */
struct subject {
	int fd; /* the true content */
	off_t size;
	unsigned calls; /* of whatever lies, to be counted by it */
};

/* An entry as a directory lists it. */
struct entry {
	const char *name; /* NULL behind the last */
	mode_t type;      /* as of st_mode, or FAILS */
};
#define FAILS 1 /* the listing fails here */

/* What is not set is true. Numbers below 0, down to -4095, are errors. */
struct lie {
	const char *name;
	off_t (*seek)(struct subject *subject, off_t offset, int whence);
	ssize_t (*read)(struct subject *subject, char *buffer, size_t size, off_t offset);
	void (*stat)(struct subject *subject, struct stat *st);
	const struct entry *entries;
	bool endless;     /* the directory has no last entry */
	bool opens_never; /* interrupted at each try */
};

extern const struct lie lies[]; /* up to one without a name */

off_t honest_seek(struct subject *subject, off_t offset, int whence);

#endif
