/* SPDX-License-Identifier: MIT */
/* Why a digest does not match: what fits, what that means, and what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output/json.h"
#include "output/names.h"
#include "output/output.h"
#include "commands/explanation.h"

/* What a cause is in a few words, and what there is to do about it. */
static const struct {
	const char *says, *advice;
} texts[SSUM_CAUSE_COUNT] = {
	[SSUM_CAUSE_UNKNOWN] = {"no known cause",
				"compare it with the original, or fetch it again"},
	[SSUM_CAUSE_MATCHES] = {"the digest matches", NULL},
	[SSUM_CAUSE_SPELLING] = {"the digest is written in another way",
				 "write the digest in lower-case hexadecimal digits"},
	[SSUM_CAUSE_BYTE_ORDER] = {"the bytes of the digest are in another order",
				   "correct the order of the bytes in the digest"},
	[SSUM_CAUSE_ALGORITHM] = {"the digest is by another algorithm",
				  "name the algorithm, or publish the digest of the right one"},
	[SSUM_CAUSE_EMPTY] = {"nothing was hashed",
			      "hash the original again: it was empty, or not read"},
	[SSUM_CAUSE_MANIFEST] = {"the manifest was hashed",
				 "correct the list: it has its own digest for this file"},
	[SSUM_CAUSE_OTHER_ENTRY] = {"the content is that of another entry",
				    "give the file its name back, and keep what has that name now"},
	[SSUM_CAUSE_TRAILING_HOLE] = {"the hole at the end was not hashed",
				      "keep the file, and publish a digest of its logical size"},
	[SSUM_CAUSE_ALLOCATED] = {"only the allocated data was hashed",
				  "keep the file, and publish a digest of its logical content"},
	[SSUM_CAUSE_ZEROS_DROPPED] = {"zeros at the end were not hashed",
				      "find out which length is right; the bytes before are"},
	[SSUM_CAUSE_ZERO_BLOCKS] = {"only the allocated data of a sparse copy was hashed",
				    "keep the file, and publish a digest of its logical content"},
	[SSUM_CAUSE_PADDED] = {"zeros behind the end were hashed",
			       "find out which length is right; all bytes here are"},
	[SSUM_CAUSE_ALL_ZEROS] = {"zeros were hashed",
				  "hash the original again: it had not been written yet"},
	[SSUM_CAUSE_LINE_ENDINGS] = {"other line endings were hashed",
				     "transfer the file as binary, or hash it as it is"},
	[SSUM_CAUSE_BYTE_ORDER_MARK] = {"a byte order mark makes the difference",
					"transfer the file as binary, or hash it as it is"},
	[SSUM_CAUSE_CUT] = {"only the first bytes were hashed",
			    "find out which length is right; the bytes before it are"},
	[SSUM_CAUSE_UNFINISHED] = {"the file is only the first bytes", "fetch the rest"},
	[SSUM_CAUSE_DAMAGED] = {"parts of the file are damaged", "fetch those bytes again"},
	[SSUM_CAUSE_CONTRADICTED] = {"it is what another manifest lists",
				     "find out which manifest is right, and correct the other"},
};

static const char *intact_text(int intact)
{
	return intact > 0 ? "the content is intact"
	       : intact   ? "whether the content is right cannot be told from it"
			  : "the content is not what it should be";
}

/* Where the numbers of a cause are about, as a format for offset and count. */
static void say_place(const struct ssum_explanation *explanation)
{
	uint64_t offset = explanation->offset, count = explanation->count;

	switch (explanation->cause) {
	case SSUM_CAUSE_ALLOCATED:
		out("    %-8s  %" PRIu64 " of %" PRIu64 " bytes, the first hole at offset %" PRIu64
		    " left out\n",
		    "hashed", explanation->length - count, explanation->length, offset);
		return;
	case SSUM_CAUSE_ZERO_BLOCKS:
		out("    %-8s  %" PRIu64 " of %" PRIu64 " bytes, blocks of zeros left out\n",
		    "hashed", explanation->length - count, explanation->length);
		return;
	case SSUM_CAUSE_TRAILING_HOLE:
	case SSUM_CAUSE_ZEROS_DROPPED:
	case SSUM_CAUSE_CUT:
		out("    %-8s  the first %" PRIu64 " of %" PRIu64 " bytes\n", "hashed", offset,
		    explanation->length);
		return;
	case SSUM_CAUSE_PADDED:
		out("    %-8s  %" PRIu64 " bytes and %" PRIu64 " zeros\n", "hashed", offset, count);
		return;
	case SSUM_CAUSE_UNFINISHED:
		out("    %-8s  the first %" PRIu64 " of %" PRIu64 " bytes\n", "certain", offset,
		    offset + count);
		return;
	default:
		return;
	}
}

/* Without advice if there is more to say of what to do than fits the cause. */
void say_explanation(const struct ssum_explanation *explanation, bool advise)
{
	enum ssum_cause cause = explanation->cause;
	const char *detail = explanation->detail;

	out("    %-8s  %s", "why", texts[cause].says);
	if (cause == SSUM_CAUSE_ALGORITHM || cause == SSUM_CAUSE_EMPTY)
		detail = explanation->algorithm;
	out("%s%s\n", *detail ? ": " : "", *detail ? quoted(detail) : "");
	say_place(explanation);
	if (cause == SSUM_CAUSE_MATCHES)
		return;
	if (cause != SSUM_CAUSE_UNKNOWN)
		out("    %-8s  %s\n", "means", intact_text(explanation->intact));
	if (cause == SSUM_CAUSE_UNKNOWN &&
	    !(explanation->tested & UINT64_C(1) << SSUM_CAUSE_ALLOCATED))
		out("    %-8s  whether only allocated data was hashed; see --holes\n", "untested");
	if (advise)
		out("    %-8s  %s\n", "to do", texts[cause].advice);
}

static json_t *json_causes(uint64_t set)
{
	json_t *names = json_array();

	for (int i = 0; i < SSUM_CAUSE_COUNT; i++)
		if (set & UINT64_C(1) << i)
			json_array_append_new(names,
					      json_string(ssum_cause_name((enum ssum_cause)i)));
	return names;
}

json_t *json_explanation(const struct ssum_explanation *explanation)
{
	json_t *object = json_object();

	json_text(object, "cause", ssum_cause_name(explanation->cause));
	if (*explanation->detail)
		json_name(object, "detail", explanation->detail);
	if (explanation->intact >= 0)
		json_object_set_new(object, "intact", json_boolean(explanation->intact));
	json_text(object, "algorithm", explanation->algorithm);
	if (explanation->count) {
		json_count(object, "offset", explanation->offset);
		json_count(object, "count", explanation->count);
	}
	json_object_set_new(object, "fits", json_causes(explanation->fits));
	json_object_set_new(object, "tested", json_causes(explanation->tested));
	return object;
}
