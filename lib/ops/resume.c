/* SPDX-License-Identifier: MIT */
#include "ops/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/own_file.h"
#include "io/read_write.h"

/* The most work that an interruption can lose. */
#define SECONDS_BETWEEN 1

/* Hashing a smaller file again costs no more than looking it up. */
#define RESUME_MIN (64 * KIB)

/* ---- The key ---- */

int resume_key_add(struct resume_key *key, const void *data, size_t length)
{
	uint64_t prefix = length;
	int rc = ssum_stream_update(&key->stream, &prefix, sizeof(prefix));

	return rc ? rc : ssum_stream_update(&key->stream, data, length);
}

int resume_key_begin(struct resume_key *key, const char *work, int directory, enum ssum_holes holes,
		     const struct algorithms *algorithms)
{
	struct stat st;
	int rc = algorithm_find("sha1", &key->sha1);

	key->stream = (struct ssum_stream){.finished = true};
	if (!rc)
		rc = stream_init(&key->stream, &key->sha1);
	if (!rc && fstat(directory, &st))
		rc = -errno;
	if (!rc)
		rc = resume_key_add(key, work, strlen(work));
	if (!rc)
		rc = resume_key_add(key, &st.st_dev, sizeof(st.st_dev));
	if (!rc)
		rc = resume_key_add(key, &st.st_ino, sizeof(st.st_ino));
	if (!rc) /* a run that reads all bytes must not reuse results that rely on reported holes
		  */
		rc = resume_key_add(key, &holes, sizeof(holes));
	for (size_t i = 0; i < algorithms->count && !rc; i++)
		rc = resume_key_add(key, algorithms->rows[i].name,
				    strlen(algorithms->rows[i].name));
	return rc;
}

void resume_key_end(struct resume_key *key)
{
	stream_clear(&key->stream);
	algorithm_release(&key->sha1);
}

/* ---- Beginning and end ---- */

static int resume_compare_names(const void *left, const void *right)
{
	const struct journal_entry *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* By name, and the last entry of a name first. */
static int resume_compare_entries(const void *left, const void *right)
{
	const struct journal_entry *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->number < b->number ? 1 : -1;
}

/* Sort by name. A file that changed has several entries, and the last one counts. */
static void resume_sort(struct journal_entries *entries)
{
	size_t kept = 0;

	if (entries->count)
		qsort(entries->rows, entries->count, sizeof(*entries->rows),
		      resume_compare_entries);
	for (size_t i = 0; i < entries->count; i++) {
		struct journal_entry *row = &entries->rows[i];

		if (kept && !strcmp(row->name, entries->rows[kept - 1].name))
			journal_entry_free(row);
		else
			entries->rows[kept++] = *row;
	}
	entries->count = kept;
}

static void resume_set_due(struct resume *resume)
{
	clock_gettime(CLOCK_MONOTONIC, &resume->due);
	resume->due.tv_sec += SECONDS_BETWEEN;
}

int resume_begin(struct resume *resume, const char *path, struct resume_key *key, bool use,
		 const struct algorithms *algorithms)
{
	struct ssum_digest digest;
	char key_hex[SSUM_HEX_MAX];
	int rc;

	*resume = (struct resume){.path = path, .fd = -1, .algorithms = algorithms->count};
	pthread_mutex_init(&resume->lock, NULL);
	if (!path)
		return 0;
	resume_set_due(resume);
	rc = journal_begin(&resume->journal, algorithms);
	if (!rc)
		rc = ssum_stream_final(&key->stream, &digest);
	if (rc)
		return rc;
	ssum_digest_hex(&digest, key_hex);

	int fd = use ? own_file_open(path, O_RDONLY) : -1;
	if (fd >= 0) {
		rc = journal_read(&resume->journal, fd, key_hex, &resume->entries);
		close(fd);
		if (rc == -ENOMEM)
			return rc;
		resume_sort(&resume->entries);
		for (size_t i = 0; i < resume->entries.count; i++)
			resume->recorded += resume_file_of(&resume->entries.rows[i]).recorded;
		resume->recorded_before = resume->recorded;
	}
	resume->written = resume->entries.length;
	return resume->written ? 0 : journal_append_head(&resume->journal, &resume->text, key_hex);
}

/* Write the notes. If that fails, the operation continues and records nothing more. */
static void resume_flush(struct resume *resume)
{
	struct bytes text;
	int rc = 0;

	pthread_mutex_lock(&resume->lock);
	text = resume->text;
	resume->text = (struct bytes){0};
	pthread_mutex_unlock(&resume->lock);
	if (!text.length)
		return;

	/* The file is created now, or cut after its last good line. */
	if (resume->fd < 0) {
		resume->fd = own_file_lock(resume->path);
		if (resume->fd < 0)
			rc = resume->fd;
		else if (uninterrupted(ftruncate(resume->fd, (off_t)resume->written)))
			rc = -errno;
	}
	if (!rc)
		rc = write_exactly(resume->fd, text.data, text.length, resume->written);
	if (!rc && uninterrupted(fdatasync(resume->fd)))
		rc = -errno;
	resume->written += text.length;
	bytes_free(&text);
	if (!rc)
		return;
	resume->is_taken = rc == -EBUSY;
	pthread_mutex_lock(&resume->lock);
	resume->failed = true;
	bytes_free(&resume->text);
	pthread_mutex_unlock(&resume->lock);
}

void resume_tick(struct resume *resume)
{
	struct timespec now;

	if (!resume->path || resume->failed)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < resume->due.tv_sec ||
	    (now.tv_sec == resume->due.tv_sec && now.tv_nsec < resume->due.tv_nsec))
		return;
	resume_flush(resume);
	resume_set_due(resume);
}

void resume_end(struct resume *resume, int rc, struct ssum_summary *summary)
{
	if (resume->path && rc != SSUM_ERR_CANCELLED)
		own_file_remove(resume->path, resume->fd);
	else if (resume->path && !resume->failed && resume->journal.files)
		resume_flush(resume);
	summary->journal_taken = resume->is_taken;
	/* What an earlier run has recorded is there also if this run has recorded nothing. */
	if (rc == SSUM_ERR_CANCELLED && !resume->failed)
		summary->recorded = resume->recorded;
	if (resume->fd >= 0)
		close(resume->fd);
	journal_entries_free(&resume->entries);
	if (resume->path)
		journal_end(&resume->journal);
	bytes_free(&resume->text);
	pthread_mutex_destroy(&resume->lock);
	*resume = (struct resume){.fd = -1};
}

/* ---- Progress ---- */

const struct journal_entry *resume_find(const struct resume *resume, int root, const char *path)
{
	const struct journal_entry wanted = {.name = (char *)path};
	const struct journal_entries *entries = &resume->entries;
	const struct journal_entry *entry = NULL;
	struct file_identity identity;
	bool is_same = false;
	struct stat now;

	if (entries->count)
		entry = bsearch(&wanted, entries->rows, entries->count, sizeof(*entries->rows),
				resume_compare_names);
	if (!entry || (!entry->done && !entry->parts))
		return NULL;
	int fd = beneath_open(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &now)) {
		identity = identity_of(&now);
		is_same = identity_equal(&identity, &entry->identity);
	}
	close(fd);
	return is_same ? entry : NULL;
}

struct resume_file resume_file_of(const struct journal_entry *entry)
{
	return (struct resume_file){
		.begun = true,
		.identity = entry->identity,
		.number = entry->number,
		.recorded = entry->done ? entry->identity.size : entry->parts * entry->interval,
	};
}

void resume_note(struct resume *resume, struct resume_file *file,
		 const struct file_identity *identity, const char *name, uint64_t offset,
		 const struct ssum_digest *values)
{
	int rc = 0;

	if (!resume->path || (offset == JOURNAL_DONE && identity->size < RESUME_MIN))
		return;
	pthread_mutex_lock(&resume->lock);
	if (resume->failed) {
		rc = -EIO;
	} else if (!file->begun || !identity_equal(&file->identity, identity)) {
		/* The line of the file comes before all others about it. */
		file->begun = true;
		file->identity = *identity;
		resume->recorded -= file->recorded;
		file->recorded = 0;
		rc = journal_append_file(&resume->journal, &resume->text, identity, name,
					 &file->number);
	}
	if (!rc)
		rc = journal_append_progress(&resume->journal, &resume->text, file->number, offset,
					     values, resume->algorithms);
	if (rc) {
		bytes_free(&resume->text);
	} else {
		uint64_t recorded = offset == JOURNAL_DONE ? identity->size : offset;

		resume->recorded += recorded - file->recorded;
		file->recorded = recorded;
	}
	pthread_mutex_unlock(&resume->lock);
}
