/* SPDX-License-Identifier: MIT */
/*
 * SIGKILL before each call that changes a directory or writes to the disk, and at random times
 * (hazard 34). This program's functions replace those of the C library, and count their calls in
 * the child that is killed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

/* ---- The calls ---- */

static unsigned last_call; /* number of the call before which the process is killed; 0: none */
static atomic_uint calls;

static void count_call(void)
{
	if (last_call && atomic_fetch_add(&calls, 1) + 1 == last_call)
		kill(getpid(), SIGKILL);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int renameat(int from, const char *old, int to, const char *new)
{
	count_call();
	return NEXT(renameat)(from, old, to, new);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	count_call();
	return NEXT(linkat)(from, old, to, new, flags);
}

int unlinkat(int dir, const char *name, int flags)
{
	count_call();
	return NEXT(unlinkat)(dir, name, flags);
}

int fsync(int fd)
{
	count_call();
	return NEXT(fsync)(fd);
}

ssize_t write(int fd, const void *data, size_t length)
{
	count_call();
	return NEXT(write)(fd, data, length);
}

ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
	count_call();
	return ((ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread64"))(
		fd, buffer, length, offset);
}

/* ---- Children ---- */

typedef int run_fn(void);

/* Run in a child that is killed at call `call`, or after `microseconds`. Returns true if it exited
   before. */
static bool run_killed(run_fn *run, unsigned call, unsigned microseconds)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (!child) {
		last_call = call;
		_exit(run() < 0);
	}
	if (!call) {
		usleep(microseconds);
		kill(child, SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(!WIFEXITED(status) || !WEXITSTATUS(status),
		      "the child failed before it was killed");
	return WIFEXITED(status);
}

typedef void check_fn(bool has_exited);

/* Kill at every call, then at random times. Each run starts with prepare(). */
static unsigned kill_at_all(run_fn *run, void (*prepare)(void), check_fn *check)
{
	uint64_t seed = test_seed();
	unsigned cases = 0, at_random = test_is_long() ? 3000 : 150;
	bool has_exited;

	do {
		prepare();
		has_exited = run_killed(run, ++cases, 0);
		check(has_exited);
		ck_assert_uint_lt(cases, 2000);
	} while (!has_exited);
	ck_assert_uint_gt(cases, 8);
	for (unsigned i = 0; i < at_random; i++, cases++) {
		prepare();
		check(run_killed(run, 0, (unsigned)(next_random(&seed) % 12000)));
	}
	return cases;
}

/* ---- A package ---- */

#define INTERVAL 4096

static const char *const algorithms[] = {"sha1", "sha256", "md5", NULL};
static const char *const names[] = {"p/SHA1SUMS", "p/SHA256SUMS", "p/MD5SUMS",
				    "p/SHA1SUMS.checkpoints", "p/SHA256SUMS.checkpoints"};
#define MANIFESTS 3

static char *old_text[ARRAY_SIZE(names)], *new_text[ARRAY_SIZE(names)];

static int create(void)
{
	const struct ssum_create_options options = {
		.size = sizeof(options), .algorithms = algorithms, .checkpoints = INTERVAL};

	return ssum_create(NULL, "p", &options, NULL);
}

static void read_names(char *text[])
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		text[i] = read_file(names[i], NULL);
}

/* A package with a manifest, of which one file is replaced. */
static void enter_scratch(void)
{
	scratch_enter_tmpfs();
	shell("mkdir p; head -c 50000 /dev/urandom >p/a; head -c 70000 /dev/urandom >p/b; "
	      "head -c 30000 /dev/urandom >p/c; cp p/b old-b; head -c 90000 /dev/urandom >new-b");
	assert_ok(create());
	read_names(old_text);
	shell("cp new-b p/b");
	assert_ok(create());
	read_names(new_text);
}

static void leave_scratch(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		free(old_text[i]), free(new_text[i]);
	scratch_leave();
}

static void put_old(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_text(names[i], old_text[i]);
}

static bool holds(const char *path, const char *text)
{
	char *found = read_file(path, NULL);
	bool same = !strcmp(found, text);

	free(found);
	return same;
}

/* For each mixture of old and new manifests and checkpoints, the verdict agrees with sha1sum. */
static void assert_whole(bool has_exited)
{
	size_t new = 0;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool is_new = holds(names[i], new_text[i]);

		ck_assert_msg(is_new || holds(names[i], old_text[i]),
			      "%s is neither the old nor the new file", names[i]);
		ck_assert(is_new || !has_exited);
		new += i < MANIFESTS &&is_new;
	}
	/* Remove the files that a kill between two calls leaves. */
	free(run_command(NULL, "rm -f p/.*SUMS*.tmp-????????"));
	assert_code(ssum_verify(NULL, "p", NULL, NULL),
		    new == MANIFESTS ? SSUM_HOLDS : SSUM_DIFFERS);
	free(run_command(&status, "cd p && sha1sum -c --status --strict SHA1SUMS"));
	ck_assert_int_eq(status == 0, holds("p/SHA1SUMS", new_text[0]));
}

START_TEST(killed_create_leaves_a_complete_manifest)
{
	enter_scratch();
	unsigned cases = kill_at_all(create, put_old, assert_whole);
	leave_scratch();
	tried(34, cases);
}
END_TEST

/* ---- A receiver that saves ---- */

static struct ssum_checkpoints *checkpoints;
static struct ssum_digest digest;
static char *content;
static size_t length;

static struct ssum_receiver_options receiver_options(int fd)
{
	return (struct ssum_receiver_options){.size = sizeof(struct ssum_receiver_options),
					      .fd = fd,
					      .digest = &digest,
					      .length = length,
					      .checkpoints = checkpoints};
}

#define PIECE 10000

static unsigned rounds;

/* Receive everything, and save after each piece. */
static int receive(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	const struct ssum_receiver_options options = receiver_options(fd);
	struct ssum_receiver *receiver;
	int rc = ssum_receiver_new(NULL, &options, &receiver);

	for (size_t at = 0; at < length && !rc; at += PIECE) {
		rc = ssum_receiver_write(receiver, at, content + at, min_u64(PIECE, length - at));
		if (!rc)
			rc = ssum_receiver_save(receiver, "state");
	}
	ssum_receiver_free(receiver);
	close(fd);
	return rc;
}

static int send(void *user, const struct ssum_range *range)
{
	return ssum_receiver_write(user, range->offset, content + range->offset,
				   (size_t)range->length);
}

/* Continue from the saved state or from the beginning: after the missing ranges are sent, the file
   is proven, unless good data were damaged. */
static void assert_goes_on(bool has_exited)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	const struct ssum_receiver_options options = receiver_options(fd);
	struct ssum_receiver *receiver;
	bool is_damaged = ++rounds % 2;

	(void)has_exited;
	if (is_damaged)
		ck_assert_int_eq(pwrite(fd, "damage", 6, 5000), 6);
	int rc = ssum_receiver_load(NULL, &options, "state", &receiver);
	if (rc == -ENOENT)
		rc = ssum_receiver_new(NULL, &options, &receiver);
	assert_ok(rc);
	assert_ok(ssum_receiver_missing(receiver, send, receiver));
	assert_ok(ssum_receiver_missing(receiver, send, receiver));
	assert_code(ssum_receiver_finish(receiver), SSUM_HOLDS);
	ssum_receiver_free(receiver);
	close(fd);
	assert_digest_eq(oracle_of_file("sha1", "file"), digest);
}

static void remove_state(void)
{
	unlink("state");
	unlink("file");
	free(run_command(NULL, "rm -f .state.tmp-????????"));
}

START_TEST(killed_receiver_continues)
{
	enter_scratch();
	content = read_file("new-b", &length);
	digest = oracle_of_bytes("sha1", content, length);
	assert_ok(ssum_checkpoints_make(NULL, "new-b", "sha1", INTERVAL, &checkpoints));
	unsigned cases = kill_at_all(receive, remove_state, assert_goes_on);
	ssum_checkpoints_free(checkpoints);
	free(content);
	leave_scratch();
	tried(34, cases);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{killed_create_leaves_a_complete_manifest, 0},
		{killed_receiver_continues, 0},
	};

	return run_suite("kills", tests, ARRAY_SIZE(tests));
}
