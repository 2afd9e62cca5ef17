/* SPDX-License-Identifier: MIT */
/* Help, and messages about an invalid command line. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/options.h"
#include "options/usage.h"
#include "output/names.h"

#define HELP_COLUMN 28
#define HELP_WIDTH 52
#define LONGEST_COMMAND 15

void help_all(const struct command *commands)
{
	out("Usage: " PROGRAM " COMMAND [OPTION]... [OPERAND]...\n"
	    "Compute and verify digests of files. A sparse and a dense file with the same content "
	    "have\n"
	    "the same digest.\n\n"
	    "Commands:\n");
	for (const struct command *command = commands; command->name; command++)
		out("  %-8s  %s\n", command->name, command->summary);
	out("\nFor the options of a command: '" PROGRAM " COMMAND --help', or '" PROGRAM
	    " help COMMAND'.\n"
	    "Exit status of hash and check: 0, or 1 if anything failed. Other commands: 0 if "
	    "everything\n"
	    "holds, 1 if a difference is proven, 2 if it could not be decided.\n");
}

static void help_option(const struct option_row *row)
{
	const char *argument = row->argument ? row->argument : "", *text = row->help;
	bool is_optional = *argument == '[';
	char left[HELP_COLUMN + 1];

	snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", row->letter ? '-' : ' ',
		 row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
		 is_optional ? "[="
		 : *argument ? "="
			     : "",
		 is_optional ? argument + 1 : argument);
	out("%-*s", HELP_COLUMN, left);
	/* Break lines at HELP_WIDTH columns, and indent all but the first. */
	while (strlen(text) > HELP_WIDTH) {
		int length = HELP_WIDTH;

		while (text[length] != ' ')
			length--;
		out("%.*s\n%*s", length, text, HELP_COLUMN, "");
		text += length + 1;
	}
	out("%s\n", text);
}

void help_command(const struct app *app, const struct option_row *rows)
{
	const struct command *command = app->command;
	const struct option_row *row;

	out("Usage: %s%s%s [OPTION]... %s\n%s.\n\n%s\n\nOptions:\n", app->output.program,
	    app->personality ? "" : " ", app->personality ? "" : command->name, command->usage,
	    command->summary, command->details);
	for (row = rows; row->name; row++)
		if (row->commands & command->bit)
			help_option(row);
	if (!app->personality)
		return;
	out("\nAdded by " PROGRAM " (no abbreviations):\n");
	for (row = rows; row->name; row++)
		if (row->commands & SUM_TOO)
			help_option(row);
}

void usage_error(const struct app *app, const char *format, ...)
{
	bool is_command = app->command && !app->personality;
	va_list arguments;

	fprintf(stderr, "%s: ", app->output.program);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry '%s%s%s --help' for more information.\n", app->output.program,
		is_command ? " " : "", is_command ? app->command->name : "");
	exit(app->output.error_status);
}

/* The maximum edit distance for "did you mean". */
#define CLOSE 3

/* The edit distance of two words (Levenshtein). The second one is a command. */
static size_t usage_distance(const char *a, const char *b)
{
	size_t row[LONGEST_COMMAND + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (best > row[j] + 1)
				best = row[j] + 1;
			if (best > row[j - 1] + 1)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[length];
}

void unknown_command(const struct app *app, const char *name)
{
	const struct command *nearest = app->commands;
	size_t changes, length = strlen(name);

	for (const struct command *command = nearest; command->name; command++)
		if (usage_distance(name, command->name) < usage_distance(name, nearest->name))
			nearest = command;
	changes = usage_distance(name, nearest->name);
	if (changes > CLOSE || changes >= length)
		usage_error(app, "unknown command %s", in_quotes(name));
	usage_error(app, "unknown command %s; did you mean '%s'?", in_quotes(name), nearest->name);
}
