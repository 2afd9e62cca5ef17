/* SPDX-License-Identifier: MIT */
/* How the comment lines begin that list what a line of sha1sum cannot. */
#ifndef MANIFEST_MANIFEST_WORDS_H
#define MANIFEST_MANIFEST_WORDS_H

#define SYMLINK_WORD "# symlink\t"
#define DIRECTORY_WORD "# folder\t"

#endif
