/* SPDX-License-Identifier: MIT */
#include "io/shared_file.h"

void shared_file_init(struct shared_file *shared)
{
	*shared = (struct shared_file){.users = 0};
	pthread_mutex_init(&shared->lock, NULL);
}

void shared_file_end(struct shared_file *shared)
{
	pthread_mutex_destroy(&shared->lock);
}

static int shared_view_open(struct source *source, const struct waiter *waiter)
{
	struct shared_view *view = container_of(source, struct shared_view, source);
	struct shared_file *shared = view->shared;
	struct source *file = &shared->file.source;
	struct file_identity identity;
	int rc = 0;

	source->changes = 0;
	pthread_mutex_lock(&shared->lock);
	if (!shared->users) {
		rc = file->ops->open(file, waiter);
		if (rc)
			goto out;
		identity = identity_of(&shared->file.before);
		if (!shared->seen) {
			shared->first = identity;
			shared->data.length = 0;
		}
		shared->seen = true;
		shared->knows_holes = shared->file.knows_holes;

		/* The file must be the same one as before. If the spans were made for a length, the
		   file must have it. Otherwise they would end at a wrong offset, or within a block.
		   A file without a size is read to its end, wherever a span ends. */
		bool is_as_long = !shared->is_divided || (file->size == shared->length &&
							  (file->has_size || !shared->length));
		if (!identity_equal(&shared->first, &identity) || !is_as_long) {
			file->ops->close(file);
			source->changes = identity_changes(&shared->first, &identity);
			rc = SSUM_ERR_CHANGED;
			goto out;
		}
	}
	shared->users++;
out:
	pthread_mutex_unlock(&shared->lock);
	if (rc)
		return rc;
	source->is_unsettled = file->is_unsettled;
	source->has_size = file->has_size;
	source->start = file->start;
	source->size = file->size;

	/* Keep the last extent of the view: the file is the same and unchanged. */
	struct ssum_extent last = view->map.last;
	view->map = shared->file.map;
	view->map.last = last;
	return 0;
}

/*
 * From this length on, the views of a file share the last data extent. To find the end of long data
 * is expensive: for space that is reserved and not written, the kernel searches the page cache. If
 * each view did that, the time for a file of one extent would grow with the square of its length.
 * An outdated extent cannot make a digest wrong, since data is always read.
 *
 * In a file of many extents, this does not help spans that wait in a queue: the spans that run
 * meanwhile replace the shared extent. A caller that knows the extent at the start of a span passes
 * it to shared_view_init(), also if it is short or a hole. (Measured: without this, the comparison
 * of two files makes four more queries for each part of 32 MiB.)
 */
#define LONG_DATA MIB

static struct ssum_extent shared_view_extent_at(struct source *source, uint64_t offset)
{
	struct shared_view *view = container_of(source, struct shared_view, source);
	struct shared_file *shared = view->shared;
	struct extent_map *map = &view->map;

	if (!map->ask || extent_covers(&map->last, offset))
		return extent_at(map, offset);

	pthread_mutex_lock(&shared->lock);
	bool is_shared = extent_covers(&shared->data, offset);
	if (is_shared)
		map->last = shared->data;
	pthread_mutex_unlock(&shared->lock);

	struct ssum_extent extent = extent_at(map, offset);
	if (!is_shared && map->last.kind == SSUM_DATA && map->last.length >= LONG_DATA) {
		pthread_mutex_lock(&shared->lock);
		shared->data = map->last;
		pthread_mutex_unlock(&shared->lock);
	}
	return extent;
}

static int shared_view_read_at(struct source *source, void *buffer, size_t length, uint64_t offset,
			       size_t *got)
{
	struct shared_view *view = container_of(source, struct shared_view, source);
	struct source *file = &view->shared->file.source;

	return file->ops->read_at(file, buffer, length, offset, got);
}

static int shared_view_check(struct source *source)
{
	struct shared_file *shared = container_of(source, struct shared_view, source)->shared;
	struct source *file = &shared->file.source;

	pthread_mutex_lock(&shared->lock);
	int rc = file->ops->check(file);
	source->changes = file->changes;
	pthread_mutex_unlock(&shared->lock);
	return rc;
}

static void shared_view_forget(struct source *source)
{
	struct source *file =
		&container_of(source, struct shared_view, source)->shared->file.source;

	file->ops->forget(file);
}

static void shared_view_close(struct source *source)
{
	struct shared_file *shared = container_of(source, struct shared_view, source)->shared;

	pthread_mutex_lock(&shared->lock);
	if (!--shared->users)
		shared->file.source.ops->close(&shared->file.source);
	pthread_mutex_unlock(&shared->lock);
}

static const struct source_ops shared_view_ops = {
	.open = shared_view_open,
	.extent_at = shared_view_extent_at,
	.read_at = shared_view_read_at,
	.check = shared_view_check,
	.forget = shared_view_forget,
	.close = shared_view_close,
};

void shared_view_init(struct shared_view *view, struct shared_file *shared,
		      const struct ssum_extent *known)
{
	*view = (struct shared_view){.source.ops = &shared_view_ops, .shared = shared};
	if (known)
		view->map.last = *known;
}
