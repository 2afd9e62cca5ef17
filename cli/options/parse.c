/* SPDX-License-Identifier: MIT */
/* The command line, by the rules of getopt_long() and the table of options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "options/command.h"
#include "options/parse.h"
#include "options/usage.h"

/* Files that verify explains: more of them differ for one cause, most likely. */
#define EXPLAINED 16

/* What getopt_long() gives for long options: beyond any letter, so that the two can be told. */
#define LONG_BASE 256

/*
 * The options of the current command, as getopt_long() wants them. Additions stand apart: where
 * they are not asked for in full, an abbreviation means what it means without them.
 */
struct grammar {
	char letters[2 * MAX_OPTIONS + 2];
	struct option longs[MAX_OPTIONS + 1], additions[MAX_OPTIONS + 1];
};

static void add_option(struct option **longs, char **letters, const struct option_row *row)
{
	(*longs)->name = row->name;
	(*longs)->has_arg = !row->argument          ? no_argument
			    : *row->argument == '[' ? optional_argument
						    : required_argument;
	(*longs)++->val = LONG_BASE + (int)(row - option_rows);
	if (row->letter) {
		*(*letters)++ = row->letter;
		if (row->argument)
			*(*letters)++ = ':';
	}
}

static void build_grammar(struct grammar *grammar)
{
	struct option *next = grammar->longs, *addition = grammar->additions;
	char *letter = grammar->letters;

	memset(grammar, 0, sizeof(*grammar));
	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; i < option_count; i++) {
		if (option_rows[i].commands & current->bit)
			add_option(&next, &letter, &option_rows[i]);
		else if (personality && option_rows[i].commands & SUM_TOO)
			add_option(&addition, &letter, &option_rows[i]);
	}
}

static const struct option_row *row_of(int value)
{
	unsigned sets = current->bit | (personality ? SUM_TOO : 0);

	if (value >= LONG_BASE)
		return &option_rows[value - LONG_BASE];
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].letter == value && option_rows[i].commands & sets)
			return &option_rows[i];
	return NULL;
}

/* ---- What cannot be understood ---- */

/* A personality shows what was typed as it stands, since that is what getopt() does there. */
static const char *as_typed(const char *word)
{
	char *text;

	if (!personality)
		return in_quotes(word);
	text = allocate(strlen(word) + 3);
	sprintf(text, "'%s'", word);
	return text;
}

static size_t name_length(const char *word)
{
	return strcspn(word + 2, "=");
}

static _Noreturn void refuse_unknown_long(const struct option *longs, const char *word)
{
	char list[MAX_OPTIONS * 32] = "", *end = list;
	unsigned candidates = 0;

	for (; longs->name; longs++) {
		if (strncmp(longs->name, word + 2, name_length(word)))
			continue;
		candidates++;
		end += snprintf(end, (size_t)(list + sizeof(list) - end), " '--%s'", longs->name);
	}
	if (candidates > 1)
		usage_error("option %s is ambiguous; possibilities:%s", as_typed(word), list);
	usage_error("unrecognized option %s", as_typed(word));
}

/* In getopt's own words, which would show what was typed as it stands, whatever is in it. */
static _Noreturn void refuse(const struct option *longs, int result, const char *word)
{
	char letter[2] = {(char)optopt, '\0'};

	if (!optopt)
		refuse_unknown_long(longs, word);
	if (optopt >= LONG_BASE)
		usage_error(result == ':' ? "option '--%s' requires an argument"
					  : "option '--%s' doesn't allow an argument",
			    row_of(optopt)->name);
	usage_error(result == ':' ? "option requires an argument -- %s" : "invalid option -- %s",
		    as_typed(letter));
}

static void check_operands(char *const *operands, int count)
{
	if (count < current->least)
		usage_error("missing operand: %s takes %s", current->name, current->usage);
	if (current->most >= 0 && count > current->most)
		usage_error("extra operand %s: %s takes %s", in_quotes(operands[current->most]),
			    current->name, current->usage);
}

/* ---- One option after the other ---- */

static bool is_one_of(const struct option *longs, const char *word)
{
	for (; longs->name; longs++)
		if (strlen(longs->name) == name_length(word) &&
		    !strncmp(longs->name, word + 2, name_length(word)))
			return true;
	return false;
}

/* What getopt_long() gives; an addition, which it did not know, it is shown once more. */
static int next_option(int argc, char **argv, const struct grammar *grammar)
{
	int result = getopt_long(argc, argv, grammar->letters, grammar->longs, NULL);

	if (result != '?' || optopt || !is_one_of(grammar->additions, argv[optind - 1]))
		return result;
	optind--;
	return getopt_long(argc, argv, grammar->letters, grammar->additions, NULL);
}

static void options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->explain = EXPLAINED;
	if (personality)
		list_add(&options->algorithms, copy_string(personality->algorithm));
}

void options_parse(struct options *options, int argc, char **argv)
{
	struct grammar grammar;
	int result;

	build_grammar(&grammar);
	options_init(options);
	opterr = 0;
	while ((result = next_option(argc, argv, &grammar)) != -1) {
		const struct option_row *row;

		if (result == '?' || result == ':')
			refuse(grammar.longs, result, argv[optind - 1]);
		row = row_of(result);
		options->flags = (options->flags & ~row->off) | row->on;
		if (row->take)
			row->take(options, optarg);
		if (options->flags & (OPT_HELP | OPT_VERSION))
			return;
	}
	options->operands = argv + optind;
	check_operands(options->operands, argc - optind);
}
