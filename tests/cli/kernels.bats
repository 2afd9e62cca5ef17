#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command with every kernel that this processor supports, forced by SPARSESUM_KERNEL.

setup() {
	[[ $SANITIZE != *thread* ]] || skip "slow under ThreadSanitizer, where test_lanes tests the kernels"
	scratch=$(mktemp -d "$TMPDIR/kernels-XXXXXX")
	cd "$scratch" || exit 1
}

teardown() {
	rm -rf "${scratch:-}"
}

# Make 40 files from 0 bytes to 512 KiB, two files with holes, and manifests by coreutils.
make_package() {
	mkdir package
	for i in $(seq 0 39); do
		head -c $((i * i * 331 + i)) /dev/urandom >"package/file$i"
	done
	truncate -s 3M package/hole
	truncate -s 2M package/holes
	head -c 70001 /dev/urandom | dd of=package/holes bs=4096 seek=100 conv=notrunc status=none
	(cd package && for sum in sha1 sha224 sha256 sha384 sha512; do
		"${sum}sum" f* h* >"../$sum"
	done)
	for sum in sha1 sha224 sha256 sha384 sha512; do
		mv $sum "package/$(echo $sum | tr a-z A-Z)SUMS"
	done
}

@test "each kernel gives the digests of coreutils" {
	make_package
	rows=$("$BUILD/bench/kernels" 1 | awk 'NR > 1 { print $2 }' | sort -u)
	[ "$(echo "$rows" | wc -l)" -ge 1 ]
	for row in $rows; do
		for threads in 1 2 3; do
			SPARSESUM_KERNEL=$row "$SPARSESUM" verify -q -j$threads package ||
				{ echo "kernel $row with $threads threads"; return 1; }
		done
	done
}

@test "each kernel finds damage" {
	make_package
	printf X | dd of=package/file39 bs=1 seek=300000 conv=notrunc status=none
	for row in $("$BUILD/bench/kernels" 1 | awk 'NR > 1 { print $2 }' | sort -u); do
		status=0
		SPARSESUM_KERNEL=$row "$SPARSESUM" verify package >out || status=$?
		[ $status -eq 1 ]
		grep -q '^file39: differs' out
		[ "$(grep -c ': differs' out)" -eq 1 ]
	done
}

@test "unknown and unsupported kernels are errors" {
	echo x >file
	status=0
	SPARSESUM_KERNEL=avx513-3 "$SPARSESUM" hash file >out 2>err || status=$?
	[ $status -eq 1 ]
	[ ! -s out ]
	grep -q 'SPARSESUM_KERNEL names no kernel' err
}
