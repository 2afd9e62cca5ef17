/* SPDX-License-Identifier: MIT */
#include "engine/span_queue.h"

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

/* ---- The heap of waiting spans ---- */

/* Long spans start first, so that none of them runs alone at the end; of equal length, those that
   were given first. */
static bool heap_is_before(const struct waiting_span *a, const struct waiting_span *b)
{
	return a->weight != b->weight ? a->weight > b->weight : a->number < b->number;
}

static void heap_push(struct span_queue *queue, struct span *span)
{
	const struct waiting_span pushed = {span->weight, span->number, span};
	struct waiting_span *heap = queue->heap;
	unsigned i = queue->waiting++;

	for (; i && heap_is_before(&pushed, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = pushed;
}

static struct span *heap_pop(struct span_queue *queue)
{
	struct waiting_span *heap = queue->heap;
	struct span *top = heap[0].span;
	const struct waiting_span last = heap[--queue->waiting];
	unsigned i = 0, child;

	while ((child = 2 * i + 1) < queue->waiting) {
		if (child + 1 < queue->waiting && heap_is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!heap_is_before(&heap[child], &last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

/* ---- For the threads that run spans ---- */

struct span *queue_claim(struct span_queue *queue, unsigned busy)
{
	struct span *span = NULL;

	pthread_mutex_lock(&queue->lock);
	if (!busy) {
		queue->idle++;
		while (!queue->waiting && !queue->no_more)
			pthread_cond_wait(&queue->work, &queue->lock);
		queue->idle--;
	}
	/* A thread takes no more than its share of all spans, so that every thread gets work. A
	   span whose source may block is taken only by a thread that has no other. */
	unsigned share = (queue->waiting + queue->running + queue->threads - 1) / queue->threads;
	if (queue->waiting && busy < share && !(busy && queue->heap[0].span->alone)) {
		span = heap_pop(queue);
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
	heap_push(queue, span);
	queue->running--;
	pthread_mutex_unlock(&queue->lock);
}

bool queue_is_short(struct span_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool is_short = queue->waiting + queue->running < queue->threads;
	pthread_mutex_unlock(&queue->lock);
	return is_short;
}

/* ---- For the thread that gives them ---- */

bool queue_put(struct span_queue *queue, struct span *span, uint64_t number)
{
	pthread_mutex_lock(&queue->lock);
	if (number == queue->given)
		queue->given++;
	span->number = number;
	span->finished = false;
	queue->ring[number % QUEUE_MAX] = span;
	heap_push(queue, span);
	bool all_are_busy = queue->waiting > queue->idle;
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
	return queue_length(queue) ? queue->ring[queue->done % QUEUE_MAX] : NULL;
}

struct span *queue_finished(struct span_queue *queue, const struct timespec *until)
{
	struct span *oldest = queue->ring[queue->done % QUEUE_MAX];
	int error = 0;

	pthread_mutex_lock(&queue->lock);
	while (until && !oldest->finished && !error)
		error = pthread_cond_timedwait(&queue->ready, &queue->lock, until);
	bool finished = oldest->finished;
	pthread_mutex_unlock(&queue->lock);
	return finished ? oldest : NULL;
}

void queue_advance(struct span_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->done++;
	pthread_mutex_unlock(&queue->lock);
}

void queue_set_threads(struct span_queue *queue, unsigned threads)
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
