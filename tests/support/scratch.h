/* SPDX-License-Identifier: MIT */
/* A scratch directory as the current directory, for tests that use relative names and commands. */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

/* Make a new empty directory, with permissions for all users, and change to it: on the file system
   of temporary files, or on the tmpfs of the tests if available. */
void scratch_enter(void);
void scratch_enter_tmpfs(void);

/* Leave the directory, and remove it with its content. */
void scratch_leave(void);

/* Run a shell command. If it fails, the test fails and prints the output. */
void shell(const char *command);

#endif
