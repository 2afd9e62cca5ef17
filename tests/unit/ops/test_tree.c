/* SPDX-License-Identifier: MIT */
/* The walk of a directory: which entries it visits, in which order, and which directories it does
   not enter. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

static const char *meanwhile; /* a command, once the walk has read the names of "top", or NULL */

static void enter_scratch(const char *command)
{
	scratch_enter();
	ck_assert(!mkdir("top", 0755));
	shell(command);
}

/* The walk as text: "path\n" for each entry, "path/\n" for an empty directory, "path: error\n" for
 * a failure.
 */
static char *walk(void)
{
	struct ssum_tree *tree;
	const struct ssum_tree_entry *entry;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int rc;

	assert_ok(ssum_tree_open("top", NULL, &tree));
	if (meanwhile)
		shell(meanwhile);
	while ((rc = ssum_tree_next(tree, &entry)) == 1) {
		ck_assert_uint_eq(entry->size, sizeof(*entry));
		fprintf(out, "%s%s%s%s\n", entry->path,
			entry->type == SSUM_TYPE_DIRECTORY && !entry->error ? "/" : "",
			entry->error ? ": " : "", entry->error ? ssum_strerror(entry->error) : "");
	}
	assert_ok(rc);
	ssum_tree_close(tree);
	fclose(out);
	return text;
}

static void expect(const char *expected)
{
	char *found = walk();

	ck_assert_str_eq(found, expected);
	free(found);
}

/* The expected list, by find and sort. */
static void expect_as_find(void)
{
	char *found = walk();
	char *expected =
		run_command(NULL, "cd top && find . -mindepth 1 \\( -type d -empty -printf "
				  "'%%P/\\n' -o ! -type d -printf '%%P\\n' \\) | "
				  "LC_ALL=C sort");

	ck_assert_msg(!strcmp(found, expected), "found:\n%.2000s\nexpected:\n%.2000s", found,
		      expected);
	free(found);
	free(expected);
}

static const char *const shapes[] = {
	":",
	"touch top/a top/b",
	"mkdir top/empty",
	/* '/' is between '.' and '0' */
	"cd top && mkdir a a0 a.d && touch a/x a.x a-x 'a!' a00 a0/x a.d/x a.. && mkdir 'a '",
	"cd top && mkdir -p a/b/c/d a/b.c/e && touch a/b/c.f a/b-c a/b/c/d/e z",
	"cd top && ln -s / root && ln -s . here && ln -s ../.. up && ln -s nowhere n && ln -s n m",
	"cd top && mkdir -p .g/x && touch $(printf '\\001 \\177 \\200 \\377 \\r') .h ..m '*' '?'",
	"cd top && touch file && ln file hard && mkdir d && ln file d/hard",
	"cd top && mkdir -p $(seq -f d%g/e 300) && touch $(seq -f d%g/e/f 0 3 300 | tail -n +2)",
};

START_TEST(order_of_find_and_sort)
{
	enter_scratch(shapes[_i]);
	expect_as_find();
	scratch_leave();
}
END_TEST

START_TEST(directory_with_20000_files)
{
	enter_scratch("cd top && mkdir $(seq 100) && seq -f %05g 20000 | sed "
		      "'s,^...\\(..\\),\\1/&,; s,^0,,; "
		      "s,^0/,100/,' | xargs touch && seq -f top-%g 3000 | xargs touch");
	expect_as_find();
	scratch_leave();
	tried(31, 1);
}
END_TEST

START_TEST(each_file_type)
{
	static const struct {
		const char *path;
		enum ssum_type type;
		uint64_t length;
	} expected[] = {
		{"block", SSUM_TYPE_BLOCK_DEVICE, 0}, {"char", SSUM_TYPE_CHAR_DEVICE, 0},
		{"empty", SSUM_TYPE_DIRECTORY, 0},    {"fifo", SSUM_TYPE_FIFO, 0},
		{"file", SSUM_TYPE_FILE, 12345},      {"link", SSUM_TYPE_SYMLINK, 0},
	};
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;

	enter_scratch(
		"cd top && mknod block b 7 250 && mknod char c 1 3 && mkdir empty && mkfifo fifo "
		"&& truncate -s 12345 file && ln -s file link");
	assert_ok(ssum_tree_open("top", NULL, &tree));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
		ck_assert_str_eq(entry->path, expected[i].path);
		ck_assert_int_eq(entry->type, expected[i].type);
		ck_assert_uint_eq(entry->length, expected[i].length);
		assert_ok(entry->error);
	}
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 0);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 0);
	ssum_tree_close(tree);
	ssum_tree_close(NULL);
	scratch_leave();
}
END_TEST

#define DEPTH 108
#define NAME_LENGTH 250

/* hazard 33: a path longer than PATH_MAX, with few descriptors. */
START_TEST(deep_directories)
{
	const struct rlimit sixteen = {16, 16};
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;
	char name[NAME_LENGTH + 1];

	enter_scratch(":");
	memset(name, 'n', NAME_LENGTH);
	name[NAME_LENGTH] = '\0';
	int at = open("top", O_PATH);
	for (int i = 0; i < DEPTH; i++) {
		ck_assert(!mkdirat(at, name, 0755));
		int next = openat(at, name, O_PATH);
		close(at);
		at = next;
	}
	close(openat(at, "file", O_CREAT | O_WRONLY, 0644));
	close(at);
	ck_assert(!setrlimit(RLIMIT_NOFILE, &sixteen));
	assert_ok(ssum_tree_open("top", NULL, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	assert_ok(entry->error);
	ck_assert_uint_eq(strlen(entry->path), DEPTH * (NAME_LENGTH + 1) + 4);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 0);
	ssum_tree_close(tree);
	shell("rm -r top"); /* scratch_leave() cannot remove it */
	scratch_leave();
	tried(33, 1);
}
END_TEST

START_TEST(unreadable_directories) /* hazard 25 */
{
	struct ssum_tree *tree;

	enter_scratch("cd top && mkdir -p a/locked b && touch a/locked/hidden a/z b/f && chmod 0 "
		      "a/locked && "
		      "chmod 755 . a b");
	ck_assert(!seteuid(65534));
	expect("a/locked: Permission denied\na/z\nb/f\n");
	assert_code(ssum_tree_open("top/a/locked", NULL, &tree), -EACCES);
	ck_assert(!tree);
	ck_assert(!seteuid(0));
	scratch_leave();
	tried(25, 1);
}
END_TEST

START_TEST(not_a_directory)
{
	struct ssum_tree *tree;

	enter_scratch("touch top/file && ln -s top link");
	assert_code(ssum_tree_open("missing", NULL, &tree), -ENOENT);
	assert_code(ssum_tree_open("top/file", NULL, &tree), -ENOTDIR);
	ck_assert(!tree);
	assert_ok(ssum_tree_open("link", NULL, &tree)); /* the directory itself may be a symlink */
	ssum_tree_close(tree);
	scratch_leave();
}
END_TEST

/* hazards 26, 33: another file system, and a bind mount of the directory within itself. */
START_TEST(mount_points)
{
	static const char *const mounts[] = {"mount -t tmpfs tmpfs top/b",
					     "mount --bind top top/b"};
	int status;

	enter_scratch("mkdir top/b && touch top/a top/c");
	char *text = run_command(&status, "%s 2>&1", mounts[_i]);
	if (status) {
		scratch_leave();
		skip("%s: %s", mounts[_i], text);
	}
	char *found = walk();
	shell("umount top/b");
	char *expected;
	ck_assert(asprintf(&expected, "a\nb: %s\nc\n", ssum_strerror(SSUM_ERR_MOUNT_POINT)) > 0);
	ck_assert_str_eq(found, expected);
	free(expected);
	free(found);
	free(text);
	scratch_leave();
	tried(33, 1);
}
END_TEST

/* The current directory of the walk is moved, so its ".." is outside of the tree. */
START_TEST(directory_moved_out_of_the_tree)
{
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;

	enter_scratch(
		"mkdir -p top/a/b outside/secret && touch top/a/b/1 top/a/b/2 top/z outside/file");
	assert_ok(ssum_tree_open("top", NULL, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "a/b/1");
	ck_assert(!rename("top/a/b", "outside/b"));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "a/b/2");
	assert_code(ssum_tree_next(tree, &entry), SSUM_ERR_CHANGED);
	ssum_tree_close(tree);
	scratch_leave();
}
END_TEST

/* Entries that are removed before the walk reaches them are reported with ENOENT. Renaming the
   directory that is being read has no effect. */
START_TEST(entries_removed_during_the_walk)
{
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;

	enter_scratch("mkdir -p top/a top/b && touch top/a/1 top/b/2 top/c");
	assert_ok(ssum_tree_open("top", NULL, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	shell("mv top/a top/a2 && rm -r top/b top/c");
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "b");
	assert_code(entry->error, -ENOENT);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "c");
	assert_code(entry->error, -ENOENT);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 0);
	ssum_tree_close(tree);
	scratch_leave();
}
END_TEST

static int calls_in_secret;
static char callback_user[] = "the user";

static int without_secret(void *user, const char *path, enum ssum_type type)
{
	ck_assert_ptr_eq(user, callback_user);
	calls_in_secret += !strncmp(path, "secret/", 7);
	if (!strcmp(path, "stop"))
		return -ECANCELED;
	return strcmp(path, "secret") != 0 || type != SSUM_TYPE_DIRECTORY;
}

START_TEST(filter_selects_entries)
{
	const struct ssum_filter filter = {without_secret, callback_user};
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;

	enter_scratch("cd top && mkdir secret && touch a secret/a secret.b stop");
	assert_ok(ssum_tree_open("top", &filter, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "a");
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "secret.b");
	assert_code(ssum_tree_next(tree, &entry), -ECANCELED);
	ck_assert_int_eq(calls_in_secret, 0);
	ssum_tree_close(tree);
	assert_code(ssum_tree_open("top/none", &filter, &tree), -ENOENT);
	ck_assert_ptr_null(tree);
	scratch_leave();
}
END_TEST

/* The order depends on the type of an entry when the walk reaches it, not when its name was read:
   the content of a directory "a" comes after "a.x", a file "a" before it. */
static const struct {
	const char *before, *meanwhile;
} swaps[] = {
	{"touch top/a top/a.x top/b", "rm top/a && mkdir top/a && touch top/a/1"},
	{"touch top/a top/a.x top/b", "rm top/a && mkdir top/a"},
	{"mkdir top/a && touch top/a/1 top/a.x top/b", "rm -r top/a && touch top/a"},
	{"mkdir top/a top/a- && touch top/a-/1 top/a-x top/a.x", "rmdir top/a && touch top/a"},
	{"touch top/a top/a- top/a-x top/a.x", "cd top && rm a a- && mkdir a a- && touch a/1 a-/2"},
};

START_TEST(type_changes_before_the_walk_reaches_it)
{
	enter_scratch(swaps[_i].before);
	meanwhile = swaps[_i].meanwhile;
	expect_as_find();
	scratch_leave();
	tried(33, 1);
}
END_TEST

/* An entry that is a directory when the walk passes the position of a file "a", and a file at the
   position of a directory "a", is reported as changed. */
START_TEST(type_that_changes_twice)
{
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;

	enter_scratch("mkdir top/a && touch top/a/1 top/a.x top/b");
	assert_ok(ssum_tree_open("top", NULL, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "a.x");
	shell("rm -r top/a && touch top/a");
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "a");
	assert_code(entry->error, SSUM_ERR_CHANGED);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	ck_assert_str_eq(entry->path, "b");
	assert_ok(entry->error);
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 0);
	ssum_tree_close(tree);
	scratch_leave();
	tried(33, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{order_of_find_and_sort, ARRAY_SIZE(shapes)},
		{directory_with_20000_files, 0},
		{each_file_type, 0},
		{deep_directories, 0},
		{unreadable_directories, 0},
		{not_a_directory, 0},
		{mount_points, 2},
		{directory_moved_out_of_the_tree, 0},
		{entries_removed_during_the_walk, 0},
		{filter_selects_entries, 0},
		{type_changes_before_the_walk_reaches_it, ARRAY_SIZE(swaps)},
		{type_that_changes_twice, 0},
	};

	return run_suite("tree", tests, ARRAY_SIZE(tests));
}
