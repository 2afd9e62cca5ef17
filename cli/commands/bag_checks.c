/* SPDX-License-Identifier: MIT */
/* Whether a directory can become a bag. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "base/output.h"
#include "base/text_file.h"
#include "commands/bagging.h"
#include "formats/bag_lines.h"
#include "options/command.h"
#include "options/options.h"
#include "options/usage.h"

void bag_check_options(const struct run *run)
{
	if (run->options->output)
		usage_error("-o names a manifest as sha1sum writes it; a bag has its own names");
	if (asked(run, OPT_RESUME))
		usage_error("--resume is not for bags");
	if (run->options->checkpoints && run->options->checkpoints != SSUM_NO_CHECKPOINTS)
		usage_error("--checkpoints is not for bags");
	if (run->options->selection)
		usage_error("--include, --exclude and --files-from are not for bags");
}

static bool is_there(const struct bagging *bagging, const char *name, bool *is_directory)
{
	struct stat st;
	bool there = !fstatat(bagging->directory, name, &st, AT_SYMLINK_NOFOLLOW);

	*is_directory = there && S_ISDIR(st.st_mode);
	return there;
}

static bool makes(const struct bagging *bagging, const char *part)
{
	for (size_t i = 0; i < bagging->algorithms.count; i++)
		if (!strcmp(bagging->outputs[i].part, part))
			return true;
	return false;
}

/* A manifest that stays from before would list what was. */
static void check_stale(const struct bagging *bagging, const char *prefix)
{
	struct dirent **entries;
	int count = scandirat(bagging->directory, ".", &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char *part = bag_manifest_algorithm(entries[i]->d_name, prefix);

		if (part && !makes(bagging, part))
			die("%s: has a %s from before; make it anew with -a, or remove it",
			    quoted(bagging->path), quoted(entries[i]->d_name));
		free(part);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void check_encoding(const struct bagging *bagging)
{
	struct text_file file;

	if (text_read(&file, bagging->directory, "bagit.txt") == 0 &&
	    !strcasestr(file.text, "UTF-8"))
		die("%s: bagit.txt declares another encoding than UTF-8, in which a bag is made",
		    quoted(bagging->path));
	text_free(&file);
}

void bag_check_directory(const struct bagging *bagging)
{
	bool is_directory;

	if (!is_there(bagging, "data", &is_directory) || !is_directory)
		die("%s: has no directory data, where the payload of a bag is; nothing is moved "
		    "there "
		    "by itself",
		    quoted(bagging->path));
	if (is_there(bagging, "fetch.txt", &is_directory))
		die("%s: has a fetch.txt: what that lists is not here, and would not be listed",
		    quoted(bagging->path));
	check_stale(bagging, "manifest-");
	check_stale(bagging, "tagmanifest-");
	check_encoding(bagging);
}
