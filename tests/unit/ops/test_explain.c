/* SPDX-License-Identifier: MIT */
/* Explanations, for variants of a content that this test makes byte by byte and hashes with
   libcrypto. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "digest/digest.h"
#include "ops/explain.h"
#include "support/files.h"
#include "support/memory_source.h"
#include "support/oracle.h"
#include "support/suite.h"
#include "sparsesum/package.h"

/* ---- A source with any map of extents ---- */

#define CONTENT_MAX (1200 * 1024)

struct fake {
	struct memory_source memory;
	struct source_ops ops;
	unsigned char *content;
	bool *is_data; /* one for each byte */
	size_t length;
};

static struct ssum_extent fake_extent_at(struct source *source, uint64_t offset)
{
	const struct fake *fake = container_of(source, struct fake, memory.source);
	size_t end = offset;

	while (end < fake->length && fake->is_data[end] == fake->is_data[offset])
		end++;
	return (struct ssum_extent){offset, end - offset,
				    fake->is_data[offset] ? SSUM_DATA : SSUM_HOLE};
}

static void fake_new(struct fake *fake, size_t length)
{
	*fake = (struct fake){.ops = memory_source_ops, .length = length};
	fake->content = calloc(1, length + 1);
	fake->is_data = calloc(length + 1, sizeof(bool));
	ck_assert(fake->content && fake->is_data);
	fake->memory = memory_source_of(fake->content, length);
	fake->memory.source.ops = &fake->ops;
	fake->ops.extent_at = fake_extent_at;
}

static void fake_free(struct fake *fake)
{
	free(fake->content);
	free(fake->is_data);
}

/* Data and holes, from a few bytes to several units long; unaligned if `odd`. */
static void make_map(struct fake *fake, uint64_t seed, bool odd)
{
	bool data = next_random(&seed) % 2;
	size_t at = 0;

	while (at < fake->length) {
		size_t length = 1 + next_random(&seed) % (UINT64_C(1) << (next_random(&seed) % 19));

		if (!odd)
			length = (length + 511) / 512 * 512;
		if (length > fake->length - at)
			length = fake->length - at;
		memset(fake->is_data + at, data, length);
		if (data)
			fill_random(fake->content + at, length, &seed);
		at += length;
		data = !data;
	}
}

static void fake_random(struct fake *fake, uint64_t *seed, bool odd)
{
	fake_new(fake, 1 + next_random(seed) % CONTENT_MAX);
	make_map(fake, *seed, odd);
}

/* Explain the source with a policy. */
static int run_policy(struct fake *fake, const char *algorithm, const struct ssum_digest *digest,
		      const struct ssum_checkpoints *checkpoints, enum ssum_holes holes,
		      struct ssum_explanation *explanation)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = holes};
	struct explain_job explain = {.job.path = "fake"};
	struct ssum_context *context;
	struct operation operation;
	int rc;

	assert_ok(ssum_context_new(&options, &context));
	operation_begin(&operation, context, NULL, NULL);
	assert_ok(explain_job_init(&explain, algorithm, digest, checkpoints));
	explain.job.span.source = &fake->memory.source;
	explain.file.map.ask = true;
	rc = operation_run_job(&operation, &explain.job);
	explain_job_done(&explain);
	*explanation = explain.sink.explanation;
	explain_job_clear(&explain);
	operation_end(&operation, 0, NULL, NULL);
	ssum_context_free(context);
	return rc;
}

static void run(struct fake *fake, const char *algorithm, const struct ssum_digest *digest,
		struct ssum_explanation *explanation)
{
	assert_ok(run_policy(fake, algorithm, digest, NULL, SSUM_HOLES_TRUST, explanation));
	assert_digest_eq(explanation->found,
			 oracle_of_bytes(algorithm, fake->content, fake->length));
}

static bool fits(const struct ssum_explanation *explanation, enum ssum_cause cause)
{
	return explanation->fits >> cause & 1;
}

/* ---- Allocated data, block by block ---- */

/* The blocks that are kept when extents are rounded outward: each that contains a byte of data. */
static void keep_blocks(const struct fake *fake, size_t unit, bool *kept)
{
	for (size_t begin = 0; begin < fake->length; begin += unit) {
		size_t end = begin + unit < fake->length ? begin + unit : fake->length;
		bool any = memchr(fake->is_data + begin, true, end - begin) != NULL;

		memset(kept + begin, any, end - begin);
	}
}

static void keep_short_holes(const struct fake *fake, size_t shortest, bool *kept)
{
	for (size_t begin = 0, end; begin < fake->length; begin = end) {
		for (end = begin; end < fake->length && fake->is_data[end] == fake->is_data[begin];)
			end++;
		memset(kept + begin, fake->is_data[begin] || end - begin < shortest, end - begin);
	}
}

/* The digest and the length of the kept blocks, concatenated. */
static struct ssum_digest digest_of_kept(const struct fake *fake, const bool *kept,
					 const char *algorithm, size_t *length)
{
	unsigned char *bytes = malloc(fake->length + 1);
	struct ssum_digest digest;

	*length = 0;
	for (size_t i = 0; i < fake->length; i++)
		if (kept[i])
			bytes[(*length)++] = fake->content[i];
	digest = oracle_of_bytes(algorithm, bytes, *length);
	free(bytes);
	return digest;
}

static const struct {
	size_t unit; /* 0: short holes are read as zeros */
	const char *detail;
} allocations[] = {
	{1, "each extent exactly"},
	{0, "holes below 64 KiB as zeros"},
	{512, "extents rounded to 512 bytes"},
	{4096, "extents rounded to 4096 bytes"},
	{65536, "extents rounded to 64 KiB"},
};

static const enum ssum_holes policies[] = {SSUM_HOLES_TRUST, SSUM_HOLES_VERIFY};

#define SEEDS 40

START_TEST(allocated_data_of_any_map)
{
	const char *const names[] = {"sha1", "sha256", "sha512", "md5"};
	const char *algorithm = names[_i % 4];
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct ssum_explanation explanation;
	struct fake fake;

	fake_random(&fake, &seed, _i % 2);
	bool *kept = calloc(fake.length, sizeof(bool));
	for (size_t i = 0; i < ARRAY_SIZE(allocations); i++) {
		if (allocations[i].unit)
			keep_blocks(&fake, allocations[i].unit, kept);
		else
			keep_short_holes(&fake, 65536, kept);
		size_t length;
		struct ssum_digest digest = digest_of_kept(&fake, kept, algorithm, &length);

		assert_ok(
			run_policy(&fake, algorithm, &digest, NULL, policies[i % 2], &explanation));
		ck_assert_msg(fits(&explanation, length == fake.length ? SSUM_CAUSE_MATCHES
								       : SSUM_CAUSE_ALLOCATED),
			      "seed %" PRIu64 ", %s: %s", seed, allocations[i].detail,
			      ssum_cause_name(explanation.cause));
		if (explanation.cause == SSUM_CAUSE_ALLOCATED)
			ck_assert_uint_eq(explanation.count, fake.length - length);
	}
	free(kept);
	fake_free(&fake);
}
END_TEST

/* Zeros in holes and within data, so that the pieces that are read do not end at block
   boundaries. */
START_TEST(omitted_zero_blocks)
{
	const size_t unit = _i % 2 ? 4096 : 65536;
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct ssum_explanation explanation;
	struct fake fake;

	fake_random(&fake, &seed, _i % 3);
	for (int i = 0; i < 20; i++) {
		size_t at = next_random(&seed) % fake.length, length = next_random(&seed) % 100000;

		memset(fake.content + at, 0, length < fake.length - at ? length : fake.length - at);
	}
	if (_i % 5)
		memset(fake.is_data, true, fake.length);
	bool *kept = calloc(fake.length, sizeof(bool));
	for (size_t begin = 0; begin < fake.length; begin += unit) {
		size_t end = begin + unit < fake.length ? begin + unit : fake.length;

		memset(kept + begin, !bytes_are_zero(fake.content + begin, end - begin),
		       end - begin);
	}
	size_t length;
	struct ssum_digest digest = digest_of_kept(&fake, kept, "sha1", &length);
	run(&fake, "sha1", &digest, &explanation);
	/* If all zeros are at the end, the cause is a different one. */
	ck_assert_msg(explanation.cause == SSUM_CAUSE_ZERO_BLOCKS ||
			      (explanation.cause != SSUM_CAUSE_UNKNOWN &&
			       explanation.cause < SSUM_CAUSE_ZERO_BLOCKS),
		      "seed %" PRIu64 ": %s", seed, ssum_cause_name(explanation.cause));
	if (explanation.cause == SSUM_CAUSE_ZERO_BLOCKS)
		ck_assert_uint_eq(explanation.count, fake.length - length);
	free(kept);
	fake_free(&fake);
}
END_TEST

/* The digest fits no variant, because one bit was flipped after it was computed. */
START_TEST(random_damage_has_no_cause)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	struct ssum_explanation explanation;
	struct ssum_digest digest;
	struct fake fake;

	fake_random(&fake, &seed, _i % 2);
	size_t at = next_random(&seed) % fake.length;
	digest = oracle_of_bytes("sha1", fake.content, fake.length);
	fake.is_data[at] = true;
	fake.content[at] ^= 1 << next_random(&seed) % 8;
	run(&fake, "sha1", &digest, &explanation);
	/* The changed byte may be the last one before zeros. */
	bool only_zeros_after = true;
	for (size_t i = at; i < fake.length; i++)
		only_zeros_after = only_zeros_after && !(fake.content[i] && i > at);
	if (!only_zeros_after)
		ck_assert_msg(explanation.cause == SSUM_CAUSE_UNKNOWN && !explanation.fits &&
				      explanation.intact == -1,
			      "seed %" PRIu64 ": %s", seed, ssum_cause_name(explanation.cause));
	fake_free(&fake);
}
END_TEST

/* ---- Zeros at the end, and padding ---- */

START_TEST(zeros_at_the_end)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t data = 1 + next_random(&seed) % 100000, zeros = 1 + next_random(&seed) % 1000000;
	struct ssum_explanation explanation;
	struct fake fake;

	fake_new(&fake, data + zeros);
	memset(fake.is_data, true, fake.length);
	fill_random(fake.content, data, &seed);
	fake.content[data - 1] = 1;
	for (int i = 0; i < 8; i++) {
		size_t end = i ? (data + next_random(&seed) % zeros + 511) / 512 * 512 : data;
		struct ssum_digest digest = oracle_of_bytes("sha1", fake.content, end);

		if (end >= fake.length)
			continue;
		run(&fake, "sha1", &digest, &explanation);
		ck_assert_msg(explanation.cause == SSUM_CAUSE_ZEROS_DROPPED &&
				      explanation.offset == end &&
				      explanation.count == fake.length - end,
			      "seed %" PRIu64 ", end %zu: %s", seed, end,
			      ssum_cause_name(explanation.cause));
	}
	fake_free(&fake);
}
END_TEST

START_TEST(zeros_appended_or_cut)
{
	const size_t units[] = {512, 4096, 65536, 1048576};
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t unit = units[_i % 4], length = 1 + next_random(&seed) % 600000;
	size_t padded = (length + unit - 1) / unit * unit;
	struct ssum_explanation explanation;
	struct fake fake;

	fake_new(&fake, padded + 1);
	fill_random(fake.content, length, &seed);
	memset(fake.is_data, true, padded);
	fake.length = fake.memory.source.size = length;
	struct ssum_digest digest = oracle_of_bytes("sha256", fake.content, padded);
	run(&fake, "sha256", &digest, &explanation);
	ck_assert_int_eq(explanation.cause,
			 padded == length ? SSUM_CAUSE_MATCHES : SSUM_CAUSE_PADDED);
	ck_assert_uint_eq(explanation.count, padded - length);
	fake_free(&fake);
}
END_TEST

/* ---- Text ---- */

/* Convert byte by byte a content that is mostly line ends. */
static size_t convert(const unsigned char *from, size_t length, int how, unsigned char *to)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		bool cr_before = i && from[i - 1] == '\r';

		if (how == 0 && from[i] == '\r' && i + 1 < length && from[i + 1] == '\n')
			continue;
		if (from[i] == '\n' && (how == 1 ? !cr_before : how == 2))
			to[count++] = '\r';
		to[count++] = from[i];
	}
	return count;
}

START_TEST(converted_line_ends)
{
	uint64_t seed = test_seed() + (uint64_t)_i;
	size_t length = 1 + next_random(&seed) % 300000;
	struct ssum_explanation explanation;
	struct fake fake;

	fake_new(&fake, length);
	memset(fake.is_data, true, length);
	for (size_t i = 0; i < length; i++)
		fake.content[i] = "\r\nab\r\n\r\r"[next_random(&seed) % (_i % 2 ? 8 : 3)];
	unsigned char *converted = malloc(2 * length);
	for (int how = 0; how < 3; how++) {
		size_t count = convert(fake.content, length, how, converted);
		struct ssum_digest digest = oracle_of_bytes("sha1", converted, count);

		run(&fake, "sha1", &digest, &explanation);
		ck_assert_msg(explanation.cause == (count == length ? SSUM_CAUSE_MATCHES
								    : SSUM_CAUSE_LINE_ENDINGS),
			      "seed %" PRIu64 ", %d: %s", seed, how,
			      ssum_cause_name(explanation.cause));
	}
	free(converted);
	fake_free(&fake);
}
END_TEST

/* ---- Digests ---- */

START_TEST(notations_of_the_digest)
{
	static const struct {
		const char *text, *spelling;
	} rows[] = {
		{"00ff10", NULL},
		{"00FF10", "in upper case"},
		{"00:ff:10", "with colons"},
		{"00 ff 10", "with spaces"},
		{"  00ff10\n", NULL},
		{"00-FF-10", "with dashes"},
		{"0x00ff10", "with 0x before it"},
		{"AP8Q", "in base64"},
	};
	const unsigned char bytes[] = {0x00, 0xff, 0x10};
	static const char *const refused[] = {"", " ", "0x", "0", "xyz!", "=", "AP8Q=x", "::"};
	struct digest_text read;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_ok(digest_read(rows[i].text, &read));
		ck_assert_uint_eq(read.digest.length, sizeof(bytes));
		ck_assert_mem_eq(read.digest.bytes, bytes, sizeof(bytes));
		ck_assert_pstr_eq(read.spelling, rows[i].spelling);
		ck_assert_str_eq(read.algorithm, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_code(digest_read(refused[i], &read), SSUM_ERR_MALFORMED);
	char *longest = calloc(1, 1000000);
	for (size_t length = 1; length < 1000000; length = length * 2 + 1) {
		memset(longest, 'a', length);
		assert_code(digest_read(longest, &read), SSUM_ERR_MALFORMED);
	}
	free(longest);
}
END_TEST

/* The digests of "hello\n": of sha1sum, sha256sum, openssl base64 and base32(1). */
#define SHA1_HEX "f572d396fae9206628714fb2ce00f72e94f2258f"
#define SHA1_BASE32 "6VZNHFX25EQGMKDRJ6ZM4AHXF2KPEJMP"
#define SHA256_HEX "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define SHA256_BASE64 "WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM="

START_TEST(spellings_with_a_name)
{
	static const struct {
		const char *text, *algorithm;
		int code;
	} rows[] = {
		{"sha256:" SHA256_HEX, "sha256", 0},
		{"SHA-256:" SHA256_HEX, "sha256", 0},
		{"sha2-256:" SHA256_HEX, "sha256", 0},
		{"sha256=" SHA256_HEX, "sha256", 0},
		{"sha256-" SHA256_BASE64, "sha256", 0},
		{"sha256-" SHA256_BASE64 "?ct=text/plain", "sha256", 0},
		{"sha-256=" SHA256_BASE64, "sha256", 0},
		{"sha-256=:" SHA256_BASE64 ":", "sha256", 0},
		{"sha256=WJG1tSLV3whtD_CxEPvZ0hu0_HFjrzTQgoai6Eb2vgM", "sha256", 0},
		{"{SHA256}" SHA256_BASE64, "sha256", 0},
		{"sha1:" SHA1_BASE32, "sha1", 0},
		{"urn:sha1:" SHA1_BASE32, "sha1", 0},
		{"sha3-256:" SHA256_HEX, "sha3-256", 0},
		{"sha512-256-" SHA256_BASE64, "sha512-256", 0},
		{"blake2s-256:" SHA256_HEX, "blake2s-256", 0},
		{SHA256_HEX "  f", "", 0},
		{SHA256_HEX "  abcd", "", 0},
		{SHA256_HEX " *a b", "", 0},
		{"\\" SHA256_HEX "  a\\nb", "", 0},
		{"SHA256 (f) = " SHA256_HEX, "sha256", 0},
		{"SHA256(f)= " SHA256_HEX, "sha256", 0},
		{"SHA2-256(f (1).iso)= " SHA256_HEX, "sha256", 0},
		{"SHA2-512/256(f)= " SHA256_HEX, "sha512-256", 0},
		{"SHA256 (f) = " SHA256_BASE64 "\r\n", "sha256", 0},
		{"blake3:" SHA256_HEX, "blake3", SSUM_ERR_ALGORITHM},
		{"BLAKE3 (f) = " SHA256_HEX, "BLAKE3", SSUM_ERR_ALGORITHM},
		{"HMAC-SHA2-256(f)= " SHA256_HEX, "HMAC-SHA2-256", SSUM_ERR_ALGORITHM},
		{"sha1:" SHA256_HEX, NULL, SSUM_ERR_MALFORMED},
		{"sha256-", NULL, SSUM_ERR_MALFORMED},
		{"sha256:" SHA256_HEX "0", NULL, SSUM_ERR_MALFORMED},
		{"sha256:sdahlvhv2jsiaxlnrwrhlzqzvk0rjxmgqxwrwyqs8pd6akpvcp1s", NULL,
		 SSUM_ERR_MALFORMED}, /* base32 of Nix */
		{"SHA256 (f) " SHA256_HEX, NULL, SSUM_ERR_MALFORMED},
		{SHA256_HEX "x  f", NULL, SSUM_ERR_MALFORMED},
		/* Mistyped hexadecimal digits with a length of base64: SHA-384, SHA-256, SHA-1. */
		{"5891b5b522d5df086d0ff0b11Ofbd9d21bb4fc7163af34d08286a2e846f6be03", NULL,
		 SSUM_ERR_MALFORMED},
		{"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163a", NULL, SSUM_ERR_MALFORMED},
		{"F572D396FAE9206628714FB2CE0", NULL, SSUM_ERR_MALFORMED},
	};
	struct ssum_digest digest;
	struct digest_text read;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int code = digest_read(rows[i].text, &read);

		ck_assert_msg(code == rows[i].code, "%s: %s", rows[i].text, ssum_strerror(code));
		if (rows[i].algorithm)
			ck_assert_str_eq(read.algorithm, rows[i].algorithm);
		if (code)
			continue;
		assert_ok(ssum_digest_parse(strcmp(read.algorithm, "sha1") ? SHA256_HEX : SHA1_HEX,
					    &digest));
		assert_digest_eq(read.digest, digest);
		ck_assert_ptr_nonnull(read.spelling);
	}
}
END_TEST

/* ---- Results without a verdict ---- */

START_TEST(error_codes)
{
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	struct ssum_explanation old = {.size = offsetof(struct ssum_explanation, found)};
	const char *digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
	char *directory = scratch_here(), *path = path_in(directory, "file");
	struct ssum_context *context;

	write_text(path, "abc");
	assert_code(ssum_explain_file(NULL, "/nowhere", NULL, digest, NULL, &explanation), -ENOENT);
	assert_code(ssum_explain_file(NULL, directory, NULL, digest, NULL, &explanation), -EISDIR);
	assert_code(ssum_explain_file(NULL, path, "bogus", digest, NULL, &explanation),
		    SSUM_ERR_ALGORITHM);
	assert_code(ssum_explain_file(NULL, path, NULL, "bogus", NULL, &explanation),
		    SSUM_ERR_MALFORMED);
	assert_code(ssum_explain_file(NULL, path, NULL, "abcdef", NULL, &explanation),
		    SSUM_ERR_MALFORMED);
	ck_assert_int_eq(explanation.cause, 0);
	assert_code(ssum_explain_file(NULL, path, NULL, digest, NULL, &explanation), SSUM_DIFFERS);
	ck_assert_int_eq(explanation.cause, SSUM_CAUSE_EMPTY);
	assert_code(ssum_explain_file(NULL, path, NULL, digest, NULL, NULL), SSUM_DIFFERS);
	assert_code(ssum_explain_file(NULL, path, NULL, digest, NULL, &old), SSUM_DIFFERS);
	ck_assert_int_eq(old.cause, SSUM_CAUSE_EMPTY);
	explanation.size = 3;
	assert_code(ssum_explain_file(NULL, path, NULL, digest, NULL, &explanation),
		    SSUM_ERR_OPTIONS);
	explanation.size = sizeof(explanation);
	assert_ok(ssum_context_new(NULL, &context));
	ssum_cancel(context);
	assert_code(ssum_explain_file(context, path, NULL, digest, NULL, &explanation),
		    SSUM_ERR_CANCELLED);
	ssum_context_free(context);
	for (int i = -1; i <= SSUM_CAUSE_COUNT; i++)
		ck_assert(*ssum_cause_name((enum ssum_cause)i));
	free(path);
	scratch_remove(directory);
}
END_TEST

/* A hole of a terabyte would take minutes. */
static int stop_it(void *user, const struct ssum_progress *progress)
{
	(void)progress;
	return ++*(int *)user > 1;
}

START_TEST(cancelled_within_a_hole)
{
	int calls = 0;
	const struct ssum_options options = {
		.size = sizeof(options), .progress = stop_it, .user = &calls};
	char *directory = scratch_new(&file_systems[0]);
	struct ssum_context *context;

	if (!directory)
		skip("no tmpfs is mounted");
	char *path = path_in(directory, "file");
	write_text(path, "abc");
	ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
	assert_ok(ssum_context_new(&options, &context));
	assert_code(ssum_explain_file(context, path, NULL,
				      "da39a3ee5e6b4b0d3255bfef95601890afd80709", NULL, NULL),
		    SSUM_ERR_CANCELLED);
	ssum_context_free(context);
	free(path);
	scratch_remove(directory);
}
END_TEST

/* After a change, earlier results are discarded. After three attempts there is no explanation. */
START_TEST(file_that_changes_has_no_explanation)
{
	struct ssum_explanation explanation;
	struct ssum_digest digest;
	uint64_t seed = 5;
	struct fake fake;

	fake_new(&fake, 500000);
	make_map(&fake, seed, true);
	digest = oracle_of_bytes("sha1", fake.content, fake.length);
	fake.memory.changes = 2;
	run(&fake, "sha1", &digest, &explanation);
	ck_assert_int_eq(explanation.cause, SSUM_CAUSE_MATCHES);
	fake.memory.changes = 3;
	assert_code(run_policy(&fake, "sha1", &digest, NULL, SSUM_HOLES_TRUST, &explanation),
		    SSUM_ERR_CHANGED);
	fake_free(&fake);
}
END_TEST

/* ---- The explanation ---- */

static struct ssum_explanation explained(struct ssum_context *context, const char *path,
					 const char *algorithm, const struct ssum_digest *digest,
					 int expected)
{
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	char hex[SSUM_HEX_MAX];

	ssum_digest_hex(digest, hex);
	assert_code(ssum_explain_file(context, path, algorithm, hex, NULL, &explanation), expected);
	return explanation;
}

/* The file ends with zeros, so several causes fit some digests. */
START_TEST(causes_come_in_the_order_of_the_enumeration)
{
	static const unsigned char data[8192] = {1, 2, 3}, marked[] = "\xef\xbb\xbfline\n";
	char *directory = scratch_here(), *path = path_in(directory, "file");
	const struct ssum_digest digests[] = {
		oracle_of_bytes("sha1", data, sizeof(data)),
		oracle_of_bytes("sha1", "", 0),
		oracle_of_bytes("sha1", data, 3),
		oracle_of_bytes("sha1", data, 4096),
		oracle_of_bytes("sha1", marked, sizeof(marked)),
	};
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	char hex[SSUM_HEX_MAX];

	write_file(path, data, sizeof(data));
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		explanation =
			explained(NULL, path, NULL, &digests[i], i ? SSUM_DIFFERS : SSUM_HOLDS);
		uint64_t bit = UINT64_C(1) << explanation.cause;
		ck_assert(!(explanation.fits & ~explanation.tested) || !i);
		if (explanation.cause == SSUM_CAUSE_UNKNOWN)
			ck_assert_uint_eq(explanation.fits, 0);
		else
			ck_assert(explanation.fits & bit && !(explanation.fits & (bit - 1)));
		if (!i)
			ck_assert_int_eq(explanation.cause, SSUM_CAUSE_MATCHES);
	}
	/* A match in another spelling is reported as a spelling, not as a match. */
	ssum_digest_hex(&digests[0], hex);
	for (char *at = hex; *at; at++)
		*at = (char)toupper(*at);
	assert_code(ssum_explain_file(NULL, path, NULL, hex, NULL, &explanation), SSUM_HOLDS);
	ck_assert_int_eq(explanation.cause, SSUM_CAUSE_SPELLING);
	ck_assert_str_eq(explanation.detail, "in upper case");
	free(path);
	scratch_remove(directory);
}
END_TEST

/* Each digit of the digest is replaced in turn, and neighbouring digits are exchanged. */
START_TEST(one_mistake_in_the_digest)
{
	char *directory = scratch_here(), *path = path_in(directory, "file");
	const struct ssum_digest digest = oracle_of_bytes("sha1", "abc", 3);
	struct ssum_explanation explanation = {.size = sizeof(explanation)};
	char hex[SSUM_HEX_MAX];

	write_text(path, "abc");
	for (size_t i = 0; i < 2 * digest.length - 1; i++) {
		ssum_digest_hex(&digest, hex);
		hex[i] = hex[i] == '0' ? '1' : '0';
		assert_code(ssum_explain_file(NULL, path, NULL, hex, NULL, &explanation),
			    SSUM_DIFFERS);
		ck_assert_int_eq(explanation.cause, SSUM_CAUSE_MISTYPED);
		ck_assert_uint_eq(explanation.offset, i + 1);
		ck_assert_uint_eq(explanation.count, 1);
		ssum_digest_hex(&digest, hex);
		if (hex[i] == hex[i + 1])
			continue;
		char first = hex[i];
		hex[i] = hex[i + 1];
		hex[i + 1] = first;
		assert_code(ssum_explain_file(NULL, path, NULL, hex, NULL, &explanation),
			    SSUM_DIFFERS);
		ck_assert_int_eq(explanation.cause, SSUM_CAUSE_MISTYPED);
		ck_assert_uint_eq(explanation.offset, i + 1);
		ck_assert_uint_eq(explanation.count, 2);
	}
	free(path);
	scratch_remove(directory);
}
END_TEST

/* The length of the file, modulo 2^32, was hashed. */
START_TEST(bytes_counted_in_32_bits)
{
	if (!test_is_long())
		skip("reads 4 GiB");
	char *directory = scratch_here(), *path = path_in(directory, "file");
	const struct ssum_digest digest = oracle_of_bytes("sha1", "abc", 3);

	write_text(path, "abc");
	ck_assert(!truncate(path, (off_t)((UINT64_C(1) << 32) + 3)));
	struct ssum_explanation explanation = explained(NULL, path, NULL, &digest, SSUM_DIFFERS);
	ck_assert_int_eq(explanation.cause, SSUM_CAUSE_32_BITS);
	ck_assert_uint_eq(explanation.offset, 3);
	ck_assert_uint_eq(explanation.count, UINT64_C(1) << 32);
	free(path);
	scratch_remove(directory);
}
END_TEST

START_TEST(explanation_has_what_was_asked)
{
	const struct ssum_options options = {.size = sizeof(options), .holes = SSUM_HOLES_READ};
	const uint64_t by_map =
		UINT64_C(1) << SSUM_CAUSE_ALLOCATED | UINT64_C(1) << SSUM_CAUSE_TRAILING_HOLE;
	char *directory = scratch_here(), *path = path_in(directory, "file");
	const struct ssum_digest sha1 = oracle_of_bytes("sha1", "abc", 3);
	const struct ssum_digest sha256 = oracle_of_bytes("sha256", "abc", 3);
	const struct ssum_digest other = oracle_of_bytes("sha256", "other", 5);
	struct ssum_explanation explanation;
	struct ssum_context *context;

	write_text(path, "abc");
	/* By the length of the digest, whatever algorithm is named with digests of another one. */
	for (int i = 0; i < 2; i++) {
		explanation = explained(NULL, path, i ? "sha1" : NULL, &other, SSUM_DIFFERS);
		ck_assert_str_eq(explanation.algorithm, "sha256");
		ck_assert_uint_eq(explanation.length, 3);
		ck_assert_int_eq(explanation.intact, -1);
		ck_assert_str_eq(explanation.detail, "");
		ck_assert_uint_eq(explanation.offset + explanation.count, 0);
		assert_digest_eq(explanation.expected, other);
		assert_digest_eq(explanation.found, sha256);
	}
	explanation = explained(NULL, path, NULL, &sha1, SSUM_HOLDS);
	ck_assert_int_eq(explanation.intact, 1);
	assert_digest_eq(explanation.found, sha1);

	/* Without the map of the file, causes that rely on it are not tested. */
	assert_ok(ssum_context_new(&options, &context));
	explanation = explained(context, path, NULL, &other, SSUM_DIFFERS);
	ck_assert(!(explanation.tested & by_map));
	ssum_context_free(context);
	free(path);
	scratch_remove(directory);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{allocated_data_of_any_map, SEEDS},
		{omitted_zero_blocks, SEEDS},
		{random_damage_has_no_cause, SEEDS},
		{zeros_at_the_end, 10},
		{zeros_appended_or_cut, 12},
		{converted_line_ends, 20},
		{notations_of_the_digest, 0},
		{spellings_with_a_name, 0},
		{error_codes, 0},
		{causes_come_in_the_order_of_the_enumeration, 0},
		{explanation_has_what_was_asked, 0},
		{one_mistake_in_the_digest, 0},
		{bytes_counted_in_32_bits, 0},
		{cancelled_within_a_hole, 0},
		{file_that_changes_has_no_explanation, 0},
	};

	return run_suite("explain", tests, ARRAY_SIZE(tests));
}
