/* SPDX-License-Identifier: MIT */
/* What is read in a format of another program, for all of them: into a listing, and concluded on.
 */
#ifndef CLI_FORMATS_READING_H
#define CLI_FORMATS_READING_H

#include <jansson.h>

#include "output/output.h"
#include "options/options.h"
#include "sparsesum/package.h"

/* A file that is to be fetched: listed, and not there. */
struct fetch {
	char *name, *url;
	uint64_t line;
};

/* Something that is wrong with what was read. */
struct problem {
	bool is_proven;
	uint64_t line; /* or 0 */
	char *path, *text;
};

/* What is read for a directory, and what came of it so far. */
struct reading {
	const struct app *app;
	const struct format *format;
	const char *directory;
	struct ssum_listing *listing;
	struct list algorithms;  /* that it lists digests by */
	char version[16];        /* of the format, or "" */
	bool differs, undecided; /* found by reading alone */
	bool is_incomplete;      /* something is listed that could not be read */
	void *ignored;           /* tsearch(3): names whose contents take no part */
	struct problem *problems;
	size_t problem_count;
	struct fetch *fetches; /* sorted by name */
	size_t fetch_count;
	uint64_t moved; /* missing files whose content was found */
};

struct format {
	const char *name;  /* for --format and JSON */
	const char *title; /* for people: "BagIt", then the version, then */
	const char *noun;  /* "bag" */
	bool is_directory; /* the directory itself says so; else a manifest that is named with -m */
	bool (*recognise)(const char *path); /* of the directory, or of the manifest */
	void (*read)(struct reading *reading, const char *path);
	/* What there is to say in the end; object is NULL for people. Or NULL. */
	void (*conclude)(const struct reading *reading, const struct ssum_summary *summary,
			 int code, json_t *object);
};

void reading_begin(struct reading *reading, const struct format *format, const struct app *app);
void reading_end(struct reading *reading);

/* Say what is wrong with what was read: proven, or such that nothing can be decided. */
void reading_problem(struct reading *reading, bool is_proven, const char *path, uint64_t line,
		     const char *format, ...) PRINTF(5, 6);

/* Add what a line lists. False if it was refused, which is told. */
bool reading_add(struct reading *reading, const struct ssum_listed_entry *entry);
void reading_add_algorithm(struct reading *reading, const char *name);

/* Sets of names for tsearch(3): add one, and whether one holds a directory that the path is in. */
void name_set_add(void **names, const char *name);
bool name_set_has_parent(void *const *names, const char *path);

/* For struct ssum_filter: without what is below the names of such a set. */
int reading_filter(void *names, const char *path, enum ssum_type type);

/* An entry was judged. */
void reading_add_report(struct reading *reading, const struct ssum_report *report);

/* The code with what was found by reading. */
int reading_result(const struct reading *reading, int code);
void reading_conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		      json_t *object);

#endif
