/* SPDX-License-Identifier: MIT */
/* How far the work has come: one line on a terminal, redrawn; elsewhere a line now and then. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/names.h"
#include "base/output.h"
#include "base/progress.h"
#include "base/units.h"
#include "base/utf8.h"

#define QUIET_FOR 0.5   /* seconds, in which most work ends */
#define PLAIN_EVERY 5.0 /* seconds between lines that stay */
#define LONG_RUN 3600.0 /* seconds, worth a warning */

static bool wanted, terminal, drawn, warned;
static double began, next_plain;

void progress_setup(enum progress progress, bool silent)
{
	terminal = isatty(2);
	wanted = progress == PROGRESS_ALWAYS || (progress == PROGRESS_ON_TERMINALS && terminal);
	warned = silent && !wanted;
}

/* Before each operation: its rate is counted from here. */
void progress_begin(void)
{
	began = seconds_now();
	next_plain = QUIET_FOR;
}

void progress_wipe(void)
{
	if (drawn)
		fputs("\r\033[K", stderr);
	drawn = false;
}

static int terminal_width(void)
{
	struct winsize size;

	return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* The bytes of text that fit into columns. From Hangul on, characters may be two columns wide. */
static int bytes_that_fit(const char *text, int columns)
{
	int bytes = 0;

	while (text[bytes]) {
		uint32_t code;
		size_t length = utf8_character(text + bytes, &code);

		columns -= code < 0x1100 ? 1 : 2;
		if (!length || columns < 0)
			break;
		bytes += (int)length;
	}
	return bytes;
}

static struct text clock_text(double seconds)
{
	uint64_t whole = (uint64_t)seconds;
	struct text text;

	if (whole >= 86400)
		return duration_text(seconds);
	if (whole >= 3600)
		snprintf(text.s, sizeof(text.s), "%u:%02u:%02u", (unsigned)(whole / 3600),
			 (unsigned)(whole / 60 % 60), (unsigned)(whole % 60));
	else
		snprintf(text.s, sizeof(text.s), "%u:%02u", (unsigned)(whole / 60),
			 (unsigned)(whole % 60));
	return text;
}

/* "1.2 GiB of 4.0 GiB  1.9 GiB/s  0:03 left  " */
static void describe(char *to, size_t size, const struct ssum_progress *progress, double rate)
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

static void draw(const struct ssum_progress *progress, double rate)
{
	const char *name = progress->path ? quoted(progress->path) : "";
	int width = terminal_width(), room;
	char numbers[256];

	describe(numbers, sizeof(numbers), progress, rate);
	if (!terminal) {
		note("%s%s", numbers, name);
		return;
	}
	room = width - bytes_that_fit(numbers, width);
	fprintf(stderr, "\r%.*s%.*s\033[K", width, numbers, bytes_that_fit(name, room), name);
	drawn = true;
}

static void warn_of_long_run(const struct ssum_progress *progress, double rate)
{
	uint64_t left = progress->bytes_due - progress->bytes_done;

	if (warned || rate <= 0 || (double)left / rate < LONG_RUN)
		return;
	warned = true;
	note("this will take about %s: %s are due, and a digest is one chain from first byte to "
	     "last (%s a second now)",
	     duration_text((double)left / rate).s, size_text(progress->bytes_due).s,
	     size_text((uint64_t)rate).s);
}

int progress_tick(void *user, const struct ssum_progress *progress)
{
	double elapsed = seconds_now() - began;
	double rate = (double)progress->bytes_done / elapsed;

	(void)user;
	if (elapsed < QUIET_FOR)
		return 0;
	warn_of_long_run(progress, rate);
	if (wanted && (terminal || elapsed >= next_plain)) {
		draw(progress, rate);
		next_plain = elapsed + PLAIN_EVERY;
	}
	return 0;
}
