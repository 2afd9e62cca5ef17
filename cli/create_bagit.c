/* SPDX-License-Identifier: MIT */
/* sparsesum create --format=bagit: a folder with its payload in data/ becomes a bag. Nothing is
   moved, and all of the payload is hashed before the first file is written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats.h"

/* What RFC 8493 recommends. */
static char recommended[] = "sha512";

/* A manifest while it is made: its text, and the name in which it ends. */
struct output {
	char part[40]; /* of the file's name */
	char *text;
	size_t length;
	FILE *stream;
};

struct bagging {
	const struct run *run;
	const char *path; /* of the bag */
	int folder;
	struct list algorithms;
	struct output *outputs; /* one for each */
	struct ssum_tree *tree;
	const char *below; /* what comes before the names of the tree: "data/" or "" */
	bool of_payload;
	struct oxum oxum;
	uint64_t refused;
	char *name; /* of the input that was given last */
};

/* ---- Writing ---- */

static void write_file(const struct bagging *bagging, const char *name, const char *text,
		       size_t length)
{
	int code = replace_file(bagging->folder, name, text, length);

	if (code)
		die("%s/%s: %s", quoted(bagging->path), quoted(name), ssum_strerror(code));
}

/* ---- Manifests ---- */

static void put_name(FILE *to, const char *name)
{
	for (; *name; name++) {
		if (*name == '\n' || *name == '\r' || *name == '%')
			fprintf(to, "%%%02X", (unsigned char)*name);
		else
			putc(*name, to);
	}
}

static void refuse(struct bagging *bagging, const char *name, const char *why)
{
	note("%s%s: %s", bagging->below, quoted(name), why);
	bagging->refused++;
}

/* Of the tag files links and the like are left out, as RFC 8493 leaves it open which are listed. */
static bool takes_part(struct bagging *bagging, const struct ssum_tree_entry *entry)
{
	char *algorithm;

	if (bagging->of_payload) {
		if (entry->error)
			refuse(bagging, entry->path, ssum_strerror(entry->error));
		else if (entry->type == SSUM_TYPE_FOLDER)
			note("warning: %s%s: holds nothing; a bag cannot list that", bagging->below,
			     quoted(entry->path));
		else if (entry->type != SSUM_TYPE_FILE)
			refuse(bagging, entry->path,
			       "is no regular file, and a bag can list nothing else");
		return !entry->error && entry->type == SSUM_TYPE_FILE;
	}
	algorithm = bag_manifest_algorithm(entry->path, "tagmanifest-");
	free(algorithm);
	return !entry->error && entry->type == SSUM_TYPE_FILE && !algorithm &&
	       strncmp(entry->path, BAG_DATA, strlen(BAG_DATA)) != 0;
}

static int next_input(void *user, struct ssum_input *input)
{
	struct bagging *bagging = user;
	const struct ssum_tree_entry *entry;
	int rc;

	do
		rc = ssum_tree_next(bagging->tree, &entry);
	while (rc == 1 && !takes_part(bagging, entry));
	if (rc != 1)
		return rc;
	free(bagging->name);
	if (asprintf(&bagging->name, "%s%s", bagging->below, entry->path) < 0)
		die("out of memory");
	input->path = bagging->name;
	input->length = entry->length;
	return 1;
}

static int take_result(void *user, const struct ssum_result *result)
{
	struct bagging *bagging = user;
	char hex[SSUM_HEX_MAX];

	if (result->error == SSUM_ERR_CANCELLED)
		return 0;
	if (result->error) {
		refuse(bagging, result->path + strlen(bagging->below),
		       ssum_strerror(result->error));
		return 0;
	}
	bagging->oxum.bytes += bagging->of_payload ? result->length : 0;
	bagging->oxum.files += bagging->of_payload;
	for (size_t i = 0; i < result->digest_count; i++) {
		ssum_digest_hex(&result->digests[i], hex);
		fprintf(bagging->outputs[i].stream, "%s  ", hex);
		put_name(bagging->outputs[i].stream, result->path);
		putc('\n', bagging->outputs[i].stream);
	}
	return 0;
}

static void begin_outputs(struct bagging *bagging)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++) {
		struct output *output = &bagging->outputs[i];

		free(output->text);
		output->text = NULL;
		output->stream = open_memstream(&output->text, &output->length);
		if (!output->stream)
			die("out of memory");
	}
}

static void end_outputs(struct bagging *bagging)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++) {
		bool failed = ferror(bagging->outputs[i].stream);

		if (fclose(bagging->outputs[i].stream) || failed)
			die("out of memory");
	}
}

/* Hash what takes part of a folder into the outputs. 0 or a code. */
static int list_folder(struct bagging *bagging, bool of_payload)
{
	struct ssum_hash_options options = {
		.size = sizeof(options),
		.algorithms = (const char *const *)bagging->algorithms.items,
		.input = next_input,
		.result = take_result,
		.user = bagging,
		.folder = bagging->path,
	};
	char *path;
	int rc;

	bagging->of_payload = of_payload;
	bagging->below = of_payload ? BAG_DATA : "";
	if (asprintf(&path, "%s/%s", bagging->path, bagging->below) < 0)
		die("out of memory");
	rc = ssum_tree_open(path, &bagging->tree);
	free(path);
	if (rc)
		return rc;
	begin_outputs(bagging);
	rc = ssum_hash_each(bagging->run->context, &options);
	end_outputs(bagging);
	ssum_tree_close(bagging->tree);
	return rc;
}

static void write_manifests(const struct bagging *bagging, const char *prefix)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++) {
		const struct output *output = &bagging->outputs[i];
		char name[80];

		snprintf(name, sizeof(name), "%smanifest-%s.txt", prefix, output->part);
		write_file(bagging, name, output->text, output->length);
	}
}

static void write_info(const struct bagging *bagging)
{
	size_t length;
	char *text = bag_info_text(bagging->path, bagging->folder, &bagging->oxum, &length);

	write_file(bagging, "bag-info.txt", text, length);
	free(text);
}

/* ---- Before anything is written ---- */

static void check_options(const struct run *run)
{
	if (run->options->output)
		usage_error("-o names a manifest as sha1sum writes it; a bag has its own names");
	if (asked(run, OPT_RESUME))
		usage_error("--resume is not for bags");
	if (run->options->checkpoints && run->options->checkpoints != SSUM_NO_CHECKPOINTS)
		usage_error("--checkpoints is not for bags");
	if (run->options->selection)
		usage_error("--include, --exclude and --files-from are not for bags");
}

static bool is_there(const struct bagging *bagging, const char *name, bool *is_folder)
{
	struct stat st;
	bool there = !fstatat(bagging->folder, name, &st, AT_SYMLINK_NOFOLLOW);

	*is_folder = there && S_ISDIR(st.st_mode);
	return there;
}

static bool makes(const struct bagging *bagging, const char *part)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++)
		if (!strcmp(bagging->outputs[i].part, part))
			return true;
	return false;
}

/* A manifest that stays from before would list what was. */
static void check_stale(const struct bagging *bagging, const char *prefix)
{
	struct dirent **entries;
	int count = scandirat(bagging->folder, ".", &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char *part = bag_manifest_algorithm(entries[i]->d_name, prefix);

		if (part && !makes(bagging, part))
			die("%s: has a %s from before; make it anew with -a, or remove it",
			    quoted(bagging->path), quoted(entries[i]->d_name));
		free(part);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void check_encoding(const struct bagging *bagging)
{
	struct text_file file;

	if (text_read(&file, bagging->folder, "bagit.txt") == 0 && !strcasestr(file.text, "UTF-8"))
		die("%s: bagit.txt declares another encoding than UTF-8, in which a bag is made",
		    quoted(bagging->path));
	text_free(&file);
}

static void check_folder(const struct bagging *bagging)
{
	bool is_folder;

	if (!is_there(bagging, "data", &is_folder) || !is_folder)
		die("%s: has no folder data, where the payload of a bag is; nothing is moved there "
		    "by itself",
		    quoted(bagging->path));
	if (is_there(bagging, "fetch.txt", &is_folder))
		die("%s: has a fetch.txt: what that lists is not here, and would not be listed",
		    quoted(bagging->path));
	check_stale(bagging, "manifest-");
	check_stale(bagging, "tagmanifest-");
	check_encoding(bagging);
}

/* ---- All together ---- */

static void begin(struct bagging *bagging, const struct run *run)
{
	const struct list *asked_for = &run->options->algorithms;

	*bagging = (struct bagging){.run = run, .path = run->options->operands[0]};
	bagging->folder = open(bagging->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bagging->folder < 0) {
		int error = errno;

		die("%s: %s", quoted(bagging->path), ssum_strerror(-error));
	}
	for (size_t i = 0; i < asked_for->count; i++)
		list_add(&bagging->algorithms, copy_string(asked_for->items[i]));
	if (!asked_for->count)
		list_add(&bagging->algorithms, copy_string(recommended));
	bagging->outputs = allocate(bagging->algorithms.count * sizeof(*bagging->outputs));
	for (size_t i = 0; i < bagging->algorithms.count; i++) {
		bagging->outputs[i] = (struct output){.text = NULL};
		bag_algorithm_part(bagging->algorithms.items[i], bagging->outputs[i].part,
				   sizeof(bagging->outputs[i].part));
	}
}

static void end(struct bagging *bagging)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++)
		free(bagging->outputs[i].text);
	free(bagging->outputs);
	free(bagging->name);
	list_free(&bagging->algorithms);
	close(bagging->folder);
}

static int make_bag(struct bagging *bagging)
{
	static const char declaration[] = "BagIt-Version: 1.0\n"
					  "Tag-File-Character-Encoding: UTF-8\n";
	int code = list_folder(bagging, true);

	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	if (!bagging->oxum.files)
		return SSUM_ERR_EMPTY;
	write_manifests(bagging, "");
	write_info(bagging);
	write_file(bagging, "bagit.txt", declaration, strlen(declaration));
	code = list_folder(bagging, false);
	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	write_manifests(bagging, "tag");
	return 0;
}

static void say(const struct bagging *bagging, int code)
{
	const struct run *run = bagging->run;

	if (bagging->refused)
		note("%s: no bag was made: %s refused", quoted(bagging->path),
		     count_text(bagging->refused, "file was", "files were").s);
	else
		note_failure(run, bagging->path, code);
	if (asked(run, OPT_JSON)) {
		json_t *object = json_summary(status_of(code), code, ssum_strerror(code));

		json_text(object, "format", "bagit");
		json_count(object, "files", bagging->oxum.files);
		json_count(object, "refused", bagging->refused);
		json_count(object, "bytes", bagging->oxum.bytes);
		json_object_set_new(object, "seconds", json_real(seconds_now() - run->began));
		json_print(object);
	} else if (code == 0 && !asked(run, OPT_QUIET)) {
		out("%s: BagIt 1.0 bag", quoted(bagging->path));
		for (size_t i = 0; i < bagging->algorithms.count; i++)
			out(", %s", bagging->algorithms.items[i]);
		out("\n%s; %s in %s\n", count_text(bagging->oxum.files, "file", "files").s,
		    size_text(bagging->oxum.bytes).s, duration_text(seconds_now() - run->began).s);
	}
}

int create_bagit(const struct run *run)
{
	struct bagging bagging;
	int code;

	check_options(run);
	begin(&bagging, run);
	check_folder(&bagging);
	code = make_bag(&bagging);
	if (!stopped(code, "; the bag was not made"))
		say(&bagging, code);
	end(&bagging);
	return code ? trouble() : ALL_HOLDS;
}
