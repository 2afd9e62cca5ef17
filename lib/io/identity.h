/* SPDX-License-Identifier: MIT */
/*
 * The identity of a file on disk: device, inode, size and times. If two identities are equal, the
 * content is taken to be the same: a write changes the change time (see wait_out_tick()).
 */
#ifndef IO_IDENTITY_H
#define IO_IDENTITY_H

#include <sys/stat.h>

#include "base/bytes.h"

struct identity_time {
	int64_t seconds;
	uint32_t nanoseconds;
};

struct file_identity {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	struct identity_time modified; /* st_mtim */
	struct identity_time changed;  /* st_ctim */
};

struct file_identity identity_of(const struct stat *st);

bool identity_equal(const struct file_identity *a, const struct file_identity *b);

/* Whether two results of stat(2) have equal identities. */
bool same_state(const struct stat *a, const struct stat *b);

/*
 * Append the identity as text, for files that keep it: "DEVICE:INODE:SIZE:MODIFIED:CHANGED", in
 * decimal, times as SECONDS.NANOSECONDS with nine digits after the point. The text has no blank, no
 * TAB and no newline. 0 or -ENOMEM.
 */
int identity_append(struct bytes *text, const struct file_identity *identity);

/* Parse such a text, all `length` bytes of it. False if identity_append() would not write it. */
bool identity_parse(const char *text, size_t length, struct file_identity *identity);

/*
 * Wait until any later write would change the identity of a file whose status is *st: a few
 * milliseconds at most, for a file that was written just now.
 */
void wait_out_tick(const struct stat *st);

#endif
