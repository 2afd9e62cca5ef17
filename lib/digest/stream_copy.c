/* SPDX-License-Identifier: MIT */
/* Copies of a stream: what it would come to if it ended here, or went on in another way. */
#include <errno.h>

#include "digest/stream.h"

int stream_copy(struct ssum_stream *copy, const struct ssum_stream *stream)
{
	*copy = *stream;
	if (!stream->evp)
		return 0;
	copy->evp = EVP_MD_CTX_new();
	if (!copy->evp)
		return -ENOMEM;
	if (!EVP_MD_CTX_copy_ex(copy->evp, stream->evp)) {
		stream_clear(copy);
		return SSUM_ERR_CRYPTO;
	}
	return 0;
}

int stream_peek(const struct ssum_stream *stream, struct ssum_digest *digest)
{
	struct ssum_stream copy;
	int rc = stream_copy(&copy, stream);

	if (!rc)
		rc = ssum_stream_final(&copy, digest);
	stream_clear(&copy);
	return rc;
}
