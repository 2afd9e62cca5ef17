/* SPDX-License-Identifier: MIT */
/* Streams that have to work. */
#ifndef SUPPORT_STREAMS_H
#define SUPPORT_STREAMS_H

#include "sparsesum.h"

/* A new stream; and its digest, with which it is freed. Each fails the test if it cannot. */
struct ssum_stream *new_stream(const char *algorithm);
struct ssum_digest finish_stream(struct ssum_stream *stream);

#endif
