/* SPDX-License-Identifier: MIT */
/* sparsesum create --format=bagit: a directory with its payload in data/ becomes a bag. Nothing is
   moved, and all of the payload is hashed before the first file is written. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/output.h"
#include "base/signals.h"
#include "base/units.h"
#include "commands/bagging.h"
#include "commands/commands.h"
#include "formats/bag_info.h"
#include "formats/bag_lines.h"
#include "options/command.h"
#include "options/options.h"
#include "report/report.h"

/* What RFC 8493 recommends. */
static char recommended[] = "sha512";

static void begin(struct bagging *bagging, const struct run *run)
{
	const struct list *asked_for = &run->options->algorithms;

	*bagging = (struct bagging){.run = run, .path = run->options->operands[0]};
	bagging->directory = open(bagging->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bagging->directory < 0) {
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
	close(bagging->directory);
}

static void write_info(const struct bagging *bagging)
{
	size_t length;
	char *text = bag_info_text(bagging->path, bagging->directory, &bagging->oxum, &length);

	bag_write_file(bagging, "bag-info.txt", text, length);
	free(text);
}

static int make_bag(struct bagging *bagging)
{
	static const char declaration[] = "BagIt-Version: 1.0\n"
					  "Tag-File-Character-Encoding: UTF-8\n";
	int code = bag_list(bagging, true);

	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	if (!bagging->oxum.files)
		return SSUM_ERR_EMPTY;
	bag_write_manifests(bagging, "");
	write_info(bagging);
	bag_write_file(bagging, "bagit.txt", declaration, strlen(declaration));
	code = bag_list(bagging, false);
	if (code || bagging->refused)
		return code ? code : SSUM_ERR_UNDECIDED;
	bag_write_manifests(bagging, "tag");
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

	bag_check_options(run);
	begin(&bagging, run);
	bag_check_directory(&bagging);
	code = make_bag(&bagging);
	if (!stopped(code, "; the bag was not made"))
		say(&bagging, code);
	end(&bagging);
	return code ? trouble() : ALL_HOLDS;
}
