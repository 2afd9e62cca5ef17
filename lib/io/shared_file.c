/* SPDX-License-Identifier: MIT */
#include "io/shared_file.h"

static struct shared_view *of(struct source *source)
{
	return container_of(source, struct shared_view, source);
}

static struct source *file_of(struct shared_view *view)
{
	return &view->shared->file.source;
}

void shared_file_init(struct shared_file *shared)
{
	*shared = (struct shared_file){.users = 0};
	pthread_mutex_init(&shared->lock, NULL);
}

void shared_file_end(struct shared_file *shared)
{
	pthread_mutex_destroy(&shared->lock);
}

/* Spans that were cut for another length would end at the wrong place, or in the middle of a block;
   and a file without a size of its own is read to its end, wherever a span ends. */
static bool is_as_cut(const struct shared_file *shared)
{
	const struct source *source = &shared->file.source;

	return !shared->is_cut ||
	       (source->size == shared->length && (source->has_size || !shared->length));
}

/* A file that is not the one from before is closed at once. */
static int open_file(struct shared_file *shared)
{
	struct source *source = &shared->file.source;
	int rc = source->ops->open(source);

	if (rc)
		return rc;
	if (!shared->seen) {
		shared->first = shared->file.before;
		shared->data.length = 0;
	}
	shared->seen = true;
	if (same_state(&shared->first, &shared->file.before) && is_as_cut(shared))
		return 0;
	source->ops->close(source);
	return SSUM_ERR_CHANGED;
}

static int view_open(struct source *source)
{
	struct shared_view *view = of(source);
	struct shared_file *shared = view->shared;
	int rc = 0;

	pthread_mutex_lock(&shared->lock);
	if (!shared->users)
		rc = open_file(shared);
	if (!rc)
		shared->users++;
	pthread_mutex_unlock(&shared->lock);
	if (rc)
		return rc;
	source->has_size = file_of(view)->has_size;
	source->start = file_of(view)->start;
	source->size = file_of(view)->size;
	/* It is the file that the view was told of. */
	struct ssum_extent last = view->map.last;
	view->map = shared->file.map;
	view->map.last = last;
	return 0;
}

/* ---- Where the data are ---- */

/*
 * To find the end of data costs the more the longer they are: of space that is reserved and not
 * written, the page cache is looked through. If each view did so, the time for a file of one extent
 * would grow with the square of its length. So views tell each other. That it is data is no claim
 * that could turn out wrong: what is taken for data is read.
 *
 * The one extent that is kept so is no use to spans that are given ahead, in a file of many: those
 * that run meanwhile have put another one in its place. Who gives them, and has asked for where
 * each of them begins, hands that on with shared_view_init_beside(), be it short or a hole.
 * (Measured: without it, each part of 32 MiB of two files that are compared asks four more times.)
 */
#define LONG_DATA MIB

static void learn(struct shared_view *view, uint64_t offset)
{
	struct shared_file *shared = view->shared;

	pthread_mutex_lock(&shared->lock);
	if (extent_covers(&shared->data, offset))
		view->map.last = shared->data;
	pthread_mutex_unlock(&shared->lock);
}

static void teach(const struct shared_view *view)
{
	struct shared_file *shared = view->shared;

	if (view->map.last.kind != SSUM_DATA || view->map.last.length < LONG_DATA)
		return;
	pthread_mutex_lock(&shared->lock);
	shared->data = view->map.last;
	pthread_mutex_unlock(&shared->lock);
}

static struct ssum_extent view_extent_at(struct source *source, uint64_t offset)
{
	struct shared_view *view = of(source);
	struct extent_map *map = &view->map;

	if (!map->ask || extent_covers(&map->last, offset))
		return extent_at(map, offset);
	learn(view, offset);
	bool is_news = !extent_covers(&map->last, offset);
	struct ssum_extent extent = extent_at(map, offset);

	if (is_news)
		teach(view);
	return extent;
}

/* ---- The source ---- */

static int view_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			size_t *got)
{
	struct source *file = file_of(of(source));

	return file->ops->read_at(file, buffer, length, offset, got);
}

static int view_check(struct source *source)
{
	struct source *file = file_of(of(source));

	return file->ops->check(file);
}

static void view_close(struct source *source)
{
	struct shared_file *shared = of(source)->shared;

	pthread_mutex_lock(&shared->lock);
	if (!--shared->users)
		shared->file.source.ops->close(&shared->file.source);
	pthread_mutex_unlock(&shared->lock);
}

static const struct source_ops view_ops = {
	.open = view_open,
	.extent_at = view_extent_at,
	.read_at = view_read_at,
	.check = view_check,
	.close = view_close,
};

void shared_view_init(struct shared_view *view, struct shared_file *shared)
{
	*view = (struct shared_view){.source.ops = &view_ops, .shared = shared};
}

void shared_view_init_beside(struct shared_view *view, const struct shared_view *other)
{
	shared_view_init(view, other->shared);
	view->map.last = other->map.last;
}
