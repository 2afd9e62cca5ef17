/* SPDX-License-Identifier: MIT */
/* Verification against a listing that the caller makes, and the selection of entries. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/reported.h"
#include "sparsesum/package.h"

static struct ssum_listing *listing;

/* One row of a test: the arguments of ssum_listing_add(). */
struct row {
	const char *name;
	enum ssum_type type;
	const char *algorithm;
	const char *digest_of; /* a file whose listed digest is computed by another program; or NULL
				*/
	uint64_t length;
	const char *target;
	const char *source;
	uint64_t line;
};

static int add(const struct row *row)
{
	struct ssum_digest digest;
	struct ssum_listed_entry entry = {
		.size = sizeof(entry),
		.name = row->name,
		.type = row->type,
		.target = row->target,
		.algorithm = row->algorithm,
		.length = row->length,
		.source = row->source ? row->source : "list",
		.line = row->line,
	};

	if (row->digest_of) {
		digest = oracle_of_file(row->algorithm, row->digest_of);
		entry.digest = &digest;
	}
	return ssum_listing_add(listing, &entry);
}

#define FILE_ROW(name, algorithm, length, line)                                                    \
	{                                                                                          \
		name, SSUM_TYPE_FILE, algorithm, "p/" name, length, NULL, NULL, line               \
	}
#define ANY SSUM_LENGTH_UNKNOWN

/* All entries of p, unordered. The file has two digests. */
static const struct row good[] = {
	FILE_ROW("sub/image", "sha256", 1048580, 4),
	FILE_ROW("file", "sha1", 8, 1),
	FILE_ROW("file", "md5", 8, 1),
	{"./link", SSUM_TYPE_SYMLINK, NULL, NULL, ANY, "file", NULL, 2},
	{"empty", SSUM_TYPE_DIRECTORY, NULL, NULL, ANY, NULL, NULL, 3},
	{"sub", SSUM_TYPE_DIRECTORY, NULL, NULL, ANY, NULL, NULL, 6},
	{"sized", SSUM_TYPE_FILE, NULL, NULL, 3, NULL, NULL, 5},
};

static void enter_scratch(void)
{
	scratch_enter();
	shell("mkdir -p p/sub p/empty && cd p && echo content >file && truncate -s 1M sub/image && "
	      "echo end >>sub/image && ln -s file link && printf abc >sized");
	assert_ok(ssum_listing_new(&listing));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(add(&good[i]));
}

static void leave_scratch(void)
{
	ssum_listing_free(listing);
	scratch_leave();
}

static int verify(struct ssum_verify_options options, struct ssum_summary *summary)
{
	reported[0] = '\0';
	options.size = sizeof(options);
	options.report = note_failing;
	options.listing = listing;
	return ssum_verify(NULL, "p", &options, summary);
}

static const struct {
	const char *damage; /* run in the directory */
	int result;
	const char *reported;
} damages[] = {
	{":", SSUM_HOLDS, ""},
	{"printf xyz >sized", SSUM_HOLDS, ""}, /* only its length is listed */
	{"printf abcd >sized", SSUM_DIFFERS, "differs sized;"},
	{"rm sized", SSUM_DIFFERS, "missing sized;"},
	{"rm sized; mkdir sized", SSUM_DIFFERS, "differs sized;extra sized;"},
	{"echo Content >file", SSUM_DIFFERS, "differs file;"},
	{"printf x >>file", SSUM_DIFFERS, "differs file;"},
	{"mv file moved", SSUM_DIFFERS, "missing file;extra moved;"},
	{"ln -sfn elsewhere link", SSUM_DIFFERS, "differs link;"},
	{"rmdir empty", SSUM_DIFFERS, "missing empty;"},
	{"mkdir more", SSUM_DIFFERS, "extra more;"},
	{"touch more", SSUM_DIFFERS, "extra more;"},
	{"rm sub/image; rmdir sub; touch sub", SSUM_DIFFERS,
	 "differs sub;extra sub;missing sub/image;"},
	/* A listing is not a manifest of the package, whose name would exempt it. */
	{"cp file SHA1SUMS", SSUM_DIFFERS, "extra SHA1SUMS;"},
	{"touch MD5SUMS.checkpoints", SSUM_DIFFERS, "extra MD5SUMS.checkpoints;"},
};

START_TEST(each_kind_of_damage)
{
	char command[256];

	enter_scratch();
	snprintf(command, sizeof(command), "cd p && { %s; }", damages[_i].damage);
	shell(command);
	int rc = verify((struct ssum_verify_options){.explain = UINT64_MAX}, NULL);
	ck_assert_msg(!strcmp(reported, damages[_i].reported), "%s: reported %s",
		      damages[_i].damage, reported);
	assert_code(rc, damages[_i].result);
	leave_scratch();
}
END_TEST

/* hazard 37: every listed digest and length must hold. */
static const struct {
	struct row row;
	int added, result;
	const char *reported;
} rows[] = {
	{{"file", SSUM_TYPE_FILE, "sha256", "p/file", 8, NULL, "other", 1}, 0, SSUM_HOLDS, ""},
	{{"file", SSUM_TYPE_FILE, "sha256", "p/sized", 8, NULL, "other", 1},
	 0,
	 SSUM_DIFFERS,
	 "differs file;"},
	{{"file", SSUM_TYPE_FILE, "sha1", "p/file", 7, NULL, "other", 1},
	 0,
	 SSUM_DIFFERS,
	 "differs file;"},
	{{"file", SSUM_TYPE_FILE, "sha256", "p/file", 7, NULL, NULL, 1},
	 0,
	 SSUM_DIFFERS,
	 "differs file;"},
	{{"file", SSUM_TYPE_FILE, "sha512", "p/sized", ANY, NULL, NULL, 1},
	 0,
	 SSUM_DIFFERS,
	 "differs file;"},
	{{"sized", SSUM_TYPE_FILE, "sha1", "p/file", ANY, NULL, "other", 9},
	 0,
	 SSUM_DIFFERS,
	 "differs sized;"},
	{{"link", SSUM_TYPE_SYMLINK, NULL, NULL, ANY, NULL, "other", 9}, 0, SSUM_HOLDS, ""},
	{{"link", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, "other", 9},
	 0,
	 SSUM_DIFFERS,
	 "differs link;"},
	/* hazard 28 */
	{{"file", SSUM_TYPE_FILE, "sha1", "p/file", 8, NULL, NULL, 9},
	 0,
	 SSUM_ERR_UNDECIDED,
	 "bad line file;"},
	{{"file", SSUM_TYPE_FILE, "sha1", "p/file", 8, NULL, NULL, 1},
	 0,
	 SSUM_ERR_UNDECIDED,
	 "bad line file;"},
	{{"./file", SSUM_TYPE_FILE, "sha256", "p/file", 8, NULL, NULL, 9},
	 0,
	 SSUM_ERR_UNDECIDED,
	 "bad line file;"},
	{{"link", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 2},
	 0,
	 SSUM_ERR_UNDECIDED,
	 "bad line link;"},
	/* hazard 27 */
	{{"../file", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_NAME, 0, ""},
	{{"/etc/passwd", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_NAME, 0, ""},
	{{"sub//image", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_NAME, 0, ""},
	{{"", SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_NAME, 0, ""},
	{{".", SSUM_TYPE_DIRECTORY, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_NAME, 0, ""},
	{{"x", SSUM_TYPE_FIFO, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_OPTIONS, 0, ""},
	{{NULL, SSUM_TYPE_FILE, NULL, NULL, ANY, NULL, NULL, 9}, SSUM_ERR_OPTIONS, 0, ""},
};

START_TEST(each_kind_of_row)
{
	enter_scratch();
	assert_code(add(&rows[_i].row), rows[_i].added);
	if (strcmp(rows[_i].row.source ? rows[_i].row.source : "", "other") == 0)
		assert_ok(ssum_listing_cover(listing, "list", "", SSUM_COVER_EMPTY_DIRECTORIES));
	assert_code(verify((struct ssum_verify_options){0}, NULL), rows[_i].result);
	ck_assert_str_eq(reported, rows[_i].reported);
	/* Verification does not change the listing. */
	assert_code(verify((struct ssum_verify_options){0}, NULL), rows[_i].result);
	ck_assert_str_eq(reported, rows[_i].reported);
	leave_scratch();
	tried(37, 1);
}
END_TEST

START_TEST(invalid_rows_are_refused)
{
	struct ssum_digest digest = {.length = 20};
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .name = "x",
					  .type = SSUM_TYPE_FILE,
					  .digest = &digest,
					  .source = "list",
					  .length = ANY};

	enter_scratch();
	entry.algorithm = "sha0";
	assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_ALGORITHM);
	entry.algorithm = "sha256";
	assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_MALFORMED);
	entry.algorithm = NULL;
	static const char *const names[] = {"", "/x", "../x", "a//b", "a/./b", "a/.."};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		entry.name = names[i];
		assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_NAME);
	}
	entry.name = NULL;
	assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_OPTIONS);
	entry.name = "x";
	entry.source = NULL;
	assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_OPTIONS);
	entry.source = "list";
	entry.type = SSUM_TYPE_FIFO;
	assert_code(ssum_listing_add(listing, &entry), SSUM_ERR_OPTIONS);
	assert_code(ssum_listing_cover(listing, NULL, "../x", 0), SSUM_ERR_NAME);
	assert_code(ssum_listing_cover(listing, NULL, "", 2), SSUM_ERR_OPTIONS);
	digest.length = 32;
	assert_code(verify((struct ssum_verify_options){.content_hash = &digest}, NULL),
		    SSUM_ERR_OPTIONS);
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_HOLDS);
	ssum_listing_free(listing);
	assert_ok(ssum_listing_new(&listing));
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_ERR_EMPTY);
	ssum_listing_free(NULL);
	leave_scratch();
}
END_TEST

/* ---- Paths that must be listed ---- */

static const struct {
	const char *source, *directory;
	unsigned flags;
	const char *reported;
} covers[] = {
	{NULL, "", SSUM_COVER_EMPTY_DIRECTORIES,
	 "extra void;extra more;extra sub/more;extra suffix;"},
	{NULL, "", 0, "extra more;extra sub/more;extra suffix;"},
	{NULL, "sub", SSUM_COVER_EMPTY_DIRECTORIES, "extra sub/more;"},
	{"list", "sub", 0, "extra sub/more;"},
	{"other", "sub", 0, "extra sub/image;extra sub/more;"},
	{"other", "empty", 0, ""},
	{"other", "empty", SSUM_COVER_EMPTY_DIRECTORIES, "extra empty;"},
	{"other", "file", 0, ""},
};

START_TEST(unlisted_paths_below_each_covered_directory)
{
	const struct row other = {"file", SSUM_TYPE_FILE, "sha1", "p/file", ANY, NULL, "other", 1};

	enter_scratch();
	assert_ok(add(&other));
	shell("touch p/more p/sub/more p/suffix; mkdir p/void");
	assert_ok(ssum_listing_cover(listing, covers[_i].source, covers[_i].directory,
				     covers[_i].flags));
	assert_code(verify((struct ssum_verify_options){0}, NULL),
		    *covers[_i].reported ? SSUM_DIFFERS : SSUM_HOLDS);
	ck_assert_str_eq(reported, covers[_i].reported);
	leave_scratch();
}
END_TEST

/* The file from which the listing was read is not an entry, like a manifest, unless the listing has
   a row for it. */
START_TEST(file_of_the_listing_in_the_directory)
{
	static const char *const files[] = {"p/list", NULL};
	const struct ssum_verify_options options = {.manifests = files};
	const struct row itself = {"list", SSUM_TYPE_FILE, "sha1", "p/file", ANY, NULL, NULL, 9};

	enter_scratch();
	shell("touch p/list");
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "extra list;");
	assert_code(verify(options, NULL), SSUM_HOLDS);
	assert_ok(add(&itself));
	assert_code(verify(options, NULL), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "differs list;");
	leave_scratch();
}
END_TEST

/* Lines of the sources could not be read. They may list the entries that no other line lists. */
START_TEST(incomplete_listing)
{
	enter_scratch();
	ssum_listing_incomplete(listing);
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_HOLDS);
	shell("touch p/x");
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_ERR_UNDECIDED);
	ck_assert_str_eq(reported, "undecided x;");
	assert_ok(ssum_listing_cover(listing, "list", "", 0));
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_ERR_UNDECIDED);
	ck_assert_str_eq(reported, "undecided x;");
	shell("rm p/file");
	assert_code(verify((struct ssum_verify_options){0}, NULL), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing file;undecided x;");
	leave_scratch();
}
END_TEST

/* ---- Selected entries ---- */

static char asked[4096];

/* Leave out the path in `user`, and record every path. */
static int refuse(void *user, const char *path, enum ssum_type type)
{
	snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), "%c%s;",
		 type == SSUM_TYPE_DIRECTORY ? '/' : ' ', path);
	return strcmp(path, "fail") == 0 ? -EIO : strcmp(path, user) != 0;
}

START_TEST(entries_are_selected)
{
	struct ssum_summary summary = {.size = sizeof(summary)};
	char sub[] = "sub", file[] = "file", nothing[] = "";
	struct ssum_verify_options options = {.filter = {refuse, sub}};

	enter_scratch();
	shell("echo damage >p/sub/image; touch p/sub/more");
	asked[0] = '\0';
	assert_code(verify(options, &summary), SSUM_HOLDS);
	ck_assert_uint_eq(summary.entries, 4);
	ck_assert_uint_eq(summary.bytes, 8);
	ck_assert_msg(!strstr(asked, "sub/"), "asked for a path below sub: %s", asked);
	options.filter.user = file;
	assert_code(verify(options, NULL), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "differs sub/image;extra sub/more;");
	options.filter.user = nothing;
	shell("touch p/fail");
	assert_code(verify(options, NULL), -EIO);
	leave_scratch();
}
END_TEST

static int note_entry(void *user, const struct ssum_report *report)
{
	(void)user;
	if (report->kind != SSUM_REPORT_MANIFEST)
		note_report(report);
	return 0;
}

START_TEST(selection_for_create_and_compare)
{
	char sub[] = "sub";
	struct ssum_create_options create = {
		.size = sizeof(create), .report = note_entry, .filter = {refuse, sub}};
	struct ssum_compare_options compare = {
		.size = sizeof(compare), .report = note_entry, .filter = {refuse, sub}};

	enter_scratch();
	reported[0] = '\0';
	assert_ok(ssum_create(NULL, "p", &create, NULL));
	ck_assert_str_eq(reported, "holds empty;holds file;holds link;holds sized;");
	shell("cd p && ! grep -q sub SHA1SUMS && sha1sum -c --quiet SHA1SUMS");
	shell("rm p/SHA1SUMS; cp -a p q; echo damage >q/sub/image; touch q/sub/more");
	reported[0] = '\0';
	assert_code(ssum_compare_directories(NULL, "p", "q", &compare, NULL), SSUM_HOLDS);
	ck_assert_str_eq(reported, "holds empty;holds file;holds link;holds sized;");
	compare.filter.fn = NULL;
	assert_code(ssum_compare_directories(NULL, "p", "q", &compare, NULL), SSUM_DIFFERS);
	leave_scratch();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_kind_of_damage, ARRAY_SIZE(damages)},
		{each_kind_of_row, ARRAY_SIZE(rows)},
		{invalid_rows_are_refused, 0},
		{unlisted_paths_below_each_covered_directory, ARRAY_SIZE(covers)},
		{file_of_the_listing_in_the_directory, 0},
		{entries_are_selected, 0},
		{selection_for_create_and_compare, 0},
		{incomplete_listing, 0},
	};

	return run_suite("listing", tests, ARRAY_SIZE(tests));
}
