/* SPDX-License-Identifier: MIT */
/* Writing manifests: their content, and when nothing is written. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

/* Whether two commands print the same. */
static void expect_same_output(const char *a, const char *b)
{
	char *left = run_command(NULL, "{ %s; } 2>&1", a);
	char *right = run_command(NULL, "{ %s; } 2>&1", b);

	ck_assert_msg(!strcmp(left, right), "%s\n%.3000s\n%s\n%.3000s", a, left, b, right);
	free(left);
	free(right);
}

static void enter_scratch(const char *command)
{
	scratch_enter();
	ck_assert(!mkdir("p", 0755));
	shell(command);
}

/* The reports: "verdict path;" of refused entries, and the content hashes. */
struct reported {
	char refused[1024];
	char manifests[256];
	int reports, stop_at;
};

static int take_report(void *user, const struct ssum_report *report)
{
	struct reported *reported = user;
	char *text = report->kind == SSUM_REPORT_MANIFEST ? reported->manifests : reported->refused;
	char hex[SSUM_HEX_MAX];
	size_t room = text == reported->manifests ? sizeof(reported->manifests)
						  : sizeof(reported->refused);

	reported->reports++;
	if (report->kind == SSUM_REPORT_MANIFEST) {
		ssum_digest_hex(report->found.digest, hex);
		snprintf(text + strlen(text), room - strlen(text), "%s  %s\n", hex, report->path);
	} else if (report->verdict != SSUM_HOLDS) {
		snprintf(text + strlen(text), room - strlen(text), "%s %s;",
			 ssum_verdict_name(report->verdict), report->path);
	}
	return reported->stop_at && reported->reports == reported->stop_at;
}

static int create(const char *const *algorithms, const char *manifest, struct reported *reported)
{
	const struct ssum_create_options options = {.size = sizeof(options),
						    .algorithms = algorithms,
						    .manifest = manifest,
						    .report = take_report,
						    .user = reported};

	*reported = (struct reported){.stop_at = reported->stop_at};
	return ssum_create(NULL, "p", &options, NULL);
}

/* ---- Content of manifests ---- */

static const char *const contents[] = {
	"cd p && echo one >one",
	"cd p && mkdir a a.b && touch a/x a.b/x a-b a0 'a b' && echo 1 >.hidden && truncate -s 3M "
	"sparse",
	"cd p && mkdir -p d/e/f empty 'e m p' && ln -s /etc/passwd out && ln -s d/e in && touch "
	"d/e/f/g",
	"cd p && touch 'new\nline' 'back\\slash' 'cr\r' '\\n' '# symlink' '#' ' lead' 'trail ' "
	"'*star' 'tab\there' '(p) = q' && mkdir 'empty\n' && ln -s 'to\nline\\' 'link\n'",
	"cd p && mkdir sub && echo no manifest >sub/SHA1SUMS && echo old >SHA1SUMS && echo x "
	">SHA1SUM && "
	"echo old >SHA256SUMS && echo sparsesum-checkpoints 1 sha1 >SHA1SUMS.checkpoints",
	"cd p && cp /proc/version . && seq 100000 >numbers && ln numbers hard",
};

static const char *const both[] = {"sha1", "sha256", NULL};

START_TEST(lines_are_equal_to_those_of_sha1sum)
{
	struct reported reported = {0};

	enter_scratch(contents[_i]);
	assert_ok(create(both, NULL, &reported));
	ck_assert_str_eq(reported.refused, "");
	shell("cd p && sha1sum --check --strict --quiet SHA1SUMS && sha256sum --check --strict "
	      "--quiet "
	      "SHA256SUMS");
	expect_same_output(
		"cd p && grep -v '^#' SHA256SUMS",
		"cd p && find . -type f ! -path './SHA1SUMS*' ! -path './SHA256SUMS' -printf "
		"'%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum");
	expect_same_output("cd p && grep -c '^# symlink' SHA1SUMS; grep -c '^# folder' SHA1SUMS",
			   "cd p && find . -type l -printf x | wc -c; find . -type d -empty "
			   "-printf x | wc -c");
	char *hashes = run_command(NULL, "cd p && sha1sum SHA1SUMS && sha256sum SHA256SUMS");
	ck_assert_str_eq(reported.manifests, hashes);
	free(hashes);
	assert_code(ssum_verify(NULL, "p", NULL, NULL), SSUM_HOLDS);
	scratch_leave();
}
END_TEST

/* hazard 29 */
START_TEST(names_with_every_byte)
{
	struct reported reported = {0};
	char path[8] = "p/n?n";

	enter_scratch(":");
	for (int byte = 1; byte < 256; byte++) {
		path[3] = (char)byte;
		if (byte != '/')
			write_text(path, "content");
	}
	ck_assert(!symlink("target\n\r\\\t\001", "p/link\n\r\\\t\001") &&
		  !mkdir("p/d\n\r\\\t\001", 0755));
	assert_ok(create(NULL, NULL, &reported));
	expect_same_output("cd p && sha1sum --check --strict SHA1SUMS | wc -l", "echo 254");
	shell("cd p && sha1sum --check --strict --status SHA1SUMS");
	assert_code(ssum_verify(NULL, "p", NULL, NULL), SSUM_HOLDS);
	scratch_leave();
	tried(29, 255);
}
END_TEST

/* ---- When nothing is written ---- */

static const struct {
	const char *change; /* a command, run in the package, which has a manifest */
	int result;
	const char *refused;
} refusals[] = {
	{"mkfifo fifo", SSUM_ERR_UNDECIDED, "unreadable fifo;"}, /* hazard 23 */
	{"mknod null c 1 3", SSUM_ERR_UNDECIDED, "unreadable null;"},
	{"mknod disk b 7 250", SSUM_ERR_UNDECIDED, "unreadable disk;"},
	{"mkdir sub; touch sub/a; chmod 0 sub/a", SSUM_ERR_UNDECIDED, "unreadable sub/a;"},
	{"mkdir sub; touch sub/a; chmod 0 sub; mkfifo z", SSUM_ERR_UNDECIDED,
	 "unreadable sub;unreadable z;"},
	{"rm file", SSUM_ERR_EMPTY, ""},
};

START_TEST(refusal_leaves_the_old_manifest)
{
	struct reported reported = {0};
	char command[256];

	enter_scratch("echo content >p/file && chmod 777 p");
	assert_ok(create(NULL, NULL, &reported));
	snprintf(command, sizeof(command), "cp p/SHA1SUMS old; cd p; %s; ls -A >../before",
		 refusals[_i].change);
	shell(command);
	ck_assert(!seteuid(65534));
	assert_code(create(NULL, NULL, &reported), refusals[_i].result);
	ck_assert(!seteuid(0));
	ck_assert_str_eq(reported.refused, refusals[_i].refused);
	ck_assert_str_eq(reported.manifests, "");
	expect_same_output("cmp p/SHA1SUMS old; ls -A p", "cat before");
	scratch_leave();
}
END_TEST

START_TEST(socket_is_refused)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "p/socket"};
	struct reported reported = {0};

	enter_scratch("touch p/file");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert(!bind(fd, (struct sockaddr *)&address, sizeof(address)));
	assert_code(create(both, NULL, &reported), SSUM_ERR_UNDECIDED);
	ck_assert_str_eq(reported.refused, "unreadable socket;");
	expect_same_output("ls -A p", "printf 'file\\nsocket\\n'");
	close(fd);
	scratch_leave();
}
END_TEST

/* hazard 34 */
START_TEST(cancelled_by_the_report_callback)
{
	struct reported reported = {0};

	enter_scratch("cd p && seq 100 | xargs touch");
	assert_ok(create(NULL, NULL, &reported));
	shell("cp p/SHA1SUMS old; touch p/new; ls -A p >before");
	for (reported.stop_at = 1; reported.stop_at <= 101; reported.stop_at += 20)
		assert_code(create(NULL, NULL, &reported), SSUM_ERR_CANCELLED);
	expect_same_output("cmp p/SHA1SUMS old; ls -A p", "cat before");
	scratch_leave();
}
END_TEST

/* hazard 34: after a kill at any time, the old or the new manifest is complete. */
START_TEST(manifest_is_complete_after_a_kill)
{
	uint64_t state = test_seed();
	struct reported reported = {0};

	enter_scratch("cd p && seq 2000 | xargs touch");
	assert_ok(create(NULL, NULL, &reported));
	shell("cp p/SHA1SUMS old; rm p/1999; mv p/SHA1SUMS aside");
	assert_ok(create(NULL, NULL, &reported));
	shell("cp p/SHA1SUMS new");
	for (int i = 0; i < 25; i++) {
		shell("cp old p/SHA1SUMS");
		pid_t child = fork();
		if (!child) {
			create(NULL, NULL, &reported);
			_exit(0);
		}
		usleep((useconds_t)(next_random(&state) % 60000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		shell("cmp -s p/SHA1SUMS old || cmp -s p/SHA1SUMS new");
		shell("rm -f p/.SHA1SUMS.tmp-*"); /* a kill just before the rename leaves it */
	}
	scratch_leave();
	tried(34, 1);
}
END_TEST

/* ---- Where manifests are written ---- */

static const struct {
	const char *manifest;
	int result;
} places[] = {
	{"outside", 0},      {"p/own name", 0},          {"p/sub/SHA1SUMS", 0},
	{"p/sub/file", 0},   {"none/SHA1SUMS", -ENOENT}, {"p/", -EISDIR},
	{"p/sub/", -EISDIR}, {"p/file/x", -ENOTDIR},
};

START_TEST(manifest_elsewhere)
{
	struct reported reported = {0};

	enter_scratch("echo content >p/file && mkdir p/sub && touch p/sub/file p/sub/rest");
	assert_code(create(NULL, places[_i].manifest, &reported), places[_i].result);
	if (places[_i].result) {
		expect_same_output("ls -AR p",
				   "printf 'p:\\nfile\\nsub\\n\\np/sub:\\nfile\\nrest\\n'");
	} else {
		const char *const manifests[] = {places[_i].manifest, NULL};
		const struct ssum_verify_options options = {.size = sizeof(options),
							    .manifests = manifests};
		char *text = run_command(
			NULL,
			"cd p && sha1sum --check --strict --quiet '%s%s' && grep -c '^' '%s%s'",
			"../", places[_i].manifest, "../", places[_i].manifest);

		ck_assert_str_eq(text, strstr(places[_i].manifest, "sub/file") ? "2\n" : "3\n");
		free(text);
		assert_code(ssum_verify(NULL, "p", &options, NULL), SSUM_HOLDS);
	}
	scratch_leave();
}
END_TEST

START_TEST(options_and_totals)
{
	static const char *const unknown[] = {"sha1", "sha0", NULL};
	struct ssum_summary summary = {.size = sizeof(summary)};
	struct reported reported = {0};

	enter_scratch("printf 12345 >p/a && printf 678 >p/b && ln -s a p/c && mkdir p/d");
	assert_code(create(both, "elsewhere", &reported), SSUM_ERR_OPTIONS);
	assert_code(create(unknown, NULL, &reported), SSUM_ERR_ALGORITHM);
	expect_same_output("ls -A p", "printf 'a\\nb\\nc\\nd\\n'");
	assert_code(ssum_create(NULL, "missing", NULL, NULL), -ENOENT);
	assert_code(ssum_create(NULL, "p/a", NULL, NULL), -ENOTDIR);
	shell("echo old >p/SHA1SUMS");
	summary.size = 0;
	assert_code(ssum_create(NULL, "p", NULL, &summary), SSUM_ERR_OPTIONS);
	expect_same_output("cat p/SHA1SUMS", "echo old");
	summary.size = sizeof(summary);
	assert_ok(ssum_create(NULL, "p", NULL, &summary));
	ck_assert_uint_eq(summary.entries, 4);
	ck_assert_uint_eq(summary.bytes, 8);
	ck_assert_uint_eq(summary.count[SSUM_HOLDS], 4);
	scratch_leave();
}
END_TEST

/* The manifests are those of the opened directory, and are written into it. */
START_TEST(directory_by_descriptor)
{
	static const char *const algorithms[] = {"sha1", "sha256", NULL};
	struct ssum_create_options options = {.size = sizeof(options), .algorithms = algorithms};
	int fd;

	enter_scratch("echo a >p/a");
	fd = open("p", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	options.directory_fd = &fd;
	shell("mv p original; mkdir p; echo other >p/a");
	assert_ok(ssum_create(NULL, "p", &options, NULL));
	expect_same_output("ls p", "echo a");
	expect_same_output("cat original/SHA1SUMS", "cd original; sha1sum a");
	expect_same_output("cat original/SHA256SUMS", "cd original; sha256sum a");
	shell("rm -r p; echo new >original/a");
	assert_ok(ssum_create(NULL, "p", &options, NULL));
	expect_same_output("cat original/SHA1SUMS", "cd original; sha1sum a");
	ck_assert(!close(fd)); /* it was not closed */
	fd = -1;
	assert_code(ssum_create(NULL, "original", &options, NULL), -EBADF);
	scratch_leave();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{lines_are_equal_to_those_of_sha1sum, ARRAY_SIZE(contents)},
		{names_with_every_byte, 0},
		{refusal_leaves_the_old_manifest, ARRAY_SIZE(refusals)},
		{socket_is_refused, 0},
		{cancelled_by_the_report_callback, 0},
		{manifest_is_complete_after_a_kill, 0},
		{manifest_elsewhere, ARRAY_SIZE(places)},
		{options_and_totals, 0},
		{directory_by_descriptor, 0},
	};

	return run_suite("create", tests, ARRAY_SIZE(tests));
}
