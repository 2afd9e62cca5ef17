/* SPDX-License-Identifier: MIT */
#include "ops/ranges.h"

/* A MiB of them. */
#define HELD_MAX 65536

/* Tell the first ones that are held. */
static int tell(struct ranges *ranges, size_t count)
{
	struct differences *held = &ranges->held;

	for (size_t i = 0; i < count; i++) {
		if (context_cancelled(ranges->context))
			return SSUM_ERR_CANCELLED;
		ranges->told = true;
		if (ranges->tell(ranges->user, &held->ranges[i]))
			return SSUM_ERR_CANCELLED;
	}
	for (size_t i = count; i < held->count; i++)
		held->ranges[i - count] = held->ranges[i];
	held->count -= count;
	return 0;
}

int ranges_add(struct ranges *ranges, const struct ssum_range *more, size_t count)
{
	int rc = 0;

	if (!ranges->tell)
		return 0;
	for (size_t i = 0; i < count && !rc; i++) {
		rc = differences_add(&ranges->held, &more[i]);
		if (!rc && ranges->held.count > HELD_MAX) /* the last one may still grow */
			rc = tell(ranges, ranges->held.count - 1);
	}
	return rc;
}

int ranges_end(struct ranges *ranges)
{
	return tell(ranges, ranges->held.count);
}

void ranges_forget(struct ranges *ranges)
{
	ranges->held.count = 0;
}

void ranges_free(struct ranges *ranges)
{
	differences_free(&ranges->held);
}
