/* SPDX-License-Identifier: MIT */
/* sparsesum create --format=bagit: make a bag of a directory that has its payload in data/. No file
   is moved, and the whole payload is hashed before the first file is written. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/input.h"
#include "commands/report.h"
#include "formats/bag_files.h"
#include "formats/text_file.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"
#include "output/text.h"

/* A manifest before it is written. */
struct bag_output {
	char part[40]; /* the algorithm in the name of the file */
	char *text;
	size_t length;
	FILE *stream; /* writes text */
};

struct bagging {
	const struct app *app;
	const char *path; /* of the bag */
	int directory;
	const char *const *algorithms; /* names, then NULL */
	size_t count;                  /* of algorithms */
	struct bag_output *outputs;    /* one for each algorithm */
	struct ssum_tree *tree;
	const char *below; /* the prefix of the names in the tree: "data/" or "" */
	bool of_payload;
	struct oxum oxum;
	uint64_t refused;
	char *name; /* the path of the last input */
};

/* ---- Checks that end the program before anything is written ---- */

static void bag_check_options(const struct app *app)
{
	if (app->options->output)
		usage_error(app, "-o does not apply to bags: their manifests have fixed names");
	if (asked(app, OPT_RESUME))
		usage_error(app, "--resume does not apply to bags");
	if (app->options->checkpoints && app->options->checkpoints != SSUM_NO_CHECKPOINTS)
		usage_error(app, "--checkpoints does not apply to bags");
	if (app->options->selection)
		usage_error(app, "--include, --exclude and --files-from do not apply to bags");
}

/* An old manifest that this run does not replace would no longer match the payload. */
static void bag_check_stale(const struct bagging *bagging)
{
	struct list names = list_directory(bagging->directory);

	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		char *part = bag_manifest_algorithm(name, "manifest-");
		size_t made = 0;

		if (!part)
			part = bag_manifest_algorithm(name, "tagmanifest-");
		while (part && made < bagging->count &&
		       strcmp(bagging->outputs[made].part, part) != 0)
			made++;
		if (part && made == bagging->count)
			die("%s: has an old %s; add its algorithm with -a, or remove it",
			    quoted(bagging->path), quoted(name));
		free(part);
	}
	list_free(&names);
}

static void bag_check_directory(const struct bagging *bagging)
{
	struct text_file file;
	struct stat st;

	if (fstatat(bagging->directory, "data", &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		die("%s: has no directory 'data'; move the payload of the bag into it",
		    quoted(bagging->path));
	if (!fstatat(bagging->directory, "fetch.txt", &st, AT_SYMLINK_NOFOLLOW))
		die("%s: has a fetch.txt; fetch the files that it lists, then remove it",
		    quoted(bagging->path));
	bag_check_stale(bagging);
	if (text_read(&file, bagging->directory, "bagit.txt") == 0 &&
	    !strcasestr(file.text, "UTF-8"))
		die("%s: bagit.txt declares an encoding other than UTF-8; convert the tag files first",
		    quoted(bagging->path));
	text_free(&file);
}

/* ---- What the manifests list ---- */

static void bag_refuse(struct bagging *bagging, const char *name, const char *why)
{
	note("%s%s: %s", bagging->below, quoted(name), why);
	bagging->refused++;
}

/* Whether to hash an entry. Tag files that are not regular files are skipped, since RFC 8493 does
   not require that all tag files are listed. */
static bool bag_takes(struct bagging *bagging, const struct ssum_tree_entry *entry)
{
	bool is_file = !entry->error && entry->type == SSUM_TYPE_FILE;
	char *algorithm;

	if (!bagging->of_payload) {
		algorithm = bag_manifest_algorithm(entry->path, "tagmanifest-");
		free(algorithm);
		return is_file && !algorithm &&
		       strncmp(entry->path, BAG_DATA, strlen(BAG_DATA)) != 0;
	}
	if (entry->error)
		bag_refuse(bagging, entry->path, ssum_strerror(entry->error));
	else if (entry->type == SSUM_TYPE_DIRECTORY)
		note("warning: %s%s: is an empty directory, which a bag cannot list",
		     bagging->below, quoted(entry->path));
	else if (!is_file)
		bag_refuse(bagging, entry->path,
			   "is not a regular file; a bag can list only regular files");
	return is_file;
}

static int bag_input(void *user, struct ssum_input *input)
{
	struct bagging *bagging = user;
	const struct ssum_tree_entry *entry;
	int rc;

	do
		rc = ssum_tree_next(bagging->tree, &entry);
	while (rc == 1 && !bag_takes(bagging, entry));
	if (rc != 1)
		return rc;
	free(bagging->name);
	bagging->name = format_text("%s%s", bagging->below, entry->path);
	input->path = bagging->name;
	input->length = entry->length;
	return 1;
}

static int bag_result(void *user, const struct ssum_result *result)
{
	struct bagging *bagging = user;
	char hex[SSUM_HEX_MAX];

	if (result->error == SSUM_ERR_CANCELLED)
		return 0;
	if (result->error) {
		char *reason = format_text("%s%s", ssum_strerror(result->error),
					   changes_suffix(result->changes).s);

		bag_refuse(bagging, result->path + strlen(bagging->below), reason);
		free(reason);
		return 0;
	}
	if (result->read_twice)
		note_read_twice(result->path);
	if (bagging->of_payload) {
		bagging->oxum.bytes += result->length;
		bagging->oxum.files++;
	}
	for (size_t i = 0; i < result->digest_count; i++) {
		FILE *to = bagging->outputs[i].stream;

		ssum_digest_hex(&result->digests[i], hex);
		fprintf(to, "%s  ", hex);
		for (const char *name = result->path; *name; name++)
			fprintf(to, strchr("\n\r%", *name) ? "%%%02X" : "%c", (unsigned char)*name);
		putc('\n', to);
	}
	return 0;
}

/* Hash the payload or the tag files into the outputs. 0 or a code. The directory is opened by its
   path, because ssum_tree_open() and ssum_hash_each() take no descriptor. */
static int bag_list(struct bagging *bagging, bool of_payload)
{
	const struct ssum_hash_options options = {
		.size = sizeof(options),
		.algorithms = bagging->algorithms,
		.input = bag_input,
		.result = bag_result,
		.user = bagging,
		.directory = bagging->path,
	};
	char *path;
	int rc;

	bagging->of_payload = of_payload;
	bagging->below = of_payload ? BAG_DATA : "";
	path = format_text("%s/%s", bagging->path, bagging->below);
	rc = ssum_tree_open(path, NULL, &bagging->tree);
	free(path);
	if (rc)
		return rc;
	for (size_t i = 0; i < bagging->count; i++) {
		struct bag_output *output = &bagging->outputs[i];

		free(output->text);
		output->stream = text_stream(&output->text, &output->length);
	}
	rc = ssum_hash_each(bagging->app->context, &options);
	for (size_t i = 0; i < bagging->count; i++)
		text_stream_end(bagging->outputs[i].stream);
	ssum_tree_close(bagging->tree);
	return rc;
}

/* ---- Writing the bag ---- */

static void bag_write_file(const struct bagging *bagging, const char *name, const char *text,
			   size_t length)
{
	int code = ssum_replace_file(bagging->directory, name, text, length);

	if (code)
		die("%s/%s: %s", quoted(bagging->path), quoted(name), ssum_strerror(code));
}

static void bag_write_manifests(const struct bagging *bagging, const char *prefix)
{
	for (size_t i = 0; i < bagging->count; i++) {
		const struct bag_output *output = &bagging->outputs[i];
		char name[80];

		snprintf(name, sizeof(name), "%smanifest-%s.txt", prefix, output->part);
		bag_write_file(bagging, name, output->text, output->length);
	}
}

static int bag_make(struct bagging *bagging)
{
	static const char declaration[] = "BagIt-Version: 1.0\n"
					  "Tag-File-Character-Encoding: UTF-8\n";
	int code = bag_list(bagging, true);
	size_t length;
	char *info;

	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	if (!bagging->oxum.files)
		return SSUM_ERR_EMPTY;
	bag_write_manifests(bagging, "");
	info = bag_info_text(bagging->path, bagging->directory, &bagging->oxum, &length);
	bag_write_file(bagging, "bag-info.txt", info, length);
	free(info);
	bag_write_file(bagging, "bagit.txt", declaration, strlen(declaration));
	code = bag_list(bagging, false);
	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	bag_write_manifests(bagging, "tag");
	return 0;
}

static void bag_report(const struct bagging *bagging, int code)
{
	const struct app *app = bagging->app;
	double seconds = seconds_now() - app->began;

	if (bagging->refused)
		note("%s: no bag was made: %s refused", quoted(bagging->path),
		     count_text(bagging->refused, "file was", "files were").s);
	else
		note_failure(app, bagging->path, code);
	if (asked(app, OPT_JSON)) {
		json_t *object = json_summary(status_of(code), code);

		json_text(object, "format", "bagit");
		json_count(object, "files", bagging->oxum.files);
		json_count(object, "refused", bagging->refused);
		json_count(object, "bytes", bagging->oxum.bytes);
		json_seconds(object, seconds);
		json_print(object);
	} else if (code == 0 && !asked(app, OPT_QUIET)) {
		out("%s: BagIt 1.0 bag", quoted(bagging->path));
		for (size_t i = 0; i < bagging->count; i++)
			out(", %s", bagging->algorithms[i]);
		out("\n%s; %s in %s\n", count_text(bagging->oxum.files, "file", "files").s,
		    size_text(bagging->oxum.bytes).s, duration_text(seconds).s);
	}
}

int create_bag(struct app *app)
{
	/* RFC 8493 recommends SHA-512. */
	static const char *const by_default[] = {"sha512", NULL};
	const struct list *asked_for = &app->options->algorithms;
	struct bagging bagging = {
		.app = app,
		.path = app->options->operands[0],
		.algorithms = asked_for->count ? (const char *const *)asked_for->items : by_default,
		.count = asked_for->count ? asked_for->count : 1,
	};
	int code;

	bag_check_options(app);
	input_open_directory(app);
	bagging.directory = app->directory;
	if (bagging.directory < 0)
		die("%s: %s", quoted(bagging.path), ssum_strerror(app->directory_error));
	bagging.outputs = allocate(bagging.count * sizeof(*bagging.outputs));
	for (size_t i = 0; i < bagging.count; i++) {
		bagging.outputs[i] = (struct bag_output){.text = NULL};
		bag_algorithm_part(bagging.algorithms[i], bagging.outputs[i].part,
				   sizeof(bagging.outputs[i].part));
	}
	bag_check_directory(&bagging);
	code = bag_make(&bagging);
	if (!signals_stopped(code, "; the bag was not made"))
		bag_report(&bagging, code);
	for (size_t i = 0; i < bagging.count; i++)
		free(bagging.outputs[i].text);
	free(bagging.outputs);
	free(bagging.name);
	return code ? app->command->error_status : ALL_HOLDS;
}
