/* SPDX-License-Identifier: MIT */
/* An array keeps its elements when it grows, and refuses sizes that overflow. */
#include <errno.h>

#include "base/bytes.h"
#include "support/suite.h"

START_TEST(growing_keeps_the_elements)
{
	uint64_t *items = NULL;
	size_t capacity = 0, grown = 0;

	for (size_t i = 0; i < 100000; i++) {
		size_t before = capacity;

		assert_ok(array_reserve(&items, &capacity, i + 1, sizeof(*items)));
		ck_assert_uint_gt(capacity, i);
		grown += capacity != before;
		items[i] = i * i;
	}
	for (size_t i = 0; i < 100000; i++)
		ck_assert_uint_eq(items[i], i * i);
	ck_assert_uint_lt(grown, 20);
	assert_ok(array_reserve(&items, &capacity, 1000000, sizeof(*items)));
	ck_assert_uint_ge(capacity, 1000000);
	free(items);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
	static const struct {
		size_t count, size;
	} much[] = {
		{SIZE_MAX, 1},         {SIZE_MAX, 24},          {SIZE_MAX / 24 + 1, 24},
		{SIZE_MAX / 8 + 2, 8}, {SIZE_MAX / 2 + 2, 1},   {SIZE_MAX / 48 + 1, 24},
		{SIZE_MAX / 3 + 1, 3}, {SIZE_MAX / 64 + 1, 64},
	};
	uint64_t *items = NULL;
	size_t capacity = 0;

	assert_ok(array_reserve(&items, &capacity, 3, sizeof(*items)));
	size_t before = capacity;
	uint64_t *there = items;
	items[2] = 7;
	for (size_t i = 0; i < ARRAY_SIZE(much); i++) {
		assert_code(array_reserve(&items, &capacity, much[i].count, much[i].size), -ENOMEM);
		ck_assert_uint_eq(capacity, before);
		ck_assert_ptr_eq(items, there);
	}
	ck_assert_uint_eq(items[2], 7);
	free(items);
	tried(33, ARRAY_SIZE(much));
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{growing_keeps_the_elements, 0},
		{impossible_sizes_are_refused, 0},
	};

	return run_suite("array", tests, ARRAY_SIZE(tests));
}
