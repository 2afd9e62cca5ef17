/* SPDX-License-Identifier: MIT */
/* The algorithms that a digest may be of, by its length. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest/algorithm.h"

/* More than libcrypto and its providers have of one length. */
#define NAMES_MAX 32

struct names {
	size_t length; /* of the digests */
	char name[NAMES_MAX][sizeof(((struct algorithm *)0)->name)];
	size_t count;
};

static void add_name(struct names *names, const char *name)
{
	if (names->count < NAMES_MAX && strlen(name) < sizeof(names->name[0]))
		strcpy(names->name[names->count++], name);
}

static void add_provided(EVP_MD *evp, void *user)
{
	struct names *names = user;
	const char *name = EVP_MD_get0_name(evp);

	if (name && EVP_MD_get_size(evp) == (int)names->length)
		add_name(names, name);
}

/* libcrypto has several names for one algorithm, the library's own ones among them. */
static bool is_there(const struct algorithms *algorithms, const struct algorithm *row)
{
	for (size_t i = 0; i < algorithms->count; i++)
		if (!strcmp(algorithms->rows[i].name, row->name))
			return true;
	return false;
}

static void add_algorithm(struct algorithms *algorithms, const char *name, size_t length)
{
	struct algorithm *row = &algorithms->rows[algorithms->count];

	if (algorithm_find(name, row))
		return;
	if (row->digest_length == length && !is_there(algorithms, row))
		algorithms->count++;
	else
		algorithm_release(row);
}

int algorithms_of_length(size_t length, struct algorithms *algorithms)
{
	struct names names = {.length = length};

	*algorithms = (struct algorithms){.rows = calloc(NAMES_MAX, sizeof(*algorithms->rows))};
	if (!algorithms->rows)
		return -ENOMEM;
	for (size_t i = 0; ssum_algorithm_name(i); i++)
		add_name(&names, ssum_algorithm_name(i));
	EVP_MD_do_all_provided(NULL, add_provided, &names);
	for (size_t i = 0; i < names.count; i++)
		add_algorithm(algorithms, names.name[i], length);
	return 0;
}
