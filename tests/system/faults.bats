#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command with one failing system call: messages, exit status, and remaining files.

load ../support/helpers

# Run the command with the k-th call failing with an errno. $fired is set if that call was made. The table of
# calls is in tests/system/faults/files.c.
with_fault() { # call, k, errno, command ...
	local fault=$1:$2:$3
	shift 3
	rm -f "$scratch/fired"
	try env FAULT="$fault" FAULT_FIRED="$scratch/fired" LD_PRELOAD="$BUILD/tests/faults.so" "$@"
	fired=
	[ ! -e "$scratch/fired" ] || fired=1
}

make_package() {
	[ -z "$SANITIZE" ] || skip "a sanitizer library must be loaded first"
	mkdir -p package/directory
	noise 100000 >package/file
	printf x >package/directory/other
	ln -s file package/link
	"$SPARSESUM" create -q --checkpoints=65536 package >/dev/null
	(cd package && sha1sum -c --quiet --strict SHA1SUMS)
	cp -a package good
}

# Fail each call of a kind, one per run: the command must exit with an error and its reason, or as without a
# fault.
try_all() { # exit status of an error, output without an error, command ...
	local error=$1 right=$2 call errno reason k
	shift 2
	cases=0
	while read -r call errno reason; do
		for ((k = 1; ; k++)); do
			with_fault "$call" "$k" "$errno" "$@"
			[ -n "$fired" ] || break
			cases=$((cases + 1))
			case $status in
			0) shows "$right" ;;
			"$error") grep -qE "[^:]: .*$reason" "$scratch/out" "$scratch/err" ||
				fail "$call $k: the message lacks \$reason or the file" ;;
			*) fail "$call $k: $reason: the exit status should be 0 or $error" ;;
			esac
			[ "$status" -eq 0 ] || output_lacks "$right"
			diff -r good package || fail "$call $k: the package has changed"
		done
		ends_with 0
	done
	[ "$cases" -gt 0 ]
}

faults='pread 5 Input/output error
read 5 Input/output error
openat2 24 Too many open files
openat 24 Too many open files
fstat 5 Input/output error
fstatat 5 Input/output error
fstatfs 5 Input/output error
readdir 5 Input/output error'

@test "after any failed call, verify does not report that a package holds or differs" {
	make_package
	try_all 2 VERIFIED "$SPARSESUM" verify -j1 package <<<"$faults"
	tried 20 "$cases"
	tried 33 "$cases"
}

@test "after any failed call, create leaves a complete manifest or none" {
	make_package
	try_all 2 "content hash" "$SPARSESUM" create -j1 --checkpoints=65536 package <<-END
		$faults
		write 28 No space left on device
		linkat 28 No space left on device
		renameat 13 Permission denied
	END
	tried 34 "$cases"
}

@test "no digest is printed for a file that could not be read" {
	make_package
	try_all 1 "$(digest_of package/file)  package/file" "$SPARSESUM" hash -j1 package/file <<<"$faults"
	tried 20 "$cases"
}

@test "after any failed call, compare gives no verdict" {
	make_package
	try_all 2 "the same content" "$SPARSESUM" compare -j1 package/file good/file <<<"$faults"
	tried 20 "$cases"
}

@test "a file size limit is handled like a full disk" {
	make_package
	noise 300000 >package/more
	for signal in 'trap "" XFSZ;' ''; do
		try bash -c "$signal ulimit -f 0; exec \"\$1\" create package" bash "$SPARSESUM"
		[ "$status" -ne 0 ] || fail "create succeeded"
		cmp good/SHA1SUMS package/SHA1SUMS
		[ "$(ls -A package)" = "$(printf '%s\n' SHA1SUMS SHA1SUMS.checkpoints directory file link more)" ] ||
			fail "files remain: $(ls -A package)"
	done
	tried 34 2
}

@test "a disk that becomes full while a manifest of several blocks is written" {
	[ "$(id -u)" -eq 0 ] || skip "a small file system can only be mounted by root"
	mkdir full package
	mount -t tmpfs -o size=1m tmpfs full || skip "no tmpfs can be mounted here"
	noise 300000 >package/file
	"$SPARSESUM" create -q -o full/SHA1SUMS package >/dev/null
	cp full/SHA1SUMS good
	noise 300000 >package/second
	head -c 2M /dev/zero >full/fill 2>/dev/null || true
	try "$SPARSESUM" create -o full/SHA1SUMS package
	left=$(ls -A full)
	cmp good full/SHA1SUMS || left=changed
	umount full
	ends_with 2
	warns "full/SHA1SUMS: No space left on device"
	[ "$left" = "$(printf '%s\n' SHA1SUMS fill)" ] || fail "files remain: $left"
	tried 34 1
}
