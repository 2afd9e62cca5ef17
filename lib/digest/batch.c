/* SPDX-License-Identifier: MIT */
#include "digest/batch.h"

#include "digest/compress.h"

/* Where only some of the streams take zeros, these come from here, and the batch advances no
   further at once. */
static const unsigned char batch_zeros[16 * KIB];

void batch_add(struct batch *batch, struct ssum_stream *stream, const unsigned char *data)
{
	batch->streams[batch->count] = stream;
	batch->data[batch->count++] = data;
	batch->zeros += !data;
}

int batch_advance(struct batch *batch, uint64_t length)
{
	const struct algorithm *algorithm = batch->streams[0]->algorithm;
	uint64_t whole = algorithm->family ? length - length % BATCH_UNIT : 0;
	bool is_mixed = batch->zeros && batch->zeros < batch->count;
	union chain *chains[LANES_MAX];
	int rc = 0;

	for (unsigned i = 0; i < batch->count; i++) {
		chains[i] = &batch->streams[i]->chain;
		batch->streams[i]->length += whole;
	}
	if (whole && batch->zeros == batch->count)
		compress_zeros(algorithm, chains, batch->count,
			       (size_t)(whole / algorithm->block_length));
	for (uint64_t done = 0, step; batch->zeros < batch->count && done < whole; done += step) {
		const unsigned char *data[LANES_MAX];

		step = is_mixed ? min_u64(whole - done, sizeof(batch_zeros)) : whole;
		for (unsigned i = 0; i < batch->count; i++)
			data[i] = batch->data[i] ? batch->data[i] + done : batch_zeros;
		compress_blocks(algorithm, chains, data, batch->count,
				(size_t)(step / algorithm->block_length));
	}

	/* What is left; and algorithms without kernels. */
	for (unsigned i = 0; i < batch->count && whole < length && !rc; i++)
		rc = batch->data[i] ? ssum_stream_update(batch->streams[i], batch->data[i] + whole,
							 (size_t)(length - whole))
				    : ssum_stream_zeros(batch->streams[i], length - whole);
	return rc;
}
