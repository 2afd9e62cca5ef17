/* SPDX-License-Identifier: MIT */
/* sparsesum map: where a file has data and where it has holes. */
#include <inttypes.h>

#include "commands/commands.h"
#include "commands/report.h"
#include "output/json.h"
#include "output/signals.h"

struct map_totals {
	bool json;
	uint64_t bytes[2]; /* by enum ssum_extent_kind */
	uint64_t extents;
};

static int map_extent(void *user, const struct ssum_extent *extent)
{
	struct map_totals *totals = user;
	const char *kind = extent->kind == SSUM_HOLE ? "hole" : "data";

	totals->bytes[extent->kind] += extent->length;
	totals->extents++;
	if (totals->json) {
		json_t *object = json_typed("extent");

		json_count(object, "offset", extent->offset);
		json_count(object, "length", extent->length);
		json_text(object, "kind", kind);
		json_print(object);
	} else {
		out("%19" PRIu64 " %19" PRIu64 "  %s\n", extent->offset, extent->length, kind);
	}
	return output_failed();
}

int cmd_map(struct app *app)
{
	const char *path = app->options->operands[0];
	struct map_totals totals = {.json = asked(app, OPT_JSON)};
	int code = ssum_map_file(app->context, path, map_extent, &totals);
	uint64_t data = totals.bytes[SSUM_DATA], holes = totals.bytes[SSUM_HOLE];

	if (signals_stopped(code, ""))
		return app->command->error_status;
	note_failure(app, path, code);
	/* After a failure the totals include only the extents before it. */
	if (totals.json) {
		json_t *object = json_summary(status_of(code), code);

		json_name(object, "path", path);
		if (code == 0) {
			json_count(object, "data", data);
			json_count(object, "holes", holes);
			json_count(object, "size", data + holes);
			json_count(object, "extents", totals.extents);
		}
		json_print(object);
	} else if (code == 0) {
		out("data %" PRIu64 ", holes %" PRIu64 ", size %" PRIu64 " bytes (%s), %s\n", data,
		    holes, data + holes, size_text(data + holes).s,
		    count_text(totals.extents, "extent", "extents").s);
	}
	return status_of(code);
}
