/* SPDX-License-Identifier: MIT */
#include "support/oracle.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static EVP_MD_CTX *begin(const char *algorithm)
{
	EVP_MD *md = EVP_MD_fetch(NULL, algorithm, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	ck_assert(md && context && EVP_DigestInit_ex2(context, md, NULL));
	EVP_MD_free(md);
	return context;
}

static struct ssum_digest end(EVP_MD_CTX *context)
{
	struct ssum_digest digest = {0};
	unsigned length;

	ck_assert(EVP_DigestFinal_ex(context, digest.bytes, &length));
	digest.length = length;
	EVP_MD_CTX_free(context);
	return digest;
}

struct ssum_digest oracle_of_bytes(const char *algorithm, const void *data, size_t length)
{
	EVP_MD_CTX *context = begin(algorithm);

	ck_assert(EVP_DigestUpdate(context, data, length));
	return end(context);
}

struct ssum_digest oracle_of_file(const char *algorithm, const char *path)
{
	EVP_MD_CTX *context = begin(algorithm);
	int fd = open(path, O_RDONLY);
	static char buffer[1 << 16];
	ssize_t n;

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		ck_assert(EVP_DigestUpdate(context, buffer, (size_t)n));
	ck_assert_msg(n == 0, "%s: %s", path, strerror(errno));
	close(fd);
	return end(context);
}

char *run_command(int *status, const char *format, ...)
{
	char *command, *output = NULL;
	size_t length = 0;
	va_list arguments;

	va_start(arguments, format);
	ck_assert(vasprintf(&command, format, arguments) >= 0);
	va_end(arguments);

	FILE *memory = open_memstream(&output, &length);
	FILE *pipe = popen(command, "r");
	int byte;
	ck_assert(memory && pipe);
	while ((byte = getc(pipe)) != EOF)
		putc(byte, memory);
	int result = pclose(pipe);
	fclose(memory);
	free(command);
	if (status)
		*status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
	return output;
}
