/* SPDX-License-Identifier: MIT */
/* Bags: BagIt 1.0 (RFC 8493) and the drafts 0.93 to 0.97. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "formats/text_file.h"
#include "formats/bag_files.h"
#include "formats/formats.h"
#include "formats/reading.h"

struct bag {
	struct reading *reading;
	int directory;
	struct bag_version version;
	char encoding[64];
	struct list payload; /* the listed names, if there is a fetch.txt */
	bool has_fetch_list;
};

static bool bagit_recognise(int directory, const char *path)
{
	struct stat st;

	(void)path;
	return !fstatat(directory, "bagit.txt", &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
}

/* Reads a text file of the bag. If that fails, adds a problem and returns false. */
static bool bagit_read_text(const struct bag *bag, const char *name, struct text_file *file)
{
	int code = text_read(file, bag->directory, name);

	if (code) {
		reading_problem(bag->reading, false, name, 0, "%s", ssum_strerror(code));
		return false;
	}
	file->ends_in_cr = true;
	if (text_decode(file, bag->encoding))
		return true;
	reading_problem(bag->reading, false, name, 0, "is not valid text in the encoding %s",
			quoted(bag->encoding));
	text_free(file);
	return false;
}

/* ---- Manifests ---- */

/* The name at the end of a line: without "*", which md5sum writes before it, without "./", which
   find writes, and decoded. A payload manifest can list only what is below data/: in "data\file",
   from Windows, the backslashes are separators. */
static char *bagit_name(const struct bag *bag, char *name, bool of_payload)
{
	name += *name == '*';
	while (name[0] == '.' && (name[1] == '/' || (of_payload && name[1] == '\\')))
		name += 2;
	if (of_payload && !strncmp(name, "data\\", 5) && !strchr(name, '/'))
		for (char *at = name; (at = strchr(at, '\\'));)
			*at = '/';
	bag_decode_name(name, bag->version);
	return name;
}

/* Why a manifest must not list the name, or NULL. */
static const char *bagit_objection(const char *name, bool of_payload)
{
	bool is_payload = !strncmp(name, BAG_DATA, strlen(BAG_DATA));
	char *algorithm;
	bool is_tag_manifest;

	if (of_payload)
		return is_payload ? NULL : "must not be listed here: it is not below data/";
	if (is_payload)
		return "must not be listed here: it belongs to the payload";
	algorithm = bag_manifest_algorithm(name, "tagmanifest-");
	is_tag_manifest = algorithm != NULL;
	free(algorithm);
	return is_tag_manifest ? "must not be listed: it is a tag manifest" : NULL;
}

static void bagit_add_line(struct bag *bag, struct ssum_listed_entry *entry, char *line,
			   size_t length, size_t digest_length)
{
	bool of_payload = *entry->source == 'm';
	struct ssum_digest digest;
	char *rest = line, *word = strlen(line) == length ? bag_word(&rest) : NULL;
	const char *wrong;

	if (!word || !*rest || ssum_digest_parse(word, &digest) || digest.length != digest_length) {
		reading_problem(bag->reading, false, entry->source, entry->line, "%s",
				ssum_strerror(SSUM_ERR_MALFORMED));
		return;
	}
	rest = bagit_name(bag, rest, of_payload);
	wrong = bagit_objection(rest, of_payload);
	if (wrong) {
		reading_problem(bag->reading, false, entry->source, entry->line, "%s: %s",
				quoted(rest), wrong);
		return;
	}
	entry->name = rest;
	entry->digest = &digest;
	if (reading_add(bag->reading, entry) && of_payload && bag->has_fetch_list)
		list_add(&bag->payload, copy_string(rest));
}

static void bagit_read_manifest(struct bag *bag, const char *name, const char *algorithm)
{
	struct ssum_algorithm_info info;
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .type = SSUM_TYPE_FILE,
					  .length = SSUM_LENGTH_UNKNOWN,
					  .source = name};
	struct text_file file;
	size_t length;
	char *line;

	/* A manifest that cannot be read may list everything that the others do not. */
	if (!reading_find_algorithm(bag->reading, name, algorithm, &info) ||
	    !bagit_read_text(bag, name, &file)) {
		bag->reading->is_incomplete |= *name == 'm';
		return;
	}
	reading_add_algorithm(bag->reading, info.name);
	/* From version 1.0 on, each payload manifest must list the whole payload; before, all of
	   them together must. */
	if (*name == 'm' && bag_is_1_0(bag->version))
		ssum_listing_cover(bag->reading->listing, name, "data", 0);
	entry.algorithm = info.name;
	while ((line = text_next(&file, &length))) {
		entry.line = file.line;
		if (length)
			bagit_add_line(bag, &entry, line, length, info.digest_length);
	}
	text_free(&file);
}

/* Reads all manifests whose names begin with the prefix. False if there is none. */
static bool bagit_read_manifests(struct bag *bag, const char *prefix)
{
	struct list names = list_directory(bag->directory);
	bool any = false;

	for (size_t i = 0; i < names.count; i++) {
		char *algorithm = bag_manifest_algorithm(names.items[i], prefix);

		if (algorithm)
			bagit_read_manifest(bag, names.items[i], algorithm);
		any |= algorithm != NULL;
		free(algorithm);
	}
	list_free(&names);
	return any;
}

/* ---- fetch.txt ---- */

static int bagit_compare_fetches(const void *a, const void *b)
{
	return strcmp(((const struct fetch *)a)->name, ((const struct fetch *)b)->name);
}

/* "URL LENGTH NAME", where LENGTH may be "-". */
static bool bagit_add_fetch(struct bag *bag, char *line, uint64_t number)
{
	struct reading *reading = bag->reading;
	char *url = bag_word(&line), *length = url ? bag_word(&line) : NULL;

	if (!length || !*line ||
	    (strcmp(length, "-") != 0 && length[strspn(length, "0123456789")] != '\0'))
		return false;
	line = bagit_name(bag, line, true);
	if (!list_contains(&bag->payload, line)) {
		reading_problem(reading, false, "fetch.txt", number,
				"%s: no payload manifest lists this file", quoted(line));
		return true;
	}
	reading->fetches =
		resize(reading->fetches, reading->fetch_count + 1, sizeof(*reading->fetches));
	reading->fetches[reading->fetch_count++] =
		(struct fetch){copy_string(line), copy_string(url), number};
	return true;
}

static void bagit_read_fetch_list(struct bag *bag)
{
	struct reading *reading = bag->reading;
	struct text_file file;
	size_t length;
	char *line;

	if (!bag->has_fetch_list || !bagit_read_text(bag, "fetch.txt", &file))
		return;
	list_sort(&bag->payload);
	while ((line = text_next(&file, &length)))
		if (length && (strlen(line) != length || !bagit_add_fetch(bag, line, file.line)))
			reading_problem(reading, false, "fetch.txt", file.line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
	if (reading->fetch_count)
		qsort(reading->fetches, reading->fetch_count, sizeof(struct fetch),
		      bagit_compare_fetches);
	text_free(&file);
}

/* ---- The bag ---- */

static void bagit_read(struct reading *reading, const char *path)
{
	struct bag bag = {.reading = reading, .directory = reading->app->directory};
	struct stat st;

	if (bag.directory < 0) {
		reading_problem(reading, false, path, 0, "%s",
				ssum_strerror(reading->app->directory_error));
		return;
	}
	if (bag_declaration(reading, bag.directory, &bag.version, bag.encoding)) {
		bag.has_fetch_list = !fstatat(bag.directory, "fetch.txt", &st, AT_SYMLINK_NOFOLLOW);
		if (!bagit_read_manifests(&bag, "manifest-"))
			reading_problem(reading, false, path, 0,
					"has no payload manifest, such as manifest-sha512.txt");
		ssum_listing_cover(reading->listing, NULL, "data", 0);
		bagit_read_manifests(&bag, "tagmanifest-");
		bagit_read_fetch_list(&bag);
		bag_check_info(reading, bag.directory, bag.encoding);
		if (fstatat(bag.directory, "data", &st, AT_SYMLINK_NOFOLLOW))
			reading_problem(reading, true, "data", 0,
					"the payload directory is missing");
		else if (!S_ISDIR(st.st_mode))
			reading_problem(reading, true, "data", 0, "must be a directory");
	}
	list_free(&bag.payload);
}

/* RFC 8493, section 3: a bag is complete if it contains all listed files and no others; it is valid
   if it is complete and all digests hold. */
static void bagit_conclude(const struct reading *reading, const struct ssum_summary *summary,
			   int code, json_t *object)
{
	const uint64_t *count = summary->count;
	bool lacks = reading->differs || count[SSUM_MISSING] || count[SSUM_EXTRA];
	bool is_undecided = code < 0 || reading->undecided || count[SSUM_BAD_LINE];
	bool complete = !lacks && !reading->undecided && !count[SSUM_BAD_LINE] &&
			(code >= 0 || code == SSUM_ERR_UNDECIDED);
	bool valid = complete && !count[SSUM_DIFFERS];

	if (object) {
		json_object_set_new(object, "complete",
				    lacks      ? json_false()
				    : complete ? json_true()
					       : json_null());
		json_object_set_new(object, "valid",
				    lacks || count[SSUM_DIFFERS] ? json_false()
				    : is_undecided               ? json_null()
								 : json_boolean(valid));
	} else if (lacks) {
		out("the bag is not complete, therefore not valid\n");
	} else if (!complete) {
		out("it could not be decided whether the bag is complete\n");
	} else {
		out("the bag is complete%s\n",
		    count[SSUM_DIFFERS] ? ", but not valid"
		    : is_undecided      ? "; it could not be decided whether it is valid"
					: " and valid");
	}
}

const struct format format_bagit = {
	"bagit", "BagIt", "bag", true, bagit_recognise, bagit_read, bagit_conclude,
};
