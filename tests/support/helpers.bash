# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
# Shared functions for the tests of the command. Each test runs in its own empty directory, on tmpfs if
# available. $scratch/out and $scratch/err hold the output of the last command.

export LC_ALL=C.UTF-8

# The top directory of the source tree.
root=$(realpath "${BASH_SOURCE[0]%/*}/../..")

# The SHA-1 of an empty file, and the file that commands get as standard input.
nothing=da39a3ee5e6b4b0d3255bfef95601890afd80709
input=/dev/null

setup() {
	if [ -n "${needs_signals:-}" ] && [[ $SANITIZE == *thread* ]]; then
		skip "ThreadSanitizer delays signals during a blocking call"
	fi
	scratch=$(mktemp -d "${TEST_TMPFS:-$TMPDIR}/cli-XXXXXX")
	chmod 755 "$scratch"
	export XDG_STATE_HOME=$scratch/state
	mkdir "$scratch/here"
	cd "$scratch/here" || return 1
}

# Run the command in $at_end, which a test can set, even after a failure.
teardown() {
	cd / || return 1
	${at_end:-:}
	[ -n "${scratch:-}" ] || return 0
	chmod -R u+rwX "$scratch"
	rm -rf "$scratch" ${elsewhere:+"$elsewhere"}
}

# Change to a new directory on the file system mounted at $1. Skips the test if $1 is empty.
work_on() {
	[ -n "$1" ] || skip "this file system is not available"
	elsewhere=$(mktemp -d "$1/cli-XXXXXX")
	chmod 755 "$elsewhere"
	cd "$elsewhere" || return 1
}

# Run a command with the caller's standard input. The functions below check its status and output.
try() {
	status=0
	"$@" >"$scratch/out" 2>"$scratch/err" || status=$?
}

fail() {
	echo "$*"
	echo "exit status: ${status:-none}"
	[ ! -e "$scratch/out" ] || { echo "standard output:"; cat -A "$scratch/out"; }
	[ ! -e "$scratch/err" ] || { echo "standard error:"; cat -A "$scratch/err"; }
	return 1
}

ends_with() {
	[ "$status" -eq "$1" ] || fail "the exit status should be $1"
}

# Compare the complete standard output, or the complete standard error.
prints() {
	printf '%s' "${1:+$1$'\n'}" | cmp -s - "$scratch/out" || fail "standard output should be: $1"
}

complains() {
	printf '%s' "${1:+$1$'\n'}" | cmp -s - "$scratch/err" || fail "standard error should be: $1"
}

# Search the output for a part of a line, or for a complete line.
shows() {
	grep -qF -e "$1" "$scratch/out" || fail "standard output should contain: $1"
}

shows_line() {
	grep -qxF -e "$1" "$scratch/out" || fail "standard output should contain the line: $1"
}

warns() {
	grep -qF -e "$1" "$scratch/err" || fail "standard error should contain: $1"
}

output_lacks() {
	! grep -F -e "$1" "$scratch/out" "$scratch/err" || fail "the output should not contain: $1"
}

# Record that this test has tried $2 cases of hazard $1 of tests/hazards.tsv. Call it last: all cases
# must have passed.
tried() {
	[ -z "${TEST_TRIED:-}" ] || printf '%s\t%s: %s\t%s\n' "$1" "${BATS_TEST_FILENAME#"$root"/tests/}" \
		"$BATS_TEST_DESCRIPTION" "$2" >>"$TEST_TRIED"
}

# Whether to run tests that take minutes: `make check-long` sets TEST_LONG.
is_long() { [ "${TEST_LONG:-0}" != 0 ]; }

digest_of() {
	"${2:-sha1}sum" <"$1" | cut -d ' ' -f 1
}

# Run a command as a user without privileges, who can execute $scratch/sparsesum.
as_nobody() {
	cp -n "$SPARSESUM" "$scratch/sparsesum"
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# Print $1 bytes that cannot be compressed and contain no holes; the same bytes in every run.
noise() {
	openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 0 -in /dev/zero 2>/dev/null |
		head -c "$1"
}

# An image of 8 MiB with data at the beginning, in the middle and, unaligned, at the end.
make_image() {
	truncate -s 8M "$1"
	noise 70000 | dd of="$1" conv=notrunc status=none
	noise 300000 | dd of="$1" oflag=seek_bytes seek=3M conv=notrunc status=none
	noise 12345 | dd of="$1" oflag=seek_bytes seek=$(((8 << 20) - 12345)) conv=notrunc status=none
}

make_socket() {
	perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die $!' "$1"
}

# Overwrite the byte at offset $2. The size stays the same.
damage() {
	printf '\377' | dd of="$1" oflag=seek_bytes seek="$2" conv=notrunc status=none
}

# ---- Comparison with sha1sum --check ----

# Fail unless `sparsesum check -a ALG` behaves like `ALGsum --check`, with each of the options.
same_with() {
	local algorithm=$1 count=$2
	try python3 "$root/tests/cli/differential.py" same "$algorithm" "${@:3:count}" -- "${@:3+count}" <"$input"
	[ "$status" -ne 255 ] || fail "${algorithm}sum behaves differently"
}

same_by() { same_with "$1" 1 '' "${@:2}"; }
same() { same_by sha1 "$@"; }

single=('' --quiet --status --warn --strict --ignore-missing)
several=('--quiet --warn' '--warn --quiet' '--status --warn' '--warn --status' '--quiet --status'
	'--status --quiet' '--strict --ignore-missing' '--strict --quiet' '--strict --status'
	'--strict --warn' '--ignore-missing --quiet' '--ignore-missing --status' '--ignore-missing --warn'
	'--status --warn --quiet' '-w --strict --ignore-missing' '--ignore --str')

with_single_options() { same_with sha1 "${#single[@]}" "${single[@]}" "$@"; }

with_all_options() {
	same_with sha1 $((${#single[@]} + ${#several[@]})) "${single[@]}" "${several[@]}" "$@"
}

make_files() {
	printf a >a
	printf b >b
	touch empty
	truncate -s 100K image
	damage image 50000
	printf c >'c d'
	sha1sum a b empty image 'c d' >good
	sed "2s/^./x/; 2s/^x/$(sed -n 2p good | cut -c 1 | tr 0-9a-f 1-9a-f0)/" good >bad
	echo "$nothing  gone" >gone
}
