/* SPDX-License-Identifier: MIT */
/*
 * upload FILE [ALGORITHM] >STREAM: write a file to standard output and hash it at the same time, so
 * that it is read once. Holes are sent as holes. The stream consists of lines and data:
 *
 *     data OFFSET LENGTH      LENGTH bytes of data follow this line
 *     hole OFFSET LENGTH
 *     sha1 DIGEST             of the whole file; without this line the stream is not complete
 *
 * Exit status: 0 sent, 1 an error, 2 wrong usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <sparsesum.h>

#define PIECE ((size_t)256 << 10) /* bytes per read */

struct upload {
	int fd;
	struct ssum_stream *stream;
	int error; /* of the callback, which can only return "stop" to the library */
};

static int send_piece(struct upload *upload, uint64_t offset, size_t length)
{
	static unsigned char piece[PIECE];

	while (length > 0) {
		ssize_t got = pread(upload->fd, piece, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : SSUM_ERR_CHANGED;
		int rc = ssum_stream_update(upload->stream, piece, (size_t)got);
		if (rc < 0)
			return rc;
		if (fwrite(piece, 1, (size_t)got, stdout) != (size_t)got)
			return -errno;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

static int send_data(struct upload *upload, uint64_t offset, uint64_t length)
{
	int rc = 0;

	while (length > 0 && rc == 0) {
		size_t piece = length < PIECE ? (size_t)length : PIECE;

		rc = send_piece(upload, offset, piece);
		offset += piece;
		length -= piece;
	}
	return rc;
}

/* A hole is neither read nor sent. ssum_stream_zeros() hashes its zeros. */
static int send_extent(void *user, const struct ssum_extent *extent)
{
	struct upload *upload = user;
	int is_hole = extent->kind == SSUM_HOLE;

	if (printf("%s %" PRIu64 " %" PRIu64 "\n", is_hole ? "hole" : "data", extent->offset,
		   extent->length) < 0)
		upload->error = -errno;
	else if (is_hole)
		upload->error = ssum_stream_zeros(upload->stream, extent->length);
	else
		upload->error = send_data(upload, extent->offset, extent->length);
	return upload->error != 0;
}

/* Send the extents, then the digest. ssum_map_fd() fails if the file changes meanwhile; then no
   digest is sent. */
static int send_file(struct upload *upload, const char *algorithm)
{
	struct ssum_digest digest;
	char hex[SSUM_HEX_MAX];

	int rc = ssum_map_fd(NULL, upload->fd, send_extent, upload);
	if (rc < 0)
		return upload->error ? upload->error : rc;
	rc = ssum_stream_final(upload->stream, &digest);
	if (rc < 0)
		return rc;
	ssum_digest_hex(&digest, hex);
	return printf("%s %s\n", algorithm, hex) < 0 || fflush(stdout) ? -errno : 0;
}

int main(int argc, char **argv)
{
	const char *algorithm = argc > 2 ? argv[2] : "sha1";
	struct upload upload = {.fd = -1};
	int rc;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s FILE [ALGORITHM]\n", argv[0]);
		return 2;
	}
	rc = ssum_stream_new(algorithm, &upload.stream);
	if (rc == 0) {
		upload.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		rc = upload.fd < 0 ? -errno : send_file(&upload, algorithm);
	}
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", argv[1], ssum_strerror(rc));
	if (upload.fd >= 0)
		close(upload.fd);
	ssum_stream_free(upload.stream);
	return rc < 0;
}
