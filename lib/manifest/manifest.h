/* SPDX-License-Identifier: MIT */
/* Manifests: text in, lines out, and back. */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "manifest/lines.h"
#include "sparsesum/package.h"

/* What a manifest turned out to hold. */
enum manifest_order { ORDER_OPEN, ORDER_STANDARD, ORDER_REVERSED };

struct ssum_manifest {
	struct algorithm algorithm;
	struct ssum_stream content; /* takes every byte that is read: the content hash */
	struct lines lines;
	enum manifest_order order;
	struct ssum_line line;
};

/* As ssum_manifest_open(), in place, for an algorithm that is found already. It is taken over, also
   on failure. */
int manifest_init(struct ssum_manifest *manifest, int fd, const struct algorithm *algorithm);
void manifest_clear(struct ssum_manifest *manifest);

/* The digest of all that was read; after the last line, and once. 0 or SSUM_ERR_CRYPTO. */
int manifest_content_hash(struct ssum_manifest *manifest, struct ssum_digest *digest);

/* Append a line for a file, as ssum_format_line(). */
int manifest_append_file(struct bytes *text, unsigned flags, const struct algorithm *algorithm,
			 const struct ssum_digest *digest, const char *name);

/* Append a comment line for a symbolic link or, without a target, an empty directory. */
int manifest_append_link(struct bytes *text, const char *name, const char *target);
int manifest_append_directory(struct bytes *text, const char *name);

#endif
