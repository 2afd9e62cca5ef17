/* SPDX-License-Identifier: MIT */
#include "io/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io/reader.h"
#include "io/interruptions.h"

/* What is read in one turn: long against the time of a seek, short against what others wait. */
#define STRETCH_LENGTH (4 * MIB)

/* Where a stretch is asked for: the kernel looks at each page of it, so to ask again for each short
   piece costs more than to read. (Measured: half of the system's time for a cold file.) */
#define ASK_EVERY MIB

void devices_init(struct devices *devices)
{
	*devices = (struct devices){.is_known = false};
	pthread_mutex_init(&devices->turn, NULL);
	pthread_mutex_init(&devices->lock, NULL);
}

void devices_end(struct devices *devices)
{
	pthread_mutex_destroy(&devices->turn);
	pthread_mutex_destroy(&devices->lock);
}

/* The queue belongs to the whole disk, which is the directory above that of a partition. */
static bool is_rotating(dev_t number)
{
	static const char *const ways[] = {"", "../"};
	char path[64], answer = '0';
	int fd = -1;

	for (size_t i = 0; i < ARRAY_SIZE(ways) && fd < 0; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%squeue/rotational",
			 major(number), minor(number), ways[i]);
		fd = uninterrupted(open(path, O_RDONLY | O_CLOEXEC));
	}
	if (fd < 0)
		return false;
	if (read(fd, &answer, 1) != 1)
		answer = '0';
	close(fd);
	return answer == '1';
}

static int ask_kernel(int fd, dev_t number, struct device *device)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return -errno;
	*device = (struct device){
		.number = number,
		.fs_type = (uint32_t)fs.f_type,
		.is_rotating = is_rotating(number),
	};
	return 0;
}

int device_of(struct devices *devices, int fd, dev_t number, struct device *device)
{
	int rc = 0;

	if (!devices)
		return ask_kernel(fd, number, device);
	pthread_mutex_lock(&devices->lock);
	if (!devices->is_known || devices->last.number != number) {
		rc = ask_kernel(fd, number, &devices->last);
		devices->is_known = !rc;
	}
	*device = devices->last;
	pthread_mutex_unlock(&devices->lock);
	return rc;
}

int read_in_turn(struct devices *devices, int fd, void *buffer, size_t length, uint64_t offset,
		 size_t *got)
{
	struct iovec whole = {.iov_base = buffer, .iov_len = length};
	int rc;

	if (preadv2(fd, &whole, 1, (off_t)offset, RWF_NOWAIT) == (ssize_t)length) {
		*got = length;
		return 0;
	}
	pthread_mutex_lock(&devices->turn);
	if (offset % ASK_EVERY < length)
		posix_fadvise(fd, (off_t)offset, STRETCH_LENGTH, POSIX_FADV_WILLNEED);
	rc = read_until_end(fd, buffer, length, offset, got);
	pthread_mutex_unlock(&devices->turn);
	return rc;
}
