#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# create: files that change after they were hashed, entries that other systems cannot store, FIFOs.

load ../support/helpers

# A package whose last file is hashed for a second or more, while the first
# one is changed.
change_while_creating() {
	mkdir package
	echo one >package/a
	noise 1000 >package/b
	truncate -s 1G package/z
	"$SPARSESUM" create "$@" package >"$scratch/out" 2>"$scratch/err" &
	local pid=$!
	sleep 0.3
	eval "$change"
	status=0
	wait $pid || status=$?
}

refused_after() {
	change=$1
	change_while_creating -a sha512
	if [ $status -eq 0 ]; then skip "the file was not changed in time"; fi
	ends_with 2
	warns "package: no manifest was written: 1 file changed after hashing"
	warns "--allow-changed"
	[ ! -e package/SHA512SUMS ]
	[ "$(ls -A package | tr '\n' ' ')" = "$2" ]
}

@test "a file that was written to after it was hashed" { refused_after 'echo more >>package/a' "a b z "; }
@test "a file that was replaced after it was hashed" { refused_after 'cp package/a x; mv x package/a' "a b z "; }
@test "a file that was removed after it was hashed" { refused_after 'rm package/a' "b z "; }

@test "with --allow-changed the manifest is written all the same" {
	change='echo more >>package/a'
	change_while_creating --allow-changed -a sha512
	ends_with 0
	grep -q "changed after it was hashed" "$scratch/err" || skip "the file was not changed in time"
	warns "warning: a: changed after it was hashed"
	[ "$(echo one | sha512sum | cut -d ' ' -f 1)  a" = "$(head -n 1 package/SHA512SUMS)" ]
}

@test "a FIFO is refused, with the option that leaves it out" {
	mkdir -p 'package/d'
	echo one >package/a
	mkfifo 'package/d/p [1]*'
	try "$SPARSESUM" create package
	ends_with 2
	warns "is a FIFO, which a manifest cannot list; remove it, or leave it out with --exclude="
	options=$(sed -n 's/.*leave it out with //p' "$scratch/err")
	eval "$SPARSESUM create -q $options package" >"$scratch/created"
	[ "$(cut -c 43- package/SHA1SUMS | grep -v symlink)" = a ] || fail "only a should be listed"
}

@test "--portable warns of what other systems cannot store" {
	mkdir -p package/Dir package/dir
	for name in 'a:b' 'dot.' 'blank ' 'con' 'COM1.txt' 'back\slash' $'tab\t' 'q?' Dir/x dir/y fine.txt; do
		echo "$name" >"package/$name"
	done
	printf x >package/$'latin-\xe9'
	ln -s fine.txt package/link
	truncate -s 4294967296 package/big
	truncate -s 4294967295 package/fits
	try "$SPARSESUM" create -q --exclude=big --exclude=fits package
	ends_with 0
	output_lacks "portable"
	try "$SPARSESUM" create -q --portable --exclude=big --exclude=fits package
	ends_with 0
	for name in "'a:b'" dot. "'blank '" con COM1.txt; do
		warns "warning: $name: this name is not portable"
	done
	[ "$(grep -c "this name is not portable" "$scratch/err")" -eq 9 ] || fail "nine names are not portable"
	warns "it is not UTF-8"
	warns "warning: link: FAT and exFAT cannot store a symlink"
	warns "dir: this name differs from another one only in case"
	output_lacks "fine.txt: "
	is_long || return 0
	try "$SPARSESUM" create -q --portable package
	warns "warning: big: FAT cannot store a file of 4 GiB or more"
	output_lacks "fits: "
}
