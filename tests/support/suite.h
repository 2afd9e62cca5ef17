/* SPDX-License-Identifier: MIT */
/* A suite of libcheck tests as a program, and tests that can be skipped. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/common.h"

/* One test, run `loops` times with _i from 0 on; once if loops is 0. */
struct test {
	const TTest *function;
	int loops;
};

/* Whether there is time to try all that there is, as in `make check-long`; else a part of it. */
bool test_is_long(void);

/* Run the tests, and return the exit status for main(). */
int run_suite(const char *name, const struct test *tests, size_t count);

/* Leave a test without a verdict: the reason is printed, and the test counts as skipped. */
#define skip(...)                                                                                  \
	do {                                                                                       \
		note_skip(__func__, __VA_ARGS__);                                                  \
		return;                                                                            \
	} while (0)

void note_skip(const char *test, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The test stands for a hazard, by its number in tests/hazards.tsv, and has tried that many cases
   of it, all of which held. To be said last; the numbers of several runs add up. */
#define tried(hazard, cases) note_tried(hazard, __func__, cases)

void note_tried(unsigned hazard, const char *test, uint64_t cases);

/* Names the code, where a number alone says little. */
#define assert_ok(expression)                                                                      \
	do {                                                                                       \
		int rc_ = (expression);                                                            \
		ck_assert_msg(rc_ == 0, "%s: %d, %s", #expression, rc_, ssum_strerror(rc_));       \
	} while (0)

#define assert_code(expression, expected)                                                          \
	do {                                                                                       \
		int rc_ = (expression), expected_ = (expected);                                    \
		ck_assert_msg(rc_ == expected_, "%s: %d (%s), not %d (%s)", #expression, rc_,      \
			      ssum_strerror(rc_), expected_, ssum_strerror(expected_));            \
	} while (0)

#endif
