/* SPDX-License-Identifier: MIT */
#include "file/named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

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
