#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files that change while they are read, where their times do not show it at once: coarse times, a write(2)
# that is under way, attributes that are cached (docs/changes.md).

load ../support/helpers

away() {
	cd /
	[ -z "${writer:-}" ] || kill "$writer" 2>/dev/null || true
	[ -z "${mounted:-}" ] || umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null
	return 0
}

# Change to a new ext4 with 128-byte inodes, whose times are whole seconds.
on_coarse_times() {
	[ "$(id -u)" -eq 0 ] || skip "a loop mount needs root"
	PATH=$PATH:/usr/sbin:/sbin
	at_end=away
	mkdir "$scratch/disk"
	truncate -s 300M "$scratch/image"
	mkfs.ext4 -q -F -I 128 "$scratch/image" 2>"$scratch/mkfs" || skip "mkfs.ext4: $(tail -n 1 "$scratch/mkfs")"
	mount -o loop "$scratch/image" "$scratch/disk" 2>"$scratch/mount" ||
		skip "cannot be mounted: $(head -n 1 "$scratch/mount")"
	mounted=$scratch/disk
	cd "$mounted"
}

@test "whole-second times: a file is waited for until its second is over" {
	on_coarse_times
	for command in "hash file" "verify -m SUMS . --allow-extra" "compare file copy" "explain file $nothing"; do
		echo new >file
		sha1sum file >SUMS
		cp file copy
		touch file
		changed_at=$(stat -c %Z file)
		# shellcheck disable=SC2086 # several words
		try "$SPARSESUM" $command
		[ "$(date +%s)" -gt "$changed_at" ] || fail "$command: ended in the second of the last change"
		[ "$status" -ne 2 ] || fail "$command"
		output_lacks "prove nothing"
	done
	tried 41 4
}

@test "whole-second times: all files together are waited for once" {
	on_coarse_times
	mkdir p
	for i in {1..300}; do
		echo "$i" >"p/$i"
	done
	try timeout 20 "$SPARSESUM" create p
	ends_with 0
	(cd p && sha1sum --quiet -c SHA1SUMS) || fail "sha1sum does not agree"
	tried 41 300
}

# Rewrite a file again and again, from the beginning to the end, each time with another letter.
rewrite() {
	python3 - "$1" "$2" "$3" <<'EOF' 3>&- &
import os, sys, time
fd, end = os.open(sys.argv[1], os.O_RDWR), time.time() + float(sys.argv[3])
letter = 0
while time.time() < end:
    letter = (letter + 1) % 26
    for i in range(int(sys.argv[2])):
        os.pwrite(fd, bytes([65 + letter]) * 1048576, i << 20)
    time.sleep(0.02)
EOF
	writer=$!
}

@test "whole-second times: no digest of a mixture while a writer is at work" {
	on_coarse_times
	head -c 40M /dev/zero >file
	python3 -c 'import hashlib
for c in [0] + list(range(65, 91)): print(hashlib.sha1(bytes([c]) * (40 << 20)).hexdigest())' >good
	rewrite file 40 4
	sleep 0.2
	for i in {1..12}; do
		try "$SPARSESUM" hash file
		[ "$status" -eq 0 ] || { warns "changed while it was being read: its "; continue; }
		grep -q "^$(cut -c 1-40 "$scratch/out")" good || fail "run $i: the digest of a content that never was"
	done
	tried 41 12
}

@test "whole-second times: --resume takes over no file that was written again in its second" {
	on_coarse_times
	mkdir p
	noise 150000000 >p/b
	sync p/b
	for _ in 1 2; do
		python3 -c 'import time; t = time.time(); time.sleep(1 - t % 1 + 0.02)'
		head -c 1M /dev/zero | tr '\0' o >p/a
		try timeout -s INT 0.45 "$SPARSESUM" create -j1 -a sha512 --no-checkpoints p
		head -c 1M /dev/zero | tr '\0' n | dd of=p/a conv=notrunc status=none
		try "$SPARSESUM" create --resume -j1 -a sha512 --no-checkpoints p
		ends_with 0
		(cd p && sha512sum --quiet -c SHA512SUMS) || fail "the manifest has the digest of what was"
		rm p/SHA512SUMS
	done
	tried 41 2
}

# A write(2) of 1 MiB has copied its first half when the file is hashed: the digest is that of the content
# before the write, or after it.
during_a_write() {
	work_on "$1"
	at_end=away
	head -c 1M /dev/zero | tr '\0' A >file
	sync file
	local before after
	before=$(digest_of file)
	for holes in auto read; do
		head -c 1M /dev/zero | tr '\0' A | dd of=file conv=notrunc status=none
		"$BUILD/tests/system/tools/long_write" file >"$scratch/half" 2>"$scratch/write.err" 3>&- &
		writer=$!
		until grep -q half "$scratch/half"; do
			kill -0 $writer 2>/dev/null || skip "$(tail -n 1 "$scratch/write.err")"
			sleep 0.01
		done
		sleep 0.1
		try "$SPARSESUM" hash --holes=$holes file
		wait $writer
		after=$(digest_of file)
		[ "$status" -ne 0 ] || [[ "$before $after" == *$(cut -c 1-40 "$scratch/out")* ]] ||
			fail "--holes=$holes: the digest of a content that never was"
	done
	tried 42 2
}

@test "a write that is under way is waited for, ext4" { during_a_write "$TEST_EXT4"; }
@test "a write that is under way is waited for, xfs" { during_a_write "$TEST_XFS"; }
@test "a write that is under way is waited for, btrfs" { during_a_write "$TEST_BTRFS"; }
@test "a write that is under way is waited for, tmpfs" { during_a_write "$TEST_TMPFS"; }

@test "cached attributes: a change on the other side of a read-only FUSE mount is seen" {
	command -v bindfs >"$scratch/where" || skip "bindfs is not installed"
	at_end=away
	mkdir back front
	head -c 100M /dev/zero | tr '\0' A >back/file
	bindfs -r back front 2>"$scratch/mount" || skip "cannot be mounted: $(head -n 1 "$scratch/mount")"
	mounted=$PWD/front
	sleep 1.2
	python3 - "$SPARSESUM" 100 <<'EOF' || fail "the digest of a content that never was"
import hashlib, os, subprocess, sys, time
program, n = sys.argv[1], int(sys.argv[2]) << 20
good = [hashlib.sha1(c * n).hexdigest() for c in (b"A", b"B")]
fd = os.open("back/file", os.O_RDWR)
for i in range(4):
    for at in range(0, n, 1 << 20):
        os.pwrite(fd, b"A" * (1 << 20), at)
    time.sleep(1.2)
    run = subprocess.Popen([program, "hash", "-j1", "front/file"], stdout=subprocess.PIPE)
    time.sleep(0.05)
    for at in range(0, n, 1 << 20):
        os.pwrite(fd, b"B" * (1 << 20), at)
    out = run.communicate()[0].decode()
    if run.returncode == 0 and out.split()[0] not in good:
        sys.exit(1)
EOF
	tried 43 4
}
