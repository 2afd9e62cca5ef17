/* SPDX-License-Identifier: MIT */
/* A program that runs one suite of libcheck tests, with support for skipped tests. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/common.h"

/* One test. It runs `loops` times, with _i from 0; once if loops is 0. */
struct test {
	const TTest *function;
	int loops;
};

/* Whether to try all cases instead of some, as with `make check-long`. */
bool test_is_long(void);

/* Run the tests, and return the exit status for main(). */
int run_suite(const char *name, const struct test *tests, size_t count);

/* Leave the test. The reason is printed, and the test counts as skipped. */
#define skip(...)                                                                                  \
	do {                                                                                       \
		note_skip(__func__, __VA_ARGS__);                                                  \
		return;                                                                            \
	} while (0)

void note_skip(const char *test, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Record that the test has tried `cases` cases of a hazard; its number is in tests/hazards.tsv.
   Call it last: all cases must have passed. The counts of several loops add up. */
#define tried(hazard, cases) note_tried(hazard, __func__, cases)

void note_tried(unsigned hazard, const char *test, uint64_t cases);

/* On failure these print the text of the code. */
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
