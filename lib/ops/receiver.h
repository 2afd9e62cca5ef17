/* SPDX-License-Identifier: MIT */
/*
 * A receiver: a file that comes in pieces, judged segment by segment as they become complete.
 *
 * A segment is held by one thread at a time, which writes, hashes and judges without the lock. So
 * what goes through the hash is what is in the file, and once a segment has been proven nothing
 * writes to it. What says which bytes have come changes under the lock alone, so that it can be
 * looked at any time.
 */
#ifndef OPS_RECEIVER_H
#define OPS_RECEIVER_H

#include <pthread.h>

#include "base/context.h"
#include "io/open_file.h"
#include "ops/pieces.h"
#include "ops/judgement.h"
#include "sparsesum/receiver.h"

/* A segment of which something has come, and which is not yet proven. */
struct partial {
	uint64_t prefix;      /* the bytes before this offset have come */
	struct pieces pieces; /* and these, behind it */

	/* Of the thread that holds it. */
	uint64_t hashed;           /* the bytes before this offset, of the prefix, are in the */
	struct ssum_stream stream; /* stream, which is all zero while there are none */
};

struct receiver_segment {
	struct partial *partial; /* or NULL */
	bool is_held;
	bool was_whole; /* it has been complete, so every byte in the file is one that came */
};

struct ssum_receiver {
	struct ssum_context *context, own;
	int fd;
	uint64_t length, interval; /* UINT64_MAX: there are no checkpoints */
	struct algorithm algorithm;
	struct algorithms algorithms;        /* that one */
	struct ssum_checkpoints checkpoints; /* without any: of the digest alone */
	struct ssum_checkpoints *each[1];    /* these */
	ssum_segment_fn *segment;
	void *user;
	bool reads_again; /* what a saved state says is proven */

	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t released;
	struct judgement judgement; /* which segments are good */
	struct receiver_segment *segments;
	size_t count;
	size_t pieces, pieces_max; /* of all segments */
	size_t held;               /* segments */
	bool is_closed;            /* to all but the one thread that has them all */
};

/* ---- Segments ---- */

uint64_t segment_begin(const struct ssum_receiver *receiver, size_t index);
uint64_t segment_end(const struct ssum_receiver *receiver, size_t index);

/* Whether every byte of it has come. Under the lock, or by who holds it. */
bool segment_is_complete(const struct ssum_receiver *receiver, size_t index);

/* Wait for a segment and hold it: false if it is proven, and not held. */
bool segment_hold(struct ssum_receiver *receiver, size_t index);
void segment_release(struct ssum_receiver *receiver, size_t index);

/* Tell the caller of a verdict, with nothing held. 0 or SSUM_ERR_CANCELLED. */
int segment_tell(struct ssum_receiver *receiver, size_t index, int verdict);

/* A receiver that has not touched its file yet. *receiver is to be freed, if it is not NULL. */
int receiver_make(struct ssum_context *context, const struct ssum_receiver_options *options,
		  struct ssum_receiver **receiver);

/* Give the file its length. 0 or -errno. */
int receiver_set_length(struct ssum_receiver *receiver);

/* ---- What has come ---- */

/* Have room for what comes of a segment that is held. 0 or -ENOMEM. */
int partial_begin(struct ssum_receiver *receiver, size_t index);

/* Under the lock: of the segment nothing has come. */
void partial_drop(struct ssum_receiver *receiver, size_t index);

/* By who holds it: the hash begins anew, since bytes that went into it have changed; if there is
   one. */
void partial_unhash(struct ssum_receiver *receiver, size_t index);

/* A piece of the segment is in the file; or may be there in part, and then it is not to count.
   Both lock. */
void partial_note(struct ssum_receiver *receiver, size_t index, struct piece piece);
void partial_spoil(struct ssum_receiver *receiver, size_t index, struct piece piece);

/* While the next piece touches the prefix: true, it belongs to that now, and *piece is what it
   adds. Locks. */
bool partial_advance(struct ssum_receiver *receiver, size_t index, struct piece *piece);

/* Under the lock: the next range of bytes in a state, from *offset on; false if there is none.
 *offset is behind it then. */
enum byte_state {
	BYTES_MISSING,
	BYTES_RECEIVED, /* and not proven, since their segment is not complete */
	BYTES_GOOD
};
bool receiver_next(const struct ssum_receiver *receiver, enum byte_state wanted_state,
		   uint64_t *offset, struct ssum_range *range);

/* ---- Judging ---- */

/* A piece of a segment that is held is in the file: note it, and hash it if it begins where the
   hash stands, from memory (NULL: zeros); then what follows it and was there already. 0 or a code.
 */
int segment_take(struct ssum_receiver *receiver, size_t index, struct piece piece,
		 const unsigned char *data);

/* Judge a complete segment that is held, after hashing what is not yet hashed: 0 and *verdict, or a
   code. */
int segment_judge(struct ssum_receiver *receiver, size_t index, int *verdict);

/* A span over segments as they are in the file. reading_end() is due in any case. */
struct reading {
	struct stretch stretch;
	struct open_file file;
};
int reading_begin(struct reading *reading, struct ssum_receiver *receiver, size_t index);
void reading_end(struct reading *reading);

/* What is to become of each segment, or has. */
enum segment_mark { MARK_NONE, MARK_DUE, MARK_GOOD, MARK_DAMAGED };

/* Judge all segments that are due, which are held, by what is in the file, on the threads of the
   context. With `tells` each verdict is told at once: there must be nobody to be kept waiting. 0 or
   a code; what was judged before that is marked. */
int receiver_judge(struct ssum_receiver *receiver, unsigned char *marks, bool tells);

/* By who holds it: a segment cannot be judged. What cannot be read again has to come again; one
   that was cancelled can be hashed later. Returns rc. */
int segment_give_up(struct ssum_receiver *receiver, size_t index, int rc);

/* By who holds it: the verdict on a segment that was gone through to its end. */
int segment_settle(struct ssum_receiver *receiver, const struct stretch *stretch);

#endif
