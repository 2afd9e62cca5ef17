/* SPDX-License-Identifier: MIT */
/* Manifests: reading and writing their lines. */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "manifest/lines.h"
#include "sparsesum/package.h"

/* The form of the untagged lines of a manifest, as the first of them has it: "DIGEST  NAME", or
   "DIGEST NAME" with one blank, as old BSD programs wrote it. */
enum manifest_form { FORM_UNKNOWN, FORM_STANDARD, FORM_ONE_BLANK };

struct ssum_manifest {
	struct algorithm algorithm;
	struct ssum_stream content; /* hashes every byte that is read: the content hash */
	struct lines lines;
	enum manifest_form form;
	/* Set by the caller: tagged lines may name the algorithm in any spelling. sha1sum accepts
	   only one. */
	bool any_spelling;
	struct ssum_line line;
};

/* Append the line for a file, in the format of ssum_format_line(). 0 or -ENOMEM. */
int manifest_append_file(struct bytes *text, unsigned flags, const struct algorithm *algorithm,
			 const struct ssum_digest *digest, const char *name);

/* Append the comment line for a symlink; or, with target NULL, for an empty directory. 0 or
 * -ENOMEM.
 */
int manifest_append_comment(struct bytes *text, const char *name, const char *target);

#endif
