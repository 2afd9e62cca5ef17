/* SPDX-License-Identifier: MIT */
/* How far the work has come. */
#ifndef CLI_BASE_PROGRESS_H
#define CLI_BASE_PROGRESS_H

#include <stdbool.h>

#include "sparsesum.h"

enum progress { PROGRESS_NEVER, PROGRESS_ON_TERMINALS, PROGRESS_ALWAYS };

/* Silent: nor is a word said of work that is going to be long. */
void progress_setup(enum progress progress, bool silent);
void progress_begin(void);
void progress_wipe(void);
int progress_tick(void *user, const struct ssum_progress *progress);

#endif
