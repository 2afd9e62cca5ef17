/* SPDX-License-Identifier: MIT */
#include "file/named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/common.h"
#include "file/interruptions.h"

int folder_open(const char *path)
{
	int fd = uninterrupted(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	return fd < 0 ? -errno : fd;
}

int folder_open_above(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	char *folder = slash ? strndup(path, (size_t)(*name - path)) : strdup(".");
	int fd = folder ? folder_open(folder) : -ENOMEM;

	free(folder);
	return fd;
}

int regular_open(const char *path)
{
	int fd = uninterrupted(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = SSUM_ERR_NOT_REGULAR;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}
