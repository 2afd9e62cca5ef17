#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The statements of docs/security.md about SHA-1, with two colliding contents (tests/data/README).

load ../support/helpers

# Make 1.img and 2.img: each prefix followed by the same sparse data of several MiB.
make_collision() {
	for i in 1 2; do
		perl -ne 'chomp; print pack "H*", $_' "$root/tests/data/shattered-$i.hex" >$i
		cp $i $i.img
		truncate -s 6M $i.img
		noise 100000 | dd of=$i.img oflag=seek_bytes seek=4M conv=notrunc status=none
	done
	[ "$(stat -c %s 1)" = 320 ]
	if cmp -s 1 2 || cmp -s 1.img 2.img; then fail "the contents are the same"; fi
}

# A package with the first image, and one with the second and the same manifests.
make_packages() {
	make_collision
	mkdir package
	cp --sparse=always 1.img package/disk.img
	echo other >package/other
	"$SPARSESUM" create -q "$@" --checkpoints=4096 package >/dev/null
	cp -a package forged
	cp --sparse=always 2.img forged/disk.img
}

@test "with the same data appended, colliding files still have one SHA-1; SHA-256 differs" {
	make_collision
	for pair in '1 2' '1.img 2.img'; do
		# shellcheck disable=SC2086 # two names
		set -- $pair
		for algorithm in sha1 sha256; do
			for file in "$@"; do
				try "$SPARSESUM" hash -a $algorithm "$file"
				prints "$(${algorithm}sum "$file")"
				try openssl dgst -$algorithm -r "$file"
				shows "$(digest_of "$file" $algorithm)"
			done
		done
		[ "$(digest_of "$1")" = "$(digest_of "$2")" ]
		[ "$(digest_of "$1" sha256)" != "$(digest_of "$2" sha256)" ]
	done
	tried 36 4
}

@test "SHA1SUMS, its checkpoints and its content hash accept both contents" {
	make_packages
	cmp package/SHA1SUMS forged/SHA1SUMS
	# These are the checkpoints of the first image. From the second segment on, those of the other image
	# are equal.
	grep -q 'disk\.img$' forged/SHA1SUMS.checkpoints
	hash=$(digest_of package/SHA1SUMS)
	for options in '' --no-checkpoints "--content-hash $hash"; do
		# shellcheck disable=SC2086 # options
		try "$SPARSESUM" verify $options forged
		ends_with 0
	done
	(cd forged && sha1sum -c --quiet --strict SHA1SUMS)
	rm forged/SHA1SUMS.checkpoints
	"$SPARSESUM" hash --checkpoints=4096 1.img 2.img >/dev/null
	diff <(grep -v ^file 1.img.checkpoints) <(grep -v ^file 2.img.checkpoints)
	try "$SPARSESUM" compare package forged
	ends_with 1
	shows "disk.img: differs"
	tried 36 5
}

@test "SHA256SUMS next to SHA1SUMS distinguishes them" {
	make_packages -a sha1 -a sha256
	try "$SPARSESUM" verify package
	ends_with 0
	try "$SPARSESUM" verify forged
	ends_with 1
	shows "disk.img: differs"
	shows "expected  sha256 $(digest_of 1.img sha256)"
	for algorithm in sha1 sha256; do
		manifest=${algorithm^^}SUMS
		hash=$(digest_of package/$manifest $algorithm)
		try "$SPARSESUM" verify --content-hash "$hash" package
		ends_with 0
		try "$SPARSESUM" verify --content-hash "$hash" forged
		ends_with 1
	done
	# A manifest of the other content: its content hash differs only because of SHA-256.
	(cd forged && sha256sum disk.img other >SHA256SUMS)
	rm forged/*.checkpoints
	try "$SPARSESUM" verify forged
	ends_with 0
	try "$SPARSESUM" verify --content-hash "$(digest_of package/SHA1SUMS)" forged
	ends_with 0
	try "$SPARSESUM" verify --content-hash "$(digest_of package/SHA256SUMS sha256)" forged
	ends_with 1
	tried 36 3
	tried 37 5
}

@test "unknown algorithms and wrong second digests are never ignored" {
	make_packages -a sha256 -a sha1 -a sha512
	for manifest in SHA1SUMS SHA256SUMS SHA512SUMS; do
		cp package/$manifest kept
		sed -i 's/^[0-9a-f]\{8\}/00000000/' package/$manifest
		try "$SPARSESUM" verify package
		ends_with 1
		shows "disk.img: differs"
		cp kept package/$manifest
	done
	try "$SPARSESUM" verify package
	ends_with 0
	cp package/SHA1SUMS package/SHA0SUMS
	try "$SPARSESUM" verify package
	ends_with 1
	shows "SHA0SUMS: extra"
	for command in "hash -a sha0 1" "create -a sha0 package" "verify -a sha0 -m package/SHA1SUMS package" \
		"explain -a sha0 1 $nothing"; do
		# shellcheck disable=SC2086 # a command
		try "$SPARSESUM" $command
		[ "$status" -ne 0 ]
		warns sha0
	done
	tried 37 8
}

@test "only manifests, their checkpoints and their signatures are never extra" {
	make_packages -a sha1 -a sha256
	local count=0 name
	try "$SPARSESUM" verify package
	ends_with 0
	for name in SHA1SUMS.bak SHA1SUMS~ .SHA1SUMS sha1sums SHA1SUM SHA1SUMS.checkpoints~ CHECKPOINTS other.checkpoints \
		MD6SUMS.txt .hidden 'a b' d/SHA1SUMS d/SHA1SUMS.checkpoints SHA512SUMS.sig SHA512SUMS.checkpoints \
		d/SHA1SUMS.asc SHA1SUMS.asc~ SHA1SUMS.pem; do
		mkdir -p "package/$(dirname "$name")"
		: >"package/$name"
		try "$SPARSESUM" verify package
		ends_with 1
		shows "extra (not listed in "
		try "$SPARSESUM" verify --allow-extra package
		ends_with 0
		rm -r "package/${name%%/*}"
		count=$((count + 1))
	done
	tried 32 "$count"
}

@test "create lists no signature of a manifest that it writes" {
	make_packages -a sha256
	touch package/SHA256SUMS.asc package/SHA512SUMS.asc
	try "$SPARSESUM" create -a sha256 package
	ends_with 0
	grep -q '  SHA512SUMS.asc$' package/SHA256SUMS
	[ "$(grep -c 'SHA256SUMS.asc' package/SHA256SUMS)" -eq 0 ]
	try "$SPARSESUM" verify package
	ends_with 0
}
