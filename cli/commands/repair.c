/* SPDX-License-Identifier: MIT */
/* Ranges of bytes, and what checkpoints tell: which bytes of a file are damaged, and are to be
   fetched again. */
#include <inttypes.h>
#include <string.h>

#include "output/names.h"
#include "output/output.h"
#include "commands/repair.h"

/* Ranges that are told one by one where a person reads them. */
#define RANGES_SHOWN 8

void say_damaged(const struct ssum_report *report)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < report->damaged_count; i++) {
		const struct ssum_range *range = &report->damaged[i];

		if (i < RANGES_SHOWN)
			out("    damaged   %" PRIu64 " bytes at offset %" PRIu64 "\n",
			    range->length, range->offset);
		else
			rest += range->length;
	}
	if (rest)
		out("    damaged   %" PRIu64 " bytes more; --repair-list has them all\n", rest);
}

/* As the comment lines of a manifest have it: a field that TABs and newlines cannot break. */
static void out_field(const char *name)
{
	for (; *name; name++) {
		const char *special = strchr("\\\n\r\t", *name);

		if (special)
			out("\\%c", "\\nrt"[special - "\\\n\r\t"]);
		else
			out_bytes(name, 1);
	}
}

/* OFFSET LENGTH FIRST-LAST, parted by TABs: the last as a request over HTTP has it. */
void out_range(uint64_t offset, uint64_t length)
{
	out("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "-%" PRIu64, offset, length, offset,
	    offset + length - 1);
}

static void out_repair(uint64_t offset, uint64_t length, const char *name)
{
	if (length)
		out_range(offset, length);
	else
		out("0\t-\t0-");
	out("\t");
	out_field(name);
	out("\n");
}

/* The ranges of a file; all of it where they are not known. What no bytes can repair is said on
   standard error. */
void say_repair(const struct ssum_report *report)
{
	bool is_file = report->expected.type == SSUM_TYPE_FILE &&
		       (report->found.type == SSUM_TYPE_FILE || report->verdict == SSUM_MISSING);

	if (!is_file || (report->verdict != SSUM_DIFFERS && report->verdict != SSUM_MISSING)) {
		note("%s: %s, which fetching bytes again cannot repair",
		     report->path ? quoted(report->path) : "", ssum_verdict_name(report->verdict));
		return;
	}
	if (report->found.type == SSUM_TYPE_FILE && report->expected.length &&
	    report->expected.length < report->found.length)
		note("%s: is longer than it should be: cut it to %" PRIu64 " bytes too",
		     quoted(report->path), report->expected.length);
	for (size_t i = 0; i < report->damaged_count; i++)
		out_repair(report->damaged[i].offset, report->damaged[i].length, report->path);
	if (!report->damaged_count)
		out_repair(0, report->expected.length, report->path);
}

/* Checkpoints that were left aside, and what that costs. */
void say_checkpoints(const struct ssum_report *report)
{
	if (report->line)
		note("warning: %s:%" PRIu64 ": %s; from there on checkpoints are left aside",
		     quoted(report->path), report->line, ssum_strerror(report->error));
	else if (report->error == SSUM_ERR_CHECKPOINTS)
		note("warning: %s: %s has checkpoints that do not belong to it; its digest alone "
		     "decides",
		     quoted(report->path), quoted(report->manifest));
	else
		note("warning: %s: %s; checkpoints are left aside", quoted(report->path),
		     ssum_strerror(report->error));
}
