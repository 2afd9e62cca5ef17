/* SPDX-License-Identifier: MIT */
/* sparsesum check: the files that manifests list, as sha1sum --check does. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/entry.h"
#include "commands/input.h"
#include "commands/report.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"
#include "output/text.h"

/* The state of checking one manifest. */
struct checking {
	struct app *app;
	struct inputs *inputs;
	const char *name; /* "-" is standard input */
	struct ssum_algorithm_info algorithm;
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	struct ssum_checkpoints_list *list;   /* beside the manifest, or NULL */
	struct ssum_checkpoints *checkpoints; /* the next ones of the list, or NULL */
	bool held;   /* the line must wait until there are results for all inputs */
	bool alone;  /* the file of the line is verified by itself, with the checkpoints */
	bool paused; /* the next line has not arrived yet, and there are pending results */
	int read_error;
	uint64_t listed, malformed, unreadable, differing, matched;
};

/* A line that is hashed. Allocated with the input, freed with the result. */
struct check_item {
	bool malformed;
	uint64_t line;
	struct ssum_digest expected;
	char name[];
};

static const char *check_title(const struct checking *checking)
{
	return quoted(is_stdin(checking->name) ? "standard input" : checking->name);
}

/* ---- Lines ---- */

/* Read the next line into checking->line, skipping comments. False at the end or after an error. */
static bool check_read_line(struct checking *checking)
{
	int got;

	do
		got = ssum_manifest_next(checking->manifest, &checking->line);
	while (got > 0 && checking->line->kind != SSUM_LINE_FILE &&
	       checking->line->kind != SSUM_LINE_MALFORMED);
	if (got < 0)
		checking->read_error = got;
	return got > 0;
}

/* ---- Checkpoints ---- */

/* The next ones. After an error, no more checkpoints are read: they only save time. */
static void check_next_checkpoints(struct checking *checking)
{
	ssum_checkpoints_free(checking->checkpoints);
	checking->checkpoints = NULL;
	if (checking->list)
		ssum_checkpoints_next(checking->list, &checking->checkpoints);
}

/* Open the checkpoints beside the manifest. Returns their descriptor, or -1. */
static int check_open_checkpoints(struct checking *checking)
{
	char *path;
	int fd;

	if (checking->app->personality || is_stdin(checking->name) ||
	    checking->app->options->checkpoints == SSUM_NO_CHECKPOINTS)
		return -1;
	path = format_text("%s.checkpoints", checking->name);
	fd = signals_open(AT_FDCWD, path, 0);
	free(path);
	if (fd >= 0 && ssum_checkpoints_open(fd, &checking->list) == 0)
		check_next_checkpoints(checking);
	return fd;
}

/* Whether the next checkpoints belong to the line, and to a file like the existing one. If they
   belong to another file with this name, read the next ones. Manifest and checkpoints are in the
   same order, so no others need to be looked at. */
static bool check_has_checkpoints(struct checking *checking)
{
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	const struct ssum_line *line = checking->line;
	struct stat st;
	bool fits;

	if (!checking->checkpoints || line->kind != SSUM_LINE_FILE ||
	    ssum_checkpoints_describe(checking->checkpoints, &info) || !info.name ||
	    strcmp(info.name, line->name) != 0)
		return false;
	fits = ssum_digest_equal(&info.digest, &line->digest) &&
	       !strcmp(info.algorithm, checking->algorithm.name) && !stat(line->name, &st) &&
	       S_ISREG(st.st_mode) && (uint64_t)st.st_size == info.length;
	if (!fits)
		check_next_checkpoints(checking);
	return fits;
}

static int check_input(void *user, struct ssum_input *input)
{
	struct checking *checking = user;
	const struct ssum_line *line;
	struct check_item *item;
	const char *name;

	/* The writer of a pipe may wait for the results of earlier lines before it writes more. */
	checking->paused = !checking->held && checking->inputs->outstanding &&
			   !ssum_manifest_ready(checking->manifest);
	if (checking->paused || (!checking->held && !check_read_line(checking)))
		return 0;
	line = checking->line;
	checking->alone = check_has_checkpoints(checking);
	if (checking->alone)
		return 0;
	name = line->name ? line->name : "";
	item = allocate(sizeof(*item) + strlen(name) + 1);
	/* Standard input cannot be both the manifest and a listed file. */
	item->malformed =
		line->kind == SSUM_LINE_MALFORMED || (is_stdin(checking->name) && is_stdin(name));
	item->line = line->number;
	item->expected = line->digest;
	strcpy(item->name, name);
	checking->held = !item->malformed && !input_set(checking->inputs, input, item->name);
	if (checking->held) {
		free(item);
		return 0;
	}
	if (item->malformed)
		input_set_nothing(checking->inputs, input);
	input->item = item;
	return 1;
}

static void check_report_malformed(struct checking *checking, const struct check_item *item)
{
	checking->malformed++;
	if (asked(checking->app, OPT_WARN))
		note("%s: %" PRIu64 ": improperly formatted %s checksum line",
		     check_title(checking), item->line, checking->algorithm.tag);
	if (asked(checking->app, OPT_JSON)) {
		json_t *object = json_typed("error");

		json_name(object, "path", checking->name);
		json_count(object, "line", item->line);
		json_code(object, SSUM_ERR_MALFORMED);
		json_print(object);
	}
}

/* found: the digest, or NULL if it was not computed. */
static void check_report_file(struct checking *checking, const struct check_item *item,
			      const struct ssum_result *result, bool is_right,
			      const struct ssum_digest *found)
{
	const struct app *app = checking->app;
	struct ssum_report report = {
		.path = item->name,
		.error = result->error,
		.manifest = checking->name,
		.line = item->line,
		.algorithm = checking->algorithm.name,
		.expected.digest = &item->expected,
		.changes = result->error == SSUM_ERR_CHANGED ? result->changes : 0,
		.read_twice = result->read_twice,
	};
	enum ssum_verdict verdict = SSUM_HOLDS;

	checking->listed++;
	if (result->read_twice)
		note_read_twice(item->name);
	if (result->error == -ENOENT && asked(app, OPT_IGNORE_MISSING))
		return;
	if (result->error) {
		verdict = result->error == -ENOENT                  ? SSUM_MISSING
			  : result->error == SSUM_ERR_CHANGED       ? SSUM_CHANGED
			  : result->error == SSUM_ERR_HOLE_NOT_ZERO ? SSUM_FALSE_HOLE
								    : SSUM_UNREADABLE;
		note("%s: %s%s", quoted(item->name), ssum_strerror(result->error),
		     changes_suffix(result->changes).s);
		checking->unreadable++;
	} else if (is_right) {
		checking->matched++;
	} else {
		verdict = SSUM_DIFFERS;
		checking->differing++;
	}
	if (asked(app, OPT_STATUS) || (verdict == SSUM_HOLDS && asked(app, OPT_QUIET)))
		return;
	if (!asked(app, OPT_JSON)) {
		out("%s: %s\n", quoted(item->name),
		    verdict == SSUM_HOLDS     ? "OK"
		    : verdict == SSUM_DIFFERS ? "FAILED"
					      : "FAILED open or read");
		return;
	}
	report.verdict = verdict;
	if (!result->error)
		report.found = (struct ssum_report_side){
			.type = SSUM_TYPE_FILE, .length = result->length, .digest = found};
	entry_json(app, &report);
}

static int check_result(void *user, const struct ssum_result *result)
{
	struct checking *checking = user;
	struct check_item *item = result->item;

	input_done(checking->inputs, item->name, result->length);
	if (item->malformed)
		check_report_malformed(checking, item);
	else if (result->error != SSUM_ERR_CANCELLED)
		check_report_file(checking, item, result,
				  !result->error &&
					  ssum_digest_equal(&item->expected, &result->digests[0]),
				  result->error ? NULL : &result->digests[0]);
	free(item);
	return output_failed() || result->error == SSUM_ERR_CANCELLED;
}

/* Verify the file of the line with its checkpoints, on all threads. 0 or SSUM_ERR_CANCELLED. */
static int check_alone(struct checking *checking)
{
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	struct ssum_result result = {.size = sizeof(result)};
	const struct ssum_line *line = checking->line;
	struct check_item *item = allocate(sizeof(*item) + strlen(line->name) + 1);
	int code = ssum_verify_file(checking->app->context, line->name, checking->algorithm.name,
				    &line->digest, checking->checkpoints, NULL, NULL);

	*item = (struct check_item){.line = line->number, .expected = line->digest};
	strcpy(item->name, line->name);
	ssum_checkpoints_describe(checking->checkpoints, &info);
	result.error = code < 0 ? code : 0;
	result.length = info.length;
	if (code != SSUM_ERR_CANCELLED)
		check_report_file(checking, item, &result, code == SSUM_HOLDS,
				  code == SSUM_HOLDS ? &line->digest : NULL);
	free(item);
	check_next_checkpoints(checking);
	return code == SSUM_ERR_CANCELLED ? code : 0;
}

/* ---- Manifests ---- */

static void check_warn(uint64_t count, const char *one, const char *many)
{
	if (count)
		note("WARNING: %s", count_text(count, one, many).s);
}

static void check_print_warnings(const struct checking *checking)
{
	if (checking->read_error) {
		note("%s: read error", check_title(checking));
		return;
	}
	if (!checking->listed) {
		note("%s: no properly formatted checksum lines found", check_title(checking));
		return;
	}
	if (asked(checking->app, OPT_STATUS))
		return;
	check_warn(checking->malformed, "line is improperly formatted",
		   "lines are improperly formatted");
	check_warn(checking->unreadable, "listed file could not be read",
		   "listed files could not be read");
	check_warn(checking->differing, "computed checksum did NOT match",
		   "computed checksums did NOT match");
	if (asked(checking->app, OPT_IGNORE_MISSING) && !checking->matched)
		note("%s: no file was verified", check_title(checking));
}

/* Returns 1 if the manifest and everything that it lists hold, 0 if not, or a negative code if
   there is no verdict. */
static int check_manifest(struct app *app, struct inputs *inputs, const char *name)
{
	struct checking checking = {
		.app = app,
		.inputs = inputs,
		.name = name,
		.algorithm.size = sizeof(checking.algorithm),
	};
	const char *algorithms[2] = {NULL};
	const struct ssum_hash_options each = {
		.size = sizeof(each),
		.algorithms = algorithms,
		.any_source = 1,
		.input = check_input,
		.result = check_result,
		.user = &checking,
	};
	int code = ssum_algorithm(options_algorithm(app->options, 0), &checking.algorithm);
	int fd = code ? -1 : input_open(inputs, name), checkpoints = -1;

	if (code == 0 && fd < 0) {
		checking.read_error = -errno;
		note("%s: %s", quoted(name), ssum_strerror(checking.read_error));
	} else if (code == 0) {
		algorithms[0] = checking.algorithm.name;
		checkpoints = check_open_checkpoints(&checking);
		code = ssum_manifest_open(fd, algorithms[0], &checking.manifest);
		while (code == 0) {
			progress_begin(&app->progress);
			code = ssum_hash_each(app->context, &each);
			if (checking.alone && code == 0)
				code = check_alone(&checking);
			else if (!checking.held && !checking.paused)
				break;
			checking.alone = false;
		}
		ssum_manifest_close(checking.manifest);
		ssum_checkpoints_close(checking.list);
		ssum_checkpoints_free(checking.checkpoints);
		if (checkpoints >= 0)
			close(checkpoints);
		if (code == 0)
			check_print_warnings(&checking);
		if (fd > 0)
			close(fd);
	}
	if (code < 0)
		return code;
	if (asked(app, OPT_JSON)) {
		json_t *object = json_typed("manifest");

		json_name(object, "path", name);
		json_count(object, "holds", checking.matched);
		json_count(object, "differs", checking.differing);
		json_count(object, "unreadable", checking.unreadable);
		json_count(object, "malformed", checking.malformed);
		json_code(object, checking.read_error);
		json_print(object);
	}
	return checking.matched && !checking.differing && !checking.unreadable &&
	       !checking.read_error && !(asked(app, OPT_STRICT) && checking.malformed);
}

int cmd_check(struct app *app)
{
	char **name = options_inputs(app->options);
	struct inputs inputs = {0};
	int result = 0, status = 0;

	for (; *name && result >= 0; name++) {
		result = check_manifest(app, &inputs, *name);
		status |= result != 1;
	}
	if (signals_stopped(result, ""))
		return app->command->error_status;
	note_failure(app, app->command->name, result);
	status = inputs_end(app, &inputs, status);
	if (asked(app, OPT_JSON))
		json_print(json_summary(status, result));
	return status;
}
