/* SPDX-License-Identifier: MIT */
/* Forms of manifests besides that of sha1sum: other encodings, signed text, and lists of other
   programs. They are translated to the lines of sha1sum before they are parsed. */
#ifndef MANIFEST_FORMS_H
#define MANIFEST_FORMS_H

#include "base/bytes.h"
#include "sparsesum/package.h"

/* Whether a text that begins with these bytes may have one of the forms. False for the lines of
   sha1sum. */
bool forms_may_have(const char *head, size_t length);

/*
 * Translate a whole text. Each line of it becomes one line of *text, so that the numbers of lines
 * stay right; a line that lists nothing becomes empty, and one that cannot be read stays malformed.
 * bare_name is the file that a digest without a name is of, or NULL if that is unknown. *forms is
 * the set of SSUM_FORM_... bits that the text has. 0 or -ENOMEM.
 */
int forms_translate(const char *data, size_t length, const char *bare_name, struct bytes *text,
		    unsigned *forms);

#endif
