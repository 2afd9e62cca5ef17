/* SPDX-License-Identifier: MIT */
#include "support/suite.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define TIMEOUT_SECONDS (test_is_long() ? 6000 : 120)

static const char *suite_name;

bool test_is_long(void)
{
	const char *given = getenv("TEST_LONG");

	return given && !strcmp(given, "1");
}

int run_suite(const char *name, const struct test *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_name = name;
	tcase_set_timeout(tcase, TIMEOUT_SECONDS);
	for (size_t i = 0; i < count; i++)
		tcase_add_loop_test(tcase, tests[i].function, 0,
				    tests[i].loops ? tests[i].loops : 1);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* libcheck calls the function of a test NAME_fn. */
static int name_length(const char *test)
{
	return (int)(strlen(test) - strlen("_fn"));
}

void note_skip(const char *test, const char *format, ...)
{
	const char *path = getenv("TEST_SKIPS");
	FILE *log = path ? fopen(path, "a") : NULL;
	FILE *out = log ? log : stdout;
	va_list arguments;

	va_start(arguments, format);
	fprintf(out, "%s: %.*s: ", suite_name, name_length(test), test);
	vfprintf(out, format, arguments);
	fputc('\n', out);
	va_end(arguments);
	if (log)
		fclose(log);
}

void note_tried(unsigned hazard, const char *test, uint64_t cases)
{
	const char *path = getenv("TEST_TRIED");
	FILE *log = path ? fopen(path, "a") : NULL;

	if (!log)
		return;
	fprintf(log, "%u\ttest_%s: %.*s\t%" PRIu64 "\n", hazard, suite_name, name_length(test),
		test, cases);
	fclose(log);
}
