/* SPDX-License-Identifier: MIT */
/* One job alone: the pool for those who have nothing else to run. */
#ifndef OPS_SINGLE_H
#define OPS_SINGLE_H

#include "ops/operation.h"

/* Run one job, whose span holds that many files open, to its end. Its result, or a code of the
   pool. */
int run_single(struct operation *operation, struct job *job, unsigned files);

#endif
