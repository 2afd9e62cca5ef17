/* SPDX-License-Identifier: MIT */
#include "kernels/kernel.h"

#include <string.h>

/* Whether kernel a advances more of the busy messages in the same time than b. It compares busy
   lanes divided by cost; both sides are multiplied by both costs. */
static bool kernel_is_faster(const struct kernel *a, const struct kernel *b, unsigned busy,
			     bool zeros)
{
	unsigned lanes_a = a->lanes < busy ? a->lanes : busy;
	unsigned lanes_b = b->lanes < busy ? b->lanes : busy;
	unsigned cost_a = zeros ? a->zeros_cost : a->cost;
	unsigned cost_b = zeros ? b->zeros_cost : b->cost;

	return lanes_a * cost_b > lanes_b * cost_a;
}

const struct kernel *kernel_choose(const struct kernel_family *family, unsigned features,
				   unsigned busy, bool zeros)
{
	const struct kernel *best = &family->kernels[0];

	for (size_t i = 1; i < family->kernel_count; i++) {
		const struct kernel *row = &family->kernels[i];

		if ((row->needs & ~features) || !(zeros ? !!row->run_zeros : !!row->run))
			continue;
		if (kernel_is_faster(row, best, busy, zeros))
			best = row;
	}
	return best;
}

const struct kernel *kernel_find(const struct kernel_family *family, const char *name)
{
	for (size_t i = 0; i < family->kernel_count; i++)
		if (!strcmp(family->kernels[i].name, name))
			return &family->kernels[i];
	return NULL;
}
