/* SPDX-License-Identifier: MIT */
/*
 * Called as sha1sum or one of its kin, this is that program: its options, its messages, its exit
 * status. A personality is a row here; what it does is what hash and check do.
 */
#include <string.h>

#include "base/output.h"
#include "commands/commands.h"
#include "options/command.h"
#include "options/options.h"
#include "options/usage.h"

/* clang-format off */
static const struct personality personalities[] = {
	{"sha1sum", "sha1", "Print or check SHA-1 digests"},
	{"sha224sum", "sha224", "Print or check SHA-224 digests"},
	{"sha256sum", "sha256", "Print or check SHA-256 digests"},
	{"sha384sum", "sha384", "Print or check SHA-384 digests"},
	{"sha512sum", "sha512", "Print or check SHA-512 digests"},
};
/* clang-format on */

const struct personality *personality;

static _Noreturn void refuse_with_check(const char *what)
{
	usage_error("the %s when verifying checksums", what);
}

static void check_options(const struct run *run)
{
	static const struct {
		unsigned flag;
		const char *name;
	} only_with_check[] = {
		{OPT_IGNORE_MISSING, "ignore-missing"},
		{OPT_STATUS, "status"},
		{OPT_WARN, "warn"},
		{OPT_QUIET, "quiet"},
		{OPT_STRICT, "strict"},
	};

	if (asked(run, OPT_CHECK)) {
		if (asked(run, OPT_ZERO))
			refuse_with_check("--zero option is not supported");
		if (asked(run, OPT_TAG))
			refuse_with_check("--tag option is meaningless");
		if (asked(run, OPT_BINARY | OPT_TEXT))
			refuse_with_check("--binary and --text options are meaningless");
		return;
	}
	for (size_t i = 0; i < sizeof(only_with_check) / sizeof(only_with_check[0]); i++)
		if (asked(run, only_with_check[i].flag))
			usage_error("the --%s option is meaningful only when verifying checksums",
				    only_with_check[i].name);
}

static int cmd_sum(const struct run *run)
{
	check_options(run);
	return asked(run, OPT_CHECK) ? cmd_check(run) : cmd_hash(run);
}

/* The command for the name that the program was invoked by, which messages then begin with; NULL
   if it is none of these. */
const struct command *assume_personality(const char *invoked)
{
	static struct command command = {
		.bit = SUM,
		.usage = "[FILE]...",
		.most = -1,
		.trouble = 1,
		.streams = true,
		.run = cmd_sum,
		.details =
			"Without FILE, or where FILE is -, standard input is read. Lines, messages "
			"and\n"
			"exit status are those of the program of this name in the GNU coreutils.",
	};
	const char *slash = invoked ? strrchr(invoked, '/') : NULL;
	const char *name = slash ? slash + 1 : invoked;

	for (size_t i = 0; name && i < sizeof(personalities) / sizeof(personalities[0]); i++) {
		if (strcmp(name, personalities[i].name))
			continue;
		personality = &personalities[i];
		command.name = personality->name;
		command.summary = personality->summary;
		program = invoked;
		return &command;
	}
	return NULL;
}
