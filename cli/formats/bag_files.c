/* SPDX-License-Identifier: MIT */
/* The text files of a bag: bagit.txt, lines of manifests, names of algorithms, bag-info.txt. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "formats/bag_files.h"
#include "formats/text_file.h"
#include "output/names.h"

#define DECLARATION "bagit.txt"

/* ---- bagit.txt ---- */

static bool bag_parse_version(const char *text, struct bag_version *version)
{
	int end = 0;

	if (!isdigit((unsigned char)*text) ||
	    sscanf(text, "%3u.%3u%n", &version->major, &version->minor, &end) != 2 || text[end])
		return false;
	return (version->major == 1 && version->minor == 0) ||
	       (version->major == 0 && version->minor >= 93 && version->minor <= 97);
}

/* The value in "LABEL: VALUE", without blanks around it; NULL if the line has another label. */
static char *bag_value(char *line, const char *label)
{
	size_t length = strlen(label);

	if (!line || strncmp(line, label, length) != 0 || line[length] != ':')
		return NULL;
	line += length + 1;
	line += strspn(line, " \t");
	for (length = strlen(line); length && strchr(" \t", line[length - 1]); length--)
		line[length - 1] = '\0';
	return line;
}

static bool bag_parse_declaration(struct reading *reading, struct text_file *file,
				  struct bag_version *version, char encoding[64])
{
	size_t length = 0;
	char *value = bag_value(text_next(file, &length), "BagIt-Version");

	if (!value || !bag_parse_version(value, version)) {
		reading_problem(reading, false, DECLARATION, 1,
				"must be \"BagIt-Version: 1.0\", or 0.93 to 0.97");
		return false;
	}
	snprintf(reading->version, sizeof(reading->version), "%u.%u", version->major,
		 version->minor);
	value = bag_value(text_next(file, &length), "Tag-File-Character-Encoding");
	if (!value || !*value || strlen(value) >= 64) {
		reading_problem(reading, false, DECLARATION, 2,
				"must be \"Tag-File-Character-Encoding: UTF-8\" or the like");
		return false;
	}
	strcpy(encoding, value);
	if (!text_next(file, &length))
		return true;
	reading_problem(reading, false, DECLARATION, 3,
			"must not exist: " DECLARATION " has two lines");
	return false;
}

bool bag_declaration(struct reading *reading, int directory, struct bag_version *version,
		     char encoding[64])
{
	struct text_file file;
	int code = text_read(&file, directory, DECLARATION);
	bool is = false;

	file.ends_in_cr = true;
	if (code)
		reading_problem(reading, false, DECLARATION, 0, "%s", ssum_strerror(code));
	else
		is = bag_parse_declaration(reading, &file, version, encoding);
	text_free(&file);
	return is;
}

/* ---- Lines ---- */

char *bag_word(char **rest)
{
	size_t length = strcspn(*rest, " \t");
	char *word = *rest;

	if (!length || !word[length])
		return NULL;
	*rest += length + strspn(word + length, " \t");
	word[length] = '\0';
	return word;
}

/* No other characters are encoded: %2e%2e is a name of six characters. */
void bag_decode_name(char *name, struct bag_version version)
{
	char *to = name;

	while (*name) {
		if (!strncasecmp(name, "%0a", 3))
			*to++ = '\n';
		else if (!strncasecmp(name, "%0d", 3))
			*to++ = '\r';
		else if (bag_is_1_0(version) && !strncmp(name, "%25", 3))
			*to++ = '%';
		else {
			*to++ = *name++;
			continue;
		}
		name += 3;
	}
	*to = '\0';
}

/* ---- Algorithms ---- */

void bag_algorithm_part(const char *name, char *part, size_t size)
{
	size_t length = 0;

	for (; *name && length + 1 < size; name++)
		if (isalnum((unsigned char)*name))
			part[length++] = (char)tolower((unsigned char)*name);
	part[length] = '\0';
}

char *bag_manifest_algorithm(const char *name, const char *prefix)
{
	size_t length = strlen(name), before = strlen(prefix), after = strlen(".txt");
	char *algorithm;

	if (length <= before + after || strncmp(name, prefix, before) != 0 ||
	    strcmp(name + length - after, ".txt") != 0)
		return NULL;
	algorithm = copy_string(name + before);
	algorithm[length - before - after] = '\0';
	return algorithm;
}

/* ---- bag-info.txt ---- */

/* The one label whose value is verified: how many bytes and files the payload has. */
#define LABEL "Payload-Oxum"

bool bag_payload_oxum(const char *directory, struct oxum *oxum)
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

static void bag_check_oxum(struct reading *reading, const char *name, uint64_t line,
			   const char *value)
{
	struct oxum expected, found;
	int end = 0;

	if (value[strspn(value, "0123456789. \t")] ||
	    sscanf(value, "%" SCNu64 ".%" SCNu64 " %n", &expected.bytes, &expected.files, &end) !=
		    2 ||
	    value[end]) {
		reading_problem(reading, false, name, line,
				"invalid " LABEL ": use BYTES.FILES, such as 279164409198.1198");
	} else if (bag_payload_oxum(reading->directory, &found) &&
		   (found.bytes != expected.bytes || found.files != expected.files)) {
		reading_problem(reading, true, name, line,
				LABEL " is %" PRIu64 ".%" PRIu64 ", but the payload has %" PRIu64
				      ".%" PRIu64 " (bytes.files)",
				expected.bytes, expected.files, found.bytes, found.files);
	}
}

static void bag_check_info_lines(struct reading *reading, const char *name, struct text_file *file)
{
	bool seen = false, any = false;
	size_t length;
	char *line;

	while ((line = text_next(file, &length))) {
		char *colon = strchr(line, ':');

		if (!*line || (any && strchr(" \t", *line)))
			continue; /* it continues the line above */
		any = true;
		if (strlen(line) != length || !colon || colon == line) {
			reading_problem(reading, false, name, file->line,
					"must be \"Label: value\"");
			continue;
		}
		*colon = '\0';
		if (strcasecmp(line, LABEL) != 0)
			continue;
		if (seen)
			reading_problem(reading, false, name, file->line,
					LABEL " must not be repeated");
		else
			bag_check_oxum(reading, name, file->line,
				       colon + 1 + strspn(colon + 1, " \t"));
		seen = true;
	}
}

/* Up to version 0.95 the name was package-info.txt. */
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
		bag_check_info_lines(reading, name, &file);
	else
		reading_problem(reading, false, name, 0, "is not valid text in the encoding %s",
				quoted(encoding));
	text_free(&file);
}

/* ---- Writing ---- */

static void bag_print_date(FILE *to)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH"); /* for reproducible bags */
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
	bool is_kept = true;
	size_t line_length;
	char *text = NULL, *line;
	int code = text_read(&file, directory, "bag-info.txt");
	FILE *to = open_memstream(&text, length);

	if (code && code != -ENOENT)
		die("%s/bag-info.txt: %s", quoted(path), ssum_strerror(code));
	if (!to)
		die("out of memory");
	file.ends_in_cr = true;
	/* Keep all other lines. A line that begins with a blank continues the one above. */
	while ((line = text_next(&file, &line_length))) {
		if (!strchr(" \t", *line))
			is_kept = strncasecmp(line, LABEL ":", strlen(LABEL ":")) != 0 &&
				  strncasecmp(line, "Bagging-Date:", 13) != 0;
		if (is_kept && line_length)
			fprintf(to, "%s\n", line);
	}
	bag_print_date(to);
	fprintf(to, LABEL ": %" PRIu64 ".%" PRIu64 "\n", oxum->bytes, oxum->files);
	if (fclose(to))
		die("out of memory");
	text_free(&file);
	return text;
}
