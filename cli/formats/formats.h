/* SPDX-License-Identifier: MIT */
/* Manifests in the formats of other programs: which there are. */
#ifndef CLI_FORMATS_FORMATS_H
#define CLI_FORMATS_FORMATS_H

#include "formats/reading.h"

extern const struct format format_bagit, format_hashdeep, format_mtree;

/* The one that is asked for or recognised; NULL is our own. */
const struct format *format_choose(const struct app *app);
char *format_names(void);
bool format_is_own(const char *name);

#endif
