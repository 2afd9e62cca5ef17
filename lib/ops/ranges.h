/* SPDX-License-Identifier: MIT */
/*
 * Ranges on their way to the caller. What was told cannot be taken back, so they are held as long
 * as there are few: until then all of it can be found out again.
 */
#ifndef OPS_RANGES_H
#define OPS_RANGES_H

#include "base/context.h"
#include "engine/differences.h"

struct ranges {
	const struct ssum_context *context;
	ssum_range_fn *tell; /* NULL: nobody wants to know */
	void *user;
	struct differences held;
	bool told; /* at least one */
};

/* Add ranges behind those before. 0, -ENOMEM, or SSUM_ERR_CANCELLED if the caller has had enough.
 */
int ranges_add(struct ranges *ranges, const struct ssum_range *more, size_t count);

/* There are no more: tell those that are held. As ranges_add(). */
int ranges_end(struct ranges *ranges);

/* Forget those that are held, which is no use once any was told. */
void ranges_forget(struct ranges *ranges);

void ranges_free(struct ranges *ranges);

#endif
