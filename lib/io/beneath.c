/* SPDX-License-Identifier: MIT */
#include "io/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/interruptions.h"

/* A rename somewhere on the path makes the kernel give up with EAGAIN; it is rare. */
#define RACE_TRIES 128

/* Links to what the descriptors of this process refer to. */
#define DESCRIPTORS "/proc/self/fd"

bool beneath_is_plain(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		if (!length || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
}

static int checked_openat(int dir, const char *path, int flags)
{
	int fd = uninterrupted(openat(dir, path, flags));

	return fd < 0 ? -errno : fd;
}

/* Only a link that is opened itself, with O_PATH, needs O_NOFOLLOW: any other is refused by the
   resolution, and as what it is. */
static int checked_openat2(int dir, const char *path, int flags)
{
	bool link_itself = (flags & (O_PATH | O_DIRECTORY)) == O_PATH;
	struct open_how how = {
		.flags = (unsigned)(link_itself ? flags | O_NOFOLLOW : flags),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};
	int fd, tries = RACE_TRIES;

	do
		fd = (int)uninterrupted(syscall(SYS_openat2, dir, path, &how, sizeof(how)));
	while (fd < 0 && errno == EAGAIN && --tries > 0);
	return fd < 0 ? -errno : fd;
}

/* Where there is no openat2(): a step that can neither follow a link nor change the device. */
static int open_component(int dir, const char *name, int flags, dev_t device)
{
	int fd = checked_openat(dir, name, flags | O_NOFOLLOW);
	struct stat st;

	if (fd == -ENOTDIR && !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
		return -ELOOP;
	if (fd < 0)
		return fd;

	int rc = fstat(fd, &st) ? -errno : st.st_dev != device ? -EXDEV : 0;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

static int open_by_components(int dir, char *path, int flags)
{
	struct stat st;
	int at = dir;

	if (fstat(dir, &st))
		return -errno;
	for (;;) {
		size_t length = strcspn(path, "/");
		bool last = !path[length];

		path[length] = '\0';
		int fd = open_component(at, path, last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC,
					st.st_dev);
		if (at != dir)
			close(at);
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += length + 1;
	}
}

/* Only a name that is too long for one call has to be walked in pieces. */
static size_t piece_length(const char *path)
{
	size_t length = strnlen(path, PATH_MAX);

	if (length < PATH_MAX)
		return length;
	const char *slash = memrchr(path, '/', PATH_MAX);
	return slash ? (size_t)(slash - path) : length;
}

static int open_piece(int dir, const char *path, size_t length, int flags)
{
	char piece[PATH_MAX];

	if (length >= sizeof(piece))
		return -ENAMETOOLONG;
	memcpy(piece, path, length);
	piece[length] = '\0';

	int fd = checked_openat2(dir, piece, flags);
	if (fd == -ENOSYS || fd == -EPERM)
		fd = open_by_components(dir, piece, flags);
	return fd;
}

int beneath_open(int dir, const char *path, int flags)
{
	int at = dir, fd;
	bool last;

	if (!beneath_is_plain(path))
		return SSUM_ERR_NAME;
	flags |= O_CLOEXEC;
	do {
		size_t length = piece_length(path);

		last = !path[length];
		fd = open_piece(at, path, length, last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (at != dir)
			close(at);
		at = fd;
		path += length + 1;
	} while (fd >= 0 && !last);

	return fd == -ELOOP ? SSUM_ERR_SYMLINK : fd == -EXDEV ? SSUM_ERR_MOUNT_POINT : fd;
}

int descriptors_open(void)
{
	return uninterrupted(open(DESCRIPTORS, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int reopen(int descriptors, int fd)
{
	char path[32];
	const char *name = path;

	snprintf(path, sizeof(path), DESCRIPTORS "/%d", fd);
	if (descriptors >= 0)
		name += sizeof(DESCRIPTORS);
	return checked_openat(descriptors, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static int check_regular(int fd, struct stat *st)
{
	if (fstat(fd, st))
		return -errno;
	if (S_ISREG(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	return S_ISLNK(st->st_mode) ? SSUM_ERR_SYMLINK : SSUM_ERR_NOT_REGULAR;
}

/* Without /proc the name is opened a second time, and must still be the same file. */
static int open_again(int dir, const char *path, const struct stat *looked_at)
{
	int fd = beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fd;
	int rc = check_regular(fd, &st);
	if (!rc && (st.st_ino != looked_at->st_ino || st.st_dev != looked_at->st_dev))
		rc = SSUM_ERR_CHANGED;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int beneath_open_regular(int dir, const char *path, int descriptors, struct stat *st)
{
	int look = beneath_open(dir, path, O_PATH);

	if (look < 0)
		return look;
	int fd = check_regular(look, st);
	if (!fd)
		fd = reopen(descriptors, look);
	close(look);
	return fd == -ENOENT ? open_again(dir, path, st) : fd;
}

int beneath_look(int dir, const char *path, enum ssum_type *type)
{
	struct stat st;
	int fd = beneath_open(dir, path, O_PATH);
	int rc = fd < 0 ? fd : fstat(fd, &st) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	*type = rc ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode);
	return rc == -ENOENT || rc == -ENOTDIR || rc == SSUM_ERR_SYMLINK ? 0 : rc;
}

enum ssum_type type_of_mode(mode_t mode)
{
	static const struct {
		mode_t format;
		enum ssum_type type;
	} types[] = {
		{S_IFREG, SSUM_TYPE_FILE},         {S_IFLNK, SSUM_TYPE_SYMLINK},
		{S_IFDIR, SSUM_TYPE_DIRECTORY},    {S_IFIFO, SSUM_TYPE_FIFO},
		{S_IFSOCK, SSUM_TYPE_SOCKET},      {S_IFCHR, SSUM_TYPE_CHAR_DEVICE},
		{S_IFBLK, SSUM_TYPE_BLOCK_DEVICE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].format)
			return types[i].type;
	return SSUM_TYPE_UNKNOWN;
}

const char *ssum_type_name(enum ssum_type type)
{
	static const char *const names[] = {
		[SSUM_TYPE_UNKNOWN] = "unknown",
		[SSUM_TYPE_FILE] = "regular file",
		[SSUM_TYPE_SYMLINK] = "symbolic link",
		[SSUM_TYPE_DIRECTORY] = "directory",
		[SSUM_TYPE_FIFO] = "FIFO",
		[SSUM_TYPE_SOCKET] = "socket",
		[SSUM_TYPE_CHAR_DEVICE] = "character device",
		[SSUM_TYPE_BLOCK_DEVICE] = "block device",
	};

	return (unsigned)type < ARRAY_SIZE(names) ? names[type] : names[SSUM_TYPE_UNKNOWN];
}
