/* SPDX-License-Identifier: MIT */
/* Calls that read, write, open, query and change files, and a few others. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "system/faults/call.h"

/* ---- Reads and writes, which can be short ---- */

/* How many bytes to transfer; -1 if the call fails. */
static ssize_t share(const char *call, size_t length)
{
	int error = fault_strike(call);

	if (error > 0)
		return -1;
	if (error == FAULT_ONE)
		return length > 0;
	return (ssize_t)(error == FAULT_HALF ? (length + 1) / 2 : error == FAULT_END ? 0 : length);
}

CALL(ssize_t, pread64, (int fd, void *data, size_t length, off64_t offset))
{
	ssize_t n = share("pread", length);

	return n < 0 ? n : REAL(pread64)(fd, data, (size_t)n, offset);
}

CALL(ssize_t, preadv64v2,
     (int fd, const struct iovec *pieces, int count, off64_t offset, int flags))
{
	return fault_strike("preadv2") ? -1 : REAL(preadv64v2)(fd, pieces, count, offset, flags);
}

CALL(ssize_t, read, (int fd, void *data, size_t length))
{
	ssize_t n = share("read", length);

	return n < 0 ? n : REAL(read)(fd, data, (size_t)n);
}

CALL(ssize_t, write, (int fd, const void *data, size_t length))
{
	ssize_t n = share("write", length);

	return n < 0 ? n : REAL(write)(fd, data, (size_t)n);
}

CALL(ssize_t, pwrite64, (int fd, const void *data, size_t length, off64_t offset))
{
	ssize_t n = share("pwrite", length);

	return n < 0 ? n : REAL(pwrite64)(fd, data, (size_t)n, offset);
}

/* ---- Opening ---- */

/* The text in sysfs for a rotational disk. */
static int open_one(void)
{
	int fd = memfd_create("rotational", MFD_CLOEXEC);

	return REAL(pwrite64)(fd, "1\n", 2, 0) == 2 ? fd : -1;
}

CALL(int, open64, (const char *path, int flags, ...))
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (fault_is_always("rotational") && !strncmp(path, "/sys/dev/", 9))
		return open_one();
	return fault_strike("open") ? -1 : REAL(open64)(path, flags, mode);
}

CALL(int, openat64, (int dir, const char *path, int flags, ...))
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = va_arg(arguments, mode_t);
	va_end(arguments);
	return fault_strike("openat") ? -1 : REAL(openat64)(dir, path, flags, mode);
}

/* The library uses syscall() only for openat2(). */
CALL(long, syscall, (long number, ...))
{
	va_list list;
	long a[4];

	va_start(list, number);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return fault_strike("openat2") ? -1 : REAL(syscall)(number, a[0], a[1], a[2], a[3]);
}

/* The descriptor is closed even if the call fails. */
CALL(int, close, (int fd))
{
	int rc = REAL(close)(fd);

	return fault_strike("close") ? -1 : rc;
}

/* ---- Queries of files and directories ---- */

CALL(int, fstat64, (int fd, struct stat64 *st))
{
	return fault_strike("fstat") ? -1 : REAL(fstat64)(fd, st);
}

CALL(int, stat64, (const char *path, struct stat64 *st))
{
	return fault_strike("stat") ? -1 : REAL(stat64)(path, st);
}

CALL(int, fstatat64, (int dir, const char *path, struct stat64 *st, int flags))
{
	return fault_strike("fstatat") ? -1 : REAL(fstatat64)(dir, path, st, flags);
}

CALL(int, fstatfs64, (int fd, struct statfs64 *fs))
{
	return fault_strike("fstatfs") ? -1 : REAL(fstatfs64)(fd, fs);
}

CALL(off64_t, lseek64, (int fd, off64_t offset, int whence))
{
	return fault_strike("lseek") ? -1 : REAL(lseek64)(fd, offset, whence);
}

CALL(int, access, (const char *path, int mode))
{
	return fault_strike("access") ? -1 : REAL(access)(path, mode);
}

CALL(ssize_t, readlinkat, (int dir, const char *path, char *text, size_t length))
{
	return fault_strike("readlinkat") ? -1 : REAL(readlinkat)(dir, path, text, length);
}

CALL(DIR *, fdopendir, (int fd))
{
	return fault_strike("fdopendir") ? NULL : REAL(fdopendir)(fd);
}

CALL(struct dirent64 *, readdir64, (DIR * stream))
{
	return fault_strike("readdir") ? NULL : REAL(readdir64)(stream);
}

/* ---- Changes ---- */

CALL(int, fsync, (int fd))
{
	return fault_strike("fsync") ? -1 : REAL(fsync)(fd);
}

CALL(int, fdatasync, (int fd))
{
	return fault_strike("fdatasync") ? -1 : REAL(fdatasync)(fd);
}

CALL(int, ftruncate64, (int fd, off64_t length))
{
	return fault_strike("ftruncate") ? -1 : REAL(ftruncate64)(fd, length);
}

CALL(int, fallocate64, (int fd, int mode, off64_t offset, off64_t length))
{
	return fault_strike("fallocate") ? -1 : REAL(fallocate64)(fd, mode, offset, length);
}

CALL(int, posix_fadvise64, (int fd, off64_t offset, off64_t length, int advice))
{
	int error = fault_strike("posix_fadvise");

	return error ? error : REAL(posix_fadvise64)(fd, offset, length, advice);
}

CALL(int, linkat, (int from, const char *old, int to, const char *new, int flags))
{
	return fault_strike("linkat") ? -1 : REAL(linkat)(from, old, to, new, flags);
}

CALL(int, renameat, (int from, const char *old, int to, const char *new))
{
	return fault_strike("renameat") ? -1 : REAL(renameat)(from, old, to, new);
}

CALL(int, unlinkat, (int dir, const char *path, int flags))
{
	return fault_strike("unlinkat") ? -1 : REAL(unlinkat)(dir, path, flags);
}

CALL(int, unlink, (const char *path))
{
	return fault_strike("unlink") ? -1 : REAL(unlink)(path);
}

/* ---- Queries of the process ---- */

/* The library must not wait for clock ticks here: the tests make thousands of runs. */
CALL(int, nanosleep, (const struct timespec *due, struct timespec *left))
{
	return fault_is_armed() ? 0 : REAL(nanosleep)(due, left);
}

CALL(ssize_t, getrandom, (void *data, size_t length, unsigned flags))
{
	return fault_strike("getrandom") ? -1 : REAL(getrandom)(data, length, flags);
}

CALL(int, getrlimit64, (__rlimit_resource_t resource, struct rlimit64 *limit))
{
	return fault_strike("getrlimit") ? -1 : REAL(getrlimit64)(resource, limit);
}

CALL(int, sched_getaffinity, (pid_t process, size_t length, cpu_set_t *set))
{
	return fault_strike("sched_getaffinity") ? -1
						 : REAL(sched_getaffinity)(process, length, set);
}

CALL(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument))
{
	int error = fault_strike("pthread_create");

	if (!error)
		error = REAL(pthread_create)(thread, attributes, run, argument);
	fault_count(!error);
	return error;
}

CALL(int, pthread_join, (pthread_t thread, void **result))
{
	fault_count(-1);
	return REAL(pthread_join)(thread, result);
}
