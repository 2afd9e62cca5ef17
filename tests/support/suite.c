/* SPDX-License-Identifier: MIT */
#include "support/suite.h"

#include <stdarg.h>
#include <string.h>

#define TIMEOUT_SECONDS 120

static const char *suite_name;

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

void note_skip(const char *test, const char *format, ...)
{
	const char *path = getenv("TEST_SKIPS");
	FILE *log = path ? fopen(path, "a") : NULL;
	FILE *out = log ? log : stdout;
	va_list arguments;

	va_start(arguments, format);
	/* libcheck calls the function of a test NAME_fn. */
	fprintf(out, "%s: %.*s: ", suite_name, (int)(strlen(test) - strlen("_fn")), test);
	vfprintf(out, format, arguments);
	fputc('\n', out);
	va_end(arguments);
	if (log)
		fclose(log);
}
