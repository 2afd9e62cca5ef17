/* SPDX-License-Identifier: MIT */
/* Files that change while they are read, and operations that are stopped. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

static char *directory, *path;
static int fd = -1; /* a second descriptor of the hashed file, to change it */

/* Long enough for a change during the reading: hashing takes about a second with SHA-512. */
#define LONG (512 * MIB)

static void make_file(uint64_t size)
{
	directory = scratch_here();
	path = path_in(directory, "file");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	ck_assert(fd >= 0 && pwrite(fd, "begin", 5, 0) == 5 && !ftruncate(fd, (off_t)size));
}

static void remove_file(void)
{
	close(fd);
	free(path);
	scratch_remove(directory);
}

/* ---- From the progress callback ---- */

static void overwrite(void)
{
	ck_assert_int_eq(pwrite(fd, "BEGIN", 5, 0), 5);
}

static void write_into_hole(void)
{
	ck_assert_int_eq(pwrite(fd, "far after", 9, LONG - 100), 9);
}

static void append(void)
{
	ck_assert_int_eq(pwrite(fd, "end", 3, LONG), 3);
}

static void cut(void)
{
	ck_assert(!ftruncate(fd, LONG - 1));
}

static void punch(void)
{
	ck_assert(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1, 3));
}

/* hazard 19: the old mtime is restored, but ctime shows the change. */
static void overwrite_secretly(void)
{
	struct stat st;

	ck_assert(!fstat(fd, &st));
	const struct timespec times[] = {st.st_atim, st.st_mtim};
	overwrite();
	ck_assert(!futimens(fd, times));
}

/* hazards 16, 17 */
static const struct {
	const char *name;
	void (*make)(void);
} changes[] = {
	{"overwritten", overwrite}, {"written into a hole", write_into_hole},
	{"appended", append},       {"cut", cut},
	{"punched", punch},         {"overwritten without a trace", overwrite_secretly},
};

struct meddler {
	void (*change)(void);
	int times, made;
};

static int meddle(void *user, const struct ssum_progress *progress)
{
	struct meddler *meddler = user;

	ck_assert_uint_ge(progress->bytes_due, progress->bytes_done);
	if (progress->bytes_done > 0 && progress->bytes_done < LONG / 2 &&
	    meddler->made < meddler->times) {
		meddler->change();
		meddler->made++;
	}
	return 0;
}

static int hash_meddled(struct meddler *meddler, unsigned tries, struct ssum_digest *digest)
{
	const struct ssum_options options = {
		.size = sizeof(options), .tries = tries, .progress = meddle, .user = meddler};
	struct ssum_context *context;

	assert_ok(ssum_context_new(&options, &context));
	int rc = ssum_hash_file(context, path, "sha512", digest);
	ssum_context_free(context);
	ck_assert_msg(meddler->made > 0, "the file was read before it could be changed");
	return rc;
}

START_TEST(one_attempt)
{
	struct meddler meddler = {.change = changes[_i].make, .times = 1};
	struct ssum_digest digest;

	make_file(LONG);
	int rc = hash_meddled(&meddler, 1, &digest);
	ck_assert_msg(rc == SSUM_ERR_CHANGED, "%s: %s", changes[_i].name, ssum_strerror(rc));
	ck_assert_uint_eq(digest.length, 0);
	remove_file();
	tried(17, 1);
}
END_TEST

START_TEST(three_attempts)
{
	struct meddler once = {.change = overwrite, .times = 1};
	struct meddler always = {.change = overwrite, .times = 1000};
	struct ssum_digest digest;

	make_file(LONG);
	assert_ok(hash_meddled(&once, 3, &digest));
	assert_digest_eq(digest, oracle_of_file("sha512", path));
	assert_code(hash_meddled(&always, 3, &digest), SSUM_ERR_CHANGED);
	ck_assert_int_ge(always.made, 3);
	remove_file();
}
END_TEST

/* ---- From another thread ---- */

#define BASE 65536
#define ROUNDS 40

static atomic_bool enough;

/* Each write changes one byte, so at every time the file has one of the states. */
static void *keep_appending(void *user)
{
	for (off_t at = BASE; !enough; at++)
		if (pwrite(fd, "a", 1, at) != 1 || usleep(100))
			break;
	return user;
}

static void *keep_toggling(void *user)
{
	for (int i = 0; !enough; i++)
		if (pwrite(fd, i % 2 ? "a" : "b", 1, 7) != 1 || usleep(100))
			break;
	return user;
}

static void *keep_punching(void *user)
{
	while (!enough)
		if (pwrite(fd, "a", 1, 7) != 1 || usleep(100) ||
		    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 7, 1) || usleep(100))
			break;
	return user;
}

static void *(*const writers[])(void *) = {keep_appending, keep_toggling, keep_punching};

static int give_file(void *user, struct ssum_input *input)
{
	int *left = user;

	input->path = path;
	return (*left)-- > 0;
}

/* Find the hashed state by the length and the byte at offset 7. */
static int take_state(void *user, const struct ssum_result *result)
{
	static const char bytes[] = {'\0', 'a', 'b'};
	static char content[BASE + 1000000] = "begin";
	bool known = false;

	(void)user;
	if (result->error == SSUM_ERR_CHANGED)
		return 0;
	assert_ok(result->error);
	ck_assert_uint_le(result->length, sizeof(content));
	memset(content + BASE, 'a', result->length - BASE);
	for (size_t i = 0; i < sizeof(bytes) && !known; i++) {
		content[7] = bytes[i];
		struct ssum_digest digest = oracle_of_bytes("sha1", content, result->length);
		known = ssum_digest_equal(&digest, &result->digests[0]);
	}
	ck_assert_msg(known, "digest of a content that the file never had");
	return 0;
}

START_TEST(changed_by_another_thread)
{
	int left = ROUNDS;
	const struct ssum_hash_options options = {
		.size = sizeof(options), .input = give_file, .result = take_state, .user = &left};
	pthread_t thread;

	make_file(BASE);
	ck_assert(!pthread_create(&thread, NULL, writers[_i], NULL));
	assert_ok(ssum_hash_each(NULL, &options));
	enough = true;
	pthread_join(thread, NULL);
	remove_file();
	tried(17, 1);
}
END_TEST

/* ---- Stopping ---- */

#define ENDLESS (1024 * 1024 * MIB) /* minutes of hashing */
#define PROMPTLY 2                  /* seconds */

static struct ssum_context *context;

static void cancel_by_signal(int signal)
{
	(void)signal;
	ssum_cancel(context);
}

static void cancel_soon_by_signal(pthread_t *thread)
{
	const struct itimerval soon = {.it_value.tv_usec = 50000};

	(void)thread;
	ck_assert(signal(SIGALRM, cancel_by_signal) != SIG_ERR);
	ck_assert(!setitimer(ITIMER_REAL, &soon, NULL));
}

static void *cancel_after_a_while(void *user)
{
	usleep(50000);
	ssum_cancel(context);
	return user;
}

static void cancel_soon_by_thread(pthread_t *thread)
{
	ck_assert(!pthread_create(thread, NULL, cancel_after_a_while, NULL));
}

/* On a busy machine even a short file may take long: allow that. */
static int cancel_by_return(void *user, const struct ssum_progress *progress)
{
	(void)user;
	return progress->bytes_done > 0 && progress->bytes_due > MIB;
}

static int cancel_by_call(void *user, const struct ssum_progress *progress)
{
	(void)user;
	if (progress->bytes_done)
		ssum_cancel(context);
	return 0;
}

static const struct {
	ssum_progress_fn *progress;
	void (*begin)(pthread_t *thread);
	bool stays; /* the context stays cancelled */
} stops[] = {
	{cancel_by_return, NULL, false},
	{cancel_by_call, NULL, true},
	{NULL, cancel_soon_by_signal, true},
	{NULL, cancel_soon_by_thread, true},
};

START_TEST(cancelled_or_stopped_by_a_callback)
{
	const struct ssum_options options = {.size = sizeof(options),
					     .progress = stops[_i].progress};
	struct ssum_digest digest;
	struct timespec begin, end;
	pthread_t thread = 0;

	make_file(ENDLESS);
	assert_ok(ssum_context_new(&options, &context));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (stops[_i].begin)
		stops[_i].begin(&thread);
	assert_code(ssum_hash_file(context, path, "sha1", &digest), SSUM_ERR_CANCELLED);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_le(end.tv_sec - begin.tv_sec, PROMPTLY);
	ck_assert_uint_eq(digest.length, 0);
	ck_assert(strstr(ssum_message(context), ssum_strerror(SSUM_ERR_CANCELLED)) != NULL);
	if (thread)
		pthread_join(thread, NULL);

	ck_assert(!ftruncate(fd, 100));
	assert_code(ssum_hash_file(context, path, "sha1", &digest),
		    stops[_i].stays ? SSUM_ERR_CANCELLED : 0);
	ssum_context_free(context);
	remove_file();
	tried(15, 1);
	tried(40, 1);
}
END_TEST

/* hazards 14, 15: the largest allowed lengths are accepted. */
START_TEST(longest_files_are_accepted)
{
	static const struct {
		const char *algorithm;
		uint64_t size;
	} longest[] = {{"sha1", (1ull << 61) - 1}, {"sha512", 1ull << 61}, {"sha384", 1ull << 62}};
	const struct ssum_options options = {.size = sizeof(options), .progress = cancel_by_return};
	struct ssum_digest digest;

	directory = scratch_new(&file_systems[0]);
	if (!directory)
		skip("no tmpfs");
	path = path_in(directory, "long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_ok(ssum_context_new(&options, &context));
	for (size_t i = 0; i < ARRAY_SIZE(longest); i++) {
		ck_assert(!ftruncate(fd, (off_t)longest[i].size));
		assert_code(ssum_hash_file(context, path, longest[i].algorithm, &digest),
			    SSUM_ERR_CANCELLED);
	}
	ssum_context_free(context);
	remove_file();
	tried(14, 3);
	tried(15, 3);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{one_attempt, ARRAY_SIZE(changes)},
		{three_attempts, 0},
		{changed_by_another_thread, ARRAY_SIZE(writers)},
		{cancelled_or_stopped_by_a_callback, ARRAY_SIZE(stops)},
		{longest_files_are_accepted, 0},
	};

	return run_suite("changes", tests, ARRAY_SIZE(tests));
}
