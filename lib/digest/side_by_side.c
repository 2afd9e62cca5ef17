/* SPDX-License-Identifier: MIT */
#include "digest/side_by_side.h"

#include "digest/compress.h"

static const unsigned char zeros[SIDE_BY_SIDE_ZEROS];

static bool all_are_zeros(const unsigned char *const data[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (data[i])
			return false;
	return true;
}

static void advance_chains(struct ssum_stream *const streams[], const unsigned char *const data[],
			   unsigned count, uint64_t length)
{
	const struct algorithm *algorithm = streams[0]->algorithm;
	size_t blocks = (size_t)(length / algorithm->block_length);
	union chain *chains[LANES_MAX];
	const unsigned char *inputs[LANES_MAX];

	for (unsigned i = 0; i < count; i++) {
		chains[i] = &streams[i]->chain;
		inputs[i] = data[i] ? data[i] : zeros;
		streams[i]->length += length;
	}
	if (all_are_zeros(data, count))
		compress_zeros(algorithm, chains, count, blocks);
	else
		compress(algorithm, chains, inputs, count, blocks);
}

int side_by_side_update(struct ssum_stream *const streams[], const unsigned char *const data[],
			unsigned count, uint64_t length)
{
	int rc = 0;

	if (streams[0]->algorithm->family) {
		advance_chains(streams, data, count, length);
		return 0;
	}
	for (unsigned i = 0; i < count && !rc; i++)
		rc = data[i] ? ssum_stream_update(streams[i], data[i], (size_t)length)
			     : ssum_stream_zeros(streams[i], length);
	return rc;
}
