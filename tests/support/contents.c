/* SPDX-License-Identifier: MIT */
#include "support/contents.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/oracle.h"
#include "support/reference.h"

const struct content_algorithm content_algorithms[CONTENT_ALGORITHMS] = {
	{"sha1", "SHA1", "SHA1SUMS", 1},
	{"sha256", "SHA256", "SHA256SUMS", 1},
	{"sha3-256", "SHA3-256", "SHA3-256SUMS", 0},
	{"sha512", "SHA512", "SHA512SUMS", 1},
};

struct content contents[CONTENTS];

/* Text of a given length, with a range of zeros, which may be a hole in the file, and possibly one
   changed byte. */
static const struct recipe {
	size_t length, zeros_from, zeros_to, changed;
	int has_hole;
} recipes[CONTENTS] = {
	{0, 0, 0, 0, 0},
	{1, 0, 0, 0, 0},
	{100, 0, 0, 0, 0},
	{4095, 0, 0, 0, 0},
	{4096, 0, 0, 0, 0},
	{4097, 0, 0, 0, 0},
	{8192, 0, 0, 0, 0},
	{8193, 0, 0, 0, 0},
	{12289, 0, 0, 0, 0},
	{12289, 0, 0, 1, 0}, /* damage at the beginning, in the middle, at the end */
	{12289, 0, 0, 5000, 0},
	{12289, 0, 0, 12289, 0},
	{12289, 0, 0, 4097, 0}, /* the first byte of a segment, then the last byte of one */
	{12289, 0, 0, 4096, 0},
	{12289, 0, 12289, 0, 1},   /* only a hole */
	{12289, 4096, 8192, 0, 1}, /* one content with a hole, then without */
	{12289, 4096, 8192, 0, 0},
	{12289, 8192, 12289, 0, 1}, /* truncated */
	{20480, 4096, 20480, 0, 1},
	{16384, 0, 0, 0, 0},
	{20480, 8192, 20479, 0, 1},
	{66000, 8192, 57344, 0, 1}, /* long enough for a journal */
	{66000, 8192, 57344, 1, 1},
	{66000, 8192, 57344, 60000, 0},
};

static void content_make_digests(struct content *content)
{
	for (size_t i = 0; i < CONTENT_ALGORITHMS; i++) {
		const char *name = content_algorithms[i].name;

		content->digests[i] = oracle_of_bytes(name, content->bytes, content->length);
		for (size_t k = 1; content_algorithms[i].has_checkpoints && k <= CONTENT_VALUES &&
				   k * CONTENT_UNIT <= content->length;
		     k++)
			content->values[i][k - 1] =
				reference_of_bytes(name, content->bytes, k * CONTENT_UNIT);
	}
}

static void content_make_file(const struct content *content, const struct recipe *recipe, int fd)
{
	size_t data_end = recipe->has_hole ? recipe->zeros_from : content->length;
	size_t data_again = recipe->has_hole ? recipe->zeros_to : content->length;

	ck_assert(!ftruncate(fd, (off_t)content->length));
	ck_assert(pwrite(fd, content->bytes, data_end, 0) == (ssize_t)data_end);
	ck_assert(pwrite(fd, content->bytes + data_again, content->length - data_again,
			 (off_t)data_again) == (ssize_t)(content->length - data_again));
}

void contents_make(int directory)
{
	for (int i = 0; i < CONTENTS; i++) {
		const struct recipe *recipe = &recipes[i];
		struct content *content = &contents[i];
		char name[16];

		content->length = recipe->length;
		content->bytes = malloc(recipe->length + 1);
		ck_assert(content->bytes);
		for (size_t at = 0; at < recipe->length; at++)
			content->bytes[at] =
				(unsigned char)(at % 61 == 60 ? '\n' : 'a' + at / 61 % 26);
		memset(content->bytes + recipe->zeros_from, 0,
		       recipe->zeros_to - recipe->zeros_from);
		if (recipe->changed)
			content->bytes[recipe->changed - 1] ^= 0x40;
		content_make_digests(content);

		snprintf(name, sizeof(name), "%d", i);
		int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		ck_assert(fd >= 0);
		content_make_file(content, recipe, fd);
		close(fd);
	}
}
