/* SPDX-License-Identifier: MIT */
/* An operation of the library, tried with each call that it makes failing once. */
#ifndef FAULTS_TRIAL_H
#define FAULTS_TRIAL_H

#include "system/faults/faults.h"
#include "sparsesum.h"
#include "support/suite.h"

struct trial {
	const char *name;
	/* Before each run, with nothing failing; or NULL. */
	void (*prepare)(const struct trial *trial);
	/* Returns what the library did. Fails the test if anything that it told is untrue. */
	int (*run)(const struct trial *trial);
	/* Behind each run; rc is what it returned. Or NULL. */
	void (*inspect)(const struct trial *trial, int rc);
	int result;          /* where nothing fails, or only what has to be survived */
	struct fault always; /* what fails throughout, or nothing */
	bool survives_all;   /* the run goes on by itself until the result is there */
};

/* The context of the runs, of one thread or more. */
extern struct ssum_context *trial_context;

/* What is being tried, for messages. */
const char *trial_now(void);

/* Like ck_assert_msg(), and says what was being tried. */
#define hold(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			char text_[512];                                                           \
			snprintf(text_, sizeof(text_), __VA_ARGS__);                               \
			ck_abort_msg("%s: %s", trial_now(), text_);                                \
		}                                                                                  \
	} while (0)

/* Whether a step of a run that went wrong may do so; fails the test if not. */
void trial_step(int rc);

/* Fails the test unless the message of the context names a file and says why, where a run failed.
 */
void trial_message(int rc);

/*
 * Run it with each fault at each call. Each must end in the result, or in an error that says what
 * failed, if that is no fault to be survived; and leave no memory, thread or descriptor behind.
 * Returns how many cases there were.
 */
uint64_t trial_run(const struct trial *trial, unsigned threads);

/* With one thread, and with two where there is time for it, which sanitizers have not. */
uint64_t trial_run_both(const struct trial *trial);

/* The names in a directory have to be these, each with a blank behind it. */
void trial_assert_names(const char *directory, const char *expected);

#endif
