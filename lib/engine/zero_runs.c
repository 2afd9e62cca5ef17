/* SPDX-License-Identifier: MIT */
#include "engine/zero_runs.h"

#include <stdlib.h>

#include "base/bytes.h"

/* The most runs that are kept. They take 1.5 MiB of memory. */
#define ZERO_RUNS_MAX 65536

int zero_runs_end(struct zero_runs *runs)
{
	const struct zero_run run = runs->run;

	runs->run.begin = runs->run.end = runs->at;
	if (run.end - run.begin < ZERO_RUN_MIN || runs->count == ZERO_RUNS_MAX)
		return 0;
	int rc = array_reserve(&runs->rows, &runs->capacity, runs->count + 1, sizeof(run));

	if (!rc)
		runs->rows[runs->count++] = run;
	return rc;
}

void zero_runs_begin(struct zero_runs *runs, uint64_t offset)
{
	while (runs->count && runs->rows[runs->count - 1].end > offset)
		runs->count--;
	runs->at = runs->run.begin = runs->run.end = offset;
}

/* The next bytes are all zeros, or not. */
static int zero_runs_take(struct zero_runs *runs, bool is_zero, bool in_hole, uint64_t length)
{
	int rc = 0;

	if (!is_zero || (runs->run.begin < runs->run.end && runs->run.in_hole != in_hole))
		rc = zero_runs_end(runs);
	runs->at += length;
	if (is_zero) {
		runs->run.in_hole = in_hole;
		runs->run.end = runs->at;
	} else {
		runs->run.begin = runs->run.end = runs->at;
	}
	return rc;
}

int zero_runs_put(struct zero_runs *runs, const unsigned char *data, uint64_t length)
{
	int rc = 0;

	if (!data)
		return zero_runs_take(runs, true, true, length);
	while (length && !rc) {
		uint64_t step = min_u64(length, ZERO_RUN_MIN - runs->at % ZERO_RUN_MIN);

		rc = zero_runs_take(runs, bytes_are_zero(data, (size_t)step), false, step);
		data += step;
		length -= step;
	}
	return rc;
}

void zero_runs_free(struct zero_runs *runs)
{
	free(runs->rows);
	*runs = (struct zero_runs){0};
}
