#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Create a package, copy it with different storage or with damage, and verify it.

load ../support/helpers

# Make a package with an entry of every type and a sparse image.
make_package() {
	mkdir -p "$1/directory/deep" "$1/empty directory" "$1/directory/empty"
	make_image "$1/image"
	printf abc >"$1/directory/file"
	printf d >"$1/directory/deep/file"
	touch "$1/empty"
	printf e >"$1/odd"$'\n'"name\\"
	printf f >"$1/"$'latin\xe9'
	ln -s image "$1/link"
	ln -s /nowhere/at\ all "$1/directory/dangling"
}

publish() {
	make_package package
	"$SPARSESUM" create -q "$@" package >"$scratch/content-hash"
	cp -a package copy
}

verify() { try "$SPARSESUM" verify "$@"; }

# Verify the copy: the exit status must be $1, and the output must contain the other arguments.
verdict_is() {
	local status_due=$1
	shift
	verify copy
	ends_with "$status_due"
	for words; do shows "$words"; done
}

sha1sum_agrees() {
	(cd "$1" && sha1sum --check --quiet --strict SHA1SUMS)
}

@test "create lists all entries, verify accepts them, and sha1sum agrees" {
	make_package package
	try "$SPARSESUM" create package
	ends_with 0
	complains ""
	hash=$(digest_of package/SHA1SUMS)
	shows_line "SHA1SUMS  content hash sha1 $hash"
	shows "6 files, 2 symlinks, 2 empty directories; 8.0 MiB in "
	sha1sum_agrees package
	(cd package && find . ! -name SHA1SUMS -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha1sum) >listed
	grep -av '^#' package/SHA1SUMS | cmp - listed
	grep -aqxF $'# symlink\tdirectory/dangling\t/nowhere/at all' package/SHA1SUMS
	grep -aqxF $'# folder\tempty directory' package/SHA1SUMS
	verify package
	ends_with 0
	complains ""
	shows_line "SHA1SUMS  content hash sha1 $hash"
	shows "VERIFIED: 10 entries hold; 8.0 MiB in "
}

@test "a sparse, a dense and a preallocated copy verify as equal" {
	for place in "$PWD" "${TEST_TMPFS:-}" "${TEST_EXT4:-}" "${TEST_XFS:-}" "${TEST_BTRFS:-}"; do
		[ -n "$place" ] || continue
		directory=$(mktemp -d "$place/forms-XXXXXX")
		make_package "$directory/package"
		"$SPARSESUM" create -q "$directory/package" >"$scratch/made"
		cp -a --sparse=always "$directory/package" "$directory/sparse"
		cp -a --sparse=never --reflink=never "$directory/package" "$directory/dense"
		sync "$directory"
		cp -a "$directory/package" "$directory/preallocated"
		truncate -s 0 "$directory/preallocated/image"
		fallocate -l 8M "$directory/preallocated/image"
		dd if="$directory/package/image" of="$directory/preallocated/image" bs=4k conv=sparse,notrunc status=none
		[ "$(stat -c %b "$directory/sparse/image")" -lt 16384 ]
		[ "$(stat -c %b "$directory/dense/image")" -ge 16384 ]
		for form in sparse dense preallocated; do
			verify --content-hash "$(cat "$scratch/made")" "$directory/$form"
			ends_with 0
			sha1sum_agrees "$directory/$form"
		done
		rm -rf "$directory"
	done
	tried 6 1
}

@test "the content hash is the digest of the manifest; create -q prints only it" {
	make_package package
	try "$SPARSESUM" create -q -a sha256 package
	ends_with 0
	prints "$(digest_of package/SHA256SUMS sha256)"
	try "$SPARSESUM" create package -q
	prints "$(digest_of package/SHA1SUMS)"
}

@test "several algorithms: one read, one manifest each, and all must hold" {
	publish -a sha1 -a sha256 -a sha512
	for algorithm in sha1 sha256 sha512; do
		(cd copy && ${algorithm}sum --check --quiet --strict "${algorithm^^}SUMS")
		digest_of copy/${algorithm^^}SUMS $algorithm
	done | diff - "$scratch/content-hash"
	verdict_is 0
	sed -i "s/^[0-9a-f]*  image$/$(digest_of /dev/null sha256)  image/" copy/SHA256SUMS
	verdict_is 1 "image: differs" "expected  sha256 $(digest_of /dev/null sha256)"
	sha1sum_agrees copy
	tried 37 1
}

@test "one wrong byte: the file differs, with both digests" {
	publish
	damage copy/image $(((8 << 20) - 1))
	verdict_is 1 "image: differs" "expected  sha1 $(digest_of package/image)" \
		"found     sha1 $(digest_of copy/image)" "DIFFERS: 1 differs, 9 entries hold;"
	if sha1sum_agrees copy; then false; fi
	rm -r copy && cp -a package copy && damage copy/image 2000001
	verdict_is 1 "image: differs"
}

@test "a file that is longer or shorter than listed differs" {
	publish
	truncate -s -1 copy/image
	verdict_is 1 "image: differs"
	truncate -s +2 copy/image
	verdict_is 1 "image: differs"
	truncate -s 0 copy/directory/file
	verdict_is 1 "directory/file: differs" "image: differs" "DIFFERS: 2 differ, 8 entries hold;"
}

@test "each type of entry is reported as missing" {
	publish
	rm copy/directory/file copy/link
	rmdir copy/empty\ directory
	verdict_is 1 "directory/file: missing (listed in SHA1SUMS, line " "link: missing" "'empty directory': missing" \
		"DIFFERS: 3 missing, 7 entries hold;"
	line=$(grep -n '  directory/file$' copy/SHA1SUMS | cut -d : -f 1)
	shows_line "directory/file: missing (listed in SHA1SUMS, line $line)"
	rm -r copy/directory
	verdict_is 1 "directory/deep/file: missing" "directory/dangling: missing" "directory/empty: missing"
}

@test "unlisted entries are extra, and can be allowed" {
	publish
	printf x >copy/directory/new
	ln -s x copy/new-link
	mkdir copy/new-directory copy/empty\ directory/deeper
	touch copy/.hidden copy/directory/SHA1SUMS
	verdict_is 1 "directory/new: extra (not listed in " "new-link: extra (a symlink" "new-directory: extra (a directory" \
		".hidden: extra" "directory/SHA1SUMS: extra"
	rm -r copy/empty\ directory/deeper
	verify --allow-extra copy
	ends_with 0
	shows "directory/new: extra"
	shows "which is allowed"
	damage copy/directory/new 0
	damage copy/directory/file 0
	verify --allow-extra copy
	ends_with 1
	tried 32 1
}

@test "a directory that is no longer empty, or became empty, differs" {
	publish
	touch "copy/empty directory/file"
	verdict_is 1 "'empty directory/file': extra"
	rm -r copy && cp -a package copy
	rm copy/directory/deep/file
	verdict_is 1 "directory/deep/file: missing" "directory/deep: extra"
}

@test "a symlink with another target differs; both targets are reported" {
	publish
	ln -sfn "directory/file" copy/link
	verdict_is 1 "link: points elsewhere" "expected  image" "found     directory/file"
}

@test "a file that was replaced by another type differs and is not opened" {
	publish
	rm copy/image && mkfifo copy/image
	rm copy/empty && ln -s directory/file copy/empty
	rm copy/directory/file && mkdir copy/directory/file
	rm copy/link && touch copy/link
	rmdir copy/directory/empty && make_socket copy/directory/empty
	try timeout 20 "$SPARSESUM" verify copy
	ends_with 1
	shows_line "image: is a FIFO, but SHA1SUMS lists a regular file"
	shows_line "empty: is a symlink, but SHA1SUMS lists a regular file"
	shows_line "directory/file: is a directory, but SHA1SUMS lists a regular file"
	shows_line "link: is a regular file, but SHA1SUMS lists a symlink"
	shows_line "directory/empty: is a socket, but SHA1SUMS lists a directory"
}

@test "a directory replaced by a symlink to the same files is not followed" {
	publish
	mv copy/directory aside
	ln -s "$PWD/aside" copy/directory
	verdict_is 1 "directory/file: missing" "directory: extra (a symlink"
}

@test "unreadable files are undecided; a proven difference takes precedence" {
	publish
	chmod 000 copy/directory/file copy/directory/deep
	try as_nobody ../sparsesum verify copy
	ends_with 2
	shows_line "directory/file: could not be read: Permission denied"
	shows "directory/deep"
	output_lacks "missing"
	shows "UNDECIDED: "
	damage copy/image 5
	try as_nobody ../sparsesum verify copy
	ends_with 1
	shows_line "directory/file: could not be read: Permission denied"
	shows "image: differs"
	shows "DIFFERS: "
	tried 25 1
}

@test "an expected content hash is compared" {
	publish -a sha1 -a sha256
	right=$(digest_of copy/SHA1SUMS)
	verify --content-hash "$right" copy
	ends_with 0
	verify --content-hash "${right^^}" copy
	ends_with 0
	verify --content-hash="$(digest_of copy/SHA256SUMS sha256)" copy
	ends_with 0
	verify --content-hash "$(digest_of copy/image)" copy
	ends_with 1
	shows "SHA1SUMS: the content hash differs from the requested one"
	shows "DIFFERS: SHA1SUMS is not the manifest that was asked for; by it 10 entries hold; "
	shows "expected  sha1 $(digest_of copy/image)"
	shows "found     sha1 $right"
}

@test "an invalid or impossible content hash is a usage error" {
	publish
	for wrong in xyz '' 123 "$(digest_of copy/SHA1SUMS)0" "0x00" "$(digest_of copy/SHA1SUMS) "; do
		verify --content-hash "$wrong" copy
		ends_with 2
		prints ""
		warns "invalid content hash"
	done
	verify --content-hash "$(digest_of copy/SHA1SUMS sha512)" copy
	ends_with 2
	warns "the content hash has 64 bytes"
	verify --content-hash=12 package
	ends_with 2
	warns "the content hash has 1 byte, but no manifest here has digests of that length"
}

@test "verify -v also lists entries that hold, -q only the others" {
	publish
	verify -v copy
	ends_with 0
	for name in image directory/file link "'empty directory'" "'odd'\$'\\n''name\\'" "'latin'\$'\\351'"; do
		shows_line "$name: holds"
	done
	verify -q copy
	ends_with 0
	prints ""
	rm copy/empty
	verify -q copy
	ends_with 1
	prints "empty: missing (listed in SHA1SUMS, line $(grep -n '  empty$' copy/SHA1SUMS | cut -d : -f 1))
    expected  sha1 $nothing"
}

@test "verify does not change modes and times" {
	publish
	damage copy/image 7
	snapshot() { find copy -printf '%p %i %m %s %T@ %C@ %n %l\n' | LC_ALL=C sort; }
	snapshot >before
	sleep 0.05
	for holes in auto verify read; do
		verify --holes=$holes -v copy
		ends_with 1
	done
	verify -j7 --content-hash "$(digest_of /dev/null)" copy
	snapshot | diff before -
}

@test "a file named - is read as a file by sha1sum too" {
	mkdir package
	printf abc >package/-
	noise 10000 >package/x
	"$SPARSESUM" create -q --checkpoints=4096 package >/dev/null
	try "$SPARSESUM" verify package
	ends_with 0
	(cd package && sha1sum -c --quiet --strict SHA1SUMS </dev/null)
	noise 10000 >package/-
	"$SPARSESUM" create -q --checkpoints=4096 package >/dev/null
	try "$SPARSESUM" verify package
	ends_with 0
	complains ""
	damage package/- 5000
	try "$SPARSESUM" verify package
	ends_with 1
	shows "damaged   4096 bytes at offset 4096"
}

@test "a manifest does not replace devices, FIFOs or sockets, also through a symlink" {
	mkdir p
	echo a >p/a
	mkfifo fifo
	ln -s fifo link
	make_socket socket
	[ "$(id -u)" -ne 0 ] || mknod null c 1 3
	for place in fifo link socket null; do
		[ -e "$place" ] || continue
		stat -c '%i %F' "$place" >"$scratch/before"
		try "$SPARSESUM" create -o "$place" p
		ends_with 2
		complains "sparsesum: $place: not a regular file"
		stat -c '%i %F' "$place" | cmp - "$scratch/before"
	done
	[ -z "$(ls -A | grep tmp)" ]
	tried 34 4
}

@test "a replaced manifest keeps its mode and owner, or a warning says that it could not" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make files of other users"
	mkdir -m 777 p
	echo a >p/a
	"$SPARSESUM" create p >/dev/null
	chmod 640 p/SHA1SUMS
	chown 1234:2345 p/SHA1SUMS
	try "$SPARSESUM" create p
	ends_with 0
	complains ""
	[ "$(stat -c %a:%u:%g p/SHA1SUMS)" = 640:1234:2345 ]
	try as_nobody "$scratch/sparsesum" create p
	ends_with 0
	complains "sparsesum: warning: SHA1SUMS: the owner or group of the replaced file could not be kept; use chown to restore it"
	[ "$(stat -c %a:%u:%g p/SHA1SUMS)" = 600:65534:65534 ]
	echo old >list
	chmod 600 list
	try "$SPARSESUM" create -o list p
	[ "$(stat -c %a list)" = 600 ]
}

@test "the path of the directory is opened once" {
	command -v strace >/dev/null || skip "strace is not installed"
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	# Run a command; it must open "package" once, and nothing else by that path.
	opens_once() {
		try strace -f -qq -e trace=open,openat,openat2 -o "$scratch/trace" "$SPARSESUM" "$@"
		ends_with 0
		grep -oE '\(AT_FDCWD, "(\./)?package[^"]*"' "$scratch/trace" >"$scratch/opened"
		[ "$(cat "$scratch/opened")" = '(AT_FDCWD, "package"' ] || fail "$*: opened $(cat "$scratch/opened")"
	}
	make_package package
	rm package/odd* package/latin*
	opens_once create package
	opens_once create -a sha1 -a sha256 package
	opens_once verify package
	opens_once verify --format=sums package
	cp package/SHA1SUMS list
	rm package/*SUMS
	opens_once verify -m list package
	(cd package && sha1sum --tag image directory/file directory/deep/file empty) >tagged
	(cd package && bsdtar -cf - --format=mtree --options='sha256' .) >spec
	opens_once verify -m spec package
	rm -r package/link package/directory/dangling package/*empty* package/directory/empty
	(cd package && hashdeep -r -l .) >known
	opens_once verify -m known package
	mkdir package/data
	mv package/directory package/image package/data
	(cd package && find data -type f -exec sha1sum {} + >manifest-sha1.txt)
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >package/bagit.txt
	opens_once verify package
}
