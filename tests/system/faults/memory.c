/* SPDX-License-Identifier: MIT */
/* Functions that acquire resources. They are not preloaded, because every program makes them. */
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/faults/call.h"

/* ---- Memory: every allocation of the library itself ---- */

static void *count(void *made)
{
	fault_count(made != NULL);
	return made;
}

CALL(void *, malloc, (size_t size))
{
	return fault_strike("memory") ? NULL : count(REAL(malloc)(size));
}

CALL(void *, calloc, (size_t number, size_t size))
{
	return fault_strike("memory") ? NULL : count(REAL(calloc)(number, size));
}

CALL(void *, realloc, (void *old, size_t size))
{
	if (fault_strike("memory"))
		return NULL;
	return old ? REAL(realloc)(old, size) : count(REAL(realloc)(NULL, size));
}

CALL(void *, aligned_alloc, (size_t alignment, size_t size))
{
	return fault_strike("memory") ? NULL : count(REAL(aligned_alloc)(alignment, size));
}

CALL(char *, strdup, (const char *text))
{
	return fault_strike("memory") ? NULL : count(REAL(strdup)(text));
}

CALL(char *, strndup, (const char *text, size_t length))
{
	return fault_strike("memory") ? NULL : count(REAL(strndup)(text, length));
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
CALL(int, asprintf, (char **text, const char *format, ...))
{
	va_list arguments;
	int length = -1;

	va_start(arguments, format);
	if (!fault_strike("memory"))
		length = vasprintf(text, format, arguments);
	va_end(arguments);
	fault_count(length >= 0);
	return length;
}

CALL(void, free, (void *old))
{
	fault_count(-(old != NULL));
	REAL(free)(old);
}

/* ---- libcrypto ---- */

CALL(EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * library, const char *name, const char *properties))
{
	return fault_strike("crypto") ? NULL : count(REAL(EVP_MD_fetch)(library, name, properties));
}

CALL(void, EVP_MD_free, (EVP_MD * md))
{
	fault_count(-(md != NULL));
	REAL(EVP_MD_free)(md);
}

CALL(EVP_MD_CTX *, EVP_MD_CTX_new, (void))
{
	return fault_strike("crypto") ? NULL : count(REAL(EVP_MD_CTX_new)());
}

CALL(void, EVP_MD_CTX_free, (EVP_MD_CTX * context))
{
	fault_count(-(context != NULL));
	REAL(EVP_MD_CTX_free)(context);
}

CALL(int, EVP_DigestInit_ex2,
     (EVP_MD_CTX * context, const EVP_MD *md, const OSSL_PARAM parameters[]))
{
	return fault_strike("crypto") ? 0 : REAL(EVP_DigestInit_ex2)(context, md, parameters);
}

CALL(int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void *data, size_t length))
{
	return fault_strike("crypto") ? 0 : REAL(EVP_DigestUpdate)(context, data, length);
}

CALL(int, EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char *digest, unsigned *length))
{
	return fault_strike("crypto") ? 0 : REAL(EVP_DigestFinal_ex)(context, digest, length);
}

CALL(int, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * to, const EVP_MD_CTX *from))
{
	return fault_strike("crypto") ? 0 : REAL(EVP_MD_CTX_copy_ex)(to, from);
}
