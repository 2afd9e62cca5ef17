#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Disks that fail, the page cache, and block devices as operands.

load ../support/helpers

away() {
	[ -z "${mounted:-}" ] || umount -l "$mounted" 2>/dev/null
	[ -z "${device:-}" ] || losetup --detach "$device" 2>/dev/null
	return 0
}

# ---- An unreadable sector ----

# Make a btrfs with data checksums, and change one byte of "package/damaged" on the disk.
mount_damaged() {
	[ "$(id -u)" -eq 0 ] || skip "a loop mount needs root"
	PATH=$PATH:/usr/sbin:/sbin
	command -v mkfs.btrfs >/dev/null || skip "mkfs.btrfs is not installed"
	truncate -s 256M disk
	mkdir "$scratch/disk" tree tree/package
	noise 1048676 >tree/package/damaged
	echo other >tree/package/other
	echo "a marker that is found on the disk" | dd of=tree/package/damaged conv=notrunc status=none oflag=seek_bytes seek=700000
	(cd tree/package && sha1sum damaged other) >SUMS
	mkfs.btrfs -q --rootdir tree disk >"$scratch/mkfs" 2>&1 || skip "mkfs.btrfs: $(tail -n 1 "$scratch/mkfs")"
	at=$(grep -abo "a marker that is found" disk | head -n 1 | cut -d : -f 1)
	[ -n "$at" ] || fail "the marker is not on the disk"
	at_end=away
	damage disk "$at"
	mounted=$scratch/disk
	mount -o loop,ro disk "$mounted" 2>"$scratch/mount" || { mounted= && skip "btrfs cannot be mounted: $(head -n 1 "$scratch/mount")"; }
	! cat "$mounted/package/damaged" >"$scratch/read" 2>&1 || fail "the damage was not detected"
}

@test "an unreadable sector: no digest, the other files are hashed, the exit status reports it" {
	mount_damaged
	for how in auto trust verify read; do
		try "$SPARSESUM" hash --holes=$how "$mounted/package/damaged" "$mounted/package/other"
		ends_with 1
		prints "$(digest_of "$mounted/package/other")  $mounted/package/other"
		warns "damaged: Input/output error"
		try "$SPARSESUM" verify --holes=$how -m SUMS "$mounted/package"
		ends_with 2
		shows "damaged: could not be read: Input/output error"
		shows "UNDECIDED: 1 unreadable, 1 entry holds"
		try "$SPARSESUM" create --holes=$how -o "$scratch/made" "$mounted/package"
		ends_with 2
		[ ! -e "$scratch/made" ]
		try "$SPARSESUM" compare --holes=$how "$mounted/package" tree/package
		ends_with 2
		shows "UNDECIDED"
	done
	tried 20 16
}

# ---- The page cache ----

# No file is opened with O_DIRECT, which requires alignment; files of unaligned lengths have the right digest.
on_disk() {
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	strace -o /dev/null true 2>/dev/null || skip "strace is not permitted here"
	work_on "$1"
	for length in 1 511 512 513 4095 4096 4097 1048575 1048577 3145729; do
		noise $length >"$length"
	done
	sync -f .
	sha1sum [0-9]* >"$scratch/expected"
	try strace -f -e trace=open,openat,openat2,fcntl -o "$scratch/trace" "$SPARSESUM" hash [0-9]*
	ends_with 0
	cmp "$scratch/expected" "$scratch/out"
	grep -q '"3145729"' "$scratch/trace" || fail "the trace shows no open of the file"
	! grep -w O_DIRECT "$scratch/trace" || fail "a file was opened with O_DIRECT"
	tried 21 10
}

@test "no file is read with O_DIRECT, ext4" { on_disk "${TEST_EXT4:-}"; }
@test "no file is read with O_DIRECT, xfs" { on_disk "${TEST_XFS:-}"; }
@test "no file is read with O_DIRECT, btrfs" { on_disk "${TEST_BTRFS:-}"; }

# ---- Devices ----

@test "a block device has the digest of its image" {
	[ "$(id -u)" -eq 0 ] || skip "a loop device needs root"
	PATH=$PATH:/usr/sbin:/sbin
	make_image image
	device=$(losetup --find --show --read-only image 2>"$scratch/losetup") || skip "losetup: $(cat "$scratch/losetup")"
	at_end=away
	cp image other
	damage other 4000000
	for how in auto trust verify read; do
		try "$SPARSESUM" hash --holes=$how "$device"
		ends_with 0
		prints "$(digest_of image)  $device"
		try "$SPARSESUM" compare --holes=$how "$device" image
		ends_with 0
		try "$SPARSESUM" compare --holes=$how "$device" other
		ends_with 1
	done
	try "$SPARSESUM" hash <"$device"
	prints "$(digest_of image)  -"
	tried 22 13
}

# ---- Documented limits ----

@test "the documentation says what SHA-1 does and does not protect against" {
	grep -q 'SHA-1.* detects damage, not an attack' "$root/README.md"
	grep -q -- '-a sha256' "$root/README.md"
	tried 36 1
}

# What was written to a device is read from the page cache, as by every program. README.md says so.
@test "a device is judged by the page cache, until its buffers are flushed" {
	[ "$(id -u)" -eq 0 ] || skip "a loop device needs root"
	PATH=$PATH:/usr/sbin:/sbin
	make_image image
	device=$(losetup --find --show image 2>"$scratch/losetup") || skip "losetup: $(cat "$scratch/losetup")"
	at_end=away
	try "$SPARSESUM" hash "$device"
	prints "$(digest_of image)  $device"
	damage image 4000000 # the disk changes, and the page cache of the device does not
	try "$SPARSESUM" hash "$device"
	ends_with 0
	blockdev --flushbufs "$device"
	try "$SPARSESUM" hash "$device"
	prints "$(digest_of image)  $device"
	grep -q 'page cache\..*blockdev --flushbufs' "$root/docs/security.md"
	tried 53 3
}
