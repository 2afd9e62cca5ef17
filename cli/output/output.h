/* SPDX-License-Identifier: MIT */
/* Standard output, whose errors are all reported, and messages on standard error. */
#ifndef CLI_OUTPUT_OUTPUT_H
#define CLI_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#define PROGRAM "sparsesum"
#define PRINTF(text, values) __attribute__((format(printf, text, values)))

enum status { ALL_HOLDS = 0, PROVEN_DIFFERENT = 1, UNDECIDED = 2 };

/* The state of both streams. A process has one, in struct app. */
struct output {
	const char *program;  /* the name that messages begin with */
	int error_status;     /* the exit status for errors that are not a verdict */
	bool messages_matter; /* a message that cannot be written is an error, as in sha1sum */
	bool failed;          /* a write failed and was reported */
	bool is_terminal;     /* standard output is a terminal */
	bool closed[3];       /* descriptors that were closed when the program started */
	bool line_drawn;      /* the terminal shows a progress line */
	FILE *diverted;       /* where out() prints; NULL: to standard output */
};

/* Must be called before the program opens a file. The structure must exist until the last output.
 */
void output_begin(struct output *output);

/* Flushes and closes standard output. Returns the exit status: error_status if that or an earlier
   write failed, otherwise the argument. */
int output_end(int status);

bool output_was_closed(int fd);
bool output_failed(void);
bool output_is_terminal(void);

/* Whether a terminal of the type in TERM understands escape sequences. */
bool output_has_escapes(void);

/* Sends what out() prints to another stream; NULL: to standard output again. */
void output_divert(FILE *to);

/* Replaces the progress line on the terminal. All other output erases it first. */
void output_draw(const char *format, ...) PRINTF(1, 2);

/* Erases the progress line. May be called from a signal handler. */
void output_erase_line(void);

/* Print to standard output. */
void out(const char *format, ...) PRINTF(1, 2);
void out_bytes(const char *bytes, size_t length);

/* Print a message to standard error, or a line without the name of the program; die() also ends the
   program. */
void note_line(const char *line);
void note(const char *format, ...) PRINTF(1, 2);
_Noreturn void die(const char *format, ...) PRINTF(1, 2);

#endif
