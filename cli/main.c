/* SPDX-License-Identifier: MIT */
/* sparsesum: the commands, and what is done before and after each. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/names.h"
#include "base/output.h"
#include "base/progress.h"
#include "base/signals.h"
#include "base/unicode.h"
#include "base/units.h"
#include "commands/commands.h"
#include "options/command.h"
#include "options/options.h"
#include "options/parse.h"
#include "options/selection.h"
#include "options/usage.h"

/* clang-format off */
const struct command commands[] = {
	{"hash", HASH, "[FILE]...", 0, -1, 1, true, cmd_hash,
	 "Print digests of files, as sha1sum prints them",
	 "Without FILE, or where FILE is -, standard input is read. With several algorithms the\n"
	 "lines are tagged, since plain ones could not be told apart."},
	{"check", CHECK, "[MANIFEST]...", 0, -1, 1, true, cmd_check,
	 "Check the files that manifests list, as sha1sum --check does",
	 "Names are taken relative to the current directory. Without MANIFEST, or where MANIFEST\n"
	 "is -, standard input is read."},
	{"create", CREATE, "DIR", 1, 1, UNDECIDED, false, cmd_create,
	 "Write the manifest of a directory, and print its content hash",
	 "DIR/SHA1SUMS then lists every file, symbolic link and empty directory below DIR. It is\n"
	 "replaced as a whole or not at all. With --format=bagit the payload is in DIR/data.\n"
	 "What --include, --exclude or --files-from leave out is not listed: to verify it is extra,\n"
	 "unless it is given the same ones."},
	{"verify", VERIFY, "DIR", 1, 1, UNDECIDED, false, cmd_verify,
	 "Verify a directory against its manifests",
	 "Every manifest at the top of DIR must hold, and list all that is below DIR; a bag (BagIt)\n"
	 "must be complete and valid. Nothing is changed.\n"
	 "Exit status: 0 verified, 1 proven to differ, 2 could not be decided."},
	{"compare", COMPARE, "A B", 2, 2, UNDECIDED, false, cmd_compare,
	 "Compare two files or two directories by logical content",
	 "How the content is stored makes no difference, and is said where two files differ in it\n"
	 "alone. Differences with fewer than 4096 equal bytes between them are one range.\n"
	 "Exit status: 0 the same, 1 different, 2 could not be decided."},
	{"map", MAP, "FILE", 1, 1, UNDECIDED, false, cmd_map,
	 "Show where a file has data and where it has holes",
	 "Each line is an extent: its offset, its length in bytes, and its kind."},
	{"explain", EXPLAIN, "FILE DIGEST", 2, 2, UNDECIDED, false, cmd_explain,
	 "Say why a digest is not that of a file",
	 "One reading of FILE tells which of the known causes fits: only the allocated data was\n"
	 "hashed, padding, another algorithm, another spelling ... FILE.checkpoints is used if it\n"
	 "is there. Exit status: 0 the digest is FILE's own, 1 it is not, whether or not a cause\n"
	 "was found, 2 could not be decided."},
	{NULL, 0, NULL, 0, 0, 0, false, NULL, NULL, NULL},
};
/* clang-format on */

const struct command *current;

static const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	unknown_command(name);
}

static struct ssum_context *new_context(const struct options *options)
{
	struct ssum_options settings = {
		.size = sizeof(settings),
		.holes = options->holes,
		.threads = options->threads,
		.progress = progress_tick,
	};
	struct ssum_context *context;
	int code = ssum_context_new(&settings, &context);

	if (code < 0)
		die("%s", ssum_strerror(code));
	return context;
}

/* A manifest that -m names may be a FIFO that nobody writes to. */
static bool may_wait(const struct options *options)
{
	struct stat st;
	bool may = current->streams;

	for (size_t i = 0; i < options->manifests.count; i++)
		may |= !stat(options->manifests.items[i], &st) && S_ISFIFO(st.st_mode);
	return may;
}

static enum progress wanted_progress(const struct options *options)
{
	if (options->flags & OPT_PROGRESS)
		return PROGRESS_ALWAYS;
	return personality || options->flags & OPT_NO_PROGRESS ? PROGRESS_NEVER
							       : PROGRESS_ON_TERMINALS;
}

static int run_command(const struct options *options)
{
	struct run run = {.options = options, .began = seconds_now()};
	int status;

	json_begin();
	progress_setup(wanted_progress(options), personality);
	selection_begin(options);
	progress_begin();
	run.context = new_context(options);
	/* A personality dies by a signal at once and as silently as the program. */
	if (!personality)
		signals_catch(run.context, may_wait(options));
	status = output_end(current->run(&run));
	signals_release();
	ssum_context_free(run.context);
	return status;
}

/* The libraries that a build may lack; their version is NULL then. */
static const struct {
	const char *name;
	const char *(*version)(void);
} libraries[] = {
	{"libutf8proc", unicode_library},
};

static int print_version(void)
{
	if (personality) {
		out("%s (" PROGRAM ") %s\n", personality->name, ssum_version());
		return output_end(ALL_HOLDS);
	}
	out(PROGRAM " %s\nbuilt with jansson " JANSSON_VERSION, ssum_version());
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		const char *version = libraries[i].version();

		out(version ? ", %s %s" : ", without %s", libraries[i].name, version);
	}
	out("\n");
	return output_end(ALL_HOLDS);
}

static int print_help(const struct command *command)
{
	if (command)
		help_command(command);
	else
		help_all();
	return output_end(ALL_HOLDS);
}

static int parse_and_run(int argc, char **argv)
{
	struct options options;
	int status;

	if (current->bit & AS_SHA1SUM)
		names_by_locale();
	options_parse(&options, argc, argv);
	if (options.flags & OPT_HELP)
		status = print_help(current);
	else if (options.flags & OPT_VERSION)
		status = print_version();
	else
		status = run_command(&options);
	options_free(&options);
	return status;
}

static bool asks_for_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* Of one command, or of all: also to whoever asks twice, as in 'help help' and 'help --help'. */
static int help_on(const char *word)
{
	return print_help(word && *word != '-' && !asks_for_help(word) ? find_command(word) : NULL);
}

static void choose(const struct command *command)
{
	current = command;
	output_for(command->trouble, command->bit & AS_SHA1SUM);
}

int main(int argc, char **argv)
{
	const struct command *called = assume_personality(argv[0]);

	if (called)
		choose(called);
	output_begin();
	if (called)
		return parse_and_run(argc, argv);
	if (argc < 2)
		usage_error("missing command");
	if (!strcmp(argv[1], "--version"))
		return print_version();
	if (asks_for_help(argv[1]))
		return help_on(argv[2]);
	if (argv[1][0] == '-')
		usage_error("unrecognized option %s: a command comes first", in_quotes(argv[1]));
	choose(find_command(argv[1]));
	return parse_and_run(argc - 1, argv + 1);
}
