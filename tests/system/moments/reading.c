/* SPDX-License-Identifier: MIT */
#include "system/moments/reading.h"

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

static void write_then(unsigned moment)
{
	size_t half = when_last > when ? 1 : STEPS;

	if (moment == when)
		write_steps(writer, 0, half);
	if (moment == when_last && half < STEPS)
		write_steps(writer, half, STEPS);
	if (moment == when)
		atomic_store(&has_written, true);
}

void begin_reading(const char *path, unsigned moment, unsigned last)
{
	victim_new(path);
	when = moment;
	when_last = last;
	atomic_store(&has_written, false);
	memset(trace, 0, sizeof(trace));
	atomic_store(&moments, 0);
	at_moment = write_then;
}

bool end_reading(void)
{
	at_moment = NULL;
	victim_close();
	return atomic_load(&has_written);
}

unsigned at_each_moment(reading_fn *reading, const char *path)
{
	unsigned moment = 0;

	do {
		begin_reading(path, moment, 0);
		reading(moment);
		ck_assert_uint_lt(moment, MOMENTS_MAX);
		moment++;
	} while (end_reading());
	return moment;
}

void enter(size_t number)
{
	scratch_enter_tmpfs();
	victim_make_up();
	writer = &writers[number];
	learn_states(writer);
}

void leave(void)
{
	ssum_context_free(context);
	forget_states();
	scratch_leave();
}
