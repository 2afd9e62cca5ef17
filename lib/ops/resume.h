/* SPDX-License-Identifier: MIT */
/*
 * Resuming, part 1: the journal of an operation. What the operation has done is noted while it
 * runs, written to the disk from time to time, and read by a later run with the same key. The text
 * is that of manifest/journal.h; ops/resumable.h uses this for one file.
 *
 * A file counts as unchanged if its identity is equal (io/identity.h). That is checked when it is
 * looked up here, and again when it is opened.
 *
 *
 */
#ifndef OPS_RESUME_H
#define OPS_RESUME_H

#include <pthread.h>
#include <time.h>

#include "manifest/journal.h"
#include "sparsesum/package.h"

struct resume {
	const char *path;    /* of the journal; NULL: nothing is kept */
	int fd;              /* open for writing, or -1 */
	uint64_t written;    /* bytes of the journal that are good or written */
	size_t algorithms;   /* how many */
	bool is_taken;       /* another operation holds this journal, so nothing is kept */
	struct timespec due; /* when to write again */

	pthread_mutex_t lock; /* protects the next four members: several threads note progress */
	bool failed;          /* the journal cannot be written; the operation continues without */
	struct journal journal;
	struct bytes text; /* noted, not written yet */
	uint64_t recorded; /* bytes of files that were noted as hashed, in this run or before */

	uint64_t recorded_before;       /* by the interrupted run */
	struct journal_entries entries; /* of the interrupted run, sorted by name, one for each */
};

/* ---- The key ---- */

/* The key of a journal: a digest of all that the work depends on. */
struct resume_key {
	struct algorithm sha1;
	struct ssum_stream stream;
};

/* Begin a key with the kind of work, the identity of an open directory, how holes are treated, and
   the algorithms; add everything else that the work depends on. Call resume_key_end() even after a
   failure. 0, -errno, SSUM_ERR_CRYPTO. */
int resume_key_begin(struct resume_key *key, const char *work, int directory, enum ssum_holes holes,
		     const struct algorithms *algorithms);
int resume_key_add(struct resume_key *key, const void *data, size_t length);
void resume_key_end(struct resume_key *key);

/* ---- Beginning and end ---- */

/* Start to record the work. With path NULL nothing is recorded. With `use`, read the journal of an
   interrupted run, if there is one with this key; a journal that cannot be read is ignored. Call
   resume_end() even after a failure. 0, SSUM_ERR_CRYPTO, -ENOMEM. */
int resume_begin(struct resume *resume, const char *path, struct resume_key *key, bool use,
		 const struct algorithms *algorithms);

/* The operation has ended with rc. If it was cancelled, write the rest of the journal, else remove
   the journal. Sets the members of the summary that describe the journal. */
void resume_end(struct resume *resume, int rc, struct ssum_summary *summary);

/* Write what was noted, if the last time was a second ago. */
void resume_tick(struct resume *resume);

/* ---- Progress ---- */

/* The work that the interrupted run has done on a file below root, or NULL. */
const struct journal_entry *resume_find(const struct resume *resume, int root, const char *path);

/* A file with lines in the journal. All zero before the first. */
struct resume_file {
	bool begun;
	struct file_identity identity;
	uint64_t number;
	uint64_t recorded; /* bytes that were noted */
};

/* The state of a file that is continued: the journal already has its lines. */
struct resume_file resume_file_of(const struct journal_entry *entry);

/* From any thread: a file was hashed up to an offset, a multiple of an interval, and has these
   chaining values there; or, with JOURNAL_DONE, to its end, and has these digests. */
void resume_note(struct resume *resume, struct resume_file *file,
		 const struct file_identity *identity, const char *name, uint64_t offset,
		 const struct ssum_digest *values);

#endif
