/* SPDX-License-Identifier: MIT */
/* Where the journals of work that may be interrupted are kept: below the user's directory for state
   (XDG Base Directory Specification), never in what is hashed. */
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
	char *there = copy_string(path), *real, *slash;
	struct stat st;
	bool found = false;

	while (!(real = realpath(there, NULL)) && (slash = strrchr(there, '/')) && slash != there)
		*slash = '\0';
	free(there);
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

/* The journal of some work on a directory, to be freed; NULL if there is no place for one. Not in
   the directory that is worked on: there it would be one more entry, or one that keeps changing. It
   is made when there is something to be kept; a home that is not there is not made for it. */
char *journal_path(const struct app *app, const char *directory)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	bool given = state && *state == '/';
	const char *base = given ? state : home, *below = given ? "" : ".local/state/";
	char path[PATH_MAX];
	struct stat st;
	int length;

	if (!base || *base != '/' || (!given && access(base, F_OK) != 0) ||
	    stat(directory, &st) < 0)
		return NULL;
	length = snprintf(path, sizeof(path), "%s/%s" PROGRAM "/%s-%" PRIx64 "-%" PRIx64, base,
			  below, app->command->name, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	if (length >= (int)sizeof(path) || path_is_inside(path, &st))
		return NULL;
	return copy_string(path);
}

/* What is said of an interruption: whether it left a journal. */
const char *journal_outcome(const char *journal, const struct ssum_summary *summary,
			    const char *outcome)
{
	static char text[128];

	if (!journal || summary->journal_taken || access(journal, F_OK) != 0)
		return outcome;
	snprintf(text, sizeof(text), "%s; with --resume it goes on from here", outcome);
	return text;
}

/* What its user would not expect: another run is at work on the same; or there was nothing to go on
   with, or it was of no use any more. */
void journal_note(const struct app *app, const struct ssum_summary *summary, int code)
{
	if (summary->journal_taken)
		note("another run of %s is at work on this directory: what this one did was not "
		     "kept "
		     "for --resume",
		     app->command->name);
	if (code < 0 && code != SSUM_ERR_UNDECIDED)
		return;
	if (asked(app, OPT_RESUME) && !summary->resumed)
		note("nothing of an interrupted run could be taken over; all of it was done now");
}
