/* SPDX-License-Identifier: MIT */
#include "system/moments/states.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "system/moments/calls.h"
#include "support/files.h"
#include "support/oracle.h"

struct state states[STEPS + 1];
size_t state_count;
struct state torn;

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

void learn_states(const struct writer *writer)
{
	victim_new("dry-run");
	note_state("dry-run");
	for (size_t i = 0; i < STEPS && writer->steps[i]; i++) {
		writer->steps[i]();
		note_state("dry-run");
	}
	victim_close();

	const struct state *last = &states[state_count - 1];
	unsigned char *copy = malloc(last->length + VICTIM_FIRST + 1);
	memcpy(copy, last->content, last->length);
	copy[VICTIM_FIRST] = states[0].content[VICTIM_FIRST];
	state_of(&torn, copy, last->length ? last->length : VICTIM_FIRST + 1);
}

void forget_states(void)
{
	for (size_t i = 0; i < state_count; i++)
		free(states[i].content);
	free(torn.content);
	state_count = 0;
}

size_t state_with(const struct ssum_digest *digest, const char *what, unsigned moment)
{
	for (size_t i = 0; i < state_count; i++)
		if (ssum_digest_equal(digest, &states[i].sha1) ||
		    ssum_digest_equal(digest, &states[i].sha256))
			return i;
	ck_abort_msg("%s before call %u of %s: a digest of what never was", what, moment, trace);
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
