/* SPDX-License-Identifier: MIT */
/* Progress on standard error: on a terminal one line that is redrawn, otherwise a new line every
   few seconds, or an object every second. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "output/progress.h"
#include "output/text.h"
#include "output/unicode.h"

/* In seconds. */
#define QUIET_FOR 0.5   /* print nothing at first: most operations end before */
#define JSON_EVERY 1.0  /* between objects */
#define PLAIN_EVERY 5.0 /* between lines without a terminal, at first */
#define PLAIN_MOST 300.0
#define LONG_RUN 3600.0 /* warn if an operation takes longer */

/* Bytes from which on the rate says something: small files say nothing about a large one. */
#define RATE_KNOWN (1 << 20)

/* Between lines without a terminal: this part of the time so far, so that logs stay short. */
#define PLAIN_PART 0.1

/* Columns that stay free: the terminal itself prints ^C there. */
#define FREE_COLUMNS 3

/* The fewest columns of a name that is cut. */
#define NAME_LEAST 8

void progress_setup(struct progress *state, enum progress_when when, bool silent)
{
	bool on_terminal = isatty(2);

	state->json = when == PROGRESS_JSON;
	state->redrawn = on_terminal && output_has_escapes() && !state->json;
	state->shown = when == PROGRESS_ON_TERMINALS ? on_terminal : when != PROGRESS_NEVER;
	state->warned = silent && !state->shown;
}

void progress_begin(struct progress *state)
{
	state->began = seconds_now();
	state->next = 0;
	state->bytes_done = 0;
	state->rate_from = 0;
}

/* How many bytes of text fit into the columns; *used is the columns that they take. Characters from
   U+1100 (Hangul) on may be two columns wide, and are counted as two. */
static int progress_fit(const char *text, int columns, int *used)
{
	int bytes = 0;

	*used = 0;
	while (text[bytes]) {
		uint32_t code;
		size_t length = utf8_decode(text + bytes, &code);
		int width = code < 0x1100 ? 1 : 2;

		if (!length || *used + width > columns)
			break;
		*used += width;
		bytes += (int)length;
	}
	return bytes;
}

/* "30%  1.2 GiB of 4.0 GiB  1.9 GiB/s  0:03 left  NAME", as many of these fields as fit into the
   columns. A name is cut; other fields are left out. */
static void progress_words(FILE *to, const struct ssum_progress *progress, double rate, int columns)
{
	uint64_t due = progress->bytes_due, left = due - progress->bytes_done;
	bool is_known = left && progress->due_is_final;
	struct text fields[] = {
		{""}, size_text(progress->bytes_done), {""}, size_text((uint64_t)rate), {""},
	};
	const char *name = progress->path ? quoted(progress->path) : "", *separator = "";
	int used, bytes;

	if (is_known)
		snprintf(fields[0].s, sizeof(fields[0].s), "%d%%",
			 (int)((double)progress->bytes_done / (double)due * 100));
	if (left)
		snprintf(fields[2].s, sizeof(fields[2].s), "of %s%.60s",
			 progress->due_is_final ? "" : "at least ", size_text(due).s);
	strcat(fields[3].s, "/s");
	if (is_known && rate > 0)
		snprintf(fields[4].s, sizeof(fields[4].s), "%.70s left",
			 clock_text((double)left / rate).s);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int width = (int)(strlen(separator) + strlen(fields[i].s));

		if (!*fields[i].s)
			continue;
		if (width > columns)
			return;
		fprintf(to, "%s%s", separator, fields[i].s);
		columns -= width;
		separator = i == 1 && left ? " " : "  ";
	}
	columns -= 2;
	bytes = progress_fit(name, columns, &used);
	if (!name[bytes])
		fprintf(to, "  %s", name);
	else if (columns >= NAME_LEAST)
		fprintf(to, "  %.*s...", progress_fit(name, columns - 3, &used), name);
}

static void progress_json(const struct ssum_progress *progress, double elapsed, double rate)
{
	json_t *object = json_typed("progress");
	uint64_t left = progress->bytes_due - progress->bytes_done;
	char *line;

	json_count(object, "bytes", progress->bytes_done);
	json_count(object, "bytes_due", progress->bytes_due);
	json_count(object, "files", progress->files_done);
	json_count(object, "files_due", progress->files_due);
	json_flag(object, "due_is_final", progress->due_is_final);
	json_seconds(object, elapsed);
	json_count(object, "bytes_per_second", (uint64_t)rate);
	if (progress->due_is_final && rate > 0)
		json_count(object, "seconds_left", (uint64_t)((double)left / rate + 0.5));
	json_name(object, "path", progress->path);
	line = json_line(object);
	note_line(line);
	free(line);
}

int progress_tick(void *user, const struct ssum_progress *progress)
{
	struct progress *state = user;
	double elapsed = seconds_now() - state->began;
	double reading = elapsed - (double)progress->waited / 1000;

	/* If a file changed and is read again, its bytes no longer count. */
	if (progress->bytes_done < state->bytes_done)
		state->rate_from = reading;
	state->bytes_done = progress->bytes_done;
	reading -= state->rate_from;
	double rate = reading > 0 ? (double)progress->bytes_done / reading : 0;
	uint64_t left = progress->bytes_due - progress->bytes_done;
	struct winsize size = {.ws_col = 0};
	size_t length;
	char *line;
	FILE *to;

	if (progress->bytes_recorded && !state->resumed) {
		state->resumed = true;
		note("resuming: the interrupted run has hashed %s, which are taken over from files that have not changed since",
		     size_text(progress->bytes_recorded).s);
	}
	if (reading >= QUIET_FOR && !state->warned && progress->bytes_done >= RATE_KNOWN &&
	    (double)left / rate >= LONG_RUN) {
		state->warned = true;
		note("this will take about %s: %s to read at %s per second; a digest is computed in sequence, from the first byte to the last",
		     duration_text((double)left / rate).s, size_text(progress->bytes_due).s,
		     size_text((uint64_t)rate).s);
	}
	if (!state->shown || elapsed < state->next || (!state->json && elapsed < QUIET_FOR))
		return 0;
	if (state->json) {
		state->next += JSON_EVERY;
		progress_json(progress, elapsed, rate);
		return 0;
	}
	to = text_stream(&line, &length);
	if (state->redrawn) {
		if (ioctl(2, TIOCGWINSZ, &size) || !size.ws_col)
			size.ws_col = 80;
		progress_words(to, progress, rate, size.ws_col - FREE_COLUMNS);
		text_stream_end(to);
		output_draw("%s", line);
	} else {
		double pause = elapsed * PLAIN_PART;

		state->next = elapsed + (pause < PLAIN_EVERY  ? PLAIN_EVERY
					 : pause > PLAIN_MOST ? PLAIN_MOST
							      : pause);
		progress_words(to, progress, rate, INT_MAX);
		text_stream_end(to);
		note("%s", line);
	}
	free(line);
	return 0;
}
