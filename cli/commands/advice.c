/* SPDX-License-Identifier: MIT */
/* What to do about entries that do not hold, and causes that several of them have in common. */
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "commands/advice.h"
#include "commands/name_change.h"
#include "commands/portable.h"
#include "formats/reading.h"
#include "output/json.h"
#include "output/names.h"
#include "output/text.h"

/* The maximum number of differing files in which exchanged files are searched. */
#define EXCHANGES_MAX 4096

enum advice_hiding { HIDDEN_AT_TOP, HIDDEN_BELOW, NOT_HIDDEN };

/* ---- Quoting for a command line ---- */

/* A name quoted for a shell. Braces need quotes in a command, but not in a message. Valid as long
   as the result of quoted(). */
const char *advice_word(const char *name)
{
	return strpbrk(name, "{}") ? in_quotes(name) : quoted(name);
}

/* The path of an entry relative to the current directory. To be freed. */
static char *advice_path(const struct app *app, const char *path)
{
	const char *directory = app->options->operands[0];
	size_t length = strlen(directory);

	return format_text("%s%s%s", directory, length && directory[length - 1] == '/' ? "" : "/",
			   path);
}

/* The same as a word of a command; the directory of the entry if `directory` is true. */
static const char *advice_path_word(const struct app *app, const char *path, bool directory)
{
	char *above = copy_string(path), *name, *slash = strrchr(above, '/');
	const char *word;

	if (directory)
		*(slash ? slash : above) = '\0';
	name = advice_path(app, above);
	word = advice_word(name);
	free(above);
	free(name);
	return word;
}

/* ---- Entries that no command can restore ---- */

/* What a file system cannot store. */
enum { LACKS_SYMLINKS = 1, LACKS_NAMES = 2, MAY_LACK_THEM = 4 };

/* FAT and exFAT have no symlinks, and cannot store some names (portable_fat_lacks()). A FUSE file
   system on a block device may be exFAT, or NTFS, which stores both. */
static int advice_lacks(const char *directory)
{
	struct statfs fs;
	struct stat st;

	if (statfs(directory, &fs) || stat(directory, &st))
		return 0;
	if (fs.f_type == MSDOS_SUPER_MAGIC || fs.f_type == EXFAT_SUPER_MAGIC)
		return LACKS_SYMLINKS | LACKS_NAMES;
	return fs.f_type == FUSE_SUPER_MAGIC && major(st.st_dev)
		       ? LACKS_SYMLINKS | LACKS_NAMES | MAY_LACK_THEM
		       : 0;
}

/* Whether FAT cannot store a component of a path. */
static bool advice_fat_lacks(const char *path)
{
	size_t length = strcspn(path, "/");

	for (; path[length]; path += length + 1, length = strcspn(path, "/"))
		if (portable_fat_lacks(path, length))
			return true;
	return portable_fat_lacks(path, length);
}

/* A command must not follow a symlink, which may lead out of the package: neither an existing one,
   nor a listed one that another command creates. */
char *advice_obstacle(const struct app *app, const char *path, bool is_symlink)
{
	char *full = advice_path(app, path), *text = NULL,
	     *slash = full + strlen(full) - strlen(path);
	struct statvfs fs;
	struct stat st;
	int lacks;

	if (app->advice && name_set_has_parent(&app->advice->symlinks, path))
		text = copy_string("by hand: a directory above it is listed as a symlink too");
	/* Each directory of the path, until one does not exist. */
	while (!text && (slash = strchr(slash, '/'))) {
		*slash = '\0';
		if (lstat(full, &st))
			break;
		if (!S_ISDIR(st.st_mode))
			text = format_text("by hand: %s is %s, not a directory", advice_word(full),
					   S_ISLNK(st.st_mode) ? "a symlink" : "a file");
		*slash++ = '/';
	}
	/* The deepest directory that exists. */
	slash = strrchr(full, '/');
	slash[slash == full] = '\0';
	lacks = advice_lacks(full);
	if (text) {
		/* That is reason enough. */
	} else if (!statvfs(full, &fs) && fs.f_flag & ST_RDONLY) {
		text = copy_string("repair a copy: this file system is mounted read-only");
	} else if (lacks & LACKS_SYMLINKS && is_symlink) {
		text = copy_string(
			lacks & MAY_LACK_THEM
				? "create it again, if this file system can store symlinks"
				: "copy the package to another file system: this one cannot store symlinks");
	} else if (lacks & LACKS_NAMES && advice_fat_lacks(path)) {
		text = copy_string(
			lacks & MAY_LACK_THEM
				? "rename it back, if this file system can store the name"
				: "copy the package to another file system: this one cannot store the name");
	}
	free(full);
	return text;
}

/* Print the reason why there is no command, and free the text. False if it is NULL. */
static bool advice_say_obstacle(char *text)
{
	if (text)
		out("    to do     %s\n", text);
	free(text);
	return text != NULL;
}

/* ---- One entry ---- */

/* Find out how the name of a moved file has changed. False if it was not moved, or if it is empty
   and the names are not similar, since all empty files have the same content. */
static bool advice_move(const struct ssum_report *report, struct name_change *change)
{
	bool is_missing = report->verdict == SSUM_MISSING;

	return report->moved && (name_change(is_missing ? report->path : report->moved,
					     is_missing ? report->moved : report->path, change) ||
				 report->expected.length || report->found.length);
}

/* A path that does not exist, as a temporary name for an entry: the path and a suffix. To be
   freed. */
static char *advice_spare(const struct app *app, const char *path, const char *suffix)
{
	char *spare = format_text("%s%s", path, suffix), *full;
	struct stat st;

	while (full = advice_path(app, spare), !lstat(full, &st)) {
		char *longer = format_text("%s~", spare);

		free(full);
		free(spare);
		spare = longer;
	}
	free(full);
	return spare;
}

/* Print the commands that rename an entry where the file system does not distinguish the names:
   each component that differs is first renamed to a temporary name, from the top. */
static void advice_out_rename(const struct app *app, const char *from, const char *to)
{
	size_t begin = 0, length;
	const char *separator = "";

	for (;; begin += length + 1) {
		size_t other = strcspn(from, "/");

		length = strcspn(to + begin, "/");
		if (length != other || memcmp(from, to + begin, length) != 0) {
			char *old = format_text("%.*s%.*s", (int)begin, to, (int)other, from);
			char *new = format_text("%.*s", (int)(begin + length), to);
			char *between = advice_spare(app, old, ".renamed");

			out("%smv -- %s %s", separator, advice_path_word(app, old, false),
			    advice_path_word(app, between, false));
			out(" && mv -- %s %s", advice_path_word(app, between, false),
			    advice_path_word(app, new, false));
			separator = " && ";
			free(old);
			free(new);
			free(between);
		}
		if (!from[other] || !to[begin + length])
			break;
		from += other + 1;
	}
	out("\n");
}

/* What other systems leave in directories. */
static const struct {
	const char *name, *says;
} advice_strays[] = {
	{"lost+found", "a directory of the file system"},
	{".DS_Store", "written by the Finder of macOS"},
	{"__MACOSX", "written by the archiver of macOS"},
	{".Spotlight-V100", "written by macOS"},
	{".Trashes", "written by macOS"},
	{".fseventsd", "written by macOS"},
	{"Thumbs.db", "written by the Windows Explorer"},
	{"desktop.ini", "written by the Windows Explorer"},
	{"System Volume Information", "written by Windows"},
	{"$RECYCLE.BIN", "written by Windows"},
};

/* Say what an extra entry is if another system has left it, and how to leave it out. */
static void advice_say_stray(const char *path)
{
	for (const char *component = path; component;) {
		size_t length = strcspn(component, "/");

		for (size_t i = 0; i < sizeof(advice_strays) / sizeof(advice_strays[0]); i++) {
			const char *name = advice_strays[i].name;

			if (strlen(name) != length || strncasecmp(name, component, length) != 0)
				continue;
			char *option = format_text("--exclude=%.*s", (int)length, component);

			out("    why       %s\n", advice_strays[i].says);
			out("    to do     delete it, or leave it out with: %s\n",
			    advice_word(option));
			free(option);
			return;
		}
		component += length;
		component = *component ? component + 1 : NULL;
	}
}

static void advice_say_move(const struct app *app, const struct ssum_report *report,
			    const struct name_change *change)
{
	const char *from = report->moved, *to = report->path;
	const char *from_slash = strrchr(from, '/'), *to_slash = strrchr(to, '/');
	size_t length = to_slash ? (size_t)(to_slash - to) : 0;

	if (report->verdict == SSUM_EXTRA) {
		out("    content   that of %s, which is missing\n", quoted(from));
		return;
	}
	out("    moved to  %s\n", quoted(from));
	out("    why       %s\n", change->detail);
	if (!strcmp(change->kind, "separators")) {
		out("    to do     correct the list: write / instead of \\ in it\n");
		return;
	}
	if (advice_say_obstacle(advice_obstacle(app, to, false)))
		return;
	out("    to do     rename it back: ");
	if (report->other_name && !strcmp(report->other_name, from)) {
		advice_out_rename(app, from, to);
		return;
	}
	/* The directory may be missing too. */
	if (length &&
	    (!from_slash || (size_t)(from_slash - from) != length || memcmp(from, to, length) != 0))
		out("mkdir -p -- %s && ", advice_path_word(app, to, true));
	out("mv -- %s %s\n", advice_path_word(app, from, false), advice_path_word(app, to, false));
}

/* A missing entry that the file system finds under another name. */
static void advice_say_other_name(const struct app *app, const struct ssum_report *report)
{
	const char *path = report->path, *other = report->other_name;
	struct name_change change;

	out("    found as  %s\n", quoted(other));
	if (report->other_is_listed) {
		out("    why       both names are listed, but here they are one file: the file system does not distinguish them\n");
		out("    to do     copy the package to a file system that distinguishes names by case\n");
		return;
	}
	name_change(path, other, &change);
	out("    why       %s\n", change.detail);
	if (advice_say_obstacle(advice_obstacle(app, path, false)))
		return;
	out("    to do     rename it back, then verify again: ");
	advice_out_rename(app, other, path);
}

/* The options that choose the manifests, quoted for a command. */
static void advice_say_options(const struct app *app)
{
	const struct options *options = app->options;

	for (size_t i = 0; i < options->manifests.count; i++)
		out(" -m %s", advice_word(options->manifests.items[i]));
	if (options->algorithms.count)
		out(" -a %s", options->algorithms.items[0]);
	if (options->format)
		out(" --format=%s", options->format);
}

void advice_say(const struct app *app, const struct ssum_report *report)
{
	const struct ssum_report_side *expected = &report->expected;
	const char *directory = app->options->operands[0];
	const char *dashes = *directory == '-' ? "-- " : ""; /* so that it is not an option */
	bool is_missing = report->verdict == SSUM_MISSING;
	struct name_change change;

	if (advice_move(report, &change)) {
		advice_say_move(app, report, &change);
	} else if (report->other_name) {
		advice_say_other_name(app, report);
	} else if (report->lists_itself) {
		out("    why       the manifest lists itself: it cannot contain its own digest\n");
		out("    to do     remove line %" PRIu64 " from %s, or publish again: " PROGRAM
		    " create %s%s\n",
		    report->line, quoted(report->manifest), dashes, advice_word(directory));
	} else if (report->surplus) {
		out("    to do     cut them off: truncate -s %" PRIu64 " -- %s\n",
		    report->found.length - report->surplus,
		    advice_path_word(app, report->path, false));
	} else if (report->damaged_count) {
		out("    to do     fetch these bytes again; this lists them for curl and dd: " PROGRAM
		    " verify --repair-list");
		advice_say_options(app);
		out(" %s%s\n", dashes, advice_word(directory));
	} else if (expected->target && (is_missing || (report->verdict == SSUM_DIFFERS &&
						       report->found.type == SSUM_TYPE_SYMLINK))) {
		if (advice_say_obstacle(advice_obstacle(app, report->path, true)))
			return;
		out("    to do     create it again: ln -sfn -- %s %s\n",
		    advice_word(expected->target), advice_path_word(app, report->path, false));
	} else if (is_missing && expected->type == SSUM_TYPE_DIRECTORY) {
		if (advice_say_obstacle(advice_obstacle(app, report->path, false)))
			return;
		out("    to do     create it again: mkdir -p -- %s\n",
		    advice_path_word(app, report->path, false));
	} else if (report->verdict == SSUM_EXTRA) {
		advice_say_stray(report->path);
	}
}

void advice_json(json_t *object, const struct ssum_report *report)
{
	struct name_change change;

	if (report->lists_itself)
		json_flag(object, "lists_itself", true);
	json_name(object, "other_name", report->other_name);
	if (report->other_is_listed)
		json_flag(object, "other_is_listed", true);
	if (!advice_move(report, &change))
		return;
	json_name(object, report->verdict == SSUM_MISSING ? "moved_to" : "moved_from",
		  report->moved);
	json_text(object, "name_change", change.kind);
	json_text(object, "name_detail", change.detail);
}

/* ---- Exchanged files ---- */

/*
 * Files are exchanged if each has the content of the next one, and the last one that of the first.
 * This is decided by digests only: the digest of each file is compared with those listed for the
 * others.
 */
enum exchange_state { EXCHANGE_UNSEEN, EXCHANGE_VISITED, EXCHANGE_SEEN };

struct exchange {
	char *path, *algorithm;
	struct ssum_digest expected, found;
	struct exchange *next; /* the file whose content this one has */
	enum exchange_state state;
};

static void exchange_take(struct advice *advice, const struct ssum_report *report)
{
	const struct ssum_explanation *explanation = report->explanation;
	const struct ssum_digest *found = report->found.digest;

	/* If checkpoints decided the verdict, only the explanation may have the digest. */
	if (!found && explanation && explanation->found.length)
		found = &explanation->found;
	if (report->verdict != SSUM_DIFFERS || report->found.type != SSUM_TYPE_FILE ||
	    !report->expected.digest || !found || advice->exchange_count == EXCHANGES_MAX)
		return;
	if (!advice->exchanges)
		advice->exchanges = allocate(EXCHANGES_MAX * sizeof(*advice->exchanges));
	advice->exchanges[advice->exchange_count++] = (struct exchange){
		.path = copy_string(report->path),
		.algorithm = copy_string(report->algorithm),
		.expected = *report->expected.digest,
		.found = *found,
	};
}

/* The row whose listed content a file has: one that closes a cycle, else one that has not been
   visited. NULL if there is none. */
static struct exchange *exchange_follow(const struct advice *advice, const struct exchange *row)
{
	struct exchange *next = NULL;

	for (size_t i = 0; i < advice->exchange_count; i++) {
		struct exchange *other = &advice->exchanges[i];

		if (other->state == EXCHANGE_SEEN ||
		    !ssum_digest_equal(&other->expected, &row->found) ||
		    strcmp(other->algorithm, row->algorithm) != 0)
			continue;
		if (other->state == EXCHANGE_VISITED)
			return other;
		if (!next)
			next = other;
	}
	return next;
}

/* Follow the rows from the first one until one is visited twice, which is part of a cycle. NULL if
   there is none. */
static struct exchange *exchange_find_cycle(const struct advice *advice, struct exchange *first)
{
	struct exchange *row = first, *last = NULL;

	while (row && row->state == EXCHANGE_UNSEEN) {
		row->state = EXCHANGE_VISITED;
		last = row;
		row = row->next = exchange_follow(advice, row);
	}
	for (row = first; row && row->state == EXCHANGE_VISITED; row = row->next)
		row->state = EXCHANGE_SEEN;
	return last ? last->next : NULL;
}

static void exchange_print(const struct app *app, struct exchange **cycle, size_t count)
{
	json_t *object, *files;
	char *spare;

	if (asked(app, OPT_JSON)) {
		object = json_typed("cause");
		files = json_array();
		json_text(object, "cause", "exchanged");
		json_count(object, "entries", count);
		for (size_t i = 0; i < count; i++) {
			json_t *file = json_object();

			json_name(file, "path", cycle[i]->path);
			json_name(file, "content_of", cycle[i]->next->path);
			json_array_append_new(files, file);
		}
		json_object_set_new(object, "files", files);
		json_print(object);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		out("%s%s has the content of %s", i ? ", " : "exchanged: ", quoted(cycle[i]->path),
		    quoted(cycle[i]->next->path));
	}
	out("\n");
	if (advice_say_obstacle(advice_obstacle(app, cycle[0]->path, false)))
		return;
	/* Rename the first file to a name that does not exist. Then give each file the name that
	   has just become free, in the reverse order of the links. */
	spare = advice_spare(app, cycle[0]->path, ".exchanged");
	out("    to do     rename them: mv -- %s %s", advice_path_word(app, cycle[0]->path, false),
	    advice_path_word(app, spare, false));
	for (size_t i = count; i-- > 1;)
		out(" && mv -- %s %s", advice_path_word(app, cycle[i]->path, false),
		    advice_path_word(app, cycle[(i + 1) % count]->path, false));
	out(" && mv -- %s %s\n", advice_path_word(app, spare, false),
	    advice_path_word(app, cycle[1]->path, false));
	free(spare);
}

static void exchange_print_all(const struct app *app, const struct advice *advice)
{
	struct exchange **cycle = allocate(advice->exchange_count * sizeof(*cycle));

	for (size_t i = 0; i < advice->exchange_count; i++) {
		struct exchange *first = exchange_find_cycle(advice, &advice->exchanges[i]);
		size_t length = 0;

		for (struct exchange *row = first; row && (!length || row != first);
		     row = row->next)
			cycle[length++] = row;
		if (length)
			exchange_print(app, cycle, length);
	}
	free(cycle);
}

/* ---- All entries ---- */

static enum advice_hiding advice_hiding_of(const char *path)
{
	return path[0] == '.' ? HIDDEN_AT_TOP : strstr(path, "/.") ? HIDDEN_BELOW : NOT_HIDDEN;
}

void advice_take(struct advice *advice, const struct ssum_report *report)
{
	struct name_change change;

	exchange_take(advice, report);
	if (report->expected.type == SSUM_TYPE_UNKNOWN)
		return;
	if (report->expected.type == SSUM_TYPE_SYMLINK)
		name_set_add(&advice->symlinks, report->path);
	if (report->verdict == SSUM_HOLDS || report->verdict == SSUM_DIFFERS)
		advice->present[advice_hiding_of(report->path)]++;
	else if (report->verdict == SSUM_MISSING && !advice_move(report, &change))
		advice->missing[advice_hiding_of(report->path)]++;
}

void advice_say_causes(const struct app *app, const struct advice *advice)
{
	const uint64_t *missing = advice->missing, *present = advice->present;
	uint64_t hidden = missing[HIDDEN_AT_TOP] + missing[HIDDEN_BELOW];

	if (asked(app, OPT_REPAIR_LIST) && !asked(app, OPT_JSON))
		return;
	exchange_print_all(app, advice);
	/* A glob omits hidden entries at the top, other programs omit all hidden ones. Name this
	   cause only if nothing else is missing and no hidden entry of the same kind is present. */
	if (!hidden || missing[NOT_HIDDEN] || present[HIDDEN_AT_TOP] || !present[NOT_HIDDEN] ||
	    (missing[HIDDEN_BELOW] && present[HIDDEN_BELOW]))
		return;
	if (asked(app, OPT_JSON)) {
		json_t *object = json_typed("cause");

		json_text(object, "cause", "hidden files left out");
		json_count(object, "entries", hidden);
		json_print(object);
	} else {
		out("hidden files were left out, as by a glob or a copy without dot files: %s\n",
		    count_text(hidden, "entry", "entries").s);
		out("    to do     copy again with them, as 'cp -a FROM/. TO' does\n");
	}
}

void advice_free(struct advice *advice)
{
	for (size_t i = 0; i < advice->exchange_count; i++) {
		free(advice->exchanges[i].path);
		free(advice->exchanges[i].algorithm);
	}
	free(advice->exchanges);
	tdestroy(advice->symlinks, free);
}
