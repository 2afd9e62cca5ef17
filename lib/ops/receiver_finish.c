/* SPDX-License-Identifier: MIT */
/* Judging what was received as a whole: segments side by side, and those that fail in one chain. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/slot.h"
#include "engine/pool.h"
#include "ops/receiver.h"

/* ---- Segments side by side ---- */

struct judging {
	struct ssum_receiver *receiver;
	unsigned char *marks;
	bool tells;
	size_t next;
};

static struct reading *reading_of(struct span *span)
{
	return container_of(span, struct reading, stretch.job.span);
}

static void drop(void *user, struct span *span)
{
	(void)user;
	reading_end(reading_of(span));
	free(reading_of(span));
}

static int give(void *user, struct span **span)
{
	struct judging *judging = user;
	struct ssum_receiver *receiver = judging->receiver;

	while (judging->next < receiver->count && judging->marks[judging->next] != MARK_DUE)
		judging->next++;
	if (judging->next == receiver->count)
		return 0;
	struct reading *reading = calloc(1, sizeof(*reading));
	if (!reading)
		return -ENOMEM;
	*span = &reading->stretch.job.span;
	if (!reading_begin(reading, receiver, judging->next++))
		return 1;
	drop(NULL, *span);
	return -ENOMEM;
}

static int take_back(void *user, struct span *span, struct span **instead)
{
	struct judging *judging = user;
	struct stretch *stretch = &reading_of(span)->stretch;
	size_t index = stretch->first;
	int verdict = SSUM_DIFFERS, rc = span->result;

	(void)instead;
	if (rc)
		segment_give_up(judging->receiver, index, rc);
	else
		verdict = segment_settle(judging->receiver, stretch);
	drop(NULL, span);
	if (rc)
		return rc;
	judging->marks[index] = verdict == SSUM_HOLDS ? MARK_GOOD : MARK_DAMAGED;
	return judging->tells ? segment_tell(judging->receiver, index, verdict) : 0;
}

int receiver_judge(struct ssum_receiver *receiver, unsigned char *marks, bool tells)
{
	struct judging judging = {.receiver = receiver, .marks = marks, .tells = tells};

	return pool_run(receiver->context,
			&(struct pool_client){
				.next = give, .done = take_back, .drop = drop, .user = &judging});
}

/* ---- What was complete and not judged ---- */

/* Hold them all; false if there are none. Who holds another one judges it himself. */
static bool hold_complete(struct ssum_receiver *receiver, unsigned char *marks)
{
	bool found = false;

	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	for (size_t i = 0; i < receiver->count; i++) {
		struct receiver_segment *segment = &receiver->segments[i];

		if (segment->is_held || !segment_is_complete(receiver, i))
			continue;
		segment->is_held = found = true;
		receiver->held++;
		marks[i] = MARK_DUE;
	}
	pthread_mutex_unlock(&receiver->lock);
	return found;
}

/* Told when nothing is held any more: who is told may call the receiver. */
static int release_and_tell(struct ssum_receiver *receiver, const unsigned char *marks)
{
	int rc = 0;

	for (size_t i = 0; i < receiver->count; i++)
		if (marks[i] != MARK_NONE)
			segment_release(receiver, i);
	for (size_t i = 0; i < receiver->count && !rc; i++)
		if (marks[i] == MARK_GOOD || marks[i] == MARK_DAMAGED)
			rc = segment_tell(receiver, i,
					  marks[i] == MARK_GOOD ? SSUM_HOLDS : SSUM_DIFFERS);
	return rc;
}

/* Their hashing was cancelled, or was that of another process. */
static int judge_complete(struct ssum_receiver *receiver)
{
	unsigned char *marks = calloc(receiver->count, sizeof(*marks));
	int rc = 0, told;

	if (!marks)
		return -ENOMEM;
	if (hold_complete(receiver, marks))
		rc = receiver_judge(receiver, marks, false);
	told = release_and_tell(receiver, marks);
	free(marks);
	return rc ? rc : told;
}

/* ---- The whole ---- */

static bool all_have_come(const struct ssum_receiver *receiver)
{
	for (size_t i = 0; i < receiver->count; i++)
		if (!receiver->judgement.holds[i] && !receiver->segments[i].was_whole)
			return false;
	return true;
}

/* Go over the segments that fail; if they turn out to be right, checkpoints in between were wrong.
 */
static int follow_chain(struct ssum_receiver *receiver, struct reading *reading)
{
	int rc;

	if (!all_have_come(receiver))
		return SSUM_ERR_INCOMPLETE;
	open_file_init(&reading->file, receiver->fd, receiver->length);
	rc = stretch_chain(&reading->stretch, &receiver->judgement, &reading->file.source);
	return rc ? rc : span_run(receiver->context, &reading->stretch.job.span);
}

static void close_to_others(struct ssum_receiver *receiver)
{
	pthread_mutex_lock(&receiver->lock);
	while (receiver->is_closed)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	receiver->is_closed = true;
	while (receiver->held)
		pthread_cond_wait(&receiver->released, &receiver->lock);
	pthread_mutex_unlock(&receiver->lock);
}

static void open_to_others(struct ssum_receiver *receiver)
{
	pthread_mutex_lock(&receiver->lock);
	receiver->is_closed = false;
	pthread_cond_broadcast(&receiver->released);
	pthread_mutex_unlock(&receiver->lock);
}

/* The verdict on the chain, which is that on each segment it went over. */
static int settle_chain(struct ssum_receiver *receiver, const struct stretch *stretch)
{
	pthread_mutex_lock(&receiver->lock);
	bool is_good = stretch_judge(stretch, &receiver->judgement);
	for (size_t i = stretch->first; i < stretch->end && is_good; i++)
		partial_drop(receiver, i);
	pthread_mutex_unlock(&receiver->lock);
	return is_good ? SSUM_HOLDS : SSUM_DIFFERS;
}

/* Look at the first segments that are not good once more, with those behind them, while nobody else
   writes. 0 if they are now, or if there are none, which is *all_good; or SSUM_DIFFERS or a code.
 */
static int settle_next(struct ssum_receiver *receiver, bool *all_good)
{
	struct reading reading = {.stretch = {.first = 0}};
	const struct stretch *stretch = &reading.stretch;
	int rc = 0;

	close_to_others(receiver);
	*all_good = judgement_failed(&receiver->judgement, 0) == receiver->count;
	if (!*all_good)
		rc = follow_chain(receiver, &reading);
	if (!*all_good && !rc)
		rc = settle_chain(receiver, stretch);
	open_to_others(receiver);
	for (size_t i = stretch->first; i < stretch->end && !rc; i++)
		rc = segment_tell(receiver, i, SSUM_HOLDS);
	reading_end(&reading);
	return rc;
}

static int check_length(const struct ssum_receiver *receiver)
{
	struct stat st;

	if (fstat(receiver->fd, &st))
		return -errno;
	return (uint64_t)st.st_size == receiver->length ? 0 : SSUM_ERR_CHANGED;
}

int ssum_receiver_finish(struct ssum_receiver *receiver)
{
	bool all_good = false;
	int rc = context_cancelled(receiver->context) ? SSUM_ERR_CANCELLED : check_length(receiver);

	if (!rc)
		rc = judge_complete(receiver);
	while (!rc && !all_good)
		rc = settle_next(receiver, &all_good);
	return rc;
}
