/* SPDX-License-Identifier: MIT */
#include "manifest/forms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "manifest/lines.h"

#define UTF8_MARK "\xef\xbb\xbf"
#define SIGNED_BEGIN "-----BEGIN PGP SIGNED MESSAGE-----"
#define SIGNATURE_BEGIN "-----BEGIN PGP SIGNATURE-----"
#define SIGNATURE_END "-----END PGP SIGNATURE-----"
#define CERTUTIL_END "CertUtil: -hashfile"

/* The line that replaces a line that cannot be read. */
#define MALFORMED "?"

/* ---- Encodings ---- */

enum encoding { ENCODING_BYTES, ENCODING_UTF8_MARK, ENCODING_UTF16_LE, ENCODING_UTF16_BE };

/* UTF-16 may have no mark: its first line is ASCII then, and each second byte is NUL. */
static enum encoding forms_encoding(const char *data, size_t length)
{
	size_t zeros[2] = {0, 0}, looked_at = length < 64 ? length & ~(size_t)1 : 64;

	if (length >= 3 && !memcmp(data, UTF8_MARK, 3))
		return ENCODING_UTF8_MARK;
	if (length >= 2 && !memcmp(data, "\xff\xfe", 2))
		return ENCODING_UTF16_LE;
	if (length >= 2 && !memcmp(data, "\xfe\xff", 2))
		return ENCODING_UTF16_BE;
	for (size_t i = 0; i < looked_at; i++)
		zeros[i % 2] += !data[i];
	if (looked_at < 4 || zeros[0] + zeros[1] != looked_at / 2)
		return ENCODING_BYTES;
	return zeros[1] == looked_at / 2   ? ENCODING_UTF16_LE
	       : zeros[0] == looked_at / 2 ? ENCODING_UTF16_BE
					   : ENCODING_BYTES;
}

/* Append the UTF-8 of a text in UTF-16. A byte at the end that is half a character stays. */
static int forms_decode_utf16(const char *data, size_t length, bool big_endian, struct bytes *text)
{
	const unsigned char *bytes = (const unsigned char *)data;
	unsigned high = 0; /* the first half of a surrogate pair, or 0 */
	int rc = 0;

	for (size_t i = 0; i + 1 < length && !rc; i += 2) {
		unsigned unit = big_endian ? (unsigned)bytes[i] << 8 | bytes[i + 1]
					   : (unsigned)bytes[i + 1] << 8 | bytes[i];
		unsigned c = unit;
		char utf8[4];
		size_t count = 0;

		if (unit >= 0xd800 && unit < 0xdc00 && !high) {
			high = unit;
			continue;
		}
		if (high)
			c = unit >= 0xdc00 && unit < 0xe000
				    ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00)
				    : 0; /* half a pair: NUL, which no name may have */
		high = 0;
		if (c < 0x80) {
			utf8[count++] = (char)c;
		} else if (c < 0x800) {
			utf8[count++] = (char)(0xc0 | c >> 6);
		} else if (c < 0x10000) {
			utf8[count++] = (char)(0xe0 | c >> 12);
			utf8[count++] = (char)(0x80 | (c >> 6 & 0x3f));
		} else {
			utf8[count++] = (char)(0xf0 | c >> 18);
			utf8[count++] = (char)(0x80 | (c >> 12 & 0x3f));
			utf8[count++] = (char)(0x80 | (c >> 6 & 0x3f));
		}
		if (c >= 0x80)
			utf8[count++] = (char)(0x80 | (c & 0x3f));
		rc = bytes_append(text, utf8, count);
	}
	if (!rc && length % 2)
		rc = bytes_append(text, MALFORMED, 1);
	return rc;
}

/* ---- Lines ---- */

enum table { TABLE_NONE, TABLE_COLUMNS, TABLE_CSV };
enum column { COLUMN_ALGORITHM, COLUMN_HASH, COLUMN_PATH, COLUMNS };

static const char *const column_names[COLUMNS] = {"Algorithm", "Hash", "Path"};

/* The state between lines. */
struct forms {
	unsigned found;   /* SSUM_FORM_... */
	struct bytes *to; /* the translated lines */

	/* PGP: where in a signed message the next line is. */
	enum { PGP_OUTSIDE, PGP_HEADERS, PGP_TEXT, PGP_SIGNATURE } pgp;
	bool is_signed; /* there is a signed message: what is outside of it does not count */

	/* Get-FileHash: the columns of a table, or the values of a record so far. */
	enum table table;
	char separator;        /* of CSV */
	size_t place[COLUMNS]; /* of a table: the offset; of CSV: the field; SIZE_MAX: none */
	struct bytes values[COLUMNS];
	bool is_unclear; /* a path of the record continues after a blank */
	int last;        /* the column whose value the next line may continue, or -1 */

	/* certutil: the name that the digest in the next line is of. */
	struct bytes title;
};

/* A copy of the next line without its end. Removes it from the text. */
static struct text forms_next_line(struct text *rest)
{
	struct text line;

	if (!text_take_field(rest, '\n', &line)) {
		line = *rest;
		text_skip(rest, rest->length);
	}
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	return line;
}

static struct text text_trim(struct text text)
{
	while (text.length && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
		text.length--;
	while (text.length && (*text.at == ' ' || *text.at == '\t'))
		text_skip(&text, 1);
	return text;
}

static bool text_is_hex(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!text.at[i] || !strchr("0123456789abcdefABCDEF", text.at[i]))
			return false;
	return text.length >= 32 && text.length % 8 == 0;
}

static bool text_ends_in(struct text text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length && !memcmp(text.at + text.length - length, end, length);
}

/* The digest in a line that has nothing else, or the "-" of standard input after it. */
static struct text forms_bare_hash(struct text line)
{
	line = text_trim(line);
	if (text_ends_in(line, " -") || text_ends_in(line, " *-"))
		line.length -= text_ends_in(line, " *-") ? 3 : 2;
	return text_trim(line);
}

/* Write the line for a digest, or MALFORMED. Without an algorithm, the digest must be of the
   algorithm of the manifest. */
static int forms_put(struct forms *forms, struct text algorithm, struct text hash, struct text path)
{
	bool is_cut = text_ends_in(path, "...") || text_ends_in(path, "\xe2\x80\xa6");
	int rc;

	if (!path.length || is_cut || !text_is_hex(hash))
		return bytes_append_string(forms->to, MALFORMED);
	if (algorithm.length) {
		rc = bytes_append(forms->to, algorithm.at, algorithm.length);
		if (!rc)
			rc = bytes_append_string(forms->to, " (");
		if (!rc)
			rc = bytes_append(forms->to, path.at, path.length);
		if (!rc)
			rc = bytes_append_string(forms->to, ") = ");
		return rc ? rc : bytes_append(forms->to, hash.at, hash.length);
	}
	rc = bytes_append(forms->to, hash.at, hash.length);
	if (!rc)
		rc = bytes_append_string(forms->to, "  ");
	return rc ? rc : bytes_append(forms->to, path.at, path.length);
}

/* ---- Get-FileHash ---- */

/* Split a line of a table or of CSV into its columns. The bytes of quoted fields are moved. */
static void forms_split(const struct forms *forms, struct text line, struct text fields[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS && forms->table == TABLE_COLUMNS; i++) {
		size_t end = line.length, begin = forms->place[i];

		fields[i] = (struct text){line.at, 0};
		if (begin == SIZE_MAX || begin >= line.length)
			continue;
		for (size_t j = 0; j < COLUMNS; j++)
			if (forms->place[j] != SIZE_MAX && forms->place[j] > begin &&
			    forms->place[j] < end)
				end = forms->place[j];
		fields[i] = text_trim((struct text){line.at + begin, end - begin});
	}
	for (size_t field = 0; forms->table == TABLE_CSV && line.length; field++) {
		bool quoted = text_skip_word(&line, "\"");
		struct text value = {line.at, 0};

		while (line.length && (quoted || *line.at != forms->separator)) {
			if (quoted && *line.at == '"') {
				text_skip(&line, 1);
				quoted = line.length && *line.at == '"';
				if (!quoted)
					continue;
			}
			value.at[value.length++] = *line.at;
			text_skip(&line, 1);
		}
		if (line.length)
			text_skip(&line, 1);
		for (size_t i = 0; i < COLUMNS; i++)
			if (forms->place[i] == field)
				fields[i] = value;
	}
}

/* Whether a line is the head of a table or of CSV. Sets the columns. */
static bool forms_begin_table(struct forms *forms, struct text line, struct text next)
{
	bool is_table = text_skip_word(&next, "----");
	size_t found = 0, field = 0;

	for (size_t i = 0; i < COLUMNS; i++)
		forms->place[i] = SIZE_MAX;
	for (size_t at = 0; at < line.length;) {
		size_t begin = at + (line.at[at] == '"');

		for (at = begin;
		     at < line.length && line.at[at] && !strchr("\" ,;\t", line.at[at]);)
			at++;
		for (size_t i = 0; i < COLUMNS; i++) {
			if (at - begin != strlen(column_names[i]) ||
			    memcmp(line.at + begin, column_names[i], at - begin) != 0)
				continue;
			forms->place[i] = is_table ? begin : field;
			found++;
		}
		at += at < line.length && line.at[at] == '"';
		if (at < line.length && !is_table && line.at[at] && strchr(",;\t", line.at[at]))
			forms->separator = line.at[at];
		at += at < line.length;
		field++;
	}
	if (forms->place[COLUMN_HASH] == SIZE_MAX || found < 2 || (!is_table && !forms->separator))
		return false;
	forms->table = is_table ? TABLE_COLUMNS : TABLE_CSV;
	forms->found |= SSUM_FORM_FILE_HASH;
	return true;
}

/* "Hash      : DIGEST": take the value of a record in the form of a list, or of its continuation in
   the next line. False if the line is neither. */
static bool forms_take_value(struct forms *forms, struct text line, int *rc)
{
	struct text key, value = line;

	if (text_take_field(&value, ':', &key)) {
		key = text_trim(key);
		for (int i = 0; i < COLUMNS; i++) {
			if (key.length != strlen(column_names[i]) ||
			    memcmp(key.at, column_names[i], key.length) != 0)
				continue;
			value = text_trim(value);
			forms->last = i;
			forms->found |= SSUM_FORM_FILE_HASH;
			forms->values[i].length = 0;
			*rc = bytes_append(&forms->values[i], value.at, value.length);
			return true;
		}
	}
	if (forms->last < 0 || line.length < 12 || strspn(line.at, " ") < 12)
		return false;
	value = text_trim(line);
	*rc = bytes_append(&forms->values[forms->last], value.at, value.length);
	/* A blank may have been dropped where the line was broken. */
	value = (struct text){forms->values[forms->last].data, forms->values[forms->last].length};
	forms->is_unclear |=
		forms->last == COLUMN_PATH && value.length && memchr(value.at, ' ', value.length);
	return true;
}

/* The end of a record. */
static int forms_end_record(struct forms *forms)
{
	struct text values[COLUMNS];
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		values[i] = (struct text){forms->values[i].data, forms->values[i].length};
		any |= values[i].length != 0;
	}
	if (forms->is_unclear)
		values[COLUMN_PATH].length = 0;
	if (any)
		rc = forms_put(forms, values[COLUMN_ALGORITHM], values[COLUMN_HASH],
			       values[COLUMN_PATH]);
	for (size_t i = 0; i < COLUMNS; i++)
		forms->values[i].length = 0;
	forms->is_unclear = false;
	forms->last = -1;
	return rc;
}

/* ---- certutil ---- */

/* "SHA256 hash of NAME:", in English and German: keep "SHA256" and the name. */
static bool forms_take_title(struct forms *forms, struct text line, int *rc)
{
	static const char *const words[] = {" hash of file ", " hash of ", "-Hash der Datei ",
					    "-Hash von "};

	for (size_t i = 0; i < ARRAY_SIZE(words) && text_ends_in(line, ":"); i++) {
		size_t length = strlen(words[i]);
		char *at = memmem(line.at, line.length, words[i], length);

		/* Before these words is nothing but the name of the algorithm. */
		if (!at || at - line.at >= 16 || memchr(line.at, ' ', (size_t)(at - line.at)))
			continue;
		forms->title.length = 0;
		*rc = bytes_append(&forms->title, line.at, (size_t)(at - line.at) + 1);
		if (!*rc)
			forms->title.data[at - line.at] = '\0';
		if (!*rc)
			*rc = bytes_append(&forms->title, at + length,
					   line.length - (size_t)(at - line.at) - length - 1);
		return true;
	}
	return false;
}

/* The digest below the title; old versions put a blank after each byte. */
static int forms_put_titled(struct forms *forms, struct text line)
{
	struct text algorithm = {forms->title.data, strlen(forms->title.data)}, path, hash = line;

	path = (struct text){algorithm.at + algorithm.length + 1,
			     forms->title.length - algorithm.length - 1};
	hash.length = 0;
	for (size_t i = 0; i < line.length; i++)
		if (line.at[i] != ' ')
			hash.at[hash.length++] = line.at[i];
	forms->title.length = 0;
	forms->found |= SSUM_FORM_CERTUTIL;
	return forms_put(forms, algorithm, hash, path);
}

/* ---- Translation ---- */

/* Whether a line of the signed message, or around it, is not part of the list. Removes the escape
   of a line that is. */
static bool forms_take_armour(struct forms *forms, struct text *line, int *rc)
{
	struct text copy = *line;

	if (text_skip_word(&copy, SIGNED_BEGIN))
		forms->pgp = PGP_HEADERS;
	else if (forms->pgp != PGP_HEADERS && text_skip_word(&copy, SIGNATURE_BEGIN))
		forms->pgp = PGP_SIGNATURE;
	else if (forms->pgp == PGP_HEADERS && !text_trim(*line).length)
		forms->pgp = PGP_TEXT;
	else if (forms->pgp == PGP_SIGNATURE && text_skip_word(&copy, SIGNATURE_END))
		forms->pgp = PGP_OUTSIDE;
	else if (forms->pgp == PGP_OUTSIDE && forms->is_signed && text_trim(*line).length &&
		 *line->at != '#')
		*rc = bytes_append_string(forms->to, MALFORMED);
	else if (forms->pgp == PGP_OUTSIDE)
		return false;
	else if (forms->pgp == PGP_TEXT) {
		text_skip_word(line, "- ");
		return false;
	}
	forms->found |= SSUM_FORM_PGP;
	return true;
}

static int forms_translate_line(struct forms *forms, struct text line, struct text next)
{
	struct text fields[COLUMNS] = {{NULL, 0}, {NULL, 0}, {NULL, 0}}, copy = line;
	int rc = 0;

	text_skip_word(&line, UTF8_MARK); /* lists that were joined */
	if (forms_take_armour(forms, &line, &rc))
		return rc;
	if (!text_trim(line).length) {
		forms->table = forms->table == TABLE_CSV ? TABLE_CSV : TABLE_NONE;
		return forms_end_record(forms);
	}
	if (forms->table != TABLE_NONE) {
		if (forms->table == TABLE_COLUMNS && text_skip_word(&copy, "----"))
			return 0;
		forms_split(forms, line, fields);
		return forms_put(forms, fields[COLUMN_ALGORITHM], fields[COLUMN_HASH],
				 fields[COLUMN_PATH]);
	}
	if (forms_begin_table(forms, line, next) || forms_take_value(forms, line, &rc))
		return rc;
	if (forms_take_title(forms, line, &rc))
		return rc;
	if (forms->title.length)
		return forms_put_titled(forms, line);
	if (text_skip_word(&copy, CERTUTIL_END)) {
		forms->found |= SSUM_FORM_CERTUTIL;
		return 0;
	}
	return bytes_append(forms->to, line.at, line.length);
}

/* If the list is a digest without a name, or with the "-" of standard input, replace it by a line
   with the name of the file. */
static int forms_name_bare(struct forms *forms, const char *bare_name)
{
	struct text rest = {forms->to->data, forms->to->length}, hash = {NULL, 0};
	size_t begin = 0, count = 0;
	struct bytes text = {0};
	int rc;

	while (rest.length) {
		struct text line = text_trim(forms_next_line(&rest));

		if (!line.length || *line.at == '#')
			continue;
		hash = forms_bare_hash(line);
		begin = (size_t)(hash.at - forms->to->data);
		count++;
	}
	if (count != 1 || !text_is_hex(hash))
		return 0;
	forms->found |= SSUM_FORM_BARE;
	if (!bare_name)
		return 0;
	rc = bytes_append(&text, forms->to->data, begin + hash.length);
	if (!rc)
		rc = bytes_append_strings(&text, "  ", bare_name, "\n", NULL);
	if (rc) {
		bytes_free(&text);
		return rc;
	}
	bytes_free(forms->to);
	*forms->to = text;
	return 0;
}

bool forms_may_have(const char *head, size_t length)
{
	static const char *const words[] = {SIGNED_BEGIN, SIGNATURE_BEGIN, CERTUTIL_END, "Hash",
					    " hash of "};
	struct text rest = {(char *)head, length}, line = {NULL, 0};

	if (forms_encoding(head, length) != ENCODING_BYTES)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (memmem(head, length, words[i], strlen(words[i])))
			return true;
	while (rest.length && (!line.length || *line.at == '#'))
		line = text_trim(forms_next_line(&rest));
	return text_is_hex(forms_bare_hash(line));
}

int forms_translate(const char *data, size_t length, const char *bare_name, struct bytes *text,
		    unsigned *found)
{
	static const unsigned bits[] = {0, SSUM_FORM_BYTE_ORDER_MARK, SSUM_FORM_UTF16,
					SSUM_FORM_UTF16};
	enum encoding encoding = forms_encoding(data, length);
	struct forms forms = {.found = bits[encoding], .to = text, .last = -1};
	struct bytes decoded = {0};
	struct text rest;
	int rc = encoding >= ENCODING_UTF16_LE
			 ? forms_decode_utf16(data, length, encoding == ENCODING_UTF16_BE, &decoded)
			 : bytes_append(&decoded, data, length);

	/* The decoded mark is that of UTF-8. */
	rest = (struct text){decoded.data, decoded.length};
	text_skip_word(&rest, UTF8_MARK);
	forms.is_signed =
		rest.length && memmem(rest.at, rest.length, SIGNED_BEGIN, strlen(SIGNED_BEGIN));
	while (rest.length && !rc) {
		struct text line = forms_next_line(&rest), copy = rest;

		rc = forms_translate_line(&forms, line, forms_next_line(&copy));
		if (!rc)
			rc = bytes_append_string(text, "\n");
	}
	if (!rc)
		rc = forms_end_record(&forms);
	/* A signed message that is cut may lack lines. */
	if (!rc && (forms.pgp != PGP_OUTSIDE || forms.title.length))
		rc = bytes_append_string(text, MALFORMED);
	if (!rc && !(forms.found & (SSUM_FORM_FILE_HASH | SSUM_FORM_CERTUTIL)))
		rc = forms_name_bare(&forms, bare_name);
	*found = forms.found;
	for (size_t i = 0; i < COLUMNS; i++)
		bytes_free(&forms.values[i]);
	bytes_free(&forms.title);
	bytes_free(&decoded);
	return rc;
}
