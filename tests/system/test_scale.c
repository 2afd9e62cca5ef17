/* SPDX-License-Identifier: MIT */
/*
 * Ten times as many files, lines and extents take ten times as long, and memory stays bounded
 * (hazards 11, 31): CPU time and memory of the command, as reported by the kernel. TEST_LONG prints
 * a table up to a million.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"

static char *directory;

static const char *reason_to_skip(void)
{
	const char *tmpfs = getenv("TEST_TMPFS");

	if (!getenv("SPARSESUM"))
		return "SPARSESUM is not set, as tests/run sets it";
	if (MAP_SEEDS < 60)
		return "a sanitizer changes memory and time";
	return tmpfs && *tmpfs ? NULL : "no tmpfs";
}

/* A million files do not fit into the tmpfs of the other tests. */
static void enter_scratch(void)
{
	static const struct file_system large = {"tmpfs", "TEST_LARGE"};

	setenv("TEST_LARGE", test_is_long() ? "/dev/shm" : getenv("TEST_TMPFS"), 1);
	directory = scratch_new(&large);
	ck_assert(!chdir(directory));
	setenv("XDG_STATE_HOME", directory, 1);
}

static void leave_scratch(void)
{
	ck_assert(!chdir("/"));
	scratch_remove(directory);
}

/* ---- Running ---- */

struct cost {
	double user, all; /* seconds of CPU time */
	double mib;       /* peak memory */
	int status;
};

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static struct rlimit descriptors, addresses; /* limits of the command; all zero: none */

#define WORDS_MAX 12

static void run_words(const char *line)
{
	char *words[WORDS_MAX + 1] = {getenv("SPARSESUM")}, *copy = strdup(line);
	size_t count = 1;
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (char *word = strtok(copy, " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
		words[count++] = word;
	dup2(out, 1);
	dup2(err, 2);
	close_range(3, ~0U, 0); /* limits of the test itself */
	if (descriptors.rlim_max)
		setrlimit(RLIMIT_NOFILE, &descriptors);
	if (addresses.rlim_max)
		setrlimit(RLIMIT_AS, &addresses);
	execv(words[0], words);
	_exit(127);
}

static struct cost run(const char *line)
{
	struct rusage usage;
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (!child)
		run_words(line);
	ck_assert_int_eq(wait4(child, &status, 0, &usage), child);
	ck_assert_msg(WIFEXITED(status), "%s: signal %d", line, WTERMSIG(status));
	return (struct cost){
		.user = seconds(usage.ru_utime),
		.all = seconds(usage.ru_utime) + seconds(usage.ru_stime),
		.mib = (double)usage.ru_maxrss / 1024,
		.status = WEXITSTATUS(status),
	};
}

/* ---- Large counts ---- */

static void make_files(unsigned count)
{
	char path[64], text[32];

	ck_assert(!mkdir("p", 0755));
	for (unsigned i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "p/%04u", i / 1000);
		if (i % 1000 == 0)
			ck_assert(!mkdir(path, 0755));
		snprintf(path, sizeof(path), "p/%04u/file-%07u", i / 1000, i);
		snprintf(text, sizeof(text), "%u\n", i);
		write_text(path, text);
	}
}

static void make_extents(unsigned count)
{
	int fd = open("comb", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (unsigned i = 0; i < count; i++)
		ck_assert_int_eq(pwrite(fd, "block", 5, (off_t)8192 * i), 5);
	close(fd);
}

/* ---- Growth ---- */

static const struct row {
	const char *line;
	double base, each; /* maximum memory in MiB: fixed, and per 10,000 files or extents */
	void (*make)(unsigned count);
} rows[] = {
	{"create -q p", 16, 1.6, make_files}, /* it looks for names that are equal on other systems
					       */
	{"verify p", 16, 1.3, NULL},          /* it keeps the entries of the manifests */
	{"hash -r p", 16, 0.2, NULL},         /* it keeps the names of one directory */
	{"check p/SHA1SUMS", 16, 0, NULL},    {"compare p p", 20, 0.2, NULL},
	{"map comb", 12, 0, make_extents},    {"hash comb", 24, 0, NULL},
	{"compare comb comb", 16, 0, NULL},
};

#define SIZES 3
static const unsigned counts[SIZES] = {10000, 100000, 1000000};

static void measure(unsigned count, struct cost costs[ARRAY_SIZE(rows)])
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].make)
			rows[i].make(count);
		if (!strncmp(rows[i].line, "check", 5)) {
			ck_assert(!chdir("p"));
			costs[i] = run("check --quiet SHA1SUMS");
			ck_assert(!chdir(".."));
		} else {
			costs[i] = run(rows[i].line);
		}
		ck_assert_msg(costs[i].status == 0, "%s, %u: exit status %d", rows[i].line, count,
			      costs[i].status);
	}
	free(run_command(NULL, "rm -rf p comb out"));
}

/* Shorter times vary too much. */
#define LEAST_SECONDS 0.02

static void judge(const struct row *row, const struct cost *few, const struct cost *many,
		  unsigned count)
{
	double base = few->all > LEAST_SECONDS ? few->all : LEAST_SECONDS;
	double growth = many->all / base / 10;

	printf("%-20s %8u: user %7.2f s, all %7.2f s, each %5.2f times before, %6.1f MiB\n",
	       row->line, count, many->user, many->all, growth, many->mib);
	ck_assert_msg(growth < 3, "%s: %.1f times as long for each of %u", row->line, growth,
		      count);
	ck_assert_msg(many->mib < row->base + row->each * count / 10000, "%s: %.1f MiB for %u",
		      row->line, many->mib, count);
}

START_TEST(time_and_memory_grow_linearly)
{
	struct cost costs[SIZES][ARRAY_SIZE(rows)];
	int sizes = test_is_long() ? SIZES : 2;

	if (reason_to_skip())
		skip("%s", reason_to_skip());
	enter_scratch();
	for (int i = 0; i < sizes; i++)
		measure(counts[i], costs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int size = 1; size < sizes; size++)
			judge(&rows[i], &costs[size - 1][i], &costs[size][i], counts[size]);
	fflush(stdout);
	leave_scratch();
	tried(31, counts[sizes - 1]);
	tried(11, counts[sizes - 1]);
}
END_TEST

/* Finding the holes takes no longer than reading them all. */
START_TEST(tiny_extents)
{
	if (reason_to_skip())
		skip("%s", reason_to_skip());
	enter_scratch();
	make_extents(50000);
	for (int threads = 1; threads <= 2; threads++) {
		char ask[64], all[64];

		snprintf(ask, sizeof(ask), "hash -j%d comb", threads);
		snprintf(all, sizeof(all), "hash -j%d --holes=read comb", threads);
		struct cost asked = run(ask), read = run(all);
		ck_assert_msg(asked.all < 3 * read.all, "%s: %.2f s, and %.2f s to read it all",
			      ask, asked.all, read.all);
	}
	leave_scratch();
	tried(11, 50000);
}
END_TEST

/* ---- Low limits (hazard 33) ---- */

#define START_STEP (256 * (rlim_t)KIB)
#define ROOM (64 * (rlim_t)MIB)

/* The address space that the command needs to start. */
static rlim_t addresses_at_start(void)
{
	for (rlim_t limit = 4 * MIB; limit < 1024 * MIB; limit += START_STEP) {
		addresses = (struct rlimit){limit, limit};
		pid_t child = fork();
		int status;

		if (!child)
			run_words("--version");
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return limit;
	}
	ck_abort_msg("the command does not start in 1 GiB");
}

/* Nested directories, so that the path of the last file has 27,000 bytes. */
#define DEEP 27000
#define NAME 250

static void make_deep(void)
{
	char name[NAME + 1];
	int at = open("p", O_RDONLY | O_DIRECTORY);

	memset(name, 'd', NAME);
	name[NAME] = '\0';
	for (size_t length = 0; length < DEEP; length += NAME + 1) {
		ck_assert(!mkdirat(at, name, 0755));
		int next = openat(at, name, O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(next, 0);
		close(at);
		at = next;
	}
	int fd = openat(at, "bottom", O_CREAT | O_WRONLY, 0644);
	ck_assert_int_eq(write(fd, "deep", 4), 4);
	close(fd);
	close(at);
}

START_TEST(low_limits_are_enough)
{
	static const char *const lines[] = {"hash -r p",   "create -q p", "verify p",
					    "compare p p", "map comb",    "hash -j64 comb"};
	unsigned count = test_is_long() ? 100000 : 10000;

	if (reason_to_skip())
		skip("%s", reason_to_skip());
	enter_scratch();
	make_files(count);
	make_extents(count);
	rlim_t limit = addresses_at_start() + ROOM;
	addresses = (struct rlimit){limit, limit};
	descriptors = (struct rlimit){16, 16};
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (i == 1) /* a path that is too long for the kernel to open in one call */
			make_deep();
		int status = run(lines[i]).status;
		char *said = read_file("err", NULL);

		ck_assert_msg(status == 0 && !*said, "%s: exit status %d, %.300s", lines[i], status,
			      said);
		free(said);
	}
	free(run_command(NULL, "rm -rf p"));
	leave_scratch();
	tried(33, ARRAY_SIZE(lines));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{time_and_memory_grow_linearly, 0},
		{tiny_extents, 0},
		{low_limits_are_enough, 0},
	};

	return run_suite("scale", tests, ARRAY_SIZE(tests));
}
