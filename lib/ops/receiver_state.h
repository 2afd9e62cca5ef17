/* SPDX-License-Identifier: MIT */
/* What saving a receiver's state and loading it have in common. */
#ifndef OPS_RECEIVER_STATE_H
#define OPS_RECEIVER_STATE_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "ops/receiver.h"

/* The first line and the last one. */
#define STATE_MAGIC "sparsesum-receiver 1\n"
#define STATE_END "end\n"

/* Append the lines that have to be these very ones when the state is loaded. 0 or a code. */
int state_append_head(const struct ssum_receiver *receiver, struct bytes *text);

/* Append the line that tells whether the file is as it was when the state was saved. 0 or -ENOMEM.
 */
int state_append_identity(struct bytes *text, const struct stat *st);

#endif
