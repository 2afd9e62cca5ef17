/* SPDX-License-Identifier: MIT */
/* The causes: their names, whether the content is intact, and which one is reported. */
#include <stdio.h>

#include "base/common.h"
#include "ops/explain_sink.h"

static const struct {
	const char *name;
	int intact; /* as in struct ssum_explanation */
} causes[SSUM_CAUSE_COUNT] = {
	[SSUM_CAUSE_UNKNOWN] = {"unknown", -1},
	[SSUM_CAUSE_MATCHES] = {"matches", 1},
	[SSUM_CAUSE_SPELLING] = {"spelling", 1},
	[SSUM_CAUSE_BYTE_ORDER] = {"byte order", 1},
	[SSUM_CAUSE_ALGORITHM] = {"algorithm", 1},
	[SSUM_CAUSE_EMPTY] = {"empty", -1},
	[SSUM_CAUSE_MANIFEST] = {"manifest", -1},
	[SSUM_CAUSE_OTHER_ENTRY] = {"other entry", 0},
	[SSUM_CAUSE_TRAILING_HOLE] = {"trailing hole", 1},
	[SSUM_CAUSE_ALLOCATED] = {"allocated", 1},
	[SSUM_CAUSE_ZEROS_DROPPED] = {"zeros dropped", -1},
	[SSUM_CAUSE_ZERO_BLOCKS] = {"zero blocks", 1},
	[SSUM_CAUSE_PADDED] = {"padded", -1},
	[SSUM_CAUSE_ALL_ZEROS] = {"all zeros", -1},
	[SSUM_CAUSE_LINE_ENDINGS] = {"line endings", -1},
	[SSUM_CAUSE_BYTE_ORDER_MARK] = {"byte order mark", -1},
	[SSUM_CAUSE_CUT] = {"cut", -1},
	[SSUM_CAUSE_UNFINISHED] = {"unfinished", 0},
	[SSUM_CAUSE_DAMAGED] = {"damaged", 0},
	[SSUM_CAUSE_CONTRADICTED] = {"contradicted", -1},
	[SSUM_CAUSE_LONGER] = {"longer", 0},
	[SSUM_CAUSE_ZEROED] = {"zeroed", -1},
	[SSUM_CAUSE_32_BITS] = {"32 bits", 1},
	[SSUM_CAUSE_MISTYPED] = {"mistyped", 1},
};

/* Causes at the end of the enumeration, and the causes before which they are reported. */
static const struct {
	enum ssum_cause cause, before;
} later_causes[] = {
	{SSUM_CAUSE_MISTYPED, SSUM_CAUSE_BYTE_ORDER},
	{SSUM_CAUSE_LONGER, SSUM_CAUSE_TRAILING_HOLE},
	{SSUM_CAUSE_32_BITS, SSUM_CAUSE_TRAILING_HOLE},
	{SSUM_CAUSE_ZEROED, SSUM_CAUSE_DAMAGED},
};

/* The place of a cause in the order in which they are reported. */
static unsigned cause_rank(enum ssum_cause cause)
{
	for (unsigned i = 0; i < ARRAY_SIZE(later_causes); i++)
		if (later_causes[i].cause == cause)
			return later_causes[i].before * 8 + i;
	return (unsigned)cause * 8 + 7;
}

const char *ssum_cause_name(enum ssum_cause cause)
{
	return (unsigned)cause < SSUM_CAUSE_COUNT ? causes[cause].name : "unknown";
}

void explain_tested(struct explain_sink *sink, enum ssum_cause cause)
{
	sink->explanation.tested |= UINT64_C(1) << cause;
}

void explain_fits(struct explain_sink *sink, enum ssum_cause cause, uint64_t offset, uint64_t count,
		  const char *detail)
{
	struct ssum_explanation *explanation = &sink->explanation;

	explanation->fits |= UINT64_C(1) << cause;
	if (explanation->cause != SSUM_CAUSE_UNKNOWN &&
	    cause_rank(explanation->cause) <= cause_rank(cause))
		return;
	explanation->cause = cause;
	explanation->intact = causes[cause].intact;
	explanation->offset = offset;
	explanation->count = count;
	snprintf(explanation->detail, sizeof(explanation->detail), "%s", detail);
}
