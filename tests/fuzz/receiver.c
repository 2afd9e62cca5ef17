/* SPDX-License-Identifier: MIT */
/*
 * A receiver: pieces, holes, damage and restarts in any order, with right, wrong or no checkpoints.
 * A file is accepted only if libcrypto accepts its bytes, and the missing ranges are those of a
 * model. An input is a program.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops/receiver.h"
#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "support/oracle.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define INTERVAL 4096
#define SEGMENTS 5
#define LENGTH_MAX (SEGMENTS * INTERVAL)

enum kind { RIGHT, NONE, WRONG_VALUES, OF_OTHER_CONTENT, KINDS };

struct machine {
	enum kind kind;
	size_t length, segment; /* bytes */
	unsigned char content[LENGTH_MAX];
	struct ssum_checkpoints checkpoints;
	struct ssum_digest digest;
	struct ssum_receiver_options options;
	struct ssum_receiver *receiver;
	int fd;
	bool is_saved;

	/* The model. It is exact if the checkpoints are right or absent. */
	unsigned char file[LENGTH_MAX];
	bool come[LENGTH_MAX], good[SEGMENTS], whole[SEGMENTS];
	bool ever[LENGTH_MAX]; /* for wrong checkpoints: the bytes that have ever arrived */
};

/* The state of the model at the last save. */
static struct {
	bool come[LENGTH_MAX], good[SEGMENTS];
} saved;

static bool is_exact(const struct machine *machine)
{
	return machine->kind == RIGHT || machine->kind == NONE;
}

/* ---- Beginning and end ---- */

static void make_content(struct machine *machine, uint64_t seed)
{
	for (size_t i = 0; i < machine->length; i++)
		machine->content[i] = (unsigned char)(seed * (i + 1) * (i / 700 % 3) >> 5);
}

static void spoil_checkpoints(struct machine *machine, struct program *program)
{
	struct ssum_checkpoints *checkpoints = &machine->checkpoints;

	for (size_t i = 0; i < checkpoints->count; i++)
		checkpoints->values[i * checkpoints->value_length] ^=
			(unsigned char)take_below(program, 256);
}

/* Checkpoints of a content that differs in one byte, with the digest of the right content. */
static void exchange_checkpoints(struct machine *machine, struct program *program)
{
	size_t at = machine->length ? take_below(program, machine->length) : 0;

	machine->content[at] ^= 1;
	true_checkpoints(&machine->checkpoints, "sha1", INTERVAL, machine->content,
			 machine->length);
	machine->content[at] ^= 1;
	machine->checkpoints.digest = machine->digest;
}

static void begin(struct machine *machine, struct program *program)
{
	machine->kind = take_below(program, KINDS);
	machine->length = take_below(program, LENGTH_MAX + 1);
	make_content(machine, take_below(program, 256));
	machine->digest = oracle_of_bytes("sha1", machine->content, machine->length);
	machine->segment = machine->kind == NONE ? LENGTH_MAX : INTERVAL;
	if (machine->kind == OF_OTHER_CONTENT)
		exchange_checkpoints(machine, program);
	else
		true_checkpoints(&machine->checkpoints, "sha1", INTERVAL, machine->content,
				 machine->length);
	if (machine->kind == WRONG_VALUES)
		spoil_checkpoints(machine, program);
	machine->fd = memfd_create("file", MFD_CLOEXEC);
	require(machine->fd >= 0);
	machine->options = (struct ssum_receiver_options){
		.size = sizeof(machine->options),
		.fd = machine->fd,
		.digest = &machine->digest,
		.length = machine->length,
		.checkpoints = machine->kind == NONE ? NULL : &machine->checkpoints,
	};
	require(!ssum_receiver_new(NULL, &machine->options, &machine->receiver));
	machine->whole[0] = !machine->length;
}

static void end(struct machine *machine)
{
	ssum_receiver_free(machine->receiver);
	checkpoints_clear(&machine->checkpoints);
	close(machine->fd);
}

/* ---- The model ---- */

static size_t end_of(const struct machine *machine, size_t index)
{
	return (size_t)min_u64(machine->length, (index + 1) * machine->segment);
}

static bool is_right(const struct machine *machine, size_t index)
{
	size_t from = index * machine->segment, to = end_of(machine, index);

	return !memcmp(machine->file + from, machine->content + from, to - from);
}

static size_t segments(const struct machine *machine)
{
	return machine->length ? (machine->length - 1) / machine->segment + 1 : 1;
}

static void judge(struct machine *machine, size_t index)
{
	size_t from = index * machine->segment, to = end_of(machine, index);

	if (memchr(machine->come + from, false, to - from))
		return;
	machine->whole[index] = true;
	machine->good[index] = is_right(machine, index);
	memset(machine->come + from, machine->good[index], to - from);
}

static void model_write(struct machine *machine, size_t offset, const unsigned char *data,
			size_t length)
{
	for (size_t at = offset, taken; at < offset + length; at += taken) {
		size_t index = at / machine->segment;

		taken = (size_t)min_u64(end_of(machine, index), offset + length) - at;
		memset(machine->ever + at, true, taken);
		if (machine->good[index])
			continue;
		memcpy(machine->file + at, data + (at - offset), taken);
		memset(machine->come + at, true, taken);
		judge(machine, index);
	}
}

static int model_finish(struct machine *machine)
{
	bool is_good = true;

	for (size_t i = 0; i < segments(machine); i++)
		if (!machine->good[i] && !machine->whole[i])
			return SSUM_ERR_INCOMPLETE;
	/* Without checkpoints: the number of good bytes at the start. */
	for (size_t i = 0; i < segments(machine) && is_good; i++) {
		is_good = machine->good[i] = machine->good[i] || is_right(machine, i);
		if (is_good)
			memset(machine->come + i * machine->segment, true,
			       end_of(machine, i) - i * machine->segment);
	}
	return is_good ? SSUM_HOLDS : SSUM_DIFFERS;
}

/* ---- Invariants after each step ---- */

struct missing {
	const struct machine *machine;
	uint64_t end;
	bool is[LENGTH_MAX];
};

static int note_missing(void *user, const struct ssum_range *range)
{
	struct missing *missing = user;

	require(range->length && range->offset <= missing->machine->length);
	require(range->length <= missing->machine->length - range->offset);
	require(!missing->end || range->offset > missing->end);
	missing->end = range->offset + range->length;
	memset(missing->is + range->offset, true, (size_t)range->length);
	return 0;
}

static void find_missing(const struct machine *machine, struct missing *missing)
{
	memset(missing, 0, sizeof(*missing));
	missing->machine = machine;
	require(!ssum_receiver_missing(machine->receiver, note_missing, missing));
}

static bool file_is_right(const struct machine *machine)
{
	static unsigned char found[LENGTH_MAX + 1];
	ssize_t n = pread(machine->fd, found, sizeof(found), 0);

	require(n >= 0);
	if (is_exact(machine))
		require(!memcmp(found, machine->file, machine->length));
	struct ssum_digest digest = oracle_of_bytes("sha1", found, (size_t)n);
	return ssum_digest_equal(&digest, &machine->digest);
}

static void require_consistent(const struct machine *machine)
{
	static struct missing missing;

	find_missing(machine, &missing);
	for (size_t i = 0; i < machine->length; i++) {
		if (is_exact(machine))
			require(missing.is[i] == !machine->come[i]);
		else
			require(missing.is[i] || machine->ever[i]);
	}
}

/* ---- Steps ---- */

static void write_some(struct machine *machine, size_t offset, size_t length, int kind)
{
	static unsigned char data[LENGTH_MAX];
	int rc;

	memcpy(data, machine->content + offset, length);
	if (kind == 1 && length)
		data[length / 2] ^= 0x40;
	if (kind == 2)
		memset(data, 0, length);
	rc = kind == 2 ? ssum_receiver_hole(machine->receiver, offset, length)
		       : ssum_receiver_write(machine->receiver, offset, data, length);
	require(rc == 0);
	model_write(machine, offset, data, length);
}

static void write_somewhere(struct machine *machine, struct program *program, int kind)
{
	size_t offset = take_below(program, machine->length + 1);
	size_t room = machine->length - offset;

	write_some(machine, offset, take_below(program, room + 1), kind);
}

static void write_segments(struct machine *machine, struct program *program, int kind)
{
	size_t from = take_below(program, SEGMENTS) * INTERVAL;
	size_t to = from + (1 + take_below(program, SEGMENTS)) * INTERVAL;

	from = (size_t)min_u64(from, machine->length);
	to = (size_t)min_u64(to, machine->length);
	write_some(machine, from, to - from, kind);
}

static void write_missing(struct machine *machine)
{
	static struct missing missing;

	find_missing(machine, &missing);
	for (size_t at = 0, to; at < machine->length; at = to) {
		for (to = at + 1; to < machine->length && missing.is[to] == missing.is[at]; to++)
			;
		if (missing.is[at])
			write_some(machine, at, to - at, 0);
	}
}

static void write_to_file(struct machine *machine, struct program *program)
{
	size_t length = 1 + take_below(program, 100);

	require(ssum_receiver_write(machine->receiver, machine->length, machine->content, length) ==
		-EINVAL);
	require(ssum_receiver_hole(machine->receiver, UINT64_MAX, length) == -EINVAL);
	require(ssum_receiver_hole(machine->receiver, 1, UINT64_MAX) == -EINVAL);
}

static void finish(struct machine *machine)
{
	int rc = ssum_receiver_finish(machine->receiver);

	require(rc == SSUM_HOLDS || rc == SSUM_DIFFERS || rc == SSUM_ERR_INCOMPLETE);
	if (is_exact(machine))
		require(rc == model_finish(machine));
	bool is_right_now = file_is_right(machine);
	require(rc != SSUM_HOLDS || is_right_now);
	require(rc != SSUM_DIFFERS || !is_right_now);
	if (rc == SSUM_HOLDS) {
		static struct missing missing;

		find_missing(machine, &missing);
		require(!missing.end);
	}
}

static void save(struct machine *machine)
{
	require(!ssum_receiver_save(machine->receiver, fuzz_path()));
	machine->is_saved = true;
	memcpy(saved.come, machine->come, sizeof(saved.come));
	memcpy(saved.good, machine->good, sizeof(saved.good));
}

/* If the file was written to since, unproven bytes must arrive again. This is read from the result,
   because writing a hole over a hole does not change the file. */
static void model_load(struct machine *machine)
{
	static struct missing missing;
	bool is_forgotten = false;

	memcpy(machine->come, saved.come, sizeof(saved.come));
	memcpy(machine->good, saved.good, sizeof(saved.good));
	memset(machine->whole, 0, sizeof(machine->whole));
	find_missing(machine, &missing);
	for (size_t i = 0; i < machine->length; i++)
		is_forgotten = is_forgotten || (missing.is[i] && machine->come[i]);
	for (size_t i = 0; i < machine->length && is_forgotten; i++)
		machine->come[i] = machine->good[i / machine->segment];
	machine->whole[0] = !machine->length;
}

static void load(struct machine *machine, struct program *program)
{
	if (!machine->is_saved)
		return;
	machine->options.read_again = (int)take_below(program, 2);
	ssum_receiver_free(machine->receiver);
	require(!ssum_receiver_load(NULL, &machine->options, fuzz_path(), &machine->receiver));
	model_load(machine);
}

static void step(struct machine *machine, struct program *program)
{
	int kind = (int)take_below(program, 3);

	switch (take_below(program, 8)) {
	case 0:
	case 1:
		write_somewhere(machine, program, kind);
		break;
	case 2:
		write_segments(machine, program, kind);
		break;
	case 3:
		finish(machine);
		break;
	case 4:
		save(machine);
		break;
	case 5:
		load(machine, program);
		break;
	case 6:
		write_missing(machine);
		break;
	default:
		write_to_file(machine, program);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static struct machine machine;
	struct program program = {data, length};

	memset(&machine, 0, sizeof(machine));
	begin(&machine, &program);
	while (program.left) {
		step(&machine, &program);
		require_consistent(&machine);
	}
	/* After any steps: when the missing ranges have arrived, the file is complete. With wrong
	   checkpoints the whole file may be needed again. */
	write_missing(&machine);
	if (ssum_receiver_finish(machine.receiver) != SSUM_HOLDS)
		write_missing(&machine);
	finish(&machine);
	if (is_exact(&machine))
		require(file_is_right(&machine));
	end(&machine);
	return 0;
}
