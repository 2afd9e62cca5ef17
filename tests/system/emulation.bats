#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Other x86-64 processors: the emulator supports only their instructions, and says so in CPUID. What the
# emulator does not support (AVX-512, and SHA-NI in old versions) is tested only on machines that have it.

load ../support/emulation

setup() {
	[ -z "$SANITIZE" ] || skip "sanitizers need more address space than the emulator has"
	[ "$(uname -m)" = x86_64 ] || skip "the names of the kernels are those of x86-64"
	command -v qemu-x86_64 >/dev/null || skip "no qemu-x86_64 (Debian: qemu-user)"
	emulator=(qemu-x86_64)
	emulate
}

@test "a processor with AVX2, and neither SHA-NI nor AVX-512" {
	kernels_pass Haswell avx512 sha-ni
	verifies Haswell
}

@test "a processor with only SSE" {
	kernels_pass Nehalem avx2 avx512 sha-ni
	verifies Nehalem
}

@test "all features that the emulator supports" {
	passes max test_kernel
	verifies max
}

@test "a kernel that the processor does not support cannot be forced" {
	cannot_be_forced Haswell avx512-16
}
