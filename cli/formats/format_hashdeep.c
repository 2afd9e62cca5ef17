/* SPDX-License-Identifier: MIT */
/* Lists of hashdeep: sizes, digests and names of files. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "output/text.h"
#include "formats/text_file.h"
#include "formats/formats.h"
#include "formats/reading.h"

#define HEADER "%%%% HASHDEEP-1.0"
#define INVOKED "## Invoked from: "
#define DIGESTS_MAX 16

struct hashdeep {
	struct reading *reading;
	const char *path;
	char *algorithms[DIGESTS_MAX]; /* of the columns between size and filename */
	size_t count;
	char *directory; /* the verified directory, with symlinks resolved */
	char *prefix;    /* its path relative to where hashdeep was run; or "" */
};

static bool hashdeep_recognise(const char *path)
{
	struct text_file file;
	bool is = text_read(&file, AT_FDCWD, path) == 0 &&
		  !strncmp(file.text, HEADER, strlen(HEADER));

	text_free(&file);
	return is;
}

/* "%%%% size,md5,sha256,filename" */
static bool hashdeep_parse_columns(struct hashdeep *list, char *line)
{
	char *rest = line + strlen("%%%% "), *name = strsep(&rest, ",");

	if (strcmp(name, "size") != 0)
		return false;
	while ((name = strsep(&rest, ","))) {
		struct ssum_algorithm_info info = {.size = sizeof(info)};

		if (!rest)
			return !strcmp(name, "filename") && list->count;
		if (list->count == DIGESTS_MAX || ssum_algorithm(name, &info)) {
			reading_problem(list->reading, false, list->path, 2, "unknown algorithm %s",
					in_quotes(name));
			return false;
		}
		list->algorithms[list->count++] = copy_string(info.name);
		reading_add_algorithm(list->reading, info.name);
	}
	return false;
}

/* Names are relative to the directory in which hashdeep was run. If that is above the verified
   directory, the path from there to the verified directory precedes each name. */
static void hashdeep_set_start(struct hashdeep *list, const char *start)
{
	size_t length = strlen(start);

	while (length > 1 && start[length - 1] == '/')
		length--;
	if (length == 1)
		length = 0;
	if (list->directory && !strncmp(list->directory, start, length) &&
	    list->directory[length] == '/' && list->directory[length + 1]) {
		free(list->prefix);
		list->prefix = copy_string(list->directory + length + 1);
	}
}

/* The rest of a name that is below the directory; otherwise NULL. */
static const char *hashdeep_name_below(const char *name, const char *directory)
{
	size_t length = strlen(directory);

	return !strncmp(name, directory, length) && name[length] == '/' ? name + length + 1 : NULL;
}

/* Parses all digests of a line before it adds the first one, so that a malformed line adds nothing.
 */
static bool hashdeep_add_line(struct hashdeep *list, char *line, uint64_t number)
{
	struct ssum_digest digests[DIGESTS_MAX];
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .type = SSUM_TYPE_FILE,
					  .source = list->path,
					  .line = number};
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	char *field = strsep(&line, ",");

	/* At most 19 digits, so that it is never SSUM_LENGTH_UNKNOWN. */
	if (strlen(field) > 19 || !parse_number(field, &entry.length))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		field = strsep(&line, ",");
		if (!field || ssum_digest_parse(field, &digests[i]) ||
		    ssum_algorithm(list->algorithms[i], &info) ||
		    digests[i].length != info.digest_length)
			return false;
	}
	if (!line || !*line)
		return false;
	entry.name = line;
	while (entry.name[0] == '.' && entry.name[1] == '/')
		entry.name += 2;
	if (*line == '/')
		entry.name = list->directory ? hashdeep_name_below(line, list->directory) : NULL;
	else if (*list->prefix)
		entry.name = hashdeep_name_below(entry.name, list->prefix);
	if (!entry.name) {
		reading_problem(list->reading, false, list->path, number,
				"%s: is not below %s; run hashdeep -l there to list relative names",
				quoted(line), quoted(list->reading->directory));
		return true;
	}
	for (size_t i = 0; i < list->count; i++) {
		entry.algorithm = list->algorithms[i];
		entry.digest = &digests[i];
		if (!reading_add(list->reading, &entry))
			break;
	}
	return true;
}

static void hashdeep_parse(struct hashdeep *list, struct text_file *file)
{
	size_t length;
	char *line = text_next(file, &length);

	file->ends_in_cr = length && line[length - 1] == '\r'; /* from another system */
	if (file->ends_in_cr && *file->at == '\n')
		file->at++;
	line = text_next(file, &length);
	if (!line || strncmp(line, "%%%% ", 5) || !hashdeep_parse_columns(list, line)) {
		reading_problem(list->reading, false, list->path, 2,
				"the names of the columns are missing, such as %%%%%%%% "
				"size,md5,sha256,filename");
		return;
	}
	while ((line = text_next(file, &length))) {
		if (!strncmp(line, INVOKED, strlen(INVOKED)) && strlen(line) == length)
			hashdeep_set_start(list, line + strlen(INVOKED));
		else if (!strncmp(line, "##", 2))
			continue;
		else if (strlen(line) != length || !hashdeep_add_line(list, line, file->line))
			reading_problem(list->reading, false, list->path, file->line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
	}
}

static void hashdeep_read(struct reading *reading, const char *path)
{
	struct hashdeep list = {.reading = reading,
				.path = path,
				.directory = realpath(reading->directory, NULL),
				.prefix = copy_string("")};
	struct text_file file;
	int code = text_read(&file, AT_FDCWD, path);

	if (code == 0 && strncmp(file.text, HEADER, strlen(HEADER)) == 0)
		hashdeep_parse(&list, &file);
	else
		reading_problem(reading, false, path, code ? 0 : 1, "%s",
				code ? ssum_strerror(code) : "must begin with " HEADER);
	/* hashdeep lists all files, but no symlinks and directories. */
	ssum_listing_cover(reading->listing, NULL, "", 0);
	snprintf(reading->version, sizeof(reading->version), "1.0");
	for (size_t i = 0; i < list.count; i++)
		free(list.algorithms[i]);
	text_free(&file);
	free(list.directory);
	free(list.prefix);
}

/* The counts of hashdeep -a. It counts a file whose content differs twice: as new and as missing.
 */
static void hashdeep_conclude(const struct reading *reading, const struct ssum_summary *summary,
			      int code, json_t *object)
{
	uint64_t differing = summary->count[SSUM_DIFFERS];
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{"matched", summary->count[SSUM_HOLDS]},
		{"moved", reading->moved},
		{"new", summary->count[SSUM_EXTRA] - reading->moved + differing},
		{"missing", summary->count[SSUM_MISSING] - reading->moved + differing},
	};
	json_t *audit = object ? json_object() : NULL;

	if (code < 0 && code != SSUM_ERR_UNDECIDED && !object)
		return;
	if (!object)
		out("hashdeep: audit %s:", code == SSUM_HOLDS ? "passed" : "failed");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (object)
			json_count(audit, rows[i].name, rows[i].count);
		else
			out("%s %" PRIu64 " %s", i ? "," : "", rows[i].count, rows[i].name);
	}
	if (object)
		json_object_set_new(object, "audit", audit);
	else
		out("\n");
}

const struct format format_hashdeep = {
	"hashdeep", "hashdeep", "list", false, hashdeep_recognise, hashdeep_read, hashdeep_conclude,
};
