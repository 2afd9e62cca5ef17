/* SPDX-License-Identifier: MIT */
/*
 * A write(2) that stays under way: long_write FILE. It writes 1 MiB of "B" over the beginning of
 * the file, from memory whose second half arrives after two seconds (userfaultfd). Prints "half"
 * when it waits for that half.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTH ((size_t)1 << 20)
#define STEP ((size_t)1 << 16)
#define DELAY 2 /* seconds */

static int faults = -1;
static char *region, *content;

static char *map_memory(void)
{
	return mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void *serve(void *unused)
{
	struct pollfd waiting = {.fd = faults, .events = POLLIN};
	struct uffd_msg message;
	int halfway = 0;

	for (;;) {
		poll(&waiting, 1, -1);
		if (read(faults, &message, sizeof(message)) != (ssize_t)sizeof(message))
			continue;
		size_t offset = (message.arg.pagefault.address - (size_t)region) / STEP * STEP;
		if (offset >= LENGTH / 2 && !halfway) {
			halfway = 1;
			puts("half");
			fflush(stdout);
			sleep(DELAY);
		}
		struct uffdio_copy copy = {
			.dst = (size_t)region + offset, .src = (size_t)content, .len = STEP};
		ioctl(faults, UFFDIO_COPY, &copy);
	}
	return unused;
}

int main(int argc, char **argv)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = argc == 2 ? open(argv[1], O_WRONLY) : -1;
	pthread_t server;

	content = map_memory();
	region = map_memory();
	if (fd < 0 || content == MAP_FAILED || region == MAP_FAILED)
		return 2;
	memset(content, 'B', LENGTH);
	range.range.start = (size_t)region;
	range.range.len = LENGTH;
	faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api) ||
	    ioctl(faults, UFFDIO_REGISTER, &range) || pthread_create(&server, NULL, serve, NULL)) {
		perror("userfaultfd");
		return 77;
	}
	return pwrite(fd, region, LENGTH, 0) == (ssize_t)LENGTH ? 0 : 1;
}
