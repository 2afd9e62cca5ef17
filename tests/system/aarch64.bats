#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# 64-bit ARM, built by a cross compiler and run in an emulator. All processors of the emulator have
# instructions for SHA-1 and SHA-256, and one also for SHA-512. For a processor without any, the tests hide
# the bits in AT_HWCAP.

load ../support/emulation

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	unavailable=
	if [ -n "$SANITIZE" ]; then
		unavailable="the emulator has no room for the shadow memory of a sanitizer"
	elif [ "$(uname -m)" != x86_64 ]; then
		unavailable="only cross-built on x86-64"
	elif ! command -v qemu-aarch64 >/dev/null; then
		unavailable="qemu-aarch64 is not installed (Debian: qemu-user)"
	elif ! command -v aarch64-linux-gnu-gcc >/dev/null; then
		unavailable="no cross compiler is installed (Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)"
	elif ! .ci/aarch64 libraries >/dev/null 2>&1; then
		unavailable="the libraries could not be fetched: see .ci/aarch64 libraries"
	else
		env -u MAKEFLAGS -u MAKELEVEL .ci/aarch64 -s -j2 WERROR=1 build/aarch64/sparsesum \
			build/aarch64/tests/test_{kernel,stream,digest,lanes}
	fi
	export unavailable
}

setup() {
	[ -z "$unavailable" ] || skip "$unavailable"
	BUILD=$(realpath "$BATS_TEST_DIRNAME/../../build/aarch64")
	SPARSESUM=$BUILD/sparsesum
	emulator=(qemu-aarch64 -L /usr/aarch64-linux-gnu)
	emulate
}

# Hide the cryptographic instructions from the programs that run after this.
hide_cryptography() {
	cat >"$scratch/hide.c" <<-'END'
		#include <dlfcn.h>
		#include <sys/auxv.h>
		unsigned long getauxval(unsigned long type)
		{
			unsigned long (*real)(unsigned long) = dlsym(RTLD_NEXT, "getauxval");
			unsigned long hidden = HWCAP_AES | HWCAP_PMULL | HWCAP_SHA1 | HWCAP_SHA2 | HWCAP_SHA512;

			return type == AT_HWCAP ? real(type) & ~hidden : real(type);
		}
	END
	aarch64-linux-gnu-gcc -D_GNU_SOURCE -shared -fPIC -o "$scratch/hide.so" "$scratch/hide.c"
	emulator+=(-E LD_PRELOAD="$scratch/hide.so")
}

@test "the build is for ARM and has its kernels" {
	readelf -h "$SPARSESUM" | grep -q AArch64
	for family in sha1 sha256 sha512; do
		aarch64-linux-gnu-nm "$BUILD/tests/test_kernel" | grep -q " T ${family}_arm_2$"
	done
}

@test "a processor with all of the instructions" {
	: >"$TEST_SKIPS"
	passes max test_kernel
	[ ! -s "$TEST_SKIPS" ]
	verifies max
}

@test "a processor with SHA-1 and SHA-256, and without SHA-512" {
	kernels_pass cortex-a57 armv8.2
	verifies cortex-a57
	cannot_be_forced cortex-a57 armv8.2-2
}

@test "a processor without any of the instructions" {
	hide_cryptography
	kernels_pass max armv8 armv8.2
	verifies max
	cannot_be_forced max armv8-1
}

@test "unit tests of streams, digests and lanes" {
	passes max test_stream
	passes max test_digest
	passes cortex-a57 test_lanes
}

@test "each kernel's digests of a sparse file match coreutils" {
	cd "$scratch"
	truncate -s 5000001 image
	head -c 70001 /dev/urandom | dd of=image bs=4096 seek=100 conv=notrunc status=none
	for row in armv8-1 armv8-2 armv8-3 armv8-4 armv8.2-1 armv8.2-2; do
		for sum in sha1 sha224 sha256 sha384 sha512; do
			diff <(SPARSESUM_KERNEL=$row on max "$SPARSESUM" hash -a $sum image) <(${sum}sum image)
		done
	done
}
