/* SPDX-License-Identifier: MIT */
/* What digests must be, by means that share no code with the library. */
#ifndef SUPPORT_ORACLE_H
#define SUPPORT_ORACLE_H

#include "sparsesum.h"

/* libcrypto's EVP over a buffer, or over a file that is read from its beginning to its end. */
struct ssum_digest oracle_of_bytes(const char *algorithm, const void *data, size_t length);
struct ssum_digest oracle_of_file(const char *algorithm, const char *path);

/* Run a shell command; its standard output is to be freed, *status is its exit status. */
char *run_command(int *status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Both digests as hexadecimal in the message of a failure. */
#define assert_digest_eq(a, b)                                                                     \
	do {                                                                                       \
		struct ssum_digest a_ = (a), b_ = (b);                                             \
		char a_hex_[SSUM_HEX_MAX], b_hex_[SSUM_HEX_MAX];                                   \
		ssum_digest_hex(&a_, a_hex_);                                                      \
		ssum_digest_hex(&b_, b_hex_);                                                      \
		ck_assert_str_eq(a_hex_, b_hex_);                                                  \
	} while (0)

#endif
