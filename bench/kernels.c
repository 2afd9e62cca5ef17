/* SPDX-License-Identifier: MIT */
/*
 * How fast each kernel is: GB/s with data in the second-level cache, with data in memory, and on
 * zeros, and in brackets the ratio to libcrypto's one lane. Every round times all rows in turn, so
 * that what else the machine does falls on all alike; the ratio is the median over the rounds.
 *
 *	kernels [ROUNDS [WORD]]     only rows whose name holds the word
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

/* Lanes lie one after another, as the buffers of an engine do. */
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
	/* The first pass only brings what others have displaced back into the cache. */
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

static void print_place(const struct result *result, const struct result *libcrypto)
{
	double ratios[ROUNDS_MAX], best = 1;
	unsigned count = 0;

	for (; count < ROUNDS_MAX && result->seconds[count] > 0; count++) {
		ratios[count] = libcrypto->seconds[count] / result->seconds[count];
		if (result->seconds[count] < best)
			best = result->seconds[count];
	}
	if (!count) {
		printf("  %15s", "");
		return;
	}
	qsort(ratios, count, sizeof(*ratios), compare);
	printf("  %6.2f (%5.2fx)", 1e-9 / best, ratios[count / 2]);
}

static void print(const struct kernel_family *family, const char *word)
{
	for (size_t i = 0; i < family->kernel_count; i++) {
		const struct kernel *row = &family->kernels[i];

		if (!is_wanted(row, word))
			continue;
		printf("%-8s%-20s%5u", family->name, row->name, row->lanes);
		for (enum place place = 0; place < PLACES; place++)
			print_place(&results[i][place], &results[0][place]);
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
		printf("  %15s", place_names[place]);
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		memset(results, 0, sizeof(results));
		measure(families[i], rounds, word);
		print(families[i], word);
	}
	free(memory);
	return EXIT_SUCCESS;
}
