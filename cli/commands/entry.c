/* SPDX-License-Identifier: MIT */
/* One report of verify, create or check: in words, in JSON, and as ranges to fetch again. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "commands/advice.h"
#include "commands/cmd_explain.h"
#include "commands/entry.h"
#include "commands/report.h"
#include "output/json.h"
#include "output/names.h"

/* The maximum number of damaged ranges that entry_say() prints. */
#define RANGES_SHOWN 8

const char *side_text(const struct ssum_report_side *side, char hex[SSUM_HEX_MAX])
{
	if (!side->digest)
		return side->target;
	ssum_digest_hex(side->digest, hex);
	return hex;
}

static const char *entry_manifest(const struct ssum_report *report)
{
	return report->manifest ? quoted(report->manifest) : "any manifest";
}

static void entry_say_side(const char *title, const struct ssum_report *report,
			   const struct ssum_report_side *side)
{
	char hex[SSUM_HEX_MAX];
	const char *value = side_text(side, hex), *algorithm = report->algorithm;

	if (value)
		out("    %-8s  %s%s%s\n", title, algorithm ? algorithm : "", algorithm ? " " : "",
		    quoted(value));
}

/* The ranges to fetch again. What the file does not have is missing, not damaged. A segment that
   the end of the file cuts cannot be judged. */
static void entry_say_damaged(const struct ssum_report *report)
{
	uint64_t length = report->found.length, rest = 0;

	for (size_t i = 0; i < report->damaged_count; i++) {
		const struct ssum_range *range = &report->damaged[i];
		uint64_t end = range->offset + range->length;
		uint64_t present = end <= length            ? range->length
				   : range->offset < length ? length - range->offset
							    : 0;

		if (present && i < RANGES_SHOWN)
			out("    %-8s  %" PRIu64 " bytes at offset %" PRIu64 "%s\n",
			    present == range->length ? "damaged" : "unproven", present,
			    range->offset,
			    present == range->length ? "" : ", without the bytes that follow");
		else
			rest += present;
		if (present < range->length)
			out("    missing   %" PRIu64 " bytes from offset %" PRIu64 "\n",
			    range->length - present, range->offset + present);
	}
	if (rest)
		out("    damaged   %" PRIu64 " more bytes; --repair-list lists all of them\n",
		    rest);
}

/* Zeros where data should be point to the cause: a hole in a copy, or a block that was lost. */
static void entry_say_zeros(const struct ssum_report *report)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < report->zeros_count; i++) {
		const struct ssum_zeros *zeros = &report->zeros[i];

		if (i < RANGES_SHOWN)
			out("    zeros     %" PRIu64 " of these bytes, from offset %" PRIu64 "%s\n",
			    zeros->length, zeros->offset,
			    zeros->in_hole > 0 ? ": a hole"
			    : zeros->in_hole   ? ""
					       : ", allocated");
		else
			rest += zeros->length;
	}
	if (rest)
		out("    zeros     %" PRIu64 " more of these bytes\n", rest);
}

/* Whether a file that differs was modified after the manifest, by their modification times. They
   may have been set by a copy, so this proves nothing, but it says where to look. */
static bool entry_is_newer(const struct app *app, const struct ssum_report *report,
			   struct stat *file, struct stat *manifest)
{
	int lists = app->options->manifests.count ? AT_FDCWD : app->directory;

	if (!(app->command->bit & VERIFY) || report->verdict != SSUM_DIFFERS || !report->manifest ||
	    report->kind != SSUM_REPORT_ENTRY || report->found.type != SSUM_TYPE_FILE)
		return false;
	return !fstatat(app->directory, report->path, file, AT_SYMLINK_NOFOLLOW) &&
	       !fstatat(lists, report->manifest, manifest, 0) &&
	       (file->st_mtim.tv_sec > manifest->st_mtim.tv_sec ||
		(file->st_mtim.tv_sec == manifest->st_mtim.tv_sec &&
		 file->st_mtim.tv_nsec > manifest->st_mtim.tv_nsec));
}

static void entry_say_times(const struct ssum_report *report, const struct stat *file,
			    const struct stat *manifest)
{
	char file_time[32], manifest_time[32];
	struct tm local;

	strftime(file_time, sizeof(file_time), "%F %T", localtime_r(&file->st_mtime, &local));
	strftime(manifest_time, sizeof(manifest_time), "%F %T",
		 localtime_r(&manifest->st_mtime, &local));
	out("    times     changed %s, after the manifest was written: %s is of %s\n", file_time,
	    entry_manifest(report), manifest_time);
}

static void entry_say_different(const struct app *app, const struct ssum_report *report,
				const char *name)
{
	struct stat file, list;

	const struct ssum_report_side *expected = &report->expected, *found = &report->found;
	const char *there = ssum_type_name(found->type), *listed = ssum_type_name(expected->type);

	if (report->kind == SSUM_REPORT_MANIFEST) {
		out("%s: the content hash differs from the requested one\n", name);
	} else if (found->type != expected->type) {
		out("%s: is %s %s, but %s lists %s %s\n", name, article(there), there,
		    entry_manifest(report), article(listed), listed);
		return;
	} else {
		bool is_symlink = found->type == SSUM_TYPE_SYMLINK;

		out("%s: %s\n", name,
		    verdict_text(report->verdict, is_symlink ? "points elsewhere" : "differs").s);
	}
	entry_say_side("expected", report, expected);
	entry_say_side("found", report, found);
	if (found->type != SSUM_TYPE_FILE)
		return;
	out("    length    %s", count_text(found->length, "byte", "bytes").s);
	if (expected->length && expected->length != found->length)
		out(", of %" PRIu64, expected->length);
	out("\n");
	entry_say_damaged(report);
	entry_say_zeros(report);
	if (report->surplus && !report->explanation)
		out("    surplus   %" PRIu64 " bytes at the end, after all of the content\n",
		    report->surplus);
	if ((!report->explanation || report->explanation->cause == SSUM_CAUSE_UNKNOWN) &&
	    entry_is_newer(app, report, &file, &list))
		entry_say_times(report, &file, &list);
	if (report->explanation && !report->lists_itself)
		explain_say(report->explanation, !report->damaged_count && !report->surplus);
}

void entry_say(const struct app *app, const struct ssum_report *report)
{
	const char *name = report->path ? quoted(report->path) : "";
	const char *kind = ssum_type_name(report->found.type);
	const char *manifest = entry_manifest(report);
	bool allowed = asked(app, OPT_ALLOW_EXTRA), is_named;

	switch (report->verdict) {
	case SSUM_HOLDS:
		out("%s: %s\n", name, verdict_text(report->verdict, "holds").s);
		break;
	case SSUM_DIFFERS:
		entry_say_different(app, report, name);
		break;
	case SSUM_MISSING:
		out("%s: %s (listed in %s", name, verdict_text(report->verdict, "missing").s,
		    manifest);
		if (report->line)
			out(", line %" PRIu64, report->line);
		out(")\n");
		entry_say_side("expected", report, &report->expected);
		if (report->expected.length)
			out("    length    %s\n",
			    count_text(report->expected.length, "byte", "bytes").s);
		break;
	case SSUM_EXTRA:
		out("%s: %s (", name,
		    verdict_text(allowed ? SSUM_UNREADABLE : SSUM_EXTRA, "extra").s);
		if (report->found.type != SSUM_TYPE_FILE)
			out("%s %s, ", article(kind), kind);
		out("not listed in %s%s)\n", manifest, allowed ? ", which is allowed" : "");
		break;
	case SSUM_UNREADABLE:
		if (report->error == SSUM_ERR_NOT_REGULAR)
			out("%s: is %s %s, which is not read\n", name, article(kind), kind);
		else if (report->error == SSUM_ERR_UNLISTED)
			out("%s: %s\n", name,
			    verdict_text(report->verdict, ssum_strerror(report->error)).s);
		else
			out("%s: %s: %s\n", name,
			    verdict_text(report->verdict, "could not be read").s,
			    ssum_strerror(report->error));
		break;
	case SSUM_CHANGED:
		out("%s: %s while it was being read%s\n", name,
		    verdict_text(report->verdict, "changed").s, changes_suffix(report->changes).s);
		break;
	case SSUM_FALSE_HOLE:
		out("%s: the file system reported a hole where there is data; use --holes=read\n",
		    name);
		break;
	case SSUM_UNDECIDED:
		if (report->error == SSUM_ERR_ALGORITHM) {
			out("%s: %s (no digest in %s holds as %s, and it names no algorithm)\n",
			    name, verdict_text(report->verdict, "undecided").s, manifest,
			    report->algorithm);
			entry_say_side("expected", report, &report->expected);
			entry_say_side("found", report, &report->found);
			if (report->explanation &&
			    report->explanation->cause == SSUM_CAUSE_ALGORITHM)
				explain_say(report->explanation, true);
			break;
		}
		out("%s: %s (not listed in the lines of %s that could be read)\n", name,
		    verdict_text(report->verdict, "undecided").s, manifest);
		break;
	case SSUM_BAD_LINE:
		is_named =
			*name && (!report->manifest || strcmp(report->path, report->manifest) != 0);
		out("%s", manifest);
		if (report->line)
			out(":%" PRIu64, report->line);
		out(": %s%s%s\n", is_named ? name : "", is_named ? ": " : "",
		    ssum_strerror(report->error));
		break;
	}
	advice_say(app, report);
}

void entry_say_manifest(const struct ssum_report *report)
{
	char hex[SSUM_HEX_MAX];

	out("%s  content hash %s %s\n", quoted(report->path), report->algorithm,
	    side_text(&report->found, hex));
}

void entry_say_checkpoints(const struct ssum_report *report)
{
	if (report->line)
		note("warning: %s:%" PRIu64 ": %s; checkpoints are not used from there on",
		     quoted(report->path), report->line, ssum_strerror(report->error));
	else if (report->error == SSUM_ERR_CHECKPOINTS)
		note("warning: %s: its checkpoints in %s do not match its digest; they are not used",
		     quoted(report->path), quoted(report->manifest));
	else
		note("warning: %s: %s; checkpoints are not used", quoted(report->path),
		     ssum_strerror(report->error));
}

static const struct {
	unsigned bit;
	const char *name, *says;
} entry_forms[] = {
	{SSUM_FORM_BYTE_ORDER_MARK, "byte order mark",
	 "begins with a byte order mark (UTF-8), which is skipped"},
	{SSUM_FORM_UTF16, "UTF-16", "is in UTF-16, as PowerShell writes it; it is converted"},
	{SSUM_FORM_PGP, "PGP", "is signed by PGP; the signature is not checked: use gpg --verify"},
	{SSUM_FORM_FILE_HASH, "Get-FileHash",
	 "is the output of Get-FileHash; if names in it are cut or broken, write it again with Export-Csv"},
	{SSUM_FORM_CERTUTIL, "certutil", "is the output of certutil -hashfile"},
	{SSUM_FORM_BARE, "bare digest",
	 "is a digest without a name; it is of the file that the list is named for: of x.iso, if the list is x.iso.sha256 and x.iso is there"},
	{SSUM_FORM_BACKSLASHES, "Windows path separators",
	 "has Windows path separators (backslashes); they are read as /"},
	{SSUM_FORM_UNCLEAR_BACKSLASHES, "unclear Windows path separators",
	 "has names with backslashes; if they are Windows path separators, write / instead, and names relative to the directory"},
};

void entry_say_form(const struct app *app, const struct ssum_report *report)
{
	json_t *object = asked(app, OPT_JSON) ? json_typed("form") : NULL, *names = json_array();

	for (size_t i = 0; i < sizeof(entry_forms) / sizeof(entry_forms[0]); i++) {
		if (!(report->forms & entry_forms[i].bit))
			continue;
		json_array_append_new(names, json_string(entry_forms[i].name));
		if (!object && !asked(app, OPT_QUIET))
			note("%s: %s", quoted(report->path), entry_forms[i].says);
	}
	if (!object) {
		json_decref(names);
		return;
	}
	json_name(object, "path", report->path);
	json_object_set_new(object, "forms", names);
	json_print(object);
}

/* ---- JSON ---- */

void entry_json(const struct app *app, const struct ssum_report *report)
{
	static const struct {
		const char *type, *kind;
	} words[] = {
		[SSUM_REPORT_ENTRY] = {"entry", NULL},
		[SSUM_REPORT_MANIFEST] = {"manifest", NULL},
		[SSUM_REPORT_LINE] = {"entry", "line"},
		[SSUM_REPORT_STALE] = {"entry", NULL},
		[SSUM_REPORT_CHECKPOINTS] = {"checkpoints", "checkpoints"},
	};
	const struct ssum_report_side *expected = &report->expected, *found = &report->found;
	json_t *object = json_typed(words[report->kind].type);
	char hex[SSUM_HEX_MAX];
	struct stat file, list;

	json_name(object, "path", report->path);
	json_text(object, "verdict", ssum_verdict_name(report->verdict));
	json_text(object, "kind", words[report->kind].kind);
	if (found->type != SSUM_TYPE_UNKNOWN)
		json_text(object, "kind", ssum_type_name(found->type));
	if (expected->type != SSUM_TYPE_UNKNOWN)
		json_text(object, "expected_kind", ssum_type_name(expected->type));
	/* The length of a file that could not be opened is unknown. */
	if (found->type == SSUM_TYPE_FILE && report->verdict != SSUM_UNREADABLE)
		json_count(object, "size", found->length);
	if (expected->length)
		json_count(object, "expected_size", expected->length);
	if (report->damaged_count) {
		json_t *ranges = json_array();

		for (size_t i = 0; i < report->damaged_count; i++) {
			json_t *range = json_object();

			json_count(range, "offset", report->damaged[i].offset);
			json_count(range, "length", report->damaged[i].length);
			json_array_append_new(ranges, range);
		}
		json_object_set_new(object, "damaged", ranges);
	}
	if (report->zeros_count) {
		json_t *runs = json_array();

		for (size_t i = 0; i < report->zeros_count; i++) {
			json_t *run = json_object();

			json_count(run, "offset", report->zeros[i].offset);
			json_count(run, "length", report->zeros[i].length);
			if (report->zeros[i].in_hole >= 0)
				json_flag(run, "in_hole", report->zeros[i].in_hole);
			json_array_append_new(runs, run);
		}
		json_object_set_new(object, "zeros", runs);
	}
	if (report->surplus)
		json_count(object, "surplus", report->surplus);
	json_name(object, "manifest", report->manifest);
	if (report->line)
		json_count(object, "line", report->line);
	json_name(object, "algorithm", report->algorithm);
	json_name(object, "expected", side_text(expected, hex));
	json_name(object, "found", side_text(found, hex));
	if (entry_is_newer(app, report, &file, &list))
		json_flag(object, "changed_after_manifest", true);
	if (report->explanation)
		json_object_set_new(object, "explanation", explain_json(report->explanation));
	advice_json(object, report);
	json_changes(object, report->changes);
	if (report->read_twice)
		json_flag(object, "read_twice", true);
	json_code(object, report->error);
	json_print(object);
}

/* ---- --repair-list ---- */

void out_range(uint64_t offset, uint64_t length)
{
	out("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "-%" PRIu64, offset, length, offset,
	    offset + length - 1);
}

/* The last two fields are the name: as a file name, in which a backslash, TAB, newline and carriage
   return are escaped so that printf %b reads them; and as a part of a URL (RFC 3986), in which all
   but unreserved characters and slashes are encoded. */
static void entry_out_name(const char *name)
{
	static const char special[] = "\\\n\r\t", letters[] = "\\nrt";
	char *escaped = allocate(2 * strlen(name) + 1), *to = escaped;
	char *url = allocate(3 * strlen(name) + 1), *end = url;

	for (; *name; name++) {
		const char *found = strchr(special, *name);
		bool is_plain = (*name | ' ') >= 'a' && (*name | ' ') <= 'z';

		if (found)
			*to++ = '\\';
		*to++ = found ? letters[found - special] : *name;
		if (is_plain || strchr("0123456789-._~/", *name))
			*end++ = *name;
		else
			end += sprintf(end, "%%%02X", (unsigned char)*name);
	}
	*to = *end = '\0';
	out("\t%s\t%s\n", output_is_terminal() ? legible(escaped) : escaped, url);
	free(escaped);
	free(url);
}

static void entry_out_range(uint64_t offset, uint64_t length, const char *name)
{
	if (length)
		out_range(offset, length);
	else
		out("0\t-\t0-"); /* the whole file; its length is unknown */
	entry_out_name(name);
}

void entry_say_repair(const struct app *app, const struct ssum_report *report)
{
	const struct ssum_report_side *expected = &report->expected, *found = &report->found;
	bool is_missing = report->verdict == SSUM_MISSING;
	bool differs = report->verdict == SSUM_DIFFERS && found->type == SSUM_TYPE_FILE;
	char *obstacle;

	if (expected->type != SSUM_TYPE_FILE || !(is_missing || differs)) {
		note("%s: %s; fetching bytes cannot repair that",
		     report->path ? quoted(report->path) : "", ssum_verdict_name(report->verdict));
		return;
	}
	obstacle = is_missing ? advice_obstacle(app, report->path, false) : NULL;
	if (obstacle) {
		note("%s: %s; %s", quoted(report->path), ssum_verdict_name(report->verdict),
		     obstacle);
		free(obstacle);
		return;
	}
	/* Bytes after the end are not fetched but cut off. */
	if (found->type == SSUM_TYPE_FILE &&
	    (report->surplus || (expected->length && expected->length < found->length))) {
		out("%" PRIu64 "\t-\ttruncate",
		    report->surplus ? found->length - report->surplus : expected->length);
		entry_out_name(report->path);
	}
	if (report->surplus)
		return;
	for (size_t i = 0; i < report->damaged_count; i++)
		entry_out_range(report->damaged[i].offset, report->damaged[i].length, report->path);
	if (!report->damaged_count)
		entry_out_range(0, expected->length, report->path);
}
