/* SPDX-License-Identifier: MIT */
/*
 * What an operation keeps of its work, so that after an interruption it need not be done again.
 *
 * A file is taken to be the one from before if its size, times, inode and device are: once when it
 * is looked up, and again when it is opened.
 */
#ifndef OPS_RESUME_H
#define OPS_RESUME_H

#include <pthread.h>
#include <time.h>

#include "manifest/journal.h"

struct resume {
	const char *path; /* of the journal; NULL: nothing is kept */
	int fd;           /* of what is being written, or -1 */
	bool is_old; /* the file is there, from an interrupted run that this one goes on with */
	size_t algorithms;
	bool is_taken;       /* another operation keeps this journal: nothing is kept of this one */
	struct timespec due; /* when what was kept goes to the disk */

	pthread_mutex_t lock; /* over the next three: files are worked on by several threads */
	bool failed;          /* it cannot be written; the work goes on without */
	struct journal journal;
	struct bytes text; /* not yet written */

	struct journal_entries entries; /* of the run before, sorted by name */
};

/* A smaller file costs no more to hash again than to be looked up. */
#define RESUME_MIN (64 * KIB)

/* What a journal belongs to, in one digest. */
struct resume_key {
	struct algorithm sha1;
	struct ssum_stream stream;
};

/* Begin a key with the kind of work, the identity of an open directory, how its files are read, and
   the algorithms; add what else it depends on. resume_key_end() is due in any case. 0, -errno,
   SSUM_ERR_CRYPTO. */
int resume_key_begin(struct resume_key *key, const char *work, int directory, enum ssum_holes holes,
		     const struct algorithms *algorithms);
int resume_key_add(struct resume_key *key, const void *data, size_t length);
void resume_key_end(struct resume_key *key);

/* With path NULL nothing is kept. With `use`, what a journal with that key holds is taken over.
   resume_end() is due in any case. A journal that cannot be read has nothing to take over. 0,
   SSUM_ERR_CRYPTO, -ENOMEM. */
int resume_begin(struct resume *resume, const char *path, struct resume_key *key, bool use,
		 const struct algorithms *algorithms);

/* The operation has ended. The journal goes, unless it was cancelled: then it is on the disk. True
   if nothing was kept, since another operation keeps the same journal. */
bool resume_end(struct resume *resume, int rc);

/* From time to time: put what was kept on the disk. */
void resume_tick(struct resume *resume);

/* What is known of a file below root, if it still is what it was; or NULL. */
const struct journal_entry *resume_find(const struct resume *resume, int root, const char *path);

/* The digests of an entry that is done, one for each algorithm; the chaining value of one of them
   behind some of its parts. */
void entry_digests(const struct journal_entry *entry, const struct algorithms *algorithms,
		   struct ssum_digest *digests);
void entry_value(const struct journal_entry *entry, size_t parts,
		 const struct algorithms *algorithms, size_t row, struct ssum_digest *value);

/* ---- What is being done; from any thread ---- */

/* A file in work: where its lines belong. All zero before the first. */
struct resume_file {
	bool begun;
	struct stat state;
	uint64_t number;
};

/* It was gone through up to an offset, a multiple of an interval, and has these values there. */
void resume_part(struct resume *resume, struct resume_file *file, const struct stat *state,
		 const char *name, uint64_t offset, const struct ssum_digest *values);

/* It was gone through to its end. */
void resume_done(struct resume *resume, struct resume_file *file, const struct stat *state,
		 const char *name, const struct ssum_digest *digests);

#endif
