/* SPDX-License-Identifier: MIT */
#include "engine/second_reading.h"

#include <errno.h>
#include <stdlib.h>

#define BUFFER_LENGTH (128 * KIB)

int second_reading_begin(struct second_reading *reading, const struct source *source,
			 uint64_t start)
{
	*reading = (struct second_reading){.start = start};
	return source->is_unsettled ? ssum_stream_new("sha256", &reading->first) : 0;
}

int second_reading_add(struct second_reading *reading, const unsigned char *data, uint64_t length)
{
	if (!reading->first)
		return 0;
	reading->length += length;
	return data ? ssum_stream_update(reading->first, data, length)
		    : ssum_stream_zeros(reading->first, length);
}

int second_reading_compare(struct second_reading *reading, struct source *source,
			   const struct waiter *waiter)
{
	uint64_t offset = reading->start, end = offset + reading->length;
	struct ssum_stream *second = NULL;
	struct ssum_digest first_digest, second_digest;
	unsigned char *buffer;
	int rc;

	if (!reading->first)
		return 0;
	buffer = malloc(BUFFER_LENGTH);
	rc = buffer ? ssum_stream_new("sha256", &second) : -ENOMEM;
	if (source->ops->forget)
		source->ops->forget(source);
	/* Holes are read too: their place may have changed. */
	while (!rc && offset < end) {
		size_t length = (size_t)min_u64(end - offset, BUFFER_LENGTH);

		rc = source_read(source, buffer, length, offset);
		if (!rc)
			rc = ssum_stream_update(second, buffer, length);
		if (!rc)
			rc = waiter->pause(waiter->user);
		offset += length;
	}
	if (!rc)
		rc = ssum_stream_final(reading->first, &first_digest);
	if (!rc)
		rc = ssum_stream_final(second, &second_digest);
	if (!rc && !ssum_digest_equal(&first_digest, &second_digest))
		rc = SSUM_ERR_CHANGED;
	if (rc == SSUM_ERR_CHANGED)
		source->changes |= SSUM_CHANGE_CONTENT;
	ssum_stream_free(second);
	free(buffer);
	return rc;
}

void second_reading_end(struct second_reading *reading)
{
	ssum_stream_free(reading->first);
	*reading = (struct second_reading){.first = NULL};
}
