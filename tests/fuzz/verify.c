/* SPDX-License-Identifier: MIT */
/*
 * A file against a digest with checkpoints from an attacker: the verdict is that of libcrypto for
 * the digest alone, and damage is reported within the file. An input is a program.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "support/oracle.h"
#include "support/reference.h"
#include "sparsesum/package.h"

#define UNIT 4096
#define LENGTH_MAX (8 * UNIT)

struct trial {
	const char *algorithm;
	unsigned char content[LENGTH_MAX]; /* the content to which the digest belongs */
	unsigned char found[LENGTH_MAX];   /* the content of the file */
	size_t length, found_length;
	struct ssum_digest digest;
	struct ssum_checkpoints checkpoints;
	uint64_t end; /* end of the last reported range of damage */
	uint64_t ranges;
};

static void make_content(struct trial *trial, struct program *program)
{
	uint64_t seed = take_below(program, 256);

	trial->length = take_below(program, LENGTH_MAX + 1);
	for (size_t i = 0; i < trial->length; i++)
		trial->content[i] = (unsigned char)(seed * (i + 1) * (i / 3000 % 2) >> 5);
	trial->digest = oracle_of_bytes(trial->algorithm, trial->content, trial->length);
}

/* The content of the file: right, truncated, longer, or with some bytes changed. */
static void make_found(struct trial *trial, struct program *program)
{
	memcpy(trial->found, trial->content, LENGTH_MAX);
	trial->found_length = trial->length;
	if (take_below(program, 4) == 1)
		trial->found_length = take_below(program, LENGTH_MAX + 1);
	for (uint64_t left = take_below(program, 4); left && trial->found_length; left--)
		trial->found[take_below(program, trial->found_length)] ^=
			(unsigned char)take_below(program, 256);
}

/* Right checkpoints, changed as by an attacker: another interval or length; values that are
   changed, exchanged, or those of the damaged file. */
static void make_checkpoints(struct trial *trial, struct program *program)
{
	struct ssum_checkpoints *made = &trial->checkpoints;
	uint64_t interval = UNIT * (1 + take_below(program, 4));
	bool of_found = take_below(program, 4) == 1;

	true_checkpoints(made, trial->algorithm, interval, of_found ? trial->found : trial->content,
			 of_found ? trial->found_length : trial->length);
	made->digest = trial->digest;
	if (take_below(program, 4) == 1 && made->count) {
		made->interval = UNIT * (1 + take_below(program, 4));
		made->length = made->interval * made->count + 1 + take_below(program, UNIT);
	}
	for (uint64_t left = take_below(program, 4); left && made->count; left--) {
		size_t at = take_below(program, made->count) * made->value_length;
		size_t from = take_below(program, made->count) * made->value_length;

		if (from != at)
			memcpy(made->values + at, made->values + from, made->value_length);
		else
			made->values[at] ^= (unsigned char)(1 + take_below(program, 255));
	}
}

static int note_damage(void *user, const struct ssum_range *range)
{
	struct trial *trial = user;

	require(range->length && range->offset >= trial->end);
	require(range->length <= UINT64_MAX - range->offset);
	trial->end = range->offset + range->length;
	trial->ranges++;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static struct trial trial;
	static struct ssum_context *context;
	struct ssum_options options = {.size = sizeof(options), .threads = 2};
	struct program program = {data, length};
	char path[64];

	if (!context)
		require(!ssum_context_new(&options, &context));
	memset(&trial, 0, sizeof(trial));
	trial.algorithm = reference_names[take_below(&program, REFERENCES)];
	make_content(&trial, &program);
	make_found(&trial, &program);
	make_checkpoints(&trial, &program);

	int fd = memory_file(trial.found, trial.found_length);
	struct ssum_digest found =
		oracle_of_bytes(trial.algorithm, trial.found, trial.found_length);
	int expected = ssum_digest_equal(&found, &trial.digest) ? SSUM_HOLDS : SSUM_DIFFERS;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	require(ssum_verify_file(context, path, trial.algorithm, &trial.digest, &trial.checkpoints,
				 note_damage, &trial) == expected);
	require(expected == SSUM_DIFFERS || !trial.ranges);
	uint64_t end = trial.checkpoints.length;
	if (end < trial.found_length)
		end = trial.found_length;
	require(trial.end <= end);
	checkpoints_clear(&trial.checkpoints);
	close(fd);
	return 0;
}
