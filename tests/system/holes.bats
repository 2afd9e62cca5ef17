#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Holes are not read: strace counts the bytes read from a file, on each file system.

setup() {
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	command -v strace >/dev/null || skip "strace is not installed"
	strace -o /dev/null true 2>/dev/null || skip "strace is not permitted here"
	scratch=$(mktemp -d "$TMPDIR/holes-XXXXXX")
}

teardown() {
	rm -rf "$scratch" ${directory:+"$directory"}
}

# Make a file of 64 MiB with two ranges of data: 1 MiB at 3 MiB, and 5000 bytes at 40 MiB.
make_file() {
	truncate -s 64M "$1"
	dd if=/dev/urandom of="$1" bs=1M count=1 seek=3 conv=notrunc status=none
	dd if=/dev/urandom of="$1" bs=5000 count=1 oflag=seek_bytes seek=40M conv=notrunc status=none
	sync "$1"
}

# Count the bytes read before, in and after the ranges, which are rounded outward to whole pages.
count_reads() {
	strace -f -y -e trace=read,pread64,readv,preadv,preadv2,mmap -o "$scratch/trace" "$@" >"$scratch/out" ||
		[ $? -eq 1 ] # they differ
	sed -nE 's/.*pread[a-z0-9]*\([0-9]+<[^>]*image>.*, ([0-9]+), ([0-9]+)\) = ([0-9]+)$/\2 \3/p;
		s/.*preadv2?\([0-9]+<[^>]*image>, \[\{.*iov_len=[0-9]+\}\], 1, ([0-9]+)(, [A-Z_|0-9]+)?\) = ([0-9]+)$/\1 \3/p' \
		"$scratch/trace" | awk '
		{ from = $1; to = $1 + $2 }
		{ inside = (from >= 3145728 && to <= 4194304) || (from >= 41943040 && to <= 41951232) }
		{ if (inside) good += $2; else bad += $2 }
		END { printf "%d %d\n", good, bad }'
	if grep -E '(read|mmap)\([^p]*image>' "$scratch/trace" | grep -v pread; then
		echo "the file was read by other means" >&2
		return 1
	fi
}

on_file_system() {
	[ -n "$1" ] || skip "this file system is not available"
	directory=$(mktemp -d "$1/holes-XXXXXX")
	make_file "$directory/image"
	read -r good bad < <(count_reads "$SPARSESUM" hash "$directory/image")
	echo "read of the data: $good, of the holes: $bad"
	[ "$good" -ge $((1048576 + 5000)) ]
	[ "$bad" -eq 0 ]
	[ "$(cut -d ' ' -f 1 "$scratch/out")" = "$(sha1sum <"$directory/image" | cut -d ' ' -f 1)" ]
}

@test "hash reads no hole on tmpfs" { on_file_system "${TEST_TMPFS:-}"; }
@test "hash reads no hole on ext4" { on_file_system "${TEST_EXT4:-}"; }
@test "hash reads no hole on xfs" { on_file_system "${TEST_XFS:-}"; }
@test "hash reads no hole on btrfs" { on_file_system "${TEST_BTRFS:-}"; }

@test "with --holes=read, every byte is read" {
	directory=$(mktemp -d "$scratch/XXXXXX")
	make_file "$directory/image"
	read -r good bad < <(count_reads "$SPARSESUM" hash --holes=read "$directory/image")
	[ $((good + bad)) -eq $((64 << 20)) ]
}

# Compare with the sparse file as the first and as the second operand, and with files of several parts. Use
# one thread, because strace splits the lines of calls if there are more.
compare_on_file_system() {
	[ -n "$1" ] || skip "this file system is not available"
	directory=$(mktemp -d "$1/holes-XXXXXX")
	make_file "$directory/image"
	cp --sparse=never --reflink=never "$directory/image" "$directory/dense"
	printf x | dd of="$directory/dense" bs=1 seek=60M conv=notrunc status=none
	for words in "$directory/image $directory/dense" "--ranges $directory/dense $directory/image"; do
		# shellcheck disable=SC2086 # several words
		read -r good bad < <(count_reads "$SPARSESUM" compare -j1 $words)
		echo "read of the data: $good, of the holes: $bad"
		[ "$good" -ge $((1048576 + 5000)) ]
		[ "$bad" -eq 0 ]
	done
	printf '62914560\t1\t62914560-62914560\n' | cmp - "$scratch/out"
}

@test "compare reads no hole of the sparse file on tmpfs" { compare_on_file_system "${TEST_TMPFS:-}"; }
@test "compare reads no hole of the sparse file on ext4" { compare_on_file_system "${TEST_EXT4:-}"; }
@test "compare reads no hole of the sparse file on xfs" { compare_on_file_system "${TEST_XFS:-}"; }
@test "compare reads no hole of the sparse file on btrfs" { compare_on_file_system "${TEST_BTRFS:-}"; }
