/* SPDX-License-Identifier: MIT */
/* Bags: BagIt 1.0 (RFC 8493) and the drafts 0.93 to 0.97. */
#include <dirent.h>
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
#include "formats/bag_files.h"
#include "formats/formats.h"
#include "formats/reading.h"

struct bag {
	struct reading *reading;
	int directory;
	struct bag_version version;
	char encoding[64];
	struct list payload; /* names that are listed, if there is a fetch.txt */
	bool fetches;
	bool unread; /* there is a manifest of which nothing is known */
};

static bool recognise(const char *path)
{
	struct stat st;
	char *name;
	bool is;

	if (asprintf(&name, "%s/bagit.txt", path) < 0)
		die("out of memory");
	is = lstat(name, &st) == 0 && S_ISREG(st.st_mode);
	free(name);
	return is;
}

/* Open one of its files of text. False if that fails, which is told. */
static bool open_text(const struct bag *bag, const char *name, struct text_file *file)
{
	int code = text_read(file, bag->directory, name);

	if (code) {
		reading_problem(bag->reading, false, name, 0, "%s", ssum_strerror(code));
		return false;
	}
	file->ends_in_cr = true;
	if (text_decode(file, bag->encoding))
		return true;
	reading_problem(bag->reading, false, name, 0, "is no text in %s", quoted(bag->encoding));
	text_free(file);
	return false;
}

/* ---- Manifests ---- */

static bool is_tag_manifest(const char *name)
{
	char *algorithm = bag_manifest_algorithm(name, "tagmanifest-");

	free(algorithm);
	return algorithm;
}

/* What is written before a name: "./" by find, '*' by md5sum. */
static char *without_marks(char *name)
{
	name += *name == '*';
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* Why a name may not stand in a manifest, or NULL. */
static const char *objection(const char *name, bool of_payload)
{
	bool is_payload = !strncmp(name, BAG_DATA, strlen(BAG_DATA));

	if (of_payload)
		return is_payload ? NULL : "is not below data/, and so not of the payload";
	if (is_payload)
		return "is of the payload, which a tag manifest does not list";
	return is_tag_manifest(name) ? "is a tag manifest, which lists no such" : NULL;
}

static void take_line(struct bag *bag, struct ssum_listed_entry *entry, char *line, size_t length,
		      size_t digest_length)
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
	rest = without_marks(rest);
	bag_decode_name(rest, bag->version);
	wrong = objection(rest, of_payload);
	if (wrong) {
		reading_problem(bag->reading, false, entry->source, entry->line, "%s: %s",
				quoted(rest), wrong);
		return;
	}
	entry->name = rest;
	entry->digest = &digest;
	if (reading_add(bag->reading, entry) && of_payload && bag->fetches)
		list_add(&bag->payload, copy_string(rest));
}

static void read_manifest(struct bag *bag, const char *name, const char *algorithm)
{
	struct ssum_algorithm_info info;
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .type = SSUM_TYPE_FILE,
					  .length = SSUM_LENGTH_UNKNOWN,
					  .source = name};
	struct text_file file;
	size_t length;
	char *line;

	if (!bag_algorithm(algorithm, &info)) {
		reading_problem(bag->reading, false, name, 0,
				"the algorithm %s is not to be had here", quoted(algorithm));
		bag->unread = true;
		return;
	}
	reading_add_algorithm(bag->reading, info.name);
	if (!open_text(bag, name, &file)) {
		bag->unread = true;
		return;
	}
	if (*name == 'm' && bag_is_1_0(bag->version))
		ssum_listing_cover(bag->reading->listing, name, "data", 0);
	entry.algorithm = info.name;
	while ((line = text_next(&file, &length))) {
		entry.line = file.line;
		if (length)
			take_line(bag, &entry, line, length, info.digest_length);
	}
	text_free(&file);
}

/* In version 1.0 each payload manifest lists all of the payload, before that all of them together
   do. */
static bool read_manifests(struct bag *bag, const char *prefix)
{
	struct dirent **entries;
	int count = scandirat(bag->directory, ".", &entries, NULL, alphasort);
	bool any = false;

	for (int i = 0; i < count; i++) {
		char *algorithm = bag_manifest_algorithm(entries[i]->d_name, prefix);

		if (algorithm) {
			read_manifest(bag, entries[i]->d_name, algorithm);
			any = true;
		}
		free(algorithm);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return any;
}

/* ---- fetch.txt ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_fetches(const void *a, const void *b)
{
	return strcmp(((const struct fetch *)a)->name, ((const struct fetch *)b)->name);
}

static void add_fetch(struct reading *reading, const char *name, const char *url, uint64_t line)
{
	size_t size = (reading->fetch_count + 1) * sizeof(struct fetch);
	struct fetch *fetches = realloc(reading->fetches, size);

	if (!fetches)
		die("out of memory");
	reading->fetches = fetches;
	fetches[reading->fetch_count++] = (struct fetch){copy_string(name), copy_string(url), line};
}

/* "URL LENGTH NAME", where LENGTH may be "-". */
static bool take_fetch(struct bag *bag, char *line, uint64_t number)
{
	char *url = bag_word(&line), *length = url ? bag_word(&line) : NULL;

	if (!length || !*line ||
	    (strcmp(length, "-") != 0 && length[strspn(length, "0123456789")] != '\0'))
		return false;
	line = without_marks(line);
	bag_decode_name(line, bag->version);
	if (bsearch(&line, bag->payload.items, bag->payload.count, sizeof(char *), compare_names))
		add_fetch(bag->reading, line, url, number);
	else
		reading_problem(bag->reading, false, "fetch.txt", number,
				"%s: no payload manifest lists that", quoted(line));
	return true;
}

static void read_fetches(struct bag *bag)
{
	struct reading *reading = bag->reading;
	struct text_file file;
	size_t length;
	char *line;

	if (!bag->fetches || !open_text(bag, "fetch.txt", &file))
		return;
	if (bag->payload.count)
		qsort(bag->payload.items, bag->payload.count, sizeof(char *), compare_names);
	while ((line = text_next(&file, &length)))
		if (length && (strlen(line) != length || !take_fetch(bag, line, file.line)))
			reading_problem(reading, false, "fetch.txt", file.line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
	if (reading->fetch_count)
		qsort(reading->fetches, reading->fetch_count, sizeof(struct fetch),
		      compare_fetches);
	text_free(&file);
}

/* ---- All together ---- */

static void check_payload(const struct bag *bag)
{
	struct stat st;

	if (fstatat(bag->directory, "data", &st, AT_SYMLINK_NOFOLLOW))
		reading_problem(bag->reading, true, "data", 0,
				"the directory of the payload is missing");
	else if (!S_ISDIR(st.st_mode))
		reading_problem(bag->reading, true, "data", 0,
				"is no directory, as that of the payload has to be");
}

static void read_bag(struct reading *reading, const char *path)
{
	struct bag bag = {.reading = reading,
			  .directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	struct stat st;

	if (bag.directory < 0) {
		reading_problem(reading, false, path, 0, "%s", ssum_strerror(-errno));
		return;
	}
	if (bag_declaration(reading, bag.directory, &bag.version, bag.encoding)) {
		bag.fetches = !fstatat(bag.directory, "fetch.txt", &st, AT_SYMLINK_NOFOLLOW);
		if (!read_manifests(&bag, "manifest-"))
			reading_problem(reading, false, path, 0,
					"has no payload manifest, such as manifest-sha512.txt");
		/* What cannot be read may list all that the others do not. */
		ssum_listing_cover(reading->listing, NULL, bag.unread ? "bagit.txt" : "data", 0);
		read_manifests(&bag, "tagmanifest-");
		read_fetches(&bag);
		bag_check_info(reading, bag.directory, bag.encoding);
		check_payload(&bag);
	}
	list_free(&bag.payload);
	close(bag.directory);
}

/* RFC 8493, 3: complete is a bag that has all that it lists and nothing else, valid is one whose
   digests hold too. */
static void conclude(const struct reading *reading, const struct ssum_summary *summary, int code,
		     json_t *object)
{
	const uint64_t *count = summary->count;
	bool lacks = reading->differs || count[SSUM_MISSING] || count[SSUM_EXTRA];
	bool open = code < 0 || reading->undecided || count[SSUM_BAD_LINE];
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
				    : open                       ? json_null()
								 : json_boolean(valid));
	} else if (lacks) {
		out("the bag is not complete, and so not valid\n");
	} else if (!complete) {
		out("whether the bag is complete cannot be told\n");
	} else {
		out("the bag is complete, %s\n", count[SSUM_DIFFERS] ? "not valid"
						 : open ? "whether it is valid cannot be told"
							: "and valid");
	}
}

const struct format format_bagit = {"bagit", "BagIt", "bag", true, recognise, read_bag, conclude};
