/* SPDX-License-Identifier: MIT */
/*
 * A complete ssum_verify(). The input is a program that generates a directory, manifests,
 * checkpoints and options. A simple model computes the verdict of each entry and the result.
 */
#include <string.h>
#include <unistd.h>

#include "support/fuzz.h"
#include "support/made_package.h"

#define THREADS 3
#define HOLES 4

/* The checked members of one report. */
struct reported {
	enum ssum_report_kind kind;
	enum ssum_verdict verdict;
	char path[160], manifest[160], moved[160];
	uint64_t line, found_length;
	enum ssum_type expected_type, found_type;
	size_t algorithm;
	struct ssum_digest expected, found; /* empty: no journal */
	bool is_explained;
	struct ssum_range damaged[CONTENT_VALUES + 2];
	size_t damaged_count;
};

struct trial {
	struct model_result expected;
	struct ssum_digest content_hash;
	uint64_t explain;
	struct reported reported[256];
	size_t reported_count, stop_at;
	int rc;
};

static struct trial trial;

/* ---- Options ---- */

static struct ssum_context *context_of(uint64_t threads, uint64_t holes)
{
	static struct ssum_context *contexts[THREADS][HOLES];
	struct ssum_options options = {.size = sizeof(options),
				       .threads = (unsigned)threads + 1,
				       .holes = (enum ssum_holes)holes};

	if (!contexts[threads][holes])
		require(!ssum_context_new(&options, &contexts[threads][holes]));
	return contexts[threads][holes];
}

static int leave_out(void *user, const char *path, enum ssum_type type)
{
	const struct model *model = user;

	(void)type;
	for (size_t i = 0; i < MODEL_EXCLUDED; i++)
		if (model->excluded[i] && !strcmp(path, model->excluded[i]))
			return 0;
	return 1;
}

static void choose_content_hash(void)
{
	uint64_t choice = take_below(&package.program, 32);
	size_t manifest = choice % 8;

	if (choice / 8 == 0 || manifest >= package.model.manifest_count)
		return;
	trial.content_hash = package.model.manifests[manifest].content_hash;
	if (choice / 8 == 2)
		trial.content_hash.bytes[0] ^= 1;
	if (choice / 8 == 3 || !trial.content_hash.length)
		trial.content_hash.length = 28; /* a digest of an unused algorithm */
	package.model.content_hash = &trial.content_hash;
}

static void choose_filter(void)
{
	for (size_t i = 0; i < MODEL_EXCLUDED; i++) {
		uint64_t choice = take_below(&package.program, 2 * ENTRY_NAMES);

		if (choice && choice < ENTRY_NAMES)
			package.model.excluded[i] = entry_names[choice];
	}
}

/* ---- Failures ---- */

static void print_digest(const struct ssum_digest *digest)
{
	for (size_t i = 0; i < 8 && i < digest->length; i++)
		fprintf(stderr, "%02x", digest->bytes[i]);
}

/* Print the package as the model has it and the library's reports, to debug a failure. */
static void describe(void)
{
	const struct model *model = &package.model;

	for (size_t i = 0; i < model->node_count; i++) {
		const struct model_node *node = &model->nodes[i];

		fprintf(stderr, "node %s: type %d ", node->path, (int)node->type);
		if (node->type == SSUM_TYPE_FILE)
			print_digest(&node->digests[0]);
		fprintf(stderr, "%s\n", node->is_manifest ? " (a manifest)" : "");
	}
	for (size_t i = 0; i < model->row_count; i++) {
		const struct model_row *row = &model->rows[i];

		fprintf(stderr, "row %s:%d %s: type %d ", package.manifest_paths[row->manifest],
			(int)row->line, row->path, (int)row->type);
		print_digest(&row->digest);
		fprintf(stderr, "%s\n", trial.expected.counts[i] ? "" : " (does not count)");
	}
	for (size_t i = 0; i < MODEL_EXCLUDED; i++)
		if (model->excluded[i])
			fprintf(stderr, "excluded %s\n", model->excluded[i]);
	for (size_t i = 0; i < trial.expected.verdict_count; i++)
		fprintf(stderr, "model %s%s: %s\n", trial.expected.verdicts[i].path,
			trial.expected.verdicts[i].is_directory ? "/" : "",
			ssum_verdict_name(trial.expected.verdicts[i].verdict));
	for (size_t i = 0; i < trial.reported_count; i++)
		fprintf(stderr, "library %d %s: %s (%s:%d) moved '%s'\n",
			(int)trial.reported[i].kind, trial.reported[i].path,
			ssum_verdict_name(trial.reported[i].verdict), trial.reported[i].manifest,
			(int)trial.reported[i].line, trial.reported[i].moved);
	fprintf(stderr, "bad lines %d, model %d, library %d\n",
		(int)trial.expected.count[SSUM_BAD_LINE], trial.expected.rc, trial.rc);
}

/* A property of what the library reported. */
#define agree(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			describe();                                                                \
		require(condition);                                                                \
	} while (0)

/* ---- Reports ---- */

static void copy_text(char *to, size_t size, const char *from)
{
	require(!from || strlen(from) < size);
	snprintf(to, size, "%s", from ? from : "");
}

static size_t algorithm_named(const char *name)
{
	size_t algorithm = 0;

	while (algorithm < CONTENT_ALGORITHMS && strcmp(content_algorithms[algorithm].name, name))
		algorithm++;
	return algorithm;
}

static int note_report(void *user, const struct ssum_report *report)
{
	struct reported *reported = &trial.reported[trial.reported_count++];

	(void)user;
	agree(trial.reported_count < sizeof(trial.reported) / sizeof(trial.reported[0]));
	reported->kind = report->kind;
	reported->verdict = report->verdict;
	reported->line = report->line;
	copy_text(reported->path, sizeof(reported->path), report->path);
	copy_text(reported->manifest, sizeof(reported->manifest), report->manifest);
	copy_text(reported->moved, sizeof(reported->moved), report->moved);
	reported->algorithm = report->algorithm ? algorithm_named(report->algorithm) : 0;
	reported->expected_type = report->expected.type;
	reported->found_type = report->found.type;
	reported->found_length = report->found.length;
	reported->expected.length = reported->found.length = 0;
	if (report->expected.digest)
		reported->expected = *report->expected.digest;
	if (report->found.digest)
		reported->found = *report->found.digest;
	reported->is_explained = report->explanation != NULL;
	require(report->damaged_count <= sizeof(reported->damaged) / sizeof(reported->damaged[0]));
	reported->damaged_count = report->damaged_count;
	if (report->damaged_count)
		memcpy(reported->damaged, report->damaged,
		       report->damaged_count * sizeof(reported->damaged[0]));
	require(!report->explanation || (report->verdict == SSUM_DIFFERS &&
					 report->explanation->cause != SSUM_CAUSE_MATCHES));
	return trial.stop_at && trial.reported_count == trial.stop_at;
}

/* ---- Comparison of the reports with the model ---- */

static bool equal(const struct ssum_digest *a, const struct ssum_digest *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

/* Every byte that differs from the listed content is in one of the ranges. */
static void check_damage(const struct reported *reported, const struct model_verdict *verdict)
{
	const struct content *found, *listed;
	size_t range = 0, from = 0;
	uint64_t end = 0;

	for (size_t i = 0; i < reported->damaged_count; i++) {
		agree(reported->damaged[i].length && reported->damaged[i].offset >= end);
		end = reported->damaged[i].offset + reported->damaged[i].length;
	}
	if (!reported->damaged_count || !package.checkpoints_fit || !verdict->row ||
	    verdict->node->is_manifest || package_content_of(verdict->row) == CONTENTS)
		return;
	found = &contents[package.node_content[verdict->node - package.model.nodes]];
	listed = &contents[package_content_of(verdict->row)];
	for (; from < listed->length; from++) {
		if (from < found->length && found->bytes[from] == listed->bytes[from])
			continue;
		while (range < reported->damaged_count &&
		       from >= reported->damaged[range].offset + reported->damaged[range].length)
			range++;
		agree(range < reported->damaged_count && from >= reported->damaged[range].offset);
	}
}

/* Whether a report agrees with a verdict of the model. */
static bool is_reported(const struct reported *reported, const struct model_verdict *verdict)
{
	const struct model_row *row = verdict->row;

	if (reported->verdict != verdict->verdict || strcmp(reported->path, verdict->path) != 0)
		return false;
	return (verdict->verdict != SSUM_DIFFERS && verdict->verdict != SSUM_MISSING) ||
	       (reported->line == row->line &&
		!strcmp(reported->manifest, package.manifest_paths[row->manifest]));
}

/* Check the other members of a report. */
static void check_entry(const struct reported *reported, const struct model_verdict *verdict)
{
	const struct model_row *row = verdict->row;
	const struct model_node *node = verdict->node;
	bool is_file = node && node->type == SSUM_TYPE_FILE;

	if (verdict->verdict == SSUM_EXTRA)
		agree(!strcmp(reported->manifest, package.manifest_paths[verdict->without]));
	if (verdict->verdict == SSUM_DIFFERS || verdict->verdict == SSUM_MISSING) {
		agree(reported->expected_type == row->type);
		agree(row->type != SSUM_TYPE_FILE || equal(&reported->expected, &row->digest));
	} else if (verdict->verdict == SSUM_EXTRA && !verdict->is_listed)
		agree(reported->expected_type == SSUM_TYPE_UNKNOWN);
	if (verdict->verdict == SSUM_MISSING)
		agree(reported->found_type == SSUM_TYPE_UNKNOWN);
	else
		agree(reported->found_type == (node ? node->type : SSUM_TYPE_DIRECTORY));
	if (is_file && !node->is_manifest && !verdict->is_directory)
		agree(reported->found_length ==
		      contents[package.node_content[node - package.model.nodes]].length);
	if (reported->found.length)
		agree(is_file && equal(&reported->found, &node->digests[reported->algorithm]));
	agree(!reported->is_explained || trial.explain);
	if (trial.explain == UINT64_MAX && verdict->verdict == SSUM_DIFFERS && is_file &&
	    row->type == SSUM_TYPE_FILE)
		agree(reported->is_explained);
	agree(!reported->damaged_count || (verdict->verdict == SSUM_DIFFERS && is_file));
	check_damage(reported, verdict);
}

static bool is_unlisted(const struct model_verdict *verdict)
{
	return !verdict->is_listed &&
	       (verdict->verdict == SSUM_EXTRA || verdict->verdict == SSUM_UNDECIDED);
}

/* Whether an unlisted file has a content that all manifests list for a missing one. */
static bool is_moved_to(const struct model_verdict *missing, const struct model_verdict *extra)
{
	if (missing->verdict != SSUM_MISSING || missing->is_directory || !is_unlisted(extra) ||
	    !extra->node || extra->node->type != SSUM_TYPE_FILE)
		return false;
	for (size_t i = 0; i < package.model.row_count; i++) {
		const struct model_row *row = &package.model.rows[i];

		if (!trial.expected.counts[i] || row->type == SSUM_TYPE_DIRECTORY ||
		    strcmp(row->path, missing->path) != 0)
			continue;
		if (row->type != SSUM_TYPE_FILE ||
		    !equal(&row->digest,
			   &extra->node->digests[package.model.manifests[row->manifest].algorithm]))
			return false;
	}
	return true;
}

/* The report for each verdict of the model. */
static const struct reported *reports_of[MODEL_NODES + MODEL_ROWS];

/* Moved content is reported for both names, and for all pairs. Exceptions: empty files are matched
   by name, and wrong checkpoints may claim another length. */
static void check_moves(void)
{
	const struct model_result *expected = &trial.expected;

	for (size_t i = 0; i < expected->verdict_count; i++) {
		const struct model_verdict *missing = &expected->verdicts[i];

		if (reports_of[i]->moved[0])
			agree(missing->verdict == SSUM_MISSING || is_unlisted(missing));
		for (size_t k = 0; missing->verdict == SSUM_MISSING && k < expected->verdict_count;
		     k++) {
			const struct model_verdict *extra = &expected->verdicts[k];
			bool fits = is_moved_to(missing, extra);
			bool is_empty =
				fits && equal(&extra->node->digests[0], &contents[0].digests[0]);

			if (!is_unlisted(extra))
				continue;
			if (!strcmp(reports_of[i]->moved, extra->path) && !extra->is_directory)
				agree(fits && !strcmp(reports_of[k]->moved, missing->path));
			if (fits && package.checkpoints_fit && !is_empty)
				agree(reports_of[i]->moved[0] || reports_of[k]->moved[0]);
		}
	}
}

static void check_reports(const struct ssum_summary *summary)
{
	const struct model_result *expected = &trial.expected;
	uint64_t bad_lines = 0, entries = 0, explained = 0;

	memset(reports_of, 0, sizeof(reports_of));
	for (size_t i = 0; i < trial.reported_count; i++) {
		const struct reported *reported = &trial.reported[i];
		size_t at = 0;

		bad_lines += reported->kind == SSUM_REPORT_LINE;
		explained += reported->is_explained;
		agree(reported->kind != SSUM_REPORT_CHECKPOINTS || !package.checkpoints_fit);
		if (reported->kind != SSUM_REPORT_ENTRY)
			continue;
		while (at < expected->verdict_count &&
		       (reports_of[at] || !is_reported(reported, &expected->verdicts[at])))
			at++;
		agree(at < expected->verdict_count);
		reports_of[at] = reported;
		check_entry(reported, &expected->verdicts[at]);
	}
	for (size_t i = 0; i < expected->verdict_count; i++)
		agree(reports_of[i]);
	check_moves();
	agree(explained <= trial.explain);
	agree(bad_lines == expected->count[SSUM_BAD_LINE]);
	for (size_t i = 0; i < SSUM_VERDICT_COUNT; i++) {
		agree(summary->count[i] == expected->count[i]);
		entries += summary->count[i];
	}
	agree(summary->entries == entries && summary->resumed <= summary->bytes);
}

/* ---- One input ---- */

/* Stop a run with a journal at one of its reports. */
static void run_interrupted(struct ssum_context *context, const struct ssum_verify_options *options)
{
	trial.stop_at = 1 + take_below(&package.program, 16);
	int rc = ssum_verify(context, package.path, options, NULL);

	require(rc == SSUM_ERR_CANCELLED || trial.reported_count < trial.stop_at);
	trial.reported_count = trial.stop_at = 0;
	package_replace_file();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	const char *manifests[MODEL_MANIFESTS + 1] = {NULL};
	struct ssum_verify_options options = {.size = sizeof(options), .report = note_report};
	char journal[80];
	struct ssum_summary summary = {.size = sizeof(summary)};

	package_begin(data, length);
	trial.reported_count = trial.stop_at = 0;
	snprintf(journal, sizeof(journal), "%s/journal", fuzz_directory());
	uint64_t choice = take_below(&package.program, 64);
	/* Most inputs use one thread and no explanations, which take most of the time. */
	uint64_t threads = take_below(&package.program, 16);
	uint64_t explain = take_below(&package.program, 16 * HOLES);
	uint64_t holes = explain % HOLES;

	options.allow_extra = choice & 1;
	package.model.allow_extra = options.allow_extra;
	options.no_checkpoints = choice >> 1 & 1;
	options.explain = explain / HOLES == 1 ? 1 : explain / HOLES == 2 ? UINT64_MAX : 0;
	trial.explain = options.explain;
	threads = threads < THREADS ? threads : 0;
	package_make();
	choose_content_hash();
	choose_filter();

	options.content_hash = package.model.content_hash;
	if (package.model.excluded[0] || package.model.excluded[1]) {
		options.filter = (struct ssum_filter){leave_out, &package.model};
	}
	for (size_t i = 0; package.placement != AT_TOP && i < package.model.manifest_count; i++)
		manifests[i] = package.manifest_paths[i];
	if (package.placement != AT_TOP)
		options.manifests = manifests;
	if (package.placement == LIST)
		options.algorithm = content_algorithms[package.model.manifests[0].algorithm].name;
	if (choice & 4) {
		options.journal = journal;
		run_interrupted(context_of(threads, holes), &options);
		options.resume = choice & 8 ? 0 : 1;
		threads = choice >> 5 & 1;
	}

	model_judge(&package.model, &trial.expected);
	trial.rc = ssum_verify(context_of(threads, holes), package.path, &options, &summary);

	if (getenv("FUZZ_SHOW"))
		describe();
	agree(trial.rc == trial.expected.rc);
	if (trial.expected.judged)
		check_reports(&summary);
	agree(!options.journal || access(journal, F_OK));
	package_remove();
	return 0;
}
