/* SPDX-License-Identifier: MIT */
/* A file that is written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"
#include "base/replace_file.h"
#include "sparsesum.h"

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* A device, say, is no place for a file. */
int check_replaceable(int directory, const char *name)
{
	struct stat st;

	if (fstatat(directory, name, &st, 0) || S_ISREG(st.st_mode))
		return 0;
	return SSUM_ERR_NOT_REGULAR;
}

/* Beside its name, flushed, renamed: at any moment the old one is there or the new one. */
int replace_file(int directory, const char *name, const char *text, size_t length)
{
	char *beside;
	int fd, rc = check_replaceable(directory, name);

	if (rc)
		return rc;
	if (asprintf(&beside, ".%s.tmp-%ld", name, (long)getpid()) < 0)
		die("out of memory");
	fd = openat(directory, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	rc = fd < 0 ? -errno : write_all(fd, text, length);
	if (!rc && renameat(directory, beside, directory, name))
		rc = -errno;
	if (rc && fd >= 0)
		unlinkat(directory, beside, 0);
	if (fd >= 0)
		close(fd);
	if (!rc && fsync(directory))
		rc = -errno;
	free(beside);
	return rc;
}
