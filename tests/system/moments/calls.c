/* SPDX-License-Identifier: MIT */
#include "system/moments/calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/common.h"

void (*at_moment)(unsigned moment);
atomic_uint moments;
char trace[MOMENTS_MAX + 1];

static _Thread_local bool is_inside;

static void pass_moment(char kind)
{
	if (!at_moment || is_inside)
		return;
	unsigned moment = atomic_fetch_add(&moments, 1);

	if (moment < MOMENTS_MAX)
		trace[moment] = kind;
	is_inside = true;
	at_moment(moment);
	is_inside = false;
}

static struct stat victim;

void watch_file(const struct stat *st)
{
	victim = *st;
}

static bool is_victim(int fd)
{
	struct stat st;

	return at_moment && !is_inside && !fstatat(fd, "", &st, AT_EMPTY_PATH) &&
	       st.st_ino == victim.st_ino && st.st_dev == victim.st_dev;
}

static bool names_victim(const char *path)
{
	size_t length = strlen(path);

	return length >= 6 && !strcmp(path + length - 6, "victim");
}

/* The next definition of a function, after this program's. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, NEXT_NAME(name)))
#define NEXT_NAME(name) (sizeof(off_t) > sizeof(long) ? #name "64" : #name)

ssize_t pread(int fd, void *buffer, size_t length, off_t offset)
{
	if (is_victim(fd))
		pass_moment('r');
	return NEXT(pread)(fd, buffer, length, offset);
}

/* Files on rotational disks. */
ssize_t preadv2(int fd, const struct iovec *buffers, int count, off_t offset, int flags)
{
	if (is_victim(fd))
		pass_moment('r');
	return NEXT(preadv2)(fd, buffers, count, offset, flags);
}

off_t lseek(int fd, off_t offset, int whence)
{
	if (is_victim(fd))
		pass_moment('l');
	return NEXT(lseek)(fd, offset, whence);
}

int fstat(int fd, struct stat *st)
{
	if (is_victim(fd))
		pass_moment('f');
	return fstatat(fd, "", st, AT_EMPTY_PATH);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (names_victim(path))
		pass_moment('o');
	return NEXT(open)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (names_victim(path))
		pass_moment('o');
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
	if (number == SYS_openat2 && names_victim((const char *)a[1]))
		pass_moment('o');
	return NEXT(syscall)(number, a[0], a[1], a[2], a[3]);
}
