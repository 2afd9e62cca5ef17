/* SPDX-License-Identifier: MIT */
/*
 * A journal as text (docs/resume.md): what an operation has done so far. Each line has a check over
 * itself and all lines before it. So the journal ends before the first line that a crash has
 * truncated or that was changed, and all lines before it are as they were written.
 */
#ifndef MANIFEST_JOURNAL_H
#define MANIFEST_JOURNAL_H

#include "io/identity.h"
#include "manifest/lines.h"

#define JOURNAL_CHECK_LENGTH 8 /* bytes */

/* State for writing or reading the next line. */
struct journal {
	struct algorithm sha1;                     /* of the checks */
	unsigned char check[JOURNAL_CHECK_LENGTH]; /* of the last line */
	size_t value_length;  /* bytes of the chaining values of all algorithms; 0: one has none */
	size_t digest_length; /* bytes of the digests of all algorithms */
	uint64_t files;       /* so many have a number */
};

/* The record of one file in a journal. */
struct journal_entry {
	char *name;
	uint64_t number;
	struct file_identity identity;
	uint64_t interval;   /* bytes of a part */
	size_t parts;        /* that were hashed, from the beginning */
	struct bytes values; /* the chaining values after each part */
	bool done;           /* the whole file was hashed; then: */
	struct bytes digests;
};

/* Prepare to read or write a journal about these algorithms. Call journal_end() after success. 0 or
   a code. */
int journal_begin(struct journal *journal, const struct algorithms *algorithms);
void journal_end(struct journal *journal);

/* Append the first line. The key identifies the operation. 0 or a code. */
int journal_append_head(struct journal *journal, struct bytes *text, const char *key);

/* Append a file; it gets the next number. 0 or a code. */
int journal_append_file(struct journal *journal, struct bytes *text,
			const struct file_identity *identity, const char *name, uint64_t *number);

/* Append that a file was hashed up to an offset, and the chaining values there; or, with
   JOURNAL_DONE, to its end, and its digests. `count` is the number of algorithms. 0 or a code. */
#define JOURNAL_DONE UINT64_MAX
int journal_append_progress(struct journal *journal, struct bytes *text, uint64_t number,
			    uint64_t offset, const struct ssum_digest *values, size_t count);

/* All that a journal says. */
struct journal_entries {
	struct journal_entry *rows; /* in the order of their numbers */
	size_t count, capacity;
	uint64_t length; /* bytes of the journal up to the end of the last good line */
};

/*
 * Read a journal from the position of fd up to the first line that is not good; then lines can be
 * appended after the last good one. A journal with another key or of another version has no entries
 * and length 0. Call journal_entries_free() even after a failure. 0, -errno, -ENOMEM.
 */
int journal_read(struct journal *journal, int fd, const char *key, struct journal_entries *entries);
void journal_entry_free(struct journal_entry *entry);
void journal_entries_free(struct journal_entries *entries);

/* The digests of an entry that is done, one for each algorithm. */
void journal_entry_digests(const struct journal_entry *entry, const struct algorithms *algorithms,
			   struct ssum_digest *digests);

/* The chaining value of the algorithm `row` after the first `parts` parts, at least one. */
void journal_entry_value(const struct journal_entry *entry, size_t parts,
			 const struct algorithms *algorithms, size_t row,
			 struct ssum_digest *value);

#endif
