/* SPDX-License-Identifier: MIT */
/*
 * Hold a write lease on each of these files, as Samba and the NFS server do: lease give|keep
 * FILE... Prints "held" first. With "give", each lease is given up soon after the kernel demands
 * it, and the name of the file is printed. With "keep", no lease is given up.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DELAY 10000 /* microseconds until a lease is given up */
#define FILES 16

int main(int argc, char **argv)
{
	int fd[FILES], held = argc - 2, number;
	char **names = argv + 2;
	sigset_t demand;

	if (argc < 3 || held > FILES)
		return 2;
	sigemptyset(&demand);
	sigaddset(&demand, SIGIO);
	sigprocmask(SIG_BLOCK, &demand, NULL);
	for (int i = 0; i < argc - 2; i++) {
		fd[i] = open(names[i], O_RDWR | O_CLOEXEC);
		if (fd[i] < 0 || fcntl(fd[i], F_SETLEASE, F_WRLCK)) {
			perror(names[i]);
			return 1;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("held");
	while (held && !sigwait(&demand, &number)) {
		if (!strcmp(argv[1], "keep"))
			continue;
		/* One signal may be for several files. */
		usleep(DELAY);
		for (int i = 0; i < argc - 2; i++) {
			if (fd[i] < 0 || fcntl(fd[i], F_GETLEASE) == F_WRLCK)
				continue;
			puts(names[i]);
			close(fd[i]); /* gives up its lease */
			fd[i] = -1;
			held--;
		}
	}
	return 0;
}
