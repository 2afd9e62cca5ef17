# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Processors other than this machine's, in an emulator: tests of feature detection, kernel choice and the
# kernels. $emulator is the command that starts the emulator.

emulate() {
	scratch=$(mktemp -d "$TMPDIR/emulation-XXXXXX")
	# Kernels that the emulated processor does not support must not count as skipped tests.
	export TEST_SKIPS=$scratch/skips
}

teardown() {
	rm -rf "${scratch:-}"
}

# Run a command on processor $1.
on() {
	"${emulator[@]}" -cpu "$@" 2>"$scratch/err" || {
		status=$?
		cat "$scratch/err"
		return $status
	}
}

# Fail unless suite $2 passes on processor $1.
passes() {
	on "$1" "$BUILD/tests/$2" >"$scratch/out" || { cat "$scratch/out"; return 1; }
	grep -q ' Failures: 0, Errors: 0$' "$scratch/out"
}

# test_kernel passes on processor $1, and skips exactly the kernels that begin with one of the other
# arguments: those that the processor does not support.
kernels_pass() {
	local processor=$1 skipped
	shift
	: >"$TEST_SKIPS"
	passes "$processor" test_kernel
	skipped=$(sed 's/.* \(.*\)-[0-9]* needs features.*/\1/' "$TEST_SKIPS" | sort -u)
	diff <(echo "$skipped") <(printf '%s\n' "$@")
}

# verify accepts a package, and reports the file after one of its bytes was changed.
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

# Kernel $2 cannot be forced on processor $1.
cannot_be_forced() {
	echo x >"$scratch/file"
	status=0
	SPARSESUM_KERNEL=$2 on "$1" "$SPARSESUM" hash "$scratch/file" >"$scratch/out" || status=$?
	[ $status -eq 1 ]
	grep -q 'SPARSESUM_KERNEL names no kernel' "$scratch/err"
}
