/* SPDX-License-Identifier: MIT */
/* Manifests: reading and writing their lines. */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "manifest/lines.h"
#include "sparsesum/package.h"

/* The form of the untagged lines of a manifest: unknown until the first of them was read. */
enum manifest_order { ORDER_OPEN, ORDER_STANDARD, ORDER_REVERSED };

struct ssum_manifest {
	struct algorithm algorithm;
	struct ssum_stream content; /* hashes every byte that is read: the content hash */
	struct lines lines;
	enum manifest_order order;
	struct ssum_line line;
};

/* Append a line for a file, as ssum_format_line(). 0 or -ENOMEM. */
int manifest_append_file(struct bytes *text, unsigned flags, const struct algorithm *algorithm,
			 const struct ssum_digest *digest, const char *name);

/* Append the comment line for a symlink or an empty directory. 0 or -ENOMEM. */
int manifest_append_symlink(struct bytes *text, const char *name, const char *target);
int manifest_append_directory(struct bytes *text, const char *name);

#endif
