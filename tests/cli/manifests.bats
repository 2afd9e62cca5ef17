#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Manifests: which are accepted, where they may be, and how they are written.

load ../support/helpers

setup_package() {
	mkdir -p package/directory
	printf abc >package/file
	printf def >package/directory/file
	"$SPARSESUM" create -q package >/dev/null
}

verify() { try timeout 20 "$SPARSESUM" verify "$@"; }

# Add the line $2 to the manifest: verify must exit with status 2 and the message $1.
refused() {
	local words=$1
	cp package/SHA1SUMS good
	printf '%b\n' "$2" >>package/SHA1SUMS
	verify package
	cp good package/SHA1SUMS
	ends_with 2
	shows "SHA1SUMS:3: "
	shows "$words"
	shows "UNDECIDED: "
	shows "1 bad line"
}

@test "an invalid line makes the result undecided" {
	setup_package
	for line in "rubbish" "${nothing%?}  file" "SHA256 (file) = $nothing" "# symlink\tx" "# folder\t" \
		"\\\\$nothing  a\\\\x" "$nothing  a\\0b"; do
		refused "" "$line"
	done
	printf '%s  %s\n' "$nothing" "$(head -c 1100000 /dev/zero | tr '\0' x)" >>package/SHA1SUMS
	verify package
	ends_with 2
}

@test "a name that is listed twice is refused, also with the same digest" {
	setup_package
	refused "file" "$(grep '  file$' package/SHA1SUMS)"
	refused "file" "$nothing  ./file"
	refused "directory/file" "# symlink\tdirectory/file\tfile"
	tried 28 1
}

@test "a name outside the package is refused, and nothing there is opened" {
	setup_package
	printf secret >outside
	mkfifo fifo
	for name in ../outside directory/../../outside "$PWD/outside" ../fifo /dev/null .. . directory/.. directory//file directory/ \
		././../outside; do
		refused "" "$(digest_of outside)  $name"
		output_lacks "missing"
	done
	tried 27 1
}

@test "a leading ./ is ignored, as written by find" {
	setup_package
	(cd package && find . -name file -exec sha1sum {} + >SHA1SUMS)
	verify package
	ends_with 0
}

@test "an empty manifest, or one with only comments, is an error" {
	setup_package
	for content in '' '# comment\n' '\n\n' 'rubbish\n'; do
		printf %b "$content" >package/SHA1SUMS
		verify package
		ends_with 2
		warns "sparsesum: package/SHA1SUMS: lists no file, link or directory"
		verify --allow-extra package
		ends_with 2
	done
	tried 30 1
}

@test "a directory without manifest is undecided, with a hint" {
	mkdir package
	touch package/file
	verify package
	ends_with 2
	warns "package: no manifest here (looked for SHA1SUMS, SHA224SUMS, SHA256SUMS"
	warns "); check the directory, or name the manifest with -m"
}

@test "a missing directory, or a file in its place, is undecided" {
	touch file
	for command in verify create; do
		try "$SPARSESUM" "$command" missing
		ends_with 2
		complains "sparsesum: missing: No such file or directory"
		try "$SPARSESUM" "$command" file
		ends_with 2
	done
	warns "sparsesum: file: Not a directory; create takes a directory"
	# verify takes a file that a manifest lists.
	try "$SPARSESUM" verify file
	warns "sparsesum: file: no manifest in its directory or above lists this file"
	mkfifo fifo
	try timeout 20 "$SPARSESUM" verify fifo
	ends_with 2
	warns "sparsesum: fifo: Not a directory; verify takes a directory or a regular file"
	[ ! -s file ]
}

@test "a manifest of one package does not verify another" {
	setup_package
	mkdir other
	printf abc >other/something
	cp package/SHA1SUMS other
	verify other
	ends_with 1
	shows "file: missing"
	shows "something: extra"
}

@test "-m may name manifests outside; those inside are then ignored" {
	setup_package
	mv package/SHA1SUMS list
	verify package
	ends_with 2
	verify -m list package
	ends_with 0
	verify -m list --content-hash "$(digest_of list)" package
	ends_with 0
	(cd package && sha256sum file directory/file) >list256
	verify -m list -m list256 package
	ends_with 0
	verify -a sha256 -m list256 package
	ends_with 0
	sed "1s/^[0-9a-f]*/$(digest_of /dev/null sha256)/" list256 >lie
	verify -m list -m lie package
	ends_with 1
	shows "file: differs"
	shows "expected  sha256"
	verify -m missing package
	ends_with 2
	warns "missing: No such file or directory"
	verify -m list -m missing package
	ends_with 2
}

@test "with two manifests, an entry that one of them does not list is extra" {
	setup_package
	(cd package && sha256sum file >SHA256SUMS)
	verify package
	ends_with 1
	shows "directory/file: extra (not listed in SHA256SUMS)"
}

@test "manifests that sha1sum and sha256sum made are verified: tagged, binary, escaped, CR LF" {
	setup_package
	printf x >package/$'odd\nname'
	cd package || return 1
	for form in 'sha1sum --tag' 'sha1sum -b' sha1sum 'sha256sum --tag' sha512sum; do
		rm -f -- *SUMS
		manifest=${form%%sum*}
		manifest=${manifest^^}SUMS
		$form file directory/file $'odd\nname' >"$scratch/list"
		mv "$scratch/list" "$manifest"
		verify .
		ends_with 0
		sed -i 's/$/\r/' "$manifest"
		verify .
		ends_with 0
		sed -i 's/= ./= 0/; s/^\(\\\?\)\([0-9a-f]\{8\}\)/\100000000/' "$manifest"
		verify .
		ends_with 1
	done
}

@test "create -o does not change the manifest in the directory" {
	setup_package
	cp package/SHA1SUMS good
	printf more >>package/file
	try "$SPARSESUM" create -o list package
	ends_with 0
	cmp good package/SHA1SUMS
	shows "list  content hash sha1 $(digest_of list)"
	(cd package && sha1sum -c --quiet --strict ../list)
	verify -m list package
	ends_with 0
	try "$SPARSESUM" create -o missing/list package
	ends_with 2
	warns "No such file or directory"
	[ ! -e missing ]
}

@test "create reports entries that a manifest cannot list, and keeps the old manifest" {
	setup_package
	before=$(stat -c '%i %Y %Z' package/SHA1SUMS; cat package/SHA1SUMS)
	mkfifo package/directory/fifo
	make_socket package/socket
	try timeout 20 "$SPARSESUM" create package
	ends_with 2
	prints ""
	warns "sparsesum: directory/fifo: is a FIFO, which a manifest cannot list"
	warns "sparsesum: socket: is a socket, which a manifest cannot list"
	warns "sparsesum: package: no manifest was written: 2 entries were refused"
	[ "$before" = "$(stat -c '%i %Y %Z' package/SHA1SUMS; cat package/SHA1SUMS)" ]
	rm package/SHA1SUMS
	try timeout 20 "$SPARSESUM" create package
	ends_with 2
	[ "$(find package -maxdepth 1 -type f)" = package/file ]
}

@test "create refuses unreadable files and an empty directory" {
	mkdir package empty
	printf x >package/file
	chmod 000 package/file
	chmod 777 package
	try as_nobody ../sparsesum create package
	ends_with 2
	warns "file: could not be read: Permission denied"
	[ ! -e package/SHA1SUMS ]
	try "$SPARSESUM" create empty
	ends_with 2
	warns "empty: contains nothing that a manifest can list"
	[ -z "$(ls -A empty)" ]
}

@test "create fails on a full disk, and keeps the old manifest" {
	[ "$(id -u)" -eq 0 ] || skip "a small file system can only be mounted by root"
	mkdir full
	mount -t tmpfs -o size=64k,nr_inodes=600 tmpfs full || skip "no tmpfs can be mounted here"
	mkdir full/package
	touch full/package/file
	"$SPARSESUM" create -q full/package >/dev/null
	cp full/package/SHA1SUMS good
	for i in {1..300}; do : >"full/package/$(printf 'long-name-%0100d' "$i")"; done
	head -c 100000 /dev/zero >full/package/fill 2>/dev/null || true
	try "$SPARSESUM" create full/package
	left=$(find full/package -mindepth 1 ! -name 'long-name*' ! -name file ! -name fill ! -name SHA1SUMS | wc -l)
	cmp good full/package/SHA1SUMS || left=changed
	umount full
	ends_with 2
	warns "No space left on device"
	[ "$left" = 0 ]
	tried 34 1
}

@test "a manifest at the top is not an entry, one in a subdirectory is" {
	setup_package
	cp package/SHA1SUMS package/directory
	echo old >package/SHA256SUMS
	try "$SPARSESUM" create package
	ends_with 0
	[ "$(grep -c SUMS package/SHA1SUMS)" -eq 1 ]
	grep -q '  directory/SHA1SUMS$' package/SHA1SUMS
	tried 32 1
}

# Two different names with the same 64-bit FNV-1a hash, 0xfa2132160cba6713.
@test "names with the same hash are different entries" {
	local one=zqgggjxcfyazzvetxxjezyzhaytkfwqpsazllqsqivvjehwvrdsxzblzqmmnxqpzumtfybzwnaocnevqtylrjeutjblqwmknsitl
	local other=mvqvxqcuwrazzvetxxjezyzhaytkfwqpsazsocldpsxknhwvrdsxzblazoluaxnyhzstxmzwnaozswydtylrjeutjbuhanfwfkec
	mkdir package
	touch package/$one package/$other
	try "$SPARSESUM" create package
	ends_with 0
	output_lacks "another one only in case"
	touch package/${one^}
	try "$SPARSESUM" create package
	ends_with 0
	[ "$(grep -c 'another one only in case' "$scratch/err")" -eq 1 ]
}

@test "create warns of names that are equal on other file systems, and lists both" {
	mkdir -p package/Directory package/directory
	touch package/ReadMe package/README package/Directory/1 package/directory/2
	touch package/$'caf\xc3\xa9' package/$'cafe\xcc\x81' package/single
	try "$SPARSESUM" create package
	ends_with 0
	[ "$(grep -c 'this name differs from another one only in case' "$scratch/err")" -ge 2 ]
	warns "ReadMe"
	warns "caf"
	output_lacks single
	(cd package && sha1sum -c --quiet SHA1SUMS)
	[ "$(grep -vc '^#' package/SHA1SUMS)" -eq 7 ]
	verify package
	ends_with 0
	tried 28 1
}

@test "a hard link to a manifest is an extra file" {
	mkdir -p linked/below
	echo one >linked/one
	"$SPARSESUM" create -q linked >/dev/null
	ln linked/SHA1SUMS linked/other
	ln linked/SHA1SUMS linked/below/SHA1SUMS
	verify linked
	ends_with 1
	shows "other: extra"
	shows "below/SHA1SUMS: extra"
}
