/* SPDX-License-Identifier: MIT */
#include "system/faults/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/maps.h"

#define SECONDS 20 /* time limit of a run */

struct ssum_context *trial_context;

/* LONG: tried only with TEST_LONG=1. SURVIVED: the run must succeed in spite of the fault. */
enum { LONG = 1, SURVIVED = 2 };

static const struct row {
	struct fault fault;
	int flags;
} rows[] = {
	{{"memory", ENOMEM}, 0},
	{{"crypto", ENOMEM}, 0},
	{{"pread", EIO}, 0},
	{{"pread", ESTALE}, LONG},
	{{"pread", EINTR}, SURVIVED},
	{{"pread", FAULT_ONE}, SURVIVED},
	{{"pread", FAULT_HALF}, SURVIVED | LONG},
	{{"pread", FAULT_END}, 0},
	{{"preadv2", EIO}, SURVIVED},
	{{"read", EIO}, 0},
	{{"read", ESTALE}, LONG},
	{{"read", EINTR}, SURVIVED},
	{{"read", FAULT_ONE}, SURVIVED},
	{{"read", FAULT_HALF}, SURVIVED | LONG},
	{{"read", FAULT_END}, 0},
	{{"write", ENOSPC}, 0},
	{{"write", EIO}, LONG},
	{{"write", EINTR}, SURVIVED},
	{{"write", FAULT_ONE}, SURVIVED},
	{{"write", FAULT_HALF}, SURVIVED | LONG},
	{{"pwrite", ENOSPC}, 0},
	{{"pwrite", EIO}, LONG},
	{{"pwrite", EINTR}, SURVIVED},
	{{"pwrite", FAULT_ONE}, SURVIVED},
	{{"pwrite", FAULT_HALF}, SURVIVED | LONG},
	{{"open", EMFILE}, 0},
	{{"open", EACCES}, LONG},
	{{"open", EINTR}, SURVIVED},
	{{"openat", EMFILE}, 0},
	{{"openat", EACCES}, LONG},
	{{"openat", EIO}, LONG},
	{{"openat", EOPNOTSUPP}, LONG},
	{{"openat", EINTR}, SURVIVED},
	{{"openat2", EMFILE}, 0},
	{{"openat2", EACCES}, LONG},
	{{"openat2", ESTALE}, LONG},
	{{"openat2", ENOMEM}, LONG},
	{{"openat2", EINTR}, SURVIVED},
	{{"openat2", EAGAIN}, SURVIVED},
	{{"openat2", ENOSYS}, SURVIVED},
	{{"close", EIO}, SURVIVED},
	{{"close", EINTR}, SURVIVED | LONG},
	{{"fstat", EIO}, 0},
	{{"fstat", ESTALE}, LONG},
	{{"stat", EIO}, 0},
	{{"stat", EACCES}, LONG},
	{{"fstatat", EIO}, 0},
	{{"fstatat", EACCES}, LONG},
	{{"fstatat", ESTALE}, LONG},
	{{"fstatfs", EIO}, 0},
	{{"lseek", EIO}, 0},
	{{"lseek", EINVAL}, LONG},
	{{"access", EACCES}, SURVIVED},
	{{"readlinkat", EIO}, 0},
	{{"fdopendir", ENOMEM}, 0},
	{{"readdir", EIO}, 0},
	{{"fsync", EIO}, 0},
	{{"fsync", ENOSPC}, LONG},
	{{"fsync", EINTR}, SURVIVED},
	{{"fdatasync", EIO}, SURVIVED},
	{{"ftruncate", EIO}, 0},
	{{"ftruncate", EINTR}, SURVIVED},
	{{"fallocate", ENOSPC}, 0},
	{{"fallocate", EIO}, LONG},
	{{"fallocate", EOPNOTSUPP}, SURVIVED},
	{{"fallocate", EINTR}, SURVIVED},
	{{"posix_fadvise", EINVAL}, SURVIVED},
	{{"linkat", EACCES}, 0},
	{{"linkat", EEXIST}, SURVIVED},
	{{"linkat", ENOSPC}, LONG},
	{{"renameat", EIO}, 0},
	{{"renameat", EACCES}, LONG},
	{{"unlinkat", EACCES}, SURVIVED},
	{{"unlink", EACCES}, SURVIVED},
	{{"getrandom", EINTR}, SURVIVED},
	{{"getrlimit", EPERM}, SURVIVED},
	{{"pthread_create", EAGAIN}, 0},
};

/* ---- The trials ---- */

static const struct trial *trial_in_work;
static const struct row *row_in_work;
static long number_in_work;

const char *trial_now(void)
{
	static char text[256];

	snprintf(text, sizeof(text), "%s: %s number %ld, error %d", trial_in_work->name,
		 row_in_work->fault.call, number_in_work, row_in_work->fault.error);
	return text;
}

static void tell_and_end(int signal)
{
	const char *text = trial_now();

	(void)signal;
	if (write(STDERR_FILENO, text, strlen(text)) < 0 ||
	    write(STDERR_FILENO, ": hangs\n", 8) < 0)
		_exit(3);
	_exit(2);
}

/* ---- Runs ---- */

static int open_descriptors(void)
{
	int number = 0;

	for (int fd = 0; fd < 100; fd++)
		number += fcntl(fd, F_GETFD) >= 0;
	return number;
}

/* The codes that report a fault: its own errno, or the code of the step that failed. */
static bool is_reported(int rc, const struct fault *fault)
{
	if (fault->error > 0 && rc == -fault->error)
		return true;
	if (!strcmp(fault->call, "crypto"))
		return rc == SSUM_ERR_CRYPTO || rc == SSUM_ERR_UNDECIDED ||
		       rc == SSUM_ERR_ALGORITHM;
	if (fault->error == FAULT_END)
		return rc == SSUM_ERR_CHANGED || rc == SSUM_ERR_UNDECIDED ||
		       rc == SSUM_ERR_MALFORMED;
	return rc == SSUM_ERR_UNDECIDED;
}

void trial_step(int rc)
{
	hold(!rc || !(row_in_work->flags & SURVIVED), "%s, but the run must succeed",
	     ssum_strerror(rc));
	hold(!rc || is_reported(rc, &row_in_work->fault), "%d, %s", rc, ssum_strerror(rc));
}

void trial_message(int rc)
{
	const char *message = ssum_message(trial_context);

	/* If memory runs out, there may be no message. */
	hold(rc >= 0 || rc == -ENOMEM || rc == SSUM_ERR_UNDECIDED || strstr(message, ": "),
	     "the message names no file: %s", message);
	hold(rc >= 0 || !*message || strstr(message, ssum_strerror(rc)),
	     "the message does not say why: %s", message);
}

static void judge(const struct trial *trial, int rc)
{
	if (rc == trial->result)
		return;
	hold(rc < 0, "%d, not %d", rc, trial->result);
	hold(!trial->survives_all, "%s", ssum_strerror(rc));
	trial_step(rc);
}

static long run(const struct trial *trial, const struct row *row, long k)
{
	row_in_work = row;
	number_in_work = k;
	if (trial->prepare)
		trial->prepare(trial);

	int descriptors = open_descriptors();
	alarm(SECONDS);
	fault_always(&trial->always);
	long live = fault_live();
	fault_arm(&row->fault, k);
	int rc = trial->run(trial);
	long seen = fault_disarm();
	live = fault_live() - live;
	fault_always(&(struct fault){0});
	alarm(0);

	judge(trial, rc);
	hold(!live, "%ld objects are left", live);
	hold(open_descriptors() == descriptors, "descriptors are left open");
	if (trial->inspect)
		trial->inspect(trial, rc);
	return seen;
}

/* ---- All faults ---- */

/* The number of reads of a file varies slightly with the other files that are being read. */
static uint64_t try_row(const struct trial *trial, const struct row *row)
{
	long calls = run(trial, row, 0);

	for (long k = 1; k <= calls; k++) {
		long seen = run(trial, row, k);
		hold(fault_fired() || (k > 1 && seen < k), "did not fail");
	}
	return (uint64_t)calls;
}

/* Before the faults, make a run, which allocates what is allocated once per process, and an error
   with a long name, which allocates the buffer of the message. */
static void enter(const struct trial *trial, unsigned threads)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};
	struct ssum_digest digest;
	char name[256];

	trial_in_work = trial;
	assert_ok(ssum_context_new(&options, &trial_context));
	signal(SIGALRM, tell_and_end);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert(ssum_hash_file(trial_context, name, NULL, &digest) < 0);
	run(trial, &rows[0], 0);
}

uint64_t trial_run(const struct trial *trial, unsigned threads)
{
	uint64_t cases = 0;

	row_in_work = &rows[0];
	enter(trial, threads);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (test_is_long() || !(rows[i].flags & LONG))
			cases += try_row(trial, &rows[i]);
	ssum_context_free(trial_context);
	trial_context = NULL;
	ck_assert_msg(cases > 5, "%s: only %ju cases", trial->name, (uintmax_t)cases);
	return cases;
}

uint64_t trial_run_both(const struct trial *trial)
{
	uint64_t cases = trial_run(trial, 1);

	return MAP_SEEDS > 8 || test_is_long() ? cases + trial_run(trial, 2) : cases;
}

static int any(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void trial_assert_names(const char *directory, const char *expected)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, any, by_bytes);
	char names[1024] = "";

	for (int i = 0; i < count; i++) {
		strncat(names, entries[i]->d_name, sizeof(names) - strlen(names) - 2);
		strcat(names, " ");
		free(entries[i]);
	}
	free(entries);
	hold(!strcmp(names, expected), "%s holds %s, not %s", directory, names, expected);
}
