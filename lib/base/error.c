/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/common.h"

#define TEXT(code, text) [SSUM_ERR_CHANGED - (code)] = (text)

static const char *const texts[] = {
	TEXT(SSUM_ERR_CHANGED, "changed while it was being read"),
	TEXT(SSUM_ERR_HOLE_NOT_ZERO, "the file system reported a hole where there is data"),
	TEXT(SSUM_ERR_CANCELLED, "cancelled"),
	TEXT(SSUM_ERR_ALGORITHM, "unknown digest algorithm"),
	TEXT(SSUM_ERR_TOO_LONG, "longer than the digest algorithm is defined for"),
	TEXT(SSUM_ERR_NOT_REGULAR, "not a regular file"),
	TEXT(SSUM_ERR_MALFORMED, "improperly formatted"),
	TEXT(SSUM_ERR_NO_MANIFEST, "no manifest found"),
	TEXT(SSUM_ERR_EMPTY, "lists no file, link or directory"),
	TEXT(SSUM_ERR_NAME, "not a plain name below the directory"),
	TEXT(SSUM_ERR_SYMLINK, "a symbolic link, which is not followed"),
	TEXT(SSUM_ERR_MOUNT_POINT, "a mount point, which is not entered"),
	TEXT(SSUM_ERR_CRYPTO, "libcrypto failed"),
	TEXT(SSUM_ERR_OPTIONS, "options out of range, or from a newer release"),
	TEXT(SSUM_ERR_UNDECIDED, "not every entry could be decided"),
	TEXT(SSUM_ERR_FINISHED, "the digest was already taken"),
	TEXT(SSUM_ERR_DUPLICATE, "listed twice"),
	TEXT(SSUM_ERR_KERNEL, "SPARSESUM_KERNEL names no kernel that this processor can run"),
	TEXT(SSUM_ERR_NO_CHECKPOINT, "no checkpoint is possible or listed"),
	TEXT(SSUM_ERR_CHECKPOINTS, "checkpoints of another content, or wrong ones"),
	TEXT(SSUM_ERR_INCOMPLETE, "not all of it has been received"),
	TEXT(SSUM_ERR_STATE, "the saved state of another content"),
	TEXT(SSUM_ERR_UNLISTED, "is there, but its directory cannot be listed"),
};

/* ---- Changes ---- */

const char *ssum_change_name(unsigned change)
{
	switch (change) {
	case SSUM_CHANGE_SIZE:
		return "size";
	case SSUM_CHANGE_MTIME:
		return "modification time";
	case SSUM_CHANGE_CTIME:
		return "change time";
	case SSUM_CHANGE_LINKS:
		return "link count";
	case SSUM_CHANGE_PERMISSION:
		return "permissions";
	case SSUM_CHANGE_FILE:
		return "identity";
	case SSUM_CHANGE_CONTENT:
		return "content";
	default:
		return NULL;
	}
}

void ssum_changes_text(unsigned changes, char text[SSUM_CHANGES_MAX])
{
	const unsigned of_inode = SSUM_CHANGE_CTIME | SSUM_CHANGE_LINKS | SSUM_CHANGE_PERMISSION;
	const unsigned all = 2 * SSUM_CHANGE_CONTENT - 1;
	const char *before = "its ";
	char *to = text;

	*to = '\0';
	changes &= all;
	for (unsigned left = changes; left; left &= left - 1) {
		to = stpcpy(stpcpy(to, before), ssum_change_name(left & -left));
		before = (left & (left - 1)) & ((left & (left - 1)) - 1) ? ", " : " and ";
	}
	if (changes)
		to = stpcpy(to, " moved");
	if (changes && !(changes & ~of_inode))
		stpcpy(to, "; a hard link, chmod or chown does that without changing the content");
}

const char *ssum_strerror(int code)
{
	const char *text = NULL;

	if (code == SSUM_HOLDS)
		return "success";
	if (code == SSUM_DIFFERS)
		return "differs";
	if (code <= SSUM_ERR_CHANGED && code > SSUM_ERR_CHANGED - (int)ARRAY_SIZE(texts))
		text = texts[SSUM_ERR_CHANGED - code];
	else if (code < 0 && code > SSUM_ERR_CHANGED) {
		/* strerror() may return a buffer that threads share; these texts are constant. */
#if defined(__GLIBC__)
		text = strerrordesc_np(-code);
#else
		text = strerror(-code);
#endif
	}
	return text ? text : "unknown error";
}
