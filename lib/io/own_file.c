/* SPDX-License-Identifier: MIT */
#include "io/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/interruptions.h"

#define FILE_MODE 0600
#define DIRECTORY_MODE 0700

/* Each try but the last has met a file that was removed just then. */
#define TRIES 8

static int open_own(const char *path, int flags)
{
	flags |= O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = uninterrupted(open(path, flags, FILE_MODE));
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	return -EPERM;
}

int own_file_open(const char *path)
{
	return open_own(path, O_RDONLY);
}

/* The directories above it, as far as they are missing. */
static int make_directories(const char *path)
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

static int open_or_make(const char *path)
{
	int fd = open_own(path, O_RDWR | O_CREAT);

	if (fd != -ENOENT)
		return fd;
	int rc = make_directories(path);
	return rc ? rc : open_own(path, O_RDWR | O_CREAT);
}

/* A file system without locks has none that are taken. */
static bool is_locked_by_other(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
}

/* Who held it may have removed it between its opening and its lock. */
static bool is_removed(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !st.st_nlink;
}

int own_file_hold(const char *path)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = open_or_make(path);

		if (fd < 0)
			return fd;
		bool is_busy = is_locked_by_other(fd);
		if (!is_busy && !is_removed(fd))
			return fd;
		close(fd);
		if (is_busy)
			break;
	}
	return -EBUSY;
}

void own_file_remove(const char *path, int fd)
{
	int own = fd < 0 ? own_file_open(path) : -1;

	if (fd >= 0 || (own >= 0 && !is_locked_by_other(own)))
		unlink(path);
	if (own >= 0)
		close(own);
}
