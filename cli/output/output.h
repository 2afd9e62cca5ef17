/* SPDX-License-Identifier: MIT */
/* Standard output, where every write is checked, and messages on standard error. */
#ifndef CLI_OUTPUT_OUTPUT_H
#define CLI_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#define PROGRAM "sparsesum"
#define PRINTF(text, values) __attribute__((format(printf, text, values)))

enum status { ALL_HOLDS = 0, PROVEN_DIFFERENT = 1, UNDECIDED = 2 };

/* The state of both streams: one for the process, in struct app. */
struct output {
	const char *program;  /* the name that messages begin with */
	int error_status;     /* the exit status for errors that are not a verdict */
	bool messages_matter; /* a message that cannot be written is an error, as in sha1sum */
	bool failed;          /* a write failed, which was reported */
	bool is_terminal;     /* standard output is a terminal */
	bool closed[3];       /* descriptors that were closed when the program began */
	bool line_drawn;      /* a progress line is on the terminal */
	FILE *diverted;       /* where out() prints instead, or NULL */
};

/* Before anything else is opened. The structure must outlive the program's last output. */
void output_begin(struct output *output);

/* Flush and close standard output. The exit status: the given one, or the one for errors. */
int output_end(int status);

bool output_was_closed(int fd);
bool output_failed(void);
bool output_is_terminal(void);

/* Print what out() prints to another stream, until NULL is given. */
void output_divert(FILE *to);

/* Replace the progress line on the terminal. It is erased before other output. */
void output_draw(const char *format, ...) PRINTF(1, 2);

void out(const char *format, ...) PRINTF(1, 2);
void out_bytes(const char *bytes, size_t length);
void note(const char *format, ...) PRINTF(1, 2);
_Noreturn void die(const char *format, ...) PRINTF(1, 2);

#endif
