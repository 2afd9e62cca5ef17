/* SPDX-License-Identifier: MIT */
/* Where the journals of work that may be interrupted are kept: below the user's folder for state
   (XDG Base Directory Specification), never in what is hashed. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define PRIVATE 0700

/* PARENT/NAME, made if it is not there; NULL if that cannot be. Frees the parent. */
static char *folder_below(char *parent, const char *name)
{
	char *path;

	if (!parent)
		return NULL;
	path = allocate(strlen(parent) + strlen(name) + 2);
	stpcpy(stpcpy(stpcpy(path, parent), "/"), name);
	free(parent);
	if (mkdir(path, PRIVATE) == 0 || errno == EEXIST)
		return path;
	free(path);
	return NULL;
}

/* Whether a path, as far as it is there, is a folder or lies in it. */
static bool is_below(const char *path, const struct stat *folder)
{
	char *there = copy_string(path), *real, *slash;
	struct stat st;
	bool found = false;

	while (!(real = realpath(there, NULL)) && (slash = strrchr(there, '/')) && slash != there)
		*slash = '\0';
	free(there);
	while (real && !found) {
		found = stat(real, &st) == 0 && st.st_dev == folder->st_dev &&
			st.st_ino == folder->st_ino;
		slash = strrchr(real, '/');
		if (!slash[1])
			break;
		slash[slash == real] = '\0';
	}
	free(real);
	return found;
}

/* Not in the folder that is worked on: there it would be one more entry, or one that keeps
 * changing.
 */
static char *state_folder(const struct stat *folder)
{
	static const char *const names[] = {".local", "state", PROGRAM};
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	bool given = state && *state == '/';
	const char *base = given ? state : home;
	char path[PATH_MAX], *made;

	if (!base || *base != '/' ||
	    snprintf(path, sizeof(path), "%s/%s" PROGRAM, base, given ? "" : ".local/state/") >=
		    (int)sizeof(path) ||
	    is_below(path, folder))
		return NULL;
	if (given)
		mkdir(state, PRIVATE);
	made = copy_string(base);
	for (size_t i = given ? 2 : 0; i < sizeof(names) / sizeof(names[0]); i++)
		made = folder_below(made, names[i]);
	return made;
}

/* The journal of some work on a folder, to be freed; NULL if there is no place for one. */
char *journal_path(const char *folder)
{
	char *state, *path = NULL;
	struct stat st;

	if (stat(folder, &st) < 0)
		return NULL;
	state = state_folder(&st);
	if (state) {
		path = allocate(strlen(state) + strlen(current->name) + 40);
		sprintf(path, "%s/%s-%" PRIx64 "-%" PRIx64, state, current->name,
			(uint64_t)st.st_dev, (uint64_t)st.st_ino);
	}
	free(state);
	return path;
}

/* What is said of an interruption: whether it left a journal. */
const char *interruption(const char *journal, const char *outcome)
{
	static char text[128];

	if (!journal || access(journal, F_OK) != 0)
		return outcome;
	snprintf(text, sizeof(text), "%s; with --resume it goes on from here", outcome);
	return text;
}

/* There was nothing to go on with, or it was of no use any more. */
void note_if_not_resumed(const struct run *run, const struct ssum_summary *summary, int code)
{
	if (code < 0 && code != SSUM_ERR_UNDECIDED)
		return;
	if (asked(run, OPT_RESUME) && !summary->resumed)
		note("nothing of an interrupted run could be taken over; all of it was done now");
}
