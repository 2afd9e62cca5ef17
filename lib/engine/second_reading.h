/* SPDX-License-Identifier: MIT */
/*
 * Reading a content twice. If a change of a content cannot be detected (is_unsettled in
 * io/source.h), it counts only if a second reading, after the first one has ended, gives the same
 * bytes.
 */
#ifndef ENGINE_SECOND_READING_H
#define ENGINE_SECOND_READING_H

#include "io/source.h"

/* The bytes that were read first. All zero: no second reading is needed. */
struct second_reading {
	struct ssum_stream *first; /* a digest of them; NULL: not needed */
	uint64_t start;            /* offset in the source */
	uint64_t length;
};

/* Begin; the source is open and is read from the offset `start`. 0 or a code. */
int second_reading_begin(struct second_reading *reading, const struct source *source,
			 uint64_t start);

/* The next bytes of the first reading; data is NULL for zeros. 0 or a code. */
int second_reading_add(struct second_reading *reading, const unsigned char *data, uint64_t length);

/* Read the same range again, and call the waiter meanwhile. 0; SSUM_ERR_CHANGED if the bytes
   differ, and SSUM_CHANGE_CONTENT is set in source->changes; or a code. */
int second_reading_compare(struct second_reading *reading, struct source *source,
			   const struct waiter *waiter);

/* Free the memory. Allowed at any time. */
void second_reading_end(struct second_reading *reading);

#endif
