/* SPDX-License-Identifier: MIT */
/* A receiver from its saved state, which is believed where the file is as it was then. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/named.h"
#include "manifest/lines.h"
#include "ops/receiver_state.h"

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

	if (!rc && !is_line(&line, STATE_MAGIC, strlen(STATE_MAGIC)))
		rc = SSUM_ERR_MALFORMED;
	if (!rc)
		rc = state_append_head(loading->receiver, &head);
	if (!rc)
		rc = compare_lines(loading, &head, &is_ours);
	if (!rc && !is_ours)
		rc = SSUM_ERR_STATE;
	if (!rc && fstat(loading->receiver->fd, &st))
		rc = -errno;
	if (!rc)
		rc = state_append_identity(&identity, &st);
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

	while (!(rc = next_line(loading, &line)) && !is_line(&line, STATE_END, strlen(STATE_END))) {
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
