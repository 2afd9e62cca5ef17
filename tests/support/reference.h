/* SPDX-License-Identifier: MIT */
/* Expected chaining values, from libcrypto's low-level interface, without code of the library. */
#ifndef SUPPORT_REFERENCE_H
#define SUPPORT_REFERENCE_H

#include <openssl/sha.h>

#include "sparsesum.h"

/* The algorithms that have chaining values. */
#define REFERENCES 5
extern const char *const reference_names[REFERENCES];

struct reference {
	size_t row;
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256; /* also for sha224 */
		SHA512_CTX sha512; /* also for sha384 */
	} context;
};

/* Start a hash, append to it, and return H(i) after the appended data, which must be whole blocks.
   Every failure fails the test. */
void reference_begin(struct reference *reference, const char *algorithm);
void reference_append(struct reference *reference, const void *data, size_t length);
struct ssum_digest reference_value(const struct reference *reference);

/* Continue from any chaining value. */
void reference_set(struct reference *reference, const struct ssum_digest *value);

/* The chaining value after `length` bytes of a buffer. */
struct ssum_digest reference_of_bytes(const char *algorithm, const void *data, size_t length);

/* The digest of a text after `length` bytes (whole blocks) whose chaining value is H(0). */
struct ssum_digest reference_pretends(const char *algorithm, uint64_t length, const char *text);

#endif
