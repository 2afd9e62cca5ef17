#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Read-only and stacked file systems: squashfs, EROFS, overlayfs. Contents are right with every policy
# for holes; the holes of squashfs are not read.

load ../support/helpers

away() {
	[ -z "${mounted:-}" ] || umount -l "$mounted" || true
}

# Files of 3 MiB with random ranges of data, holes and written zeros, and an image with long holes.
make_tree() {
	local i size at length
	[ "$(id -u)" -eq 0 ] || skip "a loop mount needs root"
	PATH=$PATH:/usr/sbin:/sbin
	RANDOM=${TEST_SEED:-17}
	mkdir tree m
	for i in {1..12}; do
		size=$(((RANDOM * 97 + i) % 3145728 + 1))
		truncate -s $size tree/$i
		while [ $((RANDOM % 4)) -ne 0 ]; do
			at=$((RANDOM * 128 % size)) length=$((RANDOM * 7 % (size - at) + 1))
			if [ $((RANDOM % 3)) -eq 0 ]; then head -c $length /dev/zero; else noise $length; fi |
				dd of=tree/$i oflag=seek_bytes seek=$at conv=notrunc bs=1M iflag=fullblock status=none
		done
	done
	make_image tree/image
	truncate -s 32M tree/image
	(cd tree && sha1sum -- * >"$scratch/SUMS")
}

mount_it() { # type, options, source
	mounted=$PWD/m
	at_end=away
	mount -t "$1" -o "$2" "$3" m 2>"$scratch/mount" || { mounted='' && skip "$1 cannot be mounted: $(head -n 1 "$scratch/mount")"; }
}

# Each policy gives the digests of sha1sum, finds no false hole, and sees a wrong digest.
all_policies() {
	local how
	(cd m && sha1sum -c --quiet "$scratch/SUMS")
	for how in auto trust verify read; do
		try "$SPARSESUM" verify --holes=$how -m "$scratch/SUMS" m
		ends_with 0
		try "$SPARSESUM" compare --holes=$how m tree
		ends_with 0
	done
	sed '1s/^./x/; 1s/^x0/1/; 1s/^x/0/' "$scratch/SUMS" >"$scratch/WRONG"
	! cmp -s "$scratch/SUMS" "$scratch/WRONG" || sed -i '1s/^0/1/' "$scratch/WRONG"
	try "$SPARSESUM" verify -m "$scratch/WRONG" m
	ends_with 1
}

# How many bytes of the image `hash` reads with policy $1.
bytes_read() {
	strace -f -y -e trace=pread64,preadv2 -o "$scratch/trace" "$SPARSESUM" hash -j1 "--holes=$1" m/image >/dev/null
	sed -nE 's/.*m\/image>.* = ([0-9]+)$/\1/p' "$scratch/trace" | awk '{ n += $1 } END { print n + 0 }'
}

needs_strace() {
	[ -z "$SANITIZE" ] || skip "the sanitizers do not run under strace"
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

@test "squashfs: holes are believed and not read, and every content is right" {
	needs_strace
	make_tree
	command -v mksquashfs >/dev/null || skip "mksquashfs is not installed"
	mksquashfs tree img -quiet -no-progress >/dev/null
	mount_it squashfs loop,ro img
	all_policies
	# 382,345 bytes of data, in blocks of 128 KiB.
	[ "$(bytes_read auto)" -le $((10 * 131072)) ]
	tried 10 9
}

@test "EROFS: every content is right" {
	make_tree
	command -v mkfs.erofs >/dev/null || skip "mkfs.erofs is not installed"
	for words in "" -zlz4hc; do
		# shellcheck disable=SC2086 # a word, or none
		mkfs.erofs $words img tree >"$scratch/mkfs" 2>&1 || fail "mkfs.erofs $words: $(cat "$scratch/mkfs")"
		mount_it erofs loop,ro img
		all_policies
		umount m
		rm img
	done
	tried 10 18
}

@test "overlayfs: holes are read unless they are trusted, and every content is right" {
	needs_strace
	make_tree
	work_on "${TEST_EXT4:-}"
	mkdir up work m
	mv "$scratch/here/tree" lower
	mount_it overlay "lowerdir=$PWD/lower,upperdir=$PWD/up,workdir=$PWD/work" overlay
	ln -s lower tree
	noise 5000 | dd of=m/1 conv=notrunc status=none # copied up
	(cd m && sha1sum -- *) >"$scratch/SUMS"
	rm tree
	cp -r m tree
	all_policies
	[ "$(bytes_read auto)" -eq $((32 << 20)) ]
	[ "$(bytes_read trust)" -le 2000000 ]
	truncate -s 100M m/image
	try "$SPARSESUM" create -o "$scratch/made" m
	warns " MiB of holes were read: this file system is not asked for holes by default; --holes=trust asks it"
	try "$SPARSESUM" create --json -o "$scratch/made" m
	jq -es '.[-1].holes_read > 100000000' "$scratch/out"
	try "$SPARSESUM" verify -m "$scratch/made" m
	ends_with 0
	warns "--holes=trust asks it"
	try "$SPARSESUM" verify --holes=trust -m "$scratch/made" m
	ends_with 0
	complains ""
	tried 10 10
}
