/* SPDX-License-Identifier: MIT */
/* parse(print(name)) == name, for every byte and every pair of bytes, in each form of a line. */
#include <string.h>
#include <unistd.h>

#include "manifest/manifest.h"
#include "support/checkpoints.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define PAIRS (255 * 256) /* a first byte, and a second byte or none */

static struct algorithm sha1;
static struct ssum_digest digest;

static void name_of(int pair, char name[3])
{
	name[0] = (char)(1 + pair / 256);
	name[1] = (char)(pair % 256);
	name[2] = '\0';
}

static int append_tagged(struct bytes *text, const char *name)
{
	return manifest_append_file(text, SSUM_FORMAT_TAGGED, &sha1, &digest, name);
}

static int append_binary(struct bytes *text, const char *name)
{
	return manifest_append_file(text, SSUM_FORMAT_BINARY, &sha1, &digest, name);
}

static int append_plain(struct bytes *text, const char *name)
{
	return manifest_append_file(text, 0, &sha1, &digest, name);
}

static int append_symlink(struct bytes *text, const char *name)
{
	return manifest_append_comment(text, name, name);
}

static int append_directory(struct bytes *text, const char *name)
{
	return manifest_append_comment(text, name, NULL);
}

static const struct {
	int (*append)(struct bytes *text, const char *name);
	enum ssum_line_kind kind;
} forms[] = {
	{append_plain, SSUM_LINE_FILE},          {append_binary, SSUM_LINE_FILE},
	{append_tagged, SSUM_LINE_FILE},         {append_symlink, SSUM_LINE_SYMLINK},
	{append_directory, SSUM_LINE_DIRECTORY},
};

static bool is_listed(const struct ssum_line *line, const char *name, enum ssum_line_kind kind)
{
	return line->kind == kind && !strcmp(line->name, name) &&
	       (!line->target || !strcmp(line->target, name));
}

/* hazard 29 */
START_TEST(round_trip_of_every_pair_of_bytes)
{
	const struct ssum_line *line;
	struct ssum_manifest *manifest;
	struct bytes text = {0};
	char name[3];

	assert_ok(algorithm_find("sha1", &sha1));
	digest.length = sha1.digest_length;
	for (int pair = 0; pair < PAIRS; pair++) {
		name_of(pair, name);
		if (forms[_i].append(&text, name))
			ck_abort_msg("no memory");
	}
	int fd = memory_file(text.data, text.length);
	assert_ok(ssum_manifest_open(fd, "sha1", &manifest));
	for (int pair = 0; pair < PAIRS; pair++) {
		name_of(pair, name);
		if (ssum_manifest_next(manifest, &line) != 1 ||
		    !is_listed(line, name, forms[_i].kind))
			ck_abort_msg("%02x %02x", (unsigned char)name[0], (unsigned char)name[1]);
	}
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	ssum_manifest_close(manifest);
	close(fd);
	bytes_free(&text);
	algorithm_release(&sha1);
	tried(29, PAIRS);
}
END_TEST

int main(void)
{
	const struct test tests[] = {{round_trip_of_every_pair_of_bytes, ARRAY_SIZE(forms)}};

	return run_suite("manifest_names", tests, ARRAY_SIZE(tests));
}
