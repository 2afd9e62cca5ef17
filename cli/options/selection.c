/* SPDX-License-Identifier: MIT */
/* Which entries take part: by --files-from, then by --include and --exclude in their order. */
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "options/name_list.h"
#include "options/pattern.h"
#include "options/selection.h"
#include "options/usage.h"

struct rule {
	bool includes;
	struct pattern *pattern;
};

struct selection {
	struct rule *rules;
	size_t count;
	const char *file; /* of names; or NULL */
	struct name_list *names;
};

static struct selection *made(struct selection **selection)
{
	if (!*selection) {
		*selection = allocate(sizeof(**selection));
		**selection = (struct selection){.rules = NULL};
	}
	return *selection;
}

void selection_add_rule(struct selection **selection, bool includes, const char *text)
{
	struct selection *to = made(selection);
	struct pattern *pattern = pattern_new(text);

	if (!pattern)
		usage_error("%s is no pattern: it is empty, or ends in a backslash or before its "
			    "bracket does",
			    in_quotes(text));
	to->rules = reallocarray(to->rules, to->count + 1, sizeof(*to->rules));
	if (!to->rules)
		die("out of memory");
	to->rules[to->count++] = (struct rule){includes, pattern};
}

void selection_add_names(struct selection **selection, const char *file)
{
	struct selection *to = made(selection);

	if (to->file)
		usage_error("--files-from is given twice, for %s and %s", in_quotes(to->file),
			    in_quotes(file));
	to->file = file;
}

void selection_free(struct selection *selection)
{
	if (!selection)
		return;
	for (size_t i = 0; i < selection->count; i++)
		pattern_free(selection->rules[i].pattern);
	free(selection->rules);
	name_list_free(selection->names);
	free(selection);
}

/* Once, before anything else is done. */
void selection_begin(const struct options *options)
{
	struct selection *selection = options->selection;

	if (options->flags & OPT_NULL && !(selection && selection->file))
		usage_error("-0 says how the names end that --files-from reads, and there is none");
	if (selection && selection->file)
		selection->names =
			name_list_read(selection->file, options->flags & OPT_NULL ? '\0' : '\n');
}

/* The first rule that matches decides. A path that no rule matches takes part. */
static int selection_accepts(void *user, const char *path, enum ssum_type type)
{
	struct selection *selection = user;
	bool is_directory = type == SSUM_TYPE_DIRECTORY;

	if (selection->names && !name_list_has(selection->names, path, is_directory))
		return 0;
	for (size_t i = 0; i < selection->count; i++)
		if (pattern_matches(selection->rules[i].pattern, path, is_directory))
			return selection->rules[i].includes;
	return 1;
}

struct ssum_filter selection_filter(const struct run *run)
{
	struct selection *selection = run->options->selection;

	return (struct ssum_filter){selection ? selection_accepts : NULL, selection};
}

/* What the operation came to, where a name of --files-from was not met: that is told. */
int selection_result(const struct run *run, int code)
{
	const struct selection *selection = run->options->selection;

	if (!selection || !selection->names || (code < 0 && code != SSUM_ERR_EMPTY))
		return code;
	return name_list_tell_unmet(selection->names) && code == SSUM_HOLDS ? SSUM_ERR_UNDECIDED
									    : code;
}

/* For what writes: whether all names are there, before anything is written. 0, or a code. */
int selection_look(const struct run *run, const char *directory)
{
	const struct selection *selection = run->options->selection;
	const struct ssum_filter filter = selection_filter(run);
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;
	int code;

	if (!selection || !selection->names)
		return 0;
	code = ssum_tree_open(directory, &filter, &tree);
	while (code == 0 && (code = ssum_tree_next(tree, &entry)) == 1)
		code = 0;
	ssum_tree_close(tree);
	return code ? code : selection_result(run, 0);
}

const char *selection_words(const struct run *run)
{
	return run->options->selection ? ", of the selected entries" : "";
}
