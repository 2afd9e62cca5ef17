/* SPDX-License-Identifier: MIT */
/* Lines of manifests are accepted and refused as by sha1sum --check. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "manifest/manifest.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define H "a9993e364706816aba3e25717850c26c9cd0d89d"
#define UPPER "A9993E364706816ABA3E25717850C26C9CD0D89D"
#define H39 "a9993e364706816aba3e25717850c26c9cd0d89"

/* A file in memory with a text, positioned at its beginning. */
static int memory_file(const char *text, size_t length)
{
	int fd = memfd_create("manifest", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t at = 0; at < length;) {
		ssize_t n = write(fd, text + at, length - at);

		ck_assert_int_gt(n, 0);
		at += (size_t)n;
	}
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static bool same_string(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* A manifest in memory has the same lines as one in a file, and the same content hash. The text is
   in memory of exactly its length, which is freed before the first line is read. */
static void assert_same_in_memory(const char *text, size_t length)
{
	int fd = memory_file(text, length), rc = 1;
	struct ssum_manifest *in_file, *in_memory;
	const struct ssum_line *a, *b;
	struct ssum_digest content;
	char *copy = length ? malloc(length) : NULL;

	if (length)
		memcpy(copy, text, length);
	assert_ok(ssum_manifest_open(fd, "sha1", &in_file));
	assert_ok(ssum_manifest_open_text(copy, length, "sha1", &in_memory));
	free(copy);
	while (rc == 1) {
		rc = ssum_manifest_next(in_file, &a);
		ck_assert(ssum_manifest_ready(in_memory));
		assert_code(ssum_manifest_next(in_memory, &b), rc);
		ck_assert(!a == !b);
		ck_assert(!a ||
			  (a->kind == b->kind && a->number == b->number &&
			   same_string(a->name, b->name) && same_string(a->target, b->target) &&
			   ssum_digest_equal(&a->digest, &b->digest)));
	}
	ck_assert_int_eq(rc, 0);
	assert_ok(ssum_stream_final(&in_memory->content, &content));
	assert_digest_eq(content, oracle_of_bytes("sha1", text, length));
	ssum_manifest_close(in_memory);
	ssum_manifest_close(in_file);
	ck_assert(!close(fd));
}

static struct ssum_manifest *open_text(const char *text, size_t length, int *fd)
{
	struct ssum_manifest *manifest;

	assert_same_in_memory(text, length);
	*fd = memory_file(text, length);
	assert_ok(ssum_manifest_open(*fd, "sha1", &manifest));
	return manifest;
}

static void close_text(struct ssum_manifest *manifest, int fd)
{
	ssum_manifest_close(manifest);
	ck_assert(!close(fd));
}

/* ---- One line ---- */

#define OK(name) SSUM_LINE_FILE, name
#define BAD SSUM_LINE_MALFORMED, NULL
#define NOTHING -1, NULL
#define TEXT(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	size_t length;
	int kind;
	const char *name;
} lines[] = {
	/* ignored lines */
	{TEXT(""), NOTHING},
	{TEXT("\n"), NOTHING},
	{TEXT("\r\n"), NOTHING},
	{TEXT("\r"), NOTHING},
	{TEXT("#\n"), NOTHING},
	{TEXT("# " H "  f\n"), NOTHING},
	{TEXT("#symlink\ta\tb\n"), NOTHING},
	{TEXT("# symlink a b\n"), NOTHING},
	{TEXT("# folder\n"), NOTHING},
	{TEXT("# Directory\ta\n"), NOTHING},
	{TEXT(" # f\n"), BAD},
	{TEXT(" \n"), BAD},
	{TEXT("\t\n"), BAD},
	{TEXT("   \r\n"), BAD},
	{TEXT("\r\r\n"), BAD},
	/* line ends */
	{TEXT(H "  f\n"), OK("f")},
	{TEXT(H "  f"), OK("f")},
	{TEXT(H "  f\r\n"), OK("f")},
	{TEXT(H "  f\r"), OK("f")},
	{TEXT(H "  f\r\r\n"), OK("f\r")},
	{TEXT(H "  f \n"), OK("f ")},
	{TEXT(H "  f\t\n"), OK("f\t")},
	/* leading blanks */
	{TEXT("  \t " H "  f\n"), OK("f")},
	{TEXT(" \\" H "  f\n"), OK("f")},
	{TEXT("\\ " H "  f\n"), BAD},
	{TEXT("\\\\" H "  f\n"), BAD},
	{TEXT("\v" H "  f\n"), BAD},
	{TEXT("\xef\xbb\xbf" H "  f\n"), BAD}, /* a byte order mark */
	/* tagged */
	{TEXT("SHA1 (f) = " H "\n"), OK("f")},
	{TEXT("SHA1(f)= " H "\n"), OK("f")},
	{TEXT("SHA1(f)=" H "\n"), OK("f")},
	{TEXT("SHA1 (f)\t=\t " H "\r\n"), OK("f")},
	{TEXT("  SHA1 (f) = " UPPER "\n"), OK("f")},
	{TEXT("SHA1 (a) = (b) = " H "\n"), OK("a) = (b")},
	{TEXT("SHA1 ()) = " H "\n"), OK(")")},
	{TEXT("SHA1 (  f ) = " H "\n"), OK("  f ")},
	{TEXT("\\SHA1 (a\\nb) = " H "\n"), OK("a\nb")},
	{TEXT("SHA1 (a\\nb) = " H "\n"), OK("a\\nb")},
	{TEXT("SHA1  (f) = " H "\n"), BAD},
	{TEXT("SHA1\t(f) = " H "\n"), BAD},
	{TEXT("sha1 (f) = " H "\n"), BAD},
	{TEXT("SHA256 (f) = " H "\n"), BAD},
	{TEXT("SHA1 (f) = " H " \n"), BAD},
	{TEXT("SHA1 (f) = " H "0\n"), BAD},
	{TEXT("SHA1 (f) = " H39 "\n"), BAD},
	{TEXT("SHA1 (f) = " H39 "g\n"), BAD},
	{TEXT("SHA1 (f) " H "\n"), BAD},
	{TEXT("SHA1 (f) == " H "\n"), BAD},
	{TEXT("SHA1 (f = " H "\n"), BAD},
	{TEXT("SHA1 f) = " H "\n"), BAD},
	{TEXT("SHA1 (f)\n"), BAD},
	{TEXT("SHA1 (\n"), BAD},
	{TEXT("SHA1\n"), BAD},
	/* the digest */
	{TEXT(UPPER "  f\n"), OK("f")},
	{TEXT(H39 "  f\n"), BAD},
	{TEXT(H "0  f\n"), BAD},
	{TEXT("g" H39 "  f\n"), BAD},
	{TEXT(H39 "g  f\n"), BAD},
	{TEXT("0x" H39 "  f\n"), BAD},
	{TEXT(H), BAD},
	{TEXT(H "\n"), BAD},
	{TEXT(H " \n"), BAD},
	{TEXT(H39 "\0  f\n"), BAD},
	{TEXT("f\n"), BAD},
	/* the separator */
	{TEXT(H " *f\n"), OK("f")},
	{TEXT(H "\t*f\n"), OK("f")},
	{TEXT(H "\t f\n"), OK("f")},
	{TEXT(H "   f\n"), OK(" f")},
	{TEXT(H "  *f\n"), OK("*f")},
	{TEXT(H " f\n"), OK("f")}, /* reversed */
	{TEXT(H " \tf\n"), OK("\tf")},
	{TEXT(H " ff\n"), OK("ff")},
	{TEXT(H "  \n"), OK(" ")}, /* one byte follows the digest: reversed form */
	{TEXT(H " *\n"), OK("*")},
	{TEXT(H "   \n"), OK(" ")},
	{TEXT(H "-f\n"), BAD},
	/* the name */
	{TEXT("\\" H "  a\\\\b\\nc\\rd\n"), OK("a\\b\nc\rd")},
	{TEXT(H "  a\\nb\n"), OK("a\\nb")},
	{TEXT("\\" H "  a\\\n"), BAD},
	{TEXT("\\" H "  a\\tb\n"), BAD},
	{TEXT("\\" H "  a\\0b\n"), BAD},
	{TEXT("\\" H "  f\n"), OK("f")},
	{TEXT("\\" H "  a\0b\n"), BAD},
	{TEXT(H "  a\0b\n"), BAD}, /* a name cannot contain NUL */
	{TEXT(H "  \xff\xfe\n"), OK("\xff\xfe")},
	/* valid lines: the functions that open files check such names */
	{TEXT(H "  -\n"), OK("-")},
	{TEXT(H "  /etc/../f\n"), OK("/etc/../f")},
	/* our own comments */
	{TEXT("# folder\ta\n"), SSUM_LINE_DIRECTORY, "a"},
	{TEXT("# folder\ta\\tb\\nc\\\\\r\n"), SSUM_LINE_DIRECTORY, "a\tb\nc\\"},
	{TEXT("# symlink\ta\tb\n"), SSUM_LINE_SYMLINK, "a"},
	{TEXT("# symlink\ta b\\r\tb"), SSUM_LINE_SYMLINK, "a b\r"},
	{TEXT("# symlink\ta\n"), SSUM_LINE_BAD_COMMENT, NULL},
	{TEXT("# symlink\ta\tb\\x\n"), SSUM_LINE_BAD_COMMENT, NULL},
	{TEXT("# symlink\ta\\\tb\n"), SSUM_LINE_BAD_COMMENT, NULL},
	{TEXT("# folder\ta\\\n"), SSUM_LINE_BAD_COMMENT, NULL},
	{TEXT("# folder\ta\0b\n"), SSUM_LINE_BAD_COMMENT, NULL},
};

START_TEST(each_form_of_a_line)
{
	const struct ssum_line *line;
	int fd, kind = lines[_i].kind;
	struct ssum_manifest *manifest = open_text(lines[_i].text, lines[_i].length, &fd);
	struct ssum_digest digest;

	int rc = ssum_manifest_next(manifest, &line);
	ck_assert_msg(rc == (kind >= 0), "%s: %d", lines[_i].text, rc);
	if (rc) {
		ck_assert_msg((int)line->kind == kind, "%s: kind %d", lines[_i].text, line->kind);
		ck_assert_uint_eq(line->number, 1);
		ck_assert_uint_eq(line->size, sizeof(*line));
		ck_assert_pstr_eq(line->name, lines[_i].name);
		ck_assert_int_eq(line->target != NULL, kind == SSUM_LINE_SYMLINK);
		assert_ok(ssum_digest_parse(H, &digest));
		if (kind != SSUM_LINE_FILE)
			digest = (struct ssum_digest){0};
		assert_digest_eq(line->digest, digest);
		ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	}
	ck_assert_ptr_null(line);
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	close_text(manifest, fd);
	tried(30, 1);
}
END_TEST

/* ---- Several lines ---- */

static const struct {
	const char *text;
	const char *said; /* number and name of each line; "!" for a malformed one */
} texts[] = {
	{H "  a\n" H "  b\n", "1 a, 2 b, "},
	{"#\n\n" H "  a\r\n\n# x\n" H " *b", "3 a, 6 b, "},
	{"bad\n" H "  a\nbad\n", "1 !, 2 a, 3 !, "},
	/* the first line of a known form determines the form of the others */
	{H "  a\n" H " b\n" H "  c\n", "1 a, 2 !, 3 c, "},
	{H " a\n" H "  b\n" H " *c\n" H " d\n", "1 a, 2  b, 3 *c, 4 d, "},
	{H "  \n" H "  b\n", "1  , 2  b, "},
	{H39 " a\n" H "  b\n" H " c\n", "1 !, 2 b, 3 !, "},
	/* also if its name is refused, as in coreutils 9.1 */
	{"\\" H " a\\x\n" H "  b\n", "1 !, 2  b, "},
	{"\\" H "  a\\x\n" H " b\n", "1 !, 2 !, "},
	{"SHA1 (t) = " H "\n" H " b\n" H "  c\n", "1 t, 2 b, 3  c, "},
	{H "  a\nSHA1 (t) = " H "\n" H " b\n", "1 a, 2 t, 3 !, "},
};

START_TEST(forms_of_several_lines)
{
	const struct ssum_line *line;
	struct bytes said = {0};
	char item[64];
	int fd;
	struct ssum_manifest *manifest = open_text(texts[_i].text, strlen(texts[_i].text), &fd);

	while (ssum_manifest_next(manifest, &line) == 1) {
		snprintf(item, sizeof(item), "%d %s, ", (int)line->number,
			 line->kind == SSUM_LINE_FILE ? line->name : "!");
		assert_ok(bytes_append_string(&said, item));
	}
	assert_ok(bytes_append(&said, "", 1));
	ck_assert_str_eq(said.data, texts[_i].said);
	bytes_free(&said);
	close_text(manifest, fd);
}
END_TEST

/* ---- Long lines (hazard 30) ---- */

#define HEAD 42 /* digest and separator */

static const struct {
	size_t length; /* length of the line, without its newline */
	bool good;
} long_lines[] = {
	{65535, true},
	{65536, true},
	{65537, true},
	{131072, true},
	{MIB - 1, true},
	{MIB, true},
	{MIB + 1, false},
	{MIB + 1000, false},
	{MIB + 65536, false},
	{3 * MIB, false},
	{2 * (MIB + 65536), false},
};

/* A long line between short lines; for odd _i it is the last line, without newline. */
START_TEST(long_lines_up_to_1_mib)
{
	size_t length = long_lines[_i / 2].length;
	bool good = long_lines[_i / 2].good, last = _i % 2;
	char *text = malloc(length + 200);
	const struct ssum_line *line;
	size_t at = 0;
	int fd;

	at += (size_t)sprintf(text, "%s  first\n%s  ", H, H);
	memset(text + at, 'n', length - HEAD);
	at += length - HEAD;
	if (!last)
		at += (size_t)sprintf(text + at, "\n%s  third\n", H);
	struct ssum_manifest *manifest = open_text(text, at, &fd);

	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_str_eq(line->name, "first");
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_uint_eq(line->number, 2);
	ck_assert_msg(line->kind == (good ? SSUM_LINE_FILE : SSUM_LINE_MALFORMED),
		      "%zu bytes: kind %d", length, line->kind);
	if (good)
		ck_assert_uint_eq(strlen(line->name), length - HEAD);
	if (!last) {
		ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
		ck_assert_uint_eq(line->number, 3);
		ck_assert_str_eq(line->name, "third");
	}
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	ck_assert_uint_le(manifest->lines.text.capacity, 2 * MIB); /* bounded for any input */
	close_text(manifest, fd);
	free(text);
	tried(30, 1);
}
END_TEST

/* ---- Reading and opening ---- */

/* The content hash is the digest of the file, even if lines are malformed. */
START_TEST(content_hash_is_the_digest_of_the_file)
{
	uint64_t seed = test_seed(), random = seed;
	size_t length = _i ? next_random(&random) % 300000 * 2 + (size_t)_i % 2 : 0;
	char *text = malloc(length + 1);
	const struct ssum_line *line;
	struct ssum_digest digest;
	int fd;

	for (size_t i = 0; i < length; i++)
		text[i] = "\n\r #\\f0123456789abcdef"[next_random(&random) % 22];
	struct ssum_manifest *manifest = open_text(text, length, &fd);
	while (ssum_manifest_next(manifest, &line) == 1)
		;
	assert_ok(ssum_stream_final(&manifest->content, &digest));
	struct ssum_digest expected = oracle_of_bytes("sha1", text, length);
	ck_assert_msg(ssum_digest_equal(&digest, &expected), "seed %llu", (unsigned long long)seed);
	close_text(manifest, fd);
	free(text);
}
END_TEST

START_TEST(reads_from_the_current_position)
{
	static const char text[] = "no line\n" H "  a\n";
	const struct ssum_line *line;
	struct ssum_manifest *manifest;
	int fd = memory_file(text, sizeof(text) - 1);

	ck_assert_int_eq(lseek(fd, 8, SEEK_SET), 8);
	assert_ok(ssum_manifest_open(fd, NULL, &manifest));
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_str_eq(line->name, "a");
	close_text(manifest, fd);
}
END_TEST

START_TEST(other_algorithms_have_other_lengths)
{
	static const char text[] =
		"SHA3-256 (a) = "
		"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a\n" H "  f\n";
	const struct ssum_line *line;
	struct ssum_manifest *manifest;
	int fd = memory_file(text, sizeof(text) - 1);

	assert_ok(ssum_manifest_open(fd, "sha3-256", &manifest));
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_int_eq(line->kind, SSUM_LINE_FILE);
	assert_digest_eq(line->digest, oracle_of_bytes("sha3-256", "", 0));
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_int_eq(line->kind, SSUM_LINE_MALFORMED);
	close_text(manifest, fd);
}
END_TEST

static void pipe_text(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* From a pipe, each line is returned as soon as it arrives, and the caller can find out whether one
   is available. */
START_TEST(lines_are_read_as_they_arrive)
{
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	int ends[2];

	ck_assert(!pipe2(ends, O_CLOEXEC));
	assert_ok(ssum_manifest_open(ends[0], "sha1", &manifest));
	ck_assert(!ssum_manifest_ready(manifest));
	pipe_text(ends[1], H "  one\n" H "  two\n" H "  thr");
	for (int i = 0; i < 2; i++) {
		ck_assert(ssum_manifest_ready(manifest));
		ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
		ck_assert_str_eq(line->name, i ? "two" : "one");
	}
	ck_assert(!ssum_manifest_ready(manifest));
	pipe_text(ends[1], "ee\n" H "  four");
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_str_eq(line->name, "three");
	ck_assert(!ssum_manifest_ready(manifest));
	ck_assert(!close(ends[1]));
	ck_assert(ssum_manifest_ready(manifest));
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 1);
	ck_assert_str_eq(line->name, "four");
	ck_assert(ssum_manifest_ready(manifest));
	ck_assert_int_eq(ssum_manifest_next(manifest, &line), 0);
	close_text(manifest, ends[0]);
}
END_TEST

START_TEST(invalid_arguments_are_refused)
{
	struct ssum_manifest *manifest = (void *)lines;
	const struct ssum_line *line = (const void *)lines;
	int directory = open("/", O_RDONLY);

	assert_code(ssum_manifest_open(0, "nonsense", &manifest), SSUM_ERR_ALGORITHM);
	ck_assert_ptr_null(manifest);
	manifest = (void *)lines;
	assert_code(ssum_manifest_open_text("", 0, "nonsense", &manifest), SSUM_ERR_ALGORITHM);
	ck_assert_ptr_null(manifest);
	ssum_manifest_close(NULL);
	assert_ok(ssum_manifest_open(directory, "sha1", &manifest));
	assert_code(ssum_manifest_next(manifest, &line), -EISDIR);
	ck_assert_ptr_null(line);
	close_text(manifest, directory);
	assert_ok(ssum_manifest_open(-1, "sha1", &manifest));
	ck_assert(ssum_manifest_ready(manifest));
	assert_code(ssum_manifest_next(manifest, &line), -EBADF);
	ssum_manifest_close(manifest);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_form_of_a_line, ARRAY_SIZE(lines)},
		{forms_of_several_lines, ARRAY_SIZE(texts)},
		{long_lines_up_to_1_mib, 2 * ARRAY_SIZE(long_lines)},
		{content_hash_is_the_digest_of_the_file, 6},
		{reads_from_the_current_position, 0},
		{other_algorithms_have_other_lengths, 0},
		{lines_are_read_as_they_arrive, 0},
		{invalid_arguments_are_refused, 0},
	};

	return run_suite("manifest", tests, ARRAY_SIZE(tests));
}
