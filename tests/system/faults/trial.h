/* SPDX-License-Identifier: MIT */
/* Run an operation of the library many times. In each run, another call fails. */
#ifndef FAULTS_TRIAL_H
#define FAULTS_TRIAL_H

#include "system/faults/faults.h"
#include "sparsesum.h"
#include "support/suite.h"

struct trial {
	const char *name;
	/* Called before each run, without a fault. NULL: not called. */
	void (*prepare)(const struct trial *trial);
	/* Returns the result of the library. Fails the test if a report is wrong. */
	int (*run)(const struct trial *trial);
	/* Called after each run with its result. NULL: not called. */
	void (*inspect)(const struct trial *trial, int rc);
	int result;          /* the result without a fault, or with one that must not end the run */
	struct fault always; /* the call that fails every time, or NULL */
	bool survives_all;   /* after an error the run is repeated until it has the result */
};

/* The context of the runs, with one thread or more. */
extern struct ssum_context *trial_context;

/* The current fault, for messages. */
const char *trial_now(void);

/* Like ck_assert_msg(), with the current fault in the message. */
#define hold(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			char text_[512];                                                           \
			snprintf(text_, sizeof(text_), __VA_ARGS__);                               \
			ck_abort_msg("%s: %s", trial_now(), text_);                                \
		}                                                                                  \
	} while (0)

/* Fails the test if a step of a run returned an error that the current fault cannot cause. */
void trial_step(int rc);

/* After a failed run, fails the test unless the context's message names a file and a reason. */
void trial_message(int rc);

/*
 * Run the operation with each fault at each call. Each run must have the right result or an error
 * that says what failed; some faults must not cause an error, such as EINTR. No memory, thread or
 * descriptor may be left. Returns the number of runs.
 */
uint64_t trial_run(const struct trial *trial, unsigned threads);

/* Run with one thread, and, except under sanitizers, with two. */
uint64_t trial_run_both(const struct trial *trial);

/* Check the names in a directory, each followed by a blank. */
void trial_assert_names(const char *directory, const char *expected);

#endif
