/* SPDX-License-Identifier: MIT */
#include "io/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/read_write.h"

/* How often to try openat2(). It fails with EAGAIN if a directory is renamed meanwhile. */
#define RACE_TRIES 128

/*
 * How long to wait for another process to give up its lease on a file, in nanoseconds and pauses:
 * 60 seconds. The kernel takes the lease away after 45 seconds, unless
 * /proc/sys/fs/lease-break-time was changed. The wait must end, because a FUSE server may also fail
 * with EAGAIN.
 */
#define LEASE_PAUSE 5000000L
#define LEASE_PAUSES 12000

/* One symlink for each descriptor of this process, to the file that is open. */
#define DESCRIPTORS "/proc/self/fd"

static int opening_openat(int dir, const char *path, int flags)
{
	int fd = uninterrupted(openat(dir, path, flags));

	return fd < 0 ? -errno : fd;
}

/* Wait before the next attempt to open a leased file. 0, or a code that ends the attempts. */
static int opening_pause(const struct ssum_context *context, int *pauses)
{
	const struct timespec pause = {.tv_nsec = LEASE_PAUSE};

	if (context && context_cancelled(context))
		return SSUM_ERR_CANCELLED;
	if ((*pauses)++ == LEASE_PAUSES)
		return -EAGAIN;
	nanosleep(&pause, NULL);
	return 0;
}

int opening_wait(const struct ssum_context *context, int dir, const char *path, int flags,
		 mode_t mode)
{
	int fd, rc, pauses = 0;

	flags |= O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	do {
		fd = uninterrupted(openat(dir, path, flags, mode));
		rc = fd >= 0 ? fd : -errno;
	} while (rc == -EAGAIN && !(rc = opening_pause(context, &pauses)));
	return rc;
}

/* ---- Paths of the caller ---- */

int directory_open(const char *path)
{
	return opening_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int directory_open_or_dup(const int *fd, const char *path)
{
	int copy = fd ? fcntl(*fd, F_DUPFD_CLOEXEC, 3) : directory_open(path);

	return fd && copy < 0 ? -errno : copy;
}

int path_open(const struct ssum_context *context, const char *path, bool streams)
{
	struct stat st;

	/* Check the type before the file is opened: opening a FIFO can block, and opening a device
	   can have effects. If the file is replaced after this check, O_NONBLOCK keeps open() from
	   blocking, and the caller checks the type again. */
	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!mode_is_stream(st.st_mode))
		return opening_wait(context, AT_FDCWD, path, O_RDONLY, 0);
	if (!streams)
		return SSUM_ERR_NOT_REGULAR;
	int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	return fd < 0 ? -errno : fd;
}

int directory_open_above(int at, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	char *directory = slash ? strndup(path, (size_t)(*name - path)) : strdup(".");
	int fd = directory ? opening_openat(at, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			   : -ENOMEM;

	free(directory);
	return fd;
}

int regular_open(const struct ssum_context *context, const char *path)
{
	int fd = opening_wait(context, AT_FDCWD, path, O_RDONLY, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	int rc = fstat(fd, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : SSUM_ERR_NOT_REGULAR;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

/* ---- Names below a directory ---- */

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

/* The number of the mount of an open file, or -errno. 0 if it is unknown, because /proc is not
   mounted. (statx() has it only since Linux 5.8, which is later than openat2().) */
static int beneath_mount(int fd)
{
	char path[32], text[256];
	const char *number = NULL;
	size_t length = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	int info = opening_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return info == -ENOENT ? 0 : info;
	int rc = read_sequentially(info, text, sizeof(text) - 1, &length);
	close(info);
	text[length] = '\0';
	number = strstr(text, "mnt_id:");
	return rc ? rc : number && strchr(number, '\n') ? atoi(number + strlen("mnt_id:")) : 0;
}

/*
 * Open a name on a kernel without openat2(), one component after the other. No step follows a
 * symlink, changes the device or enters another mount. (Without /proc, this does not detect a mount
 * point of the same device, such as a bind mount.) This overwrites the slashes of the path.
 */
static int beneath_open_components(int dir, char *path, int flags)
{
	int at = dir, fd;
	struct stat st;
	bool last;

	if (fstat(dir, &st))
		return -errno;
	const dev_t device = st.st_dev;
	const int mount = beneath_mount(dir);
	if (mount < 0)
		return mount;
	do {
		size_t length = strcspn(path, "/");

		last = !path[length];
		path[length] = '\0';
		fd = opening_openat(at, path,
				    (last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW);
		/* With O_DIRECTORY, open() fails with ENOTDIR for a symlink too. */
		if (fd == -ENOTDIR && !fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISLNK(st.st_mode))
			fd = -ELOOP;
		if (at != dir)
			close(at);
		if (fd < 0)
			return fd;

		int rc = fstat(fd, &st) ? -errno : st.st_dev != device ? -EXDEV : 0;
		int entered = rc ? rc : beneath_mount(fd);
		if (!rc)
			rc = entered < 0                            ? entered
			     : mount && entered && entered != mount ? -EXDEV
								    : 0;
		if (rc) {
			close(fd);
			return rc;
		}
		at = fd;
		path += length + 1;
	} while (!last);
	return fd;
}

/* Open the first `length` bytes of a path, which are short enough for one system call. */
static int beneath_open_part(int dir, const char *path, size_t length, int flags)
{
	/* With RESOLVE_NO_SYMLINKS, every symlink in the path fails with ELOOP, with one
	   exception: O_PATH and O_NOFOLLOW open a symlink that is the last component. */
	bool symlink_itself = (flags & (O_PATH | O_DIRECTORY)) == O_PATH;
	struct open_how how = {
		.flags = (unsigned)(symlink_itself ? flags | O_NOFOLLOW : flags),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};
	int fd, tries = RACE_TRIES;
	char part[PATH_MAX];

	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, length);
	part[length] = '\0';
	do
		fd = (int)uninterrupted(syscall(SYS_openat2, dir, part, &how, sizeof(how)));
	while (fd < 0 && errno == EAGAIN && --tries > 0);
	if (fd >= 0)
		return fd;

	/* EPERM: a seccomp filter that does not know openat2(). */
	return errno == ENOSYS || errno == EPERM ? beneath_open_components(dir, part, flags)
						 : -errno;
}

int beneath_open(int dir, const char *path, int flags)
{
	int at = dir, fd;
	bool last;

	if (!beneath_is_plain(path))
		return SSUM_ERR_NAME;
	flags |= O_CLOEXEC;
	do {
		/* Open a path of PATH_MAX bytes or more in parts that end at slashes. */
		size_t length = strnlen(path, PATH_MAX);

		if (length == PATH_MAX) {
			const char *slash = memrchr(path, '/', PATH_MAX);

			length = slash ? (size_t)(slash - path) : PATH_MAX;
		}
		last = !path[length];
		fd = beneath_open_part(at, path, length,
				       last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (at != dir)
			close(at);
		at = fd;
		path += length + 1;
	} while (fd >= 0 && !last);

	return fd == -ELOOP ? SSUM_ERR_SYMLINK : fd == -EXDEV ? SSUM_ERR_MOUNT_POINT : fd;
}

static int beneath_check_regular(int fd, struct stat *st)
{
	if (fstat(fd, st))
		return -errno;
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		return 0;
	case S_IFDIR:
		return -EISDIR;
	case S_IFLNK:
		return SSUM_ERR_SYMLINK;
	default:
		return SSUM_ERR_NOT_REGULAR;
	}
}

/* Check the type on an O_PATH descriptor first: opening a FIFO can block, and opening a device can
   have effects. */
int beneath_open_regular(const struct ssum_context *context, int dir, const char *path,
			 int descriptors, struct stat *st)
{
	int fd = beneath_open(dir, path, O_PATH);
	int pauses = 0;
	struct stat now;

	if (fd < 0)
		return fd;
	int rc = beneath_check_regular(fd, st);
	int readable = rc ? rc : descriptor_reopen(context, descriptors, fd);
	close(fd);
	if (readable != -ENOENT)
		return readable;

	/* Without /proc, open the name again. It must be the same file. */
	do
		fd = beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	while (fd == -EAGAIN && !(fd = opening_pause(context, &pauses)));
	if (fd < 0)
		return fd;
	rc = beneath_check_regular(fd, &now);
	if (!rc && (now.st_ino != st->st_ino || now.st_dev != st->st_dev))
		rc = SSUM_ERR_CHANGED;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int beneath_type(int dir, const char *path, enum ssum_type *type)
{
	struct stat st;
	int fd = beneath_open(dir, path, O_PATH);
	int rc = fd < 0 ? fd : fstat(fd, &st) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	*type = rc ? SSUM_TYPE_UNKNOWN : type_of_mode(st.st_mode);
	return rc == -ENOENT || rc == -ENOTDIR || rc == SSUM_ERR_SYMLINK ? 0 : rc;
}

int beneath_readlink(int root, const char *path, char **target)
{
	int fd = beneath_open(root, path, O_PATH);
	struct bytes text = {0};
	size_t room = 256;
	ssize_t length;
	int rc;

	if (fd < 0)
		return fd;
	/* A target that fills the buffer may be truncated: try again with a larger one. */
	do {
		room *= 2;
		rc = bytes_reserve(&text, room);
		length = rc ? 0 : readlinkat(fd, "", text.data, room);
		if (length < 0)
			rc = -errno;
	} while (!rc && (size_t)length == room);
	close(fd);
	if (rc) {
		bytes_free(&text);
		return rc;
	}
	text.data[length] = '\0';
	*target = text.data;
	return 0;
}

/* ---- Descriptors ---- */

int descriptors_open(void)
{
	return uninterrupted(open(DESCRIPTORS, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int descriptor_reopen(const struct ssum_context *context, int descriptors, int fd)
{
	char path[32];
	const char *name = path;

	snprintf(path, sizeof(path), DESCRIPTORS "/%d", fd);
	if (descriptors >= 0)
		name += sizeof(DESCRIPTORS);
	return opening_wait(context, descriptors, name, O_RDONLY, 0);
}

bool mode_is_stream(mode_t mode)
{
	return S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
}

enum ssum_type type_of_mode(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return SSUM_TYPE_FILE;
	case S_IFLNK:
		return SSUM_TYPE_SYMLINK;
	case S_IFDIR:
		return SSUM_TYPE_DIRECTORY;
	case S_IFIFO:
		return SSUM_TYPE_FIFO;
	case S_IFSOCK:
		return SSUM_TYPE_SOCKET;
	case S_IFCHR:
		return SSUM_TYPE_CHAR_DEVICE;
	case S_IFBLK:
		return SSUM_TYPE_BLOCK_DEVICE;
	default:
		return SSUM_TYPE_UNKNOWN;
	}
}

const char *ssum_type_name(enum ssum_type type)
{
	static const char *const names[] = {
		[SSUM_TYPE_UNKNOWN] = "unknown",
		[SSUM_TYPE_FILE] = "regular file",
		[SSUM_TYPE_SYMLINK] = "symlink",
		[SSUM_TYPE_DIRECTORY] = "directory",
		[SSUM_TYPE_FIFO] = "FIFO",
		[SSUM_TYPE_SOCKET] = "socket",
		[SSUM_TYPE_CHAR_DEVICE] = "character device",
		[SSUM_TYPE_BLOCK_DEVICE] = "block device",
	};

	return (unsigned)type < ARRAY_SIZE(names) ? names[type] : names[SSUM_TYPE_UNKNOWN];
}
