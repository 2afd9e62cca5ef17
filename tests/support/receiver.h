/* SPDX-License-Identifier: MIT */
/* A content, a receiver for it, and functions that write the content to the receiver, correct or
   damaged. */
#ifndef SUPPORT_RECEIVER_H
#define SUPPORT_RECEIVER_H

#include <stdatomic.h>

#include "ops/receiver.h"
#include "support/reference.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define UNIT 4096 /* the shortest segment */

struct scene {
	char *directory, *path, *state; /* directory: NULL if the caller owns it */
	int algorithm;                  /* index in reference_names */
	unsigned char *content;
	size_t length;
	struct ssum_checkpoints checkpoints;
	struct ssum_receiver_options options;
	struct ssum_digest digest;
	struct ssum_context *context;
	struct ssum_receiver *receiver;
	atomic_int good, damaged; /* numbers of reported segments */
	uint64_t seed;            /* state of next_random() */
};

/* Make random content with zeros in it, its checkpoints, and an empty file for it in a new
   directory. The content depends on test_seed(), or on the seed that the caller passes. Call
   scene_free(). */
void scene_new(struct scene *scene, int algorithm, size_t length, uint64_t interval);
void scene_seeded(struct scene *scene, int algorithm, size_t length, uint64_t interval,
		  uint64_t seed);

/* The same in a directory that the caller removes. */
void scene_in(struct scene *scene, const char *directory, int algorithm, size_t length,
	      uint64_t interval);
void scene_free(struct scene *scene);

/* Start a new receiver that has received nothing, and set the counts of segments to 0. */
void scene_begin(struct scene *scene);

/* Calls scene_new() and scene_begin(). */
void scene_start(struct scene *scene, int algorithm, size_t length, uint64_t interval);

/* How many segments there are. */
int scene_segments(const struct scene *scene);

/* Open a file for reading and writing; create it if necessary. */
int open_target(const char *path);

/* Call these before scene_begin(). content_changed(): compute digest and checkpoints again after
   the caller has changed the content. make_zero(): set a range to zeros, and do the same.
   renew_checkpoints(): compute only the checkpoints again. spoil_checkpoint(): make one wrong; the
   first has index 1. */
void content_changed(struct scene *scene);
void make_zero(struct scene *scene, size_t offset, size_t length);
void renew_checkpoints(struct scene *scene);
void spoil_checkpoint(struct scene *scene, size_t index);

/* Write a range of the content: correct; with byte `at` of the range changed; or as a hole if it is
   zeros. */
void deliver(struct scene *scene, uint64_t offset, uint64_t length);
void deliver_damaged(struct scene *scene, uint64_t offset, uint64_t length, uint64_t at);
void deliver_best(struct scene *scene, uint64_t offset, uint64_t length);

/* Write random ranges, which may overlap: correct data, damaged data, and wrong holes. */
void deliver_randomly(struct scene *scene, uint64_t *seed, int pieces);

/* A callback for ssum_receiver_missing() that delivers the range. */
int deliver_missing(void *scene, const struct ssum_range *range);

/* The missing ranges, as "offset+length " for each; valid until the next call. */
const char *missing_of(struct scene *scene);

/* repair(): deliver the missing ranges until none is missing. repair_all(): until the receiver
   reports that the whole file holds. */
void repair(struct scene *scene);
void repair_all(struct scene *scene);

/* Fails the test unless the receiver reports that the file holds, and the file has the content. */
void assert_received(struct scene *scene);

/* Callbacks for the options: count the segment, and fail the test if it is impossible.
   stop_at_segment() also cancels. */
int count_segment(void *scene, const struct ssum_range *segment, int verdict);
int stop_at_segment(void *scene, const struct ssum_range *segment, int verdict);

#endif
