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

#include "io/interruptions.h"

#define MODE 0666 /* less the umask */

/* ".NAME.tmp-XXXXXXXX", where the longest names, 255 bytes, are cut to leave room. */
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

static int new_temporary(struct atomic_file *file)
{
	unsigned random;

	free(file->temporary);
	file->temporary = NULL;
	if (uninterrupted(getrandom(&random, sizeof(random), 0)) != (ssize_t)sizeof(random))
		return -errno;
	if (asprintf(&file->temporary, ".%.*s.tmp-%0*x", NAME_KEPT, file->name, RANDOM_DIGITS,
		     random) < 0) {
		file->temporary = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* One try to bring the file into its directory under the temporary name. */
typedef int place_fn(struct atomic_file *file);

static int place_under_new_name(struct atomic_file *file, place_fn *place)
{
	int rc = -EEXIST;

	for (int i = 0; i < NAME_TRIES && rc == -EEXIST; i++) {
		rc = new_temporary(file);
		if (!rc)
			rc = place(file);
	}
	if (rc) {
		free(file->temporary);
		file->temporary = NULL;
	}
	return rc;
}

static int create_named(struct atomic_file *file)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	file->fd = uninterrupted(openat(file->dir, file->temporary, flags, MODE));
	return file->fd < 0 ? -errno : 0;
}

static int link_nameless(struct atomic_file *file)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	return linkat(AT_FDCWD, link, file->dir, file->temporary, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/* Without a name until it is committed, where the file system can: then a process that is killed
   leaves nothing behind. */
static int create(struct atomic_file *file)
{
	if (!access("/proc/self/fd", X_OK))
		file->fd = uninterrupted(
			openat(file->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE));
	return file->fd >= 0 ? 0 : place_under_new_name(file, create_named);
}

/* Renaming would put a file into the place of /dev/null, or of a link like /dev/stdout. (A
   directory is in its way.) */
static int check_place(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, 0))
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? 0 : SSUM_ERR_NOT_REGULAR;
}

int atomic_file_begin(struct atomic_file *file, int dir, const char *name)
{
	int rc = check_place(dir, name);

	*file = (struct atomic_file){.dir = dir, .fd = -1};
	if (rc)
		return rc;
	file->name = strdup(name);
	rc = file->name ? create(file) : -ENOMEM;
	if (rc)
		atomic_file_end(file);
	return rc;
}

static int write_pending(struct atomic_file *file)
{
	const char *data = file->pending.data;
	size_t left = file->pending.length;

	while (left) {
		ssize_t n = uninterrupted(write(file->fd, data, left));

		if (n < 0)
			return -errno;
		data += n;
		left -= (size_t)n;
	}
	file->pending.length = 0;
	return 0;
}

int atomic_file_write(struct atomic_file *file, const void *data, size_t length)
{
	int rc = bytes_append(&file->pending, data, length);

	return rc || file->pending.length < WRITE_LENGTH ? rc : write_pending(file);
}

int atomic_file_commit(struct atomic_file *file)
{
	int rc = write_pending(file);

	if (!rc && uninterrupted(fsync(file->fd)))
		rc = -errno;
	if (!rc && !file->temporary)
		rc = place_under_new_name(file, link_nameless);
	if (!rc && renameat(file->dir, file->temporary, file->dir, file->name))
		rc = -errno;
	if (rc)
		return rc;

	free(file->temporary);
	file->temporary = NULL;
	if (!uninterrupted(fsync(file->dir)))
		return 0;
	return errno == EINVAL || errno == EBADF ? 0 : -errno;
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
