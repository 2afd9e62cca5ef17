/* SPDX-License-Identifier: MIT */
/*
 * Specifications of mtree(5), in the dialects of NetBSD, FreeBSD and bsdtar:
 *
 *     # comment
 *     /set type=file           defaults for all later entries; /unset removes them
 *     .           type=dir     relative entry, in the current directory; type=dir enters it
 *         name    size=3 \     continued on the next line
 *                 sha1=...
 *     ..                       leaves the current directory
 *     ./dir/name  size=3       full path, from the top of the tree
 *     size=3 ./dir/name        the same, as mtree -D writes it
 *
 * vis(3) encodes names and targets of symlinks.
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
#include "output/text.h"
#include "formats/text_file.h"
#include "formats/formats.h"
#include "formats/reading.h"

#define SIGNATURE "#mtree"
#define BLANKS " \t"

/* Relative entries can make long paths from short lines. This limits the length of all paths
   together, as a multiple of the length of the text, so that memory stays linear in the text. */
#define MOST_NAMES_PER_BYTE 64

/* A keyword of this table may have the suffix "digest", as in sha1digest. */
static const struct {
	const char *keyword, *algorithm;
	size_t length;
} mtree_digests[] = {
	{"md5", "md5", 16},       {"rmd160", "ripemd160", 20}, {"ripemd160", "ripemd160", 20},
	{"sha1", "sha1", 20},     {"sha224", "sha224", 28},    {"sha256", "sha256", 32},
	{"sha384", "sha384", 48}, {"sha512", "sha512", 64},    {"sha512256", "sha512-256", 32},
};

#define DIGESTS (sizeof(mtree_digests) / sizeof(mtree_digests[0]))

/* Keywords that are accepted and ignored. Those of the last two lines are from macOS and from
   go-mtree, which also writes extended attributes as xattr.NAME. */
static const char *const mtree_ignored[] = {
	"cksum",   "contents",  "device",   "flags",   "gid",       "gname",        "inode",
	"mode",    "nlink",     "tags",     "time",    "uid",       "uname",        "btime",
	"ctime",   "resdevice", "atime",    "ptime",   "acldigest", "xattrsdigest", "dataless",
	"sibling", "nxattr",    "tar_time", "content",
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

/* The values of the keywords of an entry, or of /set. */
struct mtree_facts {
	enum mtree_type type;
	bool is_optional, is_ignored, only_has_to_exist;
	uint64_t size;                       /* or SSUM_LENGTH_UNKNOWN */
	const char *target;                  /* of a symlink, or NULL; points into the text */
	struct ssum_digest digests[DIGESTS]; /* length 0: there is none */
};

struct mtree {
	struct reading *reading;
	const char *path; /* of the specification */
	struct text_file text;
	uint64_t line; /* the first line of the current entry */
	struct mtree_facts defaults;
	int directory; /* the verified directory */
	void *absent;  /* a set of names: optional directories that do not exist */
	size_t names_left;

	/* The path of the current directory, with space for the name of an entry. */
	char *current;
	size_t current_length, room;
	bool is_below_dot; /* the entry "." was read, and no ".." has left it */
};

/* ---- Text ---- */

/*
 * The next line that is not empty, without its comment and joined with the lines that continue it.
 * A backslash escapes the next character. A comment ends at the end of its line, even after a
 * backslash, as in fparseln(3). NULL at the end.
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
		/* Remove the comments and backslashes from the text. Each byte moves once. */
		memmove(to, line, end);
		to += end;
		*to = '\0';
		if (is_continued)
			continue;
		if (start[strspn(start, BLANKS)])
			return start;
		start = NULL;
	}
	/* The last line may end in a backslash. */
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

/* Decodes a text that vis(3) has encoded, in place. *is_pattern is set if it contains *, ? or [
   that is not encoded. False if the encoding is invalid. */
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
			from++; /* \$ is an empty string */
			continue;
		} else if (*from && (letter = strchr(letters, *from))) {
			byte = (unsigned char)meanings[letter - letters];
			from++;
		} else if (isgraph(*from)) {
			byte = *from++;
		}
		/* A name cannot contain NUL. */
		if (!byte || byte > 0xff)
			return false;
		*to++ = (char)byte;
	}
	*to = '\0';
	return true;
}

/* ---- Keywords ---- */

/* The row of the keyword in mtree_digests, or DIGESTS. */
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

static bool mtree_parse_type(struct mtree_facts *facts, const char *value)
{
	for (size_t i = 0; i < sizeof(mtree_types) / sizeof(mtree_types[0]); i++)
		if (!strcmp(mtree_types[i].name, value)) {
			facts->type = mtree_types[i].type;
			return true;
		}
	return false;
}

static bool mtree_is_ignored(const char *keyword)
{
	if (!strncmp(keyword, "xattr.", 6) || !strncmp(keyword, "xattrs.", 7))
		return true;
	for (size_t i = 0; i < sizeof(mtree_ignored) / sizeof(mtree_ignored[0]); i++)
		if (!strcmp(mtree_ignored[i], keyword))
			return true;
	return false;
}

/* Parses "keyword" or "keyword=value". NULL, or what is wrong with it. */
static const char *mtree_parse_keyword(struct mtree_facts *facts, char *keyword)
{
	char *value = strchr(keyword, '=');
	bool is_valid = true, is_pattern = false;
	struct ssum_digest digest;
	uint64_t size;
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
	else if (mtree_is_ignored(keyword))
		return NULL;
	else if (row == DIGESTS && strcmp(keyword, "type") != 0 && strcmp(keyword, "size") != 0 &&
		 strcmp(keyword, "link") != 0)
		return "unknown keyword";
	else if (!value || !*value)
		return "has no value";
	else if (row < DIGESTS) {
		is_valid = !ssum_digest_parse(value, &digest) &&
			   digest.length == mtree_digests[row].length;
		if (is_valid)
			facts->digests[row] = digest;
	} else if (!strcmp(keyword, "size")) {
		is_valid = parse_number(value, &size) && size <= INT64_MAX;
		if (is_valid)
			facts->size = size;
	} else if (!strcmp(keyword, "type")) {
		is_valid = mtree_parse_type(facts, value);
	} else if ((is_valid = mtree_decode(value, &is_pattern))) {
		facts->target = value;
	}
	if (is_valid)
		return NULL;
	value[-1] = '='; /* for the message */
	return "invalid value";
}

/* An entry with an invalid keyword is still listed, so that its file is not reported as unlisted.
   But because of the problem the result cannot be "holds". */
static void mtree_parse_keywords(struct mtree *spec, struct mtree_facts *facts, char *words)
{
	char *word;

	while ((word = mtree_next_word(&words))) {
		const char *wrong = mtree_parse_keyword(facts, word);

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
		else if (!mtree_is_ignored(word))
			reading_problem(spec->reading, false, spec->path, spec->line, "%s: %s",
					in_quotes(word), "unknown keyword");
	}
}

/* ---- Entries ---- */

/* Whether a name is below the directory and normalised: no empty component, "." or "..". */
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

/* Add a problem for a line that cannot be read. The specification is incomplete then. */
static void mtree_reject(struct mtree *spec, const char *word, const char *wrong)
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
 * Adds an entry to the listing. Like mtree, accepts any type if no keyword says the type. Skips an
 * optional entry that does not exist, and everything below it. mtree interprets a name with *, ? or
 * [ as a pattern, but does not encode these characters when it writes names. So such a name is
 * accepted if a file with this name exists.
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
			mtree_reject(spec, name, "patterns are not supported");
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
				"%s: FIFOs, sockets and devices are not supported", quoted(name));
		break;
	default:
		entry.type = SSUM_TYPE_FILE;
		mtree_add_file(spec->reading, &entry, facts);
	}
	if (given->is_ignored)
		name_set_add(&spec->reading->ignored, name);
}

/*
 * Adds an entry of the current directory. Only one path is kept, so a deep tree needs no more
 * memory than its text. False if the paths of later entries are unknown.
 */
static bool mtree_add_relative(struct mtree *spec, const char *name,
			       const struct mtree_facts *facts, bool is_pattern)
{
	size_t at = spec->current_length, length = strlen(name);

	if (at + length + 2 > spec->room) {
		spec->room = 2 * (at + length + 2);
		spec->current = resize(spec->current, spec->room, 1);
	}
	if (at)
		spec->current[at++] = '/';
	memcpy(spec->current + at, name, length + 1);
	length += at;
	if (length > spec->names_left) {
		mtree_reject(spec, name,
			     "the paths are too long for the size of the specification");
		return false;
	}
	spec->names_left -= length;
	mtree_add(spec, spec->current, facts, is_pattern);
	if (facts->type == MTREE_DIRECTORY)
		spec->current_length = length;
	return true;
}

/* Handles "..". False if the current directory is the top. */
static bool mtree_leave(struct mtree *spec)
{
	if (spec->current_length) {
		while (--spec->current_length && spec->current[spec->current_length] != '/')
			;
	} else if (spec->is_below_dot) {
		spec->is_below_dot = false;
	} else {
		mtree_reject(spec, "..", "is above the top of the tree");
		return false;
	}
	return true;
}

/* mtree -D writes the name at the end of the line. Cuts it off and returns it; NULL: not such a
 * line.
 */
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

/* Parses a line. False if the paths of later entries are unknown. */
static bool mtree_parse_line(struct mtree *spec, char *line)
{
	struct mtree_facts facts = spec->defaults;
	char *name = mtree_cut_last_name(line), *written;
	bool is_full, is_pattern = false, is_wrong;

	if (!name)
		name = mtree_next_word(&line);
	if (!strcmp(name, "/set")) {
		mtree_parse_keywords(spec, &spec->defaults, line);
		return true;
	}
	if (!strcmp(name, "/unset")) {
		mtree_unset(spec, line);
		return true;
	}
	if (!strcmp(name, ".."))
		return mtree_leave(spec);
	mtree_parse_keywords(spec, &facts, line);
	if (!strcmp(name, ".")) {
		/* The top is not an entry. "." inside another directory has no effect. */
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
		mtree_reject(spec, written, "is not a valid name of a file below the directory");
	free(written);
	if (is_wrong)
		return is_full || facts.type != MTREE_DIRECTORY;
	if (!is_full)
		return mtree_add_relative(spec, name, &facts, is_pattern);
	mtree_add(spec, name, &facts, is_pattern);
	return true;
}

static void mtree_read(struct reading *reading, const char *path)
{
	static const struct mtree_facts nothing = {.size = SSUM_LENGTH_UNKNOWN};
	struct mtree spec = {.reading = reading,
			     .path = path,
			     .defaults = nothing,
			     .directory = reading->app->directory};
	int code = text_read_list(&spec.text, path);
	char *line;

	if (code) {
		reading->is_incomplete = true;
		reading_problem(reading, false, path, 0, "%s", ssum_strerror(code));
	}
	spec.names_left = (size_t)MOST_NAMES_PER_BYTE * (spec.text.length + (1 << 14));
	while ((line = mtree_next_line(&spec)) && mtree_parse_line(&spec, line))
		continue;
	tdestroy(spec.absent, free);
	free(spec.current);
	text_free(&spec.text);
	note("%s: only types, sizes, targets of symlinks and digests are verified; modes, owners, times and other keywords are ignored",
	     quoted(path));
}

/* Whether a line is an entry: a name and keywords, some with values. A line of a manifest begins
   with a digest, and may have any name after it. */
static bool mtree_is_entry(char *line)
{
	struct mtree_facts facts = {.type = MTREE_UNTYPED};
	bool has_value = false;
	char *word;

	if (strspn(line, "0123456789abcdefABCDEF") >= 32)
		return false;
	if (!mtree_cut_last_name(line))
		mtree_next_word(&line);
	while ((word = mtree_next_word(&line))) {
		has_value |= strchr(word, '=') != NULL;
		if (strcmp(word, "\\") != 0 && mtree_parse_keyword(&facts, word))
			return false;
	}
	return has_value;
}

/* Whether the first line is "#mtree", or the first line after comments and empty lines is of a
   specification. */
static bool mtree_recognise(int directory, const char *path)
{
	struct text_file file;
	size_t length;
	char *line;
	bool is = false;

	(void)directory;
	if (text_read_list(&file, path) == 0) {
		while ((line = text_next(&file, &length)) &&
		       (!line[strspn(line, BLANKS)] ||
			(*line == '#' && strncmp(line, SIGNATURE, strlen(SIGNATURE)))))
			continue;
		is = line && (!strncmp(line, SIGNATURE, strlen(SIGNATURE)) ||
			      !strncmp(line, "/set ", 5) || mtree_is_entry(line));
	}
	text_free(&file);
	return is;
}

const struct format format_mtree = {"mtree",    "mtree", "specification", false, mtree_recognise,
				    mtree_read, NULL};
