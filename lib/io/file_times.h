/* SPDX-License-Identifier: MIT */
/*
 * What the times of a file prove (docs/changes.md). A file has settled when every later change of
 * its content sets another change time. Before that, equal times prove nothing.
 */
#ifndef IO_FILE_TIMES_H
#define IO_FILE_TIMES_H

#include <pthread.h>
#include <sys/stat.h>

#include "io/source.h"

/* Who sets the times of the files of a file system. */
enum times_kind {
	TIMES_NONE,  /* they do not follow the content: interfaces of the kernel */
	TIMES_FIXED, /* the content cannot change */
	TIMES_LOCAL, /* this system, by its own clock */
	TIMES_SERVER /* another program or system, by another clock; and they are cached here */
};

struct file_times {
	enum times_kind kind;
	uint64_t fs_type;   /* f_type of statfs(2) */
	int64_t granule;    /* nanoseconds; 1 if the times of the file decide */
	bool is_multigrain; /* since Linux 6.13 a change after a look sets another time */
};

/* Shared by the files of an operation: how long it has waited, and the clock of a server. */
struct clocks {
	pthread_mutex_t lock; /* protects all other members */
	int64_t waited;       /* nanoseconds that all files together were waited for */
	int64_t waits_until;  /* the end of the last wait; nanoseconds of CLOCK_MONOTONIC */
	dev_t server;         /* the file system of the server that was seen last */
	int64_t server_time;  /* its clock was at least here; 0: no server was seen */
	int64_t server_seen;  /* ... at this time; nanoseconds of CLOCK_MONOTONIC */
};

void clocks_init(struct clocks *clocks);
void clocks_end(struct clocks *clocks);

/* The milliseconds that all files together were waited for. */
uint64_t clocks_waited(struct clocks *clocks);

/* Find out about an open file. 0 or -errno. */
int file_times_find(struct file_times *times, int fd);

/* Read the status of an open file, past any cache of attributes. 0 or -errno. */
int file_times_look(const struct file_times *times, int fd, struct stat *st);

/*
 * Wait until write(2), truncate(2) and fallocate(2) calls in progress in other threads or
 * processes have ended. This holds on ext2, ext3, ext4, btrfs and tmpfs; on xfs, every read waits
 * for them. It does not wait for direct writes, nor for a writer on another machine.
 */
void file_times_barrier(const struct file_times *times, int fd);

/*
 * Wait until the file has settled. *st is an earlier status of the file, and is replaced by the
 * last one. The waits for all files of `clocks` take SETTLE_SECONDS at most in total. `clocks` may
 * be NULL for a single file. If `waiter` is NULL, this does not wait at all. *settled is false if
 * the file has not settled. 0, -errno or the code of the waiter.
 */
int file_times_settle(const struct file_times *times, struct clocks *clocks,
		      const struct waiter *waiter, int fd, struct stat *st, bool *settled);

#define SETTLE_SECONDS 4

#endif
