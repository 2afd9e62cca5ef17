/* SPDX-License-Identifier: MIT */
#include "io/file_times.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "io/identity.h"

#ifndef AT_STATX_FORCE_SYNC /* musl before 1.2.4 has neither this nor statx() */
#define AT_STATX_FORCE_SYNC 0x2000
#endif

#define MILLISECOND INT64_C(1000000) /* nanoseconds */
#define SECOND (1000 * MILLISECOND)
#define DAY (86400 * SECOND)

/* The longest tick of the kernel's clock. */
#define LONGEST_TICK (10 * MILLISECOND)

/* Between two calls of the waiter. */
#define PAUSE (5 * MILLISECOND)

/* Times more than this before or after 1970 are treated as if they were at this limit. */
#define FARTHEST_SECOND INT64_C(4000000000)

/* A server's clock is assumed to be wrong by less than this. */
#define SERVER_SKEW DAY

void clocks_init(struct clocks *clocks)
{
	*clocks = (struct clocks){.waited = 0};
	pthread_mutex_init(&clocks->lock, NULL);
}

void clocks_end(struct clocks *clocks)
{
	pthread_mutex_destroy(&clocks->lock);
}

uint64_t clocks_waited(struct clocks *clocks)
{
	pthread_mutex_lock(&clocks->lock);
	int64_t waited = clocks->waited;
	pthread_mutex_unlock(&clocks->lock);
	return (uint64_t)(waited / MILLISECOND);
}

static int64_t nanoseconds_of(const struct timespec *time)
{
	int64_t seconds = (int64_t)time->tv_sec;

	if (seconds > FARTHEST_SECOND)
		seconds = FARTHEST_SECOND;
	if (seconds < -FARTHEST_SECOND)
		seconds = -FARTHEST_SECOND;
	return seconds * SECOND + time->tv_nsec;
}

static int64_t clock_read(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return nanoseconds_of(&now);
}

/* ---- File systems ---- */

/* Since Linux 6.13, some file systems set a finer time for the first change after each stat(2). */
static bool kernel_is_multigrain(void)
{
	struct utsname name;
	unsigned major, minor;

	return !uname(&name) && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 13));
}

int file_times_find(struct file_times *times, int fd)
{
	/* All others are taken to be of a server: NFS, SMB, FUSE, and what is not known. */
	static const struct {
		uint32_t type;
		enum times_kind kind;
		bool is_multigrain;
		int64_t granule;
	} rows[] = {
		{EXT4_SUPER_MAGIC, TIMES_LOCAL, true, 1}, /* ext2 and ext3 too */
		{0x58465342, TIMES_LOCAL, true, 1},       /* xfs */
		{BTRFS_SUPER_MAGIC, TIMES_LOCAL, true, 1},
		{TMPFS_MAGIC, TIMES_LOCAL, true, 1},
		{RAMFS_MAGIC, TIMES_LOCAL, false, 1},
		{MSDOS_SUPER_MAGIC, TIMES_LOCAL, false, 2 * SECOND},
		{0x2011bab0, TIMES_LOCAL, false, 10 * MILLISECOND}, /* exfat */
		{0x7366746e, TIMES_LOCAL, false, 1},                /* ntfs3 */
		{0xf2f52010, TIMES_LOCAL, false, 1},                /* f2fs */
		{0x2fc12fc1, TIMES_LOCAL, false, 1},                /* zfs */
		{0xca451a4e, TIMES_LOCAL, false, 1},                /* bcachefs */
		{0x3153464a, TIMES_LOCAL, false, 1},                /* jfs */
		{NILFS_SUPER_MAGIC, TIMES_LOCAL, false, 1},
		{UDF_SUPER_MAGIC, TIMES_LOCAL, false, 1},
		{OVERLAYFS_SUPER_MAGIC, TIMES_LOCAL, false, 1},
		{ISOFS_SUPER_MAGIC, TIMES_FIXED, false, 1},
		{SQUASHFS_MAGIC, TIMES_FIXED, false, 1},
		{0xe0f5e1e2, TIMES_FIXED, false, 1}, /* erofs */
		{CRAMFS_MAGIC, TIMES_FIXED, false, 1},
		/* Interfaces of the kernel. */
		{PROC_SUPER_MAGIC, TIMES_NONE, false, 1},
		{SYSFS_MAGIC, TIMES_NONE, false, 1},
		{DEBUGFS_MAGIC, TIMES_NONE, false, 1},
		{TRACEFS_MAGIC, TIMES_NONE, false, 1},
		{CGROUP_SUPER_MAGIC, TIMES_NONE, false, 1},
		{CGROUP2_SUPER_MAGIC, TIMES_NONE, false, 1},
		{BPF_FS_MAGIC, TIMES_NONE, false, 1},
		{SECURITYFS_MAGIC, TIMES_NONE, false, 1},
	};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return -errno;
	*times = (struct file_times){
		.kind = TIMES_SERVER, .fs_type = (uint32_t)fs.f_type, .granule = 1};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].type != times->fs_type)
			continue;
		times->kind = rows[i].kind;
		times->granule = rows[i].granule;
		times->is_multigrain = rows[i].is_multigrain;
	}
	return 0;
}

void file_times_barrier(const struct file_times *times, int fd)
{
	off_t position = times->kind == TIMES_SERVER ? lseek(fd, 0, SEEK_CUR) : -1;

	/* The question for data after the end of any file takes the lock that writers hold. It
	   fails, so it does not move the position, which may be the caller's. A FUSE server may
	   give another answer. */
	if (lseek(fd, INT64_MAX, SEEK_DATA) >= 0 && position >= 0)
		lseek(fd, position, SEEK_SET);
}

int file_times_look(const struct file_times *times, int fd, struct stat *st)
{
	struct statx now;
	int rc = -ENOSYS;

	/* On tmpfs, fallocate(2) that punches a hole sets the times at its end. */
	if (times->fs_type == TMPFS_MAGIC)
		file_times_barrier(times, fd);

	if (times->kind == TIMES_SERVER) {
		/* A store through a mapping on this system changes a time only when the server gets
		   the page. Write such pages, also so that later stores are noticed. */
		sync_file_range(fd, 0, 0,
				SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					SYNC_FILE_RANGE_WAIT_AFTER);
		rc = syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC,
			     STATX_BASIC_STATS, &now)
			     ? -errno
			     : 0;
	}
	/* EPERM: a seccomp filter that does not know statx(). */
	if (rc == -ENOSYS || rc == -EPERM)
		return fstat(fd, st) ? -errno : 0;
	if (rc)
		return rc;
	*st = (struct stat){
		.st_dev = makedev(now.stx_dev_major, now.stx_dev_minor),
		.st_ino = now.stx_ino,
		.st_mode = now.stx_mode,
		.st_nlink = now.stx_nlink,
		.st_uid = now.stx_uid,
		.st_gid = now.stx_gid,
		.st_size = (off_t)now.stx_size,
		.st_blksize = now.stx_blksize,
		.st_blocks = (blkcnt_t)now.stx_blocks,
		.st_mtim = {now.stx_mtime.tv_sec, now.stx_mtime.tv_nsec},
		.st_ctim = {now.stx_ctime.tv_sec, now.stx_ctime.tv_nsec},
	};
	return 0;
}

/* ---- Waiting ---- */

/* The granule of the times of a file: what the file system is known for, or what the change time
   shows. It is rounded to whole seconds on ext4 with inodes of 128 bytes, for example. */
static int64_t file_times_granule(const struct file_times *times, const struct stat *st)
{
	int64_t granule = times->kind == TIMES_SERVER ? LONGEST_TICK : times->granule;

	for (int64_t unit = SECOND; unit >= LONGEST_TICK && unit > granule; unit /= 10)
		if (st->st_ctim.tv_nsec % unit == 0)
			/* A server may have a file system of FAT. */
			return unit == SECOND && times->kind == TIMES_SERVER ? 2 * SECOND : unit;
	return granule;
}

/* The server has just shown this time. Returns where its clock was, at least, at another time of
   this system's CLOCK_MONOTONIC. */
static int64_t clocks_of_server(struct clocks *clocks, const struct stat *st, int64_t changed,
				int64_t at)
{
	int64_t now = clock_read(CLOCK_MONOTONIC), elapsed;

	pthread_mutex_lock(&clocks->lock);
	elapsed = now - clocks->server_seen;
	if (!clocks->server_time || clocks->server != st->st_dev ||
	    changed > clocks->server_time + elapsed) {
		clocks->server = st->st_dev;
		clocks->server_time = changed;
		clocks->server_seen = now;
	}
	changed = clocks->server_time + at - clocks->server_seen;
	pthread_mutex_unlock(&clocks->lock);
	return changed;
}

/* When a look began. */
struct look_start {
	int64_t clock;     /* CLOCK_REALTIME_COARSE, from which the kernel takes times */
	int64_t monotonic; /* CLOCK_MONOTONIC */
};

/*
 * How long to wait, in nanoseconds, until the file settles; 0: it has. `start` is before the last
 * barrier. If *st is the look after that barrier, `last` is the one before it; else `last` is NULL.
 */
static int64_t file_times_due(const struct file_times *times, struct clocks *clocks,
			      const struct look_start *start, const struct stat *last,
			      const struct stat *st)
{
	int64_t changed = nanoseconds_of(&st->st_ctim);
	int64_t granule = file_times_granule(times, st);
	int64_t due = changed + granule - start->clock;

	if (times->kind == TIMES_LOCAL) {
		if (times->is_multigrain && last && granule == 1 && due > 0 &&
		    due <= LONGEST_TICK && kernel_is_multigrain()) {
			struct file_identity a = identity_of(last), b = identity_of(st);

			due = identity_equal(&a, &b) ? 0 : MILLISECOND;
		}
		return due <= 0 ? 0 : due < MILLISECOND ? MILLISECOND : due;
	}
	/* A server without times shows none. */
	if (!st->st_ctim.tv_sec && !st->st_mtim.tv_sec)
		return INT64_MAX;
	if (due + SERVER_SKEW <= 0)
		return 0;
	int64_t of_server =
		changed + granule - clocks_of_server(clocks, st, changed, start->monotonic);

	due = due - granule > of_server ? due - granule : of_server;
	return due > 0 ? due : 0;
}

/* Whether to wait this long from now on. Waits of several threads at the same time count once. */
static bool clocks_grant(struct clocks *clocks, int64_t due)
{
	const int64_t most = SETTLE_SECONDS * SECOND;
	int64_t now = clock_read(CLOCK_MONOTONIC);
	bool is_granted = due <= most;

	pthread_mutex_lock(&clocks->lock);
	int64_t begin = clocks->waits_until > now ? clocks->waits_until : now;
	int64_t more = is_granted && now + due > begin ? now + due - begin : 0;
	is_granted = is_granted && clocks->waited + more <= most;
	if (is_granted) {
		clocks->waited += more;
		clocks->waits_until = begin + more;
	}
	pthread_mutex_unlock(&clocks->lock);
	return is_granted;
}

static int clocks_wait(const struct waiter *waiter, int64_t due)
{
	int64_t end = clock_read(CLOCK_MONOTONIC) + due, left = due;
	int rc = 0;

	while (left > 0 && !rc) {
		const struct timespec pause = {.tv_nsec = left < PAUSE ? left : PAUSE};

		nanosleep(&pause, NULL);
		rc = waiter->pause(waiter->user);
		left = end - clock_read(CLOCK_MONOTONIC);
	}
	return rc;
}

int file_times_settle(const struct file_times *times, struct clocks *clocks,
		      const struct waiter *waiter, int fd, struct stat *st, bool *settled)
{
	struct clocks own;
	int rc = 0;

	*settled = true;
	if (times->kind == TIMES_NONE || times->kind == TIMES_FIXED)
		return 0;
	if (!clocks)
		clocks_init(&own);
	for (struct clocks *used = clocks ? clocks : &own; !rc;) {
		const struct look_start start = {clock_read(CLOCK_REALTIME_COARSE),
						 clock_read(CLOCK_MONOTONIC)};
		const struct stat last = *st;

		/* If the last change was a granule before, no other look is needed: every write
		   with such a time has ended, and every other one sets another time. */
		file_times_barrier(times, fd);
		*settled = times->kind == TIMES_LOCAL &&
			   !file_times_due(times, used, &start, NULL, st);
		if (*settled)
			break;
		rc = file_times_look(times, fd, st);
		if (rc)
			break;
		int64_t due = file_times_due(times, used, &start, &last, st);
		*settled = !due;
		if (!due || !waiter || !clocks_grant(used, due))
			break;
		rc = clocks_wait(waiter, due);
	}
	if (!clocks)
		clocks_end(&own);
	return rc;
}
