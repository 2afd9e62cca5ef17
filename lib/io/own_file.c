/* SPDX-License-Identifier: MIT */
#include "io/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/opening.h"

#define FILE_MODE 0600
#define DIRECTORY_MODE 0700

/* How often own_file_lock() tries again if the file was removed meanwhile. */
#define TRIES 8

int own_file_open(const char *path, int flags)
{
	int fd = opening_wait(NULL, AT_FDCWD, path, flags | O_NOFOLLOW, FILE_MODE);
	struct stat st;

	if (fd < 0)
		return fd;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	return -EPERM;
}

/* Make the missing directories of a path. */
static int own_file_make_directories(const char *path)
{
	char *directory = strdup(path);
	int rc = 0;

	if (!directory)
		return -ENOMEM;
	for (char *slash = strchr(directory + 1, '/'); slash && !rc;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(directory, DIRECTORY_MODE) && errno != EEXIST)
			rc = -errno;
		*slash = '/';
	}
	free(directory);
	return rc;
}

/* On a file system without locks, flock() fails with another error, and no process has a lock. */
static bool own_file_is_locked(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
}

int own_file_lock(const char *path)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = own_file_open(path, O_RDWR | O_CREAT);
		struct stat st;

		if (fd == -ENOENT) {
			int rc = own_file_make_directories(path);

			fd = rc ? rc : own_file_open(path, O_RDWR | O_CREAT);
		}
		if (fd < 0)
			return fd;

		/* The last owner may have removed the file between open() and flock(). Then other
		   processes make and lock a new one: try again. */
		bool is_locked = own_file_is_locked(fd);
		if (!is_locked && !(fstat(fd, &st) == 0 && !st.st_nlink))
			return fd;
		close(fd);
		if (is_locked)
			break;
	}
	return -EBUSY;
}

void own_file_remove(const char *path, int fd)
{
	int own = fd < 0 ? own_file_open(path, O_RDONLY) : -1;

	if (fd >= 0 || (own >= 0 && !own_file_is_locked(own)))
		unlink(path);
	if (own >= 0)
		close(own);
}
