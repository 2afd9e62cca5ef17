#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Processors that this machine is not: an emulator leaves out what they lack, CPUID included, so that
# detection, choice and kernels are seen to work on each. What an emulator does not know itself
# (AVX-512, and SHA-NI in older ones) is tested only where the machine has it.

setup() {
	[ -z "$SANITIZE" ] || skip "the emulator has no room for a sanitizer's shadow"
	[ "$(uname -m)" = x86_64 ] || skip "the kernels by name are those of x86-64"
	command -v qemu-x86_64 >/dev/null || skip "there is no qemu-x86_64 (Debian: qemu-user)"
	scratch=$(mktemp -d "$TMPDIR/emulation-XXXXXX")
	# A row that such a processor lacks is no test that was left out.
	export TEST_SKIPS=$scratch/skips
}

teardown() {
	rm -rf "${scratch:-}"
}

# Run a command on a processor of that name.
on() {
	qemu-x86_64 -cpu "$@" 2>"$scratch/err" || {
		status=$?
		cat "$scratch/err"
		return $status
	}
}

# The kernels pass all that they are held to, but for those that need what a processor of that name
# lacks: rows that begin with one of the words, all of them and no others.
kernels_pass() {
	local processor=$1 skipped
	shift
	: >"$TEST_SKIPS"
	on "$processor" "$BUILD/tests/test_kernel" >"$scratch/out" || { cat "$scratch/out"; return 1; }
	grep -q ' Failures: 0, Errors: 0$' "$scratch/out"
	skipped=$(sed 's/.* \(.*\)-[0-9]* needs features.*/\1/' "$TEST_SKIPS" | sort -u)
	diff <(echo "$skipped") <(printf '%s\n' "$@")
}

# A package is found whole, and not when a byte of it differs.
verifies() {
	mkdir "$scratch/package"
	cd "$scratch/package" || return 1
	for i in $(seq 0 39); do
		head -c $((i * i * 331 + i)) /dev/urandom >"file$i"
	done
	truncate -s 3M hole
	sha1sum -- * >../sha1
	sha256sum -- * >../sha256
	sha512sum -- * >../sha512
	for sum in sha1 sha256 sha512; do
		mv ../$sum ${sum^^}SUMS
	done
	on "$1" "$SPARSESUM" verify -q -j2 .
	printf X | dd of=file39 bs=1 seek=300000 conv=notrunc status=none
	status=0
	on "$1" "$SPARSESUM" verify . >"$scratch/out" || status=$?
	[ $status -eq 1 ]
	[ "$(grep -c '^file39: differs' "$scratch/out")" -eq 1 ]
}

@test "a processor with AVX2, and neither SHA-NI nor AVX-512" {
	kernels_pass Haswell avx512 sha-ni
	verifies Haswell
}

@test "a processor with SSE alone" {
	kernels_pass Nehalem avx2 avx512 sha-ni
	verifies Nehalem
}

@test "all that the emulator knows" {
	on max "$BUILD/tests/test_kernel" >"$scratch/out" || { cat "$scratch/out"; return 1; }
	verifies max
}

@test "a kernel that the processor lacks cannot be forced" {
	echo x >"$scratch/file"
	status=0
	SPARSESUM_KERNEL=avx512-16 on Haswell "$SPARSESUM" hash "$scratch/file" >"$scratch/out" ||
		status=$?
	[ $status -eq 1 ]
	grep -q 'SPARSESUM_KERNEL names no kernel' "$scratch/err"
}
