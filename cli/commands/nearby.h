/* SPDX-License-Identifier: MIT */
/* Where a directory without a manifest has something like one. */
#ifndef CLI_COMMANDS_NEARBY_H
#define CLI_COMMANDS_NEARBY_H

/*
 * Search a directory for lists of digests with other names, and one or two levels below and above
 * it for manifests and such lists. Returns what was found with the commands that use it, to be
 * freed; or NULL. Symlinks are not followed, and the search is limited.
 */
char *nearby_manifests(const char *directory);

#endif
