/* SPDX-License-Identifier: MIT */
#include "io/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NANOSECONDS 1000000000L
#define LONGEST_TICK 10000000L /* nanoseconds */
#define TICK_PAUSE 1000000L    /* nanoseconds */
#define TICK_PAUSES 12

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

bool identity_equal(const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       identity_time_equal(a->modified, b->modified) &&
	       identity_time_equal(a->changed, b->changed);
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

/*
 * The kernel takes timestamps from its clock tick. A second write in the same tick does not change
 * the times again. So wait until the tick of the last change has passed. (Since Linux 6.13 some
 * file systems have finer timestamps and need no wait.) Do not wait for a time in the future.
 */
void identity_wait_tick(const struct stat *st)
{
	const struct timespec pause = {.tv_nsec = TICK_PAUSE};
	struct timespec now;
	int64_t ahead;

	for (int i = 0; i < TICK_PAUSES; i++) {
		if (clock_gettime(CLOCK_REALTIME_COARSE, &now))
			return;
		ahead = (int64_t)(st->st_ctim.tv_sec - now.tv_sec);
		if (ahead < -1 || ahead > 1)
			return;
		ahead = ahead * NANOSECONDS + st->st_ctim.tv_nsec - now.tv_nsec;
		if (ahead < 0 || ahead > LONGEST_TICK)
			return;
		nanosleep(&pause, NULL);
	}
}
