/* SPDX-License-Identifier: MIT */
/* Progress on standard error: on a terminal one line that is redrawn, otherwise a new line every
   few seconds. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/names.h"
#include "output/output.h"
#include "output/progress.h"
#include "output/text.h"
#include "output/unicode.h"

/* In seconds. */
#define QUIET_FOR 0.5   /* print nothing at first: most operations end before */
#define PLAIN_EVERY 5.0 /* between lines without a terminal */
#define LONG_RUN 3600.0 /* warn if an operation takes longer */

void progress_setup(struct progress *state, enum progress_when when, bool silent)
{
	state->on_terminal = isatty(2);
	state->shown =
		when == PROGRESS_ALWAYS || (when == PROGRESS_ON_TERMINALS && state->on_terminal);
	state->warned = silent && !state->shown;
}

void progress_begin(struct progress *state)
{
	state->began = seconds_now();
	state->next_plain = QUIET_FOR;
}

/* How many bytes of text fit into the columns. Characters from U+1100 (Hangul) on may be two
   columns wide, and are counted as two. */
static int progress_fit(const char *text, int columns)
{
	int bytes = 0;

	while (text[bytes]) {
		uint32_t code;
		size_t length = utf8_decode(text + bytes, &code);

		columns -= code < 0x1100 ? 1 : 2;
		if (!length || columns < 0)
			break;
		bytes += (int)length;
	}
	return bytes;
}

/* "1.2 GiB of 4.0 GiB  1.9 GiB/s  0:03 left  " */
static void progress_numbers(char *to, size_t size, const struct ssum_progress *progress,
			     double rate)
{
	uint64_t left = progress->bytes_due - progress->bytes_done;
	int used = snprintf(to, size, "%s", size_text(progress->bytes_done).s);

	if (left)
		used += snprintf(to + used, size - (size_t)used, " of %s%s",
				 progress->due_is_final ? "" : "at least ",
				 size_text(progress->bytes_due).s);
	used += snprintf(to + used, size - (size_t)used, "  %s/s  ", size_text((uint64_t)rate).s);
	if (left && progress->due_is_final && rate > 0)
		snprintf(to + used, size - (size_t)used, "%s left  ",
			 clock_text((double)left / rate).s);
}

int progress_tick(void *user, const struct ssum_progress *progress)
{
	struct progress *state = user;
	double elapsed = seconds_now() - state->began;
	double rate = (double)progress->bytes_done / elapsed;
	uint64_t left = progress->bytes_due - progress->bytes_done;
	const char *name;
	struct winsize size;
	char numbers[256];

	if (elapsed < QUIET_FOR)
		return 0;
	if (!state->warned && rate > 0 && (double)left / rate >= LONG_RUN) {
		state->warned = true;
		note("this will take about %s: %s to read at %s per second; a digest is computed in sequence, from the first byte to the last",
		     duration_text((double)left / rate).s, size_text(progress->bytes_due).s,
		     size_text((uint64_t)rate).s);
	}
	if (!state->shown || (!state->on_terminal && elapsed < state->next_plain))
		return 0;
	state->next_plain = elapsed + PLAIN_EVERY;
	name = progress->path ? quoted(progress->path) : "";
	progress_numbers(numbers, sizeof(numbers), progress, rate);
	if (state->on_terminal) {
		int width =
			ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
		int room = width - progress_fit(numbers, width);

		output_draw("%.*s%.*s", width, numbers, progress_fit(name, room), name);
	} else {
		note("%s%s", numbers, name);
	}
	return 0;
}
