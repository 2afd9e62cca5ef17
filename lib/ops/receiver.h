/* SPDX-License-Identifier: MIT */
/*
 * The private side of a receiver. receiver.c has the public functions, receiver_segment.c the state
 * machine of a segment, receiver_state.c saves and loads.
 *
 * Locking. At most one thread holds a segment (segment_hold()). The holder writes its bytes to the
 * file, hashes and judges them without the lock. So the bytes that were hashed are the bytes in the
 * file, and nothing is written to a segment after it was proven. The record of which bytes have
 * arrived changes only with the lock held, so that ssum_receiver_missing() and ssum_receiver_save()
 * can read it at any time. The fields below are marked with their rule:
 *
 *     constant     set while the receiver is made, read by all threads without the lock
 *     lock         read and written with the lock held
 *     holder+lock  written by the holder of the segment with the lock held; read by the holder, or
 *                  with the lock held
 *     holder       read and written by the holder of the segment only
 *
 * A thread that has set is_closed and has waited until `held` is 0 holds all segments.
 *
 */
#ifndef OPS_RECEIVER_H
#define OPS_RECEIVER_H

#include <pthread.h>

#include "base/context.h"
#include "io/file_source.h"
#include "ops/judgement.h"
#include "ops/pieces.h"
#include "sparsesum/receiver.h"

/* The received bytes of a segment that is not proven yet. */
struct partial {
	uint64_t prefix;      /* holder+lock: all bytes before this offset have arrived */
	struct pieces pieces; /* holder+lock: received pieces after that, not in order */

	/* holder: the bytes of the prefix before this offset were hashed; the stream is all zero
	   while there are none. */
	uint64_t hashed;
	struct ssum_stream stream;
};

struct receiver_segment {
	struct partial *partial; /* holder+lock; NULL: nothing has arrived, or it is proven */
	bool is_held;            /* lock */
	bool is_loading; /* lock: ssum_receiver_load() reads it, and no piece has arrived since */
	bool was_whole;  /* holder+lock: it was complete once, so all its bytes in the file arrived
			  */
};

struct ssum_receiver {
	/* constant */
	struct ssum_context *context, own;
	int fd;
	uint64_t length;   /* bytes */
	uint64_t interval; /* bytes of a segment; UINT64_MAX: one segment, without checkpoints */
	struct algorithm algorithm;
	struct algorithms algorithms;        /* the content's algorithm, as an array of one */
	struct ssum_checkpoints checkpoints; /* a copy; without values if none were given */
	struct ssum_checkpoints *each[1];    /* those checkpoints, for the judgement */
	ssum_segment_fn *segment;
	void *user;
	bool reads_again; /* ssum_receiver_load() reads proven segments again */
	bool finds_zeros; /* ssum_receiver_write() makes holes of zeros */
	size_t pieces_max;
	size_t count; /* segments */

	pthread_mutex_t lock;
	pthread_cond_t released;           /* a segment was released, or is_closed became false */
	struct judgement judgement;        /* holder+lock: which segments are good */
	struct receiver_segment *segments; /* each field has its own rule */
	size_t pieces;                     /* lock: remembered, of all segments */
	size_t held;                       /* lock: segments that are held one by one */
	bool is_closed; /* lock: one thread waits for all segments, or holds them */
};

/* ---- receiver.c ---- */

/* Make a receiver without changing its file. On failure *receiver is NULL. */
int receiver_make(struct ssum_context *context, const struct ssum_receiver_options *options,
		  struct ssum_receiver **receiver);

/* Set the length of the file to that of the content. 0 or -errno. */
int receiver_set_length(struct ssum_receiver *receiver);

/* ---- receiver_segment.c ---- */

static inline uint64_t segment_begin(const struct ssum_receiver *receiver, size_t index)
{
	return judgement_offset(&receiver->judgement, index);
}

static inline uint64_t segment_end(const struct ssum_receiver *receiver, size_t index)
{
	return judgement_offset(&receiver->judgement, index + 1);
}

/* Whether all bytes of a segment have arrived. With the lock held, or by the holder. */
bool segment_is_complete(const struct ssum_receiver *receiver, size_t index);

void segment_release(struct ssum_receiver *receiver, size_t index);

/* A piece arrives that lies within one segment; data is NULL for zeros. Writes, hashes and, if it
   completes the segment, judges it and reports the verdict. 0 or a code. */
int segment_receive(struct ssum_receiver *receiver, size_t index, struct piece piece,
		    const unsigned char *data);

/* By the holder: allocate the memory to record pieces of a segment. 0 or -ENOMEM. */
int segment_prepare(struct ssum_receiver *receiver, size_t index);

/* By the holder: a piece of a prepared segment is in the file. */
void segment_note(struct ssum_receiver *receiver, size_t index, struct piece piece);

/* With the lock held: discard the received bytes of a segment. */
void segment_forget(struct ssum_receiver *receiver, size_t index);

/* Judge all segments that are marked MARK_TO_JUDGE, which the caller holds, from what is in the
   file, on the threads of the context. Each mark becomes the verdict; after an error some marks
   are unchanged. 0 or a code. */
enum segment_mark { MARK_NONE, MARK_TO_JUDGE, MARK_GOOD, MARK_DAMAGED };
int segment_judge_marked(struct ssum_receiver *receiver, unsigned char *marks);

/* The same for ssum_receiver_load(), whose callbacks may call the receiver: the segments are not
   held, and each verdict is reported at once. A segment for which a piece arrives before its
   verdict gets none: the bytes that were read are not those in the file any more. */
int segment_judge_loaded(struct ssum_receiver *receiver, unsigned char *marks);

/* Report a verdict to the caller of the library; hold nothing, since the callback may call the
   receiver. 0 or SSUM_ERR_CANCELLED. */
int segment_report(struct ssum_receiver *receiver, size_t index, int verdict);

/* With the lock held: find the next range of bytes in a state, from *offset on, and move *offset to
   its end. False if there is no further one. */
enum byte_state {
	BYTES_MISSING,
	BYTES_RECEIVED, /* not proven, since their segment is not complete or not judged */
	BYTES_GOOD
};
bool segment_next_range(const struct ssum_receiver *receiver, enum byte_state wanted_state,
			uint64_t *offset, struct ssum_range *range);

/* With the lock held: how many bytes are in each state. */
void segment_count_bytes(const struct ssum_receiver *receiver, uint64_t counts[BYTES_GOOD + 1]);

#endif
