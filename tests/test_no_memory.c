/* SPDX-License-Identifier: MIT */
/* Each allocation fails once: nothing is lost, no descriptor stays open, and no verdict is wrong.
   hazard 33. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/maps.h"
#include "support/oracle.h"
#include "support/suite.h"

#define INTERVAL 65536

static char *folder;
static struct ssum_context *context;

#if defined(__GLIBC__) && MAP_SEEDS > 8 /* sanitizers have allocators of their own */

static atomic_long allocations, failing, live; /* failing: the number of the one that does, or 0 */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

/* Seen by all libraries in the process. */
#define SEEN __attribute__((visibility("default")))

static bool fails(void)
{
	if (!failing || ++allocations != failing)
		return false;
	errno = ENOMEM;
	return true;
}

static void *count(void *made)
{
	live += made != NULL;
	return made;
}

SEEN void *malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

SEEN void *calloc(size_t number, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(number, size));
}

SEEN void *realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	return old ? __libc_realloc(old, size) : count(__libc_realloc(old, size));
}

SEEN void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : count(__libc_memalign(alignment, size));
}

SEEN void free(void *old)
{
	live -= old != NULL;
	__libc_free(old);
}

static const char *reason_to_skip(void)
{
	return NULL;
}

#else
static long allocations, failing, live;

static const char *reason_to_skip(void)
{
	return "allocations cannot be made to fail here";
}
#endif

static void shell(const char *command)
{
	int status;

	free(run_command(&status, "%s", command));
	ck_assert_int_eq(status, 0);
}

static int stop_at_3(void *user, const struct ssum_report *report)
{
	(void)user;
	return report->path && !strcmp(report->path, "3");
}

static int pass(void *user, const struct ssum_report *report)
{
	(void)user;
	(void)report;
	return 0;
}

static const char *const algorithms[] = {"sha1", "sha256", NULL};

static int create(const char *journal, ssum_report_fn *report)
{
	const struct ssum_create_options options = {.size = sizeof(options),
						    .algorithms = algorithms,
						    .checkpoints = INTERVAL,
						    .journal = journal,
						    .resume = 1,
						    .report = report};

	return ssum_create(context, "p", &options, NULL);
}

static int verify(const char *journal, ssum_report_fn *report)
{
	const struct ssum_verify_options options = {
		.size = sizeof(options), .journal = journal, .resume = 1, .report = report};

	return ssum_verify(context, "p", &options, NULL);
}

static const struct {
	int (*run)(const char *journal, ssum_report_fn *report);
	const char *before; /* a command, run in the package */
	int result;
} cases[] = {
	{create, ":", 0},
	{verify, ":", SSUM_SAME},
	{verify, "sed -i '4s/^..../0000/' SHA1SUMS.checkpoints", SSUM_SAME},
	{verify, "rm SHA1SUMS.checkpoints", SSUM_SAME},
	{verify, "printf x | dd of=2 bs=1 seek=100000 conv=notrunc status=none", SSUM_DIFFERS},
};

static void enter_scratch(unsigned threads)
{
	const struct ssum_options options = {.size = sizeof(options), .threads = threads};

	folder = scratch_new(&file_systems[0]);
	if (!folder)
		folder = scratch_here();
	ck_assert(!chdir(folder));
	assert_ok(ssum_context_new(&options, &context));
	shell("mkdir p && cd p && for i in 1 2 3 4; do head -c 300000 /dev/urandom | "
	      "sed 's/^./y/' | head -c 250000 >$i; done");
	assert_ok(create(NULL, pass));
}

static void leave_scratch(void)
{
	ssum_context_free(context);
	ck_assert(!chdir("/"));
	scratch_remove(folder);
}

static int open_descriptors(void)
{
	int number = 0;

	for (int fd = 0; fd < 100; fd++)
		number += fcntl(fd, F_GETFD) >= 0;
	return number;
}

START_TEST(each_allocation)
{
	size_t row = (size_t)_i / 4;
	const char *journal = _i & 1 ? "journal" : NULL;
	bool is_through = false;
	char command[128];

	if (reason_to_skip())
		skip("%s", reason_to_skip());
	enter_scratch(_i & 2 ? 2 : 1);
	snprintf(command, sizeof(command), "cd p && { %s; }", cases[row].before);
	shell(command);
	for (long k = 1; !is_through; k++) {
		ck_assert(k < 10000);
		if (journal)
			assert_code(cases[row].run(journal, stop_at_3), SSUM_ERR_CANCELLED);

		int descriptors = open_descriptors();
		long before = live;
		allocations = 0;
		failing = k;
		int rc = cases[row].run(journal, pass);
		is_through = allocations < k;
		failing = 0;

		/* What is made once for the whole process is made by the first of them. */
		ck_assert_msg(k < 4 || live == before, "allocation %ld: %ld are left", k,
			      (long)(live - before));
		ck_assert_msg(open_descriptors() == descriptors, "allocation %ld: descriptors", k);
		if (is_through)
			assert_code(rc, cases[row].result);
		else
			ck_assert_msg(rc == cases[row].result || rc == -ENOMEM ||
					      rc == SSUM_ERR_CRYPTO || rc == SSUM_ERR_UNDECIDED,
				      "allocation %ld: %d", k, rc);
		ck_assert(!is_through || !journal || access(journal, F_OK));
	}
	leave_scratch();
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_allocation, reason_to_skip() ? 0 : 4 * ARRAY_SIZE(cases)},
	};

	return run_suite("no_memory", tests, ARRAY_SIZE(tests));
}
