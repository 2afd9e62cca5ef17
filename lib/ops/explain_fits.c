/* SPDX-License-Identifier: MIT */
/* Which causes were tested, which of them fit, and which is told. */
#include <stdio.h>

#include "ops/explain_sink.h"

void explain_tested(struct explain_sink *sink, enum ssum_cause cause)
{
	sink->explanation.tested |= UINT64_C(1) << cause;
}

void explain_fits(struct explain_sink *sink, enum ssum_cause cause, uint64_t offset, uint64_t count,
		  const char *detail)
{
	struct ssum_explanation *explanation = &sink->explanation;

	explanation->fits |= UINT64_C(1) << cause;
	if (explanation->cause != SSUM_CAUSE_UNKNOWN && explanation->cause <= cause)
		return;
	explanation->cause = cause;
	explanation->offset = offset;
	explanation->count = count;
	snprintf(explanation->detail, sizeof(explanation->detail), "%s", detail);
}

/* What the map of the file explains, or its end, needs no map that it might have had. */
void explain_prefer(struct explain_sink *sink)
{
	struct ssum_explanation *explanation = &sink->explanation;
	const uint64_t blocks = UINT64_C(1) << SSUM_CAUSE_ZERO_BLOCKS;

	if (explanation->fits & (blocks - 1))
		explanation->fits &= ~blocks;
}
