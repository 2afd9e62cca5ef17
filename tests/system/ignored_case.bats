#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# File systems that find a file though the listing of its directory has the name in another case; and
# directories that may be searched but not listed. No such file "changed while it was being read".

load ../support/helpers

away() {
	cd /
	[ -z "${mounted:-}" ] || umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null
	[ -z "${loop:-}" ] || losetup --detach "$loop" 2>/dev/null
	return 0
}

# Mount a new file system at $disk, by the name of its kind, or skip the test.
mount_kind() {
	[ "$(id -u)" -eq 0 ] || skip "a loop mount needs root"
	PATH=$PATH:/usr/sbin:/sbin
	disk=$scratch/disk
	at_end=away
	mkdir "$disk"
	truncate -s 32M "$scratch/image"
	case $1 in
	exfat) set -- mkfs.exfat "" mount.exfat-fuse ;;
	ntfs) set -- mkfs.ntfs "-q -F" "lowntfs-3g -o ignore_case" ;;
	vfat) set -- mkfs.vfat "" "mount -t vfat" ;;
	casefold) set -- mkfs.ext4 "-q -O casefold" "mount -t ext4" ;;
	esac
	for tool in "$1" "${3%% *}"; do
		command -v "$tool" >"$scratch/where" || skip "$tool is not installed"
	done
	$1 $2 "$scratch/image" >"$scratch/mkfs" 2>&1 || skip "$1: $(tail -n 1 "$scratch/mkfs")"
	loop=$(losetup --find --show "$scratch/image" 2>"$scratch/loop") || skip "no loop device: $(head -n 1 "$scratch/loop")"
	$3 "$loop" "$disk" >"$scratch/mount" 2>&1 || true
	mountpoint -q "$disk" || skip "cannot be mounted: $(head -n 1 "$scratch/mount")"
	mounted=$disk
	if [ "$3" = "mount -t ext4" ]; then
		mkdir "$disk/folded"
		chattr +F "$disk/folded"
		disk=$disk/folded
	fi
	echo x >"$disk/probe"
	[ -e "$disk/PROBE" ] || skip "this mount does not ignore case"
	rm "$disk/probe"
}

# Rename in two steps, since the file system takes the two names for one.
rename() {
	mv "$1" "$1.between"
	mv "$1.between" "$2"
}

on_kind() {
	mount_kind "$1"
	mkdir -p package/Sub/Deep
	echo one >package/Readme.txt
	echo two >package/b.txt
	echo three >package/Sub/Deep/c.txt
	(cd package && sha1sum Readme.txt Sub/Deep/c.txt b.txt >SHA1SUMS)

	# The same names: all holds.
	cp -r package "$disk/"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 0
	try "$SPARSESUM" compare package "$disk/package"
	ends_with 0

	# A file, then a directory, in another case.
	rename "$disk/package/Readme.txt" "$disk/package/README.TXT"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "Readme.txt: missing (listed in SHA1SUMS, line 1)"
	shows "moved to  README.TXT"
	shows "only upper and lower case differ"
	shows "1 missing, 1 extra, 2 entries hold"
	output_lacks "changed"
	sh -c "$(sed -n 's/^    to do     rename it back: //p' "$scratch/out")"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 0
	rename "$disk/package/Sub" "$disk/package/SUB"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "Sub/Deep/c.txt: missing"
	shows "moved to  SUB/Deep/c.txt"
	output_lacks "changed"
	try "$SPARSESUM" compare package "$disk/package"
	ends_with 1
	shows "Sub/Deep/c.txt: only in package; in $disk/package its name is SUB/Deep/c.txt"
	shows "SUB/Deep/c.txt: only in $disk/package; in package" && fail "package distinguishes case"
	output_lacks "changed"
	try "$SPARSESUM" compare --json "$disk/package" package
	ends_with 1
	jq -es 'map(select(.verdict == "extra")) | .[0] | .path == "Sub/Deep/c.txt" and .other_name == "SUB/Deep/c.txt"' "$scratch/out"
	sh -c "$("$SPARSESUM" verify "$disk/package" | sed -n 's/^    to do     rename it back: //p')"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 0

	# Another case and another content: still found.
	rename "$disk/package/b.txt" "$disk/package/B.txt"
	echo other >"$disk/package/B.txt"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "b.txt: missing"
	shows "found as  B.txt"
	shows "only upper and lower case differ"
	try "$SPARSESUM" verify --json "$disk/package"
	jq -es 'map(select(.path == "b.txt")) | .[0] | .verdict == "missing" and .other_name == "B.txt" and (has("moved_to") | not)' "$scratch/out"
	rename "$disk/package/B.txt" "$disk/package/b.txt"
	echo two >"$disk/package/b.txt"

	# An empty directory and a listed file that is a directory there.
	mkdir "$disk/package/Empty"
	"$SPARSESUM" create -q "$disk/package" >"$scratch/created"
	rename "$disk/package/Empty" "$disk/package/EMPTY"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "Empty: missing"
	shows "EMPTY: extra"
	rmdir "$disk/package/EMPTY"

	# Two listed names that are one file here.
	(cd package && echo upper >README.TXT && sha1sum README.TXT Readme.txt Sub/Deep/c.txt b.txt >SHA1SUMS)
	cp package/SHA1SUMS "$disk/package/SHA1SUMS"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "README.TXT: missing"
	shows "found as  Readme.txt"
	shows "both names are listed, but here they are one file"
	output_lacks "changed"
	try "$SPARSESUM" verify --json "$disk/package"
	jq -es 'map(select(.path == "README.TXT")) | .[0].other_is_listed' "$scratch/out"
	try "$SPARSESUM" compare package "$disk/package"
	ends_with 1
	shows "README.TXT: only in package; in $disk/package its name is Readme.txt"
	rm package/README.TXT

	# The manifest in another case: it is the manifest, and no extra file; nor is it listed.
	"$SPARSESUM" create -q "$disk/package" >"$scratch/created"
	rename "$disk/package/SHA1SUMS" "$disk/package/sha1sums"
	for arguments in "$disk/package" "-m $disk/package/SHA1SUMS $disk/package" "-m $disk/package/sha1sums $disk/package"; do
		try "$SPARSESUM" verify $arguments
		ends_with 0
		shows "3 entries hold"
		output_lacks "extra"
	done
	"$SPARSESUM" create -q "$disk/package" >"$scratch/created"
	try cat "$disk/package/SHA1SUMS"
	output_lacks "ha1sums"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 0
	tried 44 20
}

@test "names in another case, exFAT" { on_kind exfat; }

# With ignore_case, lowntfs-3g lists all names in lower case, and finds them in any.
@test "names in another case, NTFS by FUSE" {
	mount_kind ntfs
	mkdir package
	echo one >package/Readme.txt
	echo two >package/b.txt
	"$SPARSESUM" create -q package >"$scratch/created"
	cp -r package "$disk/"
	[ "$(cd "$disk/package" && echo *)" = "b.txt readme.txt sha1sums" ] || skip "this driver keeps the case of names"
	try "$SPARSESUM" verify "$disk/package"
	ends_with 1
	shows "Readme.txt: missing"
	shows "moved to  readme.txt"
	shows "1 missing, 1 extra, 1 entry holds"
	output_lacks "changed"
	try "$SPARSESUM" compare package "$disk/package"
	ends_with 1
	shows "Readme.txt: only in package; in $disk/package its name is readme.txt"
	output_lacks "changed"
	tried 44 2
}

@test "names in another case, vfat" { on_kind vfat; }
@test "names in another case, ext4 with casefold" { on_kind casefold; }

@test "where case is distinguished, a name in another case is another name" {
	mkdir package
	echo one >package/Readme.txt
	"$SPARSESUM" create -q package >"$scratch/created"
	cp package/SHA1SUMS package/sha1sums
	mv package/Readme.txt package/README.TXT
	try "$SPARSESUM" verify package
	ends_with 1
	shows "Readme.txt: missing"
	shows "moved to  README.TXT"
	shows "mv -- package/README.TXT package/Readme.txt"
	shows "sha1sums: extra"
	mv package/README.TXT package/Readme.txt
	rm package/SHA1SUMS
	try "$SPARSESUM" verify package
	ends_with 2
	warns "no manifest"
	tried 44 1
}

@test "a directory that may be searched but not listed: undecided" {
	[ "$(id -u)" -eq 0 ] || skip "needs another user"
	mkdir -p package/x/y
	echo c >package/x/c
	echo d >package/x/y/d
	echo e >package/e
	"$SPARSESUM" create -q package >"$scratch/created"
	cp -r package copy
	chmod 111 package/x
	try as_nobody "$scratch/sparsesum" verify package
	ends_with 2
	shows "x: could not be read: Permission denied"
	shows_line "x/c: is there, but its directory cannot be listed"
	shows_line "x/y/d: is there, but its directory cannot be listed"
	shows "UNDECIDED: 3 unreadable, 1 entry holds"
	output_lacks "changed"
	try as_nobody "$scratch/sparsesum" verify --json package
	ends_with 2
	jq -es 'map(select(.path == "x/c")) | .[0].verdict == "unreadable"' "$scratch/out"
	for pair in "package copy" "copy package"; do
		try as_nobody "$scratch/sparsesum" compare $pair
		ends_with 2
		shows "x/c: could not be compared: is there, but its directory cannot be listed"
		output_lacks "changed"
	done
	# What is not there is missing, and that is proven.
	rm package/x/c
	try as_nobody "$scratch/sparsesum" verify package
	ends_with 1
	shows "x/c: missing"
	shows "x/y/d: is there"
	# A directory that may be listed but not searched: nothing is known of its names.
	chmod 444 package/x
	try as_nobody "$scratch/sparsesum" verify package
	ends_with 2
	shows "x/y/d: could not be read: Permission denied"
	output_lacks "missing"
	chmod 755 package/x
}
