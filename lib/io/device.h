/* SPDX-License-Identifier: MIT */
/*
 * The devices that files are on: what is worth knowing of them, and turns at rotating disks.
 *
 * The head of a disk can be in one place at a time. Threads that read different files side by side
 * would send it to and fro, so what is not cached is read by one after another, a stretch at a
 * time.
 */
#ifndef IO_DEVICE_H
#define IO_DEVICE_H

#include <pthread.h>
#include <sys/types.h>

#include "base/common.h"

struct device {
	dev_t number;     /* st_dev of its files */
	uint64_t fs_type; /* f_type of statfs(2) */
	bool is_rotating; /* as far as the kernel knows */
};

/* Shared by all that read files at the same time. */
struct devices {
	pthread_mutex_t turn; /* held by who reads from a rotating disk */
	pthread_mutex_t lock; /* over the device that was asked about last */
	struct device last;
	bool is_known;
};

void devices_init(struct devices *devices);
void devices_end(struct devices *devices);

/* Describe the device `number` of an open file; devices may be NULL. 0 or -errno. */
int device_of(struct devices *devices, int fd, dev_t number, struct device *device);

/* Read as read_until_end(): at once what is cached, else when it is this thread's turn. */
int read_in_turn(struct devices *devices, int fd, void *buffer, size_t length, uint64_t offset,
		 size_t *got);

#endif
