/* SPDX-License-Identifier: MIT */
/* One manifest in work: what its lines and its totals are judged by. */
#ifndef CLI_COMMANDS_CHECK_H
#define CLI_COMMANDS_CHECK_H

#include "options/command.h"
#include "sparsesum/package.h"

struct checking {
	const struct run *run;
	const char *name; /* of the manifest in work; "-" is standard input */
	struct ssum_algorithm_info algorithm;
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	bool held;   /* the line waits for those before it */
	bool paused; /* the next line is not there yet, and results are due */
	int read_error;
	uint64_t listed, malformed, unreadable, differing, matched;
};

int check_lines(struct checking *checking);
const char *manifest_title(const struct checking *checking);

#endif
