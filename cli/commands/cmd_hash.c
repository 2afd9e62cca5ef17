/* SPDX-License-Identifier: MIT */
/* sparsesum hash: digests of files, as sha1sum prints them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/input.h"
#include "commands/report.h"
#include "options/selection.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"

/* A file that is hashed. Allocated with the input, freed with the result. */
struct hash_item {
	int error; /* why the file cannot be hashed, or 0 */
	char path[];
};

struct hashing {
	struct app *app;
	struct inputs inputs;
	char **operand;         /* the next operand */
	struct hash_item *held; /* must wait until there are results for all inputs; or NULL */
	const char *directory;
	struct ssum_tree *tree; /* below the directory, or NULL */
	unsigned format;
	uint64_t files, failures, bytes;
};

static struct hash_item *hash_item_new(const char *directory, const char *name, int error)
{
	size_t length = strlen(directory);
	struct hash_item *item = allocate(sizeof(*item) + length + strlen(name) + 2);
	bool slash = length && *name && directory[length - 1] != '/';

	item->error = error;
	stpcpy(stpcpy(stpcpy(item->path, directory), slash ? "/" : ""), name);
	return item;
}

/* The next file, or an item with an error. NULL at the end. */
static struct hash_item *hash_item_next(struct hashing *hashing)
{
	struct hash_item *item = hashing->held;

	hashing->held = NULL;
	while (!item && (hashing->tree || *hashing->operand)) {
		const struct ssum_tree_entry *entry;
		struct ssum_filter filter;
		struct stat st;
		int error;

		if (!hashing->tree) {
			const char *name = *hashing->operand++;

			if (!asked(hashing->app, OPT_RECURSIVE) || is_stdin(name) ||
			    stat(name, &st) || !S_ISDIR(st.st_mode))
				return hash_item_new("", name, 0);
			filter = selection_filter(hashing->app);
			error = ssum_tree_open(name, &filter, &hashing->tree);
			if (error)
				return hash_item_new("", name, error);
			hashing->directory = name;
		}
		while ((error = ssum_tree_next(hashing->tree, &entry)) > 0)
			if (entry->type == SSUM_TYPE_FILE || entry->error)
				return hash_item_new(hashing->directory, entry->path, entry->error);
		ssum_tree_close(hashing->tree);
		hashing->tree = NULL;
		if (error < 0)
			return hash_item_new(hashing->directory, "", error);
	}
	return item;
}

static int hash_input(void *user, struct ssum_input *input)
{
	struct hashing *hashing = user;
	struct hash_item *item = hash_item_next(hashing);

	if (item && item->error) {
		input_set_nothing(&hashing->inputs, input);
	} else if (item && !input_set(&hashing->inputs, input, item->path)) {
		hashing->held = item;
		return 0;
	}
	input->item = item;
	return item != NULL;
}

static void hash_print_error(const struct hashing *hashing, const char *path, int error,
			     unsigned changes)
{
	note("%s: %s%s", quoted(path), ssum_strerror(error), changes_suffix(changes).s);
	if (asked(hashing->app, OPT_JSON)) {
		json_t *object = json_typed("error");

		json_name(object, "path", path);
		json_changes(object, changes);
		json_code(object, error);
		json_print(object);
	}
}

static void hash_print_digest(const struct hashing *hashing, const char *path,
			      const struct ssum_result *result, const char *algorithm,
			      const struct ssum_digest *digest)
{
	size_t length;
	char *line;
	int code;

	if (asked(hashing->app, OPT_JSON)) {
		json_t *object = json_typed("digest");

		json_name(object, "path", path);
		json_count(object, "size", result->length);
		json_text(object, "algorithm", algorithm);
		json_digest(object, "digest", digest);
		if (result->read_twice)
			json_flag(object, "read_twice", true);
		json_print(object);
		return;
	}
	code = ssum_format_line(hashing->format, algorithm, digest, path, &line, &length);
	if (code < 0)
		die("%s: %s", quoted(path), ssum_strerror(code));
	if (output_is_terminal()) {
		char end = line[length - 1];

		length = make_legible(line, length - 1);
		line[length++] = end;
	}
	out_bytes(line, length);
	free(line);
}

static int hash_result(void *user, const struct ssum_result *result)
{
	struct hashing *hashing = user;
	struct hash_item *item = result->item;
	int error = item->error ? item->error : result->error;

	input_done(&hashing->inputs, item->path, result->length);
	hashing->files++;
	hashing->bytes += result->length;
	hashing->failures += error != 0;
	if (error && error != SSUM_ERR_CANCELLED)
		hash_print_error(hashing, item->path, error, result->changes);
	if (result->read_twice)
		note_read_twice(item->path);
	for (size_t i = 0; !error && i < result->digest_count; i++)
		hash_print_digest(hashing, item->path, result,
				  options_algorithm(hashing->app->options, i), &result->digests[i]);
	free(item);
	/* Print no results after an interrupted file, because the output would look complete. */
	return output_failed() || error == SSUM_ERR_CANCELLED;
}

static int hash_all(struct hashing *hashing)
{
	struct app *app = hashing->app;
	const struct ssum_hash_options each = {
		.size = sizeof(each),
		.algorithms = (const char *const *)app->options->algorithms.items,
		.any_source = 1,
		.input = hash_input,
		.result = hash_result,
		.user = hashing,
	};
	int code;

	do {
		progress_begin(&app->progress);
		code = ssum_hash_each(app->context, &each);
	} while (code == 0 && hashing->held);
	ssum_tree_close(hashing->tree);
	free(hashing->held);
	return code;
}

/* ---- With checkpoints ---- */

static int hash_write_checkpoints(const struct ssum_checkpoints *checkpoints, const char *path)
{
	char *name = format_text("%s.checkpoints", path);
	struct ssum_checkpoints *old = NULL;
	int fd = signals_open(AT_FDCWD, name, 0);
	int code = 0;

	/* Do not overwrite another file that has this name by chance. */
	if (fd >= 0) {
		code = ssum_checkpoints_read(fd, NULL, &old);
		ssum_checkpoints_free(old);
		close(fd);
	}
	if (code != SSUM_ERR_MALFORMED)
		code = ssum_checkpoints_write(checkpoints, name);
	if (code == SSUM_ERR_MALFORMED)
		note("%s: is not a file of checkpoints, so it was not replaced; move it away",
		     quoted(name));
	else if (code < 0)
		note("%s: %s", quoted(name), ssum_strerror(code));
	free(name);
	return code;
}

/* Hash each file. Write the checkpoints of a file that is longer than the interval. */
static int hash_all_with_checkpoints(struct hashing *hashing)
{
	struct app *app = hashing->app;
	const struct options *options = app->options;

	for (; *hashing->operand; hashing->operand++) {
		struct ssum_checkpoints_info info = {.size = sizeof(info)};
		struct ssum_checkpoints *checkpoints;
		const char *path = *hashing->operand;
		int code;

		progress_begin(&app->progress);
		code = ssum_checkpoints_make(app->context, path, options_algorithm(options, 0),
					     options->checkpoints, &checkpoints);
		hashing->files++;
		if (code == SSUM_ERR_CANCELLED)
			return code;
		if (code < 0) {
			hashing->failures++;
			hash_print_error(hashing, path, code, 0);
			continue;
		}
		ssum_checkpoints_describe(checkpoints, &info);
		hashing->bytes += info.length;
		if (info.count && hash_write_checkpoints(checkpoints, path) < 0)
			hashing->failures++;
		const struct ssum_result result = {.length = info.length,
						   .read_twice = ssum_read_twice(app->context)};
		if (result.read_twice)
			note_read_twice(path);
		hash_print_digest(hashing, path, &result, info.algorithm, &info.digest);
		ssum_checkpoints_free(checkpoints);
		if (output_failed())
			return SSUM_ERR_CANCELLED;
	}
	return 0;
}

/* ---- The command ---- */

static void hash_check_options(const struct app *app)
{
	char **operand = app->options->operands;

	if (asked(app, OPT_TAG) && asked(app, OPT_TEXT))
		usage_error(app, "--tag does not support --text mode");
	if (app->options->selection && !asked(app, OPT_RECURSIVE))
		usage_error(
			app,
			"--include, --exclude and --files-from choose what is below directories; add -r");
	if (!asked(app, OPT_CHECKPOINTS))
		return;
	if (asked(app, OPT_RECURSIVE) || app->options->algorithms.count > 1)
		usage_error(app, "--checkpoints takes files and one algorithm; use '" PROGRAM
				 " create DIR' for directories");
	while (*operand && !is_stdin(*operand))
		operand++;
	if (*operand || !*app->options->operands)
		usage_error(app, "--checkpoints writes FILE.checkpoints; name a FILE");
}

int cmd_hash(struct app *app)
{
	struct hashing hashing = {
		.app = app,
		.operand = options_inputs(app->options),
	};
	int code, status;

	hash_check_options(app);
	if (asked(app, OPT_TAG) || app->options->algorithms.count > 1)
		hashing.format = SSUM_FORMAT_TAGGED;
	else if (asked(app, OPT_BINARY))
		hashing.format = SSUM_FORMAT_BINARY;
	if (asked(app, OPT_ZERO))
		hashing.format |= SSUM_FORMAT_ZERO;
	code = asked(app, OPT_CHECKPOINTS) ? hash_all_with_checkpoints(&hashing)
					   : hash_all(&hashing);
	if (signals_stopped(code, ""))
		return app->command->error_status;
	if (code == 0 && app->options->selection && !hashing.files)
		code = SSUM_ERR_EMPTY;
	code = selection_result(app, code);
	note_failure(app, app->command->name, code);
	status = inputs_end(app, &hashing.inputs, code < 0 || hashing.failures);
	if (asked(app, OPT_JSON)) {
		json_t *object = json_summary(status, code);

		if (app->options->selection)
			json_flag(object, "selected", true);
		json_count(object, "files", hashing.files);
		json_count(object, "failures", hashing.failures);
		json_count(object, "bytes", hashing.bytes);
		json_print(object);
	}
	return status;
}
