/* SPDX-License-Identifier: MIT */
/* Standard output, where every write is checked, and the messages on standard error. */
#ifndef CLI_BASE_OUTPUT_H
#define CLI_BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#define PROGRAM "sparsesum"
#define PRINTF(text, values) __attribute__((format(printf, text, values)))

enum status { ALL_HOLDS = 0, PROVEN_DIFFERENT = 1, UNDECIDED = 2 };

/* The name that messages begin with. */
extern const char *program;

/* The exit status for errors that are no verdict, once it is known which command runs: and whether
   messages are part of what it is asked for, as with sha1sum, so that they have to come out. */
void output_for(int trouble, bool messages_matter);
int trouble(void);

void output_begin(void);
int output_end(int status);
bool was_closed(int fd);
bool output_failed(void);
bool output_is_terminal(void);
void output_divert(FILE *to);
void out(const char *format, ...) PRINTF(1, 2);
void out_bytes(const char *bytes, size_t length);
void note(const char *format, ...) PRINTF(1, 2);
_Noreturn void die(const char *format, ...) PRINTF(1, 2);

#endif
