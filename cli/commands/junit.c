/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML for --junit, written without a library, since it has only five elements. XML 1.0 can
 * contain neither control characters nor bytes that are not UTF-8, not even escaped. So names are
 * quoted for a shell, as in messages.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/junit.h"
#include "commands/report.h"
#include "output/names.h"

struct junit {
	int directory; /* of the file */
	char *name;    /* of the file in it */
	const char *suite;
	FILE *cases; /* writes text */
	char *text;
	size_t length;
	uint64_t count[JUNIT_OUTCOMES];
};

struct junit *junit_begin(const struct app *app)
{
	const char *file = app->options->junit;
	char *copy, *directory;
	struct junit *junit;
	struct stat st;
	int code;

	if (!file)
		return NULL;
	junit = allocate(sizeof(*junit));
	*junit = (struct junit){.suite = app->options->operands[0]};
	copy = copy_string(file);
	directory = realpath(dirname(copy), NULL);
	free(copy);
	copy = copy_string(file);
	junit->name = copy_string(basename(copy));
	free(copy);
	junit->directory = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	code = junit->directory < 0 ? -errno : 0;
	/* Refuse now what ssum_replace_file() would refuse after hours of work. */
	if (!code && !fstatat(junit->directory, junit->name, &st, 0) && !S_ISREG(st.st_mode))
		code = SSUM_ERR_NOT_REGULAR;
	if (code)
		die("%s: %s", quoted(file), ssum_strerror(code));
	free(directory);
	junit->cases = text_stream(&junit->text, &junit->length);
	return junit;
}

/* Write UTF-8 text without control characters. Of the other characters XML excludes only U+FFFE and
   U+FFFF, which are written as U+FFFD. */
static void junit_put_text(FILE *to, const char *text)
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

void junit_add(struct junit *junit, const char *name, enum junit_outcome outcome, const char *kind,
	       const char *text)
{
	static const char *const elements[JUNIT_OUTCOMES] = {
		[JUNIT_FAILURE] = "failure",
		[JUNIT_ERROR] = "error",
		[JUNIT_SKIPPED] = "skipped",
	};
	FILE *to = junit->cases;

	junit->count[outcome]++;
	fputs("  <testcase classname=\"" PROGRAM "\" name=\"", to);
	junit_put_text(to, quoted(name));
	if (outcome == JUNIT_PASSED) {
		fputs("\"/>\n", to);
		return;
	}
	fprintf(to, "\"><%s type=\"%s\" message=\"%s\">", elements[outcome], kind, kind);
	junit_put_text(to, text ? text : "");
	fprintf(to, "</%s></testcase>\n", elements[outcome]);
}

void junit_take(struct junit *junit, const struct app *app, const struct ssum_report *report,
		junit_say *say)
{
	enum ssum_verdict verdict = report->verdict;
	enum junit_outcome outcome = JUNIT_ERROR;
	char *text = NULL;
	size_t length;

	/* Checkpoints that are not used change no verdict. */
	if (!junit || report->kind == SSUM_REPORT_CHECKPOINTS)
		return;
	if (verdict == SSUM_HOLDS)
		outcome = JUNIT_PASSED;
	else if (verdict == SSUM_EXTRA && asked(app, OPT_ALLOW_EXTRA))
		outcome = JUNIT_SKIPPED;
	else if (verdict == SSUM_EXTRA || verdict == SSUM_DIFFERS || verdict == SSUM_MISSING)
		outcome = JUNIT_FAILURE;
	if (outcome != JUNIT_PASSED) {
		FILE *stream = text_stream(&text, &length);

		output_divert(stream);
		say(app, report);
		output_divert(NULL);
		text_stream_end(stream);
	}
	junit_add(junit, report->path ? report->path : "", outcome, ssum_verdict_name(verdict),
		  text);
	free(text);
}

/* Write the file. 0 or a code. */
static int junit_write(const struct junit *junit, double seconds)
{
	const uint64_t *count = junit->count;
	size_t length;
	char *text;
	FILE *to = text_stream(&text, &length);
	int code;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", to);
	junit_put_text(to, quoted(junit->suite));
	fprintf(to,
		"\" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
		"\" skipped=\"%" PRIu64 "\" time=\"%.3f\">\n",
		count[JUNIT_PASSED] + count[JUNIT_FAILURE] + count[JUNIT_ERROR] +
			count[JUNIT_SKIPPED],
		count[JUNIT_FAILURE], count[JUNIT_ERROR], count[JUNIT_SKIPPED], seconds);
	fwrite(junit->text, 1, junit->length, to);
	fputs("</testsuite>\n", to);
	text_stream_end(to);
	code = ssum_replace_file(junit->directory, junit->name, text, length);
	free(text);
	return code;
}

int junit_end(struct junit *junit, const struct app *app, const char *subject, int code)
{
	char *text;
	int written = 0;

	if (!junit)
		return code;
	/* Report an error that no entry shows: a failed run must not look successful. */
	text = failure_text(app, subject, code);
	if (text ||
	    (code != SSUM_HOLDS && !junit->count[JUNIT_FAILURE] && !junit->count[JUNIT_ERROR]))
		junit_add(junit, junit->suite, code < 0 ? JUNIT_ERROR : JUNIT_FAILURE,
			  code < 0 ? "undecided" : "differs", text ? text : ssum_strerror(code));
	free(text);
	text_stream_end(junit->cases);
	if (code != SSUM_ERR_CANCELLED)
		written = junit_write(junit, seconds_now() - app->began);
	if (written)
		note("%s: could not write the JUnit report: %s", quoted(app->options->junit),
		     ssum_strerror(written));
	close(junit->directory);
	free(junit->name);
	free(junit->text);
	free(junit);
	return written && code == SSUM_HOLDS ? SSUM_ERR_UNDECIDED : code;
}
