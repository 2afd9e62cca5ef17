/* SPDX-License-Identifier: MIT */
/*
 * Each call that can fail, as a function that comes before the true one: by the linker's --wrap, or
 * with FAULTS_PRELOADED by being loaded first. The Makefile reads the names for the linker from the
 * lines that begin with CALL.
 */
#include "faults/faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* Before the threads that see it are started. */
static struct fault armed, always;
static long armed_at;
static atomic_long seen, live;
static atomic_bool fired;

/* Where there is a preloaded shim, it tells of what it did. */
static void note_fired(void);

static int strike(const char *call)
{
	if (always.call && !strcmp(always.call, call))
		return errno = always.error;
	if (!armed.call || strcmp(armed.call, call) != 0 || ++seen != armed_at)
		return 0;
	fired = true;
	note_fired();
	if (armed.error > 0)
		errno = armed.error;
	return armed.error;
}

void fault_arm(const struct fault *fault, long k)
{
	armed = *fault;
	armed_at = k;
	seen = 0;
	fired = false;
}

long fault_disarm(void)
{
	armed.call = NULL;
	return seen;
}

bool fault_fired(void)
{
	return fired;
}

void fault_always(const struct fault *fault)
{
	always = *fault;
}

long fault_live(void)
{
	return live;
}

#ifdef FAULTS_PRELOADED

/* FAULT is CALL:K:ERRNO. That it fired is written to the file FAULT_FIRED. */
static void note_fired(void)
{
	const char *path = getenv("FAULT_FIRED");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%s %ld\n", armed.call, armed_at);
	fclose(file);
}

__attribute__((constructor)) static void arm_from_environment(void)
{
	static char text[64];
	const char *given = getenv("FAULT");
	char *k, *error;

	if (!given || strlen(given) >= sizeof(text))
		return;
	strcpy(text, given);
	k = strchr(text, ':');
	error = k ? strchr(k + 1, ':') : NULL;
	if (!error)
		return;
	*k++ = *error++ = '\0';
	fault_arm(&(struct fault){text, atoi(error)}, atol(k));
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(type, name, parameters)                                                               \
	__attribute__((visibility("default"))) type name parameters;                               \
	type name parameters

#else

static void note_fired(void)
{
}

#define REAL(name) __real_##name
#define CALL(type, name, parameters)                                                               \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters

#endif

/* ---- Reads and writes, which can be short ---- */

/* How much of a length is to be done; -1 if none and it fails. */
static ssize_t share(const char *call, size_t length)
{
	int error = strike(call);

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
	return strike("preadv2") ? -1 : REAL(preadv64v2)(fd, pieces, count, offset, flags);
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

/* What sysfs says of a disk that rotates. */
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
	if (always.call && !strcmp(always.call, "rotational") && !strncmp(path, "/sys/dev/", 9))
		return open_one();
	return strike("open") ? -1 : REAL(open64)(path, flags, mode);
}

CALL(int, openat64, (int dir, const char *path, int flags, ...))
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = va_arg(arguments, mode_t);
	va_end(arguments);
	return strike("openat") ? -1 : REAL(openat64)(dir, path, flags, mode);
}

/* It is used for openat2() alone. */
CALL(long, syscall, (long number, ...))
{
	va_list list;
	long a[4];

	va_start(list, number);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return strike("openat2") ? -1 : REAL(syscall)(number, a[0], a[1], a[2], a[3]);
}

/* The descriptor is gone also where it fails. */
CALL(int, close, (int fd))
{
	int rc = REAL(close)(fd);

	return strike("close") ? -1 : rc;
}

/* ---- What is asked of files and folders ---- */

CALL(int, fstat64, (int fd, struct stat64 *st))
{
	return strike("fstat") ? -1 : REAL(fstat64)(fd, st);
}

CALL(int, stat64, (const char *path, struct stat64 *st))
{
	return strike("stat") ? -1 : REAL(stat64)(path, st);
}

CALL(int, fstatat64, (int dir, const char *path, struct stat64 *st, int flags))
{
	return strike("fstatat") ? -1 : REAL(fstatat64)(dir, path, st, flags);
}

CALL(int, fstatfs64, (int fd, struct statfs64 *fs))
{
	return strike("fstatfs") ? -1 : REAL(fstatfs64)(fd, fs);
}

CALL(off64_t, lseek64, (int fd, off64_t offset, int whence))
{
	return strike("lseek") ? -1 : REAL(lseek64)(fd, offset, whence);
}

CALL(int, access, (const char *path, int mode))
{
	return strike("access") ? -1 : REAL(access)(path, mode);
}

CALL(ssize_t, readlinkat, (int dir, const char *path, char *text, size_t length))
{
	return strike("readlinkat") ? -1 : REAL(readlinkat)(dir, path, text, length);
}

CALL(DIR *, fdopendir, (int fd))
{
	return strike("fdopendir") ? NULL : REAL(fdopendir)(fd);
}

CALL(struct dirent64 *, readdir64, (DIR * stream))
{
	return strike("readdir") ? NULL : REAL(readdir64)(stream);
}

/* ---- What is done to them ---- */

CALL(int, fsync, (int fd))
{
	return strike("fsync") ? -1 : REAL(fsync)(fd);
}

CALL(int, fdatasync, (int fd))
{
	return strike("fdatasync") ? -1 : REAL(fdatasync)(fd);
}

CALL(int, ftruncate64, (int fd, off64_t length))
{
	return strike("ftruncate") ? -1 : REAL(ftruncate64)(fd, length);
}

CALL(int, fallocate64, (int fd, int mode, off64_t offset, off64_t length))
{
	return strike("fallocate") ? -1 : REAL(fallocate64)(fd, mode, offset, length);
}

CALL(int, posix_fadvise64, (int fd, off64_t offset, off64_t length, int advice))
{
	int error = strike("posix_fadvise");

	return error ? error : REAL(posix_fadvise64)(fd, offset, length, advice);
}

CALL(int, linkat, (int from, const char *old, int to, const char *new, int flags))
{
	return strike("linkat") ? -1 : REAL(linkat)(from, old, to, new, flags);
}

CALL(int, renameat, (int from, const char *old, int to, const char *new))
{
	return strike("renameat") ? -1 : REAL(renameat)(from, old, to, new);
}

CALL(int, unlinkat, (int dir, const char *path, int flags))
{
	return strike("unlinkat") ? -1 : REAL(unlinkat)(dir, path, flags);
}

CALL(int, unlink, (const char *path))
{
	return strike("unlink") ? -1 : REAL(unlink)(path);
}

/* ---- What is asked of the process ---- */

/* The ticks of the clock that are waited out are of no account in thousands of runs. */
CALL(int, nanosleep, (const struct timespec *due, struct timespec *left))
{
	return armed.call ? 0 : REAL(nanosleep)(due, left);
}

CALL(ssize_t, getrandom, (void *data, size_t length, unsigned flags))
{
	return strike("getrandom") ? -1 : REAL(getrandom)(data, length, flags);
}

CALL(int, getrlimit64, (__rlimit_resource_t resource, struct rlimit64 *limit))
{
	return strike("getrlimit") ? -1 : REAL(getrlimit64)(resource, limit);
}

CALL(int, sched_getaffinity, (pid_t process, size_t length, cpu_set_t *set))
{
	return strike("sched_getaffinity") ? -1 : REAL(sched_getaffinity)(process, length, set);
}

CALL(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument))
{
	int error = strike("pthread_create");

	if (!error)
		error = REAL(pthread_create)(thread, attributes, run, argument);
	live += !error;
	return error;
}

CALL(int, pthread_join, (pthread_t thread, void **result))
{
	live--;
	return REAL(pthread_join)(thread, result);
}

#ifndef FAULTS_PRELOADED

/* ---- Memory: what the library itself allocates, by whatever call ---- */

static void *count(void *made)
{
	live += made != NULL;
	return made;
}

CALL(void *, malloc, (size_t size))
{
	return strike("memory") ? NULL : count(REAL(malloc)(size));
}

CALL(void *, calloc, (size_t number, size_t size))
{
	return strike("memory") ? NULL : count(REAL(calloc)(number, size));
}

CALL(void *, realloc, (void *old, size_t size))
{
	if (strike("memory"))
		return NULL;
	return old ? REAL(realloc)(old, size) : count(REAL(realloc)(NULL, size));
}

CALL(void *, aligned_alloc, (size_t alignment, size_t size))
{
	return strike("memory") ? NULL : count(REAL(aligned_alloc)(alignment, size));
}

CALL(char *, strdup, (const char *text))
{
	return strike("memory") ? NULL : count(REAL(strdup)(text));
}

CALL(char *, strndup, (const char *text, size_t length))
{
	return strike("memory") ? NULL : count(REAL(strndup)(text, length));
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
CALL(int, asprintf, (char **text, const char *format, ...))
{
	va_list arguments;
	int length = -1;

	va_start(arguments, format);
	if (!strike("memory"))
		length = vasprintf(text, format, arguments);
	va_end(arguments);
	live += length >= 0;
	return length;
}

CALL(void, free, (void *old))
{
	live -= old != NULL;
	REAL(free)(old);
}

CALL(int, scandirat64,
     (int dir, const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
      int (*compare)(const struct dirent64 **, const struct dirent64 **)))
{
	int number =
		strike("scandirat") ? -1 : REAL(scandirat64)(dir, path, names, filter, compare);

	live += number + 1;
	return number;
}

/* ---- libcrypto ---- */

CALL(EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * library, const char *name, const char *properties))
{
	return strike("crypto") ? NULL : count(REAL(EVP_MD_fetch)(library, name, properties));
}

CALL(void, EVP_MD_free, (EVP_MD * md))
{
	live -= md != NULL;
	REAL(EVP_MD_free)(md);
}

CALL(EVP_MD_CTX *, EVP_MD_CTX_new, (void))
{
	return strike("crypto") ? NULL : count(REAL(EVP_MD_CTX_new)());
}

CALL(void, EVP_MD_CTX_free, (EVP_MD_CTX * context))
{
	live -= context != NULL;
	REAL(EVP_MD_CTX_free)(context);
}

CALL(int, EVP_DigestInit_ex2,
     (EVP_MD_CTX * context, const EVP_MD *md, const OSSL_PARAM parameters[]))
{
	return strike("crypto") ? 0 : REAL(EVP_DigestInit_ex2)(context, md, parameters);
}

CALL(int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void *data, size_t length))
{
	return strike("crypto") ? 0 : REAL(EVP_DigestUpdate)(context, data, length);
}

CALL(int, EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char *digest, unsigned *length))
{
	return strike("crypto") ? 0 : REAL(EVP_DigestFinal_ex)(context, digest, length);
}

CALL(int, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * to, const EVP_MD_CTX *from))
{
	return strike("crypto") ? 0 : REAL(EVP_MD_CTX_copy_ex)(to, from);
}

#endif
