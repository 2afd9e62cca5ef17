/* SPDX-License-Identifier: MIT */
/* The lines of a manifest that is checked: each becomes an input, and its result a verdict. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/output.h"
#include "base/progress.h"
#include "commands/check.h"
#include "options/command.h"
#include "options/input.h"
#include "options/options.h"
#include "report/report.h"

const char *manifest_title(const struct checking *checking)
{
	return quoted(is_stdin(checking->name) ? "standard input" : checking->name);
}

/* A line on its way through the library: what its result needs. */
struct item {
	bool malformed;
	uint64_t line;
	struct ssum_digest expected;
	char name[];
};

/* The next line that is no comment; NULL at the end, which a failure to read is too. */
static const struct ssum_line *next_line(struct checking *checking)
{
	int got;

	do
		got = ssum_manifest_next(checking->manifest, &checking->line);
	while (got > 0 && checking->line->kind != SSUM_LINE_FILE &&
	       checking->line->kind != SSUM_LINE_MALFORMED);
	if (got < 0)
		checking->read_error = got;
	return got > 0 ? checking->line : NULL;
}

static struct item *new_item(const struct checking *checking)
{
	const struct ssum_line *line = checking->line;
	const char *name = line->name ? line->name : "";
	struct item *item = allocate(sizeof(*item) + strlen(name) + 1);

	item->malformed =
		line->kind == SSUM_LINE_MALFORMED || (is_stdin(checking->name) && is_stdin(name));
	item->line = line->number;
	item->expected = line->digest;
	strcpy(item->name, name);
	return item;
}

static int next_input(void *user, struct ssum_input *input)
{
	struct checking *checking = user;
	struct item *item;

	/* Who writes the lines into a pipe may wait for what comes of those before. */
	checking->paused =
		!checking->held && inputs_are_out() && !ssum_manifest_ready(checking->manifest);
	if (checking->paused || (!checking->held && !next_line(checking)))
		return 0;
	item = new_item(checking);
	checking->held = !item->malformed && !input_set(input, item->name);
	if (checking->held) {
		free(item);
		return 0;
	}
	if (item->malformed)
		input_set_nothing(input);
	input->item = item;
	return 1;
}

static void take_malformed(struct checking *checking, const struct item *item)
{
	checking->malformed++;
	if (asked(checking->run, OPT_WARN))
		note("%s: %" PRIu64 ": improperly formatted %s checksum line",
		     manifest_title(checking), item->line, checking->algorithm.tag);
	if (asked(checking->run, OPT_JSON)) {
		json_t *object = json_typed("error");

		json_name(object, "path", checking->name);
		json_count(object, "line", item->line);
		json_code(object, SSUM_ERR_MALFORMED, ssum_strerror(SSUM_ERR_MALFORMED));
		json_print(object);
	}
}

/* The verdict on a listed file that gave no digest. */
static enum ssum_verdict verdict_of(int error)
{
	switch (error) {
	case -ENOENT:
		return SSUM_MISSING;
	case SSUM_ERR_CHANGED:
		return SSUM_CHANGED;
	case SSUM_ERR_HOLE_NOT_ZERO:
		return SSUM_FALSE_HOLE;
	default:
		return SSUM_UNREADABLE;
	}
}

static void print_json(const struct checking *checking, const struct item *item,
		       const struct ssum_result *result, enum ssum_verdict verdict)
{
	struct ssum_report report = {
		.verdict = verdict,
		.error = result->error,
		.path = item->name,
		.manifest = checking->name,
		.line = item->line,
		.algorithm = checking->algorithm.name,
		.expected.digest = &item->expected,
	};

	if (!result->error)
		report.found = (struct ssum_report_side){.type = SSUM_TYPE_FILE,
							 .length = result->length,
							 .digest = &result->digests[0]};
	report_json(&report);
}

static void print_verdict(const struct checking *checking, const struct item *item,
			  const struct ssum_result *result, enum ssum_verdict verdict)
{
	if (asked(checking->run, OPT_STATUS))
		return;
	if (verdict == SSUM_HOLDS && asked(checking->run, OPT_QUIET))
		return;
	if (asked(checking->run, OPT_JSON))
		print_json(checking, item, result, verdict);
	else
		out("%s: %s\n", quoted(item->name),
		    verdict == SSUM_HOLDS     ? "OK"
		    : verdict == SSUM_DIFFERS ? "FAILED"
					      : "FAILED open or read");
}

static void take_listed(struct checking *checking, const struct item *item,
			const struct ssum_result *result)
{
	enum ssum_verdict verdict = SSUM_HOLDS;

	checking->listed++;
	if (result->error == -ENOENT && asked(checking->run, OPT_IGNORE_MISSING))
		return;
	if (result->error) {
		verdict = verdict_of(result->error);
		note("%s: %s", quoted(item->name), ssum_strerror(result->error));
		checking->unreadable++;
	} else if (ssum_digest_equal(&item->expected, &result->digests[0])) {
		checking->matched++;
	} else {
		verdict = SSUM_DIFFERS;
		checking->differing++;
	}
	print_verdict(checking, item, result, verdict);
}

static int take_result(void *user, const struct ssum_result *result)
{
	struct checking *checking = user;
	struct item *item = result->item;

	input_done(item->name, result->length);
	if (item->malformed)
		take_malformed(checking, item);
	else if (result->error != SSUM_ERR_CANCELLED)
		take_listed(checking, item, result);
	free(item);
	return output_failed() || result->error == SSUM_ERR_CANCELLED;
}

int check_lines(struct checking *checking)
{
	const char *const algorithms[] = {checking->algorithm.name, NULL};
	struct ssum_hash_options each = {
		.size = sizeof(each),
		.algorithms = algorithms,
		.any_source = 1,
		.input = next_input,
		.result = take_result,
		.user = checking,
	};
	int code;

	do {
		progress_begin();
		code = ssum_hash_each(checking->run->context, &each);
	} while (code == 0 && (checking->held || checking->paused));
	return code;
}
