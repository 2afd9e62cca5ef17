/* SPDX-License-Identifier: MIT */
/* sparsesum check: the files that manifests list, as sha1sum --check does. */
#include <errno.h>
#include <unistd.h>

#include "base/json.h"
#include "base/names.h"
#include "base/output.h"
#include "base/signals.h"
#include "base/units.h"
#include "commands/check.h"
#include "commands/commands.h"
#include "options/command.h"
#include "options/input.h"
#include "options/options.h"
#include "report/report.h"

static void warn_count(uint64_t count, const char *one, const char *many)
{
	if (count)
		note("WARNING: %s", count_text(count, one, many).s);
}

static void print_warnings(const struct checking *checking)
{
	if (checking->read_error) {
		note("%s: read error", manifest_title(checking));
		return;
	}
	if (!checking->listed) {
		note("%s: no properly formatted checksum lines found", manifest_title(checking));
		return;
	}
	if (asked(checking->run, OPT_STATUS))
		return;
	warn_count(checking->malformed, "line is improperly formatted",
		   "lines are improperly formatted");
	warn_count(checking->unreadable, "listed file could not be read",
		   "listed files could not be read");
	warn_count(checking->differing, "computed checksum did NOT match",
		   "computed checksums did NOT match");
	if (asked(checking->run, OPT_IGNORE_MISSING) && !checking->matched)
		note("%s: no file was verified", manifest_title(checking));
}

static bool succeeded(const struct checking *checking)
{
	return checking->matched && !checking->differing && !checking->unreadable &&
	       !checking->read_error && !(asked(checking->run, OPT_STRICT) && checking->malformed);
}

/* The lines read from fd; a negative code means that no verdict on the manifest was reached. */
static int check_descriptor(struct checking *checking, int fd)
{
	int code = ssum_algorithm(algorithm_at(checking->run->options, 0), &checking->algorithm);

	if (code == 0)
		code = ssum_manifest_open(fd, checking->algorithm.name, &checking->manifest);
	if (code == 0)
		code = check_lines(checking);
	ssum_manifest_close(checking->manifest);
	if (code == 0)
		print_warnings(checking);
	return code;
}

static void print_manifest_json(const struct checking *checking)
{
	json_t *object = json_typed("manifest");

	json_name(object, "path", checking->name);
	json_count(object, "holds", checking->matched);
	json_count(object, "differs", checking->differing);
	json_count(object, "unreadable", checking->unreadable);
	json_count(object, "malformed", checking->malformed);
	if (checking->read_error)
		json_code(object, checking->read_error, ssum_strerror(checking->read_error));
	json_print(object);
}

/* 1 if the manifest and all that it lists hold, 0 if not, or a negative code. */
static int check_manifest(const struct run *run, const char *name)
{
	struct checking checking = {
		.run = run, .name = name, .algorithm.size = sizeof(checking.algorithm)};
	int fd = input_open(name);
	int code = 0;

	if (fd < 0) {
		checking.read_error = -errno;
		note("%s: %s", quoted(name), ssum_strerror(checking.read_error));
	} else {
		code = check_descriptor(&checking, fd);
	}
	if (fd > 0)
		close(fd);
	if (code < 0)
		return code;
	if (asked(run, OPT_JSON))
		print_manifest_json(&checking);
	return succeeded(&checking);
}

int cmd_check(const struct run *run)
{
	char **name = operands_or_stdin(run->options);
	int result = 0, status = 0;

	for (; *name && result >= 0; name++) {
		result = check_manifest(run, *name);
		status |= result != 1;
	}
	if (stopped(result, ""))
		return trouble();
	note_failure(run, current->name, result);
	status = inputs_end(status);
	if (asked(run, OPT_JSON))
		json_print(json_summary(status, result, ssum_strerror(result)));
	return status;
}
