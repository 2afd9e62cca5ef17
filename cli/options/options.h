/* SPDX-License-Identifier: MIT */
/* The options of all commands: the table that describes them, and their values. */
#ifndef CLI_OPTIONS_OPTIONS_H
#define CLI_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "app.h"
#include "output/memory.h"
#include "sparsesum/package.h"

struct selection;

enum {
	HASH = 1 << 0,
	CHECK = 1 << 1,
	CREATE = 1 << 2,
	VERIFY = 1 << 3,
	COMPARE = 1 << 4,
	MAP = 1 << 5,
	EXPLAIN = 1 << 6,
	EVERYWHERE = (1 << 7) - 1,
	SUM = 1 << 7,     /* a personality, such as sha1sum */
	SUM_TOO = 1 << 8, /* options of personalities that the original program lacks */
	AS_SHA1SUM = HASH | CHECK | SUM,
	SELECTING = HASH | CREATE | VERIFY | COMPARE
};

enum {
	OPT_BINARY = 1 << 0,
	OPT_TEXT = 1 << 1,
	OPT_TAG = 1 << 2,
	OPT_ZERO = 1 << 3,
	OPT_RECURSIVE = 1 << 4,
	OPT_QUIET = 1 << 5,
	OPT_STATUS = 1 << 6,
	OPT_WARN = 1 << 7,
	OPT_STRICT = 1 << 8,
	OPT_IGNORE_MISSING = 1 << 9,
	OPT_ALLOW_EXTRA = 1 << 10,
	OPT_VERBOSE = 1 << 11,
	OPT_JSON = 1 << 12,
	OPT_HELP = 1 << 13,
	OPT_VERSION = 1 << 14,
	OPT_CHECKPOINTS = 1 << 15,
	OPT_REPAIR_LIST = 1 << 16,
	OPT_RESUME = 1 << 17,
	OPT_RANGES = 1 << 18,
	OPT_CHECK = 1 << 19,
	OPT_NULL = 1 << 20,
	OPT_ALLOW_CHANGED = 1 << 21,
	OPT_PORTABLE = 1 << 22
};

struct options {
	unsigned flags;
	struct list algorithms; /* with the names that ssum_algorithm() returns */
	struct list manifests;
	const char *output;
	const char *junit;
	const char *format;          /* the argument of --format, or NULL */
	uint64_t checkpoints;        /* the interval; 0: the default */
	uint64_t explain;            /* how many of the files that differ to explain */
	struct selection *selection; /* NULL: all entries */
	bool has_content_hash;
	struct ssum_digest content_hash;
	enum ssum_holes holes;
	enum progress_when progress;
	unsigned threads;
	char **operands; /* NULL follows the last one */
};

static inline bool asked(const struct app *app, unsigned flag)
{
	return app->options->flags & flag;
}

/* Where the argument of an option is stored. */
enum option_value {
	VALUE_NONE, /* the option only changes flags */
	VALUE_ALGORITHM,
	VALUE_CHECKPOINTS,
	VALUE_CONTENT_HASH,
	VALUE_EXCLUDE,
	VALUE_EXPLAIN,
	VALUE_FILES_FROM,
	VALUE_FORMAT,
	VALUE_HOLES,
	VALUE_INCLUDE,
	VALUE_JUNIT,
	VALUE_MANIFEST,
	VALUE_NO_CHECKPOINTS,
	VALUE_NO_EXPLAIN,
	VALUE_NO_PROGRESS,
	VALUE_OUTPUT,
	VALUE_PROGRESS,
	VALUE_THREADS
};

/* A row of the table: an option of some commands. */
struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* in brackets if it is optional; NULL: none */
	unsigned commands;    /* the set of commands that have the option */
	unsigned on, off;     /* flags that it sets and clears */
	enum option_value value;
	const char *help;
};

/* The last row has no name. */
extern const struct option_row option_rows[];

/* Parses the command line into app->options. Ends the program if it is invalid. */
void options_parse(struct app *app, int argc, char **argv);
void options_free(struct options *options);

/* The algorithm at the index; the default algorithm if the user named none. */
const char *options_algorithm(const struct options *options, size_t index);

/* The names of the library's own algorithms, or of their manifests, separated by commas. To be
   freed. */
char *builtin_names(bool of_manifests);

static inline bool is_stdin(const char *name)
{
	return name[0] == '-' && !name[1];
}

/* The operands; "-" if there are none. */
char **options_inputs(const struct options *options);

#endif
