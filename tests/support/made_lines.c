/* SPDX-License-Identifier: MIT */
/* The lines of a manifest: valid lines, wrong digests, malformed lines. */
#include <string.h>

#include "support/made_package.h"

/* The style of a line for a file. */
enum style {
	PLAIN,
	TAGGED,
	BINARY,   /* '*' before the name */
	UPPER,    /* the digest in upper case */
	INDENTED, /* blanks before the digest */
	DOTTED,   /* "./" before the name */
	STYLES
};

/* The style of all lines of a manifest. */
struct form {
	bool reversed; /* a single blank before the name, in all lines */
	bool cr_lf, open_end;
	enum style style; /* number of the next line */
};

static void text_end_line(struct text *text, const struct form *form)
{
	text_put(text, form->cr_lf ? "\r\n" : "\n");
	text->lines++;
}

/* A line for a file, in one of the styles that sha1sum accepts. */
static void text_put_file(size_t manifest, const struct form *form,
			  const struct ssum_digest *digest, const char *name)
{
	struct text *text = &package.texts[manifest];
	enum style style = form->reversed ? PLAIN : form->style;

	if (style == INDENTED)
		text_put(text, " \t");
	if (strpbrk(name, "\\\n\r"))
		text_put(text, "\\");
	if (style == TAGGED) {
		text_put(text, "%s (",
			 content_algorithms[package.model.manifests[manifest].algorithm].tag);
		text_put_name(text, name, false);
		text_put(text, ") = ");
		text_put_hex(text, digest, false);
	} else {
		text_put_hex(text, digest, style == UPPER);
		text_put(text, form->reversed    ? " "
			       : style == BINARY ? " *"
			       : style == DOTTED ? "  ./"
						 : "  ");
		text_put_name(text, name, false);
	}
	text_end_line(text, form);
}

static void text_put_comment(struct text *text, const struct form *form, const char *name,
			     const char *target)
{
	text_put(text, target ? "# symlink\t" : "# folder\t");
	text_put_name(text, name, true);
	if (target) {
		text_put(text, "\t");
		text_put_name(text, target, true);
	}
	text_end_line(text, form);
}

/* Append a valid line. The digest is used for files, the target for symlinks. */
static void package_list(size_t manifest, const struct form *form, const char *name,
			 enum ssum_type type, const struct ssum_digest *digest, const char *target)
{
	struct model_row row = {.manifest = manifest, .path = name, .type = type, .target = target};

	if (type == SSUM_TYPE_FILE) {
		row.digest = *digest;
		text_put_file(manifest, form, digest, name);
	} else {
		text_put_comment(&package.texts[manifest], form, name,
				 type == SSUM_TYPE_SYMLINK ? target : NULL);
	}
	row.line = package.texts[manifest].lines;
	require(package.model.row_count < MODEL_ROWS);
	package.model.rows[package.model.row_count++] = row;
}

static void package_list_file(size_t manifest, const struct form *form, const char *name,
			      size_t content)
{
	package_list(manifest, form, name, SSUM_TYPE_FILE,
		     &contents[content].digests[package.model.manifests[manifest].algorithm], NULL);
}

/* The ways in which a manifest lists a node. */
enum listed_as {
	AS_IT_IS, /* a FIFO is not listed */
	NOT_LISTED,
	OTHER_CONTENT_LISTED,
	TWICE,             /* the second time with another content */
	TWICE_OTHER_FIRST, /* the first time with another content */
	BIT_CHANGED,       /* one wrong digit in the digest of a file */
	AS_SYMLINK,
	AS_DIRECTORY_TOO,
	LISTED_AS = 16 /* higher values: unchanged */
};

static void package_list_node(size_t manifest, struct form *form, size_t index)
{
	const struct model_node *node = &package.model.nodes[index];
	enum listed_as as = (enum listed_as)take_below(&package.program, LISTED_AS);
	size_t content = as > NOT_LISTED ? take_below(&package.program, CONTENTS) : 0;
	const char *target = entry_targets[content % ENTRY_TARGETS];
	struct ssum_digest digest = {0};

	form->style = (enum style)take_below(&package.program, STYLES);
	if (as == NOT_LISTED || (as == AS_IT_IS && node->type == SSUM_TYPE_FIFO))
		return;
	if (as == OTHER_CONTENT_LISTED || as == TWICE_OTHER_FIRST)
		package_list_file(manifest, form, node->path, content);
	if (as == AS_SYMLINK)
		package_list(manifest, form, node->path, SSUM_TYPE_SYMLINK, NULL, target);
	if (as == AS_DIRECTORY_TOO)
		package_list(manifest, form, node->path, SSUM_TYPE_DIRECTORY, NULL, NULL);
	if (as == OTHER_CONTENT_LISTED || as == AS_SYMLINK)
		return;
	if (node->type == SSUM_TYPE_FIFO) {
		package_list_file(manifest, form, node->path, content);
		return;
	}
	if (node->type == SSUM_TYPE_FILE)
		digest = node->digests[package.model.manifests[manifest].algorithm];
	if (as == BIT_CHANGED && digest.length)
		digest.bytes[content % digest.length] ^= (unsigned char)(1 << content % 8);
	package_list(manifest, form, node->path, node->type, &digest, node->target);
	if (as == TWICE)
		package_list_file(manifest, form, node->path, content);
}

static void package_put_malformed(size_t manifest, const struct form *form)
{
	struct text *text = &package.texts[manifest];
	const struct ssum_digest *digest =
		&contents[1].digests[package.model.manifests[manifest].algorithm];
	uint64_t way = take_below(&package.program, 10);

	switch (form->reversed && way > 4 ? 0 : way) {
	case 1:
		text_put(text, "# symlink\tonly");
		break;
	case 2:
		text_put(text, "# folder\tx\\q");
		break;
	case 3:
		text_put(text, "# symlink\ta\tb\\");
		break;
	case 4:
		text_put(text, " # no comment");
		break;
	case 5:
		text_put(text, "\\");
		text_put_hex(text, digest, false);
		text_put(text, "  a\\q");
		break;
	case 6:
		text_put_hex(text, digest, false);
		text_put(text, "  a%cb", '\0');
		break;
	case 7:
		text_put_hex(text, digest, false);
		text->length--;
		text_put(text, "  a");
		break;
	case 8:
		text_put(text, "MD5 (a) = d41d8cd98f00b204e9800998ecf8427e");
		break;
	case 9:
		text_put(text, "%s (a) = ",
			 content_algorithms[package.model.manifests[manifest].algorithm].tag);
		text_put_hex(text, digest, false);
		text_put(text, "0");
		break;
	default:
		text_put(text, "nonsense");
		break;
	}
	text_end_line(text, form);
	package.model.manifests[manifest].bad_lines++;
}

static void package_put_bad_name(size_t manifest, const struct form *form)
{
	static const char *const bad[] = {"/a", "..", "../a", "d/../a", "d//a",
					  "d/", "./", "a/.",  "//",     "d/.."};
	const char *name = bad[take_below(&package.program, sizeof(bad) / sizeof(bad[0]))];
	uint64_t way = take_below(&package.program, 3);

	if (way == 0)
		text_put_file(manifest, form,
			      &contents[1].digests[package.model.manifests[manifest].algorithm],
			      name);
	else
		text_put_comment(&package.texts[manifest], form, name, way == 1 ? "a" : NULL);
	package.model.manifests[manifest].bad_lines++;
}

/* Lines for paths without a node, or for a node that is already listed. */
enum more_line { MALFORMED, BAD_NAME, SYMLINK, DIRECTORY, COMMENT, FILE_LINE, MORE_LINES = 8 };

static void package_put_more_lines(size_t manifest, struct form *form)
{
	for (uint64_t left = take_below(&package.program, 5); left; left--) {
		enum more_line kind = (enum more_line)take_below(&package.program, MORE_LINES);
		const char *name = entry_names[take_below(&package.program, ENTRY_NAMES)];
		size_t content = take_below(&package.program, CONTENTS);

		form->style = (enum style)take_below(&package.program, STYLES);
		switch (kind) {
		case MALFORMED:
			package_put_malformed(manifest, form);
			break;
		case BAD_NAME:
			package_put_bad_name(manifest, form);
			break;
		case SYMLINK:
			package_list(manifest, form, name, SSUM_TYPE_SYMLINK, NULL,
				     entry_targets[content % ENTRY_TARGETS]);
			break;
		case DIRECTORY:
			package_list(manifest, form, name, SSUM_TYPE_DIRECTORY, NULL, NULL);
			break;
		case COMMENT:
			text_put(&package.texts[manifest], content % 2 ? "# a comment" : "");
			text_end_line(&package.texts[manifest], form);
			break;
		default:
			package_list_file(manifest, form, name, content);
			break;
		}
	}
}

void package_write_lines(size_t manifest, size_t node_count)
{
	struct text *text = &package.texts[manifest];
	uint64_t choice = take_below(&package.program, 32);
	struct form form = {
		.reversed = (choice & 6) == 6, .cr_lf = choice & 8, .open_end = choice & 16};

	text->length = 0;
	text->lines = 0;
	if (choice & 1)
		package_put_more_lines(manifest, &form);
	for (size_t i = 0; i < node_count; i++)
		package_list_node(manifest, &form, i);
	if (!(choice & 1))
		package_put_more_lines(manifest, &form);
	if (form.open_end && text->length)
		text->length -= form.cr_lf ? 2 : 1;
}
