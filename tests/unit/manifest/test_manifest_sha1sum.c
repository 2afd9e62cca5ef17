/* SPDX-License-Identifier: MIT */
/*
 * Mutated manifests, read by the library and by the installed sha1sum: both must reject the same
 * lines, and find the right digest on the same lines.
 *
 * No mutation inserts a NUL, which ends a line for some releases of sha1sum and is malformed here,
 * or "-", which is standard input for sha1sum.
 *
 *
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

#define H "a9993e364706816aba3e25717850c26c9cd0d89d" /* of "abc" */
#define WRONG "da39a3ee5e6b4b0d3255bfef95601890afd80709"

/* The files that exist; each contains "abc". */
static const char *const files[] = {"f",   " f",   "*f",   "f ",  "f\t",   "\tf",   "f\r",
				    "\\f", "f\\n", "a\nb", "f)",  "f) = ", "(f",    "#f",
				    "=",   "\\",   "*",    " ",   "ff",    "f\r\r", "n",
				    "F",   "a\\b", "  f",  " *f", "f = "};

/* The lines that are mutated. */
static const char *const seeds[] = {
	H "  f",
	H " *f",
	H " f",
	H "\t f",
	"\\" H "  a\\nb",
	"\\" H " *\\\\f",
	"SHA1 (f) = " H,
	"SHA1(f)=" H,
	"\\SHA1 (a\\nb) = " H,
	"SHA1 (f)) = " H,
	" " H "  f",
	H "   f",
	H "  *f",
	H "  f\r",
	H "  ff",
	WRONG "  f",
	H "  missing",
	"SHA1 (f) = " WRONG,
	"# " H "  f",
	"",
	"SHA1 ((f) = " H,
	H "  f\r\r",
	"\\" H "  f\\r",
	"  \\" H " *f",
	H " *",
};

static const char alphabet[] = " \t*\\()=#nrtfFAag0S1\r\xef\xbb\xbf\xff";

/* ---- Mutated manifests ---- */

static void mutate_line(struct bytes *line, uint64_t *random)
{
	size_t at = next_random(random) % (line->length + 1);
	char byte = alphabet[next_random(random) % (sizeof(alphabet) - 1)];

	/* Prefer the ends of lines, where most rules apply. Case 2 doubles a byte. */
	if (next_random(random) % 3 == 0)
		at = next_random(random) % 2 ? line->length : 0;
	switch (next_random(random) % 4) {
	case 0:
		if (at < line->length) {
			memmove(line->data + at, line->data + at + 1, line->length - at - 1);
			line->length--;
		}
		break;
	case 1:
		if (at < line->length)
			line->data[at] = byte;
		break;
	case 2:
		if (at < line->length)
			byte = line->data[at];
		/* fall through */
	default:
		assert_ok(bytes_append(line, " ", 1));
		memmove(line->data + at + 1, line->data + at, line->length - 1 - at);
		line->data[at] = byte;
	}
}

#define LINES 150

static struct bytes make_manifest(uint64_t *random)
{
	struct bytes text = {0};

	for (int i = 0; i < LINES; i++) {
		struct bytes line = {0};

		assert_ok(
			bytes_append_string(&line, seeds[next_random(random) % ARRAY_SIZE(seeds)]));
		for (uint64_t times = next_random(random) % 4; times; times--)
			mutate_line(&line, random);
		assert_ok(bytes_append(&text, line.data, line.length));
		if (i + 1 < LINES || next_random(random) % 2)
			assert_ok(bytes_append(&text, "\n", 1));
		bytes_free(&line);
	}
	return text;
}

/* ---- Both implementations ---- */

enum judgement { NOT_MALFORMED, MALFORMED };

struct verdict {
	enum judgement lines[LINES + 1];
	unsigned matches, mismatches, missing;
};

static const char *describe(const struct verdict *verdict)
{
	static char text[100];

	snprintf(text, sizeof(text), "%u match, %u do not, %u are missing", verdict->matches,
		 verdict->mismatches, verdict->missing);
	return text;
}

static bool is_there(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(name, files[i]))
			return true;
	return false;
}

static void judge_ourselves(const char *path, struct verdict *verdict)
{
	struct ssum_digest right;
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	int fd = open(path, O_RDONLY);

	assert_ok(ssum_digest_parse(H, &right));
	assert_ok(ssum_manifest_open(fd, "sha1", &manifest));
	while (ssum_manifest_next(manifest, &line) == 1) {
		if (line->kind == SSUM_LINE_MALFORMED)
			verdict->lines[line->number] = MALFORMED;
		else if (!is_there(line->name))
			verdict->missing++;
		else if (ssum_digest_equal(&line->digest, &right))
			verdict->matches++;
		else
			verdict->mismatches++;
	}
	ssum_manifest_close(manifest);
	close(fd);
}

static bool ends_with(const char *line, const char *end)
{
	size_t length = strlen(line), end_length = strlen(end);

	return length >= end_length && !strcmp(line + length - end_length, end);
}

/* "sha1sum: manifest: 7: improperly formatted SHA1 checksum line", and on the other stream "name:
   OK" and the like. Older releases print names unquoted, even with a CR in them. */
static void judge_by_sha1sum(const char *directory, struct verdict *verdict)
{
	char *said = run_command(
		NULL, "cd '%s' && LC_ALL=C sha1sum -c --warn manifest 2>&1 </dev/null", directory);
	unsigned number;

	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "sha1sum: manifest: %u: improperly", &number) == 1 &&
		    number <= LINES)
			verdict->lines[number] = MALFORMED;
		else if (ends_with(line, ": OK"))
			verdict->matches++;
		else if (ends_with(line, ": FAILED open or read"))
			verdict->missing++;
		else if (ends_with(line, ": FAILED"))
			verdict->mismatches++;
	}
	free(said);
}

static const char *line_of(const struct bytes *text, int number)
{
	static char line[300];
	const char *at = text->data, *end = text->data + text->length;

	while (--number && at < end)
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	snprintf(line, sizeof(line), "%.*s", (int)((newline ? newline : end) - at), at);
	return line;
}

#define ROUNDS 20

START_TEST(both_readers_agree)
{
	uint64_t seed = test_seed() + (uint64_t)_i, random = seed;
	char *directory = scratch_here(), *path = path_in(directory, "manifest");

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *file = path_in(directory, files[i]);

		write_text(file, "abc");
		free(file);
	}
	for (int round = 0; round < ROUNDS; round++) {
		struct bytes text = make_manifest(&random);
		struct verdict ours = {.matches = 0}, theirs = {.matches = 0};

		write_file(path, text.data, text.length);
		judge_ourselves(path, &ours);
		judge_by_sha1sum(directory, &theirs);
		for (int n = 1; n <= LINES; n++)
			ck_assert_msg(
				ours.lines[n] == theirs.lines[n],
				"seed %llu: line %d: malformed to us: %d, to sha1sum: %d: \"%s\"",
				(unsigned long long)seed, n, ours.lines[n], theirs.lines[n],
				line_of(&text, n));
		if (ours.matches != theirs.matches || ours.mismatches != theirs.mismatches ||
		    ours.missing != theirs.missing) {
			char *wrong = strdup(describe(&ours));

			ck_abort_msg("seed %llu: %s; to sha1sum, %s", (unsigned long long)seed,
				     wrong, describe(&theirs));
		}
		ck_assert_uint_gt(ours.matches, 10); /* otherwise nothing was compared */
		bytes_free(&text);
	}
	free(path);
	scratch_remove(directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{both_readers_agree, 4},
	};

	return run_suite("manifest_sha1sum", tests, ARRAY_SIZE(tests));
}
