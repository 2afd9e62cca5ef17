/* SPDX-License-Identifier: MIT */
/* Verification: each way in which a package can be damaged, and the verdict on it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/reported.h"
#include "sparsesum/package.h"

/* A package whose manifest is written by other programs, except for its comment lines. */
static void enter_scratch(void)
{
	scratch_enter();
	shell("mkdir -p p/sub/deep p/empty && cd p && echo content >file && truncate -s 1M "
	      "sub/image && "
	      "echo end >>sub/image && touch sub/deep/nothing && ln -s file link && "
	      "{ find file sub -type f | LC_ALL=C sort | xargs sha1sum && "
	      "printf '# symlink\\tlink\\tfile\\n# folder\\tempty\\n'; } >SHA1SUMS");
}

static int verify(const struct ssum_verify_options *given)
{
	struct ssum_verify_options options =
		given ? *given : (struct ssum_verify_options){.size = sizeof(options)};

	reported[0] = '\0';
	options.size = sizeof(options);
	options.report = note_failing;
	return ssum_verify(NULL, "p", &options, NULL);
}

/* ---- Kinds of damage ---- */

static const struct {
	const char *damage; /* run in the package */
	int result;
	const char *reported;
} damages[] = {
	{":", SSUM_HOLDS, ""},
	{"cp --sparse=never sub/image d; mv d sub/image", SSUM_HOLDS, ""},
	{"fallocate -l 2M -n sub/image; touch -d 1999-01-01 file", SSUM_HOLDS, ""},
	{"echo CONTENT >file", SSUM_DIFFERS, "differs file;"},
	{"printf x | dd of=sub/image bs=1 seek=70000 conv=notrunc", SSUM_DIFFERS,
	 "differs sub/image;"},
	{"truncate -s -1 sub/image", SSUM_DIFFERS, "differs sub/image;"},
	{"truncate -s +4096 sub/image", SSUM_DIFFERS, "differs sub/image;"},
	{"truncate -s 1 sub/deep/nothing", SSUM_DIFFERS, "differs sub/deep/nothing;"},
	{"rm file", SSUM_DIFFERS, "missing file;"},
	{"rm -r sub", SSUM_DIFFERS, "missing sub/deep/nothing;missing sub/image;"},
	{"rm link", SSUM_DIFFERS, "missing link;"},
	{"rmdir empty", SSUM_DIFFERS, "missing empty;"},
	{"touch empty/x", SSUM_DIFFERS, "extra empty/x;"},
	{"touch x .y", SSUM_DIFFERS, "extra .y;extra x;"},
	{"mkdir x", SSUM_DIFFERS, "extra x;"},
	{"ln -s / x", SSUM_DIFFERS, "extra x;"},
	{"mkfifo x", SSUM_DIFFERS, "extra x;"},
	{"ln -sfn elsewhere link", SSUM_DIFFERS, "differs link;"},
	{"rm link; cp file link", SSUM_DIFFERS, "differs link;"},
	{"mv file x; ln -s x file", SSUM_DIFFERS, "differs file;extra x;"},
	{"mv file ..; ln -s ../file file", SSUM_DIFFERS, "differs file;"},
	{"rm file; mkfifo file", SSUM_DIFFERS, "differs file;"},
	{"rm file; mknod file c 1 3", SSUM_DIFFERS, "differs file;"},
	{"rm file; mkdir file", SSUM_DIFFERS, "differs file;extra file;"},
	{"rmdir empty; touch empty", SSUM_DIFFERS, "differs empty;extra empty;"},
	{"mv sub ..; ln -s ../sub sub", SSUM_DIFFERS,
	 "extra sub;missing sub/deep/nothing;missing sub/image;"},
	{"chmod 0 file", SSUM_ERR_UNDECIDED, "unreadable file;"}, /* hazard 25 */
	{"chmod 0 sub", SSUM_ERR_UNDECIDED,
	 "unreadable sub;unreadable sub/deep/nothing;unreadable sub/image;"},
	{"chmod 0 sub; touch x", SSUM_DIFFERS,
	 "unreadable sub;unreadable sub/deep/nothing;unreadable sub/image;extra x;"},
};

START_TEST(each_kind_of_damage)
{
	char command[256];

	enter_scratch();
	snprintf(command, sizeof(command), "cd p && { %s; }", damages[_i].damage);
	shell(command);
	ck_assert(!seteuid(65534));
	int rc = verify(NULL);
	ck_assert(!seteuid(0));
	ck_assert_msg(!strcmp(reported, damages[_i].reported), "%s: reported %s",
		      damages[_i].damage, reported);
	assert_code(rc, damages[_i].result);
	scratch_leave();
	tried(32, 1);
}
END_TEST

/* ---- Manifests ---- */

#define GOOD "7fe70820e08a1aac0ef224d9c66ab66831cc4ab1" /* sha1sum of "content\n" */

static const struct {
	const char *edit; /* run in the package */
	int result;
	const char *reported;
} edits[] = {
	{"sed -i 's,^\\([0-9a-f]*  \\),\\1./,' SHA1SUMS", SSUM_HOLDS, ""},
	{"sed -i 's,$,\\r,' SHA1SUMS", SSUM_HOLDS, ""}, /* hazard 30 */
	{"sed -i '/^#/!s,.*,\\U&,; s,FILE,file,; s,SUB/IMAGE,sub/image,; "
	 "s,SUB/DEEP/NOTHING,sub/deep/nothing,' SHA1SUMS",
	 SSUM_HOLDS, ""},
	{"find . -type f ! -name SHA1SUMS ! -name n -exec sha1sum {} + >n; sed 1,3d SHA1SUMS >>n; "
	 "mv n "
	 "SHA1SUMS",
	 SSUM_HOLDS, ""},
	{"sha1sum --tag file sub/image sub/deep/nothing >n; sed 1,3d SHA1SUMS >>n; mv n SHA1SUMS",
	 SSUM_HOLDS, ""},
	{"sha1sum -b file sub/image sub/deep/nothing >n; sed 1,3d SHA1SUMS >>n; mv n SHA1SUMS",
	 SSUM_HOLDS, ""},
	{"printf %s \"$(cat SHA1SUMS)\" >n; mv n SHA1SUMS", SSUM_HOLDS, ""},
	{"tac SHA1SUMS >n; mv n SHA1SUMS; echo '# a comment' >>SHA1SUMS; echo >>SHA1SUMS",
	 SSUM_HOLDS, ""},
	{"echo nonsense >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line SHA1SUMS;"},
	{"echo nonsense >>SHA1SUMS; rm file", SSUM_DIFFERS, "bad line SHA1SUMS;missing file;"},
	{"printf '# symlink\\tlink\\n' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line SHA1SUMS;"},
	{"sed -i '1s/^.//' SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line SHA1SUMS;undecided file;"},
	{"sed -i '1s/^.//' SHA1SUMS; touch x", SSUM_ERR_UNDECIDED,
	 "bad line SHA1SUMS;undecided file;undecided x;"},
	{"sed -i '1s/^.//' SHA1SUMS; rm sub/image; touch x", SSUM_DIFFERS,
	 "bad line SHA1SUMS;undecided file;missing sub/image;undecided x;"},
	{"sed -i 's,  file,  /file,' SHA1SUMS", SSUM_ERR_UNDECIDED,
	 "bad line /file;undecided file;"},
	/* A line that lists a name twice hides no other name. */
	{"echo '" GOOD "  file' >>SHA1SUMS; touch x", SSUM_DIFFERS, "bad line file;extra x;"},
	/* One manifest that was read completely proves it. */
	{"sha256sum file sub/image sub/deep/nothing >n; sed 1,3d SHA1SUMS >>n; mv n SHA256SUMS; "
	 "echo nonsense >>SHA1SUMS; touch x",
	 SSUM_DIFFERS, "bad line SHA1SUMS;extra x;"},
	{"echo '" GOOD "  file' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line file;"}, /* hazard 28 */
	{"echo '" GOOD "  ./file' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line file;"},
	{"cp file ..; echo '" GOOD "  ../file' >>SHA1SUMS", SSUM_ERR_UNDECIDED,
	 "bad line ../file;"},
	{"echo '" GOOD "  sub/../file' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line sub/../file;"},
	{"echo '" GOOD "  /etc/hostname' >>SHA1SUMS", SSUM_ERR_UNDECIDED,
	 "bad line /etc/hostname;"},
	{"echo '" GOOD "  sub//image' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line sub//image;"},
	{"echo '" GOOD "  sub/' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line sub/;"},
	{"echo '" GOOD "  link' >>SHA1SUMS", SSUM_ERR_UNDECIDED, "bad line link;"},
	{"sed -i /link/d SHA1SUMS", SSUM_DIFFERS, "extra link;"},
	{"sed -i /empty/d SHA1SUMS", SSUM_DIFFERS, "extra empty;"},
	{"sed -i 's,^# folder.*," GOOD "  empty,' SHA1SUMS", SSUM_DIFFERS,
	 "differs empty;extra empty;"},
	{"sed -i 's,^# symlink.*," GOOD "  link,' SHA1SUMS", SSUM_DIFFERS, "differs link;"},
	{": >SHA1SUMS", SSUM_ERR_EMPTY, ""},
	{"echo '# nothing' >SHA1SUMS", SSUM_ERR_EMPTY, ""},
	{"rm SHA1SUMS", SSUM_ERR_NO_MANIFEST, ""},
	{"mv SHA1SUMS ..; ln -s ../SHA1SUMS .", SSUM_ERR_SYMLINK, ""},
	{"rm SHA1SUMS; mkfifo SHA1SUMS", SSUM_ERR_NOT_REGULAR, ""},
	{"chmod 0 SHA1SUMS", -EACCES, ""},
	/* hazard 37: an entry must hold by all manifests */
	{"sha256sum file sub/image sub/deep/nothing >n; sed 1,3d SHA1SUMS >>n; mv n SHA256SUMS",
	 SSUM_HOLDS, ""},
	{"sha256sum file sub/image sub/image >n; sed '$s/image/deep\\/nothing/' n >SHA256SUMS; "
	 "rm n; sed 1,3d SHA1SUMS >>SHA256SUMS",
	 SSUM_DIFFERS, "differs sub/deep/nothing;"},
	{"sha256sum file sub/image >n; sed 1,3d SHA1SUMS >>n; mv n SHA256SUMS", SSUM_DIFFERS,
	 "extra sub/deep/nothing;"},
	{"cp SHA1SUMS SHA256SUMS", SSUM_ERR_UNDECIDED,
	 "bad line SHA256SUMS;bad line SHA256SUMS;bad line SHA256SUMS;undecided file;"
	 "undecided sub/deep/nothing;undecided sub/image;"},
	/* Signatures of the manifest, and other files with similar names */
	{"for i in asc gpg sig sign minisig p7s; do touch SHA1SUMS.$i; done", SSUM_HOLDS, ""},
	{"touch SHA1SUMS.bak SHA1SUMS.asc.old SHA1SUMSasc SHA256SUMS.asc sub/SHA1SUMS.asc",
	 SSUM_DIFFERS,
	 "extra SHA1SUMS.asc.old;extra SHA1SUMS.bak;extra SHA1SUMSasc;extra SHA256SUMS.asc;"
	 "extra sub/SHA1SUMS.asc;"},
	{"touch SHA1SUMS.checkpoints.asc SHA256SUMS.checkpoints", SSUM_DIFFERS,
	 "extra SHA1SUMS.checkpoints.asc;extra SHA256SUMS.checkpoints;"},
	{"mkdir SHA1SUMS.sig; ln -s x SHA1SUMS.asc", SSUM_DIFFERS,
	 "extra SHA1SUMS.asc;extra SHA1SUMS.sig;"},
	{": >SHA512SUMS", SSUM_ERR_EMPTY, ""},
};

START_TEST(each_manifest)
{
	char command[512];

	enter_scratch();
	snprintf(command, sizeof(command), "cd p && { %s; }", edits[_i].edit);
	shell(command);
	ck_assert(!seteuid(65534));
	int rc = verify(NULL);
	ck_assert(!seteuid(0));
	ck_assert_msg(!strcmp(reported, edits[_i].reported), "%s: reported %s", edits[_i].edit,
		      reported);
	assert_code(rc, edits[_i].result);
	scratch_leave();
	tried(30, 1);
	tried(37, 1);
}
END_TEST

/* ---- Options ---- */

START_TEST(content_hash_is_compared)
{
	struct ssum_digest right, wrong, long_one = {.length = 64};
	struct ssum_verify_options options = {.content_hash = &right};

	enter_scratch();
	right = wrong = oracle_of_file("sha1", "p/SHA1SUMS");
	wrong.bytes[19] ^= 1;
	assert_code(verify(&options), SSUM_HOLDS);
	options.content_hash = &wrong;
	assert_code(verify(&options), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "differs SHA1SUMS;");
	options.content_hash = &long_one;
	assert_code(verify(&options), SSUM_ERR_OPTIONS);
	scratch_leave();
}
END_TEST

START_TEST(other_options_are_used)
{
	static const char *const outside[] = {"list", NULL}, *const inside[] = {"p/list", NULL};
	static const char *const none[] = {"none", NULL};
	struct ssum_verify_options options = {.allow_extra = 1};

	enter_scratch();
	shell("touch p/x");
	assert_code(verify(&options), SSUM_HOLDS);
	ck_assert_str_eq(reported, "extra x;");
	shell("rm p/x; mv p/SHA1SUMS list");
	options = (struct ssum_verify_options){.manifests = outside};
	assert_code(verify(&options), SSUM_HOLDS);
	/* No line for a file can be read, so no file is proven to be extra. */
	options.algorithm = "sha256";
	assert_code(verify(&options), SSUM_ERR_UNDECIDED);
	options.algorithm = "sha0";
	assert_code(verify(&options), SSUM_ERR_ALGORITHM);
	/* Checkpoints next to a manifest are not an entry, whether they are used or not. */
	shell("mv list p/list; touch p/list.checkpoints");
	options = (struct ssum_verify_options){.manifests = inside};
	assert_code(verify(&options), SSUM_HOLDS);
	ck_assert_str_eq(reported, "bad line p/list.checkpoints;");
	options.no_checkpoints = 1;
	assert_code(verify(&options), SSUM_HOLDS);
	ck_assert_str_eq(reported, "");
	options = (struct ssum_verify_options){.manifests = none};
	assert_code(verify(&options), -ENOENT);
	assert_code(ssum_verify(NULL, "none", NULL, NULL), -ENOENT);
	scratch_leave();
}
END_TEST

/* Lists that the caller names: those of one algorithm cover the directory together. */
static const struct {
	const char *command; /* run in the package */
	const char *lists[5];
	int result;
	const char *reported;
} together[] = {
	{":", {"p/a.sha1", "p/b.sha1"}, SSUM_HOLDS, ""},
	{":", {"p/a.sha1"}, SSUM_DIFFERS, "extra b;extra b.sha1;"},
	{"touch c", {"p/a.sha1", "p/b.sha1"}, SSUM_DIFFERS, "extra c;"},
	{"rm b", {"p/a.sha1", "p/b.sha1"}, SSUM_DIFFERS, "missing b;"},
	{"echo x >a", {"p/a.sha1", "p/b.sha1"}, SSUM_DIFFERS, "differs a;"},
	{"touch a.sha1.sig", {"p/a.sha1", "p/b.sha1"}, SSUM_HOLDS, ""},
	{"sha1sum a b >>b.sha1", {"p/a.sha1", "p/b.sha1"}, SSUM_ERR_UNDECIDED, "bad line b;"},
	{"sha1sum a | tr 0-9 1-90 >>b.sha1", {"p/a.sha1", "p/b.sha1"}, SSUM_DIFFERS, "differs a;"},
	{"echo nonsense >>a.sha1; touch c",
	 {"p/a.sha1", "p/b.sha1"},
	 SSUM_ERR_UNDECIDED,
	 "bad line p/a.sha1;undecided c;"},
	/* Each algorithm has to list everything. */
	{"sha256sum a b >../all", {"p/a.sha1", "p/b.sha1", "all"}, SSUM_HOLDS, ""},
	{"sha256sum a >../all", {"p/a.sha1", "p/b.sha1", "all"}, SSUM_DIFFERS, "extra b;"},
	{"sha256sum a >../all; sha256sum b >../more",
	 {"p/a.sha1", "all", "p/b.sha1", "more"},
	 SSUM_HOLDS,
	 ""},
	{"sha256sum a b >../all; echo nonsense >>../all; touch c",
	 {"p/a.sha1", "all", "p/b.sha1"},
	 SSUM_DIFFERS,
	 "bad line all;extra c;"},
};

START_TEST(lists_together)
{
	char command[256];
	struct ssum_verify_options options = {.manifests = together[_i].lists};

	scratch_enter();
	snprintf(command, sizeof(command),
		 "mkdir p && cd p && echo one >a && echo two >b && sha1sum a >a.sha1 && "
		 "sha1sum b >b.sha1 && { %s; }",
		 together[_i].command);
	shell(command);
	int rc = verify(&options);
	ck_assert_msg(!strcmp(reported, together[_i].reported), "%s: reported %s",
		      together[_i].command, reported);
	assert_code(rc, together[_i].result);
	scratch_leave();
}
END_TEST

START_TEST(verify_changes_nothing)
{
	static const char list[] = "find p -printf '%p %C@ %T@ %s %b %i\\n' | sort";

	enter_scratch();
	char *before = run_command(NULL, "%s", list);
	assert_code(verify(NULL), SSUM_HOLDS);
	char *after = run_command(NULL, "%s", list);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	scratch_leave();
}
END_TEST

/* ---- Races ---- */

static atomic_bool enough;

/* "p/sub" alternates between a directory with the right files and a symlink to a directory outside,
   which contains them too. A walk that follows the symlink would report that the package holds. */
static void *keep_swapping(void *user)
{
	while (!enough)
		if (syscall(SYS_renameat2, AT_FDCWD, "p/sub", AT_FDCWD, "swap", RENAME_EXCHANGE))
			break;
	return user;
}

/* hazard 26: the files in the directory are wrong, those in the target of the symlink are right. */
START_TEST(directory_replaced_by_symlink)
{
	pthread_t thread;

	enter_scratch();
	shell("cp -a p/sub outside; echo damage >p/sub/image; echo damage >p/sub/deep/nothing; "
	      "ln -s ../outside swap");
	ck_assert(!pthread_create(&thread, NULL, keep_swapping, NULL));
	for (int i = 0; i < 2000; i++) {
		int rc = verify(NULL);

		ck_assert_msg(rc != SSUM_HOLDS, "the files outside were verified");
	}
	enough = true;
	pthread_join(thread, NULL);
	scratch_leave();
	tried(26, 1);
}
END_TEST

/* The descriptor decides, even if the path is now another directory. */
START_TEST(directory_by_descriptor)
{
	struct ssum_verify_options options = {.explain = 1};
	int fd;

	enter_scratch();
	fd = open("p", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	options.directory_fd = &fd;
	shell("cp -a p damaged; echo CONTENT >damaged/file; mv p original");
	assert_code(verify(NULL), -ENOENT);
	assert_code(verify(&options), SSUM_HOLDS);
	shell("mv damaged p");
	assert_code(verify(NULL), SSUM_DIFFERS);
	assert_code(verify(&options), SSUM_HOLDS);
	ck_assert_str_eq(reported, "");
	shell("rm original/link; sed -i s/sub.deep/SUB/ p/SHA1SUMS");
	assert_code(verify(&options), SSUM_DIFFERS);
	ck_assert_str_eq(reported, "missing link;");
	ck_assert(!close(fd)); /* it was not closed */

	fd = -1;
	assert_code(verify(&options), -EBADF);
	fd = open("p/file", O_RDONLY | O_CLOEXEC);
	assert_code(verify(&options), -ENOTDIR);
	close(fd);
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_kind_of_damage, ARRAY_SIZE(damages)},
		{each_manifest, ARRAY_SIZE(edits)},
		{content_hash_is_compared, 0},
		{other_options_are_used, 0},
		{lists_together, ARRAY_SIZE(together)},
		{verify_changes_nothing, 0},
		{directory_replaced_by_symlink, 0},
		{directory_by_descriptor, 0},
	};

	return run_suite("verify", tests, ARRAY_SIZE(tests));
}
