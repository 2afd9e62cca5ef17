/* SPDX-License-Identifier: MIT */
/* Algorithms by name. */
#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <string.h>

#include "digest/algorithm.h"
#include "support/oracle.h"
#include "support/suite.h"

/* FIPS 180-4, figure 1; a length in bits below 2^64 makes 2^61-1 bytes. */
#define LIMIT ((UINT64_C(1) << 61) - 1)

static const struct ssum_algorithm_info own[] = {
	{sizeof(own[0]), "sha1", "SHA1", "SHA1SUMS", 20, 64, LIMIT},
	{sizeof(own[0]), "sha224", "SHA224", "SHA224SUMS", 28, 64, LIMIT},
	{sizeof(own[0]), "sha256", "SHA256", "SHA256SUMS", 32, 64, LIMIT},
	{sizeof(own[0]), "sha384", "SHA384", "SHA384SUMS", 48, 128, UINT64_MAX},
	{sizeof(own[0]), "sha512", "SHA512", "SHA512SUMS", 64, 128, UINT64_MAX},
};

static void assert_info(const char *name, const struct ssum_algorithm_info *expected)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};

	assert_ok(ssum_algorithm(name, &info));
	ck_assert_str_eq(info.name, expected->name);
	ck_assert_str_eq(info.tag, expected->tag);
	ck_assert_str_eq(info.manifest, expected->manifest);
	ck_assert_uint_eq(info.digest_length, expected->digest_length);
	ck_assert_uint_eq(info.block_length, expected->block_length);
	ck_assert_uint_eq(info.max_length, expected->max_length);
	ck_assert_uint_eq(info.size, sizeof(info));
}

START_TEST(each_algorithm_is_found_by_name)
{
	assert_info(own[_i].name, &own[_i]);
	ck_assert_str_eq(ssum_algorithm_name((size_t)_i), own[_i].name);
}
END_TEST

START_TEST(index_after_the_last_algorithm_gives_null)
{
	ck_assert_ptr_null(ssum_algorithm_name(ARRAY_SIZE(own)));
	ck_assert_ptr_null(ssum_algorithm_name(SIZE_MAX));
}
END_TEST

static const struct {
	const char *alias;
	int index; /* in `own` */
} aliases[] = {
	{NULL, 0},       {"SHA1", 0},    {"sHa1", 0},          {"SHA-1", 0},
	{"sha-1", 0},    {"SHA-256", 2}, {"SHA2-256", 2},      {"sha-512", 4},
	{"SHA2-384", 3}, {"SHA224", 1},  {"1.3.14.3.2.26", 0}, /* the object identifier of SHA-1 */
};

START_TEST(alias_is_found)
{
	struct algorithm algorithm;

	assert_info(aliases[_i].alias, &own[aliases[_i].index]);
	assert_ok(algorithm_find(aliases[_i].alias, &algorithm));
	ck_assert_ptr_nonnull(algorithm.family);
	ck_assert_ptr_null(algorithm.evp);
	algorithm_release(&algorithm);
}
END_TEST

static const struct ssum_algorithm_info foreign[] = {
	{0, "sha3-256", "SHA3-256", "SHA3-256SUMS", 32, 136, UINT64_MAX},
	{0, "blake2b-512", "BLAKE2B-512", "BLAKE2B-512SUMS", 64, 128, UINT64_MAX},
	{0, "sm3", "SM3", "SM3SUMS", 32, 64, UINT64_MAX},
	{0, "md5", "MD5", "MD5SUMS", 16, 64, UINT64_MAX},
	{0, "sha512-256", "SHA512-256", "SHA512-256SUMS", 32, 128, UINT64_MAX},
};

static bool in_libcrypto(const char *name)
{
	EVP_MD *evp = EVP_MD_fetch(NULL, name, NULL);

	EVP_MD_free(evp);
	return evp != NULL;
}

START_TEST(algorithm_of_libcrypto_is_found)
{
	if (!in_libcrypto(foreign[_i].name))
		skip("libcrypto has no %s", foreign[_i].name);
	assert_info(foreign[_i].name, &foreign[_i]);
}
END_TEST

START_TEST(algorithm_of_libcrypto_is_found_by_alias)
{
	assert_info("blake2b512", &foreign[1]);
	assert_info("BLAKE2b", &foreign[1]);
	assert_info("Blake2B_512", &foreign[1]);
	assert_info("SHA2-512/256", &foreign[4]);
	assert_info("sha512256", &foreign[4]);
	assert_info("SHA-512-256", &foreign[4]);
}
END_TEST

static const char *const refused[] = {
	"",          "sha",         "sha1 ",    " sha1",           "sha-1-", "SHA1SUMS",
	"sha1\n",    "shake128",    "SHAKE256", "SHAKE-256",       "null",   "rsa",
	"?",         "../sha256",   "sha1:md5", "KECCAK-KMAC-128", "sha2",   "\xff",
	"undefined", "aes-128-cbc",
};

START_TEST(unsuitable_name_is_refused)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct ssum_stream *stream = (void *)&info;

	assert_code(ssum_algorithm(refused[_i], &info), SSUM_ERR_ALGORITHM);
	ck_assert_str_eq(info.name, "");
	assert_code(ssum_stream_new(refused[_i], &stream), SSUM_ERR_ALGORITHM);
	ck_assert_ptr_null(stream);
}
END_TEST

START_TEST(very_long_name_is_refused)
{
	struct algorithm algorithm;
	char *name = malloc(MIB);

	memset(name, 's', MIB);
	memcpy(name + MIB - 5, "SUMS", 5);
	assert_code(algorithm_find(name, &algorithm), SSUM_ERR_ALGORITHM);
	assert_code(algorithm_find_manifest(name, &algorithm), SSUM_ERR_ALGORITHM);
	free(name);
}
END_TEST

/* ---- All algorithms of libcrypto ---- */

static void check_evp(EVP_MD *evp, void *count)
{
	const char *name = EVP_MD_get0_name(evp);
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct algorithm algorithm;

	if (ssum_algorithm(name, &info))
		return;
	++*(int *)count;
	ck_assert_msg(!strchr(info.manifest, '/'), "%s", info.manifest);
	ck_assert_uint_eq(info.digest_length, (size_t)EVP_MD_get_size(evp));
	for (const char *c = info.name; *c; c++)
		ck_assert_msg(!isupper((unsigned char)*c), "%s", info.name);

	const char *const names[] = {info.name, info.tag};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_info(names[i], &info);
	assert_ok(algorithm_find_manifest(info.manifest, &algorithm));
	ck_assert_str_eq(algorithm.name, info.name);
	algorithm_release(&algorithm);
}

START_TEST(manifest_names_give_the_algorithm)
{
	int count = 0;

	EVP_MD_do_all_provided(NULL, check_evp, &count);
	ck_assert_int_ge(count, 5);
}
END_TEST

static const char *const not_manifests[] = {
	"",     "SUMS",         "SHA1SUM",  "SHA1SUMS ", "SHA1SUMS.txt",
	"SHA1", "SHAKE128SUMS", "SHA1sums", "aSHA1SUMS", "SHA1SUMS.checkpoints",
};

START_TEST(other_file_names_are_refused)
{
	struct algorithm algorithm;

	assert_code(algorithm_find_manifest(not_manifests[_i], &algorithm), SSUM_ERR_ALGORITHM);
}
END_TEST

/* ---- Lists of algorithms ---- */

static const struct {
	const char *names[4];
	int expected;
	int culprit; /* index of the refused name, or -1 */
	size_t count;
} lists[] = {
	{{NULL}, 0, -1, 1},
	{{"sha256", "sha1", NULL}, 0, -1, 2},
	{{"md5", "sha512", "sha3-256", NULL}, 0, -1, 3},
	{{"sha1", "sha1", NULL}, SSUM_ERR_OPTIONS, 1, 0},
	{{"sha1", "sha256", "SHA-1"}, SSUM_ERR_OPTIONS, 2, 0},
	{{"md5", "sha256", "MD5"}, SSUM_ERR_OPTIONS, 2, 0},
	{{"md5", "nonsense", "sha1"}, SSUM_ERR_ALGORITHM, 1, 0},
	{{"shake128", NULL}, SSUM_ERR_ALGORITHM, 0, 0},
};

START_TEST(list_of_algorithms_is_checked)
{
	struct algorithms algorithms;
	const char *const other = "?", *culprit = other;

	assert_code(algorithms_find(lists[_i].names, &algorithms, &culprit), lists[_i].expected);
	ck_assert_ptr_eq(culprit,
			 lists[_i].culprit < 0 ? other : lists[_i].names[lists[_i].culprit]);
	ck_assert_uint_eq(algorithms.count, lists[_i].count);
	for (size_t i = 0; i < algorithms.count; i++)
		ck_assert_str_eq(algorithms.rows[i].name,
				 lists[_i].names[i] ? lists[_i].names[i] : "sha1");
	algorithms_release(&algorithms);
}
END_TEST

START_TEST(null_list_is_the_default)
{
	struct algorithms algorithms;
	const char *culprit;

	assert_ok(algorithms_find(NULL, &algorithms, &culprit));
	ck_assert_uint_eq(algorithms.count, 1);
	ck_assert_str_eq(algorithms.rows[0].name, "sha1");
	algorithms_release(&algorithms);
}
END_TEST

/* ---- State of libcrypto ---- */

static const char *const any_names[] = {"sha1", "md5", "nonsense", "shake128", "SHA-256"};

/* The error queue belongs to the thread, and the calling program may read it. */
START_TEST(libcrypto_error_queue_is_unchanged)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};

	ERR_clear_error();
	ssum_algorithm(any_names[_i], &info);
	ck_assert_uint_eq(ERR_peek_error(), 0);

	ERR_raise(ERR_LIB_USER, 42);
	unsigned long mine = ERR_peek_error();
	ck_assert_uint_ne(mine, 0);
	ssum_algorithm(any_names[_i], &info);
	ck_assert_uint_eq(ERR_get_error(), mine);
	ck_assert_uint_eq(ERR_get_error(), 0);
}
END_TEST

/* hazard 38: without providers in libcrypto, the algorithms with kernels still work. */
START_TEST(own_algorithms_need_no_provider)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	struct ssum_digest digest, expected;
	struct ssum_stream *stream;
	OSSL_PROVIDER *provider = OSSL_PROVIDER_load(NULL, "null");

	ck_assert_ptr_nonnull(provider);
	ck_assert(!in_libcrypto("sha1"));
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		assert_info(own[i].name, &own[i]);
	assert_code(ssum_algorithm("md5", &info), SSUM_ERR_ALGORITHM);
	assert_ok(ssum_stream_new("sha1", &stream));
	assert_ok(ssum_stream_update(stream, "abc", 3));
	assert_ok(ssum_stream_final(stream, &digest));
	assert_ok(ssum_digest_parse("a9993e364706816aba3e25717850c26c9cd0d89d", &expected));
	assert_digest_eq(digest, expected);
	ssum_stream_free(stream);
	OSSL_PROVIDER_unload(provider);
	tried(38, 1);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_algorithm_is_found_by_name, ARRAY_SIZE(own)},
		{index_after_the_last_algorithm_gives_null, 0},
		{alias_is_found, ARRAY_SIZE(aliases)},
		{algorithm_of_libcrypto_is_found, ARRAY_SIZE(foreign)},
		{algorithm_of_libcrypto_is_found_by_alias, 0},
		{unsuitable_name_is_refused, ARRAY_SIZE(refused)},
		{very_long_name_is_refused, 0},
		{manifest_names_give_the_algorithm, 0},
		{other_file_names_are_refused, ARRAY_SIZE(not_manifests)},
		{list_of_algorithms_is_checked, ARRAY_SIZE(lists)},
		{null_list_is_the_default, 0},
		{libcrypto_error_queue_is_unchanged, ARRAY_SIZE(any_names)},
		{own_algorithms_need_no_provider, 0},
	};

	return run_suite("algorithm", tests, ARRAY_SIZE(tests));
}
