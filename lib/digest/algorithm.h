/* SPDX-License-Identifier: MIT */
/* Algorithms by name: the library's own chains in a table, everything else from libcrypto. */
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
	const struct kernel_family *family;
	EVP_MD *evp;

	/* With family. */
	union chain initial;         /* H(0) */
	unsigned features;           /* of the machine */
	const struct kernel *forced; /* or NULL: by the environment */
};

/* Look a name up; NULL is the default. After success call algorithm_release().
   0, SSUM_ERR_ALGORITHM or SSUM_ERR_KERNEL. */
int algorithm_find(const char *name, struct algorithm *algorithm);
void algorithm_release(struct algorithm *algorithm);

/* The algorithm of a manifest's file name, such as SHA1SUMS. */
int algorithm_find_manifest(const char *name, struct algorithm *algorithm);

/* Several at once. */
struct algorithms {
	struct algorithm *rows;
	size_t count;
};

/* From a list that ends in NULL; NULL or an empty one is the default. After success call
   algorithms_release(). SSUM_ERR_ALGORITHM, SSUM_ERR_OPTIONS if one is named twice, -ENOMEM; if a
   name is the reason, *culprit is set to it. */
int algorithms_find(const char *const *names, struct algorithms *algorithms, const char **culprit);
void algorithms_release(struct algorithms *algorithms);

/* All with digests of that length, the library's own first; there may be none. After success call
   algorithms_release(). 0 or -ENOMEM; algorithms that are unavailable are left out. */
int algorithms_of_length(size_t length, struct algorithms *algorithms);

#endif
