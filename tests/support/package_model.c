/* SPDX-License-Identifier: MIT */
#include "support/package_model.h"

#include <string.h>

/* ---- Paths ---- */

/* Whether a path is equal to another path or below it. */
static bool model_is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return !strncmp(path, directory, length) && (path[length] == '/' || !path[length]);
}

static bool model_takes_part(const struct model *model, const char *path)
{
	for (size_t i = 0; i < MODEL_EXCLUDED; i++)
		if (model->excluded[i] && model_is_below(path, model->excluded[i]))
			return false;
	return true;
}

static const struct model_node *model_node_at(const struct model *model, const char *path)
{
	for (size_t i = 0; i < model->node_count; i++)
		if (!strcmp(model->nodes[i].path, path))
			return &model->nodes[i];
	return NULL;
}

/* A directory that has no node, but has nodes below it. */
static bool model_has_children(const struct model *model, const char *path)
{
	for (size_t i = 0; i < model->node_count; i++)
		if (strcmp(model->nodes[i].path, path) &&
		    model_is_below(model->nodes[i].path, path))
			return true;
	return false;
}

/* ---- Rows ---- */

/* If a name is listed as a directory and as another type, these are two entries. */
static bool model_row_is_at(const struct model_row *row, const char *path, bool is_directory)
{
	return !strcmp(row->path, path) && (row->type == SSUM_TYPE_DIRECTORY) == is_directory;
}

bool model_is_duplicate(const struct model *model, size_t index)
{
	const struct model_row *row = &model->rows[index];

	for (size_t i = 0; i < index; i++)
		if (model->rows[i].manifest == row->manifest &&
		    model_row_is_at(&model->rows[i], row->path, row->type == SSUM_TYPE_DIRECTORY))
			return true;
	return false;
}

static bool model_digests_equal(const struct ssum_digest *a, const struct ssum_digest *b)
{
	return a->length == b->length && !memcmp(a->bytes, b->bytes, a->length);
}

static bool model_row_holds(const struct model *model, const struct model_row *row,
			    const struct model_node *node, enum ssum_type type)
{
	if (row->type != type)
		return false;
	if (type == SSUM_TYPE_SYMLINK)
		return !strcmp(row->target, node->target);
	return type != SSUM_TYPE_FILE ||
	       model_digests_equal(&row->digest,
				   &node->digests[model->manifests[row->manifest].algorithm]);
}

/* ---- Verdicts ---- */

static void model_judge_place(const struct model *model, struct model_result *result,
			      const char *path, bool is_directory)
{
	struct model_verdict *verdict = &result->verdicts[result->verdict_count++];
	const struct model_node *node = model_node_at(model, path);
	enum ssum_type type = node                              ? node->type
			      : model_has_children(model, path) ? SSUM_TYPE_DIRECTORY
								: SSUM_TYPE_UNKNOWN;
	bool lists[MODEL_MANIFESTS] = {false};
	size_t undecided = 0; /* 1 plus the first manifest that may list it on such a line */

	*verdict = (struct model_verdict){
		.path = path, .is_directory = is_directory, .node = node, .verdict = SSUM_HOLDS};
	for (size_t i = 0; i < model->row_count; i++) {
		const struct model_row *row = &model->rows[i];

		if (!result->counts[i] || !model_row_is_at(row, path, is_directory))
			continue;
		lists[row->manifest] = verdict->is_listed = true;
		if (!verdict->row)
			verdict->row = row;
		if (verdict->verdict == SSUM_HOLDS && type == SSUM_TYPE_UNKNOWN)
			verdict->verdict = SSUM_MISSING;
		if (verdict->verdict == SSUM_HOLDS && !model_row_holds(model, row, node, type)) {
			verdict->verdict = SSUM_DIFFERS;
			verdict->row = row;
		}
	}
	/* A line that is not acceptable may list anything. */
	for (size_t i = model->manifest_count; i-- && verdict->verdict == SSUM_HOLDS;)
		if (!lists[i] && model->manifests[i].bad_lines)
			undecided = i + 1;
	for (size_t i = 0; i < model->manifest_count && verdict->verdict == SSUM_HOLDS; i++) {
		if (lists[i] || model->manifests[i].bad_lines)
			continue;
		verdict->verdict = SSUM_EXTRA;
		verdict->without = i;
	}
	if (verdict->verdict == SSUM_HOLDS && undecided) {
		verdict->verdict = SSUM_UNDECIDED;
		verdict->without = undecided - 1;
	}
	result->count[verdict->verdict]++;
}

static bool model_is_judged(const struct model_result *result, const char *path, bool is_directory)
{
	for (size_t i = 0; i < result->verdict_count; i++)
		if (!strcmp(result->verdicts[i].path, path) &&
		    result->verdicts[i].is_directory == is_directory)
			return true;
	return false;
}

/* 0, or the code of the error that prevents every judgement. */
static int model_read(const struct model *model, struct model_result *result)
{
	bool has_filter = model->excluded[0] || model->excluded[1];
	bool applies = false;
	size_t counted = 0;

	if (!model->manifest_count)
		return SSUM_ERR_NO_MANIFEST;
	for (size_t i = 0; i < model->manifest_count; i++) {
		size_t rows = 0;

		if (model->manifests[i].error)
			return model->manifests[i].error;
		for (size_t row = 0; row < model->row_count; row++)
			rows += model->rows[row].manifest == i;
		if (!rows)
			return SSUM_ERR_EMPTY;
		applies |= model->content_hash &&
			   model->content_hash->length == model->manifests[i].content_hash.length;
	}
	for (size_t row = 0; row < model->row_count; row++) {
		bool is_duplicate = model_is_duplicate(model, row);

		result->count[SSUM_BAD_LINE] += is_duplicate;
		result->counts[row] =
			!is_duplicate && model_takes_part(model, model->rows[row].path);
		counted += result->counts[row];
	}
	if (has_filter && !counted)
		return SSUM_ERR_EMPTY;
	return model->content_hash && !applies ? SSUM_ERR_OPTIONS : 0;
}

void model_judge(const struct model *model, struct model_result *result)
{
	bool differs = false;

	*result = (struct model_result){.rc = 0};
	result->rc = model_read(model, result);
	if (result->rc)
		return;
	result->judged = true;
	for (size_t i = 0; i < model->manifest_count; i++) {
		const struct model_manifest *manifest = &model->manifests[i];

		result->count[SSUM_BAD_LINE] += manifest->bad_lines;
		if (model->content_hash &&
		    model->content_hash->length == manifest->content_hash.length)
			differs |=
				!model_digests_equal(model->content_hash, &manifest->content_hash);
	}
	for (size_t i = 0; i < model->row_count; i++) {
		const struct model_row *row = &model->rows[i];
		bool is_directory = row->type == SSUM_TYPE_DIRECTORY;

		if (result->counts[i] && !model_is_judged(result, row->path, is_directory))
			model_judge_place(model, result, row->path, is_directory);
	}
	for (size_t i = 0; i < model->node_count; i++) {
		const struct model_node *node = &model->nodes[i];
		bool is_directory = node->type == SSUM_TYPE_DIRECTORY;

		if (!node->is_manifest && model_takes_part(model, node->path) &&
		    !model_is_judged(result, node->path, is_directory))
			model_judge_place(model, result, node->path, is_directory);
	}

	if (differs || result->count[SSUM_DIFFERS] || result->count[SSUM_MISSING] ||
	    (result->count[SSUM_EXTRA] && !model->allow_extra))
		result->rc = SSUM_DIFFERS;
	else if (result->count[SSUM_BAD_LINE])
		result->rc = SSUM_ERR_UNDECIDED;
}
