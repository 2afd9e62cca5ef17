/* SPDX-License-Identifier: MIT */
#include "ops/resumable.h"

#include <errno.h>
#include <stdlib.h>

#include "io/shared_file.h"

/* A file that an interrupted run was at: it has to be the very same still. */
struct earlier {
	const struct journal_entry *entry;
	struct shared_file shared;
	struct shared_view view;
	struct ssum_digest values[]; /* the chaining values where this run begins */
};

static const struct algorithms *algorithms_of(const struct resumable *hash)
{
	return hash->sink.digest.algorithms;
}

void resumable_init(struct resumable *hash, struct job *job, const struct algorithms *algorithms,
		    struct ssum_digest *digests)
{
	*hash = (struct resumable){.job = job};
	checkpoint_sink_init(&hash->sink, algorithms, digests);
	job->span = (struct span){.sink = &hash->sink.digest.sink, .end = SPAN_TO_END};
}

static void forget_earlier(struct resumable *hash)
{
	if (hash->earlier)
		shared_file_end(&hash->earlier->shared);
	free(hash->earlier);
	hash->earlier = NULL;
}

void resumable_clear(struct resumable *hash)
{
	checkpoint_sink_clear(&hash->sink);
	forget_earlier(hash);
}

/* ---- Progress that is kept ---- */

/* What the file was when it was opened, whoever opened it. */
static const struct stat *state_of(const struct resumable *hash)
{
	return hash->earlier ? &hash->earlier->shared.first : &hash->file.before;
}

static int keep_progress(struct digest_sink *digest, uint64_t offset)
{
	struct checkpoint_sink *sink = container_of(digest, struct checkpoint_sink, digest);
	struct resumable *hash = container_of(sink, struct resumable, sink);
	struct ssum_digest *values;
	int rc = sink->checkpoints ? checkpoint_sink_keep(sink, offset) : 0;

	if (rc || !hash->resume->path || !hash->resume->journal.value_length)
		return rc;
	values = calloc(digest->algorithms->count, sizeof(*values));
	rc = values ? digest_sink_values(digest, values) : -ENOMEM;
	if (!rc)
		resume_part(hash->resume, &hash->kept, state_of(hash), hash->job->path, offset,
			    values);
	free(values);
	return rc;
}

/* ---- What is taken over ---- */

/* Checkpoints are gathered from the first on: an entry has to have all that are behind it. */
static bool is_of_use(const struct resumable *hash, const struct journal_entry *entry)
{
	uint64_t interval = hash->sink.digest.sink.interval;

	if (!hash->sink.checkpoints)
		return true;
	return (!entry->parts || entry->interval == interval) &&
	       (!entry->done ||
		entry->parts >= checkpoint_count((uint64_t)entry->state.st_size, interval));
}

/* Those behind some of the parts. */
static void set_values(const struct resumable *hash, struct earlier *earlier, size_t parts)
{
	for (size_t i = 0; i < algorithms_of(hash)->count; i++)
		entry_value(earlier->entry, parts, algorithms_of(hash), i, &earlier->values[i]);
}

static int take_checkpoints(struct resumable *hash, struct earlier *earlier)
{
	const struct journal_entry *entry = earlier->entry;
	int rc = 0;

	for (size_t i = 1; i <= entry->parts && hash->sink.checkpoints && !rc; i++) {
		set_values(hash, earlier, i);
		rc = checkpoint_sink_take(&hash->sink, i * entry->interval, earlier->values);
	}
	return rc;
}

static struct earlier *earlier_new(const struct resumable *hash, const struct journal_entry *entry)
{
	struct earlier *earlier = calloc(1, sizeof(*earlier) + algorithms_of(hash)->count *
								       sizeof(earlier->values[0]));

	if (!earlier)
		return NULL;
	earlier->entry = entry;
	shared_file_init(&earlier->shared);
	earlier->shared.file = hash->file;
	earlier->shared.first = entry->state;
	earlier->shared.seen = true;
	shared_view_init(&earlier->view, &earlier->shared);
	return earlier;
}

/* Behind the last part, or at the end. */
static uint64_t begin_at(const struct journal_entry *entry)
{
	return entry->done ? (uint64_t)entry->state.st_size : entry->parts * entry->interval;
}

static int take_over(struct resumable *hash, const struct journal_entry *entry)
{
	struct earlier *earlier = earlier_new(hash, entry);
	struct span *span = &hash->job->span;

	hash->earlier = earlier;
	if (!earlier || take_checkpoints(hash, earlier))
		return -ENOMEM;
	hash->kept =
		(struct resume_file){.begun = true, .state = entry->state, .number = entry->number};
	span->source = &earlier->view.source;
	span->start = begin_at(entry);
	if (entry->done)
		return 0;
	set_values(hash, earlier, entry->parts);
	hash->sink.digest.offset = span->start;
	hash->sink.digest.values = earlier->values;
	return 0;
}

static void start_anew(struct resumable *hash)
{
	forget_earlier(hash);
	hash->sink.digest.offset = 0;
	hash->sink.digest.values = NULL;
	hash->job->span.start = 0;
	hash->job->span.source = &hash->file.source;
}

/* ---- All together ---- */

static int set_interval(struct resumable *hash, uint64_t interval, uint64_t length)
{
	int rc = 0;

	if (interval == SSUM_NO_CHECKPOINTS)
		interval = SSUM_CHECKPOINT_INTERVAL;
	else if (length > interval)
		rc = checkpoint_sink_gather(&hash->sink, checkpoint_interval_for(length, interval));
	if (!hash->sink.checkpoints && length > interval && hash->resume->path)
		hash->sink.digest.sink.interval = interval;
	hash->sink.digest.mark = keep_progress;
	return rc;
}

int resumable_set(struct resumable *hash, const struct resumable_options *options, uint64_t length)
{
	const struct journal_entry *entry;
	int rc;

	hash->resume = options->resume;
	operation_source(options->operation, &hash->file, options->root, hash->job->path);
	hash->job->span.source = &hash->file.source;
	rc = set_interval(hash, options->interval, length);
	if (rc)
		return rc;
	entry = resume_find(options->resume, options->root, hash->job->path);
	return entry && is_of_use(hash, entry) ? take_over(hash, entry) : 0;
}

uint64_t resumable_due(const struct resumable *hash, uint64_t length)
{
	return length - min_u64(length, hash->job->span.start);
}

bool resumable_done(struct resumable *hash, uint64_t *length)
{
	const struct span *span = &hash->job->span;

	*length = span->start + span->length;
	if (span->result && hash->earlier) {
		start_anew(hash);
		return true;
	}
	if (span->result)
		return false;
	if (hash->earlier && hash->earlier->entry->done)
		entry_digests(hash->earlier->entry, algorithms_of(hash), hash->sink.digest.digests);
	else
		resume_done(hash->resume, &hash->kept, state_of(hash), hash->job->path,
			    hash->sink.digest.digests);
	return false;
}
