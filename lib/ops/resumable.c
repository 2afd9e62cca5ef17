/* SPDX-License-Identifier: MIT */
#include "ops/resumable.h"

#include <errno.h>
#include <stdlib.h>

#include "io/shared_file.h"

/* What an interrupted run has done of the file. The shared file refuses to open a file of another
   identity. */
struct earlier {
	const struct journal_entry *entry;
	struct shared_file shared;
	struct shared_view view;
	struct ssum_digest values[]; /* the chaining values where this run begins, by algorithm */
};

void resumable_init(struct resumable *hash, struct job *job, const struct algorithms *algorithms,
		    struct ssum_digest *digests)
{
	*hash = (struct resumable){.job = job};
	digest_sink_init(&hash->sink.digest, algorithms, digests);
	job->span = (struct span){.sink = &hash->sink.digest.sink, .end = SPAN_TO_END};
}

static void resumable_forget_earlier(struct resumable *hash)
{
	if (hash->earlier)
		shared_file_end(&hash->earlier->shared);
	free(hash->earlier);
	hash->earlier = NULL;
}

void resumable_clear(struct resumable *hash)
{
	checkpoint_sink_clear(&hash->sink);
	resumable_forget_earlier(hash);
}

struct file_identity resumable_identity(const struct resumable *hash)
{
	return hash->earlier ? hash->earlier->shared.first : identity_of(&hash->file.before);
}

/* Note progress of the file as it was when it was opened. A later run could not detect a change of
   a file that has not settled. */
static void resumable_note(struct resumable *hash, uint64_t offset,
			   const struct ssum_digest *values)
{
	if (hash->job->span.read_twice)
		return;
	struct file_identity identity = resumable_identity(hash);

	resume_note(hash->resume, &hash->kept, &identity, hash->job->path, offset, values);
}

/* The span has reached a multiple of the interval. */
static int resumable_mark(struct sink *base, uint64_t offset)
{
	struct checkpoint_sink *sink = container_of(base, struct checkpoint_sink, digest.sink);
	struct resumable *hash = container_of(sink, struct resumable, sink);
	struct ssum_digest *values;
	int rc = sink->checkpoints ? checkpoint_sink_keep(sink, offset, NULL) : 0;

	if (rc || !hash->resume->path || !hash->resume->journal.value_length)
		return rc;
	values = calloc(sink->digest.algorithms->count, sizeof(*values));
	rc = values ? digest_sink_values(&sink->digest, values) : -ENOMEM;
	if (!rc)
		resumable_note(hash, offset, values);
	free(values);
	return rc;
}

/* The chaining values after some parts of the entry. */
static void resumable_set_values(const struct resumable *hash, struct earlier *earlier,
				 size_t parts)
{
	const struct algorithms *algorithms = hash->sink.digest.algorithms;

	for (size_t i = 0; i < algorithms->count; i++)
		journal_entry_value(earlier->entry, parts, algorithms, i, &earlier->values[i]);
}

/* Begin where the interrupted run has stopped. 0 or -ENOMEM. */
static int resumable_take_over(struct resumable *hash, const struct journal_entry *entry)
{
	const struct algorithms *algorithms = hash->sink.digest.algorithms;
	uint64_t interval = hash->sink.digest.sink.interval;
	struct span *span = &hash->job->span;
	struct earlier *earlier;
	int rc = 0;

	/* If checkpoints are gathered, the entry must have all of those before the place where this
	   run begins. */
	if (hash->sink.checkpoints &&
	    ((entry->parts && entry->interval != interval) ||
	     (entry->done && entry->parts < checkpoint_count(entry->identity.size, interval))))
		return 0;

	earlier = calloc(1, sizeof(*earlier) + algorithms->count * sizeof(earlier->values[0]));
	if (!earlier)
		return -ENOMEM;
	hash->earlier = earlier;
	earlier->entry = entry;
	shared_file_init(&earlier->shared);
	earlier->shared.file = hash->file;
	earlier->shared.first = entry->identity;
	earlier->shared.seen = true;
	shared_view_init(&earlier->view, &earlier->shared, NULL);

	for (size_t i = 1; i <= entry->parts && hash->sink.checkpoints && !rc; i++) {
		resumable_set_values(hash, earlier, i);
		rc = checkpoint_sink_keep(&hash->sink, i * entry->interval, earlier->values);
	}
	if (rc)
		return rc;

	hash->kept = resume_file_of(entry);
	span->source = &earlier->view.source;
	if (entry->done) {
		/* The span only opens the file, to see that it is the same one. */
		span->start = entry->identity.size;
		return 0;
	}
	resumable_set_values(hash, earlier, entry->parts);
	span->start = entry->parts * entry->interval;
	hash->sink.digest.offset = span->start;
	hash->sink.digest.values = earlier->values;
	return 0;
}

int resumable_set(struct resumable *hash, const struct resumable_options *options, uint64_t length)
{
	uint64_t interval = options->interval;
	const struct journal_entry *entry;
	int rc = 0;

	hash->resume = options->resume;
	operation_source(options->operation, &hash->file, options->root, hash->job->path);
	hash->job->span.source = &hash->file.source;

	/* Progress is noted at the checkpoints, or at the default interval without any. */
	if (interval == SSUM_NO_CHECKPOINTS)
		interval = SSUM_CHECKPOINT_INTERVAL;
	else if (length > interval)
		rc = checkpoint_sink_collect(&hash->sink,
					     checkpoint_interval_for(length, interval));
	if (rc)
		return rc;
	if (!hash->sink.checkpoints && length > interval && hash->resume->path)
		hash->sink.digest.sink.interval = interval;
	hash->sink.digest.sink.mark = resumable_mark;

	entry = resume_find(options->resume, options->root, hash->job->path);
	return entry ? resumable_take_over(hash, entry) : 0;
}

uint64_t resumable_due(const struct resumable *hash, uint64_t length)
{
	return length - min_u64(length, hash->job->span.start);
}

bool resumable_done(struct resumable *hash, uint64_t *length)
{
	struct digest_sink *sink = &hash->sink.digest;
	struct span *span = &hash->job->span;

	*length = span->start + span->length;
	if (span->result && hash->earlier) {
		/* Hash the file as it is now, from the beginning. */
		resumable_forget_earlier(hash);
		sink->offset = 0;
		sink->values = NULL;
		span->start = 0;
		span->source = &hash->file.source;
		return true;
	}
	if (span->result)
		return false;
	if (hash->earlier && hash->earlier->entry->done)
		journal_entry_digests(hash->earlier->entry, sink->algorithms, sink->digests);
	else
		resumable_note(hash, JOURNAL_DONE, sink->digests);
	return false;
}
