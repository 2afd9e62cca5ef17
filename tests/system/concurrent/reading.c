/* SPDX-License-Identifier: MIT */
#include "system/concurrent/reading.h"

#include <string.h>

#include "support/scratch.h"
#include "support/suite.h"

const struct writer *writer;
atomic_bool has_written;
struct ssum_context *context;

static unsigned when, when_last;

void new_context(unsigned tries, unsigned threads)
{
	const struct ssum_options options = {
		.size = sizeof(options), .tries = tries, .threads = threads};

	assert_ok(ssum_context_new(&options, &context));
}

static void write_before_call(unsigned call)
{
	size_t half = when_last > when ? 1 : STEPS;

	if (call == when)
		write_steps(writer, 0, half);
	if (call == when_last && half < STEPS)
		write_steps(writer, half, STEPS);
	if (call == when)
		atomic_store(&has_written, true);
}

void begin_reading(const char *path, unsigned call, unsigned last)
{
	target_new(path);
	when = call;
	when_last = last;
	atomic_store(&has_written, false);
	memset(trace, 0, sizeof(trace));
	atomic_store(&call_count, 0);
	before_call = write_before_call;
}

bool end_reading(void)
{
	before_call = NULL;
	target_close();
	return atomic_load(&has_written);
}

unsigned before_each_call(reading_fn *reading, const char *path)
{
	unsigned call = 0;

	do {
		begin_reading(path, call, 0);
		reading(call);
		ck_assert_uint_lt(call, CALLS_MAX);
		call++;
	} while (end_reading());
	return call;
}

void enter(size_t number)
{
	scratch_enter_tmpfs();
	target_make_content();
	writer = &writers[number];
	states_make(writer);
}

void leave(void)
{
	ssum_context_free(context);
	states_free();
	scratch_leave();
}
