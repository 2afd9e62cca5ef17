/* SPDX-License-Identifier: MIT */
#include "engine/differences.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* What to compare with at an index, for no more than DIFFERENCES_GAP bytes. */
static const unsigned char *other_at(const unsigned char *b, size_t index)
{
	static const unsigned char zeros[DIFFERENCES_GAP];

	return b ? b + index : zeros;
}

/* The index after the last byte of a block that differs, by halves: memcmp() is faster than any
   loop over bytes. 0 if none does. */
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

size_t first_difference(const unsigned char *a, const unsigned char *b, size_t length)
{
	for (size_t i = 0; i < length; i += DIFFERENCES_GAP) {
		size_t begin = 0, end = (size_t)min_u64(length - i, DIFFERENCES_GAP);
		const unsigned char *other = other_at(b, i);

		if (!memcmp(a + i, other, end))
			continue;
		/* By halves, as above. */
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

/* Where the range ends that begins at an index. Each step goes to the last difference that is near
   enough to belong to the range, so where everything differs one byte of each block is compared. */
static size_t difference_end(const unsigned char *a, const unsigned char *b, size_t begin,
			     size_t length)
{
	size_t end = begin + 1, more;

	do {
		size_t reach = (size_t)min_u64(length - end, DIFFERENCES_GAP);

		more = last_difference_end(a + end, other_at(b, end), reach);
		end += more;
	} while (more);
	return end;
}

int differences_find(struct differences *differences, const unsigned char *a,
		     const unsigned char *b, size_t length, uint64_t offset)
{
	size_t end = 0;
	int rc = 0;

	while (!rc) {
		size_t begin = end + first_difference(a + end, b ? b + end : NULL, length - end);

		if (begin == length)
			break;
		end = difference_end(a, b, begin, length);
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
