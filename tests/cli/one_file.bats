#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `verify FILE`: one file, judged by the manifest of the directory that lists it; and `check` with checkpoints.

load ../support/helpers

make_package() {
	mkdir -p package/images/deep
	echo a >package/a
	echo b >'package/images/b b'
	noise 100000 >package/images/deep/disk.raw
	"$SPARSESUM" create -q --checkpoints=4K package >"$scratch/hash"
}

@test "a file is judged by the directory above that lists it, wherever the command is started" {
	make_package
	ln -s package symlink
	for name in a 'images/b b' images/deep/disk.raw; do
		for operand in "package/$name" "./package//$name" "$PWD/package/$name" "package/images/../$name" "symlink/$name"; do
			try "$SPARSESUM" verify "$operand"
			ends_with 0
			grep -qE "^'?${name}'?: holds$" "$scratch/out" || fail "$operand"
			shows "VERIFIED, of the selected entries: 1 entry holds;"
		done
	done
	cd package/images/deep
	try "$SPARSESUM" verify disk.raw
	ends_with 0
	shows_line "images/deep/disk.raw: holds"
	try "$SPARSESUM" verify -q '../b b'
	ends_with 0
	prints ""
	# Only this file is read: others may be wrong or missing.
	rm ../../a
	echo x >'../b b'
	try "$SPARSESUM" verify ./disk.raw
	ends_with 0
	try "$SPARSESUM" verify '../b b'
	ends_with 1
}

@test "damage is located by the checkpoints, and a missing file is missing" {
	make_package
	damage package/images/deep/disk.raw 50000
	try "$SPARSESUM" verify package/images/deep/disk.raw
	ends_with 1
	shows_line "images/deep/disk.raw: differs"
	shows_line "    damaged   4096 bytes at offset 49152"
	try "$SPARSESUM" verify --repair-list package/images/deep/disk.raw
	prints $'49152\t4096\t49152-53247\timages/deep/disk.raw\timages/deep/disk.raw'
	rm package/images/deep/disk.raw
	try "$SPARSESUM" verify package/images/deep/disk.raw
	ends_with 1
	shows "images/deep/disk.raw: missing (listed in SHA1SUMS, line 3)"
	mv package/a package/c
	try "$SPARSESUM" verify package/a
	ends_with 1
	shows "a: missing"
	try "$SPARSESUM" verify package/none
	ends_with 2
	complains "sparsesum: package/none: No such file or directory"
}

@test "the nearest manifest that lists the file decides" {
	make_package
	(cd package/images/deep && sha1sum disk.raw >SHA1SUMS)
	damage package/images/deep/disk.raw 0
	(cd package/images/deep && sha256sum disk.raw >SHA256SUMS && rm SHA1SUMS)
	try "$SPARSESUM" verify package/images/deep/disk.raw
	ends_with 0
	shows "SHA256SUMS  content hash"
	# One that does not list it is passed over.
	(cd package/images && sha1sum 'b b' >SHA1SUMS && rm deep/SHA256SUMS)
	try "$SPARSESUM" verify package/images/deep/disk.raw
	ends_with 1
	shows_line "images/deep/disk.raw: differs"
}

@test "a file that nothing lists is undecided, not extra" {
	make_package
	touch package/images/new
	try "$SPARSESUM" verify package/images/new
	ends_with 2
	warns "package/images/new: no manifest in its directory or above lists this file"
	try "$SPARSESUM" verify /etc/passwd
	ends_with 2
	mkfifo package/fifo
	try timeout 20 "$SPARSESUM" verify package/fifo
	ends_with 2
	warns "package/fifo: Not a directory"
}

@test "with -m, the names are below the directory of the manifest" {
	make_package
	(cd package && sha256sum a images/deep/disk.raw) >sums
	mv package/SHA1SUMS package/SHA1SUMS.checkpoints .
	cp sums package/images/sums
	cp sums package/sums
	try "$SPARSESUM" verify -m package/sums package/images/deep/disk.raw
	ends_with 0
	shows_line "images/deep/disk.raw: holds"
	for list in sums package/images/sums; do
		try "$SPARSESUM" verify -m $list package/images/deep/disk.raw
		ends_with 2
		warns "-m names no manifest that lists this file"
	done
	try "$SPARSESUM" verify -m package/none package/a
	ends_with 2
	warns "package/none: No such file or directory"
}

@test "a manifest is refused, with what to do" {
	make_package
	try "$SPARSESUM" verify package/SHA1SUMS
	ends_with 2
	complains "sparsesum: package/SHA1SUMS: is a manifest; to verify its directory, use 'sparsesum verify package'; to check only what it lists, use 'cd package && sparsesum check SHA1SUMS'"
	cd package
	try "$SPARSESUM" verify SHA1SUMS
	ends_with 2
	warns "use 'sparsesum verify .'"
	# Also if another manifest lists it: its content may be right while what it lists is not.
	sha256sum SHA1SUMS a >SHA256SUMS
	try "$SPARSESUM" verify SHA1SUMS
	ends_with 2
	try "$SPARSESUM" verify --include=x a
	ends_with 2
	warns "choose what is below a directory, but 'a' is a file"
	try "$SPARSESUM" verify --junit=report a
	ends_with 2
	warns "--junit would write 'report' into ., which this command reads"
	[ ! -e report ]
}

@test "check: checkpoints change no line of the output, whatever is damaged" {
	mkdir package
	cd package
	for name in a b c d; do noise 300000 | tr a $name >$name; done
	echo small >bb
	"$SPARSESUM" create -q --checkpoints=4K . >"$scratch/hash"
	compare_with_sha1sum() {
		try sha1sum -c SHA1SUMS
		cp "$scratch/out" "$scratch/right"
		due=$status
		try "$SPARSESUM" check SHA1SUMS
		ends_with "$due"
		cmp "$scratch/right" "$scratch/out" || fail "another output"
		sed 's/^sparsesum/sha1sum/' "$scratch/err" >"$scratch/said"
		sha1sum -c SHA1SUMS 2>&1 >"$scratch/out" | diff - "$scratch/said" || fail "another message"
	}
	compare_with_sha1sum
	damage b 5000
	compare_with_sha1sum
	truncate -s 290000 a
	compare_with_sha1sum
	rm c
	compare_with_sha1sum
	mkdir c
	compare_with_sha1sum
	noise 300000 | tr a b >b
	# Wrong or damaged checkpoints, and those of another order, change nothing.
	sed -i '5s/^..../0000/' SHA1SUMS.checkpoints
	compare_with_sha1sum
	sort -r -o SHA1SUMS SHA1SUMS
	compare_with_sha1sum
	echo junk >SHA1SUMS.checkpoints
	compare_with_sha1sum
	try "$SPARSESUM" check --no-checkpoints SHA1SUMS
	ends_with 1
}

@test "check reads a file on all threads with checkpoints, and as sha1sum does without" {
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	command -v strace >"$scratch/where" || skip "no strace here"
	mkdir package
	cd package
	noise 3000000 >big
	"$SPARSESUM" create -q --checkpoints=64K . >"$scratch/hash"
	ln -s "$SPARSESUM" ../sha1sum
	opens() { strace -f -e trace=openat -o ../trace "$@" >"$scratch/out" 2>"$scratch/err"; grep -q 'SHA1SUMS.checkpoints' ../trace; }
	opens "$SPARSESUM" check SHA1SUMS
	if opens "$SPARSESUM" check --no-checkpoints SHA1SUMS; then fail "with --no-checkpoints"; fi
	if opens ../sha1sum -c SHA1SUMS; then fail "as sha1sum"; fi
}
