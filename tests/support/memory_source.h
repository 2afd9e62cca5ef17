/* SPDX-License-Identifier: MIT */
/* A source whose content is in memory, with the faults that a test asks for. */
#ifndef SUPPORT_MEMORY_SOURCE_H
#define SUPPORT_MEMORY_SOURCE_H

#include "io/source.h"

/* One thread at a time may use it, as any source. The test fails if it is opened while it is open,
   or used or closed while it is not. */
struct memory_source {
	struct source source;
	const unsigned char *content; /* source.size bytes of it, or NULL: zeros */
	uint64_t hole, hole_end;      /* a part that is called a hole, whatever it holds */

	/* Which call fails, counted from 1; 0 is none. */
	unsigned open_fails, read_fails; /* with -EIO */
	unsigned read_is_short;          /* by a byte */
	unsigned changes;                /* so many checks say that it has changed */

	void (*on_read)(struct memory_source *memory); /* at the beginning of each, or NULL */

	/* What has happened. */
	bool is_open;
	unsigned opens, reads, hole_reads;
};

/* What it is without its faults. For a source that differs in one more way, copy these and replace
   what differs. */
extern const struct source_ops memory_source_ops;

/* One with a size, that can be reopened, and without holes. The content stays the caller's. */
struct memory_source memory_source_of(const void *content, uint64_t size);

#endif
