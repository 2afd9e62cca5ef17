/* SPDX-License-Identifier: MIT */
/*
 * The state of a receiver as a text file (docs/receiver.md): saving, and loading, which trusts the
 * state if the file is unchanged since it was saved.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/atomic_file.h"
#include "io/file_times.h"
#include "io/identity.h"
#include "io/read_write.h"
#include "io/opening.h"
#include "manifest/lines.h"
#include "ops/receiver.h"

#define STATE_HEAD "sparsesum-receiver 2\n"
#define STATE_END "end\n"

/* More than the longest line. */
#define STATE_LINE_ROOM 512

/*
 * Append the head and the line "content", which must be equal when the state is loaded. They
 * include a digest of all checkpoint values. A segment is good *between two values*; with other
 * checkpoints it is not proven. 0 or a code.
 */
static int state_append_content(const struct ssum_receiver *receiver, struct bytes *text)
{
	const struct ssum_checkpoints *checkpoints = &receiver->checkpoints;
	char line[STATE_LINE_ROOM], digest_hex[SSUM_HEX_MAX], values_hex[SSUM_HEX_MAX];
	struct ssum_digest values;
	struct ssum_stream *stream;
	int rc = ssum_stream_new("sha256", &stream);

	if (rc)
		return rc;
	rc = ssum_stream_update(stream, checkpoints->values,
				checkpoints->count * checkpoints->value_length);
	if (!rc)
		rc = ssum_stream_final(stream, &values);
	ssum_stream_free(stream);
	if (rc)
		return rc;
	ssum_digest_hex(&checkpoints->digest, digest_hex);
	ssum_digest_hex(&values, values_hex);
	snprintf(line, sizeof(line), STATE_HEAD "content\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\n",
		 receiver->algorithm.name, digest_hex, receiver->length, checkpoints->interval,
		 values_hex);
	return bytes_append_string(text, line);
}

/* ---- Saving ---- */

/* Ranges, as they were with the lock held. In memory they take less than their lines. */
struct state_ranges {
	struct ssum_range *at;
	size_t count, capacity;
	size_t good; /* the first ones are good, the others received */
};

/* With the lock held: append all ranges in a state. 0 or -ENOMEM. */
static int state_list(const struct ssum_receiver *receiver, enum byte_state state,
		      struct state_ranges *ranges)
{
	struct ssum_range range;
	uint64_t offset = 0;
	int rc = 0;

	while (!rc && segment_next_range(receiver, state, &offset, &range)) {
		rc = array_reserve(&ranges->at, &ranges->capacity, ranges->count + 1,
				   sizeof(range));
		if (!rc)
			ranges->at[ranges->count++] = range;
	}
	return rc;
}

/* Write the lines of a state whose file has that identity. 0 or a code. */
static int state_write(const struct ssum_receiver *receiver, const struct file_identity *identity,
		       const struct state_ranges *ranges, struct atomic_file *file)
{
	char line[STATE_LINE_ROOM], formatted[IDENTITY_MAX];
	struct bytes head = {0};
	int rc = state_append_content(receiver, &head);

	identity_format(formatted, identity);
	if (!rc)
		rc = bytes_append_strings(&head, "file\t", formatted, "\n", NULL);
	if (!rc)
		rc = atomic_file_write(file, head.data, head.length);
	bytes_free(&head);
	for (size_t i = 0; i < ranges->count && !rc; i++) {
		int length = snprintf(line, sizeof(line), "%s\t%" PRIu64 "\t%" PRIu64 "\n",
				      i < ranges->good ? "good" : "received", ranges->at[i].offset,
				      ranges->at[i].length);

		rc = atomic_file_write(file, line, (size_t)length);
	}
	return rc ? rc : atomic_file_write(file, STATE_END, strlen(STATE_END));
}

/* The file that a receiver waits for, and how it was when the wait began. */
struct state_wait {
	int fd;
	struct stat before;
};

/* Another thread that writes to the file moves its times again and again: do not wait then. */
static int state_pause(void *user)
{
	const struct state_wait *wait = user;
	struct stat now;

	if (fstat(wait->fd, &now))
		return -errno;
	struct file_identity a = identity_of(&wait->before), b = identity_of(&now);
	return identity_equal(&a, &b) ? 0 : SSUM_ERR_CHANGED;
}

/*
 * Flush the file, and find the identity that it keeps until it is written again. If a later write
 * may keep the identity too, this is one that no file has, so that the state is not trusted when it
 * is loaded. 0 or -errno.
 */
static int state_find_identity(const struct ssum_receiver *receiver, struct file_identity *identity)
{
	struct state_wait wait = {.fd = receiver->fd};
	const struct waiter waiter = {.pause = state_pause, .user = &wait};
	struct file_times times;
	bool has_settled;
	int rc = uninterrupted(fsync(wait.fd)) ? -errno : file_times_find(&times, wait.fd);

	if (!rc)
		rc = file_times_look(&times, wait.fd, &wait.before);
	if (rc)
		return rc;
	struct stat st = wait.before;
	rc = file_times_settle(&times, NULL, &waiter, wait.fd, &st, &has_settled);
	*identity = identity_of(&st);
	if (rc || !has_settled)
		*identity = (struct file_identity){.device = 0};
	return rc == SSUM_ERR_CHANGED ? 0 : rc;
}

int ssum_receiver_save(struct ssum_receiver *receiver, const char *path)
{
	struct atomic_file file = {.fd = -1};
	struct state_ranges ranges = {0};
	struct file_identity identity;
	const char *name;
	int dir = -1, rc = state_find_identity(receiver, &identity);

	if (rc)
		return rc;
	/* List the ranges after that: a write meanwhile changes the identity. Then flush the file:
	   everything that is listed is on the disk. */
	pthread_mutex_lock(&receiver->lock);
	rc = state_list(receiver, BYTES_GOOD, &ranges);
	ranges.good = ranges.count;
	if (!rc)
		rc = state_list(receiver, BYTES_RECEIVED, &ranges);
	pthread_mutex_unlock(&receiver->lock);
	if (!rc && uninterrupted(fsync(receiver->fd)))
		rc = -errno;
	if (rc)
		goto out;

	dir = directory_open_above(AT_FDCWD, path, &name);
	rc = dir < 0 ? dir : *name ? atomic_file_begin(&file, dir, name) : -EISDIR;
	if (!rc)
		rc = state_write(receiver, &identity, &ranges, &file);
	if (!rc)
		rc = atomic_file_commit(&file);
out:
	atomic_file_end(&file);
	if (dir >= 0)
		close(dir);
	free(ranges.at);
	return rc;
}

/* ---- Loading ---- */

struct state_loading {
	struct ssum_receiver *receiver;
	struct lines lines;
	bool is_trusted;                 /* the file is the one that the state was saved with */
	unsigned char *marks;            /* MARK_TO_JUDGE: the state says that it is good */
	uint64_t good_end, received_end; /* of the last range of each kind */
};

/* The next line; a state without one is malformed. */
static int state_next_line(struct state_loading *loading, struct text *line)
{
	int rc = lines_next(&loading->lines, line);

	if (rc < 0)
		return rc;
	return rc && !loading->lines.too_long ? 0 : SSUM_ERR_MALFORMED;
}

/* Whether a line is the same as the next one of a text, which ends in a newline. */
static bool state_is_line(const struct text *line, const char *expected)
{
	return strcspn(expected, "\n") == line->length && !memcmp(line->at, expected, line->length);
}

/* The lines before the ranges. 0 or a code. */
static int state_load_head(struct state_loading *loading)
{
	struct ssum_receiver *receiver = loading->receiver;
	struct file_identity saved, found;
	struct bytes expected = {0};
	struct text line;
	struct stat st;
	int rc = state_append_content(receiver, &expected);

	if (!rc)
		rc = bytes_append(&expected, "", 1);
	if (!rc)
		rc = state_next_line(loading, &line);
	if (!rc && !state_is_line(&line, STATE_HEAD))
		rc = SSUM_ERR_MALFORMED;
	if (!rc)
		rc = state_next_line(loading, &line);
	if (!rc && !state_is_line(&line, expected.data + strlen(STATE_HEAD)))
		rc = SSUM_ERR_STATE;
	if (!rc)
		rc = state_next_line(loading, &line);
	if (!rc &&
	    (!text_skip_word(&line, "file\t") || !identity_parse(line.at, line.length, &saved)))
		rc = SSUM_ERR_MALFORMED;
	if (!rc && fstat(receiver->fd, &st))
		rc = -errno;
	if (!rc) {
		found = identity_of(&st);
		/* A file of another length was truncated before the state was saved. */
		loading->is_trusted = !receiver->reads_again && identity_equal(&saved, &found) &&
				      found.size == receiver->length;
	}
	bytes_free(&expected);
	return rc;
}

/* A line with a range: good segments, or received bytes of other ones. What was received counts if
   the file is trusted. Whether it arrived as a hole is not known; it is hashed from the file. */
static int state_load_range(struct state_loading *loading, struct text line)
{
	struct ssum_receiver *receiver = loading->receiver;
	bool is_good = text_skip_word(&line, "good\t");
	uint64_t *last_end = is_good ? &loading->good_end : &loading->received_end;
	uint64_t offset, length;

	if (is_good ? loading->received_end > 0 : !text_skip_word(&line, "received\t"))
		return SSUM_ERR_MALFORMED;
	if (!text_take_number(&line, &offset) || !text_is_number(&line, &length) || !length ||
	    offset < *last_end || offset > receiver->length || length > receiver->length - offset)
		return SSUM_ERR_MALFORMED;
	*last_end = offset + length;

	while (offset < *last_end) {
		size_t index = (size_t)(offset / receiver->interval);
		uint64_t end = segment_end(receiver, index);
		struct piece piece = {.begin = offset, .end = min_u64(*last_end, end)};
		int rc = 0;

		if (is_good) {
			if (offset != segment_begin(receiver, index) || piece.end != end)
				return SSUM_ERR_MALFORMED;
			loading->marks[index] = MARK_TO_JUDGE;
		} else if (loading->marks[index] != MARK_NONE) {
			return SSUM_ERR_MALFORMED;
		} else if (loading->is_trusted) {
			rc = segment_prepare(receiver, index);
			if (!rc)
				segment_note(receiver, index, piece);
		}
		if (rc)
			return rc;
		offset = piece.end;
	}
	return 0;
}

static int state_load(struct ssum_receiver *receiver, int fd)
{
	struct state_loading loading = {.receiver = receiver};
	bool is_at_end = false;
	struct text line;
	int rc = lines_init(&loading.lines, fd, NULL);

	loading.marks = calloc(receiver->count, sizeof(*loading.marks));
	if (!rc && !loading.marks)
		rc = -ENOMEM;
	if (!rc)
		rc = state_load_head(&loading);
	while (!rc && !is_at_end) {
		rc = state_next_line(&loading, &line);
		is_at_end = !rc && state_is_line(&line, STATE_END);
		if (!rc && !is_at_end)
			rc = state_load_range(&loading, line);
	}

	/* The state was read to its end. Only now the file may be changed, or read. */
	if (!rc)
		rc = receiver_set_length(receiver);
	if (!rc && !loading.is_trusted)
		rc = segment_judge_loaded(receiver, loading.marks);
	else if (!rc)
		for (size_t i = 0; i < receiver->count; i++)
			receiver->judgement.holds[i] = loading.marks[i] == MARK_TO_JUDGE;
	free(loading.marks);
	lines_free(&loading.lines);
	return rc;
}

int ssum_receiver_load(struct ssum_context *context, const struct ssum_receiver_options *options,
		       const char *path, struct ssum_receiver **receiver)
{
	int fd = regular_open(context, path);
	int rc;

	*receiver = NULL;
	if (fd < 0)
		return fd;
	rc = receiver_make(context, options, receiver);
	if (!rc)
		rc = state_load(*receiver, fd);
	close(fd);
	if (rc) {
		ssum_receiver_free(*receiver);
		*receiver = NULL;
	}
	return rc;
}
