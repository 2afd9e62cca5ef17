/* SPDX-License-Identifier: MIT */
/* Spans over a source in memory: what the sink receives, in how many calls, and how a span ends. */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/digest_sink.h"
#include "engine/span.h"
#include "support/files.h"
#include "support/memory_source.h"
#include "support/oracle.h"
#include "support/suite.h"

/* ---- A sink that stores everything ---- */

struct record {
	struct sink sink;
	struct bytes content;
	unsigned begins, calls, ends;
	unsigned enough_at; /* call, from 1 */
	int begin_error, end_error;
};

static struct record *record_of(struct sink *sink)
{
	return container_of(sink, struct record, sink);
}

static int record_begin(struct sink *sink, const struct source *source)
{
	struct record *record = record_of(sink);

	ck_assert_ptr_nonnull(source);
	record->content.length = 0;
	record->begins++;
	return record->begin_error;
}

static int record_put(struct sink *sink, const unsigned char *data, uint64_t length)
{
	static const unsigned char zeros[4096];
	struct record *record = record_of(sink);

	if (data)
		assert_ok(bytes_append(&record->content, data, length));
	for (; !data && length; length -= min_u64(length, sizeof(zeros)))
		assert_ok(bytes_append(&record->content, zeros, min_u64(length, sizeof(zeros))));
	return ++record->calls == record->enough_at ? SINK_ENOUGH : 0;
}

static int record_end(struct sink *sink)
{
	struct record *record = record_of(sink);

	record->ends++;
	return record->end_error;
}

static const struct sink_ops record_ops = {
	.begin = record_begin,
	.put = record_put,
	.end = record_end,
};

/* ---- One span at a time ---- */

#define SIZE 5000
static unsigned char content[SIZE], buffer[1024];

static struct span_shared shared;
static struct ssum_context context;
static unsigned char *free_buffers[] = {buffer};
static struct slot_memory memory_of_slot = {.free_buffers = free_buffers, .free_count = 1};
static struct slot slot = {
	.shared = &shared, .memory = &memory_of_slot, .buffer_length = sizeof(buffer)};
static struct record record;
static struct memory_source memory;
static struct span span;

static void set_up(void)
{
	uint64_t random = 3;

	fill_random(content, SIZE, &random);
	memset(content + 2000, 0, 1500);
	context = (struct ssum_context){.options = {.threads = 1, .tries = 3}};
	shared = (struct span_shared){.context = &context};
	record = (struct record){.sink.ops = &record_ops};
	memory = memory_source_of(content, SIZE);
	span = (struct span){.source = &memory.source, .sink = &record.sink, .end = SPAN_TO_END};
}

static void run_alone(void)
{
	slot_begin(&slot, &span);
	while (slot_next(&slot))
		slot_put(&slot, slot.chunk.length);
}

/* Run it, and check that everything is closed. */
static void run(int expected)
{
	run_alone();
	ck_assert_int_eq(span.result, expected);
	ck_assert(!memory.is_open);
}

static void assert_recorded(const void *data, size_t length)
{
	ck_assert_uint_eq(record.content.length, length);
	if (length)
		ck_assert_mem_eq(record.content.data, data, length);
	ck_assert_uint_eq(span.length, length);
	ck_assert_uint_eq(shared.bytes_done, length);
}

static void tear_down(void)
{
	bytes_free(&record.content);
}

static const struct {
	uint64_t hole, hole_end;
} holes[] = {{0, 0}, {2000, 3500}, {2001, 2002}, {2100, 3400}};

static const struct {
	uint64_t start, end, from, to;
} parts[] = {
	{0, SPAN_TO_END, 0, SIZE},
	{0, SIZE, 0, SIZE},
	{0, SIZE + 1, 0, SIZE},
	{0, 1, 0, 1},
	{1000, 3000, 1000, 3000},
	{2500, 2501, 2500, 2501},
	{SIZE, SPAN_TO_END, 0, 0},
	{1024, SPAN_TO_END, 1024, SIZE},
	{0, 0, 0, 0},
};

START_TEST(sink_receives_every_byte_of_the_span)
{
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		set_up();
		context.options.holes = (enum ssum_holes)(i % 3);
		memory.hole = holes[i].hole;
		memory.hole_end = holes[i].hole_end;
		span.start = parts[_i].start;
		span.end = parts[_i].end;
		run(0);
		assert_recorded(content + parts[_i].from, parts[_i].to - parts[_i].from);
		ck_assert_uint_eq(record.begins + record.ends, 2);
		if (context.options.holes != SSUM_HOLES_VERIFY)
			ck_assert_uint_eq(memory.hole_reads, 0);
		tear_down();
	}
}
END_TEST

START_TEST(offset_of_the_source_is_added)
{
	set_up();
	memory.source.start = 700;
	span.start = 300;
	span.end = 900;
	run(0);
	assert_recorded(content + 1000, 600);
	tear_down();
}
END_TEST

static const size_t sizes[] = {0, 1, 1023, 1024, 1025, 2048, SIZE};

START_TEST(source_without_a_size_is_read_to_its_end)
{
	set_up();
	memory.source.has_size = false;
	memory.source.size = sizes[_i];
	run(0);
	assert_recorded(content, sizes[_i]);
	tear_down();
}
END_TEST

/* ---- Holes that hold data (hazard 10) ---- */

START_TEST(data_in_a_hole_is_an_error_only_for_verify)
{
	static const struct {
		enum ssum_holes holes;
		unsigned changes;
		int expected;
	} cases[] = {
		{SSUM_HOLES_AUTO, 0, 0},
		{SSUM_HOLES_TRUST, 0, 0},
		{SSUM_HOLES_VERIFY, 0, SSUM_ERR_HOLE_NOT_ZERO},
		{SSUM_HOLES_VERIFY, 9, SSUM_ERR_CHANGED},
	};

	set_up();
	content[3499] = 1;
	memory.hole = 2000;
	memory.hole_end = 3500;
	context.options.holes = cases[_i].holes;
	memory.changes = cases[_i].changes;
	run(cases[_i].expected);
	ck_assert_uint_eq(record.ends, !cases[_i].expected);
	if (!cases[_i].expected)
		ck_assert_int_eq(record.content.data[3499], 0);
	tear_down();
	tried(10, 1);
}
END_TEST

/* ---- Reading again (hazard 17) ---- */

START_TEST(changed_source_is_read_again_up_to_the_limit)
{
	unsigned tries_max = 1 + (unsigned)_i % 4, changes = (unsigned)_i / 4;
	bool succeeds = changes < tries_max;

	set_up();
	context.options.tries = tries_max;
	memory.changes = changes;
	run(succeeds ? 0 : SSUM_ERR_CHANGED);
	ck_assert_uint_eq(memory.opens, succeeds ? changes + 1 : tries_max);
	ck_assert_uint_eq(record.begins, memory.opens);
	ck_assert_uint_eq(record.ends, succeeds);
	/* Bytes count once, however often they were read. */
	ck_assert_uint_eq(shared.bytes_done, SIZE);
	if (succeeds)
		assert_recorded(content, SIZE);
	tear_down();
}
END_TEST

START_TEST(source_that_cannot_be_reopened_is_read_once)
{
	set_up();
	memory.source.can_reopen = false;
	memory.changes = 1;
	run(SSUM_ERR_CHANGED);
	ck_assert_uint_eq(memory.opens, 1);
	tear_down();
}
END_TEST

/* hazard 16: a file that ends before its size has changed, and is read again. */
START_TEST(source_that_ends_early_has_changed)
{
	set_up();
	memory.read_is_short = 2;
	run(0);
	ck_assert_uint_eq(memory.opens, 2);
	assert_recorded(content, SIZE);
	tear_down();

	set_up();
	context.options.tries = 1;
	memory.read_is_short = 2;
	run(SSUM_ERR_CHANGED);
	ck_assert_uint_eq(record.ends, 0);
	tear_down();
	tried(16, 1);
}
END_TEST

START_TEST(sink_may_ask_for_another_attempt)
{
	set_up();
	record.end_error = SSUM_ERR_CHANGED;
	run(SSUM_ERR_CHANGED);
	ck_assert_uint_eq(record.ends, 3);
	tear_down();
}
END_TEST

/* ---- Stopping from the callback ---- */

START_TEST(sink_may_stop_the_span)
{
	unsigned at = 1 + (unsigned)_i;

	set_up();
	memory.hole = 2000;
	memory.hole_end = 3500; /* calls: 1024, 976, zeros, 1024, 476 bytes */
	record.enough_at = at;
	run(0);
	ck_assert_uint_eq(record.calls, at);
	ck_assert_uint_eq(memory.reads, at > 2 ? at - 1 : at);
	ck_assert_uint_eq(record.ends, 1);
	ck_assert_mem_eq(record.content.data, content, record.content.length);
	tear_down();
}
END_TEST

START_TEST(stopped_span_of_a_changed_source_is_an_error)
{
	set_up();
	record.enough_at = 1;
	memory.changes = 1;
	run(0);
	ck_assert_uint_eq(memory.opens, 2);
	tear_down();
}
END_TEST

START_TEST(cancelled_before_opening)
{
	set_up();
	if (_i)
		context.cancelled = true;
	else
		shared.stop = true;
	run(SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(memory.opens, 0);
}
END_TEST

static void cancel_at_second(struct memory_source *source)
{
	if (source->reads == 2)
		ssum_cancel(&context);
}

START_TEST(cancelled_while_reading)
{
	set_up();
	memory.source.has_size = _i;
	memory.on_read = cancel_at_second;
	run(SSUM_ERR_CANCELLED);
	ck_assert_uint_eq(memory.reads, 2);
	ck_assert_uint_eq(record.ends, 0);
	tear_down();
	tried(40, 1);
}
END_TEST

/* ---- Digests ---- */

static const char *const names[] = {"sha1", "sha512", "sha3-256", NULL};
#define NAMES 3

static struct algorithms algorithms;
static struct ssum_digest digests[NAMES];
static struct digest_sink digest_sink;

static void set_up_digests(void)
{
	const char *culprit;

	set_up();
	memory.hole = 2000;
	memory.hole_end = 3500;
	memset(digests, 0, sizeof(digests));
	assert_ok(algorithms_find(names, &algorithms, &culprit));
	digest_sink_init(&digest_sink, &algorithms, digests);
	span.sink = &digest_sink.sink;
}

static void tear_down_digests(void)
{
	algorithms_release(&algorithms);
}

START_TEST(several_digests_in_one_read)
{
	set_up_digests();
	memory.changes = 1;
	run(0);
	for (size_t i = 0; i < NAMES; i++)
		assert_digest_eq(digests[i], oracle_of_bytes(names[i], content, SIZE));
	tear_down_digests();
}
END_TEST

static const struct {
	unsigned open_fails, read_fails, changes, read_is_short;
	int expected;
} faults[] = {
	{1, 0, 0, 0, -EIO},
	{0, 1, 0, 0, -EIO},
	{0, 3, 0, 0, -EIO},
	{2, 0, 1, 0, -EIO},
	{0, 0, 3, 0, SSUM_ERR_CHANGED},
	{0, 0, 2, 9, SSUM_ERR_CHANGED},
};

START_TEST(no_digest_after_an_error)
{
	set_up_digests();
	memory.open_fails = faults[_i].open_fails;
	memory.read_fails = faults[_i].read_fails;
	memory.changes = faults[_i].changes;
	memory.read_is_short = faults[_i].read_is_short;
	run(faults[_i].expected);
	for (size_t i = 0; i < NAMES; i++)
		ck_assert_uint_eq(digests[i].length, 0);
	tear_down_digests();
}
END_TEST

/* hazard 14 */
START_TEST(too_long_source_is_refused_before_reading)
{
	set_up_digests();
	memory = memory_source_of(NULL, UINT64_C(1) << 61);
	memory.hole_end = memory.source.size;
	run(SSUM_ERR_TOO_LONG);
	ck_assert_uint_eq(memory.reads, 0);
	ck_assert_uint_eq(shared.bytes_done, 0);
	ck_assert_uint_eq(digests[1].length, 0);
	tear_down_digests();
	tried(14, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{sink_receives_every_byte_of_the_span, ARRAY_SIZE(parts)},
		{offset_of_the_source_is_added, 0},
		{source_without_a_size_is_read_to_its_end, ARRAY_SIZE(sizes)},
		{data_in_a_hole_is_an_error_only_for_verify, 4},
		{changed_source_is_read_again_up_to_the_limit, 4 * 6},
		{source_that_cannot_be_reopened_is_read_once, 0},
		{source_that_ends_early_has_changed, 0},
		{sink_may_ask_for_another_attempt, 0},
		{sink_may_stop_the_span, 5},
		{stopped_span_of_a_changed_source_is_an_error, 0},
		{cancelled_before_opening, 2},
		{cancelled_while_reading, 2},
		{several_digests_in_one_read, 0},
		{no_digest_after_an_error, ARRAY_SIZE(faults)},
		{too_long_source_is_refused_before_reading, 0},
	};

	return run_suite("span", tests, ARRAY_SIZE(tests));
}
