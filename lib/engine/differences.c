/* SPDX-License-Identifier: MIT */
#include "engine/differences.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Zeros to compare a block with if the second content is NULL. */
static const unsigned char difference_zeros[DIFFERENCES_GAP];

size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length)
{
	for (size_t i = 0; i < length; i += DIFFERENCES_GAP) {
		size_t begin = 0, end = (size_t)min_u64(length - i, DIFFERENCES_GAP);
		const unsigned char *other = b ? b + i : difference_zeros;

		if (!memcmp(a + i, other, end))
			continue;
		/* Bisect the block: memcmp() is faster than a loop over bytes. */
		while (end - begin > 1) {
			size_t half = (end - begin) / 2;

			if (memcmp(a + i + begin, other + begin, half))
				end = begin + half;
			else
				begin += half;
		}
		return i + begin;
	}
	return length;
}

/* The index after the last byte of a block that differs; 0 if none does. Bisects the block, like
   first_difference(). */
static size_t last_difference_end(const unsigned char *a, const unsigned char *b, size_t length)
{
	size_t begin = 0;

	if (!memcmp(a, b, length))
		return 0;
	while (length - begin > 1) {
		size_t middle = begin + (length - begin) / 2;

		if (memcmp(a + middle, b + middle, length - middle))
			begin = middle;
		else
			length = middle;
	}
	return length;
}

int differences_find(struct differences *differences, const unsigned char *a,
		     const unsigned char *b, size_t length, uint64_t offset)
{
	size_t begin, end = 0, more;
	int rc = 0;

	while (!rc && end < length) {
		begin = end + first_difference(a + end, b ? b + end : NULL, length - end);
		if (begin == length)
			break;
		/* The range grows to the last difference within the gap, until there is none. Where
		   all bytes differ, this compares only one byte of each block. */
		end = begin + 1;
		do {
			size_t reach = (size_t)min_u64(length - end, DIFFERENCES_GAP);

			more = last_difference_end(a + end, b ? b + end : difference_zeros, reach);
			end += more;
		} while (more);
		rc = differences_add(differences,
				     &(struct ssum_range){offset + begin, end - begin});
	}
	return rc;
}

int differences_add(struct differences *differences, const struct ssum_range *range)
{
	if (differences->count) {
		struct ssum_range *last = &differences->ranges[differences->count - 1];

		if (range->offset - (last->offset + last->length) < DIFFERENCES_GAP) {
			last->length = range->offset + range->length - last->offset;
			return 0;
		}
	}
	int rc = array_reserve(&differences->ranges, &differences->capacity, differences->count + 1,
			       sizeof(*range));
	if (!rc)
		differences->ranges[differences->count++] = *range;
	return rc;
}

void differences_free(struct differences *differences)
{
	free(differences->ranges);
	*differences = (struct differences){0};
}
