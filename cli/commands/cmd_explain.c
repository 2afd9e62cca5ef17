/* SPDX-License-Identifier: MIT */
/* sparsesum explain: why a digest does not match a file. verify prints its explanations with the
   same functions. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/cmd_explain.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "options/usage.h"
#include "output/json.h"
#include "output/names.h"
#include "output/signals.h"

/* Each cause in a few words, and what to do about it. */
static const struct {
	const char *says, *advice;
} explain_texts[SSUM_CAUSE_COUNT] = {
	[SSUM_CAUSE_UNKNOWN] = {"none of the tested causes fits",
				"compare the file with the original, or fetch it again"},
	[SSUM_CAUSE_MATCHES] = {"the digest matches", NULL},
	[SSUM_CAUSE_SPELLING] = {"the digest is the right one, written differently",
				 "write the digest in lower-case hexadecimal digits"},
	[SSUM_CAUSE_BYTE_ORDER] = {"the bytes of the digest are in another order",
				   "correct the order of the bytes in the digest"},
	[SSUM_CAUSE_ALGORITHM] = {"the digest is by another algorithm",
				  "name the algorithm, or publish the digest of the right one"},
	[SSUM_CAUSE_EMPTY] = {"nothing was hashed",
			      "hash the original again: it was empty, or not read"},
	[SSUM_CAUSE_MANIFEST] = {"the manifest was hashed instead of the file",
				 "correct the list: it has its own digest for this file"},
	[SSUM_CAUSE_OTHER_ENTRY] =
		{"the content is that of another entry",
		 "keep the file that has that name now, then give that name to this one"},
	[SSUM_CAUSE_TRAILING_HOLE] = {"the hole at the end was not hashed",
				      "keep the file, and publish a digest of its logical size"},
	[SSUM_CAUSE_ALLOCATED] = {"only the allocated data was hashed",
				  "keep the file, and publish a digest of its logical content"},
	[SSUM_CAUSE_ZEROS_DROPPED] = {"zeros at the end were not hashed",
				      "find out which length is right; the hashed bytes match"},
	[SSUM_CAUSE_ZERO_BLOCKS] = {"only the allocated data of a sparse copy was hashed",
				    "keep the file, and publish a digest of its logical content"},
	[SSUM_CAUSE_PADDED] = {"zeros after the end of the file were hashed too",
			       "find out which length is right; all bytes of this file match"},
	[SSUM_CAUSE_ALL_ZEROS] = {"zeros were hashed",
				  "hash the original again: its data had not been written yet"},
	[SSUM_CAUSE_LINE_ENDINGS] = {"other line endings were hashed",
				     "transfer the file as binary, or hash it as it is"},
	[SSUM_CAUSE_BYTE_ORDER_MARK] = {"a byte order mark makes the difference",
					"transfer the file as binary, or hash it as it is"},
	[SSUM_CAUSE_CUT] = {"only the first bytes were hashed",
			    "find out which length is right; the hashed bytes match"},
	[SSUM_CAUSE_UNFINISHED] = {"only the first part of the file is there", "fetch the rest"},
	[SSUM_CAUSE_DAMAGED] = {"parts of the file are damaged", "fetch the damaged bytes again"},
	[SSUM_CAUSE_CONTRADICTED] = {"another manifest lists the content of this file",
				     "find out which manifest is right, and correct the other"},
	[SSUM_CAUSE_LONGER] = {"there are more bytes after the end of the content",
			       "cut them off; nothing has to be fetched"},
	[SSUM_CAUSE_ZEROED] = {"the file holds nothing but zeros",
			       "fetch it again: its data was lost, or never written"},
	[SSUM_CAUSE_32_BITS] = {"the bytes were counted in 32 bits, which fails from 4 GiB on",
				"keep the file, and publish a digest of all of it"},
	[SSUM_CAUSE_MISTYPED] = {"the digest is that of the file, but for one mistake",
				 "keep the file, and correct the digest"},
};

/* Print the byte counts of the explanation, if its cause has any. */
static void explain_say_place(const struct ssum_explanation *explanation)
{
	uint64_t offset = explanation->offset, count = explanation->count;
	uint64_t length = explanation->length;

	switch (explanation->cause) {
	case SSUM_CAUSE_ALLOCATED:
		out("    hashed    %" PRIu64 " of %" PRIu64
		    " bytes, the first hole at offset %" PRIu64 " left out\n",
		    length - count, length, offset);
		break;
	case SSUM_CAUSE_ZERO_BLOCKS:
		out("    hashed    %" PRIu64 " of %" PRIu64 " bytes, blocks of zeros left out\n",
		    length - count, length);
		break;
	case SSUM_CAUSE_TRAILING_HOLE:
	case SSUM_CAUSE_ZEROS_DROPPED:
	case SSUM_CAUSE_CUT:
		out("    hashed    the first %" PRIu64 " of %" PRIu64 " bytes\n", offset, length);
		break;
	case SSUM_CAUSE_LONGER:
		out("    surplus   %" PRIu64 " bytes after the first %" PRIu64
		    ", which are all of the content\n",
		    count, offset);
		break;
	case SSUM_CAUSE_32_BITS:
		out("    hashed    %" PRIu64 " of %" PRIu64 " bytes\n", offset, length);
		break;
	case SSUM_CAUSE_MISTYPED:
		out("    digit     %" PRIu64 "\n", offset);
		break;
	case SSUM_CAUSE_UNKNOWN:
		if (count)
			out("    zeros     the last %" PRIu64 " of %" PRIu64 " bytes\n", count,
			    length);
		break;
	case SSUM_CAUSE_PADDED:
		out("    hashed    %" PRIu64 " bytes and %" PRIu64 " zeros\n", offset, count);
		break;
	case SSUM_CAUSE_UNFINISHED:
		out("    certain   the first %" PRIu64 " of %" PRIu64 " bytes\n", offset,
		    offset + count);
		break;
	default:
		break;
	}
}

/* What the file is by its first bytes, if that may be the reason. */
static void explain_say_format(const struct ssum_explanation *explanation)
{
	const char *is = explanation->format, *named = explanation->name_format;

	if (!strcmp(is, "git-lfs"))
		out("    looks     like a Git LFS pointer: the file itself is fetched by git lfs "
		    "pull\n");
	else if (*is && *named && strcmp(is, named) != 0)
		out("    looks     compressed by %s, though its name says %s\n", is, named);
	else if (*is)
		out("    looks     compressed by %s%s; the digest may be of the uncompressed "
		    "image\n",
		    is, *named ? "" : ", though its name does not say so");
	else if (*named)
		out("    looks     not compressed, though its name says %s; the digest may be of "
		    "the compressed file\n",
		    named);
}

void explain_say(const struct ssum_explanation *explanation, bool advise)
{
	enum ssum_cause cause = explanation->cause;
	const char *detail = explanation->detail;
	const char *says = explain_texts[cause].says;

	if (cause == SSUM_CAUSE_ALGORITHM || cause == SSUM_CAUSE_EMPTY)
		detail = explanation->algorithm;
	if (cause == SSUM_CAUSE_ZEROED && explanation->count < explanation->length)
		says = "the damaged bytes are zeros: data was lost, or never written";
	if (cause == SSUM_CAUSE_UNKNOWN && !explanation->length)
		says = "the file is empty";
	out("    why       %s%s%s\n", says, *detail ? ": " : "", *detail ? quoted(detail) : "");
	explain_say_place(explanation);
	if (cause == SSUM_CAUSE_UNKNOWN && explanation->length)
		explain_say_format(explanation);
	if (cause == SSUM_CAUSE_MATCHES)
		return;
	if (cause != SSUM_CAUSE_UNKNOWN)
		out("    means     %s\n", explanation->intact > 0 ? "the content is intact"
					  : explanation->intact
						  ? "it is not known whether the content is right"
						  : "the content is not what it should be");
	else
		out("    means     the file was changed or damaged, or the digest is of another file: the digest alone does not say which\n");
	if (cause == SSUM_CAUSE_UNKNOWN &&
	    !(explanation->tested & UINT64_C(1) << SSUM_CAUSE_ALLOCATED))
		out("    untested  whether only allocated data was hashed; see --holes\n");
	if (advise)
		out("    to do     %s\n", explain_texts[cause].advice);
}

/* The names of a set of causes. */
static json_t *explain_causes_json(uint64_t set)
{
	json_t *names = json_array();

	for (int i = 0; i < SSUM_CAUSE_COUNT; i++)
		if (set & UINT64_C(1) << i)
			json_array_append_new(names,
					      json_string(ssum_cause_name((enum ssum_cause)i)));
	return names;
}

json_t *explain_json(const struct ssum_explanation *explanation)
{
	json_t *object = json_object();

	json_text(object, "cause", ssum_cause_name(explanation->cause));
	if (*explanation->detail)
		json_name(object, "detail", explanation->detail);
	if (explanation->intact >= 0)
		json_flag(object, "intact", explanation->intact);
	json_text(object, "algorithm", explanation->algorithm);
	json_text(object, "format", *explanation->format ? explanation->format : NULL);
	json_text(object, "name_format",
		  *explanation->name_format ? explanation->name_format : NULL);
	if (explanation->count) {
		json_count(object, "offset", explanation->offset);
		json_count(object, "count", explanation->count);
	}
	json_object_set_new(object, "fits", explain_causes_json(explanation->fits));
	json_object_set_new(object, "tested", explain_causes_json(explanation->tested));
	return object;
}

/* ---- The command ---- */

/* The checkpoints next to the file, as `hash --checkpoints` writes them; NULL if there are none. */
static struct ssum_checkpoints *explain_checkpoints(const char *path)
{
	char *name = format_text("%s.checkpoints", path);
	int fd = signals_open(AT_FDCWD, name, 0);
	struct ssum_checkpoints *checkpoints = NULL;

	free(name);
	if (fd >= 0) {
		ssum_checkpoints_read(fd, NULL, &checkpoints);
		close(fd);
	}
	return checkpoints;
}

static void explain_print(const char *path, const struct ssum_explanation *explanation, int code)
{
	bool has_cause = explanation->cause != SSUM_CAUSE_UNKNOWN;
	const char *algorithm = has_cause ? explanation->algorithm : "";
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(&explanation->expected, hex);
	out("%s: %s\n", quoted(path),
	    code == SSUM_HOLDS ? "the digest is that of this file" : "differs");
	out("    expected  %s%s%s\n", algorithm, *algorithm ? " " : "", hex);
	ssum_digest_hex(&explanation->found, hex);
	if (code != SSUM_HOLDS)
		out("    found     %s\n", hex);
	out("    length    %s\n", count_text(explanation->length, "byte", "bytes").s);
	explain_say(explanation, true);
	if (explanation->cause == SSUM_CAUSE_DAMAGED)
		out("    damaged   %" PRIu64 " bytes at offset %" PRIu64
		    ", possibly more after them\n",
		    explanation->count, explanation->offset);
}

/* Explain one digest. Returns the code. */
static int explain_digest(struct app *app, const char *path, const char *digest,
			  const struct ssum_checkpoints *checkpoints,
			  struct ssum_explanation *explanation)
{
	const struct options *options = app->options;
	int code =
		ssum_explain_file(app->context, path,
				  options->algorithms.count ? options_algorithm(options, 0) : NULL,
				  digest, checkpoints, explanation);

	if (code < 0)
		return code;
	if (asked(app, OPT_JSON)) {
		json_t *object = explain_json(explanation);

		json_text(object, "type", "explanation");
		json_name(object, "path", path);
		json_count(object, "size", explanation->length);
		json_digest(object, "expected", &explanation->expected);
		json_digest(object, "found", &explanation->found);
		if (ssum_read_twice(app->context))
			json_flag(object, "read_twice", true);
		json_print(object);
	} else {
		explain_print(path, explanation, code);
	}
	return code;
}

/* Whether the text is a list of digests as in subresource integrity: "sha256-DIGEST sha512-DIGEST".
 */
static bool explain_is_list(const char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t count = 0;

	for (text += strspn(text, blanks); *text; count++) {
		size_t length = strcspn(text, blanks);

		if (length < sizeof("md5-") + 22 || !memchr(text, '-', length) ||
		    !strncmp(text, "-", 1))
			return false;
		text += length;
		text += strspn(text, blanks);
	}
	return count > 1;
}

/* Explain each digest of such a list. By the rules of subresource integrity, the digests of the
   strongest algorithm decide, one of them must hold, and unknown algorithms are ignored. */
static int explain_list(struct app *app, const char *path, const char *digests,
			const struct ssum_checkpoints *checkpoints)
{
	char *text = copy_string(digests), *rest = text, *word;
	int result = SSUM_ERR_ALGORITHM;
	size_t strongest = 0;

	while ((word = strsep(&rest, " \t\r\n"))) {
		struct ssum_explanation explanation = {.size = sizeof(explanation)};
		int code;

		if (!*word)
			continue;
		code = explain_digest(app, path, word, checkpoints, &explanation);
		if (code == SSUM_ERR_ALGORITHM || code == SSUM_ERR_MALFORMED) {
			note("%s: is of no known algorithm; it is ignored", quoted(word));
			continue;
		}
		if (code < 0) {
			result = code;
			break;
		}
		if (explanation.expected.length > strongest) {
			strongest = explanation.expected.length;
			result = code;
		} else if (explanation.expected.length == strongest && code == SSUM_HOLDS) {
			result = code;
		}
	}
	free(text);
	return result;
}

int cmd_explain(struct app *app)
{
	const char *path = app->options->operands[0], *digest = app->options->operands[1];
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	struct ssum_checkpoints *checkpoints = explain_checkpoints(path);
	int code = explain_is_list(digest)
			   ? explain_list(app, path, digest, checkpoints)
			   : explain_digest(app, path, digest, checkpoints, &explanation);

	ssum_checkpoints_free(checkpoints);
	if (code == SSUM_ERR_MALFORMED)
		usage_error(app, "%s is not a digest: no algorithm has digests of this form",
			    in_quotes(digest));
	if (signals_stopped(code, "; nothing was decided"))
		return app->command->error_status;
	note_failure(app, path, code);
	if (ssum_read_twice(app->context))
		note_read_twice(path);
	if (asked(app, OPT_JSON))
		json_print(json_summary(status_of(code), code));
	return status_of(code);
}
