/* SPDX-License-Identifier: MIT */
#include "io/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct file_identity identity_of(const struct stat *st)
{
	return (struct file_identity){
		.device = (uint64_t)st->st_dev,
		.inode = (uint64_t)st->st_ino,
		.size = (uint64_t)st->st_size,
		.modified = {(int64_t)st->st_mtim.tv_sec, (uint32_t)st->st_mtim.tv_nsec},
		.changed = {(int64_t)st->st_ctim.tv_sec, (uint32_t)st->st_ctim.tv_nsec},
	};
}

static bool identity_time_equal(struct identity_time a, struct identity_time b)
{
	return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds;
}

unsigned identity_changes(const struct file_identity *a, const struct file_identity *b)
{
	unsigned changes = 0;

	if (a->device != b->device || a->inode != b->inode)
		changes |= SSUM_CHANGE_FILE;
	if (a->size != b->size)
		changes |= SSUM_CHANGE_SIZE;
	if (!identity_time_equal(a->modified, b->modified))
		changes |= SSUM_CHANGE_MTIME;
	if (!identity_time_equal(a->changed, b->changed))
		changes |= SSUM_CHANGE_CTIME;
	return changes;
}

bool identity_equal(const struct file_identity *a, const struct file_identity *b)
{
	return !identity_changes(a, b);
}

void identity_format(char text[IDENTITY_MAX], const struct file_identity *identity)
{
	snprintf(text, IDENTITY_MAX,
		 "%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRId64 ".%09" PRIu32 ":%" PRId64
		 ".%09" PRIu32,
		 identity->device, identity->inode, identity->size, identity->modified.seconds,
		 identity->modified.nanoseconds, identity->changed.seconds,
		 identity->changed.nanoseconds);
}

bool identity_parse(const char *text, size_t length, struct file_identity *identity)
{
	char copy[IDENTITY_MAX], again[IDENTITY_MAX];

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	*identity = (struct file_identity){0};
	sscanf(copy,
	       "%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNd64 ".%" SCNu32 ":%" SCNd64 ".%" SCNu32,
	       &identity->device, &identity->inode, &identity->size, &identity->modified.seconds,
	       &identity->modified.nanoseconds, &identity->changed.seconds,
	       &identity->changed.nanoseconds);

	/* sscanf() also accepts blanks, signs, numbers out of range and text that ends early. For
	   all of these, identity_format() writes a different text. */
	identity_format(again, identity);
	return strlen(again) == length && !memcmp(again, text, length);
}
