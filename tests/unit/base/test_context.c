/* SPDX-License-Identifier: MIT */
/* Contexts: defaults and ranges of the options, cancellation, the error message. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include "base/context.h"
#include "support/files.h"
#include "support/suite.h"

START_TEST(options_have_defaults)
{
	struct ssum_options empty = {.size = sizeof(empty)};
	struct ssum_context *context;
	cpu_set_t cpus;

	ck_assert(!sched_getaffinity(0, sizeof(cpus), &cpus));
	assert_ok(ssum_context_new(_i ? &empty : NULL, &context));
	ck_assert_uint_eq(context->options.holes, SSUM_HOLES_AUTO);
	ck_assert_uint_eq(context->options.threads, (unsigned)CPU_COUNT(&cpus));
	ck_assert_uint_eq(context->options.tries, 3);
	ck_assert_ptr_null(context->options.progress);
	ck_assert(!context_cancelled(context));
	ck_assert_str_eq(ssum_message(context), "");
	ssum_context_free(context);
}
END_TEST

START_TEST(threads_follow_the_cpus_of_the_process)
{
	struct ssum_context *context;
	cpu_set_t cpus, one;

	ck_assert(!sched_getaffinity(0, sizeof(cpus), &cpus));
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && !CPU_COUNT(&one))
			CPU_SET(cpu, &one);
	ck_assert(!sched_setaffinity(0, sizeof(one), &one));
	assert_ok(ssum_context_new(NULL, &context));
	ck_assert_uint_eq(context->options.threads, 1);
	ssum_context_free(context);
}
END_TEST

static const struct {
	unsigned threads, tries;
	int holes;
	int expected;
} ranges[] = {
	{1, 1, SSUM_HOLES_AUTO, 0},
	{1024, 1000, SSUM_HOLES_READ, 0},
	{2, 3, SSUM_HOLES_TRUST, 0},
	{2, 3, SSUM_HOLES_VERIFY, 0},
	{1025, 1, 0, SSUM_ERR_OPTIONS},
	{UINT_MAX, 1, 0, SSUM_ERR_OPTIONS},
	{1, 1001, 0, SSUM_ERR_OPTIONS},
	{1, UINT_MAX, 0, SSUM_ERR_OPTIONS},
	{1, 1, SSUM_HOLES_READ + 1, SSUM_ERR_OPTIONS},
	{1, 1, -1, SSUM_ERR_OPTIONS},
};

START_TEST(options_outside_their_range_are_refused)
{
	struct ssum_options options = {
		.size = sizeof(options), .threads = ranges[_i].threads, .tries = ranges[_i].tries};
	struct ssum_context *context = (void *)&options;

	/* Set the bytes: a compiler may assume that an enum has only its declared values. */
	memcpy(&options.holes, &ranges[_i].holes, sizeof(options.holes));
	assert_code(ssum_context_new(&options, &context), ranges[_i].expected);
	if (ranges[_i].expected) {
		ck_assert_ptr_null(context);
		return;
	}
	ck_assert_uint_eq(context->options.threads, ranges[_i].threads);
	ck_assert_uint_eq(context->options.tries, ranges[_i].tries);
	ck_assert_int_eq((int)context->options.holes, ranges[_i].holes);
	ssum_context_free(context);
}
END_TEST

START_TEST(a_size_of_zero_is_refused)
{
	struct ssum_options options = {.threads = 1};
	struct ssum_context *context = (void *)&options;

	assert_code(ssum_context_new(&options, &context), SSUM_ERR_OPTIONS);
	ck_assert_ptr_null(context);
	ssum_context_free(context);
}
END_TEST

/* A variable that a signal handler writes must be lock-free (C11, 7.14.1.1). */
START_TEST(cancel_flag_is_safe_in_signal_handlers)
{
	struct ssum_context *context;

	assert_ok(ssum_context_new(NULL, &context));
	ck_assert(atomic_is_lock_free(&context->cancelled));
	ssum_context_free(context);
}
END_TEST

START_TEST(cancelled_context_stays_cancelled)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	struct ssum_context *context, own;
	struct ssum_digest digest;

	write_text(path, "abc");
	assert_ok(ssum_context_new(NULL, &context));
	assert_ok(ssum_hash_file(context, path, NULL, &digest));
	ssum_cancel(context);
	for (int i = 0; i < 3; i++) {
		assert_code(ssum_hash_file(context, path, NULL, &digest), SSUM_ERR_CANCELLED);
		ck_assert_uint_eq(digest.length, 0);
		ck_assert_ptr_eq(context_begin(context, &own), context);
		ck_assert(context_cancelled(context));
	}
	ssum_context_free(context);
	free(path);
	scratch_remove(directory);
}
END_TEST

START_TEST(message_is_of_the_last_failure)
{
	char *directory = scratch_here(), *path = path_in(directory, "file"), *expected;
	char *missing = path_in(directory, "a\nb\xff");
	struct ssum_context *context;
	struct ssum_digest digest;

	write_text(path, "abc");
	assert_ok(ssum_context_new(NULL, &context));
	assert_code(ssum_hash_file(context, missing, NULL, &digest), -ENOENT);
	ck_assert(asprintf(&expected, "%s: No such file or directory", missing) > 0);
	ck_assert_str_eq(ssum_message(context), expected);
	assert_ok(ssum_hash_file(context, path, NULL, &digest));
	ck_assert_str_eq(ssum_message(context), "");
	ssum_context_free(context);
	free(expected);
	free(missing);
	free(path);
	scratch_remove(directory);
}
END_TEST

START_TEST(a_failure_is_kept_as_text)
{
	struct ssum_context own, *context = context_begin(NULL, &own);

	ck_assert_ptr_eq(context, &own);
	ck_assert_int_eq(context_fail(context, -EACCES, NULL, "a/b"), -EACCES);
	ck_assert_str_eq(ssum_message(context), "a/b: Permission denied");
	context_fail(context, -ENOENT, NULL, "");
	ck_assert_str_eq(ssum_message(context), "'': No such file or directory");
	context_fail(context, -EACCES, "a", "b");
	ck_assert_str_eq(ssum_message(context), "a/b: Permission denied");
	context_fail(context, -EACCES, "/", "b");
	ck_assert_str_eq(ssum_message(context), "/b: Permission denied");
	context_fail(context, -EACCES, NULL, "b");
	ck_assert_str_eq(ssum_message(context), "b: Permission denied");
	ck_assert_int_eq(context_fail(context, SSUM_ERR_CANCELLED, NULL, NULL), SSUM_ERR_CANCELLED);
	ck_assert_str_eq(ssum_message(context), ssum_strerror(SSUM_ERR_CANCELLED));
	context_end(context, &own);
}
END_TEST

START_TEST(passed_context_belongs_to_the_caller)
{
	struct ssum_context *context, own;

	assert_ok(ssum_context_new(NULL, &context));
	context_fail(context, -EIO, NULL, "x");
	context_end(context, &own);
	ck_assert_str_eq(ssum_message(context), "x: Input/output error");
	context_begin(context, &own);
	ck_assert_str_eq(ssum_message(context), "");
	ssum_context_free(context);
}
END_TEST

START_TEST(library_has_the_version_of_the_header)
{
	ck_assert_str_eq(ssum_version(), SSUM_VERSION);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{options_have_defaults, 2},
		{threads_follow_the_cpus_of_the_process, 0},
		{options_outside_their_range_are_refused, ARRAY_SIZE(ranges)},
		{a_size_of_zero_is_refused, 0},
		{cancel_flag_is_safe_in_signal_handlers, 0},
		{cancelled_context_stays_cancelled, 0},
		{message_is_of_the_last_failure, 0},
		{a_failure_is_kept_as_text, 0},
		{passed_context_belongs_to_the_caller, 0},
		{library_has_the_version_of_the_header, 0},
	};

	return run_suite("context", tests, ARRAY_SIZE(tests));
}
