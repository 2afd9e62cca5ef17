/* SPDX-License-Identifier: MIT */
/*
 * Names below a directory, with openat2() and without. The syscall() of this program replaces that
 * of the C library, and a test can make openat2() fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <sched.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/opening.h"
#include "support/files.h"
#include "support/oracle.h"
#include "support/suite.h"

static struct stat seen; /* of the opened file */

static int refusal; /* errno that openat2() fails with, or 0 */
static unsigned refused;

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_list arguments;
	long a[4];

	ck_assert_int_eq(number, SYS_openat2); /* the library makes no other call by syscall() */
	if (refusal) {
		refused++;
		errno = refusal;
		return -1;
	}
	va_start(arguments, number);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	return next(number, a[0], a[1], a[2], a[3]);
}

/* With the real openat2(), where it does not exist, and where a sandbox forbids it. */
static const int refusals[] = {0, ENOSYS, EPERM};
#define WAYS 3

static int open_directory(const char *directory)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY);

	ck_assert_msg(dir >= 0, "%s: %s", directory, strerror(errno));
	return dir;
}

/* ---- Names (hazard 27) ---- */

static const struct {
	const char *name;
	bool plain;
} names[] = {
	{"", false},       {"/", false},        {"//", false},     {"/a", false},
	{"a/", false},     {"a//b", false},     {".", false},      {"..", false},
	{"./a", false},    {"../a", false},     {"a/.", false},    {"a/..", false},
	{"a/./b", false},  {"a/../b", false},   {"a/b/..", false}, {"a/../a/b", false},
	{"a/b//", false},  {"/..", false},      {"a/b/", false},   {"a", true},
	{"a/b", true},     {"...", true},       {".a", true},      {"..a", true},
	{"a..", true},     {"a.", true},        {"a/...", true},   {".../b", true},
	{"a/..b/c", true}, {" ", true},         {"a/ /b", true},   {"\\", true},
	{"\n", true},      {"\xff/\xfe", true}, {"-", true},       {"~", true},
};

START_TEST(only_plain_names_are_accepted)
{
	char *directory = scratch_here();
	int dir = open_directory(directory);

	refusal = refusals[_i];
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ck_assert_msg(beneath_is_plain(names[i].name) == names[i].plain, "%s",
			      names[i].name);
		int expected = names[i].plain ? -ENOENT : SSUM_ERR_NAME;
		assert_code(beneath_open(dir, names[i].name, O_RDONLY), expected);
		assert_code(beneath_open_regular(NULL, dir, names[i].name, -1, &seen), expected);
	}
	close(dir);
	scratch_remove(directory);
	tried(27, 1);
}
END_TEST

START_TEST(names_may_contain_any_byte)
{
	char *directory = scratch_here(), name[4];
	int dir = open_directory(directory);

	refusal = refusals[_i];
	for (int byte = 1; byte < 256; byte++) {
		snprintf(name, sizeof(name), "a%c", byte);
		ck_assert_int_eq(beneath_is_plain(name), byte != '/');
		if (byte == '/')
			continue;
		ck_assert(!close(openat(dir, name, O_CREAT | O_WRONLY, 0600)));
		int fd = beneath_open_regular(NULL, dir, name, -1, &seen);
		ck_assert_msg(fd >= 0, "byte %d: %s", byte, ssum_strerror(fd));
		close(fd);
	}
	close(dir);
	scratch_remove(directory);
}
END_TEST

/* ---- Symlinks and directories (hazard 26) ---- */

static const struct {
	const char *name, *target;
} links[] = {
	{"link", "file"},        {"to-sub", "sub"}, {"absolute", "/etc/passwd"}, {"root", "/"},
	{"out", "../outside"},   {"sub/up", ".."},  {"sub/side", "../sub/f"},    {"loop", "loop"},
	{"dangling", "nowhere"}, {"here", "."},     {"magic", "/proc/self/cwd"},
};

static const struct {
	const char *name;
	int flags;
	int expected;      /* or 0 */
	const char *opens; /* the expected type if it is opened */
} places[] = {
	{"file", O_RDONLY, 0, "file"},
	{"file", O_PATH, 0, "file"},
	{"sub/f", O_RDONLY, 0, "sub/f"},
	{"sub", O_RDONLY | O_DIRECTORY, 0, "sub"},
	{"sub", O_PATH, 0, "sub"},
	{"missing", O_RDONLY, -ENOENT, NULL},
	{"sub/missing", O_RDONLY, -ENOENT, NULL},
	{"missing/f", O_RDONLY, -ENOENT, NULL},
	{"file/f", O_RDONLY, -ENOTDIR, NULL},
	{"file", O_RDONLY | O_DIRECTORY, -ENOTDIR, NULL},
	{"link", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"link", O_PATH, 0, "link"},
	{"link/f", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"to-sub", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"to-sub", O_PATH, 0, "to-sub"},
	{"to-sub/f", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"to-sub/f", O_PATH, SSUM_ERR_SYMLINK, NULL},
	{"absolute", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"root/etc/passwd", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"out/secret", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"sub/up/file", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"sub/up", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"sub/side", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"loop", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"loop/x", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"dangling", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"dangling", O_PATH, 0, "dangling"},
	{"here/file", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"magic/file", O_RDONLY, SSUM_ERR_SYMLINK, NULL},
	{"to-sub", O_RDONLY | O_DIRECTORY, SSUM_ERR_SYMLINK, NULL},
};

static int make_places(const char *directory)
{
	char *inside = path_in(directory, "inside"), *outside = path_in(directory, "outside");
	char *secret = path_in(outside, "secret"), *file = path_in(inside, "file");
	char *sub = path_in(inside, "sub"), *f = path_in(sub, "f");

	ck_assert(!mkdir(inside, 0700) && !mkdir(outside, 0700) && !mkdir(sub, 0700));
	write_text(secret, "secret");
	write_text(file, "file");
	write_text(f, "f");
	int dir = open_directory(inside);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		ck_assert(!symlinkat(links[i].target, dir, links[i].name));
	free(inside), free(outside), free(secret), free(file), free(sub), free(f);
	return dir;
}

START_TEST(symlinks_are_not_followed)
{
	char *directory = scratch_here();
	int dir = make_places(directory);

	refusal = refusals[_i];
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = beneath_open(dir, places[i].name, places[i].flags);
		struct stat opened, expected;

		ck_assert_msg(places[i].opens ? fd >= 0 : fd == places[i].expected,
			      "way %d, %s, flags 0%o: %d (%s), not %s", _i, places[i].name,
			      (unsigned)places[i].flags, fd, ssum_strerror(fd < 0 ? fd : 0),
			      ssum_strerror(places[i].expected));
		if (fd < 0)
			continue;
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		ck_assert(!fstat(fd, &opened));
		ck_assert(!fstatat(dir, places[i].opens, &expected, AT_SYMLINK_NOFOLLOW));
		ck_assert_msg(opened.st_ino == expected.st_ino, "%s", places[i].name);
		close(fd);
	}
	ck_assert(!refusal == !refused);
	close(dir);
	scratch_remove(directory);
	tried(26, 1);
}
END_TEST

START_TEST(only_regular_files_are_opened)
{
	char *directory = scratch_here(), *fifo = path_in(directory, "inside/fifo"), event[512];
	int dir = make_places(directory), watcher = inotify_init1(IN_NONBLOCK);
	int descriptors = _i ? descriptors_open() : -1;

	refusal = refusals[_i];
	ck_assert(!mkfifo(fifo, 0600) && inotify_add_watch(watcher, fifo, IN_OPEN) >= 0);
	alarm(10);
	assert_code(beneath_open_regular(NULL, dir, "fifo", descriptors, &seen),
		    SSUM_ERR_NOT_REGULAR);
	alarm(0);
	ck_assert_int_eq(read(watcher, event, sizeof(event)), -1);
	assert_code(beneath_open_regular(NULL, dir, "sub", descriptors, &seen), -EISDIR);
	assert_code(beneath_open_regular(NULL, dir, "link", descriptors, &seen), SSUM_ERR_SYMLINK);
	assert_code(beneath_open_regular(NULL, dir, "fifo/x", descriptors, &seen), -ENOTDIR);
	int fd = beneath_open_regular(NULL, dir, "sub/f", descriptors, &seen);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, event, 2), 1);
	ck_assert_int_eq(event[0], 'f');
	close(fd);
	close(watcher);
	if (_i)
		ck_assert(!close(descriptors));
	close(dir);
	free(fifo);
	scratch_remove(directory);
}
END_TEST

/* ---- Mounts (hazard 33) ---- */

START_TEST(mount_is_not_entered)
{
	const char *mounted = getenv("TEST_TMPFS");
	struct stat above, below;

	if (!mounted || !*mounted)
		skip("no tmpfs is mounted");
	char *copy = strdup(mounted), *twin = strdup(mounted), *inside;
	char *name = basename(copy), *parent = dirname(twin);
	ck_assert(!stat(parent, &above) && !stat(mounted, &below));
	ck_assert(above.st_dev != below.st_dev);
	int dir = open_directory(parent);
	char *scratch = scratch_new(&file_systems[0]);

	refusal = refusals[_i];
	ck_assert(asprintf(&inside, "%s/%s", name, strrchr(scratch, '/') + 1) > 0);
	assert_code(beneath_open(dir, name, O_RDONLY | O_DIRECTORY), SSUM_ERR_MOUNT_POINT);
	assert_code(beneath_open(dir, name, O_PATH), SSUM_ERR_MOUNT_POINT);
	assert_code(beneath_open(dir, inside, O_PATH), SSUM_ERR_MOUNT_POINT);
	assert_code(beneath_open_regular(NULL, dir, inside, -1, &seen), SSUM_ERR_MOUNT_POINT);
	close(dir);
	free(inside), free(copy), free(twin);
	scratch_remove(scratch);
}
END_TEST

/* A bind mount has the same st_dev as the directory around it. */
START_TEST(bind_mount_is_not_entered)
{
	char *directory = scratch_here(), *sub = path_in(directory, "inside/sub");
	char *other = path_in(directory, "outside");
	int dir = make_places(directory);

	close(dir); /* this descriptor would stay in the old mount namespace */
	dir = -1;
	if (unshare(CLONE_NEWNS) || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) ||
	    mount(other, sub, "", MS_BIND, NULL)) {
		note_skip(__func__, "no bind mount is possible: %s", strerror(errno));
	} else {
		char *inside = path_in(directory, "inside");

		dir = open_directory(inside);
		free(inside);
		refusal = refusals[_i];
		assert_code(beneath_open_regular(NULL, dir, "sub/secret", -1, &seen),
			    SSUM_ERR_MOUNT_POINT);
		assert_code(beneath_open(dir, "sub", O_PATH), SSUM_ERR_MOUNT_POINT);
	}
	umount2(sub, MNT_DETACH);
	close(dir);
	free(sub), free(other);
	scratch_remove(directory);
	tried(33, 1);
}
END_TEST

/* ---- Paths longer than PATH_MAX (hazard 33) ---- */

#define DEEP 27000

/* Make nested directories whose names have all lengths, so that a path may be split anywhere. The
   deepest one contains a file; one half way down contains a symlink to itself. */
static char *make_deep(int dir, size_t *link_end)
{
	char *path = calloc(1, DEEP + 600);
	size_t length = 0, component = 1;
	int at = dup(dir);

	*link_end = 0;
	while (length < DEEP) {
		char *name = path + length;

		memset(name, 'd', component);
		ck_assert(!mkdirat(at, name, 0700));
		if (!*link_end && length > DEEP / 2) {
			ck_assert(!symlinkat(".", at, "link"));
			*link_end = length;
		}
		int next = openat(at, name, O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(next, 0);
		close(at);
		at = next;
		length += component;
		path[length++] = '/';
		component = component % 255 + 1;
	}
	strcpy(path + length, "file");
	ck_assert(!close(openat(at, "file", O_CREAT | O_WRONLY, 0600)));
	close(at);
	return path;
}

START_TEST(long_paths)
{
	char *directory = scratch_here(), *with_link;
	int dir = open_directory(directory), status;
	size_t link_end;
	char *path = make_deep(dir, &link_end);

	refusal = refusals[_i];
	int fd = beneath_open_regular(NULL, dir, path, -1, &seen);
	ck_assert_msg(fd >= 0, "%s", ssum_strerror(fd));
	close(fd);
	ck_assert(asprintf(&with_link, "%.*slink/%s", (int)link_end, path, path + link_end) > 0);
	assert_code(beneath_open_regular(NULL, dir, with_link, -1, &seen), SSUM_ERR_SYMLINK);
	strcpy(path + DEEP / 2, "/x");
	assert_code(beneath_open_regular(NULL, dir, path, -1, &seen),
		    path[DEEP / 2 - 1] == '/' ? SSUM_ERR_NAME : -ENOENT);
	memset(path, 'd', 10000);
	path[10000] = '\0';
	assert_code(beneath_open(dir, path, O_RDONLY), -ENAMETOOLONG);
	memcpy(path + 300, "/x", 3);
	assert_code(beneath_open(dir, path, O_RDONLY), -ENAMETOOLONG);
	close(dir);
	free(with_link);
	free(path);
	free(run_command(&status, "rm -rf '%s'", directory));
	ck_assert_int_eq(status, 0);
	free(directory);
	tried(33, 1);
}
END_TEST

/* ---- A name that alternates between two objects (hazards 23 and 26) ---- */

#define OPENS 20000
#define MANY_OPENS 100000 /* with TEST_LONG=1 */
#define SECONDS 4         /* time limit, reached under valgrind */

static struct swapper {
	int dir;
	const char *a, *b;
	_Atomic int stop;
	pthread_t thread;
} swapper;

static void *swap(void *argument)
{
	/* Valgrind runs one thread at a time, and switches to another when it sleeps. */
	const struct timespec pause = {.tv_nsec = 1};

	(void)argument;
	while (!swapper.stop) {
		for (int i = 0; i < 32; i++)
			renameat2(swapper.dir, swapper.a, swapper.dir, swapper.b, RENAME_EXCHANGE);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void start_swapping(int dir, const char *a, const char *b)
{
	swapper.dir = dir;
	swapper.a = a;
	swapper.b = b;
	ck_assert(!pthread_create(&swapper.thread, NULL, swap, NULL));
}

static void stop_swapping(void)
{
	swapper.stop = 1;
	pthread_join(swapper.thread, NULL);
}

START_TEST(race_opens_no_fifo)
{
	char *directory = scratch_here(), *fifo = path_in(directory, "inside/fifo"), event[512];
	int dir = make_places(directory), watcher = inotify_init1(IN_NONBLOCK);
	int descriptors = descriptors_open(), opened = 0;

	refusal = refusals[_i];
	ck_assert(!mkfifo(fifo, 0600) && inotify_add_watch(watcher, fifo, IN_OPEN) >= 0);
	start_swapping(dir, "file", "fifo");
	time_t late = time(NULL) + SECONDS;
	for (int i = 0; i < OPENS && time(NULL) < late; i++) {
		int fd = beneath_open_regular(NULL, dir, "file", descriptors, &seen);

		if (fd >= 0) {
			opened++;
			close(fd);
		} else if (fd != SSUM_ERR_NOT_REGULAR && fd != -EAGAIN) {
			ck_abort_msg("%d: %s", fd, ssum_strerror(fd));
		}
	}
	stop_swapping();
	ck_assert_int_gt(opened, 0);
	ck_assert_int_eq(read(watcher, event, sizeof(event)), -1);
	close(descriptors), close(watcher), close(dir);
	free(fifo);
	scratch_remove(directory);
	tried(23, 1);
}
END_TEST

/* The object that alternates with a symlink to its counterpart outside: the first directory of the
   path, the file, a directory in the middle. */
static const struct {
	const char *inside, *link, *target, *opened;
} swaps[] = {
	{"sub", "to-outside", "../outside", "sub/f"},
	{"sub/f", "to-file", "../outside/f", "sub/f"},
	{"sub/mid", "to-mid", "../outside", "sub/mid/f"},
};

#define SWAPS 3

static struct stat make_swap(int dir, size_t number)
{
	struct stat st;

	ck_assert(!mkdirat(dir, "sub/mid", 0700));
	close(openat(dir, "sub/mid/f", O_WRONLY | O_CREAT, 0600));
	ck_assert(!symlinkat(swaps[number].target, dir, swaps[number].link));
	ck_assert(!fstatat(dir, swaps[number].opened, &st, 0));
	return st;
}

START_TEST(race_does_not_leave_the_directory)
{
	char *directory = scratch_here(), *trap = path_in(directory, "outside/f");
	size_t number = (size_t)_i / WAYS;
	int dir = make_places(directory), descriptors = descriptors_open();
	unsigned opened = 0, tries = test_is_long() ? MANY_OPENS : OPENS;
	struct stat st;

	write_text(trap, "outside");
	ck_assert_int_ge(descriptors, 0);
	const struct stat inside = make_swap(dir, number);
	refusal = refusals[_i % WAYS];
	start_swapping(dir, swaps[number].inside, swaps[number].link);
	time_t late = time(NULL) + (test_is_long() ? 60 : SECONDS);
	unsigned i;
	for (i = 0; i < tries && time(NULL) < late; i++) {
		int fd = i % 2 ? beneath_open_regular(NULL, dir, swaps[number].opened, descriptors,
						      &seen)
			       : beneath_open(dir, swaps[number].opened, O_RDONLY);

		if (fd < 0) {
			if (fd != SSUM_ERR_SYMLINK && fd != -EAGAIN && fd != -ENOTDIR)
				ck_abort_msg("%d: %s", fd, ssum_strerror(fd));
			continue;
		}
		opened++;
		if (fstat(fd, &st) || st.st_ino != inside.st_ino)
			ck_abort_msg("opened outside the directory, after %u times inside", opened);
		close(fd);
	}
	stop_swapping();
	ck_assert_uint_gt(opened, 0);
	close(descriptors);
	close(dir);
	free(trap);
	scratch_remove(directory);
	tried(26, i);
}
END_TEST

int main(void)
{
	const struct test tests[] = {
		{only_plain_names_are_accepted, WAYS},
		{names_may_contain_any_byte, WAYS},
		{symlinks_are_not_followed, WAYS},
		{only_regular_files_are_opened, WAYS},
		{mount_is_not_entered, WAYS},
		{bind_mount_is_not_entered, WAYS},
		{long_paths, WAYS},
		{race_opens_no_fifo, WAYS},
		{race_does_not_leave_the_directory, SWAPS * WAYS},
	};

	return run_suite("beneath", tests, ARRAY_SIZE(tests));
}
