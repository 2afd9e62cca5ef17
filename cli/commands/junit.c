/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML for --junit: a test suite a app, a test case an entry. Written by hand, since libxml2
 * would be a heavy library for five elements. XML 1.0 can hold neither control characters nor what
 * is not UTF-8, not even escaped: names stand as in messages, quoted for a shell, which are
 * neither.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/memory.h"
#include "output/names.h"
#include "output/output.h"
#include "output/text.h"
#include "options/options.h"
#include "options/state.h"
#include "options/usage.h"
#include "commands/junit.h"
#include "commands/report.h"

struct junit {
	int directory; /* that the file comes into */
	char *name, *suite;
	FILE *body; /* into text */
	char *text;
	size_t length;
	uint64_t count[JUNIT_OUTCOMES];
};

/* The elements by outcome. */
static const char *const elements[JUNIT_OUTCOMES] = {
	[JUNIT_PASSED] = NULL,
	[JUNIT_FAILURE] = "failure",
	[JUNIT_ERROR] = "error",
	[JUNIT_SKIPPED] = "skipped",
};

/* ---- The file ---- */

/*
 * Open the directory that the file comes into. In a directory that is verified the file would be
 * extra the next time, and over a file that is compared it would destroy it.
 */
static void junit_find_place(struct junit *junit, const struct app *app)
{
	const char *file = app->options->junit;
	char *copy = copy_string(file), *above = realpath(dirname(copy), NULL);
	struct stat st, operand;
	int rc;

	free(copy);
	copy = copy_string(file);
	junit->name = copy_string(basename(copy));
	free(copy);
	junit->directory = above ? open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	rc = junit->directory < 0 ? -errno : 0;
	/* What ssum_replace_file() would refuse is refused now, before hours of work. */
	if (!rc && !fstatat(junit->directory, junit->name, &st, 0) && !S_ISREG(st.st_mode))
		rc = SSUM_ERR_NOT_REGULAR;
	if (rc)
		die("%s: %s", quoted(file), ssum_strerror(rc));
	if (fstatat(junit->directory, junit->name, &st, AT_SYMLINK_NOFOLLOW))
		st = (struct stat){0};
	for (char **name = app->options->operands; *name; name++)
		if (!stat(*name, &operand) &&
		    (path_is_inside(above, &operand) ||
		     (st.st_ino == operand.st_ino && st.st_dev == operand.st_dev)))
			usage_error(app, "--junit would write %s into %s, which is what is judged",
				    in_quotes(file), quoted(*name));
	free(above);
}

struct junit *junit_begin(const struct app *app)
{
	const struct options *options = app->options;
	struct junit *junit;

	if (!options->junit)
		return NULL;
	junit = allocate(sizeof(*junit));
	*junit = (struct junit){.suite = copy_string(options->operands[0])};
	junit_find_place(junit, app);
	junit->body = open_memstream(&junit->text, &junit->length);
	if (!junit->body)
		die("out of memory");
	return junit;
}

/* ---- What is in it ---- */

/* UTF-8 without control characters. Of what messages hold, XML lacks U+FFFE and U+FFFF alone: it
   gets U+FFFD for them. */
static void put_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		const char *escape = *text == '&'   ? "&amp;"
				     : *text == '<' ? "&lt;"
				     : *text == '>' ? "&gt;"
				     : *text == '"' ? "&quot;"
						    : NULL;

		if (escape) {
			fputs(escape, to);
		} else if (!strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3)) {
			fputs("\xef\xbf\xbd", to);
			text += 2;
		} else {
			fputc(*text, to);
		}
	}
}

static void put_attribute(FILE *to, const char *name, const char *value)
{
	fprintf(to, " %s=\"", name);
	put_text(to, value);
	fputc('"', to);
}

/* text is as messages are: UTF-8, and no control characters in it but newlines. */
void junit_add(struct junit *junit, const char *name, enum junit_outcome outcome, const char *kind,
	       const char *text)
{
	FILE *to = junit->body;

	junit->count[outcome]++;
	fputs("  <testcase", to);
	put_attribute(to, "classname", PROGRAM);
	put_attribute(to, "name", quoted(name));
	if (outcome == JUNIT_PASSED) {
		fputs("/>\n", to);
		return;
	}
	fprintf(to, "><%s", elements[outcome]);
	put_attribute(to, "type", kind);
	put_attribute(to, "message", kind);
	fputc('>', to);
	if (text)
		put_text(to, text);
	fprintf(to, "</%s></testcase>\n", elements[outcome]);
}

static enum junit_outcome outcome_of(const struct ssum_report *report, bool extra_allowed)
{
	switch (report->verdict) {
	case SSUM_HOLDS:
		return JUNIT_PASSED;
	case SSUM_EXTRA:
		return extra_allowed ? JUNIT_SKIPPED : JUNIT_FAILURE;
	case SSUM_DIFFERS:
	case SSUM_MISSING:
		return JUNIT_FAILURE;
	default:
		return JUNIT_ERROR;
	}
}

void junit_take(struct junit *junit, const struct app *app, const struct ssum_report *report,
		junit_say *say, const void *user)
{
	enum junit_outcome outcome;
	char *text = NULL;
	size_t length;

	/* No verdict depends on checkpoints. */
	if (!junit || report->kind == SSUM_REPORT_CHECKPOINTS)
		return;
	outcome = outcome_of(report, asked(app, OPT_ALLOW_EXTRA));
	if (outcome != JUNIT_PASSED) {
		FILE *stream = open_memstream(&text, &length);

		if (!stream)
			die("out of memory");
		output_divert(stream);
		say(user, report);
		output_divert(NULL);
		fclose(stream);
	}
	junit_add(junit, report->path ? report->path : "", outcome,
		  ssum_verdict_name(report->verdict), text);
	free(text);
}

/* ---- The end ---- */

static char *whole_text(struct junit *junit, double seconds, size_t *length)
{
	char *text;
	FILE *to = open_memstream(&text, length);
	uint64_t tests = 0;

	if (!to)
		die("out of memory");
	for (int i = 0; i < JUNIT_OUTCOMES; i++)
		tests += junit->count[i];
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite", to);
	put_attribute(to, "name", quoted(junit->suite));
	fprintf(to,
		" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
		"\" skipped=\"%" PRIu64 "\" time=\"%.3f\">\n",
		tests, junit->count[JUNIT_FAILURE], junit->count[JUNIT_ERROR],
		junit->count[JUNIT_SKIPPED], seconds);
	fwrite(junit->text, 1, junit->length, to);
	fputs("</testsuite>\n", to);
	if (fclose(to))
		die("out of memory");
	return text;
}

/* Not the fault of an entry; what did not succeed must not look so. */
static void add_whole(struct junit *junit, const struct app *app, const char *subject, int code)
{
	char *text = failure_text(app, subject, code);

	if (text ||
	    (code != SSUM_HOLDS && !junit->count[JUNIT_FAILURE] && !junit->count[JUNIT_ERROR]))
		junit_add(junit, junit->suite, code < 0 ? JUNIT_ERROR : JUNIT_FAILURE,
			  code < 0 ? "undecided" : "differs", text ? text : ssum_strerror(code));
	free(text);
}

int junit_end(struct junit *junit, const struct app *app, const char *subject, int code)
{
	size_t length;
	char *text;
	int rc = 0;

	if (!junit)
		return code;
	add_whole(junit, app, subject, code);
	if (fclose(junit->body))
		die("out of memory");
	if (code != SSUM_ERR_CANCELLED) {
		text = whole_text(junit, seconds_now() - app->began, &length);
		rc = ssum_replace_file(junit->directory, junit->name, text, length);
		free(text);
	}
	if (rc)
		note("%s: the report could not be written: %s", quoted(app->options->junit),
		     ssum_strerror(rc));
	close(junit->directory);
	free(junit->name);
	free(junit->suite);
	free(junit->text);
	free(junit);
	return rc && code == SSUM_HOLDS ? SSUM_ERR_UNDECIDED : code;
}
