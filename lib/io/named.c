/* SPDX-License-Identifier: MIT */
#include "io/named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/common.h"
#include "io/interruptions.h"

int directory_open(const char *path)
{
	int fd = uninterrupted(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	return fd < 0 ? -errno : fd;
}

int directory_open_above(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	char *directory = slash ? strndup(path, (size_t)(*name - path)) : strdup(".");
	int fd = directory ? directory_open(directory) : -ENOMEM;

	free(directory);
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
