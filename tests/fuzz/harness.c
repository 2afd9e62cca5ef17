/* SPDX-License-Identifier: MIT */
/* Replacements for libFuzzer targets: libcheck's assertions without its runner, and a clock that
   needs no waiting. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/suite.h"

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

void _mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

/* libFuzzer limits the time. */
bool test_is_long(void)
{
	return false;
}

_Noreturn void _ck_assert_failed(const char *file, int line, const char *expression,
				 const char *message, ...)
{
	va_list arguments;

	fprintf(stderr, "%s:%d: does not hold: %s: ", file, line, expression);
	va_start(arguments, message);
	if (message)
		vfprintf(stderr, message, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

/* The library waits for a tick of the coarse clock before it reads a file that was just written. No
   other process writes here, and waiting would take most of the run time. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME_COARSE)
		now->tv_sec += 10;
	return rc;
}
