/* SPDX-License-Identifier: MIT */
/* The journals of operations that can be resumed. They are in the user's directory for state (XDG
   Base Directory Specification), never in the directory that is hashed. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options/state.h"

bool path_is_inside(const char *path, const struct stat *directory)
{
	char *existing = copy_string(path), *real, *slash;
	struct stat st;
	bool found = false;

	while (!(real = realpath(existing, NULL)) && (slash = strrchr(existing, '/')) &&
	       slash != existing)
		*slash = '\0';
	free(existing);
	while (real && !found) {
		found = stat(real, &st) == 0 && st.st_dev == directory->st_dev &&
			st.st_ino == directory->st_ino;
		slash = strrchr(real, '/');
		if (!slash[1])
			break;
		slash[slash == real] = '\0';
	}
	free(real);
	return found;
}

/* A journal inside the directory would be an entry of it, and one that changes during the
   operation. A home directory that does not exist is not created. */
char *journal_path(const struct app *app, const char *directory)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	bool has_state = state && *state == '/';
	const char *base = has_state ? state : home;
	const char *below = has_state ? "" : ".local/state/";
	char path[PATH_MAX];
	struct stat st;
	int length;

	if (!base || *base != '/' || (!has_state && access(base, F_OK) != 0) ||
	    stat(directory, &st) < 0)
		return NULL;
	length = snprintf(path, sizeof(path), "%s/%s" PROGRAM "/%s-%" PRIx64 "-%" PRIx64, base,
			  below, app->command->name, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	if (length >= (int)sizeof(path) || path_is_inside(path, &st))
		return NULL;
	return copy_string(path);
}

const char *journal_outcome(const struct ssum_summary *summary, const char *outcome)
{
	static char text[128];

	if (!summary->recorded)
		return outcome;
	snprintf(text, sizeof(text), "%s; use --resume to continue", outcome);
	return text;
}

void journal_note(const struct app *app, const struct ssum_summary *summary, int code)
{
	if (summary->journal_taken)
		note("another run of %s uses the journal of this directory: the results of this run were not saved for --resume",
		     app->command->name);
	if (code < 0 && code != SSUM_ERR_UNDECIDED)
		return;
	if (asked(app, OPT_RESUME) && !summary->resumed)
		note("could not resume; started from the beginning");
}
