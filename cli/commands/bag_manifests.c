/* SPDX-License-Identifier: MIT */
/* The manifests of a bag that is made: what they list, and their text. */
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/output.h"
#include "commands/bagging.h"
#include "formats/bag_lines.h"

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
		else if (entry->type == SSUM_TYPE_DIRECTORY)
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

int bag_list(struct bagging *bagging, bool of_payload)
{
	struct ssum_hash_options options = {
		.size = sizeof(options),
		.algorithms = (const char *const *)bagging->algorithms.items,
		.input = next_input,
		.result = take_result,
		.user = bagging,
		.directory = bagging->path,
	};
	char *path;
	int rc;

	bagging->of_payload = of_payload;
	bagging->below = of_payload ? BAG_DATA : "";
	if (asprintf(&path, "%s/%s", bagging->path, bagging->below) < 0)
		die("out of memory");
	rc = ssum_tree_open(path, NULL, &bagging->tree);
	free(path);
	if (rc)
		return rc;
	begin_outputs(bagging);
	rc = ssum_hash_each(bagging->run->context, &options);
	end_outputs(bagging);
	ssum_tree_close(bagging->tree);
	return rc;
}

void bag_write_manifests(const struct bagging *bagging, const char *prefix)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++) {
		const struct output *output = &bagging->outputs[i];
		char name[80];

		snprintf(name, sizeof(name), "%smanifest-%s.txt", prefix, output->part);
		bag_write_file(bagging, name, output->text, output->length);
	}
}

void bag_write_file(const struct bagging *bagging, const char *name, const char *text,
		    size_t length)
{
	int code = ssum_replace_file(bagging->directory, name, text, length);

	if (code)
		die("%s/%s: %s", quoted(bagging->path), quoted(name), ssum_strerror(code));
}
