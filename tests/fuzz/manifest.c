/* SPDX-License-Identifier: MIT */
/* Manifests: any text, by several algorithms; what is read from it can be written and read back. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manifest/manifest.h"
#include "support/checkpoints.h"
#include "support/fuzz.h"
#include "support/oracle.h"
#include "sparsesum/package.h"

static const char *const algorithms[] = {"sha1",   "sha224", "sha256",
					 "sha384", "sha512", "sha3-256"};

/* Store a line in a form that can be compared. */
static void keep(struct bytes *said, const struct ssum_line *line)
{
	const char *name = line->name ? line->name : "", *target = line->target ? line->target : "";

	require(!bytes_append(said, &line->kind, sizeof(line->kind)));
	require(!bytes_append(said, &line->number, sizeof(line->number)));
	require(!bytes_append(said, name, strlen(name) + 1));
	require(!bytes_append(said, target, strlen(target) + 1));
	require(!bytes_append(said, line->digest.bytes, line->digest.length));
}

static void require_possible(const struct ssum_line *line, const struct ssum_algorithm_info *info)
{
	bool is_file = line->kind == SSUM_LINE_FILE;
	bool has_name =
		is_file || line->kind == SSUM_LINE_DIRECTORY || line->kind == SSUM_LINE_SYMLINK;

	require(has_name == (line->name != NULL));
	require((line->kind == SSUM_LINE_SYMLINK) == (line->target != NULL));
	require(line->digest.length == (is_file ? info->digest_length : 0));
}

/* A written line is read back as the same entry, and as no other. */
static void require_reads_as(const char *text, size_t length, const char *algorithm,
			     const struct ssum_line *expected)
{
	struct ssum_manifest *manifest;
	const struct ssum_line *line;
	int fd = memory_file(text, length);

	require(!ssum_manifest_open(fd, algorithm, &manifest));
	require(ssum_manifest_next(manifest, &line) == 1);
	require(line->kind == expected->kind && !strcmp(line->name, expected->name));
	require(!expected->target || !strcmp(line->target, expected->target));
	require(expected->kind != SSUM_LINE_FILE ||
		ssum_digest_equal(&line->digest, &expected->digest));
	require(ssum_manifest_next(manifest, &line) == 0);
	ssum_manifest_close(manifest);
	close(fd);
}

/* parse(print(name)) == name */
static void require_comes_back(const struct ssum_line *line, const char *algorithm)
{
	static const unsigned formats[] = {0, SSUM_FORMAT_BINARY, SSUM_FORMAT_TAGGED};
	struct bytes comment = {0};
	char *text;
	size_t length;

	for (size_t i = 0; line->kind == SSUM_LINE_FILE && i < ARRAY_SIZE(formats); i++) {
		/* An empty name, which only tagged lines can have, cannot be written in other
		   forms. */
		if (!*line->name && formats[i] != SSUM_FORMAT_TAGGED)
			continue;
		require(!ssum_format_line(formats[i], algorithm, &line->digest, line->name, &text,
					  &length));
		require_reads_as(text, length, algorithm, line);
		free(text);
	}
	if (line->kind == SSUM_LINE_SYMLINK || line->kind == SSUM_LINE_DIRECTORY)
		require(!manifest_append_comment(&comment, line->name, line->target));
	if (comment.length)
		require_reads_as(comment.data, comment.length, algorithm, line);
	bytes_free(&comment);
}

static struct bytes read_lines(struct ssum_manifest *manifest, const char *algorithm,
			       const struct ssum_digest *content)
{
	struct ssum_algorithm_info info = {.size = sizeof(info)};
	const struct ssum_line *line;
	struct ssum_digest digest;
	struct bytes said = {0};
	uint64_t before = 0;
	int rc;

	require(!ssum_algorithm(algorithm, &info));
	while ((rc = ssum_manifest_next(manifest, &line)) == 1) {
		require(line->number > before);
		before = line->number;
		require_possible(line, &info);
		require_comes_back(line, algorithm);
		keep(&said, line);
	}
	require(rc == 0 && !line);
	require(!ssum_stream_final(&manifest->content, &digest));
	require(ssum_digest_equal(&digest, content));
	ssum_manifest_close(manifest);
	return said;
}

/* The same text, read a few bytes at a time, as from a pipe: -1 if it is too long for that. */
static int in_pieces(const uint8_t *data, size_t length)
{
	uint64_t random = length;
	int ends[2];

	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	for (size_t at = 0, piece; at < length; at += piece) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		piece = (size_t)min_u64(length - at, 1 + (random >> 33) % (1 + length / 4));
		if (send(ends[1], data + at, piece, MSG_DONTWAIT) < 0) {
			close(ends[0]);
			ends[0] = -1;
			break;
		}
	}
	close(ends[1]);
	return ends[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct ssum_digest content = oracle_of_bytes(algorithms[i], data, length);
		int whole = memory_file(data, length), pieces = in_pieces(data, length);
		struct ssum_manifest *manifests[3] = {0};
		struct bytes said[3] = {{0}};

		/* From a file, from memory, and a few bytes at a time. */
		require(!ssum_manifest_open(whole, algorithms[i], &manifests[0]));
		require(!ssum_manifest_open_text((const char *)data, length, algorithms[i],
						 &manifests[1]));
		if (pieces >= 0)
			require(!ssum_manifest_open(pieces, algorithms[i], &manifests[2]));
		for (size_t j = 0; j < ARRAY_SIZE(manifests) && manifests[j]; j++) {
			said[j] = read_lines(manifests[j], algorithms[i], &content);
			require(said[j].length == said[0].length &&
				(!said[0].length ||
				 !memcmp(said[j].data, said[0].data, said[0].length)));
		}
		for (size_t j = 0; j < ARRAY_SIZE(said); j++)
			bytes_free(&said[j]);
		if (pieces >= 0)
			close(pieces);
		close(whole);
	}
	return 0;
}
