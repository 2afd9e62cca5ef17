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
