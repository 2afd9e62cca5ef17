/* SPDX-License-Identifier: MIT */
/* The options of all commands: one table, by which they are parsed and explained. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/units.h"
#include "options/command.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/usage.h"

#define MAX_THREADS 1024
#define CHECKPOINT_UNIT 4096

static void take_algorithm(struct options *options, const char *value)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct list *list = &options->algorithms;

	if (ssum_algorithm(value, &info) != 0)
		usage_error("unknown algorithm %s; built in are %s, and any digest of fixed "
			    "length that libcrypto has will do",
			    in_quotes(value), builtin_names(false));
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], info.name))
			usage_error("the algorithm %s is given twice", info.name);
	if (list->count == 1 && !(current->bit & (HASH | CREATE)))
		usage_error("%s takes one algorithm only", current->name);
	list_add(list, copy_string(info.name));
}

static void take_manifest(struct options *options, const char *value)
{
	list_add(&options->manifests, copy_string(value));
}

static void take_include(struct options *options, const char *value)
{
	selection_add_rule(&options->selection, true, value);
}

static void take_exclude(struct options *options, const char *value)
{
	selection_add_rule(&options->selection, false, value);
}

static void take_files_from(struct options *options, const char *value)
{
	selection_add_names(&options->selection, value);
}

static void take_junit(struct options *options, const char *value)
{
	options->junit = value;
}

static void take_format(struct options *options, const char *value)
{
	options->format = value;
}

static void take_output(struct options *options, const char *value)
{
	if (!strcmp(value, "-"))
		usage_error("-o - would be a file of that name: if that is meant, write -o ./-");
	options->output = value;
}

static void take_content_hash(struct options *options, const char *value)
{
	if (ssum_digest_parse(value, &options->content_hash) != 0)
		usage_error("%s is no content hash: it must be hexadecimal digits, two for each "
			    "byte of a digest",
			    in_quotes(value));
	options->has_content_hash = true;
}

static void take_checkpoints(struct options *options, const char *value)
{
	options->checkpoints = 0;
	if (!value)
		return;
	if (!parse_size(value, &options->checkpoints) || !options->checkpoints ||
	    options->checkpoints % CHECKPOINT_UNIT || options->checkpoints > INT64_MAX)
		usage_error("%s is no distance between checkpoints: it must be a multiple of %d "
			    "bytes, as in 16777216, 64K or 16M",
			    in_quotes(value), CHECKPOINT_UNIT);
}

static void take_no_checkpoints(struct options *options, const char *value)
{
	(void)value;
	options->checkpoints = SSUM_NO_CHECKPOINTS;
}

static void take_no_explain(struct options *options, const char *value)
{
	(void)value;
	options->explain = 0;
}

static void take_explain(struct options *options, const char *value)
{
	char *end;

	if (!strcmp(value, "all")) {
		options->explain = UINT64_MAX;
		return;
	}
	errno = 0;
	options->explain = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno)
		usage_error("%s is no number of files to explain: it must be a number or all",
			    in_quotes(value));
}

static void take_threads(struct options *options, const char *value)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || !number || number > MAX_THREADS)
		usage_error("%s is no number of threads: it must be 1 to %d", in_quotes(value),
			    MAX_THREADS);
	options->threads = (unsigned)number;
}

static void take_holes(struct options *options, const char *value)
{
	static const char *const words[] = {
		[SSUM_HOLES_AUTO] = "auto",
		[SSUM_HOLES_TRUST] = "trust",
		[SSUM_HOLES_VERIFY] = "verify",
		[SSUM_HOLES_READ] = "read",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(value, words[i])) {
			options->holes = (enum ssum_holes)i;
			return;
		}
	usage_error("%s is no way to treat holes: it must be auto, trust, verify or read",
		    in_quotes(value));
}

/* clang-format off */
const struct option_row option_rows[] = {
	{'a', "algorithm", "ALG", HASH | CREATE, 0, 0, take_algorithm,
	 "use the digest ALG instead of sha1; may be given several times"},
	{'a', "algorithm", "ALG", CHECK, 0, 0, take_algorithm,
	 "the manifests list digests by ALG instead of sha1"},
	{'a', "algorithm", "ALG", VERIFY, 0, 0, take_algorithm,
	 "the manifests named with -m list digests by ALG"},
	{'a', "algorithm", "ALG", EXPLAIN, 0, 0, take_algorithm,
	 "DIGEST is by ALG (default: md5, or the one of the SHA family, with digests that long)"},
	{'r', "recursive", NULL, HASH, OPT_RECURSIVE, 0, NULL,
	 "hash the regular files below each directory named"},
	/* From here to text: in the order in which sha1sum tells what an abbreviation may mean. */
	{'c', "check", NULL, SUM, OPT_CHECK, 0, NULL,
	 "read digests from the FILEs and check them"},
	{0, "ignore-missing", NULL, CHECK | SUM, OPT_IGNORE_MISSING, 0, NULL,
	 "say nothing of files that are not there"},
	{0, "quiet", NULL, CHECK | SUM, OPT_QUIET, OPT_STATUS | OPT_WARN, NULL,
	 "print no OK for files that match"},
	{0, "status", NULL, CHECK | SUM, OPT_STATUS, OPT_QUIET | OPT_WARN, NULL,
	 "print nothing: the exit status says it all"},
	{'w', "warn", NULL, CHECK | SUM, OPT_WARN, OPT_QUIET | OPT_STATUS, NULL,
	 "name each line that is improperly formatted"},
	{0, "strict", NULL, CHECK | SUM, OPT_STRICT, 0, NULL,
	 "fail if a line is improperly formatted"},
	{0, "tag", NULL, HASH | SUM, OPT_TAG, OPT_TEXT, NULL,
	 "print lines as BSD does: ALG (NAME) = DIGEST"},
	{'z', "zero", NULL, HASH | SUM, OPT_ZERO, 0, NULL,
	 "end each line in NUL, and escape no names"},
	{'b', "binary", NULL, HASH | SUM, OPT_BINARY, OPT_TEXT, NULL,
	 "print '*' before each name; the same bytes are read"},
	{'t', "text", NULL, HASH | SUM, OPT_TEXT, OPT_BINARY, NULL,
	 "print a blank before each name (default)"},
	{'o', "output", "MANIFEST", CREATE, 0, 0, take_output,
	 "write MANIFEST instead of DIR/SHA1SUMS"},
	{0, "checkpoints", "[BYTES]", HASH, OPT_CHECKPOINTS, 0, take_checkpoints,
	 "write FILE.checkpoints too, one for every BYTES of it (default: 16M)"},
	{0, "checkpoints", "[BYTES]", CREATE, 0, 0, take_checkpoints,
	 "one checkpoint for every BYTES of longer files (default: 16M)"},
	{0, "no-checkpoints", NULL, CREATE, 0, 0, take_no_checkpoints,
	 "write no checkpoints"},
	{0, "no-checkpoints", NULL, VERIFY, 0, 0, take_no_checkpoints,
	 "read each file in one chain, as if there were no checkpoints"},
	{'m', "manifest", "MANIFEST", VERIFY, 0, 0, take_manifest,
	 "verify by MANIFEST, not by those in DIR; may be given several times"},
	{0, "format", "FORMAT", VERIFY, 0, 0, take_format,
	 "read manifests of FORMAT: sums, bagit, hashdeep or mtree (default: by their contents)"},
	{0, "format", "FORMAT", CREATE, 0, 0, take_format,
	 "sums: write manifests as sha1sum does (default); bagit: make DIR, with DIR/data, a bag"},
	{0, "content-hash", "HEX", VERIFY, 0, 0, take_content_hash,
	 "a manifest must have this content hash"},
	{0, "allow-extra", NULL, VERIFY, OPT_ALLOW_EXTRA, 0, NULL,
	 "report what is not listed, but let it pass"},
	{0, "resume", NULL, CREATE | VERIFY, OPT_RESUME, 0, NULL,
	 "go on where an interrupted run stood, with the files that are unchanged since"},
	{0, "explain", "N", VERIFY, 0, 0, take_explain,
	 "say why for the first N files that differ, or all (default: 16)"},
	{0, "no-explain", NULL, VERIFY, 0, 0, take_no_explain,
	 "read no file once more to say why it differs"},
	{0, "repair-list", NULL, VERIFY, OPT_REPAIR_LIST, 0, NULL,
	 "print what to fetch again and nothing else: OFFSET LENGTH FIRST-LAST NAME"},
	{'q', "quiet", NULL, CREATE, OPT_QUIET, 0, NULL,
	 "print the content hash alone"},
	{'q', "quiet", NULL, VERIFY, OPT_QUIET, OPT_VERBOSE, NULL,
	 "print problems only"},
	{0, "ranges", NULL, COMPARE, OPT_RANGES, OPT_QUIET, NULL,
	 "print each range of two files that differs, and nothing else: OFFSET LENGTH FIRST-LAST"},
	{'q', "quiet", NULL, COMPARE, OPT_QUIET, OPT_RANGES, NULL,
	 "print nothing: the exit status says it all"},
	{'v', "verbose", NULL, VERIFY, OPT_VERBOSE, OPT_QUIET, NULL,
	 "list the entries that hold too"},
	{0, "include", "PATTERN", SELECTING, 0, 0, take_include,
	 "what matches takes part, whatever a later --exclude says; may be given several times"},
	{0, "exclude", "PATTERN", SELECTING, 0, 0, take_exclude,
	 "what matches takes no part, and of a directory nothing below it; may be given several times"},
	{0, "files-from", "FILE", SELECTING, 0, 0, take_files_from,
	 "only the names in FILE take part, of a directory all below it; - is standard input"},
	{'0', "null", NULL, SELECTING, OPT_NULL, 0, NULL,
	 "each name in that FILE ends in NUL, not in a newline"},
	{0, "junit", "FILE", VERIFY | COMPARE, 0, 0, take_junit,
	 "write FILE as JUnit XML too: a test case for each entry"},
	{0, "json", NULL, EVERYWHERE, OPT_JSON, 0, NULL,
	 "print results as JSON, one object a line"},
	{'j', "threads", "N", EVERYWHERE | SUM_TOO, 0, 0, take_threads,
	 "use N threads (default: one for each CPU)"},
	{0, "holes", "HOW", EVERYWHERE | SUM_TOO, 0, 0, take_holes,
	 "auto: skip holes on file systems known to tell the truth (default); "
	 "trust: on all; verify: read them too, and fail if one holds data; read: never ask"},
	{0, "progress", NULL, EVERYWHERE | SUM_TOO, OPT_PROGRESS, OPT_NO_PROGRESS, NULL,
	 "show progress even if standard error is no terminal"},
	{0, "no-progress", NULL, EVERYWHERE | SUM_TOO, OPT_NO_PROGRESS, OPT_PROGRESS, NULL,
	 "never show progress"},
	{'h', "help", NULL, EVERYWHERE, OPT_HELP, 0, NULL, "print this and end"},
	{0, "help", NULL, SUM, OPT_HELP, 0, NULL, "print this and end"},
	{0, "version", NULL, EVERYWHERE | SUM, OPT_VERSION, 0, NULL, "print the version and end"},
};
/* clang-format on */

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= MAX_OPTIONS, "table too long");

const size_t option_count = sizeof(option_rows) / sizeof(option_rows[0]);

void options_free(struct options *options)
{
	list_free(&options->algorithms);
	list_free(&options->manifests);
	selection_free(options->selection);
}

/* The algorithm at index, where none given stands for the default. */
const char *algorithm_at(const struct options *options, size_t index)
{
	return options->algorithms.count ? options->algorithms.items[index] : "sha1";
}

/* The library's own algorithms, or the names of their manifests, parted by commas. */
char *builtin_names(bool of_manifests)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	const char *name;
	char *text = copy_string("");

	for (size_t i = 0; (name = ssum_algorithm_name(i)); i++) {
		char *longer;

		if (of_manifests && ssum_algorithm(name, &info) == 0)
			name = info.manifest;
		longer = allocate(strlen(text) + strlen(name) + 3);
		stpcpy(stpcpy(stpcpy(longer, text), i ? ", " : ""), name);
		free(text);
		text = longer;
	}
	return text;
}
