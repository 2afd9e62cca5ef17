/* SPDX-License-Identifier: MIT */
#include "system/concurrent/calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/common.h"

void (*before_call)(unsigned call);
atomic_uint call_count;
char trace[CALLS_MAX + 1];

static _Thread_local bool is_inside;

static void count_call(char kind)
{
	if (!before_call || is_inside)
		return;
	unsigned call = atomic_fetch_add(&call_count, 1);

	if (call < CALLS_MAX)
		trace[call] = kind;
	is_inside = true;
	before_call(call);
	is_inside = false;
}

static struct stat target;

void watch_file(const struct stat *st)
{
	target = *st;
}

static bool is_target(int fd)
{
	struct stat st;

	return before_call && !is_inside && !fstatat(fd, "", &st, AT_EMPTY_PATH) &&
	       st.st_ino == target.st_ino && st.st_dev == target.st_dev;
}

static bool names_target(const char *path)
{
	size_t length = strlen(path);

	return length >= 6 && !strcmp(path + length - 6, "target");
}

/* The C library's definition of a function. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, NEXT_NAME(name)))
#define NEXT_NAME(name) (sizeof(off_t) > sizeof(long) ? #name "64" : #name)

ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
	if (is_target(fd))
		count_call('r');
	return NEXT(pread)(fd, buffer, length, offset);
}

/* Called for files on rotational disks. */
ssize_t preadv2(int fd, const struct iovec *buffers, int count, off_t offset, int flags)
{
	if (is_target(fd))
		count_call('r');
	return NEXT(preadv2)(fd, buffers, count, offset, flags);
}

off_t lseek(int fd, off_t offset, int whence)
{
	if (is_target(fd))
		count_call('l');
	return NEXT(lseek)(fd, offset, whence);
}

int fstat(int fd, struct stat *st)
{
	if (is_target(fd))
		count_call('f');
	return fstatat(fd, "", st, AT_EMPTY_PATH);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (names_target(path))
		count_call('o');
	return NEXT(open)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (names_target(path))
		count_call('o');
	return NEXT(openat)(directory, path, flags, mode);
}

long syscall(long number, ...)
{
	va_list arguments;
	long a[4];

	va_start(arguments, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_openat2 && names_target((const char *)a[1]))
		count_call('o');
	return NEXT(syscall)(number, a[0], a[1], a[2], a[3]);
}
