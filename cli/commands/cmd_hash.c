/* SPDX-License-Identifier: MIT */
/* sparsesum hash: digests of files, as sha1sum prints them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/output.h"
#include "base/progress.h"
#include "base/signals.h"
#include "commands/commands.h"
#include "options/command.h"
#include "options/input.h"
#include "options/options.h"
#include "options/selection.h"
#include "options/usage.h"
#include "report/report.h"

/* One file on its way through the library. */
struct item {
	int error; /* why there is nothing to hash, or 0 */
	char path[];
};

struct hashing {
	const struct run *run;
	char **operand;    /* the next one */
	struct item *held; /* taken, and waits for those before it; or NULL */
	const char *directory;
	struct ssum_tree *tree; /* below the directory, or NULL */
	unsigned format;
	uint64_t files, failures, bytes;
};

static struct item *new_item(const char *directory, const char *name, int error)
{
	size_t length = strlen(directory);
	struct item *item = allocate(sizeof(*item) + length + strlen(name) + 2);
	bool slash = length && *name && directory[length - 1] != '/';

	item->error = error;
	stpcpy(stpcpy(stpcpy(item->path, directory), slash ? "/" : ""), name);
	return item;
}

/* The next regular file below the directory, or what hid it; NULL at the end. */
static struct item *next_below(struct hashing *hashing)
{
	const struct ssum_tree_entry *entry;
	int got;

	while ((got = ssum_tree_next(hashing->tree, &entry)) > 0)
		if (entry->type == SSUM_TYPE_FILE || entry->error)
			return new_item(hashing->directory, entry->path, entry->error);
	ssum_tree_close(hashing->tree);
	hashing->tree = NULL;
	return got < 0 ? new_item(hashing->directory, "", got) : NULL;
}

static bool is_directory(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The next operand as it stands; NULL if it is a directory, which was opened. */
static struct item *next_operand(struct hashing *hashing)
{
	const char *name = *hashing->operand++;
	int error = 0;

	if (asked(hashing->run, OPT_RECURSIVE) && !is_stdin(name) && is_directory(name)) {
		const struct ssum_filter filter = selection_filter(hashing->run);

		error = ssum_tree_open(name, &filter, &hashing->tree);
		hashing->directory = name;
		if (!error)
			return NULL;
	}
	return new_item("", name, error);
}

static struct item *next_item(struct hashing *hashing)
{
	struct item *item = hashing->held;

	hashing->held = NULL;
	while (!item && (hashing->tree || *hashing->operand))
		item = hashing->tree ? next_below(hashing) : next_operand(hashing);
	return item;
}

static int next_input(void *user, struct ssum_input *input)
{
	struct hashing *hashing = user;
	struct item *item = next_item(hashing);

	if (item && item->error) {
		input_set_nothing(input);
	} else if (item && !input_set(input, item->path)) {
		hashing->held = item;
		return 0;
	}
	input->item = item;
	return item != NULL;
}

static void print_error(const struct hashing *hashing, const char *path, int error)
{
	note("%s: %s", quoted(path), ssum_strerror(error));
	if (asked(hashing->run, OPT_JSON)) {
		json_t *object = json_typed("error");

		json_name(object, "path", path);
		json_code(object, error, ssum_strerror(error));
		json_print(object);
	}
}

static void print_line(const struct hashing *hashing, const char *algorithm,
		       const struct ssum_digest *digest, const char *path)
{
	char *line;
	size_t length;
	int code = ssum_format_line(hashing->format, algorithm, digest, path, &line, &length);

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

static void print_json(const char *algorithm, const struct ssum_digest *digest, const char *path,
		       uint64_t size)
{
	json_t *object = json_typed("digest");
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(digest, hex);
	json_name(object, "path", path);
	json_count(object, "size", size);
	json_text(object, "algorithm", algorithm);
	json_text(object, "digest", hex);
	json_print(object);
}

static void print_digests(const struct hashing *hashing, const char *path,
			  const struct ssum_result *result)
{
	for (size_t i = 0; i < result->digest_count; i++) {
		const char *algorithm = algorithm_at(hashing->run->options, i);

		if (asked(hashing->run, OPT_JSON))
			print_json(algorithm, &result->digests[i], path, result->length);
		else
			print_line(hashing, algorithm, &result->digests[i], path);
	}
}

static int take_result(void *user, const struct ssum_result *result)
{
	struct hashing *hashing = user;
	struct item *item = result->item;
	int error = item->error ? item->error : result->error;

	input_done(item->path, result->length);
	hashing->files++;
	hashing->bytes += result->length;
	hashing->failures += error != 0;
	if (!error)
		print_digests(hashing, item->path, result);
	else if (error != SSUM_ERR_CANCELLED)
		print_error(hashing, item->path, error);
	free(item);
	/* What comes after a file that was cut short would look as if that one were done. */
	return output_failed() || error == SSUM_ERR_CANCELLED;
}

/* ---- With checkpoints ---- */

/* The name may be that of something else, which nobody wants to lose. */
static bool is_another_file(const char *name)
{
	struct ssum_checkpoints *old;
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int code;

	if (fd < 0)
		return false;
	code = ssum_checkpoints_read(fd, NULL, &old);
	ssum_checkpoints_free(old);
	close(fd);
	return code == SSUM_ERR_MALFORMED;
}

static int write_checkpoints(const struct ssum_checkpoints *checkpoints, const char *path)
{
	char *name = allocate(strlen(path) + sizeof(".checkpoints"));
	int code;

	stpcpy(stpcpy(name, path), ".checkpoints");
	code = is_another_file(name) ? SSUM_ERR_MALFORMED
				     : ssum_checkpoints_write(checkpoints, name);
	if (code == SSUM_ERR_MALFORMED)
		note("%s: is no file of checkpoints, and stays as it is", quoted(name));
	else if (code < 0)
		note("%s: %s", quoted(name), ssum_strerror(code));
	free(name);
	return code;
}

/* Hash one file, and write its checkpoints beside it if it is long enough to have some. */
static int hash_with_checkpoints(struct hashing *hashing, const char *path)
{
	const struct options *options = hashing->run->options;
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	struct ssum_checkpoints *checkpoints;
	int code = ssum_checkpoints_make(hashing->run->context, path, algorithm_at(options, 0),
					 options->checkpoints, &checkpoints);

	hashing->files++;
	if (code < 0) {
		hashing->failures++;
		if (code != SSUM_ERR_CANCELLED)
			print_error(hashing, path, code);
		return code == SSUM_ERR_CANCELLED ? code : 0;
	}
	ssum_checkpoints_describe(checkpoints, &info);
	hashing->bytes += info.length;
	if (info.count && write_checkpoints(checkpoints, path) < 0)
		hashing->failures++;
	if (asked(hashing->run, OPT_JSON))
		print_json(info.algorithm, &info.digest, path, info.length);
	else
		print_line(hashing, info.algorithm, &info.digest, path);
	ssum_checkpoints_free(checkpoints);
	return output_failed() ? SSUM_ERR_CANCELLED : 0;
}

static int hash_all_with_checkpoints(struct hashing *hashing)
{
	int code = 0;

	for (; *hashing->operand && code == 0; hashing->operand++) {
		progress_begin();
		code = hash_with_checkpoints(hashing, *hashing->operand);
	}
	return code;
}

/* ---- All together ---- */

static void check_options(const struct run *run)
{
	char **operand = run->options->operands;

	if (asked(run, OPT_TAG) && asked(run, OPT_TEXT))
		usage_error("--tag does not support --text mode");
	if (run->options->selection && !asked(run, OPT_RECURSIVE))
		usage_error("--include, --exclude and --files-from choose what is below "
			    "directories: -r "
			    "is missing");
	if (!asked(run, OPT_CHECKPOINTS))
		return;
	if (asked(run, OPT_RECURSIVE) || run->options->algorithms.count > 1)
		usage_error("--checkpoints is for files with one algorithm; '" PROGRAM
			    " create DIR' is for directories");
	for (; *operand; operand++)
		if (is_stdin(*operand))
			break;
	if (*operand || !*run->options->operands)
		usage_error("--checkpoints needs the name of a file, to write beside it");
}

static unsigned format_of(const struct options *options)
{
	unsigned format = options->flags & OPT_ZERO ? SSUM_FORMAT_ZERO : 0;

	if (options->flags & OPT_TAG || options->algorithms.count > 1)
		return format | SSUM_FORMAT_TAGGED;
	return options->flags & OPT_BINARY ? format | SSUM_FORMAT_BINARY : format;
}

static int hash_all(struct hashing *hashing)
{
	struct ssum_hash_options each = {
		.size = sizeof(each),
		.algorithms = (const char *const *)hashing->run->options->algorithms.items,
		.any_source = 1,
		.input = next_input,
		.result = take_result,
		.user = hashing,
	};
	int code;

	do {
		progress_begin();
		code = ssum_hash_each(hashing->run->context, &each);
	} while (code == 0 && hashing->held);
	ssum_tree_close(hashing->tree);
	free(hashing->held);
	return code;
}

int cmd_hash(const struct run *run)
{
	struct hashing hashing = {
		.run = run,
		.operand = operands_or_stdin(run->options),
		.format = format_of(run->options),
	};
	int code, status;

	check_options(run);
	code = asked(run, OPT_CHECKPOINTS) ? hash_all_with_checkpoints(&hashing)
					   : hash_all(&hashing);
	if (stopped(code, ""))
		return trouble();
	if (code == 0 && run->options->selection && !hashing.files)
		code = SSUM_ERR_EMPTY;
	code = selection_result(run, code);
	note_failure(run, current->name, code);
	status = inputs_end(code < 0 || hashing.failures);
	if (asked(run, OPT_JSON)) {
		json_t *object = json_summary(status, code, ssum_strerror(code));

		if (run->options->selection)
			json_object_set_new(object, "selected", json_true());
		json_count(object, "files", hashing.files);
		json_count(object, "failures", hashing.failures);
		json_count(object, "bytes", hashing.bytes);
		json_print(object);
	}
	return status;
}
