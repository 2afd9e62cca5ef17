/* SPDX-License-Identifier: MIT */
/* The formats of manifests that other programs write. */
#ifndef CLI_FORMATS_FORMATS_H
#define CLI_FORMATS_FORMATS_H

#include "formats/reading.h"

extern const struct format format_bagit, format_hashdeep, format_mtree, format_tagged;

/* Not for --format: lists that are recognised, but cannot be judged. */
extern const struct format format_unsupported;

/* The format to verify: the one that the user named, or the one that is recognised. NULL: our own.
 */
const struct format *format_choose(const struct app *app);

/* The names of all formats, separated by commas. To be freed. */
char *format_names(void);

/* Whether the name is "SHA1SUMS", or the like for any known algorithm. */
bool format_is_manifest_name(const char *name);

/* Whether this is the name of our own format. */
bool format_is_own(const char *name);

#endif
