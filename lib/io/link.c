/* SPDX-License-Identifier: MIT */
#include "io/link.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/beneath.h"

static int read_link(int fd, char **target)
{
	struct bytes text = {0};
	ssize_t length;
	size_t room = 256;

	do {
		room *= 2;
		int rc = bytes_reserve(&text, room);
		length = rc ? -1 : readlinkat(fd, "", text.data, room);
		if (length < 0) {
			rc = rc ? rc : -errno;
			bytes_free(&text);
			return rc;
		}
	} while ((size_t)length == room);
	text.data[length] = '\0';
	*target = text.data;
	return 0;
}

int link_target(int root, const char *path, char **target)
{
	int fd = beneath_open(root, path, O_PATH);
	int rc = fd < 0 ? fd : read_link(fd, target);

	if (fd >= 0)
		close(fd);
	return rc;
}
