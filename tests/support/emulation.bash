# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
# Processors that this machine is not, by an emulator: detection, choice and kernels are seen to work
# on each. $emulator is how to call it.

emulate() {
	scratch=$(mktemp -d "$TMPDIR/emulation-XXXXXX")
	# A row that such a processor lacks is no test that was left out.
	export TEST_SKIPS=$scratch/skips
}

teardown() {
	rm -rf "${scratch:-}"
}

# Run a command on a processor of that name.
on() {
	"${emulator[@]}" -cpu "$@" 2>"$scratch/err" || {
		status=$?
		cat "$scratch/err"
		return $status
	}
}

# A suite passes on a processor of that name.
passes() {
	on "$1" "$BUILD/tests/$2" >"$scratch/out" || { cat "$scratch/out"; return 1; }
	grep -q ' Failures: 0, Errors: 0$' "$scratch/out"
}

# The kernels pass all that they are held to, but for those that need what a processor of that name
# lacks: rows that begin with one of the words, all of them and no others.
kernels_pass() {
	local processor=$1 skipped
	shift
	: >"$TEST_SKIPS"
	passes "$processor" test_kernel
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

# A row cannot be forced that a processor of that name lacks.
cannot_be_forced() {
	echo x >"$scratch/file"
	status=0
	SPARSESUM_KERNEL=$2 on "$1" "$SPARSESUM" hash "$scratch/file" >"$scratch/out" || status=$?
	[ $status -eq 1 ]
	grep -q 'SPARSESUM_KERNEL names no kernel' "$scratch/err"
}
