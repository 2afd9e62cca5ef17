/* SPDX-License-Identifier: MIT */
#include "digest/algorithm.h"

#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"
#include "kernels/cpu_features.h"

#define DEFAULT_ALGORITHM "sha1"
#define KERNEL_VARIABLE "SPARSESUM_KERNEL"

/* The padding of SHA-1, SHA-224 and SHA-256 has 64 bits for the length in bits. libcrypto does not
   check for overflow, so this library does. */
#define MAX_LENGTH_64 ((UINT64_C(1) << 61) - 1)

/* The algorithms with kernels. Initial hash values: FIPS 180-4, section 5.3. */
static const struct algorithm with_kernels[] = {
	{
		.name = "sha1",
		.tag = "SHA1",
		.digest_length = 20,
		.block_length = 64,
		.max_length = MAX_LENGTH_64,
		.family = &sha1_family,
		.initial.w32 = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
	},
	{
		.name = "sha224",
		.tag = "SHA224",
		.digest_length = 28,
		.block_length = 64,
		.max_length = MAX_LENGTH_64,
		.family = &sha256_family,
		.initial.w32 = {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31,
				0x68581511, 0x64f98fa7, 0xbefa4fa4},
	},
	{
		.name = "sha256",
		.tag = "SHA256",
		.digest_length = 32,
		.block_length = 64,
		.max_length = MAX_LENGTH_64,
		.family = &sha256_family,
		.initial.w32 = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
	},
	{
		.name = "sha384",
		.tag = "SHA384",
		.digest_length = 48,
		.block_length = 128,
		.max_length = UINT64_MAX,
		.family = &sha512_family,
		.initial.w64 = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
				0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
				0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4},
	},
	{
		.name = "sha512",
		.tag = "SHA512",
		.digest_length = 64,
		.block_length = 128,
		.max_length = UINT64_MAX,
		.family = &sha512_family,
		.initial.w64 = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
				0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
				0x1f83d9abfb41bd6b, 0x5be0cd19137e2179},
	},
};

/* ---- Spellings of a name ---- */

#define SPELLING_MAX sizeof(((struct algorithm *)0)->name)

/*
 * Reduce a name to upper-case letters and digits, so that all spellings of it become equal:
 * "SHA-256", "SHA2-256" and "sha256" become "SHA256"; "SHA2-512/256" and "SHA512-256" become
 * "SHA512256". False if no algorithm has such a name.
 */
static bool algorithm_reduce(const char *name, size_t length, char reduced[SPELLING_MAX])
{
	static const char *const sha2[] = {"224", "256", "384", "512", "512224", "512256"};
	size_t count = 0;

	if (length >= SPELLING_MAX)
		return false;
	/* Not isalnum(3) and toupper(3): they depend on the locale of the program. */
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if (c >= 'a' && c <= 'z')
			reduced[count++] = (char)(c - 'a' + 'A');
		else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			reduced[count++] = c;
		else if (!c || !strchr("-_/", c) || !i || i + 1 == length)
			return false;
	}
	reduced[count] = '\0';
	for (size_t i = 0; !strncmp(reduced, "SHA2", 4) && i < ARRAY_SIZE(sha2); i++)
		if (!strcmp(reduced + 4, sha2[i]))
			memmove(reduced + 3, reduced + 4, strlen(reduced + 4) + 1);
	/* b2sum(1) and rhash(1) name the algorithm without the length of its longest digest. */
	if (!strcmp(reduced, "BLAKE2B"))
		strcat(reduced, "512");
	else if (!strcmp(reduced, "BLAKE2S"))
		strcat(reduced, "256");
	return count > 0;
}

/* ---- Algorithms of libcrypto ---- */

struct algorithm_spelling {
	char reduced[SPELLING_MAX];
	const char *evp_name; /* of libcrypto, or NULL */
};

static void algorithm_compare_spelling(const char *name, void *user)
{
	struct algorithm_spelling *spelling = user;
	char reduced[SPELLING_MAX];

	if (algorithm_reduce(name, strlen(name), reduced) && !strcmp(reduced, spelling->reduced))
		spelling->evp_name = name;
}

static void algorithm_compare_spellings(EVP_MD *evp, void *spelling)
{
	EVP_MD_names_do_all(evp, algorithm_compare_spelling, spelling);
}

/* Keep the first name that can be part of a file name: "SHA2-512/256" is also called
   "SHA512-256". */
static void algorithm_choose_alias(const char *name, void *chosen)
{
	bool is_letter = (*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z');

	if (!*(const char **)chosen && is_letter && !strchr(name, '/'))
		*(const char **)chosen = name;
}

/* Fill in what libcrypto knows of algorithm->evp. False if this library cannot use it. */
static bool algorithm_describe(struct algorithm *algorithm)
{
	EVP_MD *evp = algorithm->evp;
	const char *name = EVP_MD_get0_name(evp);
	int digest_length = EVP_MD_get_size(evp);
	int block_length = EVP_MD_get_block_size(evp);

	if (name && strchr(name, '/')) {
		name = NULL;
		EVP_MD_names_do_all(evp, algorithm_choose_alias, &name);
	}
	if (!name || strlen(name) >= sizeof(algorithm->name) || digest_length <= 0 ||
	    digest_length > SSUM_DIGEST_MAX || block_length < 0 ||
	    EVP_MD_get_flags(evp) & EVP_MD_FLAG_XOF)
		return false;

	/* Not tolower(3) and toupper(3): they depend on the locale of the program. In Turkish they
	   do not convert the I and the i of RIPEMD160. */
	for (size_t i = 0; i <= strlen(name); i++) {
		char c = name[i];

		algorithm->name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		algorithm->tag[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	algorithm->digest_length = (size_t)digest_length;
	algorithm->block_length = (size_t)block_length;
	algorithm->max_length = UINT64_MAX;
	return true;
}

static int algorithm_find_in_libcrypto(const char *name, struct algorithm *algorithm)
{
	int rc = 0;

	struct algorithm_spelling spelling = {.evp_name = NULL};
	bool is_name = algorithm_reduce(name, strlen(name), spelling.reduced);

	*algorithm = (struct algorithm){0};
	/* The error queue belongs to the caller's thread: leave it unchanged. */
	ERR_set_mark();
	algorithm->evp = EVP_MD_fetch(NULL, name, NULL);
	/* "Unavailable now" is not "unknown": for an unknown algorithm, a manifest named after it
	   is an ordinary file. */
	if (!algorithm->evp)
		rc = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_UNSUPPORTED ? SSUM_ERR_ALGORITHM
										: SSUM_ERR_CRYPTO;
	/* libcrypto has several names for one algorithm, but not all spellings of them. */
	if (rc == SSUM_ERR_ALGORITHM && is_name)
		EVP_MD_do_all_provided(NULL, algorithm_compare_spellings, &spelling);
	if (spelling.evp_name && (algorithm->evp = EVP_MD_fetch(NULL, spelling.evp_name, NULL)))
		rc = 0;
	if (!rc && !algorithm_describe(algorithm))
		rc = SSUM_ERR_ALGORITHM;
	ERR_pop_to_mark();

	/* The name can be an alias of an algorithm with kernels, such as "SHA2-256". */
	const struct algorithm *row = NULL;
	for (size_t i = 0; !rc && i < ARRAY_SIZE(with_kernels); i++)
		if (EVP_MD_is_a(algorithm->evp, with_kernels[i].name))
			row = &with_kernels[i];
	if (rc || row)
		algorithm_release(algorithm);
	if (row)
		*algorithm = *row;
	return rc;
}

/* ---- Kernels ---- */

static unsigned features;
static pthread_once_t features_once = PTHREAD_ONCE_INIT;

static void algorithm_find_features(void)
{
	features = cpu_features();
}

static int algorithm_set_kernels(struct algorithm *algorithm)
{
	const char *name = getenv(KERNEL_VARIABLE);
	unsigned needs = ~0U;

	pthread_once(&features_once, algorithm_find_features);
	algorithm->features = features;
	if (!name || !*name)
		return 0;

	/* The environment names a kernel: for tests, and to diagnose a machine. If no family has
	   the kernel, this is an error. A family without it uses its first one. */
	for (size_t i = 0; i < ARRAY_SIZE(with_kernels); i++) {
		const struct kernel *row = kernel_find(with_kernels[i].family, name);

		if (row)
			needs = row->needs;
	}
	if (needs & ~algorithm->features)
		return SSUM_ERR_KERNEL;
	algorithm->forced = kernel_find(algorithm->family, name);
	if (!algorithm->forced)
		algorithm->forced = &algorithm->family->kernels[0];
	return 0;
}

/* ---- By name ---- */

bool algorithm_is_named(const struct algorithm *algorithm, const char *name, size_t length)
{
	char own[SPELLING_MAX], other[SPELLING_MAX];
	struct algorithm_spelling spelling = {.evp_name = NULL};

	if (!algorithm_reduce(name, length, other))
		return false;
	if (algorithm_reduce(algorithm->name, strlen(algorithm->name), own) && !strcmp(own, other))
		return true;
	strcpy(spelling.reduced, other);
	if (algorithm->evp)
		algorithm_compare_spellings(algorithm->evp, &spelling);
	return spelling.evp_name != NULL;
}

int algorithm_find(const char *name, struct algorithm *algorithm)
{
	size_t i = 0;
	int rc = 0;

	if (!name)
		name = DEFAULT_ALGORITHM;
	while (i < ARRAY_SIZE(with_kernels) &&
	       !algorithm_is_named(&with_kernels[i], name, strlen(name)))
		i++;
	if (i < ARRAY_SIZE(with_kernels))
		*algorithm = with_kernels[i];
	else
		rc = algorithm_find_in_libcrypto(name, algorithm);
	return !rc && algorithm->family ? algorithm_set_kernels(algorithm) : rc;
}

void algorithm_release(struct algorithm *algorithm)
{
	EVP_MD_free(algorithm->evp);
	*algorithm = (struct algorithm){0};
}

int algorithm_find_manifest(const char *name, struct algorithm *algorithm)
{
	size_t suffix = strlen(MANIFEST_SUFFIX);
	size_t length = strlen(name);
	char prefix[sizeof(algorithm->name)];

	if (length <= suffix || strcmp(name + length - suffix, MANIFEST_SUFFIX) ||
	    length - suffix >= sizeof(prefix))
		return SSUM_ERR_ALGORITHM;
	memcpy(prefix, name, length - suffix);
	prefix[length - suffix] = '\0';
	return algorithm_find(prefix, algorithm);
}

/* ---- Several at the same time ---- */

static bool algorithms_have(const struct algorithms *algorithms, const char *name)
{
	for (size_t i = 0; i < algorithms->count; i++)
		if (!strcmp(algorithms->rows[i].name, name))
			return true;
	return false;
}

int algorithms_find(const char *const *names, struct algorithms *algorithms, const char **culprit)
{
	static const char *const defaults[] = {NULL, NULL};
	size_t count = 0;
	int rc = 0;

	*algorithms = (struct algorithms){0};
	while (names && names[count])
		count++;
	if (!count) {
		names = defaults;
		count = 1;
	}
	algorithms->rows = calloc(count, sizeof(*algorithms->rows));
	if (!algorithms->rows)
		return -ENOMEM;

	for (size_t i = 0; i < count && !rc; i++) {
		struct algorithm *row = &algorithms->rows[i];

		rc = algorithm_find(names[i], row);
		if (!rc) {
			if (algorithms_have(algorithms, row->name))
				rc = SSUM_ERR_OPTIONS;
			algorithms->count++;
		}
		if (rc && names[i])
			*culprit = names[i];
	}
	if (rc)
		algorithms_release(algorithms);
	return rc;
}

void algorithms_release(struct algorithms *algorithms)
{
	for (size_t i = 0; i < algorithms->count; i++)
		algorithm_release(&algorithms->rows[i]);
	free(algorithms->rows);
	*algorithms = (struct algorithms){0};
}

/* A limit above the number of algorithms in libcrypto with one digest length. */
#define SAME_LENGTH_MAX 32

struct names_of_length {
	size_t length; /* of the digests */
	char name[SAME_LENGTH_MAX][sizeof(((struct algorithm *)0)->name)];
	size_t count;
};

static void algorithms_collect_name(EVP_MD *evp, void *user)
{
	struct names_of_length *names = user;
	const char *name = EVP_MD_get0_name(evp);

	if (name && EVP_MD_get_size(evp) == (int)names->length && names->count < SAME_LENGTH_MAX &&
	    strlen(name) < sizeof(names->name[0]))
		strcpy(names->name[names->count++], name);
}

int algorithms_of_length(size_t length, struct algorithms *algorithms)
{
	struct names_of_length names = {.length = length};

	*algorithms =
		(struct algorithms){.rows = calloc(SAME_LENGTH_MAX, sizeof(*algorithms->rows))};
	if (!algorithms->rows)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(with_kernels); i++)
		if (with_kernels[i].digest_length == length)
			strcpy(names.name[names.count++], with_kernels[i].name);
	EVP_MD_do_all_provided(NULL, algorithms_collect_name, &names);

	/* libcrypto has several names for one algorithm, also for those with kernels. */
	for (size_t i = 0; i < names.count; i++) {
		struct algorithm *row = &algorithms->rows[algorithms->count];

		if (algorithm_find(names.name[i], row))
			continue;
		if (row->digest_length == length && !algorithms_have(algorithms, row->name))
			algorithms->count++;
		else
			algorithm_release(row);
	}
	return 0;
}

/* ---- For callers of the library ---- */

const char *ssum_algorithm_name(size_t index)
{
	return index < ARRAY_SIZE(with_kernels) ? with_kernels[index].name : NULL;
}

int ssum_algorithm(const char *name, struct ssum_algorithm_info *info)
{
	struct ssum_algorithm_info known = {.size = sizeof(known)};
	struct algorithm algorithm;
	int rc = algorithm_find(name, &algorithm);

	if (rc)
		return rc;
	memcpy(known.name, algorithm.name, sizeof(known.name));
	memcpy(known.tag, algorithm.tag, sizeof(known.tag));
	snprintf(known.manifest, sizeof(known.manifest), "%s" MANIFEST_SUFFIX, algorithm.tag);
	known.digest_length = algorithm.digest_length;
	known.block_length = algorithm.block_length;
	known.max_length = algorithm.max_length;
	algorithm_release(&algorithm);
	return options_copy_out(info, &known, sizeof(known));
}
