/* SPDX-License-Identifier: MIT */
/* The state of a receiver as text: docs/receiver.md says what it is. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/file_source.h"
#include "file/named.h"
#include "formats/lines.h"
#include "package/output.h"
#include "package/receiver.h"
#include "file/interruptions.h"

#define MAGIC "sparsesum-receiver 1\n"
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

/* The first lines, which have to be these very ones when the state is loaded. */
static int append_head(const struct ssum_receiver *receiver, struct bytes *text)
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

static int append_identity(struct bytes *text, const struct stat *st)
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
		rc = bytes_append_string(text, MAGIC);
	}
	if (!rc)
		rc = append_head(receiver, text);
	if (!rc)
		rc = append_identity(text, &st);
	if (!rc)
		rc = bytes_append(text, ranges.data, ranges.length);
	bytes_free(&ranges);
	return rc ? rc : bytes_append_string(text, "end\n");
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

/* ---- Loading ---- */

struct loading {
	struct ssum_receiver *receiver;
	struct lines lines;
	bool is_same;         /* the file is as it was saved */
	unsigned char *marks; /* due: segments that are good if the file can be believed */
};

/* The next line has to be there: 0 or a code. */
static int next_line(struct loading *loading, struct text *line)
{
	int rc = lines_next(&loading->lines, line);

	if (rc == 1 && loading->lines.too_long)
		return SSUM_ERR_MALFORMED;
	return rc == 1 ? 0 : rc ? rc : SSUM_ERR_MALFORMED;
}

static bool is_line(const struct text *line, const char *expected, size_t length)
{
	return line->length + 1 == length && !memcmp(line->at, expected, line->length);
}

/* Lines that are known: whether the next ones are these. */
static int compare_lines(struct loading *loading, const struct bytes *expected, bool *equal)
{
	const char *at = expected->data, *end = at + expected->length;

	*equal = true;
	while (at < end) {
		const char *next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		struct text line;
		int rc = next_line(loading, &line);

		if (rc)
			return rc;
		*equal = *equal && is_line(&line, at, (size_t)(next - at));
		at = next;
	}
	return 0;
}

static int load_head(struct loading *loading)
{
	struct bytes head = {0}, identity = {0};
	struct text line;
	bool is_ours = false;
	struct stat st;
	int rc = next_line(loading, &line);

	if (!rc && !is_line(&line, MAGIC, strlen(MAGIC)))
		rc = SSUM_ERR_MALFORMED;
	if (!rc)
		rc = append_head(loading->receiver, &head);
	if (!rc)
		rc = compare_lines(loading, &head, &is_ours);
	if (!rc && !is_ours)
		rc = SSUM_ERR_STATE;
	if (!rc && fstat(loading->receiver->fd, &st))
		rc = -errno;
	if (!rc)
		rc = append_identity(&identity, &st);
	if (!rc)
		rc = compare_lines(loading, &identity, &loading->is_same);
	if (!rc && (uint64_t)st.st_size != loading->receiver->length)
		loading->is_same = false; /* it had been cut already when it was saved */
	bytes_free(&head);
	bytes_free(&identity);
	return rc;
}

/* OFFSET TAB LENGTH, behind what came before. */
static bool take_range(struct text line, uint64_t length, uint64_t *behind,
		       struct ssum_range *range)
{
	if (!text_take_number(&line, &range->offset) || !text_is_number(&line, &range->length))
		return false;
	if (!range->length || range->offset < *behind || range->offset > length ||
	    range->length > length - range->offset)
		return false;
	*behind = range->offset + range->length;
	return true;
}

/* Whole segments. */
static int load_good(struct loading *loading, const struct ssum_range *range)
{
	const struct ssum_receiver *receiver = loading->receiver;
	size_t first = (size_t)(range->offset / receiver->interval);
	uint64_t end = range->offset + range->length;

	if (range->offset != segment_begin(receiver, first) ||
	    (end != receiver->length && end % receiver->interval))
		return SSUM_ERR_MALFORMED;
	for (size_t i = first; i < receiver->count && segment_end(receiver, i) <= end; i++)
		loading->marks[i] = MARK_DUE;
	return 0;
}

/* Whatever came, it is judged by what is in the file: so holes are not told from data. */
static int load_received(struct loading *loading, struct ssum_range range)
{
	struct ssum_receiver *receiver = loading->receiver;
	uint64_t end = range.offset + range.length;
	int rc = 0;

	while (range.offset < end && !rc) {
		size_t index = (size_t)(range.offset / receiver->interval);
		struct piece piece = {.begin = range.offset,
				      .end = min_u64(end, segment_end(receiver, index))};

		if (loading->marks[index] == MARK_DUE)
			return SSUM_ERR_MALFORMED;
		if (loading->is_same)
			rc = partial_begin(receiver, index);
		if (loading->is_same && !rc)
			partial_note(receiver, index, piece);
		range.offset = piece.end;
	}
	return rc;
}

static int load_ranges(struct loading *loading)
{
	uint64_t length = loading->receiver->length, behind_good = 0, behind_received = 0;
	struct ssum_range range;
	struct text line;
	int rc;

	while (!(rc = next_line(loading, &line)) && !is_line(&line, "end\n", strlen("end\n"))) {
		if (!behind_received && text_skip_word(&line, "good\t") &&
		    take_range(line, length, &behind_good, &range))
			rc = load_good(loading, &range);
		else if (text_skip_word(&line, "received\t") &&
			 take_range(line, length, &behind_received, &range))
			rc = load_received(loading, range);
		else
			rc = SSUM_ERR_MALFORMED;
		if (rc)
			return rc;
	}
	return rc;
}

/* A file that moved is read again where it was said to be good. */
static int settle_claims(struct loading *loading)
{
	struct ssum_receiver *receiver = loading->receiver;
	int rc = receiver_set_length(receiver);

	if (rc || !loading->is_same)
		return rc ? rc : receiver_judge(receiver, loading->marks, true);
	for (size_t i = 0; i < receiver->count; i++)
		receiver->judgement.holds[i] = loading->marks[i] == MARK_DUE;
	return 0;
}

/* Nothing is done to the file before all of the state has been read. */
static int load(struct ssum_receiver *receiver, int fd, bool believe)
{
	struct loading loading = {.receiver = receiver};
	int rc = lines_init(&loading.lines, fd, NULL);

	loading.marks = calloc(receiver->count, sizeof(*loading.marks));
	if (!rc && !loading.marks)
		rc = -ENOMEM;
	if (!rc)
		rc = load_head(&loading);
	loading.is_same = loading.is_same && believe;
	if (!rc)
		rc = load_ranges(&loading);
	if (!rc)
		rc = settle_claims(&loading);
	free(loading.marks);
	lines_free(&loading.lines);
	return rc;
}

int ssum_receiver_load(struct ssum_context *context, const struct ssum_receiver_options *options,
		       const char *path, struct ssum_receiver **receiver)
{
	int fd = regular_open(path);
	int rc;

	*receiver = NULL;
	if (fd < 0)
		return fd;
	rc = receiver_make(context, options, receiver);
	if (!rc)
		rc = load(*receiver, fd, !(*receiver)->reads_again);
	close(fd);
	if (rc) {
		ssum_receiver_free(*receiver);
		*receiver = NULL;
	}
	return rc;
}
