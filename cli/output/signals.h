/* SPDX-License-Identifier: MIT */
/* Interruption. */
#ifndef CLI_OUTPUT_SIGNALS_H
#define CLI_OUTPUT_SIGNALS_H

#include <stdbool.h>

#include "sparsesum.h"

void signals_catch(struct ssum_context *context, bool streams);
void signals_release(void);
bool signals_stopped(int code, const char *outcome);

#endif
