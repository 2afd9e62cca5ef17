/* SPDX-License-Identifier: MIT */
/* A file that is judged by segments, with any damage, any wrong checkpoints, and results in any
   order: the verdict is that of the digest, and the reported ranges agree with it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/span.h"
#include "ops/segments.h"
#include "support/checkpoints.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define INTERVAL 4096
#define SEGMENTS 5
#define SIZE (4 * INTERVAL + 100)
#define WHOLE (SEGMENTS * INTERVAL)
#define LONGEST (7 * INTERVAL)
#define ALGORITHMS 2

/* ---- A trial: a file in memory, and its published digests ---- */

enum order { FORWARD, BACKWARD, FROM_THE_MIDDLE, ORDERS };

struct trial {
	unsigned damaged;  /* bit i: segment i differs from the published content */
	unsigned wrong;    /* bit i: the value after segment i is wrong; for the last segment, the
			      digest */
	size_t of;         /* index of the algorithm with the wrong values */
	enum order order;  /* in which the spans are returned */
	size_t algorithms; /* number of algorithms used */
	size_t published, found; /* bytes */
	size_t skipped;          /* segments */
	/* The results of the engine for each segment, and for the chain at the end. */
	int results[SEGMENTS + 1];

	int fd; /* the file, or 0 for a new one */
	struct algorithms table;
	struct ssum_context *context;
	struct segments *segments;
	size_t given, chains;
};

static const struct trial as_published = {
	.algorithms = ALGORITHMS, .published = SIZE, .found = SIZE};

static bool has(unsigned bits, size_t index)
{
	return bits >> index & 1;
}

static void fill_content(unsigned char content[LONGEST])
{
	uint64_t random = 1;

	fill_random(content, LONGEST, &random);
}

static const char *const names[ALGORITHMS] = {"sha1", "sha256"};

static void publish(const struct trial *trial, struct ssum_checkpoints **listed)
{
	struct ssum_checkpoints made, *wrong;
	unsigned char content[LONGEST];

	fill_content(content);
	for (size_t i = 0; i < trial->algorithms; i++) {
		listed[i] = calloc(1, sizeof(*listed[i]));
		ck_assert(listed[i] != NULL);
		true_checkpoints(&made, names[i], INTERVAL, content, trial->published);
		/* The copy is exactly as large as its values, so a write after them is detected. */
		assert_ok(checkpoints_copy(listed[i], &made));
		checkpoints_clear(&made);
	}
	wrong = listed[trial->of];
	for (size_t i = 0; i < wrong->count; i++)
		wrong->values[i * wrong->value_length] ^= has(trial->wrong, i);
	wrong->digest.bytes[0] ^= has(trial->wrong, SEGMENTS - 1);
}

/* The content of the file, with its damaged segments. */
static void fill_found(const struct trial *trial, unsigned char found[LONGEST])
{
	fill_content(found);
	for (size_t i = 0; i < SEGMENTS; i++)
		found[i * INTERVAL + i] ^= has(trial->damaged, i);
}

static int new_file(const struct trial *trial)
{
	unsigned char found[LONGEST];

	fill_found(trial, found);
	return memory_file(found, trial->found);
}

static void begin(struct trial *trial)
{
	const char *used[ALGORITHMS + 1] = {NULL};
	struct ssum_checkpoints **listed =
		calloc(trial->algorithms, sizeof(struct ssum_checkpoints *));

	ck_assert(listed != NULL);
	memcpy(used, names, trial->algorithms * sizeof(names[0]));
	publish(trial, listed);
	if (!trial->fd)
		trial->fd = new_file(trial);

	assert_ok(algorithms_find(used, &trial->table, &(const char *){NULL}));
	assert_ok(ssum_context_new(NULL, &trial->context));
	trial->segments = segments_new(&trial->table, listed, trial->found);
	ck_assert(trial->segments != NULL);
	file_source_descriptor(&trial->segments->file.file, trial->fd, 0, SSUM_HOLES_AUTO);
}

static void end(struct trial *trial)
{
	segments_free(trial->segments);
	ssum_context_free(trial->context);
	algorithms_release(&trial->table);
	ck_assert(!close(trial->fd));
}

static size_t segment_count(const struct trial *trial)
{
	return trial->segments->judgement.count;
}

static struct job *job_of(struct span *span)
{
	return container_of(span, struct job, span);
}

static void skip_first(struct trial *trial)
{
	struct stat state;

	ck_assert(!fstat(trial->fd, &state));
	struct file_identity identity = identity_of(&state);
	segments_skip(trial->segments, trial->skipped, &identity);
	ck_assert_uint_eq(trial->segments->skipped, trial->skipped * INTERVAL);
	ck_assert_uint_eq(judgement_proven(&trial->segments->judgement), trial->skipped);
}

/* Take all spans, in the order in which the library gives them. */
static void take_spans(struct trial *trial, struct span *spans[])
{
	struct span *none = NULL;

	for (size_t i = trial->skipped; i < segment_count(trial); i++) {
		assert_code(segments_next(trial->segments, "path", trial, &spans[trial->given]), 1);
		const struct job *job = job_of(spans[trial->given]);

		ck_assert_str_eq(job->path, "path");
		ck_assert_ptr_eq(job->owner, trial);
		ck_assert_uint_eq(job->span.start, i * INTERVAL);
		trial->given++;
	}
	assert_code(segments_next(trial->segments, "path", trial, &none), 0);
	ck_assert_ptr_null(none);
}

static size_t at_turn(const struct trial *trial, size_t turn)
{
	switch (trial->order) {
	case BACKWARD:
		return trial->given - 1 - turn;
	case FROM_THE_MIDDLE:
		return (turn + trial->given / 2) % trial->given;
	default:
		return turn;
	}
}

/* Run a span and return it, as the pool does. Returns the next span of the job, or NULL. */
static struct span *run(struct trial *trial, struct span *span, int result)
{
	struct span *instead = NULL;

	ck_assert(!segments_finished(trial->segments));
	span_run(trial->context, span, NULL);
	if (result)
		span->result = result;
	assert_ok(segments_done(trial->segments, span, &instead));
	return instead;
}

static void run_all(struct trial *trial)
{
	struct span *spans[SEGMENTS], *chain = NULL;

	if (trial->skipped)
		skip_first(trial);
	take_spans(trial, spans);
	for (size_t turn = 0; turn < trial->given; turn++) {
		size_t index = at_turn(trial, turn);

		ck_assert_ptr_null(chain);
		chain = run(trial, spans[index], trial->results[trial->skipped + index]);
	}
	while (chain) {
		const struct job *job = job_of(chain);

		ck_assert_str_eq(job->path, "path");
		ck_assert_ptr_eq(job->owner, trial);
		ck_assert_uint_eq(job->span.start,
				  judgement_proven(&trial->segments->judgement) * INTERVAL);
		trial->chains++;
		chain = run(trial, chain, trial->results[SEGMENTS]);
	}
	ck_assert(segments_finished(trial->segments));
}

/* ---- Expected results ---- */

/* Whether the data of a segment and the values before and after it are as published. */
static bool segment_is_good(const struct trial *trial, size_t i)
{
	return !has(trial->damaged, i) && !has(trial->wrong, i) && !(i && has(trial->wrong, i - 1));
}

/* The ranges are exactly the segments that do not hold: all damaged ones, and none that is good and
   between good values. */
static void assert_ranges(const struct trial *trial)
{
	bool reported[SEGMENTS] = {false};
	struct ssum_range range;
	size_t index = 0;
	uint64_t allowed = 0; /* where the next range may begin */

	while (segments_next_damaged(trial->segments, &index, &range)) {
		ck_assert_uint_ge(range.offset, allowed);
		ck_assert_uint_eq(range.offset % INTERVAL, 0);
		ck_assert_uint_gt(range.length, 0);
		allowed = range.offset + range.length;
		ck_assert(allowed == trial->published ||
			  (allowed < trial->published && allowed % INTERVAL == 0));
		for (uint64_t at = range.offset; at < allowed; at += INTERVAL)
			reported[at / INTERVAL] = true;
		allowed++;
	}
	ck_assert_uint_eq(range.length, 0);
	for (size_t i = 0; i < SEGMENTS; i++) {
		ck_assert_int_eq(reported[i], !trial->segments->judgement.holds[i]);
		ck_assert(reported[i] ? !segment_is_good(trial, i) : !has(trial->damaged, i));
	}
}

/* If the content differs, check its values, and the offset after which all segments hold. */
static void assert_values(const struct trial *trial)
{
	const struct segments *segments = trial->segments;
	unsigned char found[LONGEST];
	uint64_t length = judgement_offset(&segments->judgement, segments->values_at);

	fill_found(trial, found);
	for (size_t i = segments->values_at; i < segment_count(trial); i++)
		ck_assert(segments->judgement.holds[i]);
	ck_assert(!segments->judgement.holds[segments->values_at - 1]);
	for (size_t i = 0; i < trial->algorithms; i++)
		assert_digest_eq(segments->values[i],
				 segments->values_at < segment_count(trial)
					 ? reference_of_bytes(names[i], found, length)
					 : oracle_of_bytes(names[i], found, trial->found));
}

/* Whether the content holds depends only on its digest, not on the checkpoints. */
static void assert_verdict(const struct trial *trial)
{
	const struct segments *segments = trial->segments;
	bool wrong_digest = has(trial->wrong, SEGMENTS - 1);
	unsigned wrong_values = trial->wrong & ((1u << (SEGMENTS - 1)) - 1);

	ck_assert_int_eq(segments->result, 0);
	for (size_t i = 0; i < ALGORITHMS; i++)
		ck_assert_int_eq(segments_differ(segments, i),
				 trial->damaged || (wrong_digest && i == trial->of));
	if (!trial->damaged && !wrong_digest)
		ck_assert_int_eq(segments->has_wrong_checkpoints, wrong_values != 0);
	if (!wrong_values)
		ck_assert(!segments->has_wrong_checkpoints);
	ck_assert_uint_eq(trial->chains != 0, trial->damaged || trial->wrong);
	ck_assert(!segments_are_beginning(segments));
	assert_ranges(trial);
	if (segments_differ(segments, 0) || segments_differ(segments, 1))
		assert_values(trial);
}

/* Reading a file that was just written waits for a clock tick. So all trials of a test share one
   file for each damage. */
#define DAMAGES (1 << SEGMENTS)

static void use_damaged_file(struct trial *trial)
{
	static int files[DAMAGES][2];
	int *fd = &files[trial->damaged][trial->found == WHOLE];

	if (!*fd)
		*fd = new_file(trial);
	trial->fd = dup(*fd);
	ck_assert_int_ge(trial->fd, 0);
}

START_TEST(every_damage_with_every_wrong_value)
{
	for (unsigned damaged = 0; damaged < DAMAGES; damaged++)
		for (unsigned wrong = 0; wrong < DAMAGES; wrong++) {
			struct trial trial = as_published;

			trial.damaged = damaged;
			trial.wrong = wrong;
			trial.of = (size_t)_i % ALGORITHMS;
			trial.order = (enum order)(_i / ALGORITHMS % ORDERS);
			if (_i / ALGORITHMS / ORDERS)
				trial.published = trial.found = WHOLE;
			use_damaged_file(&trial);
			begin(&trial);
			run_all(&trial);
			assert_verdict(&trial);
			end(&trial);
		}
}
END_TEST

/* If the digest is proven, listed values that are wrong are replaced by those of the data. If the
   content differs, the listed values stay. */
START_TEST(wrong_values_are_corrected)
{
	struct trial right = as_published, trial = as_published;
	struct ssum_digest value, expected;

	trial.wrong = _i ? 0 : 6;
	trial.damaged = _i ? 1 | 1 << 3 : 0;
	begin(&right);
	begin(&trial);
	run_all(&trial);
	for (size_t i = 0; i < ALGORITHMS; i++) {
		ck_assert_uint_eq(trial.segments->judgement.checkpoints[i]->count, SEGMENTS - 1);
		for (size_t j = 1; j < SEGMENTS; j++) {
			checkpoints_value(trial.segments->judgement.checkpoints[i], j, &value);
			checkpoints_value(right.segments->judgement.checkpoints[i], j, &expected);
			ck_assert(ssum_digest_equal(&value, &expected));
		}
	}
	end(&trial);
	end(&right);
}
END_TEST

/* ---- Other lengths ---- */

static const struct {
	size_t published, found, segments;
	size_t offset, length; /* the reported range; none if length is 0 */
	bool same, beginning;
} sizes[] = {
	{SIZE, SIZE, 5, 0, 0, true, false},
	{SIZE, SIZE - 1, 5, 4 * INTERVAL, 100, false, true},
	{SIZE, 4 * INTERVAL, 5, 4 * INTERVAL, 100, false, true},
	{SIZE, 4 * INTERVAL - 1, 4, 3 * INTERVAL, INTERVAL + 100, false, true},
	{SIZE, INTERVAL, 2, INTERVAL, SIZE - INTERVAL, false, true},
	{SIZE, INTERVAL - 1, 1, 0, SIZE, false, false},
	{SIZE, 0, 1, 0, SIZE, false, false},
	{SIZE, SIZE + 1, 5, 0, 0, false, false},
	{SIZE, LONGEST, 5, 0, 0, false, false},
	{4 * INTERVAL, 4 * INTERVAL, 4, 0, 0, true, false},
	{4 * INTERVAL, 4 * INTERVAL + 1, 4, 0, 0, false, false},
	/* Too short for checkpoints. */
	{100, 100, 1, 0, 0, true, false},
	{100, 99, 1, 0, 100, false, false},
	{100, SIZE, 1, 0, 0, false, false},
	{0, 0, 1, 0, 0, true, false},
	{0, 1, 1, 0, 0, false, false},
};

START_TEST(file_of_another_length)
{
	const size_t row = (size_t)_i / ALGORITHMS;
	struct trial trial = {.algorithms = (size_t)_i % ALGORITHMS + 1,
			      .published = sizes[row].published,
			      .found = sizes[row].found};
	struct ssum_range range;
	size_t index = 0;

	begin(&trial);
	ck_assert_uint_eq(segment_count(&trial), sizes[row].segments);
	for (size_t i = 0; i < trial.algorithms; i++)
		ck_assert_uint_eq(trial.segments->judgement.checkpoints[i]->count,
				  sizes[row].segments - 1);
	run_all(&trial);
	ck_assert_int_eq(trial.segments->result, 0);
	for (size_t i = 0; i < trial.algorithms; i++)
		ck_assert_int_eq(segments_differ(trial.segments, i), !sizes[row].same);
	ck_assert(!trial.segments->has_wrong_checkpoints);
	ck_assert_int_eq(segments_are_beginning(trial.segments), sizes[row].beginning);
	/* All of a longer file holds up to the listed length. */
	bool longer = sizes[row].found > sizes[row].published;
	ck_assert_int_eq(trial.segments->judgement.holds[segment_count(&trial) - 1],
			 sizes[row].same || longer);
	ck_assert_uint_eq(segments_surplus(trial.segments),
			  longer ? sizes[row].found - sizes[row].published : 0);
	if (sizes[row].length) {
		ck_assert(segments_next_damaged(trial.segments, &index, &range));
		ck_assert_uint_eq(range.offset, sizes[row].offset);
		ck_assert_uint_eq(range.length, sizes[row].length);
	}
	ck_assert(!segments_next_damaged(trial.segments, &index, &range));
	end(&trial);
}
END_TEST

/* A shorter file that is also damaged is not a beginning of the content. */
START_TEST(shorter_and_damaged_file)
{
	struct trial trial = as_published;

	trial.damaged = (unsigned)_i + 1;
	trial.found = 3 * INTERVAL + 1;
	begin(&trial);
	run_all(&trial);
	ck_assert(segments_differ(trial.segments, 0) && segments_differ(trial.segments, 1));
	ck_assert(!segments_are_beginning(trial.segments));
	end(&trial);
}
END_TEST

/* ---- Errors ---- */

/* The first error is the result of the file. After it, no segment is judged or read again. */
START_TEST(first_error_is_the_result)
{
	for (size_t at = 0; at < SEGMENTS; at++)
		for (size_t other = 0; other < SEGMENTS; other++) {
			struct trial trial = as_published;

			trial.order = (enum order)_i;
			trial.damaged = 4;
			trial.results[other] = trial.results[at] = SSUM_ERR_CHANGED;
			trial.results[at] = -EIO;
			trial.given = SEGMENTS; /* for at_turn() */
			int expected = 0;
			for (size_t turn = 0; turn < SEGMENTS && !expected; turn++)
				expected = trial.results[at_turn(&trial, turn)];
			trial.given = 0;

			begin(&trial);
			run_all(&trial);
			assert_code(trial.segments->result, expected);
			ck_assert_uint_eq(trial.chains, 0);
			ck_assert(!trial.segments->judgement.holds[at]);
			ck_assert(!segments_differ(trial.segments, 0) &&
				  !trial.segments->has_wrong_checkpoints);
			end(&trial);
		}
}
END_TEST

START_TEST(error_while_hashing_the_whole_file)
{
	struct trial trial = as_published;

	trial.wrong = 1;
	trial.results[SEGMENTS] = -EIO;
	begin(&trial);
	run_all(&trial);
	assert_code(trial.segments->result, -EIO);
	ck_assert_uint_eq(trial.chains, 1);
	ck_assert(!segments_differ(trial.segments, 0) && !trial.segments->has_wrong_checkpoints);
	end(&trial);
}
END_TEST

/* A file whose length or content changes while it is read has no verdict. */
START_TEST(file_that_changes_has_no_verdict)
{
	struct trial trial = as_published;
	struct span *spans[SEGMENTS];

	begin(&trial);
	take_spans(&trial, spans);
	for (size_t i = 0; i < SEGMENTS; i++) {
		if (i == (size_t)_i)
			ck_assert(!ftruncate(trial.fd, SIZE + 1));
		ck_assert_ptr_null(run(&trial, spans[i], 0));
	}
	ck_assert(segments_finished(trial.segments));
	assert_code(trial.segments->result, SSUM_ERR_CHANGED);
	ck_assert_uint_eq(judgement_proven(&trial.segments->judgement), (size_t)_i);
	end(&trial);
}
END_TEST

/* ---- Skipping and dropping ---- */

/* Segments that are known to hold are not read. Damage is found only after them. */
START_TEST(skipped_segments_are_not_read)
{
	for (size_t count = 1; count < SEGMENTS; count++)
		for (unsigned damaged = 0; damaged < DAMAGES; damaged++) {
			struct trial trial = as_published;

			trial.skipped = count;
			trial.damaged = damaged;
			trial.order = (enum order)_i;
			use_damaged_file(&trial);
			begin(&trial);
			run_all(&trial);
			ck_assert_uint_eq(trial.given, SEGMENTS - count);
			trial.damaged = damaged >> count << count;
			assert_verdict(&trial);
			end(&trial);
		}
}
END_TEST

START_TEST(segments_skipped_for_another_state_are_an_error)
{
	struct trial trial = as_published;
	struct span *spans[SEGMENTS];
	struct stat state;

	begin(&trial);
	ck_assert(!fstat(trial.fd, &state));
	state.st_mtim.tv_sec--;
	struct file_identity identity = identity_of(&state);
	segments_skip(trial.segments, 2, &identity);
	trial.skipped = 2;
	take_spans(&trial, spans);
	for (size_t i = 0; i < trial.given; i++)
		ck_assert_ptr_null(run(&trial, spans[i], 0));
	ck_assert(segments_finished(trial.segments));
	assert_code(trial.segments->result, SSUM_ERR_CHANGED);
	end(&trial);
}
END_TEST

START_TEST(dropped_segments_decide_nothing)
{
	struct trial trial = as_published;
	struct span *spans[SEGMENTS];

	trial.wrong = 1;
	begin(&trial);
	take_spans(&trial, spans);
	for (size_t i = 0; i < SEGMENTS; i++) {
		if (i < (size_t)_i)
			ck_assert_ptr_null(run(&trial, spans[i], 0));
		else
			segments_drop(trial.segments, spans[i]);
	}
	/* All spans are returned without a verdict, and failed segments are not read again. */
	ck_assert(segments_finished(trial.segments));
	ck_assert_uint_eq(judgement_proven(&trial.segments->judgement), 0);
	ck_assert_uint_eq(trial.segments->values_at, 0);
	ck_assert(!trial.segments->has_wrong_checkpoints);
	end(&trial);
}
END_TEST

START_TEST(free_accepts_null)
{
	segments_free(NULL);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{every_damage_with_every_wrong_value, ALGORITHMS * ORDERS * 2},
		{wrong_values_are_corrected, 2},
		{file_of_another_length, ARRAY_SIZE(sizes) * ALGORITHMS},
		{shorter_and_damaged_file, 7},
		{first_error_is_the_result, ORDERS},
		{error_while_hashing_the_whole_file, 0},
		{file_that_changes_has_no_verdict, SEGMENTS},
		{skipped_segments_are_not_read, ORDERS},
		{segments_skipped_for_another_state_are_an_error, 0},
		{dropped_segments_decide_nothing, SEGMENTS},
		{free_accepts_null, 0},
	};

	return run_suite("segments", tests, ARRAY_SIZE(tests));
}
