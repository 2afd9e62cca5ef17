/* SPDX-License-Identifier: MIT */
/* What docs/embedding.md promises about the process that uses the library. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sparsesum/package.h"
#include "support/files.h"
#include "support/suite.h"

#define THREADS 2

static char *directory;
static struct ssum_context *context;
static struct ssum_digest expected;

static void before(void)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = THREADS};
	char *file;

	directory = scratch_here();
	for (int i = 0; i < 40; i++) {
		char name[] = {'f', (char)('A' + i), '\0'};

		file = path_in(directory, name);
		write_file(file, directory, 3);
		free(file);
	}
	assert_ok(ssum_context_new(&options, &context));
	assert_ok(ssum_create(context, directory, NULL, NULL));
	file = path_in(directory, "SHA1SUMS");
	assert_ok(ssum_hash_file(context, file, "sha1", &expected));
	free(file);
}

static void after(void)
{
	ssum_context_free(context);
	scratch_remove(directory);
}

static unsigned entries_of(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* ---- Threads and descriptors ---- */

struct threads {
	unsigned before; /* as entries of /proc/self/fd */
	unsigned most, seen;
};

/* Whether a thread does not block SIGINT. False also if the thread has ended. */
static unsigned takes_signals(const char *task)
{
	char path[300], line[256];
	unsigned long long blocked = ~0ULL;

	snprintf(path, sizeof(path), "/proc/self/task/%s/status", task);
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "SigBlk: %llx", &blocked);
	if (file)
		fclose(file);
	return !(blocked >> (SIGINT - 1) & 1);
}

static int look_at_threads(void *user, const struct ssum_report *report)
{
	struct threads *threads = user;
	unsigned now = 0, open_to_signals = 0;
	DIR *dir = opendir("/proc/self/task");

	(void)report;
	for (struct dirent *task; (task = readdir(dir)); now++)
		open_to_signals += task->d_name[0] != '.' && takes_signals(task->d_name);
	closedir(dir);
	ck_assert_uint_eq(open_to_signals, 1); /* the calling thread */
	threads->seen++;
	threads->most = now > threads->most ? now : threads->most;
	return 0;
}

/* A joined thread may still be listed for a short time. */
static void await_threads(unsigned count)
{
	for (int i = 0; i < 5000 && entries_of("/proc/self/task") > count; i++)
		usleep(1000);
	ck_assert_uint_le(entries_of("/proc/self/task"), count);
}

/* Worker threads exist only during the call, and leave signals to the program's threads. */
START_TEST(test_threads_end_with_the_call)
{
	struct threads threads = {0};
	const struct ssum_verify_options options = {
		.size = sizeof(options), .report = look_at_threads, .user = &threads};

	if (!entries_of("/proc/self/task"))
		skip("no /proc");
	before();
	/* ThreadSanitizer starts one thread. The library's threads disappear after a short time. */
	usleep(50000);
	threads.before = entries_of("/proc/self/task");
	assert_code(ssum_verify(context, directory, &options, NULL), SSUM_HOLDS);
	ck_assert_uint_gt(threads.seen, 40);
	ck_assert_uint_gt(threads.most, threads.before);
	/* An operation that starts read-ahead threads too. */
	ck_assert_uint_le(threads.most, threads.before + THREADS + 1);
	await_threads(threads.before);
	after();
}
END_TEST

static unsigned inheritable(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);

		count += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return count;
}

/* New descriptors that execve() would inherit. */
struct descriptors {
	unsigned open, inheritable;
	uint64_t looked, most;
};

static struct descriptors look_at_descriptors(void)
{
	return (struct descriptors){.open = entries_of("/proc/self/fd"),
				    .inheritable = inheritable()};
}

static void no_more_inheritable(struct descriptors *then)
{
	struct descriptors now = look_at_descriptors();

	ck_assert_uint_eq(now.inheritable, then->inheritable);
	then->most = now.open > then->most ? now.open : then->most;
	then->looked++;
}

static int at_extent(void *user, const struct ssum_extent *extent)
{
	(void)extent;
	no_more_inheritable(user);
	return 0;
}

static int at_report(void *user, const struct ssum_report *report)
{
	(void)report;
	no_more_inheritable(user);
	return 0;
}

/* A program that is executed during a call inherits no descriptor of the library. After the call
   none is open. */
START_TEST(test_no_descriptor_is_inherited)
{
	struct descriptors then = {0};
	const struct ssum_verify_options options = {
		.size = sizeof(options), .report = at_report, .user = &then};
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;
	unsigned open_before;

	if (!entries_of("/proc/self/fd"))
		skip("no /proc");
	before();
	char *file = path_in(directory, "SHA1SUMS");
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	then = look_at_descriptors();
	open_before = then.open;

	assert_ok(ssum_map_file(context, file, at_extent, &then));
	ck_assert_uint_gt(then.most, open_before);
	then.most = 0;
	assert_ok(ssum_map_fd(context, fd, at_extent, &then));
	ck_assert_uint_gt(then.most, open_before);
	then.most = 0;
	assert_ok(ssum_tree_open(directory, NULL, &tree));
	ck_assert_int_eq(ssum_tree_next(tree, &entry), 1);
	no_more_inheritable(&then);
	ck_assert_uint_gt(then.most, open_before);
	ssum_tree_close(tree);
	assert_code(ssum_verify(context, directory, &options, NULL), SSUM_HOLDS);
	ck_assert_uint_eq(entries_of("/proc/self/fd"), open_before);
	ck_assert_uint_gt(then.looked, 40);
	close(fd);
	free(file);
	after();
}
END_TEST

/* ---- fork ---- */

static int child_status(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int hash_again(struct ssum_context *with)
{
	struct ssum_digest digest;
	char *file = path_in(directory, "SHA1SUMS");
	int rc = ssum_hash_file(with, file, "sha1", &digest);

	free(file);
	return !rc && ssum_digest_equal(&digest, &expected)
		       ? ssum_verify(with, directory, NULL, NULL)
		       : 99;
}

/* Between two calls the library has no threads, so after fork() both processes can continue. */
START_TEST(test_fork_between_calls)
{
	struct ssum_stream *stream;
	struct ssum_digest ours, whole;
	pid_t child;

	before();
	assert_ok(ssum_stream_new("sha256", &stream));
	assert_ok(ssum_stream_update(stream, "ab", 2));
	child = fork();
	ck_assert_int_ge(child, 0);
	assert_ok(ssum_stream_update(stream, "c", 1));
	assert_ok(ssum_stream_final(stream, &ours));
	/* FIPS 180-2, appendix B.1. */
	assert_ok(ssum_digest_parse(
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", &whole));
	if (child == 0) {
		int rc = ssum_digest_equal(&ours, &whole) ? hash_again(context) : 98;

		ssum_cancel(context); /* digest of the copy */
		rc = rc ? rc : hash_again(NULL);
		_exit(rc);
	}
	ck_assert_int_eq(ssum_digest_equal(&ours, &whole), 1);
	ck_assert_int_eq(child_status(child), 0);
	ck_assert_int_eq(hash_again(context), SSUM_HOLDS);
	ssum_stream_free(stream);
	after();
}
END_TEST

static int fork_inside(void *user, const struct ssum_report *report)
{
	pid_t child;

	(void)report;
	if ((*(int *)user)++)
		return 0;
	child = fork();
	if (child == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(97);
	}
	ck_assert_int_eq(child_status(child), 0);
	return 0;
}

/* During a call, a child may only do what is allowed after fork() in a program with threads, such
   as execve(). */
START_TEST(test_fork_and_execute_in_a_callback)
{
	int calls = 0;
	const struct ssum_verify_options options = {
		.size = sizeof(options), .report = fork_inside, .user = &calls};

	before();
	assert_code(ssum_verify(context, directory, &options, NULL), SSUM_HOLDS);
	ck_assert_int_gt(calls, 1);
	after();
}
END_TEST

/* ---- Signals, locale ---- */

struct signals {
	sigset_t mask;
	struct sigaction actions[32];
};

static void look_at_signals(struct signals *signals)
{
	sigprocmask(SIG_SETMASK, NULL, &signals->mask);
	for (int number = 1; number < 32; number++)
		sigaction(number, NULL, &signals->actions[number]);
}

static int same_signals(void *user, const struct ssum_report *report)
{
	const struct signals *then = user;
	struct signals now;

	(void)report;
	look_at_signals(&now);
	for (int number = 1; number < 32; number++) {
		ck_assert_int_eq(sigismember(&now.mask, number), sigismember(&then->mask, number));
		ck_assert(now.actions[number].sa_handler == then->actions[number].sa_handler);
	}
	return 0;
}

START_TEST(test_signal_handlers_are_unchanged)
{
	struct signals signals;
	const struct ssum_verify_options options = {
		.size = sizeof(options), .report = same_signals, .user = &signals};

	look_at_signals(&signals);
	before();
	assert_code(ssum_verify(context, directory, &options, NULL), SSUM_HOLDS);
	same_signals(&signals, NULL);
	after();
}
END_TEST

/* In Turkish, the lower case of I is another letter. */
START_TEST(test_turkish_locale)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	char *place = scratch_here(), command[4096];

	snprintf(command, sizeof(command),
		 "localedef -i tr_TR -f UTF-8 '%s/tr_TR.UTF-8' >'%s/log' 2>&1", place, place);
	int made = system(command);
	setenv("LOCPATH", place, 1);
	if (made == -1 || !setlocale(LC_ALL, "tr_TR.UTF-8")) {
		scratch_remove(place);
		skip("no Turkish locale can be made (Debian: locales)");
	}
	int rc = ssum_algorithm("RIPEMD160", &info);
	if (rc != SSUM_ERR_ALGORITHM) { /* some builds of libcrypto do not have it */
		assert_ok(rc);
		ck_assert_str_eq(info.name, "ripemd-160");
		ck_assert_str_eq(info.tag, "RIPEMD-160");
		ck_assert_str_eq(info.manifest, "RIPEMD-160SUMS");
	}
	assert_ok(ssum_algorithm("ShA256", &info));
	ck_assert_str_eq(ssum_strerror(-ENOENT), "No such file or directory");
	scratch_remove(place);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{test_threads_end_with_the_call, 0},
		{test_no_descriptor_is_inherited, 0},
		{test_fork_between_calls, 0},
		{test_fork_and_execute_in_a_callback, 0},
		{test_signal_handlers_are_unchanged, 0},
		{test_turkish_locale, 0},
	};

	return run_suite("embedding", tests, ARRAY_SIZE(tests));
}
