/* SPDX-License-Identifier: MIT */
/* Lines of manifests are written as sha1sum writes them, and are read back unchanged. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "manifest/manifest.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

static struct ssum_digest abc;

static void set_up(void)
{
	assert_ok(ssum_digest_parse("a9993e364706816aba3e25717850c26c9cd0d89d", &abc));
}

/* ---- Encoding and decoding ---- */

static const unsigned formats[] = {0, SSUM_FORMAT_BINARY, SSUM_FORMAT_TAGGED,
				   SSUM_FORMAT_TAGGED | SSUM_FORMAT_BINARY};
#define FORMATS 4

/* The tested names: each byte at each position of a short name, and each pair of bytes with a
   special meaning. */
static const char special[] = "\\\n\r\t *()=#nrt'\"\x01\x7f\x80\xff-/0f";

typedef void name_fn(const char *name, void *user);

static void each_name(name_fn *use_name, void *user)
{
	char name[8];

	for (int byte = 1; byte < 256; byte++) {
		static const char *const around[][2] = {{"", ""},   {"a", ""}, {"", "a"},
							{"a", "b"}, {" ", ""}, {"", " "}};

		for (size_t i = 0; i < ARRAY_SIZE(around); i++) {
			snprintf(name, sizeof(name), "%s%c%s", around[i][0], byte, around[i][1]);
			use_name(name, user);
		}
	}
	for (const char *first = special; *first; first++) {
		for (const char *second = special; *second; second++) {
			snprintf(name, sizeof(name), "%c%c", *first, *second);
			use_name(name, user);
			snprintf(name, sizeof(name), "x%c%cy", *first, *second);
			use_name(name, user);
		}
	}
}

static void append_line(const char *name, void *user)
{
	struct algorithm sha1;
	struct bytes *text = ((struct bytes **)user)[0];
	const unsigned *flags = ((const unsigned **)user)[1];

	assert_ok(algorithm_find("sha1", &sha1));
	assert_ok(manifest_append_file(text, *flags, &sha1, &abc, name));
}

static struct ssum_manifest *read_back(const struct bytes *text, int *fd)
{
	struct ssum_manifest *manifest;

	*fd = memfd_create("manifest", MFD_CLOEXEC);
	ck_assert_int_eq(pwrite(*fd, text->data, text->length, 0), (ssize_t)text->length);
	assert_ok(ssum_manifest_open(*fd, "sha1", &manifest));
	return manifest;
}

static void expect_file(const char *name, void *user)
{
	const struct ssum_line *line;

	if (ssum_manifest_next(user, &line) != 1 || line->kind != SSUM_LINE_FILE ||
	    strcmp(line->name, name) || !ssum_digest_equal(&line->digest, &abc))
		ck_abort_msg("\"%s\" was read back as kind %d, \"%s\"", name,
			     line ? (int)line->kind : -1, line && line->name ? line->name : "");
}

/* hazard 29 */
START_TEST(round_trip_of_every_name)
{
	const struct ssum_line *line;
	struct bytes text = {0};
	void *writing[] = {&text, (void *)&formats[_i]};
	int fd;

	set_up();
	each_name(append_line, writing);
	struct ssum_manifest *manifest = read_back(&text, &fd);
	each_name(expect_file, manifest);
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	ssum_manifest_close(manifest);
	bytes_free(&text);
	close(fd);
	tried(29, 1);
}
END_TEST

static void append_comments(const char *name, void *text)
{
	assert_ok(manifest_append_comment(text, name, NULL));
	assert_ok(manifest_append_comment(text, name, "to"));
	assert_ok(manifest_append_comment(text, "from", name));
}

static void expect(struct ssum_manifest *manifest, enum ssum_line_kind kind, const char *name,
		   const char *target)
{
	const struct ssum_line *line;

	if (ssum_manifest_next(manifest, &line) != 1 || line->kind != kind ||
	    strcmp(line->name, name) || !line->target != !target ||
	    (target && strcmp(line->target, target)) || line->digest.length)
		ck_abort_msg("kind %d, \"%s\", \"%s\"", kind, name, target ? target : "");
}

static void expect_comments(const char *name, void *manifest)
{
	expect(manifest, SSUM_LINE_DIRECTORY, name, NULL);
	expect(manifest, SSUM_LINE_SYMLINK, name, "to");
	expect(manifest, SSUM_LINE_SYMLINK, "from", name);
}

START_TEST(round_trip_of_every_comment)
{
	const struct ssum_line *line;
	struct bytes text = {0};
	int fd;

	each_name(append_comments, &text);
	/* Each line begins with '#', so sha1sum ignores it. */
	for (size_t i = 0; i < text.length; i++)
		ck_assert(text.data[i] != '\n' || i + 1 == text.length || text.data[i + 1] == '#');
	struct ssum_manifest *manifest = read_back(&text, &fd);
	each_name(expect_comments, manifest);
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	ssum_manifest_close(manifest);
	bytes_free(&text);
	close(fd);
}
END_TEST

START_TEST(comment_lines_as_text)
{
	struct bytes text = {0};

	assert_ok(manifest_append_comment(&text, "a\tb\\c d", NULL));
	assert_ok(manifest_append_comment(&text, "e\tf", "../g\th\ni\rj"));
	assert_ok(bytes_append(&text, "", 1));
	ck_assert_str_eq(text.data, "# folder\ta\\tb\\\\c d\n"
				    "# symlink\te\\tf\t../g\\th\\ni\\rj\n");
	bytes_free(&text);
}
END_TEST

/* ---- As sha1sum prints it ---- */

static const struct {
	const char *options;
	unsigned flags;
} programs[] = {
	{"", 0},
	{"-t", 0},
	{"-b", SSUM_FORMAT_BINARY},
	{"--tag", SSUM_FORMAT_TAGGED},
	{"-z", SSUM_FORMAT_ZERO},
	{"-z -b", SSUM_FORMAT_ZERO | SSUM_FORMAT_BINARY},
	{"-z --tag", SSUM_FORMAT_ZERO | SSUM_FORMAT_TAGGED},
};

/* "-" is standard input to sha1sum. */
static bool can_be_a_file(const char *name)
{
	return !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "-");
}

static void make_file(const char *name, void *directory)
{
	char *path = path_in(directory, name);

	/* Some names occur more than once; truncating an existing file would cost a flush. */
	if (can_be_a_file(name) && access(path, F_OK))
		write_text(path, "abc");
	free(path);
}

struct printed {
	const char *at, *end;
	unsigned flags;
	const char *algorithm;
	const struct ssum_digest *digest;
};

static void expect_printed(const char *name, void *user)
{
	struct printed *printed = user;
	size_t length;
	char *line;

	if (!can_be_a_file(name))
		return;
	assert_ok(ssum_format_line(printed->flags, printed->algorithm, printed->digest, name, &line,
				   &length));
	if (length > (size_t)(printed->end - printed->at) || memcmp(line, printed->at, length) ||
	    line[length])
		ck_abort_msg("%s, not %s", line, printed->at);
	printed->at += length;
	free(line);
}

static void append_name(const char *name, void *list)
{
	if (can_be_a_file(name))
		fwrite(name, 1, strlen(name) + 1, list);
}

/* The directory holds the files and a list of their names. */
static void compare_with(const char *algorithm, size_t way, const char *directory)
{
	char *output = path_in(directory, "the output of it"), *printed;
	struct ssum_digest digest = oracle_of_bytes(algorithm, "abc", 3);
	size_t length;
	int status;

	free(run_command(&status, "cd '%s' && xargs -0 %ssum %s -- <'a list of names' >'%s'",
			 directory, algorithm, programs[way].options, output));
	ck_assert_int_eq(status, 0);
	printed = read_file(output, &length);
	struct printed expected = {printed, printed + length, programs[way].flags, algorithm,
				   &digest};
	each_name(expect_printed, &expected);
	ck_assert_ptr_eq(expected.at, expected.end);
	free(printed);
	free(output);
}

START_TEST(lines_are_equal_to_those_of_sha1sum)
{
	char *directory = scratch_new(&file_systems[0]); /* many files: use tmpfs if available */

	if (!directory)
		directory = scratch_here();
	char *list = path_in(directory, "a list of names");
	each_name(make_file, directory);
	FILE *names = fopen(list, "wb");
	each_name(append_name, names);
	ck_assert(!fclose(names));
	for (size_t way = 0; way < ARRAY_SIZE(programs); way++) {
		compare_with("sha1", way, directory);
		compare_with("sha512", way, directory);
	}
	free(list);
	scratch_remove(directory);
}
END_TEST

/* ---- Refused input ---- */

START_TEST(invalid_arguments_are_refused)
{
	size_t length = 1;
	char *text = (char *)&length;

	set_up();
	for (unsigned bit = 3; bit < 32; bit++) {
		assert_code(ssum_format_line(1u << bit, "sha1", &abc, "f", &text, &length),
			    SSUM_ERR_OPTIONS);
		ck_assert_ptr_null(text);
		ck_assert_uint_eq(length, 0);
	}
	assert_code(ssum_format_line(0, "nonsense", &abc, "f", &text, &length), SSUM_ERR_ALGORITHM);
	ck_assert_ptr_null(text);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{round_trip_of_every_name, FORMATS},      {round_trip_of_every_comment, 0},
		{lines_are_equal_to_those_of_sha1sum, 0}, {comment_lines_as_text, 0},
		{invalid_arguments_are_refused, 0},
	};

	return run_suite("manifest_write", tests, ARRAY_SIZE(tests));
}
