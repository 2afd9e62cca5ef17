/* SPDX-License-Identifier: MIT */
/* A directory that becomes a bag: what create_bagit.c and its parts share. */
#ifndef CLI_COMMANDS_BAGGING_H
#define CLI_COMMANDS_BAGGING_H

#include <stdio.h>

#include "base/memory.h"
#include "formats/bag_info.h"
#include "options/command.h"
#include "sparsesum/package.h"

/* A manifest while it is made: its text, and the name in which it ends. */
struct output {
	char part[40]; /* of the file's name */
	char *text;
	size_t length;
	FILE *stream;
};

struct bagging {
	const struct run *run;
	const char *path; /* of the bag */
	int directory;
	struct list algorithms;
	struct output *outputs; /* one for each */
	struct ssum_tree *tree;
	const char *below; /* what comes before the names of the tree: "data/" or "" */
	bool of_payload;
	struct oxum oxum;
	uint64_t refused;
	char *name; /* of the input that was given last */
};

/* bag_checks.c: what stands in the way of a bag ends the program, before anything is written. */

void bag_check_options(const struct run *run);
void bag_check_directory(const struct bagging *bagging);

/* bag_manifests.c */

/* Hash what takes part of a directory, the payload or the tag files, into the outputs. 0 or a code.
 */
int bag_list(struct bagging *bagging, bool of_payload);

/* Write the outputs to files whose names begin with the prefix and "manifest". */
void bag_write_manifests(const struct bagging *bagging, const char *prefix);

/* Write a file of the bag, or end the program. */
void bag_write_file(const struct bagging *bagging, const char *name, const char *text,
		    size_t length);

#endif
