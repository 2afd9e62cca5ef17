/* SPDX-License-Identifier: MIT */
#include "ops/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/file_source.h"
#include "io/read_write.h"
#include "io/own_file.h"

/* Work of less than this is done again rather than kept. */
#define SECONDS_BETWEEN 1

/* ---- The journal of the run before ---- */

static int by_name(const void *left, const void *right)
{
	const struct journal_entry *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* A file that changed has several entries: the last one counts. */
static int by_name_and_age(const void *left, const void *right)
{
	const struct journal_entry *a = left, *b = right;
	int order = by_name(a, b);

	return order ? order : a->number < b->number ? 1 : -1;
}

static void sort_entries(struct journal_entries *entries)
{
	size_t kept = 0;

	if (entries->count)
		qsort(entries->rows, entries->count, sizeof(*entries->rows), by_name_and_age);
	for (size_t i = 0; i < entries->count; i++) {
		struct journal_entry *row = &entries->rows[i];

		if (kept && !by_name(row, &entries->rows[kept - 1]))
			journal_entry_free(row);
		else
			entries->rows[kept++] = *row;
	}
	entries->count = kept;
}

static int read_journal(struct resume *resume, const char *key)
{
	int fd = own_file_open(resume->path);
	int rc;

	if (fd < 0)
		return 0;
	rc = journal_read(&resume->journal, fd, key, &resume->entries);
	close(fd);
	resume->is_old = resume->entries.length != 0;
	sort_entries(&resume->entries);
	return rc == -ENOMEM ? rc : 0;
}

const struct journal_entry *resume_find(const struct resume *resume, int root, const char *path)
{
	const struct journal_entry wanted = {.name = (char *)path};
	const struct journal_entries *entries = &resume->entries;
	const struct journal_entry *entry =
		entries->count ? bsearch(&wanted, entries->rows, entries->count,
					 sizeof(*entries->rows), by_name)
			       : NULL;
	struct stat now;

	if (!entry || (!entry->done && !entry->parts))
		return NULL;
	int fd = beneath_open(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool is_same = fd >= 0 && !fstat(fd, &now) && same_state(&now, &entry->state);
	if (fd >= 0)
		close(fd);
	return is_same ? entry : NULL;
}

void entry_digests(const struct journal_entry *entry, const struct algorithms *algorithms,
		   struct ssum_digest *digests)
{
	const char *at = entry->digests.data;

	for (size_t i = 0; i < algorithms->count; i++) {
		digests[i] = (struct ssum_digest){.length = algorithms->rows[i].digest_length};
		memcpy(digests[i].bytes, at, digests[i].length);
		at += digests[i].length;
	}
}

void entry_value(const struct journal_entry *entry, size_t parts,
		 const struct algorithms *algorithms, size_t row, struct ssum_digest *value)
{
	const char *at = entry->values.data + (parts - 1) * (entry->values.length / entry->parts);

	for (size_t i = 0; i < row; i++)
		at += chain_length(&algorithms->rows[i]);
	*value = (struct ssum_digest){.length = chain_length(&algorithms->rows[row])};
	memcpy(value->bytes, at, value->length);
}

/* ---- The journal of this run ---- */

/* Behind the good part of the journal that was there, or from its beginning. */
static int open_for_writing(struct resume *resume)
{
	int fd = own_file_hold(resume->path);

	if (fd < 0)
		return fd;
	if (uninterrupted(ftruncate(fd, (off_t)resume->entries.length)) ||
	    lseek(fd, 0, SEEK_END) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	resume->fd = fd;
	return 0;
}

/* A journal that cannot be written is no reason to stop; what it would have spared is done again.
 */
static void flush(struct resume *resume)
{
	struct bytes text;
	int rc = 0;

	pthread_mutex_lock(&resume->lock);
	text = resume->text;
	resume->text = (struct bytes){0};
	pthread_mutex_unlock(&resume->lock);
	if (text.length && resume->fd < 0)
		rc = open_for_writing(resume);
	if (!rc && text.length)
		rc = write_exactly(resume->fd, text.data, text.length, AT_POSITION);
	if (!rc && text.length && uninterrupted(fdatasync(resume->fd)))
		rc = -errno;
	bytes_free(&text);
	if (!rc)
		return;
	resume->is_taken = rc == -EBUSY;
	pthread_mutex_lock(&resume->lock);
	resume->failed = true;
	bytes_free(&resume->text);
	pthread_mutex_unlock(&resume->lock);
}

static bool is_kept(const struct resume *resume)
{
	return resume->path && !resume->failed;
}

static void set_due(struct resume *resume)
{
	clock_gettime(CLOCK_MONOTONIC, &resume->due);
	resume->due.tv_sec += SECONDS_BETWEEN;
}

void resume_tick(struct resume *resume)
{
	struct timespec now;

	if (!is_kept(resume))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < resume->due.tv_sec ||
	    (now.tv_sec == resume->due.tv_sec && now.tv_nsec < resume->due.tv_nsec))
		return;
	flush(resume);
	set_due(resume);
}

/* With the lock held: the file's own line, before any other of it. */
static int begin_file(struct resume *resume, struct resume_file *file, const struct stat *state,
		      const char *name)
{
	if (file->begun && same_state(&file->state, state))
		return 0;
	file->begun = true;
	file->state = *state;
	return journal_append_file(&resume->journal, &resume->text, state, name, &file->number);
}

void resume_part(struct resume *resume, struct resume_file *file, const struct stat *state,
		 const char *name, uint64_t offset, const struct ssum_digest *values)
{
	int rc;

	if (!resume->path)
		return;
	pthread_mutex_lock(&resume->lock);
	rc = resume->failed ? -EIO : begin_file(resume, file, state, name);
	if (!rc)
		rc = journal_append_part(&resume->journal, &resume->text, file->number, offset,
					 values, resume->algorithms);
	if (rc)
		bytes_free(&resume->text);
	pthread_mutex_unlock(&resume->lock);
}

void resume_done(struct resume *resume, struct resume_file *file, const struct stat *state,
		 const char *name, const struct ssum_digest *digests)
{
	int rc;

	if (!resume->path || (uint64_t)state->st_size < RESUME_MIN)
		return;
	pthread_mutex_lock(&resume->lock);
	rc = resume->failed ? -EIO : begin_file(resume, file, state, name);
	if (!rc)
		rc = journal_append_done(&resume->journal, &resume->text, file->number, digests,
					 resume->algorithms);
	if (rc)
		bytes_free(&resume->text);
	pthread_mutex_unlock(&resume->lock);
}

/* ---- Beginning and end ---- */

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
	if (!rc) /* who asks for every byte is not to get what a file system said of its holes */
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

static int begin_journal(struct resume *resume, struct resume_key *owner, bool use)
{
	struct ssum_digest digest;
	char key[SSUM_HEX_MAX];
	int rc = ssum_stream_final(&owner->stream, &digest);

	if (rc)
		return rc;
	ssum_digest_hex(&digest, key);
	rc = use ? read_journal(resume, key) : 0;
	if (!rc && !resume->is_old)
		rc = journal_append_head(&resume->journal, &resume->text, key);
	return rc;
}

int resume_begin(struct resume *resume, const char *path, struct resume_key *key, bool use,
		 const struct algorithms *algorithms)
{
	int rc;

	*resume = (struct resume){.path = path, .fd = -1, .algorithms = algorithms->count};
	pthread_mutex_init(&resume->lock, NULL);
	if (!path)
		return 0;
	set_due(resume);
	rc = journal_begin(&resume->journal, algorithms);
	return rc ? rc : begin_journal(resume, key, use);
}

bool resume_end(struct resume *resume, int rc)
{
	bool is_taken;

	if (rc == SSUM_ERR_CANCELLED && is_kept(resume) && resume->journal.files)
		flush(resume);
	else if (resume->path && rc != SSUM_ERR_CANCELLED)
		own_file_remove(resume->path, resume->fd);
	is_taken = resume->is_taken;
	if (resume->fd >= 0)
		close(resume->fd);
	journal_entries_free(&resume->entries);
	if (resume->path)
		journal_end(&resume->journal);
	bytes_free(&resume->text);
	pthread_mutex_destroy(&resume->lock);
	*resume = (struct resume){.fd = -1};
	return is_taken;
}
