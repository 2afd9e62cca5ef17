/* SPDX-License-Identifier: MIT */
/*
 * A journal of what an operation has done so far, as text (docs/resume.md). Each line carries a
 * check over itself and all lines before it: what a crash has torn or a disk has lost ends the
 * journal there, and everything before that line is as it was written.
 */
#ifndef MANIFEST_JOURNAL_H
#define MANIFEST_JOURNAL_H

#include <sys/stat.h>

#include "manifest/lines.h"

#define JOURNAL_CHECK_LENGTH 8 /* bytes */

/* What is needed to write or read lines. */
struct journal {
	struct algorithm sha1; /* of the checks */
	unsigned char check[JOURNAL_CHECK_LENGTH];
	size_t value_length;  /* bytes of the chaining values of all algorithms; 0: not all have one
			       */
	size_t digest_length; /* bytes of the digests of all algorithms */
	uint64_t files;       /* that have a number */
};

/* What is known of a file. */
struct journal_entry {
	char *name;
	uint64_t number;
	struct stat state;   /* size, times, inode and device alone */
	uint64_t interval;   /* bytes from one part to the next */
	size_t parts;        /* that were gone through, from the beginning */
	struct bytes values; /* the chaining values behind each part */
	bool done;           /* all of it; then: */
	struct bytes digests;
};

/* Ready for lines about these algorithms. journal_end() is due on success. 0 or a code. */
int journal_begin(struct journal *journal, const struct algorithms *algorithms);
void journal_end(struct journal *journal);

/*
 * Append the first line, which says whose journal it is; a file, which gets the next number; that a
 * file was gone through up to an offset, and the values there; that it is done, and its digests.
 * 0 or a code.
 */
int journal_append_head(struct journal *journal, struct bytes *text, const char *key);
int journal_append_file(struct journal *journal, struct bytes *text, const struct stat *state,
			const char *name, uint64_t *number);
int journal_append_part(struct journal *journal, struct bytes *text, uint64_t number,
			uint64_t offset, const struct ssum_digest *values, size_t count);
int journal_append_done(struct journal *journal, struct bytes *text, uint64_t number,
			const struct ssum_digest *digests, size_t count);

/* All that a journal says. */
struct journal_entries {
	struct journal_entry *rows;
	size_t count, capacity;
	uint64_t length; /* bytes of the journal up to the last good line */
};

/*
 * Read a journal from where fd stands, as far as it is whole; the journal object then goes on from
 * there. One with another key has no entries and a length of 0. journal_entries_free() is due in
 * any case. 0, -errno, -ENOMEM.
 */
int journal_read(struct journal *journal, int fd, const char *key, struct journal_entries *entries);
void journal_entry_free(struct journal_entry *entry);
void journal_entries_free(struct journal_entries *entries);

#endif
