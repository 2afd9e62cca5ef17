/* SPDX-License-Identifier: MIT */
/* Reads manifests of other programs into a listing, and reports what is wrong with them. All
   formats use this. */
#ifndef CLI_FORMATS_READING_H
#define CLI_FORMATS_READING_H

#include <jansson.h>

#include "output/output.h"
#include "options/options.h"
#include "sparsesum/package.h"

/* A file that is to be fetched from a URL: a missing entry names it. */
struct fetch {
	char *name, *url;
	uint64_t line;
};

/* An error in a manifest, or between a manifest and the directory. */
struct problem {
	bool is_proven; /* the directory differs; false: it cannot be decided */
	uint64_t line;  /* 0: not in a line */
	char *path, *text;
};

/* The manifests of a directory, and the results so far. */
struct reading {
	const struct app *app;
	const struct format *format;
	const char *directory; /* its path, for messages; app has its descriptor */
	struct ssum_listing *listing;
	struct list algorithms;  /* of the digests in the listing */
	char version[16];        /* of the format, or "" */
	bool differs, undecided; /* there is a problem, proven or not */
	bool is_incomplete;      /* some lines could not be read: there may be more entries.
				    reading_problem() sets it for a line */
	void *ignored;           /* a set of names: directories whose contents are ignored */
	struct problem *problems;
	size_t problem_count;
	struct fetch *fetches; /* sorted by name */
	size_t fetch_count;
	uint64_t moved; /* missing files whose content was found */
};

struct format {
	const char *name;  /* for --format and JSON */
	const char *title; /* for messages: "BagIt", in "BagIt 1.0 bag" */
	const char *noun;  /* "bag" */
	bool is_directory; /* the directory is recognised; false: a manifest named with -m */
	/* A manifest by its path; or the directory, by its descriptor: path is NULL then. */
	bool (*recognise)(int directory, const char *path);
	void (*read)(struct reading *reading, const char *path);
	/* Reports the result of the format's own rules: to the JSON object, or as text if that is
	   NULL. May be NULL. */
	void (*conclude)(const struct reading *reading, const struct ssum_summary *summary,
			 int code, json_t *object);
};

/* Reads all manifests, and prints what they are and what is wrong with them. */
void reading_begin(struct reading *reading, const struct format *format, const struct app *app);
void reading_end(struct reading *reading);

/* Adds a problem. reading_begin() prints it. */
void reading_problem(struct reading *reading, bool is_proven, const char *path, uint64_t line,
		     const char *format, ...) PRINTF(5, 6);

/* Adds an entry to the listing. If the listing rejects it, adds a problem and returns false. */
bool reading_add(struct reading *reading, const struct ssum_listed_entry *entry);
void reading_add_algorithm(struct reading *reading, const char *name);

/* Finds an algorithm that a manifest names. If it cannot be used, adds a problem, sets info->name
   to
   "" and returns false. */
bool reading_find_algorithm(struct reading *reading, const char *path, const char *name,
			    struct ssum_algorithm_info *info);

/* A set of names, for tsearch(3). The second function returns whether the set contains a directory
   that the path is in. */
void name_set_add(void **names, const char *name);
bool name_set_has_parent(void *const *names, const char *path);

/* A function for struct ssum_filter: skips everything below the names of a set. */
int reading_filter(void *names, const char *path, enum ssum_type type);

/* Updates the results by the report about an entry. Prints the URL of a missing file. */
void reading_add_report(struct reading *reading, const struct ssum_report *report);

/* The result of verification, with the problems taken into account. */
int reading_result(const struct reading *reading, int code);
void reading_conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		      json_t *object);

#endif
