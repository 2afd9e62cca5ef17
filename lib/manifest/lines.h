/* SPDX-License-Identifier: MIT */
/* Text files: lines, the fields of a line, and escapes in names. */
#ifndef MANIFEST_LINES_H
#define MANIFEST_LINES_H

#include "base/bytes.h"
#include "digest/stream.h"

/* ---- Lines ---- */

/* The content of a longer line is not kept. */
#define LINE_MAX_LENGTH MIB

struct lines {
	int fd;                      /* owned by the caller */
	struct ssum_stream *content; /* hashes every byte that is read, or NULL */
	bool only_short;             /* set by the caller: a line that is too long ends the input */

	/* The line that lines_next() returned last. */
	uint64_t number; /* from 1 */
	bool too_long;   /* only the end of the line was returned */
	bool is_cut;     /* the input ends without the newline of this line */

	struct bytes text; /* from `begin` on: read, but not returned yet */
	size_t begin;
	bool at_end;
	bool skipping; /* the current line is too long: discard the rest of it */
};

/* A line without its newline, or a part of one. The byte after it exists and may be overwritten. */
struct text {
	char *at;
	size_t length;
};

/* Prepare to read lines from the current position of fd. Call lines_free() even after a failure. 0
   or -ENOMEM. */
int lines_init(struct lines *lines, int fd, struct ssum_stream *content);

/* The same for lines in memory, which are copied. 0, -ENOMEM, or an error of the stream. */
int lines_init_text(struct lines *lines, const char *text, size_t length,
		    struct ssum_stream *content);
void lines_free(struct lines *lines);

/* Read the next line, which is valid until the next call. 1, 0 at the end, -errno, -ENOMEM, or an
   error of the stream. */
int lines_next(struct lines *lines, struct text *line);

/* Whether lines_next() returns without waiting for a pipe, FIFO, socket or terminal. */
bool lines_ready(const struct lines *lines);

/* ---- Fields ---- */

/* Remove the first `count` bytes. */
void text_skip(struct text *text, size_t count);

/* Remove a word, if the text begins with it. False if it does not. */
bool text_skip_word(struct text *text, const char *word);

/* Split at the first byte `end`: *field is the part before it, and text becomes the part after it.
   False, and nothing changes, if the byte does not occur. */
bool text_take_field(struct text *text, char end, struct text *field);

/* Remove the hexadecimal digits of a digest of `length` bytes. False if there are none. */
bool text_take_digest(struct text *text, size_t length, struct ssum_digest *digest);

/* Whether the text is a decimal number below 2^64, without leading zeros. */
bool text_is_number(const struct text *text, uint64_t *number);

/* Remove such a number and the TAB after it. */
bool text_take_number(struct text *text, uint64_t *number);

/* ---- Escapes ---- */

/* The bytes that are escaped. In names, those that sha1sum escapes: backslash, newline and CR. In
   the fields of our own lines also the TAB, since it separates the fields. */
enum escape_set { ESCAPE_NAME, ESCAPE_FIELD };

/* Whether a name contains a byte that has to be escaped. */
bool escape_needed(const char *name, enum escape_set set);

/* Append the escaped name. 0 or -ENOMEM. */
int escape_append(struct bytes *text, const char *name, enum escape_set set);

/* Replace the escapes by their bytes, in place; *length shrinks. False for an escape that is not in
   the set, and for a NUL in the text. */
bool unescape(char *text, size_t *length, enum escape_set set);

#endif
