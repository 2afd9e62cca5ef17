/* SPDX-License-Identifier: MIT */
/* Expected digests, computed without code of the library. */
#ifndef SUPPORT_ORACLE_H
#define SUPPORT_ORACLE_H

#include "sparsesum.h"

/* The digest of a buffer, or of a file that is read sequentially, computed by libcrypto's EVP. */
struct ssum_digest oracle_of_bytes(const char *algorithm, const void *data, size_t length);
struct ssum_digest oracle_of_file(const char *algorithm, const char *path);

/* Run a shell command. Returns its standard output, which the caller frees; *status is its exit
   status, unless NULL. */
char *run_command(int *status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* On failure the message has both digests in hexadecimal. */
#define assert_digest_eq(a, b)                                                                     \
	do {                                                                                       \
		struct ssum_digest a_ = (a), b_ = (b);                                             \
		char a_hex_[SSUM_HEX_MAX], b_hex_[SSUM_HEX_MAX];                                   \
		ssum_digest_hex(&a_, a_hex_);                                                      \
		ssum_digest_hex(&b_, b_hex_);                                                      \
		ck_assert_str_eq(a_hex_, b_hex_);                                                  \
	} while (0)

#endif
