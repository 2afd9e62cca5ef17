/* SPDX-License-Identifier: MIT */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "support/reference.h"

#include <check.h>
#include <string.h>

const char *const reference_names[REFERENCES] = {"sha1", "sha224", "sha256", "sha384", "sha512"};

void reference_begin(struct reference *reference, const char *algorithm)
{
	int ok = 0;

	*reference = (struct reference){0};
	while (strcmp(reference_names[reference->row], algorithm)) {
		reference->row++;
		ck_assert_msg(reference->row < REFERENCES, "%s has no reference", algorithm);
	}
	switch (reference->row) {
	case 0:
		ok = SHA1_Init(&reference->context.sha1);
		break;
	case 1:
		ok = SHA224_Init(&reference->context.sha256);
		break;
	case 2:
		ok = SHA256_Init(&reference->context.sha256);
		break;
	case 3:
		ok = SHA384_Init(&reference->context.sha512);
		break;
	case 4:
		ok = SHA512_Init(&reference->context.sha512);
		break;
	}
	ck_assert(ok);
}

/* SHA-224 and SHA-384 differ from SHA-256 and SHA-512 only in the first value and the length. */
void reference_append(struct reference *reference, const void *data, size_t length)
{
	int ok;

	if (reference->row == 0)
		ok = SHA1_Update(&reference->context.sha1, data, length);
	else if (reference->row < 3)
		ok = SHA256_Update(&reference->context.sha256, data, length);
	else
		ok = SHA512_Update(&reference->context.sha512, data, length);
	ck_assert(ok);
}

/* Append a word to the value, big-endian. */
static void append_word(struct ssum_digest *value, uint64_t word, size_t size)
{
	for (size_t i = 0; i < size; i++)
		value->bytes[value->length++] = (unsigned char)(word >> (8 * (size - 1 - i)));
}

struct ssum_digest reference_value(const struct reference *reference)
{
	const SHA_CTX *sha1 = &reference->context.sha1;
	const SHA_LONG sha1_words[] = {sha1->h0, sha1->h1, sha1->h2, sha1->h3, sha1->h4};
	struct ssum_digest value = {0};
	unsigned pending;

	if (reference->row == 0) {
		pending = sha1->num;
		for (size_t i = 0; i < 5; i++)
			append_word(&value, sha1_words[i], 4);
	} else if (reference->row < 3) {
		pending = reference->context.sha256.num;
		for (size_t i = 0; i < 8; i++)
			append_word(&value, reference->context.sha256.h[i], 4);
	} else {
		pending = reference->context.sha512.num;
		for (size_t i = 0; i < 8; i++)
			append_word(&value, reference->context.sha512.h[i], 8);
	}
	ck_assert_uint_eq(pending, 0);
	return value;
}

/* Read the next word, big-endian. */
static uint64_t take_word(const unsigned char **at, size_t size)
{
	uint64_t word = 0;

	for (size_t i = 0; i < size; i++)
		word = word << 8 | *(*at)++;
	return word;
}

void reference_set(struct reference *reference, const struct ssum_digest *value)
{
	SHA_CTX *sha1 = &reference->context.sha1;
	SHA_LONG *const sha1_words[] = {&sha1->h0, &sha1->h1, &sha1->h2, &sha1->h3, &sha1->h4};
	const unsigned char *at = value->bytes;

	if (reference->row == 0)
		for (size_t i = 0; i < 5; i++)
			*sha1_words[i] = (SHA_LONG)take_word(&at, 4);
	else if (reference->row < 3)
		for (size_t i = 0; i < 8; i++)
			reference->context.sha256.h[i] = (SHA_LONG)take_word(&at, 4);
	else
		for (size_t i = 0; i < 8; i++)
			reference->context.sha512.h[i] = take_word(&at, 8);
	ck_assert_uint_eq((size_t)(at - value->bytes), value->length);
}

struct ssum_digest reference_of_bytes(const char *algorithm, const void *data, size_t length)
{
	struct reference reference;

	reference_begin(&reference, algorithm);
	reference_append(&reference, data, length);
	return reference_value(&reference);
}

/* libcrypto's contexts count bits in two members. */
static void pretend(struct reference *reference, uint64_t length)
{
	SHA_CTX *sha1 = &reference->context.sha1;
	SHA256_CTX *sha256 = &reference->context.sha256;
	SHA512_CTX *sha512 = &reference->context.sha512;

	if (reference->row == 0) {
		sha1->Nl = (uint32_t)(length << 3);
		sha1->Nh = (uint32_t)(length >> 29);
	} else if (reference->row < 3) {
		sha256->Nl = (uint32_t)(length << 3);
		sha256->Nh = (uint32_t)(length >> 29);
	} else {
		sha512->Nl = length << 3;
		sha512->Nh = length >> 61;
	}
}

static struct ssum_digest finish(struct reference *reference)
{
	static const size_t lengths[REFERENCES] = {20, 28, 32, 48, 64};
	struct ssum_digest digest = {.length = lengths[reference->row]};
	int ok;

	if (reference->row == 0)
		ok = SHA1_Final(digest.bytes, &reference->context.sha1);
	else if (reference->row < 3)
		ok = SHA256_Final(digest.bytes, &reference->context.sha256);
	else
		ok = SHA512_Final(digest.bytes, &reference->context.sha512);
	ck_assert(ok);
	return digest;
}

struct ssum_digest reference_pretends(const char *algorithm, uint64_t length, const char *text)
{
	struct reference reference;

	reference_begin(&reference, algorithm);
	pretend(&reference, length);
	reference_append(&reference, text, strlen(text));
	return finish(&reference);
}
