/* SPDX-License-Identifier: MIT */
/* A scratch directory to be in, for tests that name files as a user does and run commands on them.
 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

/* A new empty directory becomes the current one, which anybody may enter: on whatever holds
   temporary files, or on the tmpfs of the tests where there is one. */
void scratch_enter(void);
void scratch_enter_tmpfs(void);

/* Go elsewhere, and remove it with all that is in it. */
void scratch_leave(void);

/* Run a command. Fails the test, with what was printed, if that does. */
void shell(const char *command);

#endif
