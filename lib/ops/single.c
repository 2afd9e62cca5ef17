/* SPDX-License-Identifier: MIT */
#include "ops/single.h"

struct single {
	struct job *job;
	bool given;
};

static int give(void *user, struct span **span)
{
	struct single *single = user;

	if (single->given)
		return 0;
	single->given = true;
	*span = &single->job->span;
	return 1;
}

static int take_back(void *user, struct span *span, struct span **instead)
{
	(void)user;
	(void)span;
	(void)instead;
	return 0;
}

static void drop(void *user, struct span *span)
{
	(void)user;
	(void)span;
}

int run_single(struct operation *operation, struct job *job, unsigned files)
{
	struct single single = {.job = job};
	int rc = operation_run(operation, (struct pool_client){.next = give,
							       .done = take_back,
							       .drop = drop,
							       .user = &single,
							       .files = files});

	return rc ? rc : job->span.result;
}
