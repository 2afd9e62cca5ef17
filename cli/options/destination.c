/* SPDX-License-Identifier: MIT */
/* The files that a command writes. Each replaces an existing file, whose content is lost, so it
   must not be a file that the command reads, or another one that it writes. */
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options/destination.h"
#include "options/selection.h"
#include "options/state.h"
#include "options/usage.h"
#include "output/names.h"

struct destination {
	const char *role;      /* for messages: "--junit", "standard output" */
	char *path;            /* NULL: an open descriptor */
	char *name;            /* the last component of the path */
	struct stat directory; /* that the path is in */
	struct stat file;      /* st_nlink is 0: there is no file yet, or it is not regular */
	bool is_named;         /* by an option; other files replace only files of their kind */
	bool is_report;        /* must not be inside a directory that is read */
};

struct destinations {
	struct destination *items;
	size_t count;
};

/* Whether both are the same file or directory. */
static bool destination_is(const struct stat *a, const struct stat *b)
{
	return a->st_nlink && b->st_nlink && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static struct destination *destination_add(struct destinations *list, const char *role)
{
	list->items = resize(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count] = (struct destination){.role = role};
	return &list->items[list->count++];
}

static void destination_add_stream(struct destinations *list, const char *role, int fd)
{
	struct stat st;

	if (!output_was_closed(fd) && !fstat(fd, &st) && S_ISREG(st.st_mode))
		destination_add(list, role)->file = st;
}

/* Adds a path, which is freed with the list. */
static struct destination *destination_add_path(struct destinations *list, const char *role,
						char *path)
{
	struct destination *item = destination_add(list, role);
	char *copy = copy_string(path);

	item->path = path;
	item->name = copy_string(basename(copy));
	strcpy(copy, path);
	/* If the directory does not exist, the command reports that. */
	if (stat(dirname(copy), &item->directory))
		item->directory.st_nlink = 0;
	/* A symlink would be replaced, but its file may be what is read under this name. */
	if (stat(path, &item->file) || !S_ISREG(item->file.st_mode))
		item->file.st_nlink = 0;
	free(copy);
	return item;
}

static void destination_collect(const struct app *app, struct destinations *list)
{
	const struct options *options = app->options;
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	char **operand = options->operands;
	unsigned command = app->command->bit;
	char *journal = command & (CREATE | VERIFY) ? journal_path(app, *operand) : NULL, *path;
	struct destination *item;

	destination_add_stream(list, "standard output", 1);
	destination_add_stream(list, "standard error", 2);
	if (journal)
		destination_add_path(list, "the journal", journal);
	if (options->junit) {
		item = destination_add_path(list, "--junit", copy_string(options->junit));
		item->is_named = item->is_report = true;
	}
	if (options->output) {
		item = destination_add_path(list, "-o", copy_string(options->output));
		item->is_named = true;
		destination_add_path(list, "the checkpoints of -o",
				     format_text("%s.checkpoints", options->output));
	} else if (command & CREATE && !options->format) {
		for (size_t i = 0; !i || i < options->algorithms.count; i++) {
			if (ssum_algorithm(options_algorithm(options, i), &info))
				continue;
			path = format_text("%s/%s", *operand, info.manifest);
			destination_add_path(list, "the manifest", path);
			destination_add_path(list, "the checkpoints",
					     format_text("%s.checkpoints", path));
		}
	}
	for (; asked(app, OPT_CHECKPOINTS) && *operand; operand++)
		destination_add_path(list, "the checkpoints",
				     format_text("%s.checkpoints", *operand));
}

/* ---- What is read ---- */

/* Whether the file can be a manifest: it is empty, or its first line has the form of one. */
static bool destination_is_manifest(const char *path)
{
	const char *algorithm;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool is = false;

	for (size_t i = 0; fd >= 0 && !is && (algorithm = ssum_algorithm_name(i)); i++) {
		struct ssum_manifest *manifest;
		const struct ssum_line *line;

		if (lseek(fd, 0, SEEK_SET) || ssum_manifest_open(fd, algorithm, &manifest))
			continue;
		is = ssum_manifest_next(manifest, &line) >= 0 &&
		     (!line || line->kind != SSUM_LINE_MALFORMED);
		ssum_manifest_close(manifest);
	}
	if (fd >= 0)
		close(fd);
	return is;
}

/* The path of a file below the directory that is this file, by inode: a hard link or a bind mount
   gives it another path. To be freed; NULL if there is none. */
static char *destination_find(const struct stat *file, const char *directory)
{
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree;
	char *path = NULL;
	struct stat st;

	if (!file->st_nlink || ssum_tree_open(directory, NULL, &tree))
		return NULL;
	while (!path && ssum_tree_next(tree, &entry) == 1) {
		if (entry->type != SSUM_TYPE_FILE || entry->length != (uint64_t)file->st_size)
			continue;
		path = format_text("%s/%s", directory, entry->path);
		if (lstat(path, &st) || !destination_is(&st, file)) {
			free(path);
			path = NULL;
		}
	}
	ssum_tree_close(tree);
	return path;
}

/* Checks a file against everything below a directory that the command reads. */
static void destination_check_directory(const struct app *app, const struct destination *item,
					const char *directory, const struct stat *st)
{
	char *copy = copy_string(item->path), *parent = realpath(dirname(copy), NULL);
	char *found = destination_find(&item->file, directory);
	bool is_inside = parent && path_is_inside(parent, st);
	const char *overwritten = NULL;

	if (found && !(is_inside && destination_is_manifest(item->path)))
		overwritten = quoted(found);
	free(found);
	free(parent);
	free(copy);
	/* A report would be an extra file in the next run. */
	if (is_inside && item->is_report)
		usage_error(
			app,
			"%s would write %s into %s, which this command reads; name a file elsewhere",
			item->role, in_quotes(item->path), quoted(directory));
	if (overwritten)
		usage_error(
			app,
			"%s would overwrite the file %s, which this command reads; name another file",
			item->role, overwritten);
}

static void destination_check_input(const struct app *app, const struct destination *item,
				    const char *what, const char *name)
{
	struct stat st;
	int failed = is_stdin(name) ? fstat(0, &st) : stat(name, &st);

	if (!failed && destination_is(&st, &item->file))
		usage_error(app, "%s would overwrite %s %s; name another file", item->role, what,
			    quoted(name));
}

static void destination_check_inputs(const struct app *app, const struct destination *item)
{
	const struct list *manifests = &app->options->manifests;
	const char *names = selection_file(app);
	struct stat st;

	for (char **operand = app->options->operands; *operand; operand++) {
		if (!stat(*operand, &st) && S_ISDIR(st.st_mode))
			destination_check_directory(app, item, *operand, &st);
		else
			destination_check_input(app, item, "the file", *operand);
	}
	for (size_t i = 0; i < manifests->count; i++) {
		char *checkpoints = format_text("%s.checkpoints", manifests->items[i]);

		destination_check_input(app, item, "the manifest", manifests->items[i]);
		destination_check_input(app, item, "the checkpoints", checkpoints);
		free(checkpoints);
	}
	if (names)
		destination_check_input(app, item, "the names in", names);
}

/* ---- What is written ---- */

static void destination_check_pair(const struct app *app, const struct destination *a,
				   const struct destination *b)
{
	bool same_path = a->path && b->path && destination_is(&a->directory, &b->directory) &&
			 !strcmp(a->name, b->name);

	if (b->path && (same_path || destination_is(&a->file, &b->file)))
		usage_error(app, "%s and %s would be the same file %s; name another one", a->role,
			    b->role, in_quotes(b->path));
}

void destination_check(const struct app *app)
{
	struct destinations list = {NULL, 0};

	destination_collect(app, &list);
	for (size_t i = 1; i < list.count; i++)
		/* The FILE.checkpoints of hash differ from each other as the FILEs do. */
		for (size_t j = 0; j < i && (j < 2 || !asked(app, OPT_CHECKPOINTS)); j++)
			destination_check_pair(app, &list.items[j], &list.items[i]);
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].is_named)
			destination_check_inputs(app, &list.items[i]);
	for (size_t i = 0; i < list.count; i++) {
		free(list.items[i].path);
		free(list.items[i].name);
	}
	free(list.items);
}
