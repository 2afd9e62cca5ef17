/* SPDX-License-Identifier: MIT */
/* Lists in other forms than that of sha1sum, and the lines of sha1sum that they are translated to.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/forms.h"
#include "support/suite.h"

#define A "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define B "7fe70820e08a1aac0ef224d9c66ab66831cc4ab1"
#define UPPER "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"
#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n"
#define TEXT(text) (text), sizeof(text) - 1

static const struct {
	const char *text;
	size_t length;
	const char *bare, *lines;
	unsigned forms;
} lists[] = {
	{TEXT(A "  a\n" B "  b\n"), "x", A "  a\n" B "  b\n", 0},
	{TEXT("\xef\xbb\xbf" A "  a\r\n"), NULL, A "  a\n", SSUM_FORM_BYTE_ORDER_MARK},
	{TEXT("\xff\xfe" A "\n"), "x", "?", SSUM_FORM_UTF16},
	/* U+00E4, U+20AC and U+1F600, in both orders, with a mark and without */
	{TEXT("\xff\xfe\xe4\0\xac\x20\x3d\xd8\0\xde\n\0"), NULL,
	 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n", SSUM_FORM_UTF16},
	{TEXT("\xfe\xff\0\xe4\x20\xac\xd8\x3d\xde\0\0\n"), NULL,
	 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n", SSUM_FORM_UTF16},
	{TEXT("a\0b\0c\0\n\0"), NULL, "abc\n", SSUM_FORM_UTF16},
	{TEXT("\0a\0b\0c\0\n"), NULL, "abc\n", SSUM_FORM_UTF16},
	{TEXT("a\0b\0c\0\n\0x"), NULL, "abc\n?\n", SSUM_FORM_UTF16},
	{TEXT(SIGNED "# c\n" A "  a\n- - b\n" SIGNATURE), NULL,
	 "\n\n\n# c\n" A "  a\n- b\n\n\n\n\n", SSUM_FORM_PGP},
	{TEXT("# c\n" SIGNED A "  a\n" SIGNATURE "\n" B "  b\n"), NULL,
	 "# c\n\n\n\n" A "  a\n\n\n\n\n\n?\n", SSUM_FORM_PGP},
	{TEXT(SIGNED A "  a\n"), NULL, "\n\n\n" A "  a\n?", SSUM_FORM_PGP},
	{TEXT(A "  a\n" SIGNATURE), NULL, A "  a\n\n\n\n\n", SSUM_FORM_PGP},
	{TEXT("Algorithm : SHA1\nHash      : " UPPER "\nPath      : C:\\a b\n\n"), NULL,
	 "\n\n\nSHA1 (C:\\a b) = " UPPER "\n", SSUM_FORM_FILE_HASH},
	{TEXT("Algorithm : SHA1\nHash      : abc\nPath      : C:\\a b\n"), NULL, "\n\n\n?",
	 SSUM_FORM_FILE_HASH},
	{TEXT("Hash      : " A "\nPath      : C:\\a\n            b\n"), NULL, "\n\n\n" A "  C:\\ab",
	 SSUM_FORM_FILE_HASH},
	{TEXT("Hash      : " A "\nPath      : C:\\a c\n            b\n"), NULL, "\n\n\n?",
	 SSUM_FORM_FILE_HASH},
	{TEXT("Algorithm Hash                                     Path\n"
	      "--------- ----                                     ----\n"
	      "SHA1      " UPPER " C:\\a (1)\nSHA1      " UPPER " C:\\lon...\n\n"),
	 NULL, "\n\nSHA1 (C:\\a (1)) = " UPPER "\n?\n\n", SSUM_FORM_FILE_HASH},
	{TEXT("\"Algorithm\",\"Hash\",\"Path\"\n\"SHA1\",\"" UPPER "\",\"C:\\a, \"\"b\"\"\"\n"),
	 NULL, "\nSHA1 (C:\\a, \"b\") = " UPPER "\n", SSUM_FORM_FILE_HASH},
	{TEXT("Path;Hash\na;" A "\nb\n"), NULL, "\n" A "  a\n?\n", SSUM_FORM_FILE_HASH},
	{TEXT("SHA1 hash of a b:\nda 39a3ee5e6b4b0d3255bfef95601890afd80709\nCertUtil: -hashfile x\n"),
	 NULL, "\nSHA1 (a b) = " A "\n\n", SSUM_FORM_CERTUTIL},
	{TEXT(A "  my hash of x:\n" B "  b\n"), NULL, A "  my hash of x:\n" B "  b\n", 0},
	{TEXT(A "\n"), "x", A "  x\n", SSUM_FORM_BARE},
	{TEXT("# c\n\n" A "  -\r\n"), "x", "# c\n\n" A "  x\n", SSUM_FORM_BARE},
	{TEXT(A), NULL, A "\n", SSUM_FORM_BARE},
	{TEXT(A "\n" B "\n"), "x", A "\n" B "\n", 0},
	{TEXT(""), "x", "", 0},
	{TEXT("\xff\xfe"), "x", "", SSUM_FORM_UTF16},
};

START_TEST(each_list)
{
	struct bytes text = {0};
	const char *expected = lists[_i].lines;
	unsigned forms;

	ck_assert(forms_may_have(lists[_i].text, lists[_i].length) || !lists[_i].forms);
	assert_ok(forms_translate(lists[_i].text, lists[_i].length, lists[_i].bare, &text, &forms));
	if (_i == 2) /* its bytes are read as UTF-16, so it contains no digest */
		ck_assert(!memmem(text.data, text.length, A, strlen(A)));
	else
		ck_assert_msg(text.length == strlen(expected) &&
				      (!text.length || !memcmp(text.data, expected, text.length)),
			      "translated to '%.*s'", (int)text.length, text.data);
	ck_assert_uint_eq(forms, lists[_i].forms);
	bytes_free(&text);
}
END_TEST

/* Whatever the text is, each of its lines is one line, so that errors have the right number. */
START_TEST(lines_keep_their_numbers)
{
	unsigned seed = (unsigned)_i + 1;

	for (int round = 0; round < 20000; round++) {
		size_t list = (size_t)rand_r(&seed) % ARRAY_SIZE(lists), lines = 0, found = 0;
		size_t length = lists[list].length;
		char *copy = malloc(length + 1);
		struct bytes text = {0};
		unsigned forms;

		memcpy(copy, lists[list].text, length);
		for (int i = rand_r(&seed) % 4; i && length; i--) {
			size_t at = (size_t)rand_r(&seed) % length;

			if (rand_r(&seed) % 2)
				copy[at] = lists[list].text[(size_t)rand_r(&seed) % length];
			else
				length = at;
		}
		assert_ok(forms_translate(copy, length, round % 2 ? "x" : NULL, &text, &forms));
		for (size_t i = 0; i < length; i++)
			lines += copy[i] == '\n';
		/* A mark alone is no line. */
		lines += length && copy[length - 1] != '\n' &&
			 !(length == 3 && forms & SSUM_FORM_BYTE_ORDER_MARK);
		for (size_t i = 0; i < text.length; i++)
			found += text.data[i] == '\n';
		if (!(forms & (SSUM_FORM_UTF16 | SSUM_FORM_BARE)))
			ck_assert_msg(found == lines, "%zu lines became %zu: seed %d, round %d",
				      lines, found, _i + 1, round);
		bytes_free(&text);
		free(copy);
	}
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{each_list, ARRAY_SIZE(lists)},
		{lines_keep_their_numbers, 4},
	};

	return run_suite("forms", tests, ARRAY_SIZE(tests));
}
