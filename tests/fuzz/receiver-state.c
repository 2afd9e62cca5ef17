/* SPDX-License-Identifier: MIT */
/*
 * Saved states of a receiver: any text. "content\t@" and "file\t@" are replaced by the right lines
 * for the content and the file. Words of the first line: "damaged" and "short" change the file;
 * "again" sets read_again.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/receiver.h"
#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "support/oracle.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define INTERVAL 4096
#define LENGTH (3 * INTERVAL + 100)

static unsigned char content[LENGTH];
static struct ssum_checkpoints checkpoints;
static struct ssum_digest digest;

static void make_content(void)
{
	for (size_t i = 0; i < LENGTH; i++)
		content[i] = (unsigned char)(i * i >> 7);
	digest = oracle_of_bytes("sha1", content, LENGTH);
	true_checkpoints(&checkpoints, "sha1", INTERVAL, content, LENGTH);
}

static int make_file(const struct fuzz_text *input)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	require(fd >= 0 && pwrite(fd, content, LENGTH, 0) == LENGTH);
	if (chooses(input, "damaged"))
		require(pwrite(fd, "damage", 6, INTERVAL + 9) == 6);
	if (chooses(input, "short"))
		require(!ftruncate(fd, INTERVAL));
	return fd;
}

/* The right line for an abbreviation: the line with the same first word in a state that this target
   saved. */
static void append_line(struct bytes *state, const char *line, size_t length, const char *model)
{
	const char *tab = memchr(line, '\t', length);
	size_t word = tab ? (size_t)(tab + 1 - line) : 0;

	if (!word || length != word + 1 || line[word] != '@') {
		require(!bytes_append(state, line, length));
		return;
	}
	for (; *model; model = strchr(model, '\n') + 1)
		if (!strncmp(model, line, word)) {
			length = strcspn(model, "\n");
			require(!bytes_append(state, model, length));
			return;
		}
}

static struct bytes expand(const struct fuzz_text *input, const char *model)
{
	const char *at = input->text, *end = at + input->length, *next;
	struct bytes state = {0};

	for (; (next = memchr(at, '\n', (size_t)(end - at))); at = next + 1) {
		append_line(&state, at, (size_t)(next - at), model);
		require(!bytes_append(&state, "\n", 1));
	}
	require(!bytes_append(&state, at, (size_t)(end - at)));
	return state;
}

/* The state of a receiver of that file that has received nothing. */
static char *state_of_nothing(const struct ssum_receiver_options *options)
{
	struct ssum_receiver *receiver;
	static char text[4096];
	int fd;

	require(!ssum_receiver_new(NULL, options, &receiver));
	require(!ssum_receiver_save(receiver, fuzz_path()));
	ssum_receiver_free(receiver);
	fd = open(fuzz_path(), O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	require(n > 0);
	text[n] = '\0';
	close(fd);
	return text;
}

/* ---- Invariants ---- */

struct missing {
	struct ssum_range ranges[LENGTH];
	size_t count;
};

static int note_missing(void *user, const struct ssum_range *range)
{
	struct missing *missing = user;
	uint64_t end = 0;

	if (missing->count) {
		const struct ssum_range *last = &missing->ranges[missing->count - 1];

		end = last->offset + last->length + 1;
	}
	require(range->length && range->offset >= end && range->offset <= LENGTH);
	require(range->length <= LENGTH - range->offset);
	missing->ranges[missing->count++] = *range;
	return 0;
}

static void find_missing(struct ssum_receiver *receiver, struct missing *missing)
{
	missing->count = 0;
	require(!ssum_receiver_missing(receiver, note_missing, missing));
}

/* After saving and loading again, the same ranges are missing. */
static void require_comes_back(const struct ssum_receiver_options *options,
			       struct ssum_receiver **receiver, const struct missing *before)
{
	static struct missing after;

	require(!ssum_receiver_save(*receiver, fuzz_path()));
	ssum_receiver_free(*receiver);
	require(!ssum_receiver_load(NULL, options, fuzz_path(), receiver));
	find_missing(*receiver, &after);
	require(after.count == before->count);
	require(!memcmp(after.ranges, before->ranges, before->count * sizeof(*before->ranges)));
}

/* With any state: after the missing ranges have arrived, the file is proven. Its content is right,
   unless the state contains the identity of this file, and so is trusted. */
static void require_ends(struct ssum_receiver *receiver, int fd, bool believed)
{
	static unsigned char found[LENGTH + 1];
	static struct missing missing;
	int rc = SSUM_DIFFERS;

	for (int round = 0; round < 3 && rc != SSUM_HOLDS; round++) {
		find_missing(receiver, &missing);
		for (size_t i = 0; i < missing.count; i++)
			require(!ssum_receiver_write(receiver, missing.ranges[i].offset,
						     content + missing.ranges[i].offset,
						     (size_t)missing.ranges[i].length));
		rc = ssum_receiver_finish(receiver);
	}
	require(rc == SSUM_HOLDS);
	require(pread(fd, found, sizeof(found), 0) == LENGTH);
	require(believed || !memcmp(found, content, LENGTH));
}

static void require_sound(const struct ssum_receiver_options *options,
			  struct ssum_receiver **receiver, bool believed)
{
	static struct missing missing;

	find_missing(*receiver, &missing);
	/* Unproven bytes are forgotten when the file is read again. */
	if (!options->read_again)
		require_comes_back(options, receiver, &missing);
	require_ends(*receiver, options->fd, believed);
}

static void try_state(const struct ssum_receiver_options *options, const struct bytes *state,
		      bool believed)
{
	struct ssum_receiver *receiver;
	int fd = memory_file(state->data, state->length), rc;
	struct stat before, after;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	require(!fstat(options->fd, &before));
	rc = ssum_receiver_load(NULL, options, path, &receiver);
	require(rc == 0 || rc == SSUM_ERR_MALFORMED || rc == SSUM_ERR_STATE);
	require((rc == 0) == (receiver != NULL));
	if (rc) {
		require(!fstat(options->fd, &after) && after.st_size == before.st_size);
		require(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
	} else {
		require_sound(options, &receiver, believed);
	}
	ssum_receiver_free(receiver);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct ssum_receiver_options options = {
		.size = sizeof(options), .digest = &digest, .length = LENGTH};
	struct fuzz_text input;

	if (!digest.length)
		make_content();
	if (fuzz_text(&input, data, length)) {
		options.checkpoints = &checkpoints;
		options.fd = make_file(&input);
		/* A truncated file is extended again, and so is damaged. */
		const char *model = state_of_nothing(&options);
		struct bytes state = expand(&input, model);

		options.read_again = chooses(&input, "again");
		bool believed = !options.read_again && state.length &&
				memmem(state.data, state.length, strstr(model, "file\t"), 40);
		try_state(&options, &state, believed);
		bytes_free(&state);
		close(options.fd);
	}
	fuzz_text_free(&input);
	return 0;
}
