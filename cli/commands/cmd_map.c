/* SPDX-License-Identifier: MIT */
/* sparsesum map: where a file has data and where it has holes. */
#include <inttypes.h>

#include "output/json.h"
#include "output/output.h"
#include "output/signals.h"
#include "output/text.h"
#include "commands/commands.h"
#include "options/options.h"
#include "options/options.h"
#include "commands/report.h"

struct mapping {
	bool json;
	uint64_t bytes[2]; /* by enum ssum_extent_kind */
	uint64_t extents;
};

static const char *const kinds[] = {[SSUM_DATA] = "data", [SSUM_HOLE] = "hole"};

static int take_extent(void *user, const struct ssum_extent *extent)
{
	struct mapping *mapping = user;

	mapping->bytes[extent->kind] += extent->length;
	mapping->extents++;
	if (mapping->json) {
		json_t *object = json_typed("extent");

		json_count(object, "offset", extent->offset);
		json_count(object, "length", extent->length);
		json_text(object, "kind", kinds[extent->kind]);
		json_print(object);
	} else {
		out("%19" PRIu64 " %19" PRIu64 "  %s\n", extent->offset, extent->length,
		    kinds[extent->kind]);
	}
	return output_failed();
}

static void print_sizes(const struct mapping *mapping)
{
	uint64_t data = mapping->bytes[SSUM_DATA], hole = mapping->bytes[SSUM_HOLE];

	out("data %" PRIu64 ", holes %" PRIu64 ", size %" PRIu64 " bytes (%s), %s\n", data, hole,
	    data + hole, size_text(data + hole).s,
	    count_text(mapping->extents, "extent", "extents").s);
}

static void set_sizes(json_t *object, const struct mapping *mapping)
{
	json_count(object, "data", mapping->bytes[SSUM_DATA]);
	json_count(object, "holes", mapping->bytes[SSUM_HOLE]);
	json_count(object, "size", mapping->bytes[SSUM_DATA] + mapping->bytes[SSUM_HOLE]);
	json_count(object, "extents", mapping->extents);
}

/* After a failure the sums are of what was told before it, and of no file. */
static void print_summary(const struct mapping *mapping, const char *path, int code)
{
	json_t *object = json_summary(status_of(code), code);

	json_name(object, "path", path);
	if (code == 0)
		set_sizes(object, mapping);
	json_print(object);
}

int cmd_map(struct app *app)
{
	const char *path = app->options->operands[0];
	struct mapping mapping = {.json = asked(app, OPT_JSON)};
	int code = ssum_map_file(app->context, path, take_extent, &mapping);

	if (stopped(code, ""))
		return app->command->trouble;
	note_failure(app, path, code);
	if (mapping.json)
		print_summary(&mapping, path, code);
	else if (code == 0)
		print_sizes(&mapping);
	return status_of(code);
}
