/* SPDX-License-Identifier: MIT */
/* The state of a receiver as text: docs/receiver.md says what it is. */
#include "ops/receiver_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "io/file_source.h"
#include "io/interruptions.h"
#include "ops/output.h"

#define LINE_ROOM 512

/* ---- What a state is of ---- */

static int append(struct bytes *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int append(struct bytes *text, const char *format, ...)
{
	char line[LINE_ROOM];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return bytes_append_string(text, line);
}

/* What was proven with other checkpoints is not proven with these: a segment is right between two
   values, and those of the others may have been wrong. So a state is of one set of values. */
static int values_hex(const struct ssum_receiver *receiver, char hex[SSUM_HEX_MAX])
{
	const struct ssum_checkpoints *checkpoints = &receiver->checkpoints;
	struct ssum_digest digest;
	struct ssum_stream *stream;
	int rc = ssum_stream_new("sha256", &stream);

	if (rc)
		return rc;
	rc = ssum_stream_update(stream, checkpoints->values,
				checkpoints->count * checkpoints->value_length);
	if (!rc)
		rc = ssum_stream_final(stream, &digest);
	ssum_stream_free(stream);
	if (!rc)
		ssum_digest_hex(&digest, hex);
	return rc;
}

int state_append_head(const struct ssum_receiver *receiver, struct bytes *text)
{
	char digest[SSUM_HEX_MAX], values[SSUM_HEX_MAX];
	int rc = values_hex(receiver, values);

	ssum_digest_hex(&receiver->checkpoints.digest, digest);
	if (!rc)
		rc = append(text, "content\t%s\t%s\t%" PRIu64 "\n", receiver->algorithm.name,
			    digest, receiver->length);
	if (!rc)
		rc = append(text, "checkpoints\t%" PRIu64 "\t%s\n", receiver->checkpoints.interval,
			    values);
	return rc;
}

int state_append_identity(struct bytes *text, const struct stat *st)
{
	return append(text, "same\t%ju:%ju:%jd:%jd.%09ld:%jd.%09ld\n", (uintmax_t)st->st_dev,
		      (uintmax_t)st->st_ino, (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec,
		      st->st_mtim.tv_nsec, (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* ---- Saving ---- */

static int append_ranges(const struct ssum_receiver *receiver, enum byte_state state,
			 const char *word, struct bytes *text)
{
	struct ssum_range range;
	uint64_t offset = 0;
	int rc = 0;

	while (!rc && receiver_next(receiver, state, &offset, &range))
		rc = append(text, "%s\t%" PRIu64 "\t%" PRIu64 "\n", word, range.offset,
			    range.length);
	return rc;
}

static int list_ranges(struct ssum_receiver *receiver, struct bytes *text)
{
	pthread_mutex_lock(&receiver->lock);
	int rc = append_ranges(receiver, BYTES_GOOD, "good", text);
	if (!rc)
		rc = append_ranges(receiver, BYTES_RECEIVED, "received", text);
	pthread_mutex_unlock(&receiver->lock);
	return rc;
}

/* What has come is listed first and flushed then: nothing is listed that is not on the disk. */
static int make_state(struct ssum_receiver *receiver, struct bytes *text)
{
	struct bytes ranges = {0};
	struct stat st;
	int rc = list_ranges(receiver, &ranges);

	if (!rc && (uninterrupted(fsync(receiver->fd)) || fstat(receiver->fd, &st)))
		rc = -errno;
	if (!rc) {
		wait_out_tick(&st);
		rc = bytes_append_string(text, STATE_MAGIC);
	}
	if (!rc)
		rc = state_append_head(receiver, text);
	if (!rc)
		rc = state_append_identity(text, &st);
	if (!rc)
		rc = bytes_append(text, ranges.data, ranges.length);
	bytes_free(&ranges);
	return rc ? rc : bytes_append_string(text, STATE_END);
}

int ssum_receiver_save(struct ssum_receiver *receiver, const char *path)
{
	struct bytes text = {0};
	int rc = make_state(receiver, &text);

	if (!rc)
		rc = write_whole(path, &text);
	bytes_free(&text);
	return rc;
}
