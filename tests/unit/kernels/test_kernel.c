/* SPDX-License-Identifier: MIT */
/*
 * Every kernel that this machine can run, against libcrypto's EVP. TEST_SEED=N repeats a run;
 * TEST_CPU_FEATURES=MASK disables features that an emulator does not support.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "digest/algorithm.h"
#include "kernels/cpu_features.h"
#include "kernels/kernel.h"
#include "support/suite.h"

#define BLOCKS_MAX 40

static const struct kernel_family *const families[] = {&sha1_family, &sha256_family,
						       &sha512_family};

static uint64_t random_state;

/* xorshift64*: the same sequence on every machine. */
static uint64_t next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static void fill_random(void *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((unsigned char *)data)[i] = (unsigned char)(next_random() >> 56);
}

static void start_random(int loop)
{
	const char *seed = getenv("TEST_SEED");

	random_state =
		(seed ? strtoull(seed, NULL, 0) : (uint64_t)getpid()) * 1000 + 1 + (uint64_t)loop;
	printf("seed %s%d\n", seed ? seed : "", seed ? 0 : (int)getpid());
}

static unsigned features_here(void)
{
	const char *mask = getenv("TEST_CPU_FEATURES");

	return cpu_features() & (mask ? (unsigned)strtoul(mask, NULL, 0) : ~0U);
}

static bool is_runnable(const struct kernel *row)
{
	return !(row->needs & ~features_here());
}

/* ---- Messages next to a guard page, before or after it ---- */

struct guarded {
	unsigned char *pages;
	size_t length;
	unsigned char *data;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* `length` bytes that end just before a page without access, or begin just after one. */
static void guarded_new(struct guarded *guarded, size_t length, bool at_end)
{
	size_t page = page_size();
	size_t room = (length + page) / page * page;

	guarded->length = room + 2 * page;
	guarded->pages = mmap(NULL, guarded->length, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(guarded->pages, MAP_FAILED);
	ck_assert_int_eq(mprotect(guarded->pages, page, PROT_NONE), 0);
	ck_assert_int_eq(mprotect(guarded->pages + page + room, page, PROT_NONE), 0);
	guarded->data = guarded->pages + page + (at_end ? room - length : 0);
}

static void guarded_free(struct guarded *guarded)
{
	ck_assert_int_eq(munmap(guarded->pages, guarded->length), 0);
}

/* ---- Expected results ---- */

/* The result of one lane by the portable kernel, which test_portable compares with EVP. */
static void advance(const struct kernel_family *family, union chain *chain,
		    const unsigned char *data, size_t blocks)
{
	family->kernels[0].run(&chain, &data, blocks);
}

static void check_chain(const struct kernel *row, unsigned lane, size_t blocks,
			const union chain *actual, const union chain *expected)
{
	ck_assert_msg(!memcmp(actual, expected, sizeof(*actual)), "%s, lane %u, %zu blocks",
		      row->name, lane, blocks);
}

/* SHA-1 uses five of the eight words. A kernel must not change the others, so whole unions are
   compared. */
static void check_run(const struct kernel_family *family, const struct kernel *row, size_t blocks,
		      bool shared)
{
	struct guarded messages[LANES_MAX];
	union chain actual[LANES_MAX], expected[LANES_MAX];
	union chain *chains[LANES_MAX];
	const unsigned char *data[LANES_MAX];
	size_t length = blocks * family->block_length;
	bool at_end = next_random() >> 63;

	for (unsigned i = 0; i < row->lanes; i++) {
		guarded_new(&messages[i], length, at_end);
		fill_random(messages[i].data, length);
		fill_random(&actual[i], sizeof(actual[i]));
		expected[i] = actual[i];
		chains[i] = &actual[i];
		data[i] = messages[shared ? i / 2 : i].data;
		advance(family, &expected[i], data[i], blocks);
	}
	row->run(chains, data, blocks);
	for (unsigned i = 0; i < row->lanes; i++) {
		check_chain(row, i, blocks, &actual[i], &expected[i]);
		guarded_free(&messages[i]);
	}
}

static void check_zeros(const struct kernel_family *family, const struct kernel *row, size_t blocks)
{
	static const unsigned char zeros[BLOCKS_MAX * BLOCK_MAX];
	union chain actual[LANES_MAX], expected[LANES_MAX];
	union chain *chains[LANES_MAX];

	fill_random(actual, sizeof(actual));
	memcpy(expected, actual, sizeof(actual));
	for (unsigned i = 0; i < row->lanes; i++) {
		chains[i] = &actual[i];
		advance(family, &expected[i], zeros, blocks);
	}
	row->run_zeros(chains, blocks);
	for (unsigned i = 0; i < row->lanes; i++)
		check_chain(row, i, blocks, &actual[i], &expected[i]);
}

/* ---- The tests ---- */

/* The portable kernel against EVP: random content, split at a random block. */
START_TEST(portable_kernel_matches_evp)
{
	struct algorithm algorithm;
	unsigned char data[BLOCKS_MAX * BLOCK_MAX], digest[EVP_MAX_MD_SIZE];

	start_random(_i);
	for (size_t n = 0; ssum_algorithm_name(n); n++) {
		assert_ok(algorithm_find(ssum_algorithm_name(n), &algorithm));
		const struct kernel_family *family = algorithm.family;
		size_t block = family->block_length, word = family->word_length;
		size_t blocks = 1 + next_random() % (BLOCKS_MAX - 1), cut = next_random() % blocks;
		size_t content = blocks * block - family->length_length - 1;
		union chain chain = algorithm.initial;

		fill_random(data, content);
		ck_assert(EVP_Digest(data, content, digest, NULL,
				     EVP_get_digestbyname(algorithm.name), NULL));
		memset(data + content, 0, blocks * block - content);
		data[content] = 0x80;
		for (size_t i = 0; i < 8; i++)
			data[blocks * block - 1 - i] = (unsigned char)(content * 8 >> (8 * i));

		advance(family, &chain, data, cut);
		advance(family, &chain, data + cut * block, blocks - cut);
		for (size_t i = 0; i < algorithm.digest_length; i++) {
			uint64_t value = word == 4 ? chain.w32[i / 4] : chain.w64[i / 8];
			ck_assert_uint_eq((value >> (8 * (word - 1 - i % word))) & 0xff, digest[i]);
		}
		algorithm_release(&algorithm);
	}
}
END_TEST

static void check_lengths(const struct kernel_family *family, const struct kernel *row)
{
	for (size_t blocks = 0; blocks <= BLOCKS_MAX; blocks++) {
		if (row->run) {
			check_run(family, row, blocks, false);
			check_run(family, row, blocks, true);
		}
		if (row->run_zeros)
			check_zeros(family, row, blocks);
	}
}

/* Data at any address, and chaining values at any address that their type allows. */
static void check_alignment(const struct kernel_family *family, const struct kernel *row)
{
	static unsigned char text[LANES_MAX * 64 + 4 * BLOCK_MAX];
	static union chain space[2 * LANES_MAX];
	union chain *chains[LANES_MAX], expected[LANES_MAX];
	const unsigned char *data[LANES_MAX];

	fill_random(text, sizeof(text));
	for (size_t shift = 0; shift < 64; shift++) {
		for (unsigned i = 0; i < row->lanes; i++) {
			chains[i] = (union chain *)&space[2 * i].w64[(shift + i) % 8];
			fill_random(chains[i], sizeof(*chains[i]));
			expected[i] = *chains[i];
			data[i] = text + i * 61 + shift;
			advance(family, &expected[i], data[i], 3);
		}
		row->run(chains, data, 3);
		for (unsigned i = 0; i < row->lanes; i++)
			check_chain(row, i, 3, chains[i], &expected[i]);
	}
}

/* Idle lanes may share one chaining value, which is overwritten, and the data of another lane. */
static void check_idle_lanes(const struct kernel_family *family, const struct kernel *row)
{
	unsigned char data[2 * BLOCK_MAX];
	union chain busy, spoiled, expected;
	union chain *chains[LANES_MAX];
	const unsigned char *inputs[LANES_MAX];

	fill_random(data, sizeof(data));
	fill_random(&spoiled, sizeof(spoiled));
	for (unsigned lane = 0; lane < row->lanes; lane++) {
		for (unsigned i = 0; i < row->lanes; i++) {
			chains[i] = i == lane ? &busy : &spoiled;
			inputs[i] = data;
		}
		fill_random(&busy, sizeof(busy));
		expected = busy;
		advance(family, &expected, data, 2);
		row->run(chains, inputs, 2);
		check_chain(row, lane, 2, &busy, &expected);
	}
}

/* The kernels of all families. */
static const struct kernel *row_at(size_t index, const struct kernel_family **family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		*family = families[i];
		if (index < families[i]->kernel_count)
			return &families[i]->kernels[index];
		index -= families[i]->kernel_count;
	}
	return NULL;
}

START_TEST(kernel_matches_portable_kernel)
{
	const struct kernel_family *family;
	const struct kernel *row = row_at((size_t)_i, &family);

	ck_assert_uint_le(row->lanes, LANES_MAX);
	ck_assert(row->run || row->run_zeros);
	if (!is_runnable(row))
		skip("%s %s needs features that this machine lacks", family->name, row->name);
	start_random(_i);
	check_lengths(family, row);
	if (row->run) {
		check_alignment(family, row);
		check_idle_lanes(family, row);
	}
}
END_TEST

/* The kernels that this architecture must have, if the processor has all known features. */
#if defined(__x86_64__)
#define WIDE_LANES 8
#elif defined(__AARCH64EL__)
#define WIDE_LANES 2
#else
#define WIDE_LANES 1
#endif

START_TEST(kernel_is_chosen_by_features_and_lanes)
{
	const struct kernel_family *family = families[_i];

	for (unsigned features = 0; features <= CPU_ALL; features++) {
		for (unsigned busy = 1; busy <= 2 * LANES_MAX; busy++) {
			const struct kernel *row = kernel_choose(family, features, busy, false);
			ck_assert(row->run && !(row->needs & ~features));
			row = kernel_choose(family, features, busy, true);
			ck_assert(row->run_zeros && !(row->needs & ~features));
		}
	}
	/* Without processor features only the portable kernel is left; with enough lanes, wide
	   kernels are chosen. */
	ck_assert_ptr_eq(kernel_choose(family, 0, 64, false), &family->kernels[0]);
	ck_assert_ptr_eq(kernel_choose(family, 0, 64, true), &family->kernels[0]);
	ck_assert_uint_eq(kernel_choose(family, ~0U, 1, false)->lanes, 1);
	ck_assert_uint_ge(kernel_choose(family, ~0U, 64, false)->lanes, WIDE_LANES);

	for (size_t n = 0; n < family->kernel_count; n++)
		ck_assert_ptr_eq(kernel_find(family, family->kernels[n].name), &family->kernels[n]);
	ck_assert_ptr_null(kernel_find(family, "avx"));
	ck_assert_ptr_null(kernel_find(family, ""));
}
END_TEST

/* CPUID leaf 1 ECX: SSSE3, SSE4.1, OSXSAVE, AVX. Leaf 7 EBX: AVX2, SHA, AVX-512 F, BW, VL. */
#define SSE (1U << 9 | 1U << 19)
#define SAVES (1U << 27)
#define AVX (1U << 28)
#define AVX2 (1U << 5)
#define SHA (1U << 29)
#define F (1U << 16)
#define BW (1U << 30)
#define VL (1U << 31)

static const struct {
	struct cpu_registers registers;
	unsigned features;
} machines[] = {
	{{0, 0, 0}, 0},
	{{SSE, 0, 0}, 0},
	{{SSE, SHA, 0}, CPU_SHA_NI},
	{{0, SHA, 0}, 0},
	{{1U << 9, SHA, 0}, 0},
	{{SSE | SAVES | AVX, AVX2, 7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | SHA, 7}, CPU_AVX2 | CPU_SHA_NI},
	/* The operating system does not report which registers it saves, or does not save the YMM
	   or the SSE registers. */
	{{SSE | AVX, AVX2 | SHA | F | BW | VL, 0xe7}, CPU_SHA_NI},
	{{SSE | SAVES | AVX, AVX2 | SHA | F | BW | VL, 3}, CPU_SHA_NI},
	{{SSE | SAVES | AVX, AVX2 | SHA | F | BW | VL, 5}, CPU_SHA_NI},
	/* AVX is disabled, or is the only feature. */
	{{SSE | SAVES, AVX2, 7}, 0},
	{{SSE | SAVES | AVX, 0, 7}, 0},
	/* AVX-512 with all its features, with some, and without each of its three register
	   states. */
	{{SSE | SAVES | AVX, AVX2 | F | BW | VL, 0xe7}, CPU_AVX2 | CPU_AVX512},
	{{SSE | SAVES | AVX, AVX2 | SHA | F | BW | VL, 0xe7}, CPU_AVX2 | CPU_AVX512 | CPU_SHA_NI},
	{{SSE | SAVES | AVX, AVX2 | F, 0xe7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | VL, 0xe7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | BW, 0xe7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | BW | VL, 0xe7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | BW | VL, 0x07}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | BW | VL, 0xc7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | BW | VL, 0xa7}, CPU_AVX2},
	{{SSE | SAVES | AVX, AVX2 | F | BW | VL, 0x67}, CPU_AVX2},
};

START_TEST(x86_features_are_detected)
{
	ck_assert_uint_eq(cpu_features_from(&machines[_i].registers), machines[_i].features);
}
END_TEST

/* The bits of AT_HWCAP on arm64 Linux: AES 3, PMULL 4, SHA1 5, SHA2 6, CRC32 7, SHA3 17, SHA512
   21. */
static const struct {
	unsigned long hwcap;
	unsigned features;
} arm_machines[] = {
	{0, 0},
	{0x3, 0},
	{1UL << 5, 0},
	{1UL << 6, 0},
	{1UL << 5 | 1UL << 6, CPU_ARM_SHA},
	{0xfb, CPU_ARM_SHA},             /* Cortex-A53 */
	{0xfb & ~(0xfUL << 3), 0},       /* the same without the cryptography extension */
	{0xfb | 1UL << 17, CPU_ARM_SHA}, /* SHA-3 without SHA-512 */
	{1UL << 21, CPU_ARM_SHA512},
	{0xfb | 1UL << 21, CPU_ARM_SHA | CPU_ARM_SHA512},
};

START_TEST(arm_features_are_detected)
{
	ck_assert_uint_eq(cpu_features_from_hwcap(arm_machines[_i].hwcap),
			  arm_machines[_i].features);
}
END_TEST

int main(void)
{
	const struct kernel_family *family;
	int rows = 0;

	while (row_at((size_t)rows, &family))
		rows++;
	const struct test tests[] = {
		{portable_kernel_matches_evp, 20},
		{kernel_matches_portable_kernel, rows},
		{kernel_is_chosen_by_features_and_lanes, ARRAY_SIZE(families)},
		{x86_features_are_detected, ARRAY_SIZE(machines)},
		{arm_features_are_detected, ARRAY_SIZE(arm_machines)},
	};

	return run_suite("kernel", tests, ARRAY_SIZE(tests));
}
