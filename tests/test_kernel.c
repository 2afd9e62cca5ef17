/* SPDX-License-Identifier: MIT */
/*
 * Kernels: every row of every family against libcrypto's EVP. The padding of FIPS 180-4 is done
 * here, so that a message is whole blocks, and EVP says what its chaining value must come to.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "digest/algorithm.h"
#include "kernels/kernel.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

#define LANES_MAX 64
#define MESSAGE_MAX ((size_t)6000)
#define ROUNDS 60

static const struct kernel_family *const families[] = {&sha1_family, &sha256_family,
						       &sha512_family};
#define FAMILIES 3

/* ---- Memory between two pages that cannot be touched ---- */

struct guarded {
	unsigned char *map, *begin, *end;
	size_t map_length;
};

static struct guarded guarded_new(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t length = (MESSAGE_MAX + 2 * BLOCK_MAX + page) / page * page;
	struct guarded memory = {.map_length = length + 2 * page};

	memory.map = mmap(NULL, memory.map_length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(memory.map != MAP_FAILED);
	memory.begin = memory.map + page;
	memory.end = memory.begin + length;
	ck_assert(!mprotect(memory.begin, length, PROT_READ | PROT_WRITE));
	return memory;
}

static void guarded_free(struct guarded *memory)
{
	munmap(memory->map, memory->map_length);
}

/* ---- Messages ---- */

struct message {
	struct guarded memory;
	unsigned char *blocks;
	struct ssum_digest expected;
};

/* FIPS 180-4, section 5.1. */
static void pad(unsigned char *message, size_t length, size_t padded)
{
	memset(message + length, 0, padded - length);
	message[length] = 0x80;
	for (size_t i = 0; i < 8; i++)
		message[padded - 1 - i] = (unsigned char)((uint64_t)length * 8 >> (8 * i));
}

/* A message of so many blocks once it is padded: at the beginning of its memory, at its end, or at
   any alignment between. */
static void fill_message(const struct kernel_family *family, struct message *message, size_t blocks,
			 uint64_t *random)
{
	size_t padded = blocks * family->block_length;
	size_t shortest = padded - family->block_length - family->length_length;
	size_t length = padded - 1 - family->length_length;
	size_t room = (size_t)(message->memory.end - message->memory.begin) - padded;
	uint64_t place = next_random(random) % 3;

	if (blocks > 1)
		length -= next_random(random) % (length - shortest);
	else
		length = next_random(random) % (length + 1);
	message->blocks = message->memory.begin + (place == 0   ? 0
						   : place == 1 ? room
								: next_random(random) % room);
	if (next_random(random) % 4)
		fill_random(message->blocks, length, random);
	else
		memset(message->blocks, 0, length); /* as blocks of holes are */
	pad(message->blocks, length, padded);
	message->expected = oracle_of_bytes(family->name, message->blocks, length);
}

static struct ssum_digest digest_of(const struct kernel_family *family, const union chain *chain)
{
	struct algorithm algorithm;
	struct ssum_digest digest = {0};

	assert_ok(algorithm_find(family->name, &algorithm));
	digest.length = algorithm.digest_length;
	for (size_t i = 0; i < digest.length; i++) {
		size_t word = i / family->word_length, byte = i % family->word_length;
		uint64_t value = family->word_length == 4 ? chain->w32[word] : chain->w64[word];

		digest.bytes[i] = (unsigned char)(value >> (8 * (family->word_length - 1 - byte)));
	}
	algorithm_release(&algorithm);
	return digest;
}

/* ---- Running ---- */

/* In random splits, so that a kernel begins at chaining values of all kinds, and also does
   nothing. */
static void run_split(const struct kernel_family *family, const struct kernel *kernel,
		      struct message *messages, union chain *chains, size_t blocks,
		      uint64_t *random)
{
	union chain *chain_of[LANES_MAX];
	const unsigned char *data_of[LANES_MAX];
	size_t done = 0;

	while (done < blocks) {
		size_t piece = next_random(random) % (blocks - done + 1);

		for (size_t lane = 0; lane < kernel->lanes; lane++) {
			chain_of[lane] = &chains[lane];
			data_of[lane] = messages[lane].blocks + done * family->block_length;
		}
		kernel->run(chain_of, data_of, piece);
		done += piece;
	}
}

static void check_round(const struct kernel_family *family, const struct kernel *kernel,
			struct message *messages, uint64_t seed, uint64_t *random)
{
	size_t blocks = 1 + next_random(random) % (MESSAGE_MAX / family->block_length);
	union chain chains[LANES_MAX];
	struct algorithm algorithm;

	assert_ok(algorithm_find(family->name, &algorithm));
	for (size_t lane = 0; lane < kernel->lanes; lane++) {
		fill_message(family, &messages[lane], blocks, random);
		chains[lane] = algorithm.initial;
	}
	algorithm_release(&algorithm);

	run_split(family, kernel, messages, chains, blocks, random);
	for (size_t lane = 0; lane < kernel->lanes; lane++) {
		struct ssum_digest digest = digest_of(family, &chains[lane]);

		ck_assert_msg(ssum_digest_equal(&digest, &messages[lane].expected),
			      "%s, %s, lane %zu, %zu blocks, seed %llu", family->name, kernel->name,
			      lane, blocks, (unsigned long long)seed);
	}
}

START_TEST(each_row_agrees_with_evp)
{
	const struct kernel_family *family = families[_i];
	uint64_t seed = test_seed(), random = seed;
	static struct message messages[LANES_MAX];

	for (size_t row = 0; row < family->kernel_count; row++) {
		const struct kernel *kernel = &family->kernels[row];

		ck_assert_uint_ge(kernel->lanes, 1);
		ck_assert_uint_le(kernel->lanes, LANES_MAX);
		for (size_t lane = 0; lane < kernel->lanes; lane++)
			messages[lane].memory = guarded_new();
		for (int round = 0; round < ROUNDS; round++)
			check_round(family, kernel, messages, seed, &random);
		for (size_t lane = 0; lane < kernel->lanes; lane++)
			guarded_free(&messages[lane].memory);
	}
}
END_TEST

/* The data are the caller's, perhaps in memory that cannot be written to; and of no blocks nothing
   is read. */
START_TEST(data_are_only_read)
{
	const struct kernel_family *family = families[_i];

	for (size_t row = 0; row < family->kernel_count; row++) {
		const struct kernel *kernel = &family->kernels[row];
		struct guarded memory = guarded_new();
		union chain chains[LANES_MAX], before[LANES_MAX];
		union chain *chain_of[LANES_MAX];
		const unsigned char *data_of[LANES_MAX];

		memset(chains, 0x5a, sizeof(chains));
		memcpy(before, chains, sizeof(chains));
		mprotect(memory.begin, (size_t)(memory.end - memory.begin), PROT_READ);
		for (size_t lane = 0; lane < kernel->lanes; lane++) {
			chain_of[lane] = &chains[lane];
			data_of[lane] = memory.end;
		}
		kernel->run(chain_of, data_of, 0);
		ck_assert_mem_eq(chains, before, sizeof(chains));

		for (size_t lane = 0; lane < kernel->lanes; lane++)
			data_of[lane] = memory.end - 5 * family->block_length;
		kernel->run(chain_of, data_of, 5);
		ck_assert_mem_ne(chains, before, 4 * family->word_length);
		guarded_free(&memory);
	}
}
END_TEST

START_TEST(a_family_begins_with_one_lane)
{
	const struct kernel_family *family = families[_i];

	ck_assert_uint_ge(family->kernel_count, 1);
	ck_assert_uint_eq(family->kernels[0].lanes, 1);
	for (size_t i = 0; i < family->kernel_count; i++) {
		ck_assert(*family->kernels[i].name);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(family->kernels[i].name, family->kernels[j].name);
	}
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_row_agrees_with_evp, FAMILIES},
		{data_are_only_read, FAMILIES},
		{a_family_begins_with_one_lane, FAMILIES},
	};

	return run_suite("kernel", tests, ARRAY_SIZE(tests));
}
