/* SPDX-License-Identifier: MIT */
#include "system/concurrent/states.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "system/concurrent/calls.h"
#include "support/files.h"
#include "support/oracle.h"

struct state states[STEPS + 1];
size_t state_count;
struct state mixed;

static void state_of(struct state *state, unsigned char *data, size_t length)
{
	state->content = data;
	state->length = length;
	state->sha1 = oracle_of_bytes("sha1", data, length);
	state->sha256 = oracle_of_bytes("sha256", data, length);
}

static void note_state(const char *path)
{
	struct state *state = &states[state_count++];
	size_t length;
	unsigned char *data = (unsigned char *)read_file(path, &length);

	state_of(state, data, length);
}

void states_make(const struct writer *writer)
{
	target_new("dry-run");
	note_state("dry-run");
	for (size_t i = 0; i < STEPS && writer->steps[i]; i++) {
		writer->steps[i]();
		note_state("dry-run");
	}
	target_close();

	const struct state *last = &states[state_count - 1];
	unsigned char *copy = malloc(last->length + TARGET_FIRST + 1);
	memcpy(copy, last->content, last->length);
	copy[TARGET_FIRST] = states[0].content[TARGET_FIRST];
	state_of(&mixed, copy, last->length ? last->length : TARGET_FIRST + 1);
}

void states_free(void)
{
	for (size_t i = 0; i < state_count; i++)
		free(states[i].content);
	free(mixed.content);
	state_count = 0;
}

size_t state_with(const struct ssum_digest *digest, const char *what, unsigned call)
{
	for (size_t i = 0; i < state_count; i++)
		if (ssum_digest_equal(digest, &states[i].sha1) ||
		    ssum_digest_equal(digest, &states[i].sha256))
			return i;
	ck_abort_msg("%s before call %u of %s: digest of a content that the file never had", what,
		     call, trace);
}

static size_t count_of(const struct state *content)
{
	size_t count = 0;

	for (size_t i = 0; i < state_count; i++)
		count += ssum_digest_equal(&states[i].sha1, &content->sha1);
	return count;
}

bool was_ever(const struct state *content)
{
	return count_of(content) > 0;
}

bool was_ever_other_than(const struct state *content)
{
	return count_of(content) < state_count;
}
