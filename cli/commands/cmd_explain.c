/* SPDX-License-Identifier: MIT */
/* sparsesum explain: why a digest is not that of a file. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"
#include "commands/commands.h"
#include "options/options.h"
#include "options/options.h"
#include "options/usage.h"
#include "commands/explanation.h"
#include "commands/report.h"

/* Those beside the file, as `hash --checkpoints` writes them; NULL where there are none. */
static struct ssum_checkpoints *find_checkpoints(const char *path)
{
	struct ssum_checkpoints *checkpoints = NULL;
	char *name = allocate(strlen(path) + sizeof(".checkpoints"));
	int fd;

	stpcpy(stpcpy(name, path), ".checkpoints");
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(name);
	if (fd >= 0) {
		ssum_checkpoints_read(fd, NULL, &checkpoints);
		close(fd);
	}
	return checkpoints;
}

static void set_digest(json_t *object, const char *key, const struct ssum_digest *digest)
{
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(digest, hex);
	json_text(object, key, hex);
}

static void print_json(const char *path, const struct ssum_explanation *explanation)
{
	json_t *object = json_explanation(explanation);

	json_text(object, "type", "explanation");
	json_name(object, "path", path);
	json_count(object, "size", explanation->length);
	set_digest(object, "expected", &explanation->expected);
	set_digest(object, "found", &explanation->found);
	json_print(object);
}

static void say_digest(const char *title, const char *algorithm, const struct ssum_digest *digest)
{
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(digest, hex);
	out("    %-8s  %s%s%s\n", title, algorithm, *algorithm ? " " : "", hex);
}

static void print_text(const char *path, const struct ssum_explanation *explanation, int code)
{
	bool is_named = explanation->cause != SSUM_CAUSE_UNKNOWN;

	out("%s: %s\n", quoted(path), code == SSUM_HOLDS ? "the digest is its own" : "differs");
	say_digest("expected", is_named ? explanation->algorithm : "", &explanation->expected);
	if (code != SSUM_HOLDS)
		say_digest("found", "", &explanation->found);
	out("    %-8s  %s\n", "length", count_text(explanation->length, "byte", "bytes").s);
	say_explanation(explanation, true);
	if (explanation->cause == SSUM_CAUSE_DAMAGED)
		out("    %-8s  %" PRIu64 " bytes at offset %" PRIu64
		    ", and perhaps more behind them\n",
		    "damaged", explanation->count, explanation->offset);
}

int cmd_explain(struct app *app)
{
	const struct options *options = app->options;
	const char *path = options->operands[0], *digest = options->operands[1];
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	struct ssum_checkpoints *checkpoints = find_checkpoints(path);
	int code = ssum_explain_file(app->context, path,
				     options->algorithms.count ? algorithm_at(options, 0) : NULL,
				     digest, checkpoints, &explanation);

	ssum_checkpoints_free(checkpoints);
	if (code == SSUM_ERR_MALFORMED)
		usage_error(app, "%s is no digest of any algorithm", in_quotes(digest));
	if (stopped(code, "; nothing was decided"))
		return app->command->trouble;
	note_failure(app, path, code);
	if (asked(app, OPT_JSON)) {
		if (code >= 0)
			print_json(path, &explanation);
		json_print(json_summary(status_of(code), code));
	} else if (code >= 0) {
		print_text(path, &explanation, code);
	}
	return status_of(code);
}
