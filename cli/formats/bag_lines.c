/* SPDX-License-Identifier: MIT */
/* What the files of a bag have in common: the declaration, words, percent-encoding, algorithms. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text_file.h"
#include "formats/bag_lines.h"

#define DECLARATION "bagit.txt"

/* ---- The declaration ---- */

static bool parse_version(const char *text, struct bag_version *version)
{
	int end = 0;

	if (!isdigit((unsigned char)*text) ||
	    sscanf(text, "%3u.%3u%n", &version->major, &version->minor, &end) != 2 || text[end])
		return false;
	return (version->major == 1 && version->minor == 0) ||
	       (version->major == 0 && version->minor >= 93 && version->minor <= 97);
}

/* What follows "LABEL:" and blanks, without those at its end; or NULL. */
static char *value_of(char *line, const char *label)
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

static bool parse_declaration(struct reading *reading, struct text_file *file,
			      struct bag_version *version, char encoding[64])
{
	size_t length = 0;
	char *value = value_of(text_next(file, &length), "BagIt-Version");

	if (!value || !parse_version(value, version)) {
		reading_problem(reading, false, DECLARATION, 1,
				"should be \"BagIt-Version: 1.0\", or 0.93 to 0.97");
		return false;
	}
	snprintf(reading->version, sizeof(reading->version), "%u.%u", version->major,
		 version->minor);
	value = value_of(text_next(file, &length), "Tag-File-Character-Encoding");
	if (!value || !*value || strlen(value) >= 64) {
		reading_problem(reading, false, DECLARATION, 2,
				"should be \"Tag-File-Character-Encoding: UTF-8\"");
		return false;
	}
	strcpy(encoding, value);
	if (!text_next(file, &length))
		return true;
	reading_problem(reading, false, DECLARATION, 3, "a declaration has two lines only");
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
		is = parse_declaration(reading, &file, version, encoding);
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

/* Only these are ever encoded: %2e%2e is a name of six characters. */
void bag_decode_name(char *name, struct bag_version version)
{
	char *to = name;

	while (*name) {
		if (!strncasecmp(name, "%0a", 3))
			*to++ = '\n';
		else if (!strncasecmp(name, "%0d", 3))
			*to++ = '\r';
		else if (is_bag_1_0(version) && !strncmp(name, "%25", 3))
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

bool bag_algorithm(const char *name, struct ssum_algorithm_info *info)
{
	static const char *const dashed[] = {
		"sha3-224",   "sha3-256",    "sha3-384",   "sha3-512", "sha512-224",
		"sha512-256", "sha2-224",    "sha2-256",   "sha2-384", "sha2-512",
		"ripemd-160", "blake2b-512", "blake2s-256"};

	char part[40];

	info->size = sizeof(*info);
	if (ssum_algorithm(name, info) == 0)
		return true;
	for (size_t i = 0; i < sizeof(dashed) / sizeof(dashed[0]); i++) {
		bag_algorithm_part(dashed[i], part, sizeof(part));
		if (!strcmp(part, name) && ssum_algorithm(dashed[i], info) == 0)
			return true;
	}
	return false;
}

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
