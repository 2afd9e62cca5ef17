/* SPDX-License-Identifier: MIT */
/* Packages that other processes change: they replace files by symlinks out of the package, write
   the same manifest, or exchange verified files. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"

/* ---- Directories that alternate with symlinks (hazard 26) ---- */

/* The file inside, and a symlink to the same file outside that it is exchanged with. */
static const struct swap {
	const char *inside, *target;
} swaps[] = {
	{"p/sub", "../outside"},
	{"p/sub/f", "../../outside/f"},
	{"p/sub/mid", "../../outside"},
};

static atomic_bool enough;

static void *keep_swapping(void *user)
{
	const struct swap *swap = user;

	while (!enough)
		if (syscall(SYS_renameat2, AT_FDCWD, swap->inside, AT_FDCWD, "swap",
			    RENAME_EXCHANGE) ||
		    usleep(10))
			break;
	return NULL;
}

static char outside_hex[SSUM_HEX_MAX];

static void make_places(const struct swap *swap)
{
	struct ssum_digest digest = oracle_of_bytes("sha1", "outside", 7);

	ssum_digest_hex(&digest, outside_hex);
	shell("mkdir -p p/sub/mid outside/mid; for f in f g mid/f mid/g; do printf inside "
	      ">p/sub/$f; "
	      "printf outside >outside/$f; done");
	ck_assert(!symlink(swap->target, "swap"));
}

/* As many as possible in a limited time; few under a sanitizer. */
static int choose(int many, int some)
{
	return test_is_long() ? many : MAP_SEEDS < 60 ? some / 3 : some;
}

static unsigned rounds(void)
{
	return (unsigned)choose(4000, 60);
}

static unsigned judged; /* number of files whose content has a verdict */

static int refuse_outside(void *user, const struct ssum_report *report)
{
	char found[SSUM_HEX_MAX] = "";

	(void)user;
	if (report->found.digest)
		ssum_digest_hex(report->found.digest, found);
	if (report->found.type == SSUM_TYPE_FILE && !strncmp(report->path, "sub/", 4)) {
		ck_assert_msg(report->verdict != SSUM_HOLDS, "%s: holds", report->path);
		ck_assert_msg(strcmp(found, outside_hex) != 0,
			      "%s: was read outside of the package", report->path);
		judged += report->verdict == SSUM_DIFFERS;
	}
	return 0;
}

/* The manifest lists the content that is outside. */
START_TEST(verify_reads_only_inside_the_package)
{
	const struct ssum_verify_options options = {.size = sizeof(options),
						    .report = refuse_outside};
	pthread_t thread;

	scratch_enter_tmpfs();
	make_places(&swaps[_i]);
	shell("cd p; for f in f g mid/f mid/g; do printf outside >sub/$f; done; "
	      "sha1sum sub/f sub/g sub/mid/f sub/mid/g >SHA1SUMS; "
	      "for f in f g mid/f mid/g; do printf inside >sub/$f; done");
	ck_assert(!pthread_create(&thread, NULL, keep_swapping, (void *)&swaps[_i]));
	for (unsigned i = 0; i < rounds(); i++)
		ck_assert_int_ne(ssum_verify(NULL, "p", &options, NULL), SSUM_HOLDS);
	enough = true;
	pthread_join(thread, NULL);
	ck_assert_uint_gt(judged, 0);
	scratch_leave();
	tried(26, rounds());
}
END_TEST

START_TEST(create_reads_only_inside_the_package)
{
	unsigned made = 0;
	pthread_t thread;

	scratch_enter_tmpfs();
	make_places(&swaps[_i]);
	ck_assert(!pthread_create(&thread, NULL, keep_swapping, (void *)&swaps[_i]));
	for (unsigned i = 0; i < rounds(); i++) {
		int rc = ssum_create(NULL, "p", NULL, NULL);

		if (rc) {
			ck_assert_msg(rc == SSUM_ERR_UNDECIDED || rc == SSUM_ERR_CHANGED, "%s",
				      ssum_strerror(rc));
			continue;
		}
		char *manifest = read_file("p/SHA1SUMS", NULL);
		ck_assert_msg(!strstr(manifest, outside_hex), "%s", manifest);
		free(manifest);
		made++;
	}
	enough = true;
	pthread_join(thread, NULL);
	ck_assert_uint_gt(made, 0);
	scratch_leave();
	tried(26, rounds());
}
END_TEST

/* ---- Two runs that publish at the same time (hazard 34) ---- */

static int create(const char *from, const char *manifest, uint64_t interval)
{
	const struct ssum_create_options options = {
		.size = sizeof(options), .manifest = manifest, .checkpoints = interval};

	return ssum_create(NULL, from, &options, NULL);
}

static pid_t keep_creating(const char *from, const char *manifest, uint64_t interval, int times)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child)
		return child;
	int rc = 0;
	while (times-- && !rc)
		rc = create(from, manifest, interval);
	_exit(rc != 0);
}

static bool holds_either(const char *path, const char *a, const char *b)
{
	size_t length;
	char *text = read_file(path, &length);
	bool is_whole = (length == strlen(a) && !strcmp(text, a)) ||
			(length == strlen(b) && !strcmp(text, b));

	if (!is_whole)
		fprintf(stderr, "%s", text);
	free(text);
	return is_whole;
}

static unsigned watch(pid_t writers[2], const char *manifests[2], const char *checkpoints[2])
{
	unsigned looks = 0;
	int left = 2;

	while (left) {
		int status;
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended > 0) {
			ck_assert(ended == writers[0] || ended == writers[1]);
			ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
			left--;
		}
		ck_assert(holds_either("out/SHA1SUMS", manifests[0], manifests[1]));
		ck_assert(holds_either("out/SHA1SUMS.checkpoints", checkpoints[0], checkpoints[1]));
		looks++;
	}
	return looks;
}

/* Two packages whose manifests have the same path: a reader always finds the complete manifest of
   one of them. */
START_TEST(two_creates_with_one_output)
{
	static const char *const from[] = {"x", "y"};
	char *manifests[2], *checkpoints[2];
	pid_t writers[2];
	int times = choose(3000, 60);

	scratch_enter_tmpfs();
	shell("mkdir x y out; for i in $(seq 50); do echo $i >x/$i; echo 1$i >y/y$i; done; "
	      "head -c 300000 /dev/urandom >x/big; head -c 200000 /dev/urandom >y/big");
	for (int i = 0; i < 2; i++) {
		assert_ok(create(from[i], "out/SHA1SUMS", 4096));
		manifests[i] = read_file("out/SHA1SUMS", NULL);
		checkpoints[i] = read_file("out/SHA1SUMS.checkpoints", NULL);
	}
	for (int i = 0; i < 2; i++)
		writers[i] = keep_creating(from[i], "out/SHA1SUMS", 4096, times);
	unsigned looks = watch(writers, (const char **)manifests, (const char **)checkpoints);
	free(run_command(NULL, "ls -A out | wc -l >left"));
	char *left = read_file("left", NULL);
	ck_assert_str_eq(left, "2\n");
	free(left);
	for (int i = 0; i < 2; i++)
		free(manifests[i]), free(checkpoints[i]);
	scratch_leave();
	tried(34, looks);
}
END_TEST

/* Two runs on one package: neither lists a file that the other is writing. */
START_TEST(two_creates_of_one_package)
{
	pid_t writers[2];
	char *manifest;

	scratch_enter_tmpfs();
	shell("mkdir p; for i in $(seq 20); do echo $i >p/$i; done; head -c 99999 /dev/urandom "
	      ">p/b");
	assert_ok(create("p", NULL, 4096));
	manifest = read_file("p/SHA1SUMS", NULL);
	int times = choose(3000, 60);
	for (int i = 0; i < 2; i++)
		writers[i] = keep_creating("p", NULL, 4096, times);
	for (int i = 0; i < 2; i++) {
		int status;

		ck_assert_int_eq(waitpid(writers[i], &status, 0), writers[i]);
		ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "one of them failed");
		ck_assert(holds_either("p/SHA1SUMS", manifest, manifest));
	}
	assert_code(ssum_verify(NULL, "p", NULL, NULL), SSUM_HOLDS);
	free(manifest);
	scratch_leave();
	tried(34, 2 * (uint64_t)times);
}
END_TEST

/* ---- Files replaced after verification (hazard 35) ---- */

static void *keep_exchanging(void *user)
{
	while (!enough)
		if (syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "evil", RENAME_EXCHANGE) ||
		    usleep(300))
			break;
	return user;
}

static struct ssum_digest read_through(int fd)
{
	static char content[100000];
	ssize_t length = pread(fd, content, sizeof(content), 0);

	ck_assert_int_ge(length, 0);
	return oracle_of_bytes("sha1", content, (size_t)length);
}

/* A path may refer to another file at any time. A descriptor still refers to the hashed file. */
START_TEST(descriptor_still_refers_to_the_hashed_file)
{
	const struct ssum_options options = {.size = sizeof(options), .tries = 1000};
	static const struct ssum_digest none;
	struct ssum_digest seen[2] = {none, none}, digest;
	struct ssum_context *context;
	pthread_t thread;
	uint64_t cases = (uint64_t)choose(2000, 20);

	scratch_enter_tmpfs();
	shell("seq 10000 >file; seq 10001 >evil");
	assert_ok(ssum_context_new(&options, &context));
	ck_assert(!pthread_create(&thread, NULL, keep_exchanging, NULL));
	/* Repeat until both contents were seen. A fast machine needs more than a few attempts. */
	for (uint64_t i = 0; i < cases || (!seen[1].length && i < 1000000); i++) {
		int fd = open("file", O_RDONLY | O_CLOEXEC);

		ck_assert_int_ge(fd, 0);
		int rc = ssum_hash_fd(context, fd, "sha1", &digest);
		ck_assert(rc == 0 || rc == SSUM_ERR_CHANGED);
		if (!rc) {
			assert_digest_eq(digest, read_through(fd));
			seen[!!seen[0].length && !ssum_digest_equal(&seen[0], &digest)] = digest;
		}
		close(fd);
	}
	enough = true;
	pthread_join(thread, NULL);
	ck_assert_msg(seen[1].length, "the file was never exchanged");
	ssum_context_free(context);
	scratch_leave();
	tried(35, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{verify_reads_only_inside_the_package, ARRAY_SIZE(swaps)},
		{create_reads_only_inside_the_package, ARRAY_SIZE(swaps)},
		{two_creates_with_one_output, 0},
		{two_creates_of_one_package, 0},
		{descriptor_still_refers_to_the_hashed_file, 0},
	};

	return run_suite("races", tests, ARRAY_SIZE(tests));
}
