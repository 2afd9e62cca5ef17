/* SPDX-License-Identifier: MIT */
/* Judge segments with wrong checkpoints while allocations fail: either the verdict and all values
   are right, or the result is an error. */
#include <errno.h>
#include <unistd.h>

#include "engine/span.h"
#include "system/faults/faults.h"
#include "io/file_source.h"
#include "ops/judgement.h"
#include "support/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define SEGMENTS 12 /* so many that a chain allocates several times */
#define SIZE (SEGMENTS * INTERVAL - 1)
#define ALGORITHMS 2

static const char *const names[] = {"sha1", "sha256", NULL};
static unsigned char content[SIZE];
static struct ssum_checkpoints right[ALGORITHMS];
static int file; /* a file with the content */

/* ---- A run ---- */

struct run {
	struct ssum_context *context;
	struct algorithms algorithms;
	struct file_source file;
	struct ssum_checkpoints checkpoints[ALGORITHMS];
	struct ssum_checkpoints *listed[ALGORITHMS];
	struct judgement judgement;
};

static void spoil(struct ssum_checkpoints *checkpoints)
{
	for (size_t i = 0; i < checkpoints->count; i++)
		checkpoints->values[i * checkpoints->value_length] ^= 1;
}

static void begin(struct run *run)
{
	file_source_descriptor(&run->file, file, 0, SSUM_HOLES_AUTO);
	assert_ok(ssum_context_new(NULL, &run->context));
	assert_ok(algorithms_find(names, &run->algorithms, &(const char *){NULL}));
	for (size_t i = 0; i < ALGORITHMS; i++) {
		run->listed[i] = &run->checkpoints[i];
		assert_ok(checkpoints_copy(run->listed[i], &right[i]));
		assert_ok(checkpoints_set_name(run->listed[i], "name"));
		spoil(run->listed[i]);
	}
}

static void end(struct run *run)
{
	judgement_end(&run->judgement);
	for (size_t i = 0; i < ALGORITHMS; i++)
		checkpoints_clear(run->listed[i]);
	algorithms_release(&run->algorithms);
	ssum_context_free(run->context);
}

/* Run a chain, unless rc is an error. Returns whether it holds, or a code. */
static int finish(struct run *run, struct segment_chain *chain, int rc)
{
	if (!rc)
		rc = span_run(run->context, &chain->job.span, NULL);
	if (!rc)
		rc = chain_judge(chain) ? SSUM_HOLDS : SSUM_DIFFERS;
	chain_clear(chain);
	return rc;
}

/* Judge each segment (none holds), then one chain over all of them. Assert only at the end, because
   libcheck allocates memory too. */
static int judge(struct run *run)
{
	struct source *source = &run->file.source;
	struct segment_chain chain;
	int rc = judgement_init(&run->judgement, &run->algorithms, run->listed, SIZE);

	run->judgement.corrects = true;
	for (size_t i = 0; i < SEGMENTS && rc >= 0; i++) {
		rc = chain_init(&chain, &run->judgement, source, i, i + 1);
		rc = finish(run, &chain, rc);
	}
	if (rc < 0)
		return rc;
	rc = chain_init_failed(&chain, &run->judgement, source);
	return finish(run, &chain, rc);
}

/* ---- Each allocation fails once ---- */

static void assert_right_values(const struct run *run)
{
	for (size_t i = 0; i < ALGORITHMS; i++)
		assert_same_checkpoints(run->listed[i], &right[i]);
}

START_TEST(each_allocation_fails_once)
{
	const struct fault fault = {"memory", ENOMEM};
	uint64_t random = 1, cases = 0;
	bool fired = true;

	fill_random(content, SIZE, &random);
	file = memory_file(content, SIZE);
	for (size_t i = 0; i < ALGORITHMS; i++) {
		true_checkpoints(&right[i], names[i], INTERVAL, content, SIZE);
		assert_ok(checkpoints_set_name(&right[i], "name"));
	}
	for (long k = 1; fired; k++) {
		long live = fault_live();
		struct run run;

		begin(&run);
		fault_arm(&fault, k);
		int rc = judge(&run);
		fired = fault_fired();
		fault_disarm();
		assert_code(rc, fired ? -ENOMEM : SSUM_HOLDS);
		if (!rc)
			assert_right_values(&run);
		end(&run);
		ck_assert_int_eq(fault_live(), live);
		cases += fired;
	}
	ck_assert_uint_gt(cases, SEGMENTS);
	for (size_t i = 0; i < ALGORITHMS; i++)
		checkpoints_clear(&right[i]);
	ck_assert(!close(file));
	tried(20, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {{each_allocation_fails_once, 0}};

	return run_suite("faults_judgement", tests, ARRAY_SIZE(tests));
}
