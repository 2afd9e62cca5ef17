/* SPDX-License-Identifier: MIT */
/* The table of options of all commands, and the parser of the command line, which uses it and
   getopt_long(). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/options.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/names.h"
#include "output/text.h"

#define MAX_THREADS 1024
#define CHECKPOINT_UNIT 4096

/* How many files verify explains by default. If more differ, the cause is most likely the same. */
#define EXPLAINED_DEFAULT 16

/* clang-format off */
const struct option_row option_rows[] = {
	{'a', "algorithm", "ALG", HASH | CREATE, 0, 0, VALUE_ALGORITHM,
	 "use the algorithm ALG instead of sha1; may be given several times"},
	{'a', "algorithm", "ALG", CHECK, 0, 0, VALUE_ALGORITHM,
	 "the manifests contain digests of ALG instead of sha1"},
	{'a', "algorithm", "ALG", VERIFY, 0, 0, VALUE_ALGORITHM,
	 "the manifests named with -m contain digests of ALG"},
	{'a', "algorithm", "ALG", EXPLAIN, 0, 0, VALUE_ALGORITHM,
	 "the algorithm of DIGEST (default: md5, or the SHA algorithm with digests of this length)"},
	{'r', "recursive", NULL, HASH, OPT_RECURSIVE, 0, VALUE_NONE,
	 "hash all regular files below each FILE that is a directory"},
	/* From here to "text": the order in which sha1sum lists the options that an abbreviation
	   may mean. */
	{'c', "check", NULL, SUM, OPT_CHECK, 0, VALUE_NONE,
	 "read digests from the FILEs and check them"},
	{0, "ignore-missing", NULL, CHECK | SUM, OPT_IGNORE_MISSING, 0, VALUE_NONE,
	 "do not fail or report status for missing files"},
	{0, "quiet", NULL, CHECK | SUM, OPT_QUIET, OPT_STATUS | OPT_WARN, VALUE_NONE,
	 "do not print OK for files that match"},
	{0, "status", NULL, CHECK | SUM, OPT_STATUS, OPT_QUIET | OPT_WARN, VALUE_NONE,
	 "print nothing; the exit status is the result"},
	{'w', "warn", NULL, CHECK | SUM, OPT_WARN, OPT_QUIET | OPT_STATUS, VALUE_NONE,
	 "report each improperly formatted line"},
	{0, "strict", NULL, CHECK | SUM, OPT_STRICT, 0, VALUE_NONE,
	 "exit with status 1 if a line is improperly formatted"},
	{0, "tag", NULL, HASH | SUM, OPT_TAG, OPT_TEXT, VALUE_NONE,
	 "print lines in BSD style: ALG (NAME) = DIGEST"},
	{'z', "zero", NULL, HASH | SUM, OPT_ZERO, 0, VALUE_NONE,
	 "end each line with NUL, and do not escape names"},
	{'b', "binary", NULL, HASH | SUM, OPT_BINARY, OPT_TEXT, VALUE_NONE,
	 "print '*' before each name; the digest is the same"},
	{'t', "text", NULL, HASH | SUM, OPT_TEXT, OPT_BINARY, VALUE_NONE,
	 "print a space before each name (default)"},
	{'o', "output", "MANIFEST", CREATE, 0, 0, VALUE_OUTPUT,
	 "write MANIFEST instead of DIR/SHA1SUMS"},
	{0, "checkpoints", "[BYTES]", HASH, OPT_CHECKPOINTS, 0, VALUE_CHECKPOINTS,
	 "also write FILE.checkpoints, with a checkpoint after every BYTES (default: 16M)"},
	{0, "checkpoints", "[BYTES]", CREATE, 0, 0, VALUE_CHECKPOINTS,
	 "write a checkpoint after every BYTES of larger files (default: 16M)"},
	{0, "no-checkpoints", NULL, CREATE, 0, 0, VALUE_NO_CHECKPOINTS,
	 "do not write checkpoints"},
	{0, "no-checkpoints", NULL, VERIFY | CHECK, 0, 0, VALUE_NO_CHECKPOINTS,
	 "ignore checkpoints, and hash each file in sequence"},
	{'m', "manifest", "MANIFEST", VERIFY, 0, 0, VALUE_MANIFEST,
	 "verify against MANIFEST instead of the manifests in DIR; may be given several times"},
	{0, "format", "FORMAT", VERIFY, 0, 0, VALUE_FORMAT,
	 "the format of the manifests: sums, bagit, hashdeep, mtree or tagged (default: recognise it)"},
	{0, "format", "FORMAT", CREATE, 0, 0, VALUE_FORMAT,
	 "sums: write manifests like sha1sum (default); bagit: make DIR, with its payload DIR/data, a bag"},
	{0, "content-hash", "HEX", VERIFY, 0, 0, VALUE_CONTENT_HASH,
	 "require that a manifest has this content hash"},
	{0, "allow-changed", NULL, CREATE, OPT_ALLOW_CHANGED, 0, VALUE_NONE,
	 "write the manifest although files changed after they were hashed"},
	{0, "portable", NULL, CREATE, OPT_PORTABLE, 0, VALUE_NONE,
	 "warn of entries that Windows, FAT or exFAT cannot store"},
	{0, "allow-extra", NULL, VERIFY, OPT_ALLOW_EXTRA, 0, VALUE_NONE,
	 "report unlisted entries, but accept them"},
	{0, "resume", NULL, CREATE | VERIFY, OPT_RESUME, 0, VALUE_NONE,
	 "continue an interrupted run; use its results for files that have not changed since"},
	{0, "explain", "N", VERIFY, 0, 0, VALUE_EXPLAIN,
	 "explain why files differ: the first N of them, or all (default: 16)"},
	{0, "no-explain", NULL, VERIFY, 0, 0, VALUE_NO_EXPLAIN,
	 "do not read files that differ again to explain them"},
	{0, "repair-list", NULL, VERIFY, OPT_REPAIR_LIST, 0, VALUE_NONE,
	 "print only the ranges to fetch again: OFFSET LENGTH FIRST-LAST NAME URL"},
	{'q', "quiet", NULL, CREATE, OPT_QUIET, 0, VALUE_NONE,
	 "print only the content hash"},
	{'q', "quiet", NULL, VERIFY, OPT_QUIET, OPT_VERBOSE, VALUE_NONE,
	 "print only problems"},
	{0, "ranges", NULL, COMPARE, OPT_RANGES, OPT_QUIET, VALUE_NONE,
	 "print only the ranges in which two files differ: OFFSET LENGTH FIRST-LAST"},
	{'q', "quiet", NULL, COMPARE, OPT_QUIET, OPT_RANGES, VALUE_NONE,
	 "print nothing; the exit status is the result"},
	{'v', "verbose", NULL, VERIFY, OPT_VERBOSE, OPT_QUIET, VALUE_NONE,
	 "also list the entries that hold"},
	{0, "include", "PATTERN", SELECTING, 0, 0, VALUE_INCLUDE,
	 "select matching entries, even if a later --exclude matches; may be given several times"},
	{0, "exclude", "PATTERN", SELECTING, 0, 0, VALUE_EXCLUDE,
	 "skip matching entries, and everything below matching directories; may be given several times"},
	{0, "files-from", "FILE", SELECTING, 0, 0, VALUE_FILES_FROM,
	 "select only the names in FILE, and everything below directories; - is standard input"},
	{'0', "null", NULL, SELECTING, OPT_NULL, 0, VALUE_NONE,
	 "names in that FILE end in NUL, not in a newline"},
	{0, "junit", "FILE", VERIFY | COMPARE, 0, 0, VALUE_JUNIT,
	 "also write FILE as JUnit XML, with a test case for each entry"},
	{0, "json", NULL, EVERYWHERE, OPT_JSON, 0, VALUE_NONE,
	 "print results as JSON, one object per line"},
	{'j', "threads", "N", EVERYWHERE | SUM_TOO, 0, 0, VALUE_THREADS,
	 "use N threads (default: one per CPU)"},
	{0, "holes", "HOW", EVERYWHERE | SUM_TOO, 0, 0, VALUE_HOLES,
	 "auto: skip holes on file systems that report them reliably (default); trust: on all; verify: read holes too, and fail if one contains data; read: do not look for holes"},
	{0, "progress", "[HOW]", EVERYWHERE | SUM_TOO, 0, 0, VALUE_PROGRESS,
	 "show progress even if standard error is not a terminal; text: in words (default); json: as one object every second"},
	{0, "no-progress", NULL, EVERYWHERE | SUM_TOO, 0, 0, VALUE_NO_PROGRESS,
	 "do not show progress"},
	{'h', "help", NULL, EVERYWHERE, OPT_HELP, 0, VALUE_NONE, "print this help and exit"},
	{0, "help", NULL, SUM, OPT_HELP, 0, VALUE_NONE, "print this help and exit"},
	{0, "version", NULL, EVERYWHERE | SUM, OPT_VERSION, 0, VALUE_NONE, "print the version and exit"},
	{0, NULL, NULL, 0, 0, 0, VALUE_NONE, NULL},
};
/* clang-format on */

#define OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]) - 1)

char **options_inputs(const struct options *options)
{
	static char dash[] = "-";
	static char *stdin_alone[] = {dash, NULL};

	return *options->operands ? options->operands : stdin_alone;
}

const char *options_algorithm(const struct options *options, size_t index)
{
	return options->algorithms.count ? options->algorithms.items[index] : "sha1";
}

char *builtin_names(bool of_manifests)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	const char *name;
	size_t length;
	char *text;
	FILE *stream = text_stream(&text, &length);

	for (size_t i = 0; (name = ssum_algorithm_name(i)); i++) {
		if (of_manifests && ssum_algorithm(name, &info) == 0)
			name = info.manifest;
		fprintf(stream, "%s%s", i ? ", " : "", name);
	}
	text_stream_end(stream);
	return text;
}

void options_free(struct options *options)
{
	list_free(&options->algorithms);
	list_free(&options->manifests);
	selection_free(options->selection);
}

/* ---- Values ---- */

static void options_add_algorithm(struct app *app, const char *value)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct list *list = &app->options->algorithms;

	if (ssum_algorithm(value, &info) != 0)
		usage_error(
			app,
			"unknown algorithm %s: use one of %s, or any digest of fixed length that libcrypto supports",
			in_quotes(value), builtin_names(false));
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], info.name))
			usage_error(app, "the algorithm %s is given twice", info.name);
	if (list->count == 1 && !(app->command->bit & (HASH | CREATE)))
		usage_error(app, "%s takes one algorithm only", app->command->name);
	list_add(list, copy_string(info.name));
}

static enum ssum_holes options_holes(struct app *app, const char *value)
{
	static const char *const words[] = {
		[SSUM_HOLES_AUTO] = "auto",
		[SSUM_HOLES_TRUST] = "trust",
		[SSUM_HOLES_VERIFY] = "verify",
		[SSUM_HOLES_READ] = "read",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(value, words[i]))
			return (enum ssum_holes)i;
	usage_error(app, "invalid --holes value %s: use auto, trust, verify or read",
		    in_quotes(value));
}

static void options_set(struct app *app, enum option_value kind, const char *value)
{
	struct options *options = app->options;
	uint64_t number;

	switch (kind) {
	case VALUE_NONE:
		break;
	case VALUE_ALGORITHM:
		options_add_algorithm(app, value);
		break;
	case VALUE_CHECKPOINTS:
		options->checkpoints = 0;
		if (value &&
		    (!parse_size(value, &options->checkpoints) || !options->checkpoints ||
		     options->checkpoints % CHECKPOINT_UNIT || options->checkpoints > INT64_MAX))
			usage_error(
				app,
				"invalid --checkpoints value %s: use a multiple of %d bytes, such as 16777216, 64K or 16M",
				in_quotes(value), CHECKPOINT_UNIT);
		break;
	case VALUE_CONTENT_HASH:
		if (ssum_digest_parse(value, &options->content_hash) != 0)
			usage_error(
				app,
				"invalid content hash %s: use hexadecimal digits, two for each byte of a digest",
				in_quotes(value));
		options->has_content_hash = true;
		break;
	case VALUE_EXCLUDE:
	case VALUE_INCLUDE:
		selection_add_rule(app, kind == VALUE_INCLUDE, value);
		break;
	case VALUE_EXPLAIN:
		options->explain = UINT64_MAX;
		if (strcmp(value, "all") != 0 && !parse_number(value, &options->explain))
			usage_error(app, "invalid --explain value %s: use a number of files or all",
				    in_quotes(value));
		break;
	case VALUE_FILES_FROM:
		selection_add_names(app, value);
		break;
	case VALUE_FORMAT:
		options->format = value;
		break;
	case VALUE_HOLES:
		options->holes = options_holes(app, value);
		break;
	case VALUE_JUNIT:
		options->junit = value;
		break;
	case VALUE_MANIFEST:
		list_add(&options->manifests, copy_string(value));
		break;
	case VALUE_NO_CHECKPOINTS:
		options->checkpoints = SSUM_NO_CHECKPOINTS;
		break;
	case VALUE_NO_EXPLAIN:
		options->explain = 0;
		break;
	case VALUE_NO_PROGRESS:
		options->progress = PROGRESS_NEVER;
		break;
	case VALUE_OUTPUT:
		if (is_stdin(value))
			usage_error(
				app,
				"-o - does not mean standard output: use -o ./- for a file with this name");
		options->output = value;
		break;
	case VALUE_PROGRESS:
		if (value && strcmp(value, "json") != 0 && strcmp(value, "text") != 0)
			usage_error(app, "invalid --progress value %s: use text or json",
				    in_quotes(value));
		options->progress = value && *value == 'j' ? PROGRESS_JSON : PROGRESS_ALWAYS;
		break;
	case VALUE_THREADS:
		if (!parse_number(value, &number) || !number || number > MAX_THREADS)
			usage_error(app, "invalid number of threads %s: use 1 to %d",
				    in_quotes(value), MAX_THREADS);
		options->threads = (unsigned)number;
		break;
	}
}

/* ---- The command line ---- */

/* getopt_long() returns this plus the row for long options. It is greater than any letter. */
#define LONG_BASE 256

/*
 * The options of a command in the form that getopt_long() needs. The additional options of a
 * personality are separate: abbreviations must mean the same as in the original program.
 */
struct grammar {
	char letters[2 * OPTION_ROWS + 2];
	struct option longs[OPTION_ROWS + 1], additions[OPTION_ROWS + 1];
};

static void grammar_build(struct grammar *grammar, const struct app *app)
{
	struct option *next = grammar->longs, *addition = grammar->additions;
	char *letter = grammar->letters;

	memset(grammar, 0, sizeof(*grammar));
	*letter++ = ':'; /* distinguish a missing argument from an unknown option */
	for (size_t i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];
		const struct option option = {
			.name = row->name,
			.has_arg = !row->argument          ? no_argument
				   : *row->argument == '[' ? optional_argument
							   : required_argument,
			.val = LONG_BASE + (int)i,
		};

		if (row->commands & app->command->bit)
			*next++ = option;
		else if (app->personality && row->commands & SUM_TOO)
			*addition++ = option;
		else
			continue;
		if (row->letter) {
			*letter++ = row->letter;
			if (row->argument)
				*letter++ = ':';
		}
	}
}

/* The row for a value that getopt_long() returned. */
static const struct option_row *options_row(const struct app *app, int value)
{
	unsigned sets = app->command->bit | (app->personality ? SUM_TOO : 0);
	size_t i = 0;

	if (value >= LONG_BASE)
		return &option_rows[value - LONG_BASE];
	while (option_rows[i].letter != value || !(option_rows[i].commands & sets))
		i++;
	return &option_rows[i];
}

/* A personality does not escape the argument, like getopt() in the original program. */
static const char *options_as_typed(const struct app *app, const char *word)
{
	return app->personality ? format_text("'%s'", word) : in_quotes(word);
}

/* The length of the name in "--name=value". */
static size_t option_length(const char *word)
{
	return strcspn(word + 2, "=");
}

/* The messages of getopt_long(). They are printed here because it does not escape the arguments. */
static _Noreturn void options_refuse(const struct app *app, const struct option *longs, int result,
				     const char *word)
{
	const char letter[2] = {(char)optopt, '\0'};
	char list[OPTION_ROWS * 32] = "", *end = list;
	unsigned candidates = 0;

	if (optopt >= LONG_BASE)
		usage_error(app,
			    result == ':' ? "option '--%s' requires an argument"
					  : "option '--%s' doesn't allow an argument",
			    option_rows[optopt - LONG_BASE].name);
	if (optopt)
		usage_error(app,
			    result == ':' ? "option requires an argument -- %s"
					  : "invalid option -- %s",
			    options_as_typed(app, letter));
	for (; longs->name; longs++) {
		if (strncmp(longs->name, word + 2, option_length(word)))
			continue;
		candidates++;
		end += snprintf(end, (size_t)(list + sizeof(list) - end), " '--%s'", longs->name);
	}
	if (candidates > 1)
		usage_error(app, "option %s is ambiguous; possibilities:%s",
			    options_as_typed(app, word), list);
	usage_error(app, "unrecognized option %s", options_as_typed(app, word));
}

/* Calls getopt_long(); if it does not know the option, again with the additional options of a
   personality. */
static int options_next(int argc, char **argv, const struct grammar *grammar)
{
	int result = getopt_long(argc, argv, grammar->letters, grammar->longs, NULL);
	const struct option *addition = grammar->additions;
	const char *word;

	if (result != '?' || optopt)
		return result;
	word = argv[optind - 1];
	while (addition->name && (strlen(addition->name) != option_length(word) ||
				  strncmp(addition->name, word + 2, option_length(word)) != 0))
		addition++;
	if (!addition->name)
		return result;
	optind--;
	return getopt_long(argc, argv, grammar->letters, grammar->additions, NULL);
}

void options_parse(struct app *app, int argc, char **argv)
{
	const struct command *command = app->command;
	struct options *options = app->options;
	struct grammar grammar;
	int result, count;

	grammar_build(&grammar, app);
	*options = (struct options){
		.explain = EXPLAINED_DEFAULT,
		.progress = app->personality ? PROGRESS_NEVER : PROGRESS_ON_TERMINALS,
	};
	if (app->personality)
		list_add(&options->algorithms, copy_string(app->personality->algorithm));
	opterr = 0;
	while ((result = options_next(argc, argv, &grammar)) != -1) {
		const struct option_row *row;

		if (result == '?' || result == ':')
			options_refuse(app, grammar.longs, result, argv[optind - 1]);
		row = options_row(app, result);
		options->flags = (options->flags & ~row->off) | row->on;
		options_set(app, row->value, optarg);
		if (options->flags & (OPT_HELP | OPT_VERSION))
			return;
	}
	options->operands = argv + optind;
	count = argc - optind;
	if (count < command->least)
		usage_error(app, "missing operand: %s takes %s", command->name, command->usage);
	if (command->most >= 0 && count > command->most)
		usage_error(app, "extra operand %s: %s takes %s",
			    in_quotes(options->operands[command->most]), command->name,
			    command->usage);
}
