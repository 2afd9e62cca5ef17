/* SPDX-License-Identifier: MIT */
/*
 * Measures each kernel: GB/s with data in the second-level cache, with data in memory, and with
 * zeros. The number in brackets is the ratio to one lane of libcrypto. The number after it is that
 * ratio divided by the one of the best known implementation. Each round measures all kernels, so
 * that other load affects all of them equally. The ratio is the median of the rounds.
 *
 *	kernels [ROUNDS [WORD]]     only rows whose name contains WORD
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/cpu_features.h"
#include "kernels/kernel.h"

#define ROWS_MAX 16
#define ROUNDS_MAX 1000

/* A share of the cache, and far more than any cache. */
#define CACHED_BYTES (256 * KIB)
#define MEMORY_BYTES (192 * MIB)

enum place { CACHED, MEMORY, ZEROS, PLACES };

static const char *const place_names[PLACES] = {"data in L2", "data in DRAM", "zeros"};

/*
 * The best known speed in GB/s of one core. For many lanes it is the best of several
 * implementations that were measured on a Zen 5 core at 3.75 GHz. For one lane it is computed: each
 * step depends on the one before, so a block takes 122 cycles for SHA-1 and 130 for SHA-256,
 * however wide the core is. Other machines have other figures, but similar ratios to one lane of
 * libcrypto, and only the ratios are compared. 0: not measured.
 */
struct bound {
	const struct kernel_family *family;
	const char *row;
	double rate[PLACES];
};

#define ONE_LANE_SHA1 (64 * 3.75 / 122)
#define ONE_LANE_SHA256 (64 * 3.75 / 130)

static const struct bound bounds[] = {
	{&sha1_family, "sha-ni-1", {ONE_LANE_SHA1, ONE_LANE_SHA1, 0}},
	{&sha1_family, "sha-ni-2", {3.4, 3.5, 3.5}},
	{&sha1_family, "sha-ni-3", {4.5, 4.5, 4.7}},
	{&sha1_family, "sha-ni-4", {5.1, 5.2, 5.2}},
	{&sha1_family, "sha-ni-6", {5.3, 5.1, 6.0}},
	{&sha1_family, "avx2-8", {3.6, 0, 0}},
	{&sha1_family, "avx512-16", {11.4, 10.6, 11.1}},
	{&sha1_family, "avx512-32", {14.4, 8.0, 21.6}},
	{&sha1_family, "avx512-64", {0, 0, 30.3}},
	{&sha256_family, "sha-ni-1", {ONE_LANE_SHA256, 0, 0}},
	{&sha256_family, "sha-ni-2", {2.8, 0, 3.2}},
	{&sha256_family, "sha-ni-3", {3.2, 0, 0}},
	{&sha256_family, "sha-ni-4", {3.4, 0, 3.7}},
	{&sha256_family, "avx512-16", {5.7, 0, 6.4}},
	{&sha256_family, "avx512-32", {6.6, 0, 10.2}},
};

/* libcrypto's one lane on the machine of the bounds. */
static const struct bound references[] = {
	{&sha1_family, "libcrypto", {1.96, 1.90, 1.99}},
	{&sha256_family, "libcrypto", {1.85, 0, 1.85}},
};

struct result {
	double seconds[ROUNDS_MAX]; /* for one byte */
};

static struct result results[ROWS_MAX][PLACES];
static unsigned char *memory;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The data of the lanes are adjacent, as the buffers of the engine are. */
static double seconds_per_byte(const struct kernel_family *family, const struct kernel *row,
			       enum place place)
{
	static union chain chain[LANES_MAX];
	union chain *chains[LANES_MAX];
	const unsigned char *data[LANES_MAX];
	size_t total = place == MEMORY ? MEMORY_BYTES : CACHED_BYTES;
	size_t blocks = total / row->lanes / family->block_length;
	size_t length = blocks * family->block_length;
	double start;

	for (unsigned i = 0; i < row->lanes; i++) {
		chains[i] = &chain[i];
		data[i] = memory + i * length;
	}
	/* The first pass only loads the data into the cache again. */
	for (int pass = place == CACHED ? 0 : 1; pass < 2; pass++) {
		start = now();
		if (place == ZEROS)
			row->run_zeros(chains, blocks);
		else
			row->run(chains, data, blocks);
	}
	return (now() - start) / (double)(length * row->lanes);
}

static bool has_place(const struct kernel *row, enum place place)
{
	return place == ZEROS ? row->run_zeros != NULL : row->run != NULL;
}

static bool is_wanted(const struct kernel *row, const char *word)
{
	return !(row->needs & ~cpu_features()) && (!row->needs || !word || strstr(row->name, word));
}

static void measure(const struct kernel_family *family, unsigned rounds, const char *word)
{
	for (enum place place = 0; place < PLACES; place++) {
		for (unsigned round = 0; round < rounds; round++) {
			if (place == MEMORY && round >= 5 && round >= rounds / 10)
				break;
			for (size_t i = 0; i < family->kernel_count; i++) {
				const struct kernel *row = &family->kernels[i];

				if (!is_wanted(row, word) || !has_place(row, place))
					continue;
				results[i][place].seconds[round] =
					seconds_per_byte(family, row, place);
			}
		}
	}
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double rate_in(const struct bound table[], size_t count, const struct kernel_family *family,
		      const char *row, enum place place)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].family == family && !strcmp(table[i].row, row))
			return table[i].rate[place];
	return 0;
}

/* The best known ratio of a row to libcrypto's one lane, or 0. */
static double possible(const struct kernel_family *family, const struct kernel *row,
		       enum place place)
{
	double reference = rate_in(references, ARRAY_SIZE(references), family, "libcrypto", place);
	double rate = rate_in(bounds, ARRAY_SIZE(bounds), family, row->name, place);

	return reference > 0 ? rate / reference : 0;
}

static void print_place(const struct result *result, const struct result *libcrypto, double bound)
{
	double ratios[ROUNDS_MAX], best = 1;
	unsigned count = 0;

	for (; count < ROUNDS_MAX && result->seconds[count] > 0; count++) {
		ratios[count] = libcrypto->seconds[count] / result->seconds[count];
		if (result->seconds[count] < best)
			best = result->seconds[count];
	}
	if (!count) {
		printf("  %15s %5s", "", "");
		return;
	}
	qsort(ratios, count, sizeof(*ratios), compare);
	printf("  %6.2f (%5.2fx)", 1e-9 / best, ratios[count / 2]);
	if (bound > 0)
		printf(" %5.2f", ratios[count / 2] / bound);
	else
		printf(" %5s", "-");
}

static void print(const struct kernel_family *family, const char *word)
{
	for (size_t i = 0; i < family->kernel_count; i++) {
		const struct kernel *row = &family->kernels[i];

		if (!is_wanted(row, word))
			continue;
		printf("%-8s%-20s%5u", family->name, row->name, row->lanes);
		for (enum place place = 0; place < PLACES; place++)
			print_place(&results[i][place], &results[0][place],
				    possible(family, row, place));
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	static const struct kernel_family *const families[] = {&sha1_family, &sha256_family,
							       &sha512_family};
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	const char *word = argc > 2 ? argv[2] : NULL;

	if (!rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: kernels [ROUNDS [WORD]], 1 to %u rounds\n", ROUNDS_MAX);
		return EXIT_FAILURE;
	}
	memory = aligned_alloc(4 * KIB, MEMORY_BYTES);
	if (!memory) {
		perror("kernels");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < MEMORY_BYTES; i++)
		memory[i] = (unsigned char)(i * 2654435761U >> 24);

	printf("%-8s%-20s%5s", "GB/s", "kernel", "lanes");
	for (enum place place = 0; place < PLACES; place++)
		printf("  %15s %5s", place_names[place], "bound");
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		memset(results, 0, sizeof(results));
		measure(families[i], rounds, word);
		print(families[i], word);
	}
	free(memory);
	return EXIT_SUCCESS;
}
