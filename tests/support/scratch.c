/* SPDX-License-Identifier: MIT */
#include "support/scratch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

static char *directory;

static void enter(char *made)
{
	directory = made;
	ck_assert(!chdir(directory) && !chmod(directory, 0755));
}

void scratch_enter(void)
{
	enter(scratch_here());
}

void scratch_enter_tmpfs(void)
{
	char *made = scratch_new(&file_systems[0]);

	enter(made ? made : scratch_here());
}

void scratch_leave(void)
{
	ck_assert(!chdir("/"));
	scratch_remove(directory);
}

void shell(const char *command)
{
	int status;
	char *text = run_command(&status, "{ %s; } 2>&1", command);

	ck_assert_msg(status == 0, "%s: %s", command, text);
	free(text);
}
