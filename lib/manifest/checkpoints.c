/* SPDX-License-Identifier: MIT */
#include "manifest/checkpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

bool checkpoint_interval_is_valid(uint64_t interval)
{
	return interval && interval % CHECKPOINT_UNIT == 0;
}

/* None stands at the end: what is there is the digest. */
uint64_t checkpoint_count(uint64_t length, uint64_t interval)
{
	return length ? (length - 1) / interval : 0;
}

uint64_t checkpoint_interval_for(uint64_t length, uint64_t wanted)
{
	while (checkpoint_count(length, wanted) > CHECKPOINTS_MAX)
		wanted *= 2;
	return wanted;
}

int checkpoints_init(struct ssum_checkpoints *checkpoints, const struct algorithm *algorithm,
		     uint64_t interval)
{
	*checkpoints = (struct ssum_checkpoints){.interval = interval,
						 .value_length = chain_length(algorithm)};
	strcpy(checkpoints->algorithm, algorithm->name);
	if (!checkpoints->value_length)
		return SSUM_ERR_NO_CHECKPOINT;
	return checkpoint_interval_is_valid(interval) ? 0 : SSUM_ERR_OPTIONS;
}

void checkpoints_clear(struct ssum_checkpoints *checkpoints)
{
	free(checkpoints->name);
	free(checkpoints->values);
	*checkpoints = (struct ssum_checkpoints){0};
}

int checkpoints_set_name(struct ssum_checkpoints *checkpoints, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	if (name && !copy)
		return -ENOMEM;
	free(checkpoints->name);
	checkpoints->name = copy;
	return 0;
}

int checkpoints_set(struct ssum_checkpoints *checkpoints, uint64_t offset,
		    const struct ssum_digest *value)
{
	uint64_t index = offset / checkpoints->interval;
	int rc;

	if (!index || offset % checkpoints->interval || index > checkpoints->count + 1 ||
	    index > CHECKPOINTS_MAX || value->length != checkpoints->value_length)
		return SSUM_ERR_NO_CHECKPOINT;
	checkpoints->count = (size_t)index - 1;
	rc = array_reserve(&checkpoints->values, &checkpoints->capacity, (size_t)index,
			   checkpoints->value_length);
	if (rc)
		return rc;
	memcpy(checkpoints->values + checkpoints->count++ * checkpoints->value_length, value->bytes,
	       value->length);
	return 0;
}

void checkpoints_correct(struct ssum_checkpoints *checkpoints, size_t index,
			 const struct ssum_digest *value)
{
	memcpy(checkpoints->values + (index - 1) * checkpoints->value_length, value->bytes,
	       checkpoints->value_length);
}

void checkpoints_finish(struct ssum_checkpoints *checkpoints, uint64_t length,
			const struct ssum_digest *digest)
{
	uint64_t due = checkpoint_count(length, checkpoints->interval);

	checkpoints->count = due <= checkpoints->count ? (size_t)due : 0;
	checkpoints->length = length;
	checkpoints->digest = *digest;
}

void checkpoints_trim(struct ssum_checkpoints *checkpoints, size_t count)
{
	unsigned char *values;

	if (count >= checkpoints->count)
		return;
	checkpoints->count = count;
	if (!count) {
		free(checkpoints->values);
		checkpoints->values = NULL;
		checkpoints->capacity = 0;
		return;
	}
	values = realloc(checkpoints->values, count * checkpoints->value_length);
	if (!values)
		return; /* what there is can stay */
	checkpoints->values = values;
	checkpoints->capacity = count;
}

void checkpoints_value(const struct ssum_checkpoints *checkpoints, size_t index,
		       struct ssum_digest *value)
{
	*value = (struct ssum_digest){.length = checkpoints->value_length};
	memcpy(value->bytes, checkpoints->values + (index - 1) * value->length, value->length);
}

int checkpoints_copy(struct ssum_checkpoints *copy, const struct ssum_checkpoints *checkpoints)
{
	size_t length = checkpoints->count * checkpoints->value_length;
	unsigned char *values = length ? malloc(length) : NULL;

	if (length && !values)
		return -ENOMEM;
	if (length)
		memcpy(values, checkpoints->values, length);
	*copy = *checkpoints;
	copy->name = NULL;
	copy->values = values;
	copy->capacity = copy->count;
	return 0;
}

bool checkpoints_are_of(const struct ssum_checkpoints *checkpoints,
			const struct algorithm *algorithm, const struct ssum_digest *digest)
{
	return !strcmp(checkpoints->algorithm, algorithm->name) &&
	       ssum_digest_equal(&checkpoints->digest, digest);
}
