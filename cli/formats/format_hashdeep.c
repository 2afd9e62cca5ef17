/* SPDX-License-Identifier: MIT */
/* Lists of hashdeep: sizes and digests of files, by whatever names it met them under. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "formats/text_file.h"
#include "formats/formats.h"
#include "formats/reading.h"

#define HEADER "%%%% HASHDEEP-1.0"
#define INVOKED "## Invoked from: "
#define MOST_COLUMNS 16

/* The columns between size and filename. */
struct hashdeep {
	struct reading *reading;
	const char *path;
	char *algorithms[MOST_COLUMNS];
	size_t count;
	char *directory; /* that is verified, without links in its path */
	char *prefix;    /* what comes before the names below it; "" */
};

static bool recognise(const char *path)
{
	struct text_file file;
	bool is = text_read(&file, AT_FDCWD, path) == 0 &&
		  !strncmp(file.text, HEADER, strlen(HEADER));

	text_free(&file);
	return is;
}

/* "%%%% size,md5,sha256,filename" */
static bool take_columns(struct hashdeep *list, char *line)
{
	char *rest = line + strlen("%%%% "), *name = strsep(&rest, ",");

	if (strcmp(name, "size") != 0)
		return false;
	while ((name = strsep(&rest, ","))) {
		struct ssum_algorithm_info info = {.size = sizeof(info)};

		if (!rest)
			return !strcmp(name, "filename") && list->count;
		if (list->count == MOST_COLUMNS || ssum_algorithm(name, &info)) {
			reading_problem(list->reading, false, list->path, 2,
					"the digest %s is not to be had here", in_quotes(name));
			return false;
		}
		list->algorithms[list->count++] = copy_string(info.name);
		reading_add_algorithm(list->reading, info.name);
	}
	return false;
}

/*
 * Names are relative to the directory that hashdeep was run in. Where that is above the one that is
 * verified, what lies between comes before each name.
 */
static void take_place(struct hashdeep *list, const char *place)
{
	size_t length = strlen(place);

	while (length > 1 && place[length - 1] == '/')
		length--;
	if (length == 1)
		length = 0;
	if (list->directory && !strncmp(list->directory, place, length) &&
	    list->directory[length] == '/' && list->directory[length + 1]) {
		free(list->prefix);
		list->prefix = copy_string(list->directory + length + 1);
	}
}

/* A name below the directory, or NULL. */
static const char *below(const char *name, const char *directory)
{
	size_t length = strlen(directory);

	return !strncmp(name, directory, length) && name[length] == '/' ? name + length + 1 : NULL;
}

/* The name below the directory that is verified; NULL if it is elsewhere. */
static const char *local_name(const struct hashdeep *list, const char *name)
{
	if (*name == '/')
		return list->directory ? below(name, list->directory) : NULL;
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return *list->prefix ? below(name, list->prefix) : name;
}

static bool parse_length(const char *text, uint64_t *length)
{
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 19)
		return false;
	*length = strtoull(text, &end, 10);
	return !*end;
}

/* All digests of a line are read before the first is added: it counts as a whole or not at all. */
static bool take_entry(struct hashdeep *list, char *line, uint64_t number)
{
	struct ssum_digest digests[MOST_COLUMNS];
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .type = SSUM_TYPE_FILE,
					  .source = list->path,
					  .line = number};
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	char *field = strsep(&line, ",");

	if (!parse_length(field, &entry.length))
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
	entry.name = local_name(list, line);
	if (!entry.name) {
		reading_problem(list->reading, false, list->path, number,
				"%s: is not below %s; hashdeep -l, run there, lists relative names",
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

static void take_lines(struct hashdeep *list, struct text_file *file)
{
	size_t length;
	char *line = text_next(file, &length);

	file->ends_in_cr = length && line[length - 1] == '\r'; /* written elsewhere */
	if (file->ends_in_cr && *file->at == '\n')
		file->at++;
	line = text_next(file, &length);
	if (!line || strncmp(line, "%%%% ", 5) || !take_columns(list, line)) {
		reading_problem(list->reading, false, list->path, 2,
				"no line that says which digests follow, such as %%%%%%%% "
				"size,md5,sha256,filename");
		return;
	}
	while ((line = text_next(file, &length))) {
		if (!strncmp(line, INVOKED, strlen(INVOKED)) && strlen(line) == length)
			take_place(list, line + strlen(INVOKED));
		else if (!strncmp(line, "##", 2))
			continue;
		else if (strlen(line) != length || !take_entry(list, line, file->line))
			reading_problem(list->reading, false, list->path, file->line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
	}
}

static void read_list(struct reading *reading, const char *path)
{
	struct hashdeep list = {.reading = reading,
				.path = path,
				.directory = realpath(reading->directory, NULL),
				.prefix = copy_string("")};
	struct text_file file;
	int code = text_read(&file, AT_FDCWD, path);

	if (code == 0 && strncmp(file.text, HEADER, strlen(HEADER)) == 0)
		take_lines(&list, &file);
	else
		reading_problem(reading, false, path, code ? 0 : 1, "%s",
				code ? ssum_strerror(code) : "does not begin with " HEADER);
	/* Files alone are listed. */
	ssum_listing_cover(reading->listing, NULL, "", 0);
	snprintf(reading->version, sizeof(reading->version), "1.0");
	for (size_t i = 0; i < list.count; i++)
		free(list.algorithms[i]);
	text_free(&file);
	free(list.directory);
	free(list.prefix);
}

/* What hashdeep -a counts. A file of another content is a new one to it, and the known one is not
   there. */
static void conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		     json_t *object)
{
	uint64_t other = summary->count[SSUM_DIFFERS];
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{"matched", summary->count[SSUM_HOLDS]},
		{"moved", reading->moved},
		{"new", summary->count[SSUM_EXTRA] - reading->moved + other},
		{"missing", summary->count[SSUM_MISSING] - reading->moved + other},
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

const struct format format_hashdeep = {"hashdeep", "hashdeep", "list",  false,
				       recognise,  read_list,  conclude};
