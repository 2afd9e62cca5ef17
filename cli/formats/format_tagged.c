/* SPDX-License-Identifier: MIT */
/*
 * Lists whose lines name their algorithms, and name several, or one that a manifest cannot have:
 *
 *     MD5 (disk.img) = ...            cksum --tag, and the programs of BSD
 *     SHA2-256(disk.img)= ...         openssl dgst
 *     BLAKE2b-256 (disk.img) = ...
 *
 * A list with one known algorithm is a manifest, which the library reads.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/formats.h"
#include "formats/reading.h"
#include "formats/text_file.h"
#include "output/memory.h"
#include "output/names.h"

#define BLANKS " \t"

/* The parts of a line, in the text. */
struct tagged_line {
	char *tag, *name, *digest;
	bool is_escaped; /* the name, as sha1sum escapes it */
	uint64_t number;
	size_t algorithm; /* index into those of the list */
};

struct tagged {
	struct reading *reading;
	const char *path;
	struct text_file text;
	struct tagged_line *lines;
	size_t count;
	/* The algorithms of the list, by their tags. The name is "" if the algorithm is unknown. */
	struct tagged_algorithm {
		const char *tag; /* in the text */
		struct ssum_algorithm_info info;
	} * algorithms;
	size_t algorithm_count;
};

/* Splits a line at its last ")", since names may contain parentheses. False if it has another form;
   the line is unchanged then. */
static bool tagged_split(char *line, struct tagged_line *parts)
{
	char *open, *close = strrchr(line, ')'), *digest;
	size_t length;

	line += strspn(line, BLANKS);
	parts->is_escaped = *line == '\\';
	line += parts->is_escaped;
	open = strchr(line, '(');
	if (!open || !close || close < open)
		return false;
	length = (size_t)(open - line);
	length -= length && open[-1] == ' ';
	digest = close + 1 + strspn(close + 1, BLANKS);
	if (!length || strcspn(line, BLANKS "(") != length || *digest++ != '=')
		return false;
	line[length] = *close = '\0';
	parts->tag = line;
	parts->name = open + 1;
	parts->digest = digest + strspn(digest, BLANKS);
	return true;
}

/* Replaces the escapes of sha1sum, in place. False if one is invalid. */
static bool tagged_unescape(char *name)
{
	static const char letters[] = "\\nr", meanings[] = "\\\n\r";
	char *to = name;

	for (; *name; name++) {
		const char *letter;

		if (*name != '\\') {
			*to++ = *name;
			continue;
		}
		letter = *++name ? strchr(letters, *name) : NULL;
		if (!letter)
			return false;
		*to++ = meanings[letter - letters];
	}
	*to = '\0';
	return true;
}

/* Lines of one known algorithm are a manifest. */
static bool tagged_recognise(int directory, const char *path)
{
	struct ssum_algorithm_info first = {.size = sizeof(first)}, info = {.size = sizeof(info)};
	const char *tag = "";
	struct text_file file;
	struct tagged_line parts;
	bool is = false;
	size_t length;
	char *line;

	(void)directory;
	if (text_read_list(&file, path))
		return false;
	while (!is && (line = text_next(&file, &length))) {
		if (!*line || *line == '#')
			continue;
		if (!tagged_split(line, &parts)) {
			if (!*tag)
				break; /* the first line decides */
			continue;
		}
		if (!strcmp(parts.tag, tag))
			continue;
		tag = parts.tag;
		is = ssum_algorithm(tag, &info) ||
		     (*first.name && strcmp(info.name, first.name) != 0);
		first = info;
	}
	text_free(&file);
	return is;
}

/* Finds the algorithm of a line. The message about an unknown one is for all of its lines. */
static size_t tagged_find_algorithm(struct tagged *list, const char *tag)
{
	size_t i = 0;

	while (i < list->algorithm_count && strcmp(list->algorithms[i].tag, tag) != 0)
		i++;
	if (i == list->algorithm_count) {
		list->algorithms = resize(list->algorithms, ++list->algorithm_count,
					  sizeof(*list->algorithms));
		list->algorithms[i].tag = tag;
		if (reading_find_algorithm(list->reading, list->path, tag,
					   &list->algorithms[i].info))
			reading_add_algorithm(list->reading, list->algorithms[i].info.name);
		else
			list->reading->is_incomplete = true;
	}
	return i;
}

static int tagged_compare_lines(const void *left, const void *right)
{
	const struct tagged_line *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->number < b->number ? -1 : a->number > b->number;
}

/* Adds the lines in the order of their names: digests of one file by several algorithms are one
   entry, whose line is the first one. */
static void tagged_add_lines(struct tagged *list)
{
	if (list->count)
		qsort(list->lines, list->count, sizeof(*list->lines), tagged_compare_lines);
	for (size_t i = 0, first = 0; i < list->count; i++) {
		struct tagged_line *line = &list->lines[i];
		const struct ssum_algorithm_info *info = &list->algorithms[line->algorithm].info;
		struct ssum_digest digest;
		struct ssum_listed_entry entry = {.size = sizeof(entry),
						  .type = SSUM_TYPE_FILE,
						  .length = SSUM_LENGTH_UNKNOWN,
						  .name = line->name,
						  .source = list->path,
						  .algorithm = info->name,
						  .digest = &digest};

		if (strcmp(line->name, list->lines[first].name) != 0)
			first = i;
		entry.line = list->lines[first].number;
		/* A second digest by the same algorithm is a second entry of the name. */
		for (size_t j = first; j < i; j++)
			if (list->lines[j].algorithm == line->algorithm)
				entry.line = line->number;
		if (ssum_digest_parse(line->digest, &digest) ||
		    digest.length != info->digest_length)
			reading_problem(list->reading, false, list->path, line->number, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
		else
			reading_add(list->reading, &entry);
	}
}

static void tagged_read(struct reading *reading, const char *path)
{
	struct tagged list = {.reading = reading, .path = path};
	int code = text_read_list(&list.text, path);
	size_t length;
	char *line;

	if (code) {
		reading->is_incomplete = true;
		reading_problem(reading, false, path, 0, "%s", ssum_strerror(code));
	}
	while ((line = text_next(&list.text, &length))) {
		struct tagged_line parts = {.tag = NULL};

		if (!*line || *line == '#')
			continue;
		if (strlen(line) != length || !tagged_split(line, &parts) ||
		    (parts.is_escaped && !tagged_unescape(parts.name))) {
			reading_problem(reading, false, path, list.text.line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
			continue;
		}
		parts.number = list.text.line;
		parts.algorithm = tagged_find_algorithm(&list, parts.tag);
		if (!*list.algorithms[parts.algorithm].info.name)
			continue;
		if (!(list.count & (list.count - 1)))
			list.lines = resize(list.lines, list.count ? 2 * list.count : 1,
					    sizeof(*list.lines));
		list.lines[list.count++] = parts;
	}
	tagged_add_lines(&list);
	free(list.lines);
	free(list.algorithms);
	text_free(&list.text);
}

const struct format format_tagged = {
	"tagged", "tagged", "list", false, tagged_recognise, tagged_read, NULL,
};
