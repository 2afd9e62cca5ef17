/* SPDX-License-Identifier: MIT */
/* What chaining values must be: libcrypto's low-level interface shows its own. It shares no code
   with the library. */
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
		SHA256_CTX sha256; /* and sha224 */
		SHA512_CTX sha512; /* and sha384 */
	} context;
};

/* Begin a hash, append to it, and ask for H(i) behind what was appended, which has to be whole
   blocks. Each fails the test if it cannot. */
void reference_begin(struct reference *reference, const char *algorithm);
void reference_append(struct reference *reference, const void *data, size_t length);
struct ssum_digest reference_value(const struct reference *reference);

/* Go on from another value, which may be anything. */
void reference_set(struct reference *reference, const struct ssum_digest *value);

/* The value behind so many bytes of a buffer. */
struct ssum_digest reference_of_bytes(const char *algorithm, const void *data, size_t length);

/* The digest that a text comes to when it is appended to a hash that claims to have taken so many
   bytes already, whole blocks, and still is at H(0). */
struct ssum_digest reference_pretends(const char *algorithm, uint64_t length, const char *text);

#endif
