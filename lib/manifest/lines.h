/* SPDX-License-Identifier: MIT */
/* A text file read line by line, and the parts of a line. */
#ifndef MANIFEST_LINES_H
#define MANIFEST_LINES_H

#include "digest/stream.h"
#include "base/bytes.h"

#define LINE_MAX_LENGTH MIB

struct lines {
	int fd;                      /* the caller's */
	struct ssum_stream *content; /* takes every byte that is read; or NULL */
	uint64_t number;             /* of the line that was read last, from 1 */
	bool too_long;               /* that line was: what is left of it is its end */
	bool only_short;             /* set by the caller: a line that is too long is the last */
	bool is_cut;                 /* it was the last one, and has no newline */

	struct bytes text; /* read, from the line at `begin` on */
	size_t begin;
	bool at_end;
	bool skipping; /* the line that is too long */
};

/* A line without its end, or a part of it; it is followed by a byte that may be written to. */
struct text {
	char *at;
	size_t length;
};

/* Begin where the descriptor stands. lines_free() is due in any case. 0 or -ENOMEM. */
int lines_init(struct lines *lines, int fd, struct ssum_stream *content);
void lines_free(struct lines *lines);

/* The next line, valid until the one after it: 1, 0 at the end, or a code. */
int lines_next(struct lines *lines, struct text *line);

/* Whether lines_next() can tell without waiting for a pipe, FIFO, socket or terminal. */
bool lines_ready(const struct lines *lines);

/* Leave out the first bytes. */
void text_skip(struct text *text, size_t count);

/* Leave out a word if the text begins with it. */
bool text_skip_word(struct text *text, const char *word);

/* Take what comes before the first of a byte, and leave that out as well. False if there is none,
   and nothing is taken. */
bool text_take_field(struct text *text, char end, struct text *field);

/* Take the digits of a digest of that many bytes. */
bool text_take_digest(struct text *text, size_t length, struct ssum_digest *digest);

/* A decimal number and nothing else, without a leading zero. */
bool text_is_number(const struct text *text, uint64_t *number);

/* Take such a number, and the TAB that ends it. */
bool text_take_number(struct text *text, uint64_t *number);

#endif
