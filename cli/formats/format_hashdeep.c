/* SPDX-License-Identifier: MIT */
/* Lists of hashdeep: sizes, digests and names of files. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

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
#define OFFSET " offset "
#define DIGESTS_MAX 16

/* A line, and the lines after it that its name continues on. */
struct hashdeep_entry {
	char *name; /* in the text */
	uint64_t length, line;
	bool is_joined; /* the name has newlines, if the lines after the first are part of it */
	uint64_t first; /* with -p: the offset of the piece */
	struct ssum_digest digests[];
};

struct hashdeep {
	struct reading *reading;
	const char *path;
	struct text_file text;
	/* Of the columns between size and filename. The name is "" if the algorithm is unknown. */
	struct ssum_algorithm_info columns[DIGESTS_MAX];
	size_t count;
	char *start;      /* the directory in which hashdeep was run; or NULL */
	char *directory;  /* the verified directory, with symlinks resolved; or NULL */
	int descriptor;   /* of the verified directory */
	bool is_windows;  /* names have backslashes between their components */
	bool is_bare;     /* the names have no directories, so the listed files are unknown */
	bool has_command; /* the header has the command line of hashdeep */
	bool in_command;  /* which may have newlines: the next "##" line ends it */
	/* The list was made with -p: each line is about a piece of a file. */
	bool is_piecewise;
	struct hashdeep_entry **pieces;
	size_t piece_count;
};

static bool hashdeep_recognise(int directory, const char *path)
{
	struct text_file file;
	bool is = text_read_list(&file, path) == 0 && !strncmp(file.text, HEADER, strlen(HEADER));

	(void)directory;
	text_free(&file);
	return is;
}

/* ---- The header ---- */

/* "%%%% size,md5,sha256,filename" */
static bool hashdeep_parse_columns(struct hashdeep *list, char *line)
{
	char *rest = line + strlen("%%%% "), *name = strsep(&rest, ",");
	bool any = false;

	if (strcmp(name, "size") != 0)
		return false;
	while ((name = strsep(&rest, ","))) {
		struct ssum_algorithm_info *info = &list->columns[list->count];

		if (!rest)
			return !strcmp(name, "filename") && any;
		if (list->count++ == DIGESTS_MAX)
			return false;
		if (!reading_find_algorithm(list->reading, list->path, name, info))
			continue;
		any = true;
		reading_add_algorithm(list->reading, info->name);
	}
	return false;
}

/* The lines "## Invoked from: /srv/files" and "## $ hashdeep -p 1m -rl .". */
static void hashdeep_parse_comment(struct hashdeep *list, char *line)
{
	char *word, *rest = line;

	if (!strncmp(line, INVOKED, strlen(INVOKED))) {
		char *start = line + strlen(INVOKED);
		size_t length = strlen(start);

		/* "C:\files" or "\\server\files" */
		list->is_windows = strchr(start, '\\') && *start != '/';
		while (length && strchr("/\\", start[length - 1]))
			start[--length] = '\0';
		free(list->start);
		list->start = copy_string(start);
		return;
	}
	list->in_command = false;
	while ((word = strsep(&rest, " "))) {
		if (!strncmp(word, "hashdeep", strlen("hashdeep")))
			list->has_command = list->in_command = true;
		if (word[0] != '-' || word[1] == '-')
			continue;
		if (strchr(word, 'p'))
			list->is_piecewise = true;
		if (!strchr(word, 'b'))
			continue;
		list->is_bare = true;
		reading_problem(list->reading, false, list->path, list->text.line,
				"the names lack their directories: make the list without -b");
	}
}

/* ---- Entries ---- */

/* The name of an entry below the verified directory, in the text or after a prefix of it. NULL if
   it is not below. Relative names are relative to the directory in which hashdeep was run, if that
   is above the verified directory; else to the verified directory. */
static const char *hashdeep_name(const struct hashdeep *list, char *name)
{
	const char *directory = list->directory ? list->directory : "";
	size_t length = list->start ? strlen(list->start) : 0;
	bool is_absolute = *name == '/';

	if (list->is_windows) {
		is_absolute = name[0] == '\\' || (name[0] && name[1] == ':');
		/* The list is from another system: its absolute names are below the directory in
		   which hashdeep was run. */
		if (is_absolute &&
		    (strncasecmp(name, list->start, length) != 0 || name[length] != '\\'))
			return NULL;
		if (is_absolute)
			name += length + strspn(name + length, "\\");
		for (char *at = name; (at = strchr(at, '\\'));)
			*at = '/';
		is_absolute = false;
	}
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	if (!is_absolute && !list->is_windows && list->start &&
	    !strncmp(directory, list->start, length) && directory[length] == '/')
		directory += length + 1;
	else if (!is_absolute)
		return name;
	length = strlen(directory);
	return !length                                                    ? name
	       : !strncmp(name, directory, length) && name[length] == '/' ? name + length + 1
									  : NULL;
}

/* Parses the fields of a line. Returns NULL, and leaves the line as it is, if it is malformed. */
static struct hashdeep_entry *hashdeep_parse_line(const struct hashdeep *list, char *line,
						  size_t length)
{
	struct hashdeep_entry *entry;
	size_t field = strcspn(line, ",");
	char text[SSUM_HEX_MAX];
	uint64_t size;

	/* At most 19 digits, so that it is never SSUM_LENGTH_UNKNOWN. */
	if (strlen(line) != length || field > 19 || !line[field])
		return NULL;
	memcpy(text, line, field);
	text[field] = '\0';
	if (!parse_number(text, &size))
		return NULL;
	entry = allocate(sizeof(*entry) + list->count * sizeof(struct ssum_digest));
	*entry = (struct hashdeep_entry){.length = size, .line = list->text.line};
	for (size_t i = 0; i < list->count; i++) {
		line += field + 1;
		field = strcspn(line, ",");
		if (!line[field] || field >= sizeof(text))
			goto malformed;
		memcpy(text, line, field);
		text[field] = '\0';
		if (ssum_digest_parse(text, &entry->digests[i]) ||
		    (*list->columns[i].name &&
		     entry->digests[i].length != list->columns[i].digest_length))
			goto malformed;
	}
	entry->name = line + field + 1;
	if (*entry->name)
		return entry;
malformed:
	free(entry);
	return NULL;
}

/* Cuts " offset FIRST-LAST" off the name. False if it is not there, or of another size. */
static bool hashdeep_cut_offset(struct hashdeep_entry *entry)
{
	char *at = entry->name, *found = NULL, *dash;
	uint64_t last;

	while ((at = strstr(at, OFFSET)))
		found = at++;
	if (!found || found == entry->name || !(dash = strchr(found, '-')))
		return false;
	*dash = '\0';
	if (!parse_number(found + strlen(OFFSET), &entry->first) ||
	    !parse_number(dash + 1, &last) || last < entry->first ||
	    last - entry->first + (entry->length != 0) != entry->length) {
		*dash = '-';
		return false;
	}
	*found = '\0';
	return true;
}

static void hashdeep_add_digests(struct hashdeep *list, const struct hashdeep_entry *entry,
				 const char *name)
{
	struct ssum_listed_entry listed = {.size = sizeof(listed),
					   .type = SSUM_TYPE_FILE,
					   .name = name,
					   .source = list->path,
					   .length = entry->length,
					   .line = entry->line};

	for (size_t i = 0; i < list->count; i++) {
		listed.algorithm = list->columns[i].name;
		listed.digest = &entry->digests[i];
		if (*listed.algorithm && !reading_add(list->reading, &listed))
			break;
	}
}

/*
 * Adds an entry to the listing, or keeps it if it is a piece of a file. hashdeep does not escape a
 * newline in a name. So the lines after an entry that are not entries are part of its name if there
 * is a file with that name; otherwise it is not known what the entry lists.
 */
static void hashdeep_add(struct hashdeep *list, struct hashdeep_entry *entry)
{
	const char *name = hashdeep_name(list, entry->name);
	struct stat st;
	bool exists = (entry->is_joined || !list->has_command) && name &&
		      !fstatat(list->descriptor, name, &st, AT_SYMLINK_NOFOLLOW);
	bool is_piece = (list->is_piecewise || (!list->has_command && !exists)) &&
			hashdeep_cut_offset(entry);

	list->is_piecewise |= is_piece;
	if (is_piece && entry->is_joined)
		exists = name && !fstatat(list->descriptor, name, &st, AT_SYMLINK_NOFOLLOW);
	if (entry->is_joined && !exists) {
		reading_problem(
			list->reading, false, list->path, entry->line,
			"%s: no file has this name; the lines after the first are no entries",
			quoted(entry->name));
	} else if (!name) {
		reading_problem(list->reading, false, list->path, entry->line,
				"%s: is not below %s; run hashdeep -l there to list relative names",
				quoted(entry->name), quoted(list->reading->directory));
	} else if (list->is_piecewise && !is_piece) {
		reading_problem(
			list->reading, false, list->path, entry->line,
			"%s: does not end in \" offset FIRST-LAST\", as in a list of pieces (hashdeep -p)",
			quoted(entry->name));
	} else if (is_piece) {
		if (!(list->piece_count & (list->piece_count - 1)))
			list->pieces =
				resize(list->pieces, list->piece_count ? 2 * list->piece_count : 1,
				       sizeof(struct hashdeep_entry *));
		entry->name = (char *)name;
		list->pieces[list->piece_count++] = entry;
		return;
	} else {
		hashdeep_add_digests(list, entry, name);
	}
	free(entry);
}

/* ---- Pieces ---- */

static int hashdeep_compare_pieces(const void *left, const void *right)
{
	const struct hashdeep_entry *a = *(struct hashdeep_entry *const *)left;
	const struct hashdeep_entry *b = *(struct hashdeep_entry *const *)right;
	int order = strcmp(a->name, b->name);

	return order                 ? order
	       : a->first < b->first ? -1
	       : a->first > b->first ? 1
	       : a->line < b->line   ? -1
				     : 1;
}

/*
 * Adds the files that are listed in pieces. The digest of a file that is one piece is that of the
 * file. Of the others only the size is verified, so the result is undecided unless something
 * differs.
 */
static void hashdeep_add_pieces(struct hashdeep *list)
{
	uint64_t divided = 0;
	size_t end;

	if (list->piece_count)
		qsort(list->pieces, list->piece_count, sizeof(struct hashdeep_entry *),
		      hashdeep_compare_pieces);
	for (size_t i = 0; i < list->piece_count; i = end) {
		struct hashdeep_entry *piece = list->pieces[i];
		struct ssum_listed_entry listed = {.size = sizeof(listed),
						   .type = SSUM_TYPE_FILE,
						   .name = piece->name,
						   .source = list->path,
						   .length = 0,
						   .line = piece->line};
		bool is_whole = true;

		for (end = i;
		     end < list->piece_count && !strcmp(list->pieces[end]->name, piece->name);
		     end++) {
			is_whole &= list->pieces[end]->first == listed.length;
			listed.length += list->pieces[end]->length;
		}
		if (!is_whole) {
			reading_problem(list->reading, false, list->path, piece->line,
					"%s: the pieces overlap, or some are missing",
					quoted(piece->name));
		} else if (end == i + 1) {
			hashdeep_add_digests(list, piece, piece->name);
		} else {
			divided++;
			reading_add(list->reading, &listed);
		}
	}
	if (divided)
		reading_problem(
			list->reading, false, list->path, 0,
			"%s listed in pieces (hashdeep -p): only the sizes of such files are verified; to verify their content, make the list without -p",
			count_text(divided, "file is", "files are").s);
}

/* ---- The list ---- */

static void hashdeep_parse(struct hashdeep *list)
{
	struct hashdeep_entry *last = NULL, *entry; /* of the lines before, until it is complete */
	struct text_file *text = &list->text;
	bool any = false;
	size_t length;
	char *line;

	text_next(text, &length);
	line = text_next(text, &length);
	if (!line || strncmp(line, "%%%% ", 5) || !hashdeep_parse_columns(list, line)) {
		reading_problem(
			list->reading, false, list->path, 2,
			"the names of the columns are missing, such as %%%%%%%% size,md5,sha256,filename");
		return;
	}
	while (!list->is_bare && (line = text_next(text, &length))) {
		entry = hashdeep_parse_line(list, line, length);
		if (!entry && !any && !strncmp(line, "##", 2) && strlen(line) == length) {
			hashdeep_parse_comment(list, line);
		} else if (!entry && !any && list->in_command) {
			continue; /* a name in the command line has a newline */
		} else if (entry || !last || strlen(line) != length || text->ends_in_cr) {
			if (last)
				hashdeep_add(list, last);
			any |= entry != NULL;
			last = entry;
			if (!entry)
				reading_problem(list->reading, false, list->path, text->line, "%s",
						ssum_strerror(SSUM_ERR_MALFORMED));
		} else {
			line[-1] = '\n';
			last->is_joined = true;
		}
	}
	if (last)
		hashdeep_add(list, last);
	hashdeep_add_pieces(list);
}

static void hashdeep_read(struct reading *reading, const char *path)
{
	struct hashdeep list = {.reading = reading,
				.path = path,
				/* By path: the list has absolute names. */
				.directory = realpath(reading->directory, NULL),
				.descriptor = reading->app->directory};
	int code = text_read_list(&list.text, path);

	if (code == 0 && strncmp(list.text.text, HEADER, strlen(HEADER)) == 0) {
		hashdeep_parse(&list);
	} else {
		reading->is_incomplete = true;
		reading_problem(reading, false, path, code ? 0 : 1, "%s",
				code ? ssum_strerror(code) : "must begin with " HEADER);
	}
	/* hashdeep lists all files, but no symlinks and directories. */
	ssum_listing_cover(reading->listing, NULL, "", 0);
	snprintf(reading->version, sizeof(reading->version), "1.0");
	for (size_t i = 0; i < list.piece_count; i++)
		free(list.pieces[i]);
	free(list.pieces);
	text_free(&list.text);
	free(list.directory);
	free(list.start);
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
		out("hashdeep: audit %s:", code == SSUM_HOLDS     ? "passed"
					   : code == SSUM_DIFFERS ? "failed"
								  : "undecided");
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
