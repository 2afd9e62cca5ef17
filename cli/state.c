/* SPDX-License-Identifier: MIT */
/* Where the journals of work that may be interrupted are kept: below the user's folder for state
   (XDG Base Directory Specification), never in what is hashed. */
#include <errno.h>
#include <inttypes.h>
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

static char *state_folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/') {
		mkdir(state, PRIVATE);
		return folder_below(copy_string(state), PROGRAM);
	}
	if (!home || *home != '/')
		return NULL;
	return folder_below(folder_below(folder_below(copy_string(home), ".local"), "state"),
			    PROGRAM);
}

/* The journal of some work on a folder, to be freed; NULL if there is no place for one. */
char *journal_path(const char *folder)
{
	char *state = state_folder(), *path = NULL;
	struct stat st;

	if (state && stat(folder, &st) == 0) {
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
void note_if_not_resumed(const struct run *run, const struct ssum_summary *summary)
{
	if (asked(run, OPT_RESUME) && !summary->resumed)
		note("nothing of an interrupted run could be taken over; all of it was done now");
}
