/* SPDX-License-Identifier: MIT */
#include "engine/span_queue.h"

static struct span **place_of(struct span_queue *queue, uint64_t number)
{
	return &queue->ring[number % QUEUE_MAX];
}

int queue_init(struct span_queue *queue)
{
	pthread_condattr_t attributes;
	int error = pthread_condattr_init(&attributes);

	if (error)
		return -error;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	error = pthread_cond_init(&queue->ready, &attributes);
	pthread_condattr_destroy(&attributes);
	if (error)
		return -error;
	pthread_cond_init(&queue->work, NULL);
	pthread_mutex_init(&queue->lock, NULL);
	return 0;
}

void queue_clear(struct span_queue *queue)
{
	pthread_cond_destroy(&queue->ready);
	pthread_cond_destroy(&queue->work);
	pthread_mutex_destroy(&queue->lock);
}

/* ---- Those who run spans ---- */

/* A thread takes its share of what there is and no more, so that all get work. */
static bool has_share(const struct span_queue *queue, unsigned busy)
{
	unsigned all = queue->heap.count + queue->running;

	return busy < (all + queue->threads - 1) / queue->threads;
}

struct span *queue_claim(struct span_queue *queue, unsigned busy)
{
	struct span *span = NULL;

	pthread_mutex_lock(&queue->lock);
	if (!busy) {
		queue->idle++;
		while (!queue->heap.count && !queue->no_more)
			pthread_cond_wait(&queue->work, &queue->lock);
		queue->idle--;
	}
	if (queue->heap.count && has_share(queue, busy) &&
	    !(busy && span_heap_top(&queue->heap)->alone)) {
		span = span_heap_pop(&queue->heap);
		queue->running++;
	}
	pthread_mutex_unlock(&queue->lock);
	return span;
}

void queue_finish(struct span_queue *queue, struct span *span)
{
	pthread_mutex_lock(&queue->lock);
	span->finished = true;
	queue->running--;
	if (span->number == queue->done)
		pthread_cond_signal(&queue->ready);
	pthread_mutex_unlock(&queue->lock);
}

void queue_give_back(struct span_queue *queue, struct span *span)
{
	pthread_mutex_lock(&queue->lock);
	span_heap_push(&queue->heap, span);
	queue->running--;
	pthread_mutex_unlock(&queue->lock);
}

bool queue_is_short(struct span_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool spare = queue->heap.count + queue->running < queue->threads;
	pthread_mutex_unlock(&queue->lock);
	return spare;
}

/* ---- The one who gives them ---- */

bool queue_put(struct span_queue *queue, struct span *span, uint64_t number)
{
	pthread_mutex_lock(&queue->lock);
	if (number == queue->given)
		queue->given++;
	span->number = number;
	span->finished = false;
	*place_of(queue, number) = span;
	span_heap_push(&queue->heap, span);
	bool all_are_busy = queue->heap.count > queue->idle;
	pthread_cond_signal(&queue->work);
	pthread_mutex_unlock(&queue->lock);
	return all_are_busy;
}

uint64_t queue_length(const struct span_queue *queue)
{
	return queue->given - queue->done;
}

struct span *queue_oldest(struct span_queue *queue)
{
	return queue_length(queue) ? *place_of(queue, queue->done) : NULL;
}

struct span *queue_finished(struct span_queue *queue, const struct timespec *until)
{
	struct span *span = NULL;
	int error = 0;

	pthread_mutex_lock(&queue->lock);
	struct span *oldest = *place_of(queue, queue->done);
	while (until && !oldest->finished && !error)
		error = pthread_cond_timedwait(&queue->ready, &queue->lock, until);
	if (oldest->finished)
		span = oldest;
	pthread_mutex_unlock(&queue->lock);
	return span;
}

void queue_advance(struct span_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->done++;
	pthread_mutex_unlock(&queue->lock);
}

void queue_share_among(struct span_queue *queue, unsigned threads)
{
	pthread_mutex_lock(&queue->lock);
	queue->threads = threads;
	pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct span_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->no_more = true;
	pthread_cond_broadcast(&queue->work);
	pthread_mutex_unlock(&queue->lock);
}
