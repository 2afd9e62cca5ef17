/* SPDX-License-Identifier: MIT */
/* Functions for streams. Every failure fails the test. */
#ifndef SUPPORT_STREAMS_H
#define SUPPORT_STREAMS_H

#include "sparsesum.h"

/* Create a stream; return its digest and free it. */
struct ssum_stream *new_stream(const char *algorithm);
struct ssum_digest finish_stream(struct ssum_stream *stream);

#endif
