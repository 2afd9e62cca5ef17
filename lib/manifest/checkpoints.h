/* SPDX-License-Identifier: MIT */
/* The checkpoints of a file: its chaining values at the multiples of an interval. In memory, and as
   text; docs/checkpoints.md describes the text. */
#ifndef MANIFEST_CHECKPOINTS_H
#define MANIFEST_CHECKPOINTS_H

#include "manifest/lines.h"
#include "sparsesum/package.h"

/* An interval is a multiple of this many bytes, and so a multiple of every algorithm's block. */
#define CHECKPOINT_UNIT 4096

/* The maximum number of values of one file. It limits the memory for any file of checkpoints. */
#define CHECKPOINTS_MAX 65536

struct ssum_checkpoints {
	char algorithm[32];
	char *name;                /* as in the manifest, or NULL */
	uint64_t length;           /* of the content, bytes */
	uint64_t interval;         /* bytes from one value to the next */
	struct ssum_digest digest; /* of the whole content */
	size_t value_length;       /* bytes of a value */
	size_t count, capacity;    /* values */
	unsigned char *values;     /* the values after interval, 2 * interval ... bytes */
};

/* Whether an interval is valid: a multiple of CHECKPOINT_UNIT, and not 0. */
bool checkpoint_interval_is_valid(uint64_t interval);

/* The number of values of a content of that length. */
uint64_t checkpoint_count(uint64_t length, uint64_t interval);

/* The interval for a content of that length: the wanted one, doubled until at most CHECKPOINTS_MAX
   values are needed. */
uint64_t checkpoint_interval_for(uint64_t length, uint64_t wanted);

/* Initialize without values. Call checkpoints_clear() even after a failure. 0,
   SSUM_ERR_NO_CHECKPOINT if the algorithm has no checkpoints, or SSUM_ERR_OPTIONS for an invalid
   interval. */
int checkpoints_init(struct ssum_checkpoints *checkpoints, const struct algorithm *algorithm,
		     uint64_t interval);
void checkpoints_clear(struct ssum_checkpoints *checkpoints);

/* Replace the name; NULL removes it. 0 or -ENOMEM. */
int checkpoints_set_name(struct ssum_checkpoints *checkpoints, const char *name);

/* Set the value at an offset. All values before it must be set; those after it are removed. 0,
   -ENOMEM, or SSUM_ERR_NO_CHECKPOINT if there can be no value at this offset. */
int checkpoints_set(struct ssum_checkpoints *checkpoints, uint64_t offset,
		    const struct ssum_digest *value);

/* Replace a value; index is 1 to count. */
void checkpoints_correct(struct ssum_checkpoints *checkpoints, size_t index,
			 const struct ssum_digest *value);

/* Set the length and digest of the content, once they are known. Removes the values at its end and
   after it. If values are missing, removes all: an entry has all of its values or none. */
void checkpoints_finish(struct ssum_checkpoints *checkpoints, uint64_t length,
			const struct ssum_digest *digest);

/* Keep only the first `count` values, and release the memory of the others. */
void checkpoints_trim(struct ssum_checkpoints *checkpoints, size_t count);

/* The value after `index` intervals; index is 1 to count. */
void checkpoints_value(const struct ssum_checkpoints *checkpoints, size_t index,
		       struct ssum_digest *value);

/* Copy all but the name. 0; or -ENOMEM, and *copy is unchanged. */
int checkpoints_copy(struct ssum_checkpoints *copy, const struct ssum_checkpoints *checkpoints);

/* Whether the checkpoints are for the content with this digest by this algorithm. */
bool checkpoints_are_of(const struct ssum_checkpoints *checkpoints,
			const struct algorithm *algorithm, const struct ssum_digest *digest);

/* ---- Text ---- */

/* Append the first line of a file of checkpoints; append an entry. 0 or -ENOMEM. */
int checkpoints_append_head(struct bytes *text, const char *algorithm);
int checkpoints_append(struct bytes *text, const struct ssum_checkpoints *checkpoints);

/* Whether a file begins as a file of checkpoints does. Does not move the position of fd. 1, 0 or
   -errno. */
int is_checkpoints_file(int fd);

/* Reads the entries of a file one after another. */
struct checkpoints_reader {
	struct lines lines; /* lines.number is the line of an error */
	struct algorithm algorithm;
	uint64_t values_left; /* of the current entry, not read yet */
};

/* Read the first line. Call checkpoints_reader_end() even after a failure. 0, SSUM_ERR_MALFORMED
   for another version or another kind of file, SSUM_ERR_ALGORITHM, -errno, -ENOMEM. */
int checkpoints_reader_begin(struct checkpoints_reader *reader, int fd);

/* The same for a file in memory, which is copied. */
int checkpoints_reader_begin_text(struct checkpoints_reader *reader, const char *text,
				  size_t length);
void checkpoints_reader_end(struct checkpoints_reader *reader);

/* Read the next entry, without its values; skips values of the entry before it that were not read.
   The old members of *entry are overwritten, not freed. 1, 0 at the end, SSUM_ERR_MALFORMED,
   -errno, -ENOMEM. Do not call this again after an error. */
int checkpoints_reader_next(struct checkpoints_reader *reader, struct ssum_checkpoints *entry);

/* Read the values of that entry; with entry NULL, skip them. The call may be omitted. 0,
   SSUM_ERR_MALFORMED, -errno, -ENOMEM. */
int checkpoints_reader_values(struct checkpoints_reader *reader, struct ssum_checkpoints *entry);

#endif
