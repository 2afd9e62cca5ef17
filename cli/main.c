/* SPDX-License-Identifier: MIT */
/* sparsesum: the table of commands, and what main() does before and after each command. */
#include <string.h>
#include <sys/stat.h>

#include "app.h"
#include "commands/commands.h"
#include "options/destination.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"
#include "output/text.h"
#include "output/unicode.h"

/* clang-format off */
static const struct command commands[] = {
	{"hash", HASH, "[FILE]...", 0, -1, 1, true, cmd_hash,
	 "Print digests of files, as sha1sum prints them",
	 "Reads standard input if there is no FILE, or if FILE is -. With several algorithms,\n"
	 "lines have the form ALG (NAME) = DIGEST, so that each names its algorithm."},
	{"check", CHECK, "[MANIFEST]...", 0, -1, 1, true, cmd_check,
	 "Check the files that manifests list, as sha1sum --check does",
	 "Names are relative to the current directory. Reads standard input if there is no\n"
	 "MANIFEST, or if MANIFEST is -."},
	{"create", CREATE, "DIR", 1, 1, UNDECIDED, false, cmd_create,
	 "Write the manifest of a directory, and print its content hash",
	 "Writes DIR/SHA1SUMS, which lists every file, symlink and empty directory below DIR. The\n"
	 "file is replaced as a whole or not at all. With --format=bagit the payload is in DIR/data.\n"
	 "Entries that --include, --exclude or --files-from leave out are not listed. The command\n"
	 "verify reports them as extra, unless it is run with the same options."},
	{"verify", VERIFY, "DIR|FILE", 1, 1, UNDECIDED, false, cmd_verify,
	 "Verify a directory against its manifests",
	 "Every manifest at the top of DIR must list everything below DIR, and everything must be as\n"
	 "listed. A bag (BagIt) must be complete and valid. Nothing is changed.\n"
	 "A FILE is judged alone, by the manifest in the nearest directory above that lists it.\n"
	 "Exit status: 0 verified, 1 proven to differ, 2 could not be decided."},
	{"compare", COMPARE, "A B", 2, 2, UNDECIDED, false, cmd_compare,
	 "Compare two files or two directories by logical content",
	 "Holes and zeros are equal; if two files differ only in how they are stored, the output says\n"
	 "so. Differences with fewer than 4096 equal bytes between them are one range.\n"
	 "Exit status: 0 the same, 1 different, 2 could not be decided."},
	{"map", MAP, "FILE", 1, 1, UNDECIDED, false, cmd_map,
	 "Show where a file has data and where it has holes",
	 "Prints one line for each extent: its offset, its length in bytes and its kind."},
	{"explain", EXPLAIN, "FILE DIGEST", 2, 2, UNDECIDED, false, cmd_explain,
	 "Say why a digest is not the digest of a file",
	 "Reads FILE once and tests the known causes: only allocated data was hashed, padding,\n"
	 "another algorithm, another form of the digest ... Uses FILE.checkpoints if it exists.\n"
	 "Exit status: 0 it is the digest of FILE, 1 it is not, whether or not a cause was found,\n"
	 "2 could not be decided."},
	{NULL, 0, NULL, 0, 0, 0, false, NULL, NULL, NULL},
};
/* clang-format on */

static int main_run(struct app *app)
{
	const struct ssum_options settings = {
		.size = sizeof(settings),
		.holes = app->options->holes,
		.threads = app->options->threads,
		.progress = progress_tick,
		.user = &app->progress,
	};
	const struct list *manifests = &app->options->manifests;
	bool may_wait = app->command->streams;
	struct stat st;
	int code, status;

	app->began = seconds_now();
	if (asked(app, OPT_JSON))
		json_begin();
	progress_setup(&app->progress, app->options->progress, app->personality);
	destination_check(app);
	selection_begin(app);
	progress_begin(&app->progress);
	code = ssum_context_new(&settings, &app->context);
	if (code < 0)
		die("%s", ssum_strerror(code));
	/* A manifest that -m names may be a FIFO without a writer. */
	for (size_t i = 0; i < manifests->count; i++)
		may_wait |= !stat(manifests->items[i], &st) && S_ISFIFO(st.st_mode);
	/* A signal ends a personality at once and without a message, like the program that it
	   replaces. */
	if (!app->personality || app->progress.shown)
		signals_catch(app->personality ? NULL : app->context, may_wait);
	status = output_end(app->command->run(app));
	signals_release();
	ssum_context_free(app->context);
	return status;
}

static int main_version(const struct app *app)
{
	const char *unicode = unicode_library();

	if (app->personality)
		out("%s (" PROGRAM ") %s\n", app->personality->name, ssum_version());
	else
		out(unicode ? PROGRAM " %s\nbuilt with jansson " JANSSON_VERSION
				      ", libutf8proc %s\n"
			    : PROGRAM " %s\nbuilt with jansson " JANSSON_VERSION
				      ", without libutf8proc\n",
		    ssum_version(), unicode);
	return output_end(ALL_HOLDS);
}

static void main_choose(struct app *app, const struct command *command)
{
	app->command = command;
	app->output.error_status = command->error_status;
	app->output.messages_matter = command->bit & AS_SHA1SUM;
}

static void main_find(struct app *app, const char *name)
{
	const struct command *command = app->commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	if (!command->name)
		unknown_command(app, name);
	main_choose(app, command);
}

static int main_command(struct app *app, int argc, char **argv)
{
	struct options options;
	int status = ALL_HOLDS;

	app->options = &options;
	if (app->command->bit & AS_SHA1SUM)
		names_by_locale();
	options_parse(app, argc, argv);
	if (asked(app, OPT_HELP)) {
		help_command(app, option_rows);
		status = output_end(ALL_HOLDS);
	} else {
		status = asked(app, OPT_VERSION) ? main_version(app) : main_run(app);
	}
	options_free(&options);
	return status;
}

static bool main_asks_for_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

int main(int argc, char **argv)
{
	struct app app = {
		.commands = commands,
		.output = {.program = PROGRAM, .error_status = UNDECIDED},
		.directory = -1,
	};
	const struct command *personality = assume_personality(&app, argv[0]);

	if (personality)
		main_choose(&app, personality);
	output_begin(&app.output);
	if (personality)
		return main_command(&app, argc, argv);
	if (argc < 2)
		usage_error(&app, "missing command");
	if (!strcmp(argv[1], "--version"))
		return main_version(&app);
	if (main_asks_for_help(argv[1])) {
		/* 'help help' and 'help --help' print the general help. */
		if (argv[2] && argv[2][0] != '-' && !main_asks_for_help(argv[2])) {
			main_find(&app, argv[2]);
			help_command(&app, option_rows);
		} else {
			help_all(app.commands);
		}
		return output_end(ALL_HOLDS);
	}
	if (argv[1][0] == '-')
		usage_error(&app, "unrecognized option %s: a command comes first",
			    in_quotes(argv[1]));
	main_find(&app, argv[1]);
	return main_command(&app, argc - 1, argv + 1);
}
