/* SPDX-License-Identifier: MIT */
/*
 * A span is the engine's unit of work: a part of a source that is read in order and put into a
 * sink. Its result depends only on the logical bytes of the source.
 *
 * A slot is where one span runs. It reads the content chunk by chunk. The owner of the slot decides
 * how much of a chunk goes into the sink at once, so that several slots can advance together.
 */
#ifndef ENGINE_SPAN_H
#define ENGINE_SPAN_H

#include <stdatomic.h>
#include <time.h>

#include "base/context.h"
#include "engine/read_ahead.h"
#include "engine/second_reading.h"
#include "engine/sink.h"

#define SPAN_TO_END UINT64_MAX

struct span {
	struct source *source; /* NULL: do nothing; the span only keeps its place in the order */
	struct sink *sink;
	uint64_t start;  /* from the beginning of the source's content */
	uint64_t end;    /* or SPAN_TO_END */
	bool alone;      /* reading the source may block: run no other span on the same thread */
	uint64_t weight; /* the length if it is known; long spans start first */

	/* Set when it has run. */
	int result;
	uint64_t length;  /* bytes put into the sink */
	unsigned changes; /* with SSUM_ERR_CHANGED: what was seen to move, enum ssum_change */
	bool read_twice;  /* changes of its source could not be detected */

	/* For the pool. */
	uint64_t number; /* in the order in which the client returned them */
	bool finished;
};

/* The progress of a run of spans. */
struct run_progress {
	uint64_t bytes_done;
	struct span *oldest; /* the first one that is not done, or NULL */
	bool is_complete;    /* the run has all of its spans: no more are added */
};

/* A callback for progress. It runs about ten times a second on the thread that started the run. */
struct ticker {
	int (*tick)(void *user, const struct run_progress *progress); /* a code ends the run */
	void *user;
	struct timespec due; /* the time of the next call; all zero at first */
};

/* Call the callback if it is due. 0 or its code. */
int ticker_poll(struct ticker *ticker, const struct run_progress *progress);

/* Shared by the threads of a run. */
struct span_shared {
	const struct ssum_context *context;
	atomic_uint_least64_t bytes_done;
	atomic_bool stop; /* end all spans, as if the context were cancelled */

	/* Set by span_run(), where the calling thread also reports progress; else NULL. */
	struct ticker *ticker;
	struct span *only;
};

/* Add to the count of bytes put into sinks. A sink whose functions run for a long time calls it
   with 0 from time to time. 0, SSUM_ERR_CANCELLED or a code of the ticker: then stop. */
int span_progress(struct span_shared *shared, uint64_t length);

/* For a source that waits in a run: `user` is a struct span_shared. As span_progress(). */
int span_pause(void *user);

/* Run a span on this thread. With `ticker` the thread has no other span to run: the ticker is
   called, and long data is read ahead. Else it is NULL. The span's result, or -ENOMEM. */
int span_run(const struct ssum_context *context, struct span *span, struct ticker *ticker);

/* ---- Slots ---- */

/* Bytes that a slot reads at once if its thread has no other slot. */
#define CHUNK_ALONE (128 * KIB)

/* How many zeros are hashed at once. Hashing them takes a few milliseconds, which bounds the delay
   of a cancellation. */
#define ZEROS_STEP (8 * MIB)

struct chunk {
	const unsigned char *data; /* NULL: zeros */
	uint64_t length;           /* 0: there is no chunk */
};

/* Shared by the slots of one thread. The free buffers are a stack: the one that was used last is
   still in the cache. */
struct slot_memory {
	unsigned char **free_buffers;
	unsigned free_count;
	struct read_ahead *ahead; /* used if only one slot is busy; NULL until it is needed */
	bool no_ahead;            /* its thread could not be started */
};

struct slot {
	struct span *span;
	struct span_shared *shared;
	struct slot_memory *memory;
	unsigned char *buffer; /* while the chunk is in it; else NULL */
	size_t buffer_length;
	struct read_ahead *ahead; /* NULL: the slot does not read ahead */

	struct chunk chunk; /* the rest of it */

	/* While its span runs. */
	bool is_open;
	unsigned tries;
	int error;                 /* result of putting the last bytes; may be SINK_ENOUGH */
	uint64_t offset, end;      /* of the source: after the chunk, and after the span */
	struct ssum_extent extent; /* the rest of the extent at offset */
	bool at_end;               /* of a source without a size */
	struct second_reading again;
};

/* Prepare a slot to run a span. */
void slot_begin(struct slot *slot, struct span *span);

/*
 * Read the next chunk unless there is one. False at the end of the span: source and sink are closed
 * and the result is set. If the content changed meanwhile, the span starts again, as many times as
 * the context allows.
 */
bool slot_next(struct slot *slot);

/* How much of the chunk may go into the sink at once: up to the sink's next mark. */
uint64_t slot_room(const struct slot *slot);

/* Put at most `length` bytes of the chunk into the sink. */
void slot_put(struct slot *slot, uint64_t length);

/* The caller has put `length` bytes of the chunk into the sink itself. Calls the sink's mark(). */
void slot_advance(struct slot *slot, uint64_t length);

/* If only this slot is busy: put more of its chunk into the sink. `idle` means that a processor is
   free: then another thread reads ahead if much is left to read. */
void slot_step(struct slot *slot, bool idle);

#endif
