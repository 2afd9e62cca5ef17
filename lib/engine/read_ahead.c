/* SPDX-License-Identifier: MIT */
#include "engine/read_ahead.h"

#include <stdlib.h>

#include "engine/thread.h"

/* To wake a sleeping thread can take a tenth of a millisecond, on a virtual machine above all; this
   takes two milliseconds to hash. (Measured: shorter pieces cost more than they gained.) */
#define PIECE_LENGTH (4 * MIB)
#define PIECE_ALIGNMENT 4096

enum state { IDLE, ASKED, READ, QUIT };

/* A piece, read or to be read. */
struct piece {
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
	struct piece now, next;
};

static void read_piece(struct piece *piece)
{
	piece->result = source_read(piece->source, piece->buffer, piece->length, piece->offset);
}

static void *work(void *argument)
{
	struct read_ahead *ahead = argument;

	pthread_mutex_lock(&ahead->lock);
	for (;;) {
		while (ahead->state == IDLE || ahead->state == READ)
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		if (ahead->state == QUIT)
			break;
		pthread_mutex_unlock(&ahead->lock);
		read_piece(&ahead->next);
		pthread_mutex_lock(&ahead->lock);
		ahead->state = READ;
		pthread_cond_signal(&ahead->changed);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* Once what was asked for is read, go on to another state. Returns the one before. The thread is
   woken only if it has something to do then. */
static enum state settle(struct read_ahead *ahead, enum state next)
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

static void set_piece(struct piece *piece, struct source *source, uint64_t offset,
		      uint64_t available)
{
	piece->source = source;
	piece->offset = offset;
	piece->length = (size_t)min_u64(available, PIECE_LENGTH);
}

static bool is_piece(const struct piece *piece, const struct source *source, uint64_t offset,
		     uint64_t available)
{
	return piece->source == source && piece->offset == offset && piece->length <= available;
}

void read_ahead_ask(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available)
{
	if (settle(ahead, IDLE) == READ && is_piece(&ahead->next, source, offset, available)) {
		settle(ahead, READ);
		return;
	}
	set_piece(&ahead->next, source, offset, available);
	settle(ahead, ASKED);
}

int read_ahead_take(struct read_ahead *ahead, struct source *source, uint64_t offset,
		    uint64_t available, const unsigned char **data, size_t *length)
{
	struct piece *now = &ahead->now;

	if (settle(ahead, IDLE) == READ && is_piece(&ahead->next, source, offset, available)) {
		struct piece spare = *now;

		*now = ahead->next;
		ahead->next = spare;
	} else {
		set_piece(now, source, offset, available);
		read_piece(now);
	}
	*data = now->buffer;
	*length = now->length;
	return now->result;
}

void read_ahead_forget(struct read_ahead *ahead)
{
	settle(ahead, IDLE);
	ahead->next.source = NULL;
}

static void release(struct read_ahead *ahead)
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
	if (ahead->now.buffer && ahead->next.buffer && !thread_start(&ahead->thread, work, ahead))
		return ahead;
	release(ahead);
	return NULL;
}

void read_ahead_free(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	settle(ahead, QUIT);
	pthread_join(ahead->thread, NULL);
	release(ahead);
}
