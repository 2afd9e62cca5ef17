#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `sparsesum compare` against cmp, and `sparsesum map` against the known extents of the file.

load ../support/helpers

compare() { try timeout 60 "$SPARSESUM" compare "$@"; }
map() { try timeout 60 "$SPARSESUM" map "$@"; }

@test "a sparse and a dense file with one content are the same" {
	make_image sparse
	cp --sparse=never --reflink=never sparse dense
	for holes in auto trust verify read; do
		compare --holes=$holes sparse dense
		ends_with 0
		shows "sparse and dense: the same content (8.0 MiB logical)"
		compare --holes=$holes dense sparse
		ends_with 0
	done
	prints "dense and sparse: the same content (8.0 MiB logical)"
	touch empty none
	compare empty none
	ends_with 0
	prints "empty and none: the same content (0 bytes logical)"
	compare sparse sparse
	ends_with 0
}

@test "the first difference is that of cmp (which counts from 1)" {
	make_image a
	for offset in 0 1 69999 70000 1000000 3145727 3145728 3300000 8000000 8388607; do
		cp --sparse=always a b
		damage b $offset
		for holes in auto read; do
			compare --holes=$holes a b
			ends_with 1
			first=$(LC_ALL=C cmp a b | sed -E 's/.* (byte|char) ([0-9]+),.*/\2/')
			[ "$first" -eq $((offset + 1)) ]
			prints "$(printf 'a and b differ: first at byte %d (0x%x)' $((first - 1)) $((first - 1)))"
		done
	done
	damage b 5
	compare b a
	ends_with 1
	shows "first at byte 5 (0x5)"
}

@test "different sizes: both sizes and the first difference, or which file is the beginning of the other" {
	make_image a
	cp a b
	truncate -s +1 b
	compare a b
	ends_with 1
	prints "all of a is the beginning of b: 8388608 bytes, and 1 byte after them"
	damage b 4096
	compare b a
	ends_with 1
	prints "b is 8388609 bytes, a is 8388608 bytes; the first difference is at byte 4096 (0x1000)"
	printf x >one
	touch empty
	compare empty one
	ends_with 1
	prints "empty is empty, one is 1 byte"
}

# Make two files with the same content: 64 MiB, with 1 MiB of data in the sparse one.
only_storage_differs() {
	work_on "$1"
	truncate -s 64M sparse
	noise $((1 << 20)) | dd of=sparse bs=1M seek=3 conv=notrunc status=none
	cp --sparse=never --reflink=never sparse dense
	sync sparse dense
	for holes in auto trust verify; do
		compare --holes=$holes sparse dense
		ends_with 0
		prints "sparse and dense: the same content (64.0 MiB logical), stored differently (1.0 MiB of data in the first, 64.0 MiB in the second)"
	done
	compare dense sparse
	prints "dense and sparse: the same content (64.0 MiB logical), stored differently (64.0 MiB of data in the first, 1.0 MiB in the second)"
	compare --holes=read sparse dense
	prints "sparse and dense: the same content (64.0 MiB logical)"
	compare sparse sparse
	prints "sparse and sparse: the same content (64.0 MiB logical)"
	fallocate -p -o 1M -l 4096 dense
	compare dense dense
	prints "dense and dense: the same content (64.0 MiB logical)"
}

@test "compare reports no difference if only the storage differs, on tmpfs" { only_storage_differs "${TEST_TMPFS:-}"; }
@test "compare reports no difference if only the storage differs, on ext4" { only_storage_differs "${TEST_EXT4:-}"; }
@test "compare reports no difference if only the storage differs, on xfs" { only_storage_differs "${TEST_XFS:-}"; }
@test "compare reports no difference if only the storage differs, on btrfs" { only_storage_differs "${TEST_BTRFS:-}"; }

# Compute the ranges with cmp -l: differences with fewer than 4096 equal bytes between them are joined; bytes
# that are only in the longer file differ too.
ranges_by_cmp() {
	local a b
	a=$(stat -c %s "$1") b=$(stat -c %s "$2")
	{
		LC_ALL=C cmp -l "$1" "$2" 2>/dev/null | awk '{ print $1 - 1, $1 }'
		[ "$a" -eq "$b" ] || echo $((a < b ? a : b)) $((a < b ? b : a))
	} | awk '
		function tell() { if (end) printf "%d\t%d\t%d-%d\n", begin, end - begin, begin, end - 1 }
		!end || $1 - end >= 4096 { tell(); begin = $1 }
		{ end = $2 }
		END { tell() }'
}

@test "--ranges prints exactly the differences of cmp -l" {
	make_image a
	cp --sparse=never --reflink=never a b
	compare --ranges a b
	ends_with 0
	prints ""
	for offset in 0 4096 8193 70000 1000000 1004097 3145727 3145728 3149823 8388607; do
		damage b $offset
		for size in 8388607 8388608 8388609 9000000; do
			cp a other
			truncate -s $size other
			ranges_by_cmp other b >"$scratch/expected"
			[ -s "$scratch/expected" ]
			for holes in auto read; do
				compare --ranges --holes=$holes other b
				ends_with 1
				diff "$scratch/expected" "$scratch/out"
				compare --ranges b other
				diff "$scratch/expected" "$scratch/out"
			done
		done
	done
	complains ""
	compare --ranges -q a b
	ends_with 1
	prints ""
	compare --ranges a missing
	ends_with 2
	prints ""
	complains "sparsesum: missing: No such file or directory"
}

@test "compare -q prints nothing" {
	printf a >a
	printf b >b
	compare -q a b
	ends_with 1
	prints ""
	compare -q a a
	ends_with 0
	prints ""
	complains ""
}

@test "files that cannot be compared are undecided" {
	printf a >a
	mkfifo fifo
	compare a missing
	ends_with 2
	prints ""
	complains "sparsesum: missing: No such file or directory"
	compare missing a
	ends_with 2
	compare a fifo
	ends_with 2
	warns "fifo"
	prints ""
	cp a b
	chmod 000 b
	try as_nobody ../sparsesum compare a b
	ends_with 2
	complains "sparsesum: b: Permission denied"
}

@test "a file and a directory cannot be compared: a usage error" {
	mkdir directory
	printf a >a
	for operands in 'a directory' 'directory a'; do
		# shellcheck disable=SC2086 # two operands
		compare $operands
		ends_with 2
		prints ""
		warns "compare takes two files or two directories, but only 'directory' is a directory"
		warns "Try 'sparsesum compare --help'"
	done
}

@test "two directories are compared entry by entry" {
	mkdir -p a/sub a/empty a/both
	make_image a/image
	printf 1 >a/sub/file
	printf 1 >a/gone
	printf 1 >a/type
	ln -s x a/link
	cp -a a b
	compare a b
	ends_with 0
	shows "SAME: 7 entries hold; 8.0 MiB in "
	cp --sparse=never --reflink=never a/image b/image
	compare a b
	ends_with 0
	damage b/image 1000001
	printf 12 >b/sub/file
	rm b/gone b/type
	mkfifo b/type
	ln -sfn y b/link
	touch b/new b/both/file
	compare a b
	ends_with 1
	shows_line "image: differs: first at byte 1000001"
	shows_line "sub/file: differs: 1 byte in a, 2 bytes in b; the shorter one is the beginning of the longer one"
	shows_line "gone: only in a"
	shows_line "new: only in b"
	shows_line "type: a regular file in a, a FIFO in b"
	shows_line "link: points elsewhere"
	shows_line "    in a  x"
	shows_line "    in b  y"
	shows "DIFFERS: "
}

@test "with an unreadable directory the result is undecided, unless a difference is proven" {
	mkdir -p a/sub b/sub
	printf 1 | tee a/sub/file >b/sub/file
	chmod 000 b/sub
	try as_nobody ../sparsesum compare a b
	ends_with 2
	shows "Permission denied"
	shows "UNDECIDED: "
	touch a/new
	try as_nobody ../sparsesum compare a b
	ends_with 1
	shows_line "new: only in a"
}

# Map a file of 64 MiB with 1 MiB of data at 3 MiB, 64 KiB at 40 MiB, and a hole at its end.
map_is_known() {
	work_on "$1"
	truncate -s 64M image
	noise $((1 << 20)) | dd of=image bs=1M seek=3 conv=notrunc status=none
	noise 65536 | dd of=image bs=64K seek=640 conv=notrunc status=none
	sync image
	map image
	ends_with 0
	awk 'NF == 3 { print $1, $2, $3 }' "$scratch/out" >"$scratch/extents"
	diff "$scratch/extents" - <<-END
		0 3145728 hole
		3145728 1048576 data
		4194304 37748736 hole
		41943040 65536 data
		42008576 25100288 hole
	END
	shows_line "data 1114112, holes 65994752, size 67108864 bytes (64.0 MiB), 5 extents"
	map --holes=verify image
	ends_with 0
	awk 'NF == 3 { print $1, $2, $3 }' "$scratch/out" | diff "$scratch/extents" -
}

@test "map prints the holes that were made on tmpfs" { map_is_known "${TEST_TMPFS:-}"; }
@test "map prints the holes that were made on ext4" { map_is_known "${TEST_EXT4:-}"; }
@test "map prints the holes that were made on xfs" { map_is_known "${TEST_XFS:-}"; }
@test "map prints the holes that were made on btrfs" { map_is_known "${TEST_BTRFS:-}"; }

@test "extents cover the file from 0 to its size, data and holes alternating" {
	for place in "${TEST_TMPFS:-}" "${TEST_EXT4:-}" "${TEST_XFS:-}" "${TEST_BTRFS:-}" "$TMPDIR"; do
		[ -n "$place" ] || continue
		file=$(mktemp "$place/map-XXXXXX")
		truncate -s 5000001 "$file"
		for offset in 0 100000 100001 2000000 3333333 5000000; do
			damage "$file" $offset
		done
		map "$file"
		rm "$file"
		ends_with 0
		awk 'NF == 3 { bad += $1 != end || $3 == kind || $2 < 1; end = $1 + $2; kind = $3 }
			/^data/ { bad += $6 != 5000001; seen = 1 } END { exit bad || end != 5000001 || !seen }' "$scratch/out"
	done
}

@test "with --holes=read a file is one extent of data" {
	truncate -s 1234567 hole
	map --holes=read hole
	ends_with 0
	shows_line "data 1234567, holes 0, size 1234567 bytes (1.2 MiB), 1 extent"
	touch empty
	map empty
	ends_with 0
	prints "data 0, holes 0, size 0 bytes (0 bytes), 0 extents"
}

@test "a file that cannot be mapped is undecided" {
	mkfifo fifo
	mkdir directory
	for operand in missing fifo directory /dev/null; do
		map $operand
		ends_with 2
		prints ""
		warns "sparsesum: $operand: "
	done
}
