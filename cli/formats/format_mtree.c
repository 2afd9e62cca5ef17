/* SPDX-License-Identifier: MIT */
/*
 * Specifications of mtree(5), in the dialects of NetBSD, FreeBSD and bsdtar:
 *
 *     # comment
 *     /set type=file           defaults for all later entries; /unset removes them
 *     .           type=dir     relative entry: below the current directory; type=dir enters it
 *         name    size=3 \     continued in the next line
 *                 sha1=...
 *     ..                       leaves the current directory
 *     ./dir/name  size=3       full path: below the top, whatever the current directory is
 *     size=3 ./dir/name        the same, as mtree -D writes it
 *
 * Names and targets of symlinks are encoded by vis(3).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "formats/text_file.h"
#include "formats/formats.h"
#include "formats/reading.h"

#define SIGNATURE "#mtree"
#define BLANKS " \t"

/* Relative entries make long names of short lines. All names together may be so many times as long
   as the text, so that memory stays linear in it. */
#define MOST_NAMES_PER_BYTE 64

/* A keyword of a digest may end in "digest", as in sha1digest. */
static const struct {
	const char *keyword, *algorithm;
	size_t length;
} mtree_digests[] = {
	{"md5", "md5", 16},       {"rmd160", "ripemd160", 20}, {"ripemd160", "ripemd160", 20},
	{"sha1", "sha1", 20},     {"sha224", "sha224", 28},    {"sha256", "sha256", 32},
	{"sha384", "sha384", 48}, {"sha512", "sha512", 64},
};

#define DIGESTS (sizeof(mtree_digests) / sizeof(mtree_digests[0]))

/* What says nothing about content. The last line is macOS's. */
static const char *const mtree_not_judged[] = {
	"cksum",     "contents",     "device",   "flags",     "gid",    "gname",
	"inode",     "mode",         "nlink",    "tags",      "time",   "uid",
	"uname",     "btime",        "ctime",    "resdevice", "atime",  "ptime",
	"acldigest", "xattrsdigest", "dataless", "sibling",   "nxattr",
};

enum mtree_type { MTREE_UNTYPED, MTREE_FILE, MTREE_DIRECTORY, MTREE_SYMLINK, MTREE_SPECIAL };

static const struct {
	const char *name;
	enum mtree_type type;
} mtree_types[] = {
	{"file", MTREE_FILE},      {"dir", MTREE_DIRECTORY}, {"link", MTREE_SYMLINK},
	{"block", MTREE_SPECIAL},  {"char", MTREE_SPECIAL},  {"fifo", MTREE_SPECIAL},
	{"socket", MTREE_SPECIAL},
};

/* What is known of an entry by its keywords, or of all later ones by /set. */
struct mtree_facts {
	enum mtree_type type;
	bool is_optional, is_ignored, only_has_to_exist;
	uint64_t size;                       /* or SSUM_LENGTH_UNKNOWN */
	const char *target;                  /* of a symlink, in the text; or NULL */
	struct ssum_digest digests[DIGESTS]; /* length 0: not listed */
};

struct mtree {
	struct reading *reading;
	const char *path; /* of the specification */
	struct text_file text;
	uint64_t line; /* where the current entry begins */
	struct mtree_facts defaults;
	int directory; /* that is verified */
	void *absent;  /* tsearch(3): names of optional directories that are not there */
	size_t names_left;

	/* The current directory, and room for the name of an entry in it. */
	char *current;
	size_t current_length, room;
	bool is_below_dot; /* the entry "." was read, and not left again */
};

/* ---- Text ---- */

/*
 * The next line that is not empty: comments are cut off, continued lines joined. A backslash
 * protects the character after it. A comment ends with its line, as in fparseln(3). NULL at the
 * end.
 */
static char *mtree_next_line(struct mtree *spec)
{
	struct text_file *text = &spec->text;
	char *line, *start = NULL, *to = NULL;
	size_t length;

	while ((line = text_next(text, &length))) {
		bool is_continued = false;
		size_t end = 0;

		if (!start) {
			start = to = line;
			spec->line = text->line;
		}
		while (end < length && line[end] != '#' && !is_continued) {
			if (line[end] != '\\')
				end++;
			else if (end + 1 < length)
				end += 2;
			else
				is_continued = true;
		}
		if (memchr(line, '\0', end)) {
			spec->reading->is_incomplete = true;
			reading_problem(spec->reading, false, spec->path, text->line, "%s",
					ssum_strerror(SSUM_ERR_MALFORMED));
			end = 0;
		}
		/* What was cut off leaves a gap. Each byte moves once. */
		memmove(to, line, end);
		to += end;
		*to = '\0';
		if (is_continued)
			continue;
		if (start[strspn(start, BLANKS)])
			return start;
		start = NULL;
	}
	/* The last line is continued by nothing. */
	return start && start[strspn(start, BLANKS)] ? start : NULL;
}

/* The next word, or NULL. */
static char *mtree_next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, BLANKS);
	while (word && !*word);
	return word;
}

/* Decode what vis(3) has encoded, in place, and say whether there is a *, ? or [ that is not
   encoded. False if the text cannot be decoded. */
static bool mtree_decode(char *text, bool *is_pattern)
{
	static const char letters[] = "nrbavtfsE", meanings[] = "\n\r\b\a\v\t\f \033";
	const unsigned char *from = (unsigned char *)text;
	char *to = text;

	while (*from) {
		unsigned byte = *from++;
		const char *letter;
		int digits = 0;

		if (byte != '\\') {
			*is_pattern |= strchr("*?[", (int)byte) != NULL;
			*to++ = (char)byte;
			continue;
		}
		byte = 0;
		if (*from >= '0' && *from <= '7') {
			for (; digits < 3 && *from >= '0' && *from <= '7'; digits++)
				byte = byte * 8 + (*from++ - '0');
		} else if (*from == 'x') {
			for (from++; digits < 2 && isxdigit(*from); digits++, from++)
				byte = byte * 16 +
				       (isdigit(*from) ? *from - '0' : (*from | 0x20) - 'a' + 10);
		} else if (*from == 'M' || *from == '^') {
			/* \M-x is x with the highest bit; \^x is a control character; \M^x is both.
			 */
			unsigned high = *from == 'M' ? 0x80 : 0;

			from += high != 0;
			if (*from == '^' && from[1]) {
				byte = from[1] == '?' ? 0x7f | high : (from[1] & 0x1fu) | high;
				from += 2;
			} else if (high && *from == '-' && from[1]) {
				byte = from[1] | high;
				from += 2;
			}
		} else if (*from == '$') {
			from++; /* stands for nothing */
			continue;
		} else if (*from && (letter = strchr(letters, *from))) {
			byte = (unsigned char)meanings[letter - letters];
			from++;
		} else if (isgraph(*from)) {
			byte = *from++;
		}
		/* No name has a NUL in it. */
		if (!byte || byte > 0xff)
			return false;
		*to++ = (char)byte;
	}
	*to = '\0';
	return true;
}

/* ---- Keywords ---- */

/* The row of a digest's keyword, or DIGESTS. */
static size_t mtree_digest_row(const char *keyword)
{
	size_t row = 0;

	for (; row < DIGESTS; row++) {
		size_t length = strlen(mtree_digests[row].keyword);

		if (!strncmp(keyword, mtree_digests[row].keyword, length) &&
		    (!keyword[length] || !strcmp(keyword + length, "digest")))
			break;
	}
	return row;
}

static bool mtree_take_type(struct mtree_facts *facts, const char *value)
{
	for (size_t i = 0; i < sizeof(mtree_types) / sizeof(mtree_types[0]); i++)
		if (!strcmp(mtree_types[i].name, value)) {
			facts->type = mtree_types[i].type;
			return true;
		}
	return false;
}

static bool mtree_take_size(struct mtree_facts *facts, const char *value)
{
	unsigned long long size;
	char *end;

	errno = 0;
	size = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || size > INT64_MAX)
		return false;
	facts->size = size;
	return true;
}

static bool mtree_take_digest(struct mtree_facts *facts, size_t row, const char *value)
{
	struct ssum_digest digest;

	if (ssum_digest_parse(value, &digest) || digest.length != mtree_digests[row].length)
		return false;
	facts->digests[row] = digest;
	return true;
}

static bool mtree_is_not_judged(const char *keyword)
{
	for (size_t i = 0; i < sizeof(mtree_not_judged) / sizeof(mtree_not_judged[0]); i++)
		if (!strcmp(mtree_not_judged[i], keyword))
			return true;
	return false;
}

/* Take "keyword" or "keyword=value". NULL, or what is wrong with it. */
static const char *mtree_take_keyword(struct mtree_facts *facts, char *keyword)
{
	char *value = strchr(keyword, '=');
	bool is_valid = true, is_pattern = false;
	size_t row;

	if (value)
		*value++ = '\0';
	row = mtree_digest_row(keyword);
	if (!strcmp(keyword, "optional"))
		facts->is_optional = true;
	else if (!strcmp(keyword, "ignore"))
		facts->is_ignored = true;
	else if (!strcmp(keyword, "nochange"))
		facts->only_has_to_exist = true;
	else if (mtree_is_not_judged(keyword))
		return NULL;
	else if (row == DIGESTS && strcmp(keyword, "type") != 0 && strcmp(keyword, "size") != 0 &&
		 strcmp(keyword, "link") != 0)
		return "unknown keyword";
	else if (!value || !*value)
		return "has no value";
	else if (row < DIGESTS)
		is_valid = mtree_take_digest(facts, row, value);
	else if (!strcmp(keyword, "type"))
		is_valid = mtree_take_type(facts, value);
	else if (!strcmp(keyword, "size"))
		is_valid = mtree_take_size(facts, value);
	else if ((is_valid = mtree_decode(value, &is_pattern)))
		facts->target = value;
	if (is_valid)
		return NULL;
	value[-1] = '='; /* for the message */
	return "invalid value";
}

/* An entry with a keyword that cannot be read is listed all the same, so that its file is not taken
   for an unlisted one; but nothing holds then. */
static void mtree_take_keywords(struct mtree *spec, struct mtree_facts *facts, char *words)
{
	char *word;

	while ((word = mtree_next_word(&words))) {
		const char *wrong = mtree_take_keyword(facts, word);

		if (wrong)
			reading_problem(spec->reading, false, spec->path, spec->line, "%s: %s",
					in_quotes(word), wrong);
	}
}

static void mtree_unset(struct mtree *spec, char *words)
{
	const struct mtree_facts nothing = {.size = SSUM_LENGTH_UNKNOWN};
	struct mtree_facts *facts = &spec->defaults;
	char *word;

	while ((word = mtree_next_word(&words))) {
		size_t row = mtree_digest_row(word);

		if (!strcmp(word, "all"))
			*facts = nothing;
		else if (row < DIGESTS)
			facts->digests[row].length = 0;
		else if (!strcmp(word, "type"))
			facts->type = nothing.type;
		else if (!strcmp(word, "size"))
			facts->size = nothing.size;
		else if (!strcmp(word, "link"))
			facts->target = NULL;
		else if (!strcmp(word, "optional"))
			facts->is_optional = false;
		else if (!strcmp(word, "ignore"))
			facts->is_ignored = false;
		else if (!strcmp(word, "nochange"))
			facts->only_has_to_exist = false;
		else if (!mtree_is_not_judged(word))
			reading_problem(spec->reading, false, spec->path, spec->line, "%s: %s",
					in_quotes(word), "unknown keyword");
	}
}

/* ---- Entries ---- */

/* Whether a name stays below the directory, and is spelled in the one way that such a name has. */
static bool mtree_is_plain(const char *name)
{
	size_t length;

	for (;; name += length + 1) {
		length = strcspn(name, "/");
		if (!length || (length == 1 && *name == '.') ||
		    (length == 2 && !strncmp(name, "..", 2)))
			return false;
		if (!name[length])
			return true;
	}
}

/* The line cannot be read, so that it is not known what it lists. */
static void mtree_refuse(struct mtree *spec, const char *word, const char *wrong)
{
	spec->reading->is_incomplete = true;
	reading_problem(spec->reading, false, spec->path, spec->line, "%s: %s", in_quotes(word),
			wrong);
}

static void mtree_add_file(struct reading *reading, struct ssum_listed_entry *entry,
			   const struct mtree_facts *facts)
{
	bool has_digest = false;

	entry->length = facts->size;
	for (size_t row = 0; row < DIGESTS; row++) {
		if (!facts->digests[row].length)
			continue;
		has_digest = true;
		entry->digest = &facts->digests[row];
		entry->algorithm = mtree_digests[row].algorithm;
		if (!reading_add(reading, entry))
			return;
		reading_add_algorithm(reading, entry->algorithm);
	}
	if (!has_digest)
		reading_add(reading, entry);
}

/*
 * List an entry. What says nothing of its type is of the type that is found there: mtree accepts
 * any. What is optional and not there is not listed, nor is what would be in it. mtree takes a name
 * with
 * *, ? or [ for a pattern, but writes such names of files as they are: it is the name of a file
 * here if there is one of that name.
 */
static void mtree_add(struct mtree *spec, const char *name, const struct mtree_facts *given,
		      bool is_pattern)
{
	static const struct mtree_facts nothing = {.size = SSUM_LENGTH_UNKNOWN};
	const struct mtree_facts *facts = given->only_has_to_exist ? &nothing : given;
	struct ssum_listed_entry entry = {.size = sizeof(entry),
					  .name = name,
					  .length = SSUM_LENGTH_UNKNOWN,
					  .source = spec->path,
					  .line = spec->line};
	enum mtree_type type = facts->type;
	struct stat st = {0};

	if (name_set_has_parent(&spec->absent, name))
		return;
	if (given->is_optional || is_pattern || type == MTREE_UNTYPED) {
		bool is_absent = fstatat(spec->directory, name, &st, AT_SYMLINK_NOFOLLOW) &&
				 (errno == ENOENT || errno == ENOTDIR);

		if (is_absent && is_pattern)
			mtree_refuse(spec, name, "is a pattern, which is not judged");
		if (is_absent && given->is_optional)
			name_set_add(&spec->absent, name);
		if (is_absent && (is_pattern || given->is_optional))
			return;
	}
	for (size_t row = 0; row < DIGESTS && type == MTREE_UNTYPED; row++)
		if (facts->digests[row].length)
			type = MTREE_FILE;
	if (type == MTREE_UNTYPED)
		type = facts->target                        ? MTREE_SYMLINK
		       : S_ISDIR(st.st_mode)                ? MTREE_DIRECTORY
		       : S_ISLNK(st.st_mode)                ? MTREE_SYMLINK
		       : S_ISREG(st.st_mode) || !st.st_mode ? MTREE_FILE
							    : MTREE_SPECIAL;
	switch (type) {
	case MTREE_DIRECTORY:
		entry.type = SSUM_TYPE_DIRECTORY;
		reading_add(spec->reading, &entry);
		break;
	case MTREE_SYMLINK:
		entry.type = SSUM_TYPE_SYMLINK;
		entry.target = facts->target;
		reading_add(spec->reading, &entry);
		break;
	case MTREE_SPECIAL:
		spec->reading->is_incomplete = true;
		reading_problem(spec->reading, false, spec->path, spec->line,
				"%s: is a FIFO, socket or device, which is not judged",
				quoted(name));
		break;
	default:
		entry.type = SSUM_TYPE_FILE;
		mtree_add_file(spec->reading, &entry, facts);
	}
	if (given->is_ignored)
		name_set_add(&spec->reading->ignored, name);
}

/*
 * An entry below the current directory, of which one string is all that is kept: a deep tree takes
 * no more memory than its text. False if the entries that follow cannot be placed.
 */
static bool mtree_take_relative(struct mtree *spec, const char *name,
				const struct mtree_facts *facts, bool is_pattern)
{
	size_t at = spec->current_length, length = strlen(name);

	if (at + length + 2 > spec->room) {
		spec->room = 2 * (at + length + 2);
		spec->current = realloc(spec->current, spec->room);
		if (!spec->current)
			die("out of memory");
	}
	if (at)
		spec->current[at++] = '/';
	memcpy(spec->current + at, name, length + 1);
	length += at;
	if (length > spec->names_left) {
		mtree_refuse(spec, name, "its path is too long for so short a specification");
		return false;
	}
	spec->names_left -= length;
	mtree_add(spec, spec->current, facts, is_pattern);
	if (facts->type == MTREE_DIRECTORY)
		spec->current_length = length;
	return true;
}

/* "..". False if there is nothing to leave. */
static bool mtree_leave(struct mtree *spec)
{
	if (spec->current_length) {
		while (--spec->current_length && spec->current[spec->current_length] != '/')
			;
	} else if (spec->is_below_dot) {
		spec->is_below_dot = false;
	} else {
		mtree_refuse(spec, "..", "leads above the top");
		return false;
	}
	return true;
}

/* The name that ends a line of mtree -D, cut off from it; or NULL. */
static char *mtree_cut_last_name(char *line)
{
	size_t end = strlen(line), start;

	while (end && strchr(BLANKS, line[end - 1]))
		end--;
	for (start = end; start && !strchr(BLANKS, line[start - 1]);)
		start--;
	if (!start || line[strspn(line, BLANKS)] == '.' || line[start] != '.' ||
	    (line[start + 1] != '/' && start + 1 != end))
		return NULL;
	line[end] = line[start - 1] = '\0';
	return line + start;
}

/* Take a line. False if the entries that follow cannot be placed. */
static bool mtree_take_line(struct mtree *spec, char *line)
{
	struct mtree_facts facts = spec->defaults;
	char *name = mtree_cut_last_name(line), *written;
	bool is_full, is_pattern = false, is_wrong;

	if (!name)
		name = mtree_next_word(&line);
	if (!strcmp(name, "/set")) {
		mtree_take_keywords(spec, &spec->defaults, line);
		return true;
	}
	if (!strcmp(name, "/unset")) {
		mtree_unset(spec, line);
		return true;
	}
	if (!strcmp(name, ".."))
		return mtree_leave(spec);
	mtree_take_keywords(spec, &facts, line);
	if (!strcmp(name, ".")) {
		/* The top is no entry. That it is inside another directory changes nothing. */
		spec->is_below_dot |= !spec->current_length;
		return true;
	}

	is_full = strchr(name, '/');
	written = copy_string(name);
	is_wrong = !mtree_decode(name, &is_pattern);
	while (!is_wrong && is_full && name[0] == '.' && name[1] == '/')
		name += 2;
	is_wrong = is_wrong || !mtree_is_plain(name) || (!is_full && strchr(name, '/'));
	if (is_wrong)
		mtree_refuse(spec, written, "is no name below the directory");
	free(written);
	if (is_wrong)
		return is_full || facts.type != MTREE_DIRECTORY;
	if (!is_full)
		return mtree_take_relative(spec, name, &facts, is_pattern);
	mtree_add(spec, name, &facts, is_pattern);
	return true;
}

static void mtree_read(struct reading *reading, const char *path)
{
	static const struct mtree_facts nothing = {.size = SSUM_LENGTH_UNKNOWN};
	struct mtree spec = {.reading = reading, .path = path, .defaults = nothing};
	int code = text_read(&spec.text, AT_FDCWD, path);
	char *line;

	if (code) {
		reading->is_incomplete = true;
		reading_problem(reading, false, path, 0, "%s", ssum_strerror(code));
	}
	spec.names_left = (size_t)MOST_NAMES_PER_BYTE * (spec.text.length + (1 << 14));
	spec.directory = open(reading->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while ((line = mtree_next_line(&spec)) && mtree_take_line(&spec, line))
		continue;
	if (spec.directory >= 0)
		close(spec.directory);
	tdestroy(spec.absent, free);
	free(spec.current);
	text_free(&spec.text);
	note("%s: of mtree's keywords type, size, link and digests are judged; mode, owner, times "
	     "and the like are not",
	     quoted(path));
}

/* Whether the first line says so; or, where a comment or nothing comes first, a first line that no
   manifest of ours could have. */
static bool mtree_recognise(const char *path)
{
	struct text_file file;
	size_t length;
	char *line;
	bool is = false;

	if (text_read(&file, AT_FDCWD, path) == 0) {
		while ((line = text_next(&file, &length)) &&
		       (!*line || (*line == '#' && strncmp(line, SIGNATURE, 6))))
			continue;
		is = line && (!strncmp(line, SIGNATURE, 6) || !strncmp(line, "/set ", 5) ||
			      !strncmp(line, ". type=dir", 10));
	}
	text_free(&file);
	return is;
}

const struct format format_mtree = {"mtree",    "mtree", "specification", false, mtree_recognise,
				    mtree_read, NULL};
