/* SPDX-License-Identifier: MIT */
#include "engine/read_ahead.h"

#include <stdlib.h>

#include "engine/thread.h"

/* Waking a sleeping thread can take a tenth of a millisecond, especially on virtual machines.
   Hashing a part takes two milliseconds. (Measured: shorter parts cost more than they gained.) */
#define AHEAD_LENGTH (4 * MIB)
#define AHEAD_ALIGNMENT 4096

enum ahead_state { AHEAD_IDLE, AHEAD_REQUESTED, AHEAD_READ, AHEAD_QUIT };

/* A part of a source that was read or is to be read. */
struct ahead_part {
	unsigned char *buffer;
	struct source *source;
	uint64_t offset;
	size_t length;
	int result;
};

struct read_ahead {
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;   /* protects state; while it is REQUESTED, the thread owns `next` */
	pthread_cond_t changed; /* only one of the two threads ever waits */
	enum ahead_state state;
	struct ahead_part now, next;
};

static void *read_ahead_work(void *argument)
{
	struct read_ahead *ahead = argument;

	pthread_mutex_lock(&ahead->lock);
	for (;;) {
		while (ahead->state == AHEAD_IDLE || ahead->state == AHEAD_READ)
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		if (ahead->state == AHEAD_QUIT)
			break;
		pthread_mutex_unlock(&ahead->lock);
		struct ahead_part *next = &ahead->next;
		next->result = source_read(next->source, next->buffer, next->length, next->offset);
		pthread_mutex_lock(&ahead->lock);
		ahead->state = AHEAD_READ;
		pthread_cond_signal(&ahead->changed);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* Wait until a request has been read, then change the state. Returns the state before. The thread
   is woken only if the new state is a request or the end. */
static enum ahead_state read_ahead_change(struct read_ahead *ahead, enum ahead_state state)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->state == AHEAD_REQUESTED)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	enum ahead_state before = ahead->state;
	ahead->state = state;
	if (state == AHEAD_REQUESTED || state == AHEAD_QUIT)
		pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	return before;
}

/* Wait until a request has been read. True if it is a part of the `available` bytes at offset. */
static bool read_ahead_has(struct read_ahead *ahead, const struct source *source, uint64_t offset,
			   uint64_t available)
{
	const struct ahead_part *next = &ahead->next;

	return read_ahead_change(ahead, AHEAD_IDLE) == AHEAD_READ && next->source == source &&
	       next->offset == offset && next->length <= available;
}

static void read_ahead_set(struct ahead_part *part, struct source *source, uint64_t offset,
			   uint64_t available)
{
	part->source = source;
	part->offset = offset;
	part->length = (size_t)min_u64(available, AHEAD_LENGTH);
}

void read_ahead_request(struct read_ahead *ahead, struct source *source, uint64_t offset,
			uint64_t available)
{
	/* The data after a hole are requested again for each chunk of the hole. */
	if (read_ahead_has(ahead, source, offset, available)) {
		read_ahead_change(ahead, AHEAD_READ);
		return;
	}
	read_ahead_set(&ahead->next, source, offset, available);
	read_ahead_change(ahead, AHEAD_REQUESTED);
}

int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length)
{
	struct ahead_part *now = &ahead->now;

	if (read_ahead_has(ahead, source, offset, available)) {
		struct ahead_part spare = *now;

		*now = ahead->next;
		ahead->next = spare;
	} else {
		read_ahead_set(now, source, offset, available);
		now->result = source_read(source, now->buffer, now->length, offset);
	}
	*data = now->buffer;
	*length = now->length;
	return now->result;
}

void read_ahead_cancel(struct read_ahead *ahead)
{
	read_ahead_change(ahead, AHEAD_IDLE);
	ahead->next.source = NULL;
}

struct read_ahead *read_ahead_new(void)
{
	struct read_ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	ahead->now.buffer = aligned_alloc(AHEAD_ALIGNMENT, AHEAD_LENGTH);
	ahead->next.buffer = aligned_alloc(AHEAD_ALIGNMENT, AHEAD_LENGTH);
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (ahead->now.buffer && ahead->next.buffer)
		ahead->has_thread = !thread_start(&ahead->thread, read_ahead_work, ahead);
	if (ahead->has_thread)
		return ahead;
	read_ahead_free(ahead);
	return NULL;
}

void read_ahead_free(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	if (ahead->has_thread) {
		read_ahead_change(ahead, AHEAD_QUIT);
		pthread_join(ahead->thread, NULL);
	}
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->changed);
	free(ahead->now.buffer);
	free(ahead->next.buffer);
	free(ahead);
}
