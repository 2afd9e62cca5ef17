/* SPDX-License-Identifier: MIT */
#include "io/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/opening.h"
#include "io/read_write.h"

#define MODE 0666 /* minus the umask */
#define PERMISSIONS (S_IRWXU | S_IRWXG | S_IRWXO)

/* Temporary names are ".NAME.tmp-XXXXXXXX". NAME is cut to this length, so that a temporary name
   has at most 255 bytes. */
#define NAME_KEPT 200
#define RANDOM_DIGITS 8
#define NAME_TRIES 100
#define WRITE_LENGTH (256 * KIB)

bool atomic_file_is_temporary(const char *name, const char *committed)
{
	size_t kept = strnlen(committed, NAME_KEPT), mark = strlen(".tmp-");

	return name[0] == '.' && !strncmp(name + 1, committed, kept) &&
	       !strncmp(name + 1 + kept, ".tmp-", mark) &&
	       strspn(name + 1 + kept + mark, "0123456789abcdef") == RANDOM_DIGITS &&
	       !name[1 + kept + mark + RANDOM_DIGITS];
}

/* Create the file under a temporary name, with this mode, or link it to one if it is open already.
 */
static int atomic_file_name_temporary(struct atomic_file *file, mode_t mode)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	char *name, by_descriptor[32];
	unsigned random;
	int rc = -EEXIST;

	snprintf(by_descriptor, sizeof(by_descriptor), "/proc/self/fd/%d", file->fd);
	for (int i = 0; i < NAME_TRIES && rc == -EEXIST; i++) {
		if (uninterrupted(getrandom(&random, sizeof(random), 0)) != (ssize_t)sizeof(random))
			return -errno;
		if (asprintf(&name, ".%.*s.tmp-%0*x", NAME_KEPT, file->name, RANDOM_DIGITS,
			     random) < 0)
			return -ENOMEM;
		if (file->fd >= 0) {
			rc = linkat(AT_FDCWD, by_descriptor, file->dir, name, AT_SYMLINK_FOLLOW)
				     ? -errno
				     : 0;
		} else {
			file->fd = uninterrupted(openat(file->dir, name, flags, mode));
			rc = file->fd < 0 ? -errno : 0;
		}
		if (rc)
			free(name);
		else
			file->temporary = name;
	}
	return rc;
}

int atomic_file_begin(struct atomic_file *file, int dir, const char *name)
{
	struct stat st = {.st_mode = MODE};
	int rc = 0;

	*file = (struct atomic_file){.dir = dir, .fd = -1};

	/* rename() would replace a device such as /dev/null, or a symlink to one such as
	   /dev/stdout: refuse these. It does not replace a directory. */
	if (fstatat(dir, name, &st, 0))
		rc = errno == ENOENT || errno == ELOOP ? 0 : -errno;
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		rc = SSUM_ERR_NOT_REGULAR;
	if (rc)
		return rc;

	file->name = strdup(name);
	if (!file->name)
		return -ENOMEM;

	/* If the file system supports it, the file has no name until the commit: a killed process
	   leaves nothing. The commit needs /proc to give it a name. */
	if (!access("/proc/self/fd", X_OK))
		file->fd = uninterrupted(
			openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, st.st_mode & MODE));
	if (file->fd < 0)
		rc = atomic_file_name_temporary(file, st.st_mode & MODE);
	if (rc)
		atomic_file_end(file);
	return rc;
}

int atomic_file_write(struct atomic_file *file, const void *data, size_t length)
{
	struct bytes *pending = &file->pending;
	int rc = bytes_append(pending, data, length);

	if (rc || pending->length < WRITE_LENGTH)
		return rc;
	rc = write_exactly(file->fd, pending->data, pending->length, AT_POSITION);
	if (!rc)
		pending->length = 0;
	return rc;
}

/* Give the new file the owner, group and mode of the one that it replaces. */
static void atomic_file_keep_owner(struct atomic_file *file)
{
	struct stat old;

	if (fstatat(file->dir, file->name, &old, 0) || !S_ISREG(old.st_mode))
		return;
	mode_t mode = old.st_mode & PERMISSIONS;

	/* A member of the group may set the group, even if it may not set the owner. */
	file->owner_lost = fchown(file->fd, old.st_uid, old.st_gid) != 0;
	if (file->owner_lost && fchown(file->fd, (uid_t)-1, old.st_gid))
		mode &= ~(mode_t)S_IRWXG | (mode & S_IRWXO) << 3;
	/* Some file systems have no modes. */
	(void)!fchmod(file->fd, mode);
}

int atomic_file_commit(struct atomic_file *file)
{
	int rc = write_exactly(file->fd, file->pending.data, file->pending.length, AT_POSITION);

	atomic_file_keep_owner(file);
	if (!rc && uninterrupted(fsync(file->fd)))
		rc = -errno;
	if (!rc && !file->temporary)
		rc = atomic_file_name_temporary(file, 0);
	if (!rc && renameat(file->dir, file->temporary, file->dir, file->name))
		rc = -errno;
	if (rc)
		return rc;

	file->pending.length = 0;
	free(file->temporary);
	file->temporary = NULL;

	/* Some file systems cannot flush a directory (EINVAL; EBADF from some servers). */
	if (uninterrupted(fsync(file->dir)) && errno != EINVAL && errno != EBADF)
		return -errno;
	return 0;
}

void atomic_file_end(struct atomic_file *file)
{
	if (file->temporary)
		unlinkat(file->dir, file->temporary, 0);
	if (file->fd >= 0)
		close(file->fd);
	free(file->temporary);
	free(file->name);
	bytes_free(&file->pending);
	*file = (struct atomic_file){.fd = -1};
}

int ssum_replace_file(int directory, const char *path, const void *data, size_t length)
{
	struct atomic_file file = {.fd = -1};
	const char *name;
	int dir = directory_open_above(directory, path, &name);
	int rc;

	if (dir < 0)
		return dir;
	rc = *name ? atomic_file_begin(&file, dir, name) : -EISDIR;
	if (!rc)
		rc = write_exactly(file.fd, data, length, AT_POSITION);
	if (!rc)
		rc = atomic_file_commit(&file);
	atomic_file_end(&file);
	close(dir);
	return rc;
}
