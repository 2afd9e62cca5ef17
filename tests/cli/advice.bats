#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What verify says is to be done: commands that are safe to paste, or words where no command can do it.

load ../support/helpers

# A package with the lines of the arguments as its manifest.
make_listed() {
	mkdir -p package victim
	printf '%s\n' "$@" >package/SHA1SUMS
}

line_of() { echo "$(digest_of "$1")  $2"; }

# Run all commands that verify advises, in this order, as a user would who pastes them.
paste_all() {
	try "$SPARSESUM" verify "$@" package
	ends_with 1
	sed -nE 's/^    to do     (rename it back|create it again|rename them): (mkdir|mv|ln) /\2 /p' "$scratch/out" >commands
	sh commands 2>"$scratch/pasted" || true
}

# Nothing was written outside of the package.
nothing_outside() {
	[ -z "$(ls -A victim)" ] || fail "the advice led out of the package: $(ls -A victim)"
}

@test "advice does not lead through a symlink that is listed and there" {
	echo key >x
	for target in "$PWD/victim" ../victim; do
		rm -rf package
		make_listed "$(line_of x dir/keys)" "# symlink	dir	$target"
		cp x package/x
		ln -s "$target" package/dir
		paste_all
		nothing_outside
		shows "    to do     by hand: a directory above it is listed as a symlink too"
	done
	tried 49 1
}

@test "advice does not lead through a symlink that is not listed, or is deeper" {
	echo key >x
	make_listed "$(line_of x dir/keys)"
	cp x package/x
	ln -s ../victim package/dir
	paste_all
	nothing_outside
	shows_line "    to do     by hand: package/dir is a symlink, not a directory"
	rm -rf package
	make_listed "$(line_of x a/b/c/keys)" "# folder	a/b/empty"
	mkdir package/a
	cp x package/x
	ln -s "$PWD/victim" package/a/b
	paste_all
	nothing_outside
	[ "$(grep -cxF "    to do     by hand: package/a/b is a symlink, not a directory" "$scratch/out")" -eq 2 ] || fail "both"
}

@test "the advised commands do not lead out of the package one after the other" {
	echo key >x
	# The first command makes the symlink through which the second one would write.
	make_listed "# symlink	dir	$PWD/victim" "$(line_of x dir/keys)" "# folder	dir/new" "# symlink	dir/link	target"
	cp x package/x
	paste_all
	nothing_outside
	[ -L package/dir ]
	[ "$(grep -cF "    to do     by hand: a directory above it is listed as a symlink too" "$scratch/out")" -eq 3 ] || fail "all three"
	# With two manifests, of which one lists the symlink.
	rm -rf package
	make_listed "# symlink	dir	$PWD/victim"
	sha256sum x | sed 's,x$,dir/keys,' >package/SHA256SUMS
	cp x package/x
	paste_all
	nothing_outside
	tried 49 1
}

@test "a file in the place of a directory" {
	echo key >x
	make_listed "$(line_of x dir/keys)" "# folder	dir/empty" "# symlink	dir/link	target"
	cp x package/x
	touch package/dir
	paste_all --allow-extra
	[ "$(grep -cxF "    to do     by hand: package/dir is a file, not a directory" "$scratch/out")" -eq 3 ] || fail "all three"
	[ ! -s commands ]
}

@test "the commands restore what is missing, whatever its name is" {
	for name in 'a b' "it's" '$(touch evil)' '`touch evil`' '{a,b}' '-n' '~' '#x' 'a;b' '*' 'x=y' '\' '"'; do
		rm -rf package && mkdir package
		mkdir -p "package/d $name/$name" "package/empty $name"
		echo key >"package/d $name/$name/file"
		ln -s -- "$name" "package/link $name"
		"$SPARSESUM" create -q package >"$scratch/hash"
		mv "package/d $name/$name/file" package/found
		rm -r "package/d $name" "package/empty $name" "package/link $name"
		paste_all
		cat "$scratch/pasted"
		try "$SPARSESUM" verify package
		ends_with 0
	done
	[ ! -e evil ]
	tried 49 1
}

@test "the advice to list damaged bytes has the options that name the manifest" {
	mkdir package
	noise 100000 >package/image
	"$SPARSESUM" create -q -a sha256 --checkpoints=4K -o 'a list' package >"$scratch/hash"
	damage package/image 5000
	try "$SPARSESUM" verify -m 'a list' -a sha256 package
	ends_with 1
	command=$(sed -n 's/^    to do     .*: sparsesum verify/verify/p' "$scratch/out")
	[ "$command" = "verify --repair-list -m 'a list' -a sha256 package" ] || fail "the command is: $command"
	eval "try $SPARSESUM $command"
	ends_with 1
	shows $'4096\t4096\t4096-8191\timage'
}

# Mount a new exFAT by FUSE at "disk".
mount_exfat() {
	for tool in mkfs.exfat mount.exfat-fuse losetup; do
		command -v $tool >"$scratch/where" || skip "no $tool here"
	done
	truncate -s 8M image
	mkfs.exfat image >"$scratch/made"
	mkdir disk
	device=$(losetup --find --show image 2>"$scratch/why") || skip "losetup: $(cat "$scratch/why")"
	at_end=unmount_exfat
	mount.exfat-fuse "$device" disk >"$scratch/why" 2>&1 || skip "exFAT cannot be mounted: $(tail -n 1 "$scratch/why")"
	for _ in {1..100}; do
		! mountpoint -q disk || return 0
		sleep 0.05
	done
	skip "exFAT cannot be mounted: $(tail -n 1 "$scratch/why")"
}

unmount_exfat() {
	umount "$scratch/here/disk" 2>/dev/null
	losetup --detach "$device"
}

@test "exFAT: no command for what it cannot store" {
	mount_exfat
	mkdir package
	echo key >'package/a: b'
	echo dot >'package/dot.'
	echo c >package/c
	ln -s c package/link
	"$SPARSESUM" create -q package >"$scratch/hash"
	mkdir disk/package
	cp package/SHA1SUMS disk/package/
	cp package/c disk/package/d
	cp 'package/a: b' 'disk/package/a_ b'
	cp 'package/dot.' disk/package/dot
	try "$SPARSESUM" verify disk/package
	ends_with 1
	output_lacks "ln -s"
	shows_line "    to do     create it again, if this file system can store symlinks"
	[ "$(grep -cxF "    to do     rename it back, if this file system can store the name" "$scratch/out")" -eq 2 ] || fail "both names"
	eval "$(sed -n 's/^    to do     rename it back: //p' "$scratch/out")"
	cmp package/c disk/package/c
	tried 49 1
}

@test "a file system that is mounted read-only: no command" {
	mkdir -p disk package/empty
	mount -t tmpfs tmpfs disk 2>"$scratch/why" || skip "no tmpfs can be mounted: $(cat "$scratch/why")"
	at_end="umount $PWD/disk"
	for name in a b c; do echo $name >package/$name; done
	ln -s a package/link
	"$SPARSESUM" create -q package >"$scratch/hash"
	cp -r package disk/
	rm disk/package/link
	rmdir disk/package/empty
	mv disk/package/c disk/package/d
	mv disk/package/a disk/x && mv disk/package/b disk/package/a && mv disk/x disk/package/b
	mount -o remount,ro disk
	try "$SPARSESUM" verify disk/package
	ends_with 1
	[ "$(grep -cxF "    to do     repair a copy: this file system is mounted read-only" "$scratch/out")" -eq 4 ] || fail "four times"
	if grep -E '(mv|ln|mkdir) -' "$scratch/out"; then fail "a command"; fi
	mount -o remount,rw disk
	try "$SPARSESUM" verify disk/package
	[ "$(grep -cE '(mv|ln|mkdir) -' "$scratch/out")" -eq 4 ] || fail "four commands"
}
