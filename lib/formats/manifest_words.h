/* SPDX-License-Identifier: MIT */
/* How the comment lines begin that list what a line of sha1sum cannot. */
#ifndef FORMATS_MANIFEST_WORDS_H
#define FORMATS_MANIFEST_WORDS_H

#define SYMLINK_WORD "# symlink\t"
#define FOLDER_WORD "# folder\t"

#endif
