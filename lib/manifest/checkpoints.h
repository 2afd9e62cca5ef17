/* SPDX-License-Identifier: MIT */
/* Checkpoints of a file: the intermediate hash values at the multiples of an interval, as an object
   and as text (docs/checkpoints.md). */
#ifndef MANIFEST_CHECKPOINTS_H
#define MANIFEST_CHECKPOINTS_H

#include "manifest/lines.h"
#include "sparsesum/package.h"

/* An interval is a multiple of this many bytes, and so of every algorithm's block. */
#define CHECKPOINT_UNIT 4096

/* No file has more: it is what bounds the memory for one, whatever is claimed. */
#define CHECKPOINTS_MAX 65536

struct ssum_checkpoints {
	char algorithm[32];
	char *name;                /* as in the manifest; NULL if it has none */
	uint64_t length;           /* bytes of the content */
	uint64_t interval;         /* bytes from one value to the next */
	struct ssum_digest digest; /* of the whole content */
	size_t value_length;       /* bytes of a value */
	size_t count, capacity;    /* values */
	unsigned char *values;     /* behind interval, 2 * interval ... bytes */
};

/* Whether an interval is one; 0 is not. */
bool checkpoint_interval_is_valid(uint64_t interval);

/* How many values a content of that length has. */
uint64_t checkpoint_count(uint64_t length, uint64_t interval);

/* The interval for a content of that length: the one that is wanted, doubled as often as it takes
   to need no more than CHECKPOINTS_MAX values. */
uint64_t checkpoint_interval_for(uint64_t length, uint64_t wanted);

/* Empty ones, for a content that is still to come. SSUM_ERR_NO_CHECKPOINT if the algorithm has
   none, SSUM_ERR_OPTIONS for a bad interval. checkpoints_clear() is due in any case. */
int checkpoints_init(struct ssum_checkpoints *checkpoints, const struct algorithm *algorithm,
		     uint64_t interval);
void checkpoints_clear(struct ssum_checkpoints *checkpoints);

/* Give them another name; NULL for none. 0 or -ENOMEM. */
int checkpoints_set_name(struct ssum_checkpoints *checkpoints, const char *name);

/* Set the value at an offset, a multiple of the interval: those before are there, those behind
   it are forgotten. 0, -ENOMEM; SSUM_ERR_NO_CHECKPOINT if it cannot stand there. */
int checkpoints_set(struct ssum_checkpoints *checkpoints, uint64_t offset,
		    const struct ssum_digest *value);

/* Put another value in the place of one that is there; from 1 to count. */
void checkpoints_correct(struct ssum_checkpoints *checkpoints, size_t index,
			 const struct ssum_digest *value);

/* All content has come: its length and digest. Values that stand at its end or behind it go; and
   all of them if there are not as many as the length needs, since an entry has all or is none. */
void checkpoints_finish(struct ssum_checkpoints *checkpoints, uint64_t length,
			const struct ssum_digest *digest);

/* Keep the first values alone, and no memory for more. */
void checkpoints_trim(struct ssum_checkpoints *checkpoints, size_t count);

/* The value behind `index` intervals; from 1 to count. */
void checkpoints_value(const struct ssum_checkpoints *checkpoints, size_t index,
		       struct ssum_digest *value);

/* The same ones once more, without a name. 0; or -ENOMEM, and the copy is as it was. */
int checkpoints_copy(struct ssum_checkpoints *copy, const struct ssum_checkpoints *checkpoints);

/* Whether they are of the content that has this digest by this algorithm, as they say. */
bool checkpoints_are_of(const struct ssum_checkpoints *checkpoints,
			const struct algorithm *algorithm, const struct ssum_digest *digest);

/* ---- Text ---- */

/* Append the first line of a file of checkpoints, and an entry. 0 or -ENOMEM. */
int checkpoints_append_head(struct bytes *text, const char *algorithm);
int checkpoints_append(struct bytes *text, const struct ssum_checkpoints *checkpoints);

/* Whether a file begins as one of checkpoints does. Reads at its beginning, wherever it stands. */
bool is_checkpoints_file(int fd);

/* The entries of a file, one after another. */
struct checkpoints_reader {
	struct lines lines; /* lines.number says where something is wrong */
	struct algorithm algorithm;
	uint64_t due; /* values that are still to be read, or left out, before the next entry */
};

/* Begin at the first line. checkpoints_reader_end() is due in any case. 0, SSUM_ERR_MALFORMED for
   another version or no such file at all, SSUM_ERR_ALGORITHM, -errno, -ENOMEM. */
int checkpoints_reader_begin(struct checkpoints_reader *reader, int fd);
void checkpoints_reader_end(struct checkpoints_reader *reader);

/* The next entry without its values, into an object that is all zero or was cleared: 1, 0 at the
   end; SSUM_ERR_MALFORMED, after which nothing more can be read; or another code. */
int checkpoints_reader_next(struct checkpoints_reader *reader, struct ssum_checkpoints *entry);

/* Its values; may be left out. 0, SSUM_ERR_MALFORMED, -errno, -ENOMEM. */
int checkpoints_reader_values(struct checkpoints_reader *reader, struct ssum_checkpoints *entry);

#endif
