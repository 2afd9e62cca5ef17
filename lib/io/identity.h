/* SPDX-License-Identifier: MIT */
/*
 * The identity of a file on disk: device, inode, size and times. If two identities are equal, the
 * content is the same, provided that the file had settled (io/file_times.h).
 */
#ifndef IO_IDENTITY_H
#define IO_IDENTITY_H

#include <sys/stat.h>

#include "base/common.h"

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

/* What differs: a set of SSUM_CHANGE_FILE, _SIZE, _MTIME and _CTIME. */
unsigned identity_changes(const struct file_identity *a, const struct file_identity *b);

/* More than the longest text of an identity: seven numbers of up to 20 characters each. */
#define IDENTITY_MAX 160

/*
 * Write the identity as text, for files that keep it: "DEVICE:INODE:SIZE:MODIFIED:CHANGED", in
 * decimal, times as SECONDS.NANOSECONDS with nine digits after the point. The text has no blank, no
 * TAB and no newline.
 */
void identity_format(char text[IDENTITY_MAX], const struct file_identity *identity);

/* Parse `length` bytes of text. False if they are not exactly what identity_format() writes. */
bool identity_parse(const char *text, size_t length, struct file_identity *identity);

#endif
