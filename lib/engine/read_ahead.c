/* SPDX-License-Identifier: MIT */
#include "engine/read_ahead.h"

#include <stdlib.h>

#include "engine/thread.h"

/* Waking a sleeping thread can take a tenth of a millisecond, on virtual machines above all;
   hashing this takes two milliseconds. (Measured: shorter pieces cost more than they gained.) */
#define PIECE_LENGTH (4 * MIB)
#define PIECE_ALIGNMENT 4096

enum state { IDLE, ASKED, READ, QUIT };

/* A piece, read or to be read. */
struct ahead_piece {
	unsigned char *buffer;
	struct source *source;
	uint64_t offset;
	size_t length;
	int result;
};

struct read_ahead {
	pthread_t thread;
	pthread_mutex_t lock;   /* over state; while that is ASKED, `next` is the thread's */
	pthread_cond_t changed; /* only one of the two threads ever waits */
	enum state state;
	struct ahead_piece now, next;
};

static void *read_ahead_work(void *argument)
{
	struct read_ahead *ahead = argument;

	pthread_mutex_lock(&ahead->lock);
	for (;;) {
		while (ahead->state == IDLE || ahead->state == READ)
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		if (ahead->state == QUIT)
			break;
		pthread_mutex_unlock(&ahead->lock);
		struct ahead_piece *next = &ahead->next;
		next->result = source_read(next->source, next->buffer, next->length, next->offset);
		pthread_mutex_lock(&ahead->lock);
		ahead->state = READ;
		pthread_cond_signal(&ahead->changed);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* Wait until the piece that was asked for is read, then change to another state. Returns the one
   before. Wakes the thread only if that state gives it something to do. */
static enum state read_ahead_settle(struct read_ahead *ahead, enum state next)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->state == ASKED)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	enum state before = ahead->state;
	ahead->state = next;
	if (next == ASKED || next == QUIT)
		pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	return before;
}

static void read_ahead_set(struct ahead_piece *piece, struct source *source, uint64_t offset,
			   uint64_t available)
{
	piece->source = source;
	piece->offset = offset;
	piece->length = (size_t)min_u64(available, PIECE_LENGTH);
}

static bool read_ahead_matches(const struct ahead_piece *piece, const struct source *source,
			       uint64_t offset, uint64_t available)
{
	return piece->source == source && piece->offset == offset && piece->length <= available;
}

void read_ahead_ask(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available)
{
	if (read_ahead_settle(ahead, IDLE) == READ &&
	    read_ahead_matches(&ahead->next, source, offset, available)) {
		read_ahead_settle(ahead, READ);
		return;
	}
	read_ahead_set(&ahead->next, source, offset, available);
	read_ahead_settle(ahead, ASKED);
}

int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length)
{
	struct ahead_piece *now = &ahead->now;

	if (read_ahead_settle(ahead, IDLE) == READ &&
	    read_ahead_matches(&ahead->next, source, offset, available)) {
		struct ahead_piece spare = *now;

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

void read_ahead_forget(struct read_ahead *ahead)
{
	read_ahead_settle(ahead, IDLE);
	ahead->next.source = NULL;
}

static void read_ahead_release(struct read_ahead *ahead)
{
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->changed);
	free(ahead->now.buffer);
	free(ahead->next.buffer);
	free(ahead);
}

struct read_ahead *read_ahead_new(void)
{
	struct read_ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	ahead->now.buffer = aligned_alloc(PIECE_ALIGNMENT, PIECE_LENGTH);
	ahead->next.buffer = aligned_alloc(PIECE_ALIGNMENT, PIECE_LENGTH);
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (ahead->now.buffer && ahead->next.buffer &&
	    !thread_start(&ahead->thread, read_ahead_work, ahead))
		return ahead;
	read_ahead_release(ahead);
	return NULL;
}

void read_ahead_free(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	read_ahead_settle(ahead, QUIT);
	pthread_join(ahead->thread, NULL);
	read_ahead_release(ahead);
}
