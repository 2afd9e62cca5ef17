/* SPDX-License-Identifier: MIT */
/* bag-info.txt, of which Payload-Oxum is judged: how many bytes and files the payload has. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "base/names.h"
#include "base/text_file.h"
#include "formats/bag_info.h"

#define LABEL "Payload-Oxum"

/* Counts what is there, and opens no file. False if that cannot be told. */
bool oxum_of_payload(const char *directory, struct oxum *oxum)
{
	const struct ssum_tree_entry *entry;
	struct ssum_tree *tree = NULL;
	struct stat st;
	char *path;
	int rc;

	*oxum = (struct oxum){0};
	if (asprintf(&path, "%s/data", directory) < 0)
		die("out of memory");
	rc = lstat(path, &st) || !S_ISDIR(st.st_mode) ? -ENOTDIR
						      : ssum_tree_open(path, NULL, &tree);
	while (!rc && (rc = ssum_tree_next(tree, &entry)) == 1) {
		rc = entry->error;
		oxum->files += entry->type == SSUM_TYPE_FILE;
		oxum->bytes += entry->length;
	}
	ssum_tree_close(tree);
	free(path);
	return !rc;
}

static void check(struct reading *reading, const char *name, uint64_t line, const char *value)
{
	struct oxum due, found;
	int end = 0;

	if (value[strspn(value, "0123456789. \t")] ||
	    sscanf(value, "%" SCNu64 ".%" SCNu64 " %n", &due.bytes, &due.files, &end) != 2 ||
	    value[end]) {
		reading_problem(reading, false, name, line,
				LABEL
				" is no count of bytes and of files, such as 279164409198.1198");
	} else if (oxum_of_payload(reading->directory, &found) &&
		   (found.bytes != due.bytes || found.files != due.files)) {
		reading_problem(reading, true, name, line,
				LABEL " is %" PRIu64 ".%" PRIu64 ", and the payload has %" PRIu64
				      ".%" PRIu64 " (bytes.files)",
				due.bytes, due.files, found.bytes, found.files);
	}
}

static void check_lines(struct reading *reading, const char *name, struct text_file *file)
{
	bool seen = false, any = false;
	size_t length;
	char *line;

	while ((line = text_next(file, &length))) {
		char *colon = strchr(line, ':');

		if (!*line || (any && strchr(" \t", *line)))
			continue; /* what goes on from the line above */
		any = true;
		if (strlen(line) != length || !colon || colon == line) {
			reading_problem(reading, false, name, file->line,
					"should be \"Label: value\"");
			continue;
		}
		*colon = '\0';
		if (strcasecmp(line, LABEL) != 0)
			continue;
		if (seen)
			reading_problem(reading, false, name, file->line,
					LABEL " stands there twice");
		else
			check(reading, name, file->line, colon + 1 + strspn(colon + 1, " \t"));
		seen = true;
	}
}

/* bag-info.txt may be missing; up to 0.95 it was called package-info.txt. */
void bag_check_info(struct reading *reading, int directory, const char *encoding)
{
	const char *name = "bag-info.txt";
	struct text_file file;
	int code = text_read(&file, directory, name);

	if (code == -ENOENT)
		code = text_read(&file, directory, name = "package-info.txt");
	if (code == -ENOENT)
		return;
	if (code) {
		reading_problem(reading, false, name, 0, "%s", ssum_strerror(code));
		return;
	}
	file.ends_in_cr = true;
	if (text_decode(&file, encoding))
		check_lines(reading, name, &file);
	else
		reading_problem(reading, false, name, 0, "is no text in %s", quoted(encoding));
	text_free(&file);
}

/* ---- Writing ---- */

static bool is_ours(const char *line)
{
	return !strncasecmp(line, "Payload-Oxum:", 13) || !strncasecmp(line, "Bagging-Date:", 13);
}

/* What others have written stays; a line that begins with a blank belongs to the one above. */
static void keep_lines(struct text_file *file, FILE *to)
{
	bool keep = true;
	size_t length;
	char *line;

	while ((line = text_next(file, &length))) {
		if (!strchr(" \t", *line))
			keep = !is_ours(line);
		if (keep && length)
			fprintf(to, "%s\n", line);
	}
}

static void put_date(FILE *to)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH"); /* for bags that can be made again */
	time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	struct tm day = {0};
	char date[32];

	if (epoch)
		gmtime_r(&now, &day);
	else
		localtime_r(&now, &day);
	strftime(date, sizeof(date), "%Y-%m-%d", &day);
	fprintf(to, "Bagging-Date: %s\n", date);
}

char *bag_info_text(const char *path, int directory, const struct oxum *oxum, size_t *length)
{
	struct text_file file;
	char *text = NULL;
	int code = text_read(&file, directory, "bag-info.txt");
	FILE *to = open_memstream(&text, length);

	if (code && code != -ENOENT)
		die("%s/bag-info.txt: %s", quoted(path), ssum_strerror(code));
	if (!to)
		die("out of memory");
	file.ends_in_cr = true;
	keep_lines(&file, to);
	put_date(to);
	fprintf(to, LABEL ": %" PRIu64 ".%" PRIu64 "\n", oxum->bytes, oxum->files);
	if (fclose(to))
		die("out of memory");
	text_free(&file);
	return text;
}
