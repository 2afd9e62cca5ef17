#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What docs/embedding.md says about sandboxes: the system calls, and behaviour without /proc.

load ../support/helpers

document=$root/docs/embedding.md

make_package() {
	mkdir -p package/sub package/empty
	make_image package/image
	seq 1000 >package/sub/numbers
	ln -s image package/link
}

# The traced system calls of the library: those after the program's first marker call.
calls_in() {
	sed -n '/getpgid(77777/,$p' "$1" | sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' |
		grep -vxE 'getpgid|exit_group' | sort -u
}

@test "only the documented system calls are made" {
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	[ -z "${COVERAGE:-}" ] || skip "a coverage build also writes its counts"
	strace -o probe true 2>/dev/null || skip "strace is not permitted here"
	make_package
	cat >calls.c <<-'END'
		#include <fcntl.h>
		#include <sparsesum/package.h>
		#include <sparsesum/receiver.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		static int ignore(void *user, const struct ssum_range *range)
		{
			(void)user, (void)range;
			return 0;
		}

		int main(void)
		{
			struct ssum_receiver_options options = {.size = sizeof(options), .length = 100000};
			struct ssum_receiver *receiver;
			struct ssum_digest digest;
			int rc;

			options.fd = open("received", O_RDWR | O_CREAT, 0666);
			options.digest = &digest;
			syscall(SYS_getpgid, 77777);
			rc = ssum_hash_file(NULL, "package/image", "sha1", &digest);
			rc |= ssum_create(NULL, "package", NULL, NULL);
			rc |= ssum_verify(NULL, "package", NULL, NULL);
			rc |= ssum_compare_files(NULL, "package/image", "package/link", NULL);
			rc |= ssum_receiver_new(NULL, &options, &receiver);
			rc |= ssum_receiver_write(receiver, 0, &options, sizeof(options));
			rc |= ssum_receiver_hole(receiver, 4096, 8192);
			rc |= ssum_receiver_missing(receiver, ignore, NULL);
			rc |= ssum_receiver_save(receiver, "state");
			ssum_receiver_free(receiver);
			return rc != 0;
		}
	END
	$CC -I"$root/include" calls.c -o calls "$BUILD/libsparsesum.a" -lcrypto -pthread
	strace -f -o trace ./calls
	calls_in trace >made
	[ "$(wc -l <made)" -gt 20 ]
	sed -n '/^## Sandboxes/,/^## /p' "$document" | sed -n 's/^    //p' | tr -s ' ' '\n' | sort -u >listed
	try comm -23 made listed
	prints ""
}

# Run without /proc and /sys.
blind() {
	unshare -m sh -c 'mount -t tmpfs none /proc && mount -t tmpfs none /sys && exec "$@"' sh "$@"
}

@test "without /proc: the same digests and verdicts, and passed descriptors are read completely" {
	blind true 2>/dev/null || skip "mount namespaces are not available"
	[ -z "$SANITIZE" ] || skip "a sanitizer needs /proc"
	make_package
	try blind "$SPARSESUM" create -q package
	ends_with 0
	try blind "$SPARSESUM" verify -q package
	ends_with 0
	(cd package && sha1sum -c --quiet SHA1SUMS)
	[ "$(ls -A package | tr '\n' ' ')" = "SHA1SUMS SHA1SUMS.checkpoints empty image link sub " ] ||
		[ "$(ls -A package | tr '\n' ' ')" = "SHA1SUMS empty image link sub " ]
	damage package/image 3200000
	try blind "$SPARSESUM" verify package
	ends_with 1
	shows_line "image: differs"

	# For a file opened by name, holes are queried; for a descriptor, they are not.
	try blind "$SPARSESUM" map package/image
	shows hole
	try blind "$SPARSESUM" hash - <package/image
	prints "$(sha1sum <package/image)"
	ln -sf /etc/passwd package/sub/outside
	try blind "$SPARSESUM" verify package
	ends_with 1
	shows "sub/outside: extra"
}
