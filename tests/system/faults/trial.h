/* SPDX-License-Identifier: MIT */
/* Run an operation of the library again and again, with each call failing once. */
#ifndef FAULTS_TRIAL_H
#define FAULTS_TRIAL_H

#include "system/faults/faults.h"
#include "sparsesum.h"
#include "support/suite.h"

struct trial {
	const char *name;
	/* Called before each run, without faults; or NULL. */
	void (*prepare)(const struct trial *trial);
	/* Returns the result of the library. Fails the test if a report is wrong. */
	int (*run)(const struct trial *trial);
	/* Called after each run; rc is its result. Or NULL. */
	void (*inspect)(const struct trial *trial, int rc);
	int result;          /* the result without a fault, or with one that must be survived */
	struct fault always; /* the call that fails every time, or NULL */
	bool survives_all;   /* a run that ends early is repeated until it has the result */
};

/* The context of the runs, with one thread or more. */
extern struct ssum_context *trial_context;

/* The fault that is being tried, for messages. */
const char *trial_now(void);

/* Like ck_assert_msg(), with the fault that is being tried. */
#define hold(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			char text_[512];                                                           \
			snprintf(text_, sizeof(text_), __VA_ARGS__);                               \
			ck_abort_msg("%s: %s", trial_now(), text_);                                \
		}                                                                                  \
	} while (0)

/* Whether a step of a run may fail now; fails the test if not. */
void trial_step(int rc);

/* After a failed run, fails the test unless the context's message names a file and a reason. */
void trial_message(int rc);

/*
 * Run the operation with each fault at each call. Each run must have the right result or an error
 * that says what failed; faults that must be survived may not give an error. No memory, thread or
 * descriptor may be left. Returns how many cases there were.
 */
uint64_t trial_run(const struct trial *trial, unsigned threads);

/* With one thread, and, if there is time, with two. Under sanitizers there is not. */
uint64_t trial_run_both(const struct trial *trial);

/* Check the names in a directory, each followed by a blank. */
void trial_assert_names(const char *directory, const char *expected);

#endif
