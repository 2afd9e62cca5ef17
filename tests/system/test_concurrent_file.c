/* SPDX-License-Identifier: MIT */
/*
 * A file that is modified while it is read: before each call by which the library opens, stats or
 * reads it or finds its holes.
 */
#include <string.h>
#include <sys/mman.h>

#include "system/concurrent/reading.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

/* ---- One file is hashed ---- */

static int hash_rc;

static void hash(unsigned call)
{
	struct ssum_digest digest;

	hash_rc = ssum_hash_file(context, "target", "sha1", &digest);
	if (hash_rc != SSUM_ERR_CHANGED) {
		assert_ok(hash_rc);
		state_with(&digest, writer->name, call);
	}
}

/* With three attempts and one change, the result is a digest. */
static void hash_ends(unsigned call)
{
	hash(call);
	assert_ok(hash_rc);
}

/* Fail unless the tried calls include each kind of call of a reading. */
static void assert_trace(void)
{
	const char *opened = strchr(trace, 'o'), *looked = opened ? strchr(opened, 'f') : NULL;
	const char *mapped = looked ? strchr(looked, 'l') : NULL;
	const char *read = mapped ? strchr(mapped, 'r') : NULL, *last = strrchr(trace, 'r');

	ck_assert_msg(read && last > read + 1 && strchr(last, 'f'), "the calls were %s", trace);
	ck_assert_msg(strcspn(read + 1, "r") + 1 < (size_t)(last - read), "only two reads: %s",
		      trace);
}

START_TEST(hash_of_one_file)
{
	unsigned cases;

	enter((size_t)_i);
	new_context(1, 1);
	cases = before_each_call(hash, "target");
	assert_trace();
	ssum_context_free(context);
	new_context(3, 1);
	cases += before_each_call(hash_ends, "target");
	leave();
	tried(17, cases);
	if (writer->is_timestamps)
		tried(19, cases);
	if (strstr(writer->name, "shrink"))
		tried(16, cases);
}
END_TEST

/* The first step changes the file during the first attempt, the other steps during the second one
   or between the two. */
START_TEST(change_between_two_attempts)
{
	unsigned cases = 0, all;

	enter((size_t)_i);
	new_context(2, 1);
	for (unsigned early = 1; early < 8; early += 3) {
		unsigned late = early;

		do {
			begin_reading("target", early, ++late);
			hash(late);
			all = atomic_load(&call_count);
			end_reading();
			cases++;
		} while (late < all);
	}
	leave();
	tried(17, cases);
}
END_TEST

/* ---- Comparison with a content that the file never had ---- */

static uint64_t first_apart(const struct state *a, const struct state *b)
{
	uint64_t i = 0;

	while (i < a->length && i < b->length && a->content[i] == b->content[i])
		i++;
	return i;
}

static void compare(unsigned call)
{
	struct ssum_comparison result = {.size = sizeof(result)};
	int rc = ssum_compare_files(context, "target", "other", &result);
	bool known = false;

	if (rc == SSUM_ERR_CHANGED)
		return;
	if (rc == SSUM_HOLDS) {
		ck_assert_msg(was_ever(&mixed),
			      "%s before call %u of %s: equal to a content that the file never had",
			      writer->name, call, trace);
		return;
	}
	assert_code(rc, SSUM_DIFFERS);
	for (size_t i = 0; i < state_count; i++)
		known |= result.offset == first_apart(&states[i], &mixed) &&
			 was_ever_other_than(&mixed);
	ck_assert_msg(known, "%s before call %u of %s: differs at %llu", writer->name, call, trace,
		      (unsigned long long)result.offset);
}

START_TEST(compare_of_two_files)
{
	unsigned cases;

	enter((size_t)_i);
	write_file("other", mixed.content, mixed.length);
	new_context(1, 2);
	cases = before_each_call(compare, "target");
	leave();
	tried(17, cases);
}
END_TEST

/* ---- Changes that cannot be detected ---- */

static volatile unsigned char *mapped;

static void store(unsigned call)
{
	const char *reads = strchr(trace, 'r');

	if (!reads || strchr(reads + 1, 'r') != trace + call)
		return;
	mapped[TARGET_FIRST] = 'b';
	mapped[TARGET_LAST] ^= 1;
	atomic_store(&has_written, true);
}

/*
 * Stores through a shared mapping into dirty pages change no timestamp. So the result is the digest
 * of a content that never existed, as include/sparsesum.h says. If this test fails one day with
 * SSUM_ERR_CHANGED, the kernel detects such stores; then remove that warning.
 */
START_TEST(store_through_a_mapping_is_not_detected)
{
	struct ssum_digest digest;

	if (!getenv("TEST_TMPFS"))
		skip("no tmpfs, where pages are never clean");
	enter(5);
	new_context(1, 1);
	begin_reading("target", CALLS_MAX, 0);
	mapped = mmap(NULL, TARGET_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, target_fd, 0);
	ck_assert(mapped != MAP_FAILED);
	mapped[TARGET_FIRST] = 'a';
	mapped[TARGET_LAST] ^= 0; /* dirty from now on */
	before_call = store;
	assert_ok(ssum_hash_file(context, "target", "sha1", &digest));
	ck_assert(end_reading());
	unsigned char *hashed = malloc(TARGET_SIZE);
	memcpy(hashed, target_content, TARGET_SIZE);
	hashed[TARGET_LAST] ^= 1;
	assert_digest_eq(digest, oracle_of_bytes("sha1", hashed, TARGET_SIZE));
	free(hashed);
	munmap((void *)mapped, TARGET_SIZE);
	leave();
	tried(18, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{hash_of_one_file, WRITERS},
		{change_between_two_attempts, WRITERS},
		{compare_of_two_files, WRITERS},
		{store_through_a_mapping_is_not_detected, 0},
	};

	return run_suite("concurrent_file", tests, ARRAY_SIZE(tests));
}
