/* SPDX-License-Identifier: MIT */
/*
 * multicast_receiver DIGEST CHECKPOINTS FILE PORT: receive a file from multicast_sender on the same
 * machine. Packets may be lost, damaged or in any order. CHECKPOINTS is a file that `sparsesum
 * create` wrote; its first set of checkpoints is used, and need not be trusted. Damaged ranges are
 * requested again, holes stay holes, and FILE is not read a second time. After an interruption,
 * FILE.state is left, from which the next run continues.
 * Exit status: 0 the file is proven, 1 it differs, 2 an error, or no packet for five seconds.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <sparsesum/package.h>
#include <sparsesum/receiver.h>

#define GROUP "239.255.83.85"
#define MAGIC 0x7373756d
#define TIMEOUT_SECONDS 5
#define RANGES_AT_ONCE 64 /* per request */

/* Requests that bring no good segment cost points; at this limit the receiver gives up. A request
   that brought packets costs more than one that brought none, which may have been lost. */
#define IN_VAIN_MAX 1000
#define VAIN_ROUND 30
#define EMPTY_ROUND 1

/* Format on the wire; numbers are big-endian. The sender sends DATA and HOLE to the group, and IDLE
   when it has nothing to send. A receiver answers with WANT for each range, and at the end DONE. */
enum { DATA, HOLE, IDLE, WANT, DONE };
struct packet {
	uint32_t magic, kind;
	uint64_t offset, length;
	unsigned char data[1400]; /* of DATA, as many as length says */
};
#define HEAD_LENGTH offsetof(struct packet, data)

static int udp;
static struct sockaddr_in sender;

static void fail(const char *what, int rc)
{
	fprintf(stderr, "%s: %s\n", what, ssum_strerror(rc));
	exit(2);
}

/* ---- The network ---- */

static void open_socket(const char *port)
{
	struct sockaddr_in group = {.sin_family = AF_INET};
	struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
	struct ip_mreq member = {.imr_interface = {htonl(INADDR_LOOPBACK)}};
	int on = 1, room = 4 << 20;

	group.sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, GROUP, &group.sin_addr);
	member.imr_multiaddr = group.sin_addr;
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)); /* the system may give less */
	if (udp < 0 || setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    bind(udp, (struct sockaddr *)&group, sizeof(group)) ||
	    setsockopt(udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)))
		fail("socket", -errno);
}

static void send_to_sender(uint32_t kind, const struct ssum_range *range)
{
	struct packet packet = {.magic = htobe32(MAGIC),
				.kind = htobe32(kind),
				.offset = htobe64(range->offset),
				.length = htobe64(range->length)};

	sendto(udp, &packet, HEAD_LENGTH, 0, (struct sockaddr *)&sender, sizeof(sender));
}

/* Read the next valid packet and convert its numbers. Returns its kind, or -errno. */
static int next_packet(struct packet *packet)
{
	for (;;) {
		socklen_t size = sizeof(sender);
		ssize_t got = recvfrom(udp, packet, sizeof(*packet), 0, (struct sockaddr *)&sender,
				       &size);
		if (got < 0)
			return -errno;
		packet->offset = be64toh(packet->offset);
		packet->length = be64toh(packet->length);
		packet->kind = be32toh(packet->kind);
		if (got >= (ssize_t)HEAD_LENGTH && be32toh(packet->magic) == MAGIC &&
		    packet->kind <= IDLE &&
		    (uint64_t)got == HEAD_LENGTH + (packet->kind == DATA ? packet->length : 0))
			return (int)packet->kind;
	}
}

/* ---- The file ---- */

static struct ssum_context *context;
static int good, came; /* segments, packets */

/* recvfrom() then fails with EINTR; a running function of the library is cancelled. */
static void interrupt(int signal)
{
	(void)signal;
	ssum_cancel(context);
}

static void on_interrupt(void (*handler)(int))
{
	sigaction(SIGINT, &(struct sigaction){.sa_handler = handler}, NULL);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = handler}, NULL);
}

static int note_segment(void *user, const struct ssum_range *segment, int verdict)
{
	(void)user;
	if (verdict == SSUM_HOLDS)
		good++;
	else
		fprintf(stderr, "damaged: %" PRIu64 " bytes at %" PRIu64 "\n", segment->length,
			segment->offset);
	return 0;
}

static int ask(void *user, const struct ssum_range *range)
{
	int *asked = user;

	send_to_sender(WANT, range);
	return ++*asked == RANGES_AT_ONCE; /* enough for now */
}

/* The sender is idle: ask for missing ranges. Returns 1 if none are missing, or to give up. */
static int ask_for_missing(struct ssum_receiver *receiver)
{
	static int good_before, in_vain;
	int asked = 0;

	in_vain = good > good_before ? 0 : in_vain + (came ? VAIN_ROUND : EMPTY_ROUND);
	good_before = good;
	came = 0;
	if (in_vain < IN_VAIN_MAX)
		ssum_receiver_missing(receiver, ask, &asked);
	return asked == 0;
}

static int receive(struct ssum_receiver *receiver)
{
	struct packet packet;

	for (;;) {
		int rc = 0, kind = next_packet(&packet);

		if (kind < 0)
			return kind;
		if (kind == DATA)
			rc = ssum_receiver_write(receiver, packet.offset, packet.data,
						 (size_t)packet.length);
		else if (kind == HOLE)
			rc = ssum_receiver_hole(receiver, packet.offset, packet.length);
		else if (ask_for_missing(receiver))
			return ssum_receiver_finish(receiver);
		came += kind != IDLE;
		if (rc && rc != -EINVAL) /* EINVAL: a packet of another file */
			return rc;
	}
}

/* Continue from the state of an earlier run, or start from the beginning. */
static struct ssum_receiver *begin(const char *digest_hex, const char *checkpoints_path,
				   const char *path, const char *state)
{
	struct ssum_checkpoints_info info = {.size = sizeof(info)};
	struct ssum_receiver_options options = {.size = sizeof(options), .segment = note_segment};
	struct ssum_checkpoints *checkpoints = NULL;
	struct ssum_receiver *receiver;
	struct ssum_digest digest;
	int fd = open(checkpoints_path, O_RDONLY), rc = ssum_digest_parse(digest_hex, &digest);

	if (rc)
		fail(digest_hex, rc);
	rc = fd < 0 ? -errno : ssum_checkpoints_read(fd, NULL, &checkpoints);
	if (!rc)
		rc = ssum_checkpoints_describe(checkpoints, &info);
	if (rc)
		fail(checkpoints_path, rc);
	close(fd);
	options.algorithm = info.algorithm;
	options.length = info.length;
	options.digest = &digest;
	options.checkpoints = checkpoints;
	options.fd = open(path, O_RDWR | O_CREAT, 0666);
	if (options.fd < 0)
		fail(path, -errno);
	if (ssum_receiver_load(context, &options, state, &receiver) < 0)
		rc = ssum_receiver_new(context, &options, &receiver);
	if (rc)
		fail(path, rc);
	ssum_checkpoints_free(checkpoints);
	return receiver;
}

int main(int argc, char **argv)
{
	char state[4096];

	if (argc != 5 || strlen(argv[3]) > sizeof(state) - sizeof(".state")) {
		fprintf(stderr, "usage: %s DIGEST CHECKPOINTS FILE PORT\n", argv[0]);
		return 2;
	}
	snprintf(state, sizeof(state), "%s.state", argv[3]);
	int rc = ssum_context_new(NULL, &context);
	if (rc)
		fail("context", rc);
	on_interrupt(interrupt);
	open_socket(argv[4]);
	struct ssum_receiver *receiver = begin(argv[1], argv[2], argv[3], state);
	rc = receive(receiver);

	if (rc == SSUM_HOLDS) {
		send_to_sender(DONE, &(struct ssum_range){0});
		unlink(state);
	} else {
		fprintf(stderr, "%s: %s\n", argv[3], ssum_strerror(rc));
		ssum_receiver_save(receiver, state);
	}
	on_interrupt(SIG_IGN); /* the context is freed now */
	ssum_receiver_free(receiver);
	ssum_context_free(context);
	return rc == SSUM_HOLDS ? 0 : rc == SSUM_DIFFERS ? 1 : 2;
}
