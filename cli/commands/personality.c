/* SPDX-License-Identifier: MIT */
/*
 * When the program is called sha1sum or the like, it has the options, messages and exit status of
 * that program. A personality is a row of this table; hash and check do the work.
 */
#include <string.h>

#include "commands/commands.h"
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

static int cmd_sum(struct app *app)
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
	const char *never_with_check = asked(app, OPT_ZERO)  ? "--zero option is not supported"
				       : asked(app, OPT_TAG) ? "--tag option is meaningless"
				       : asked(app, OPT_BINARY | OPT_TEXT)
					       ? "--binary and --text options are meaningless"
					       : NULL;

	if (asked(app, OPT_CHECK)) {
		if (never_with_check)
			usage_error(app, "the %s when verifying checksums", never_with_check);
		return cmd_check(app);
	}
	for (size_t i = 0; i < sizeof(only_with_check) / sizeof(only_with_check[0]); i++)
		if (asked(app, only_with_check[i].flag))
			usage_error(app,
				    "the --%s option is meaningful only when verifying checksums",
				    only_with_check[i].name);
	return cmd_hash(app);
}

/* The command for the name that the program was called by, which messages then begin with. NULL if
   it is the program's own name. */
const struct command *assume_personality(struct app *app, const char *invoked)
{
	static struct command command = {
		.bit = SUM,
		.usage = "[FILE]...",
		.most = -1,
		.error_status = 1,
		.streams = true,
		.run = cmd_sum,
		.details =
			"Reads standard input if there is no FILE, or if FILE is -. Lines, messages and\n"
			"exit status are the same as those of this program in GNU coreutils.",
	};
	const char *slash = invoked ? strrchr(invoked, '/') : NULL;
	const char *name = slash ? slash + 1 : invoked;

	for (size_t i = 0; name && i < sizeof(personalities) / sizeof(personalities[0]); i++) {
		if (strcmp(name, personalities[i].name))
			continue;
		app->personality = &personalities[i];
		app->output.program = invoked;
		command.name = personalities[i].name;
		command.summary = personalities[i].summary;
		return &command;
	}
	return NULL;
}
