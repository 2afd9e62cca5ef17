/* SPDX-License-Identifier: MIT */
/*
 * multicast_sender FILE PORT [LOST DAMAGED SEED]: offer a file to multicast_receiver on the same
 * machine. Sends the requested ranges, holes as holes, until a receiver says that it is
 * done. For tests, LOST of 1000 packets are dropped, and DAMAGED of 1000 have one byte changed.
 * Exit status: 0 a receiver has the file, 1 no request for ten seconds, 2 an error.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <sparsesum.h>

#define GROUP "239.255.83.85"
#define MAGIC 0x7373756d
#define IDLE_NANOSECONDS 20000000
#define IDLE_MAX 500       /* ten seconds */
#define PACKETS_AT_ONCE 32 /* per millisecond, so that receivers keep up */

/* On the wire, with its numbers in big-endian order; see multicast_receiver.c. */
enum { DATA, HOLE, IDLE, WANT, DONE };
struct packet {
	uint32_t magic, kind;
	uint64_t offset, length;
	unsigned char data[1400]; /* of DATA, as many as length says */
};
#define HEAD_LENGTH offsetof(struct packet, data)

static int file, udp;
static struct sockaddr_in group = {.sin_family = AF_INET};
static long lost, damaged;
static struct ssum_extent *extents;
static size_t extent_count;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void pause_for(long nanoseconds)
{
	nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
}

static void send_packet(uint32_t kind, uint64_t offset, uint64_t length, struct packet *packet)
{
	size_t size = HEAD_LENGTH + (kind == DATA ? length : 0);
	static int sent;

	packet->magic = htobe32(MAGIC);
	packet->kind = htobe32(kind);
	packet->offset = htobe64(offset);
	packet->length = htobe64(length);
	if (random() % 1000 < lost)
		return;
	if (kind == DATA && random() % 1000 < damaged)
		packet->data[random() % length] ^= 1;
	if (sendto(udp, packet, size, 0, (struct sockaddr *)&group, sizeof(group)) < 0)
		fail("sendto");
	if (++sent % PACKETS_AT_ONCE == 0)
		pause_for(1000000);
}

static void send_data(uint64_t offset, uint64_t end)
{
	struct packet packet;

	while (offset < end) {
		size_t room = sizeof(packet.data);
		size_t length = end - offset < room ? (size_t)(end - offset) : room;
		ssize_t got = pread(file, packet.data, length, (off_t)offset);

		if (got <= 0)
			fail("read");
		send_packet(DATA, offset, (uint64_t)got, &packet);
		offset += (uint64_t)got;
	}
}

/* A hole is one packet, whatever its length. */
static void send_range(uint64_t offset, uint64_t end)
{
	struct packet packet;

	for (size_t i = 0; i < extent_count; i++) {
		const struct ssum_extent *extent = &extents[i];
		uint64_t from = extent->offset > offset ? extent->offset : offset;
		uint64_t to = extent->offset + extent->length;

		if (to > end)
			to = end;
		if (from < to && extent->kind == SSUM_HOLE)
			send_packet(HOLE, from, to - from, &packet);
		else if (from < to)
			send_data(from, to);
	}
}

static int note_extent(void *user, const struct ssum_extent *extent)
{
	(void)user;
	extents = realloc(extents, (extent_count + 1) * sizeof(*extents));
	if (!extents)
		fail("memory");
	extents[extent_count++] = *extent;
	return 0;
}

static void open_socket(const char *port)
{
	struct timeval timeout = {.tv_usec = IDLE_NANOSECONDS / 1000};
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
	unsigned char ttl = 0; /* it does not leave this machine */

	group.sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, GROUP, &group.sin_addr);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	if (udp < 0 || setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof(loopback)) ||
	    setsockopt(udp, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) ||
	    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		fail("socket");
}

/* A packet of the kind IDLE invites receivers to send requests. */
static int serve(void)
{
	struct packet packet = {0};

	for (int idle = 0; idle < IDLE_MAX;) {
		ssize_t got = recv(udp, &packet, sizeof(packet), 0);

		if (got < 0) { /* no request */
			send_packet(IDLE, 0, 0, &packet);
			idle++;
		} else if (got == (ssize_t)HEAD_LENGTH && be32toh(packet.magic) == MAGIC) {
			uint64_t offset = be64toh(packet.offset);

			if (be32toh(packet.kind) == DONE)
				return 0;
			if (be32toh(packet.kind) == WANT)
				send_range(offset, offset + be64toh(packet.length));
			idle = 0;
		}
	}
	return 1;
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 6) {
		fprintf(stderr, "usage: %s FILE PORT [LOST DAMAGED SEED]\n", argv[0]);
		return 2;
	}
	lost = argc == 6 ? atol(argv[3]) : 0;
	damaged = argc == 6 ? atol(argv[4]) : 0;
	srandom(argc == 6 ? (unsigned)atol(argv[5]) : 1);
	file = open(argv[1], O_RDONLY);
	if (file < 0)
		fail(argv[1]);
	int rc = ssum_map_fd(NULL, file, note_extent, NULL);
	if (rc) {
		fprintf(stderr, "%s: %s\n", argv[1], ssum_strerror(rc));
		return 2;
	}
	open_socket(argv[2]);
	return serve();
}
