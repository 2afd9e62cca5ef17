/* SPDX-License-Identifier: MIT */
/* A source whose content is in memory, with faults that a test can set. */
#ifndef SUPPORT_MEMORY_SOURCE_H
#define SUPPORT_MEMORY_SOURCE_H

#include "io/source.h"

/* Like any source, only one thread at a time may use it. The test fails if it is opened twice, or
   used or closed while it is not open. */
struct memory_source {
	struct source source;
	const unsigned char *content; /* source.size bytes, or NULL for zeros */
	uint64_t hole, hole_end;      /* a range reported as a hole, whatever its content */

	/* Which call fails, counted from 1; 0 is none. */
	unsigned open_fails, read_fails; /* with -EIO */
	unsigned read_is_short;          /* by one byte */
	unsigned changes;                /* number of checks that report a change */

	void (*on_read)(
		struct memory_source *memory); /* called at the beginning of each read, or NULL */

	/* Counts for the test to check. */
	bool is_open;
	unsigned opens, reads, hole_reads;
};

/* The functions of a memory_source. A test that needs another fault copies them and replaces one.
 */
extern const struct source_ops memory_source_ops;

/* A source with a size, without holes, that can be reopened. The caller keeps the content. */
struct memory_source memory_source_of(const void *content, uint64_t size);

#endif
