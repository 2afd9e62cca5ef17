/* SPDX-License-Identifier: MIT */
/*
 * receive SOURCE CHECKPOINTS TARGET: measures the cost of receiving a file. Passes the content of
 * SOURCE to a receiver that writes TARGET: holes as holes, data in pieces of 256 KiB, first the
 * even segments and then the odd ones, as from two peers. CHECKPOINTS is a file with those of
 * SOURCE. Exit status: 0 the file is proven, 1 it is not, 2 an error.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sparsesum/package.h>
#include <sparsesum/receiver.h>

#define PIECE ((uint64_t)256 << 10)

struct transfer {
	int source;
	struct ssum_receiver *receiver;
	uint64_t interval;
	unsigned turn; /* 0: the even segments, 1: the odd ones */
	char *buffer;
};

static int fail(const char *what, int code)
{
	fprintf(stderr, "receive: %s: %s\n", what, ssum_strerror(code));
	return 2;
}

static int send_data(struct transfer *transfer, uint64_t offset, uint64_t length)
{
	ssize_t got = pread(transfer->source, transfer->buffer, length, (off_t)offset);

	if (got != (ssize_t)length)
		return SSUM_ERR_CHANGED;
	return ssum_receiver_write(transfer->receiver, offset, transfer->buffer, length);
}

/* Send the parts of an extent in the segments of this turn. */
static int send_extent(void *user, const struct ssum_extent *extent)
{
	struct transfer *transfer = user;
	uint64_t end = extent->offset + extent->length, at = extent->offset, stop;
	int rc = 0;

	for (; rc == 0 && at < end; at = stop) {
		uint64_t segment = at / transfer->interval;

		stop = (segment + 1) * transfer->interval;
		if (extent->kind == SSUM_DATA && stop - at > PIECE)
			stop = at + PIECE;
		if (stop > end)
			stop = end;
		if (segment % 2 != transfer->turn)
			continue;
		rc = extent->kind == SSUM_HOLE
			     ? ssum_receiver_hole(transfer->receiver, at, stop - at)
			     : send_data(transfer, at, stop - at);
	}
	if (rc)
		fail("receiving", rc);
	return rc;
}

static int transfer_all(struct transfer *transfer, const char *source)
{
	int rc = 0;

	for (transfer->turn = 0; rc == 0 && transfer->turn < 2; transfer->turn++)
		rc = ssum_map_file(NULL, source, send_extent, transfer);
	if (rc == 0)
		rc = ssum_receiver_finish(transfer->receiver);
	return rc;
}

static int read_checkpoints(const char *path, struct ssum_checkpoints **checkpoints,
			    struct ssum_checkpoints_info *info)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = ssum_checkpoints_read(fd, NULL, checkpoints);

	info->size = sizeof(*info);
	if (rc == 0)
		rc = ssum_checkpoints_describe(*checkpoints, info);
	if (fd >= 0)
		close(fd);
	return rc;
}

int main(int argc, char **argv)
{
	struct ssum_receiver_options options = {.size = sizeof(options), .fd = -1};
	struct transfer transfer = {.source = -1};
	struct ssum_checkpoints *checkpoints = NULL;
	struct ssum_checkpoints_info info;
	int rc;

	if (argc != 4) {
		fputs("usage: receive SOURCE CHECKPOINTS TARGET\n", stderr);
		return 2;
	}
	rc = read_checkpoints(argv[2], &checkpoints, &info);
	if (rc)
		return fail(argv[2], rc);
	transfer.source = open(argv[1], O_RDONLY | O_CLOEXEC);
	options.fd = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	options.algorithm = info.algorithm;
	options.digest = &info.digest;
	options.length = info.length;
	options.checkpoints = checkpoints;
	transfer.interval = info.interval;
	transfer.buffer = malloc(PIECE);
	rc = ssum_receiver_new(NULL, &options, &transfer.receiver);
	if (rc == 0)
		rc = transfer_all(&transfer, argv[1]);
	ssum_receiver_free(transfer.receiver);
	ssum_checkpoints_free(checkpoints);
	free(transfer.buffer);
	close(options.fd);
	close(transfer.source);
	return rc < 0 ? fail(argv[3], rc) : rc;
}
