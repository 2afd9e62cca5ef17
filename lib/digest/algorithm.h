/* SPDX-License-Identifier: MIT */
/* Algorithms by name. Those with kernels are in a table in algorithm.c; all others are from
   libcrypto. */
#ifndef DIGEST_ALGORITHM_H
#define DIGEST_ALGORITHM_H

#include <openssl/evp.h>

#include "kernels/kernel.h"

struct algorithm {
	char name[32];        /* "sha1" */
	char tag[32];         /* "SHA1" */
	size_t digest_length; /* bytes */
	size_t block_length;  /* bytes */
	uint64_t max_length;  /* bytes of content */

	/* One of the two is set. */
	const struct kernel_family *family; /* it has kernels */
	EVP_MD *evp;                        /* it is from libcrypto */

	/* With a family. */
	union chain initial;         /* H(0) */
	unsigned features;           /* of the processor: bits of cpu_features.h */
	const struct kernel *forced; /* the kernel named by the environment, or NULL */
};

/* Find an algorithm by its name, in any spelling: "SHA2-512/256", "sha512-256", "sha512256",
   "BLAKE2b". NULL is the default. After success call algorithm_release().
   0, SSUM_ERR_ALGORITHM, SSUM_ERR_CRYPTO or SSUM_ERR_KERNEL. */
int algorithm_find(const char *name, struct algorithm *algorithm);
void algorithm_release(struct algorithm *algorithm);

/* Whether these characters are a name of the algorithm, in any spelling. */
bool algorithm_is_named(const struct algorithm *algorithm, const char *name, size_t length);

/* A manifest is named for its algorithm: "SHA1SUMS". */
#define MANIFEST_SUFFIX "SUMS"

/* Find the algorithm of a manifest by the file name, such as SHA1SUMS. As algorithm_find(). */
int algorithm_find_manifest(const char *name, struct algorithm *algorithm);

/* A list of algorithms. */
struct algorithms {
	struct algorithm *rows;
	size_t count;
};

/* Find all names of a list that ends with NULL. For an empty list, or NULL, find the default. After
   success call algorithms_release(). As algorithm_find(), and SSUM_ERR_OPTIONS if an algorithm is
   named twice, -ENOMEM. If a name caused the error, *culprit is set to it. */
int algorithms_find(const char *const *names, struct algorithms *algorithms, const char **culprit);
void algorithms_release(struct algorithms *algorithms);

/* Find all available algorithms with digests of this length; there may be none. Those with kernels
   come first. After success call algorithms_release(). 0 or -ENOMEM. */
int algorithms_of_length(size_t length, struct algorithms *algorithms);

#endif
