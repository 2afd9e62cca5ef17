/* SPDX-License-Identifier: MIT */
/* A content on its way to a receiver, and a sender that can do it well or badly. */
#ifndef SUPPORT_RECEIVER_H
#define SUPPORT_RECEIVER_H

#include <stdatomic.h>

#include "ops/receiver.h"
#include "support/reference.h"
#include "sparsesum/package.h"
#include "sparsesum/receiver.h"

#define UNIT 4096 /* the shortest segment */

struct scene {
	char *directory, *path, *state; /* the directory: NULL if it is another's */
	int algorithm;                  /* of reference_names */
	unsigned char *content;
	size_t length;
	struct ssum_checkpoints checkpoints;
	struct ssum_receiver_options options;
	struct ssum_digest digest;
	struct ssum_context *context;
	struct ssum_receiver *receiver;
	atomic_int good, damaged; /* reported segments */
	uint64_t seed;            /* for next_random() */
};

/* Make random content with zeros in it, its checkpoints, and an empty file for it in a new
   directory. The content depends on test_seed(), or on the seed that the caller passes. Call
   scene_free(). */
void scene_new(struct scene *scene, int algorithm, size_t length, uint64_t interval);
void scene_seeded(struct scene *scene, int algorithm, size_t length, uint64_t interval,
		  uint64_t seed);

/* The same in a directory of the caller, who removes it. */
void scene_in(struct scene *scene, const char *directory, int algorithm, size_t length,
	      uint64_t interval);
void scene_free(struct scene *scene);

/* Start a new receiver that has received nothing, and set the counts of segments to 0. */
void scene_begin(struct scene *scene);

/* scene_new() and scene_begin(). */
void scene_start(struct scene *scene, int algorithm, size_t length, uint64_t interval);

/* How many segments there are. */
int scene_segments(const struct scene *scene);

/* A file to write to, which is made if there is none. */
int open_target(const char *path);

/* Before the scene begins: the content was changed, by the caller or to zeros there; digest and
   checkpoints become its own. Or the checkpoints alone do. Or one of them, from 1 on, is made
   wrong. */
void content_changed(struct scene *scene);
void make_zero(struct scene *scene, size_t offset, size_t length);
void renew_checkpoints(struct scene *scene);
void spoil_checkpoint(struct scene *scene, size_t index);

/* Write a part of the content; with one byte of that part damaged; as a hole if it is one. */
void deliver(struct scene *scene, uint64_t offset, uint64_t length);
void deliver_damaged(struct scene *scene, uint64_t offset, uint64_t length, uint64_t at);
void deliver_best(struct scene *scene, uint64_t offset, uint64_t length);

/* Good pieces, damaged ones, holes where there are none, and the same ones again. */
void deliver_randomly(struct scene *scene, uint64_t *seed, int pieces);

/* For ssum_receiver_missing(): deliver it to the scene. */
int deliver_missing(void *scene, const struct ssum_range *range);

/* What is missing, as "offset+length " each; valid until the next call. */
const char *missing_of(struct scene *scene);

/* Deliver what is missing until nothing is; or until the receiver says that all is well, whatever
   it has got. */
void repair(struct scene *scene);
void repair_all(struct scene *scene);

/* Fails the test unless the receiver says that all is well, and the file is the content. */
void assert_received(struct scene *scene);

/* For the options: count what is told, and fail the test if it cannot be; or stop besides. */
int count_segment(void *scene, const struct ssum_range *segment, int verdict);
int stop_at_segment(void *scene, const struct ssum_range *segment, int verdict);

#endif
