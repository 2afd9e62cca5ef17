/* SPDX-License-Identifier: MIT */
/* hash_file FILE [ALGORITHM]: print the digest of a file, as sha1sum does. */
#include <stdio.h>

#include <sparsesum.h>

int main(int argc, char **argv)
{
	const char *algorithm = argc > 2 ? argv[2] : "sha1";
	struct ssum_digest digest;
	char hex[SSUM_HEX_MAX];

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE [ALGORITHM]\n", argv[0]);
		return 2;
	}

	int rc = ssum_hash_file(NULL, argv[1], algorithm, &digest);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], ssum_strerror(rc));
		return 1;
	}
	ssum_digest_hex(&digest, hex);
	printf("%s  %s\n", hex, argv[1]);
	return 0;
}
