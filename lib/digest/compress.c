/* SPDX-License-Identifier: MIT */
#include "digest/compress.h"

#include <string.h>

static const struct kernel *compress_choose(const struct algorithm *algorithm, unsigned busy,
					    bool zeros)
{
	const struct kernel *forced = algorithm->forced;

	if (forced && (zeros ? forced->run_zeros != NULL : forced->run != NULL))
		return forced;
	return kernel_choose(algorithm->family, algorithm->features, busy, zeros);
}

unsigned compress_width(const struct algorithm *algorithm)
{
	return algorithm->family ? compress_choose(algorithm, LANES_MAX, false)->lanes : 1;
}

void compress_blocks(const struct algorithm *algorithm, union chain *const chains[],
		     const unsigned char *const data[], unsigned count, size_t blocks)
{
	union chain idle = algorithm->initial;

	while (count) {
		const struct kernel *kernel = compress_choose(algorithm, count, !data);
		unsigned busy = count < kernel->lanes ? count : kernel->lanes;
		union chain *lanes[LANES_MAX];
		const unsigned char *lane_data[LANES_MAX];

		/* A kernel always advances all of its lanes. Idle lanes get a chaining value that
		   is never read, and data that is in the cache already. */
		for (unsigned i = 0; i < kernel->lanes; i++) {
			lanes[i] = i < busy ? chains[i] : &idle;
			lane_data[i] = data ? data[i < busy ? i : 0] : NULL;
		}
		if (data) {
			kernel->run(lanes, lane_data, blocks);
			data += busy;
		} else {
			kernel->run_zeros(lanes, blocks);
		}
		chains += busy;
		count -= busy;
	}
}
