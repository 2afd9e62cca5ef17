#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Lists that openssl, cksum, b2sum and b3sum write, and lists that cannot be judged.

load ../support/helpers

make_listed() {
	mkdir package
	printf abc >package/a
	printf def >'package/b (1) = x'
	touch package/empty
}

# Verify `list` of the package: the exit status with the files as they are, and with one damaged.
list_holds() {
	try "$SPARSESUM" verify -m list package
	ends_with 0
	shows "VERIFIED: 3 entries hold"
	printf abd >package/a
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "a: differs"
	printf abc >package/a
}

@test "every algorithm of openssl dgst" {
	local count=0
	make_listed
	for algorithm in $(openssl list -1 -digest-commands) sha3-224 sha3-256 sha3-384 sha3-512 blake2b512 sha512-256; do
		(cd package && openssl dgst -"$algorithm" ./*) >list 2>/dev/null || continue
		if [[ $algorithm == shake* ]]; then # of no fixed length
			try "$SPARSESUM" verify -m list package
			ends_with 2
			shows "unknown algorithm SHAKE-"
		else
			list_holds
		fi
		count=$((count + 1))
	done
	[ "$count" -gt 10 ]
	(cd package && openssl dgst -sha256 -hmac key ./*) >list
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "list: unknown algorithm HMAC-SHA2-256"
}

@test "a manifest of the package may have tags of openssl" {
	make_listed
	for algorithm in sha1 sha256 sha512 sha3-256; do
		rm -f package/*SUMS
		(cd package && openssl dgst -$algorithm ./*) >list
		mv list package/"${algorithm^^}SUMS"
		try "$SPARSESUM" verify package
		ends_with 0
		printf abd >package/a
		try "$SPARSESUM" verify package
		ends_with 1
		printf abc >package/a
	done
	# sha256sum accepts only its own tag, and so does check.
	(cd package && openssl dgst -sha256 ./*) >list
	cd package
	try "$SPARSESUM" check -a sha256 ../list
	ends_with 1
}

@test "every algorithm of cksum -a" {
	local count=0
	cksum -a sha256 /dev/null >"$scratch/where" 2>&1 || skip "cksum has no option -a"
	make_listed
	for algorithm in md5 sha1 sha224 sha256 sha384 sha512 blake2b sm3 sha3; do
		(cd package && cksum -a $algorithm ./* || cksum -a $algorithm -l 256 ./*) >list 2>/dev/null || continue
		list_holds
		count=$((count + 1))
	done
	[ "$count" -ge 8 ]
	for length in 8 256 504; do
		(cd package && cksum -a blake2b -l $length ./*) >list
		try "$SPARSESUM" verify -m list package
		ends_with 2
		shows "list: unknown algorithm BLAKE2b-$length"
	done
}

@test "several algorithms in one list" {
	make_listed
	touch package/$'new\nline\\'
	(cd package && for tool in md5sum sha1sum sha256sum sha512sum b2sum; do $tool --tag ./*; done) >list
	try "$SPARSESUM" verify -m list package
	ends_with 0
	shows_line "package: tagged list, md5, sha1, sha256, sha512, blake2b-512"
	shows "VERIFIED: 4 entries hold"
	cp list good
	# Each digest must hold.
	for line in $(seq 1 4 20); do
		awk -v line="$line" 'NR == line { c = substr($0, length); sub(/.$/, c == "0" ? "1" : "0") } { print }' good >list
		cmp -s list good && fail "line $line is unchanged"
		try "$SPARSESUM" verify -m list package
		ends_with 1
		shows "1 differ"
	done
	for change in '3s/= ./= /' '3s/^MD5/MD6/' '3s/(/[/' '3s/$/ /' '3p' '3s/^/x /'; do
		sed "$change" good >list
		try "$SPARSESUM" verify -m list package
		ends_with 2
	done
	(cd package && md5sum --tag a && b2sum --tag -l 256 ./*) >list
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "list: unknown algorithm BLAKE2b-256"
	printf abd >package/a
	try "$SPARSESUM" verify -m list package
	ends_with 1
}

@test "lists of BLAKE3 are undecided" {
	command -v b3sum >"$scratch/where" || skip "b3sum is not installed"
	make_listed
	(cd package && b3sum ./*) >list
	for name in B3SUMS list.b3 list.blake3 list.b3sum LIST.B3; do
		cp list $name
		try "$SPARSESUM" verify -m $name package
		ends_with 2
		shows "$name: lists digests of BLAKE3"
		try "$SPARSESUM" verify --json -m $name package
		ends_with 2
		jq -es '.[1].type == "problem" and .[-1].status == 2 and .[-1].differs == 0' "$scratch/out"
	done
	sed -E 's/^([0-9a-f]*)  (.*)/BLAKE3 (\2) = \1/' list >tagged
	try "$SPARSESUM" verify -m tagged package
	ends_with 2
	shows "tagged: unknown algorithm BLAKE3"
}

@test "a list of another algorithm with digests of that length proves no difference" {
	mkdir package
	printf abc >package/a
	printf def >package/b
	for tool in b2sum "openssl dgst -r -sha3-512" "openssl dgst -r -sha3-384" "openssl dgst -r -sha3-224"; do
		# shellcheck disable=SC2086
		(cd package && $tool a b) | sed 's/ \*/  /' >list
		try "$SPARSESUM" verify -m list package
		ends_with 2
		shows "a: undecided (no digest in list holds as"
		shows "the digest is by another algorithm"
		shows "UNDECIDED: 2 undecided"
		try "$SPARSESUM" verify --explain=none -m list package
		ends_with 2
	done
	# A digest that no algorithm fits proves the difference.
	(cd package && sha512sum a b) >list
	printf changed >package/a
	printf changed >package/b
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "DIFFERS: 2 differ"
}

@test "digests of 64 digits prove no difference as long as none holds" {
	command -v b3sum >"$scratch/where" || skip "b3sum is not installed"
	make_listed
	(cd package && b3sum ./*) >list
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "a: undecided (no digest in list holds as sha256, and it names no algorithm)"
	shows "UNDECIDED: 3 undecided"
	warns "it may be of another algorithm, such as BLAKE3"
	try "$SPARSESUM" verify --json -m list package
	ends_with 2
	jq -es '[.[] | select(.verdict == "undecided" and .error)] | length == 3' "$scratch/out"
	try "$SPARSESUM" verify --repair-list -m list package
	ends_with 2
	prints ""
	try "$SPARSESUM" verify --junit=report.xml -m list package
	ends_with 2
	! grep '<failure' report.xml
	# The user, the name of the list, or a tag says which algorithm it is.
	try "$SPARSESUM" verify -a sha256 -m list package
	ends_with 1
	cp list list.sha256
	try "$SPARSESUM" verify -m list.sha256 package
	ends_with 1
	sed -E 's/^([0-9a-f]*)  (.*)/SHA256 (\2) = \1/' list >tagged
	try "$SPARSESUM" verify -m tagged package
	ends_with 1
	# What does not depend on digests is proven.
	mv package/a .
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "a: missing"
	mkdir package/a
	try "$SPARSESUM" verify -m list package
	ends_with 1
	rmdir package/a
	mv a package
	touch package/new
	try "$SPARSESUM" verify -m list package
	ends_with 1
	rm package/new
	# An algorithm of libcrypto is named.
	(cd package && openssl dgst -r -sha3-256 ./*) >list
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "the digest is by another algorithm: sha3-256"
}

@test "one digest that holds, or a proven cause, proves the algorithm" {
	local order
	mkdir package
	for name in a b c d; do printf $name >package/$name; done
	(cd package && sha256sum ./*) >list
	for name in a b c; do printf xx >package/$name; done
	for order in "a b c" "d b c"; do
		try "$SPARSESUM" verify --json -m list package
		ends_with 1
		jq -r 'select(.verdict == "differs") | .path' "$scratch/out" >order
		# shellcheck disable=SC2086
		printf '%s\n' $order | sort | cmp - order || fail "the order"
		printf a >package/a
		printf xx >package/d
	done
	for name in a b c d; do printf xx >package/$name; done
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "UNDECIDED: 4 undecided"
	printf 'c\0\0' >package/c # the digest is of it without the zeros
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "DIFFERS: 4 differ"
	shows "zeros at the end were not hashed"
	# Several lists of one algorithm.
	printf xx >package/c
	split -l 1 list part
	try "$SPARSESUM" verify -m partaa -m partab -m partac -m partad package
	ends_with 2
	printf d >package/d
	try "$SPARSESUM" verify -m partaa -m partab -m partac -m partad package
	ends_with 1
}

@test "compressed lists are undecided" {
	make_listed
	(cd package && sha256sum ./*) >list
	for tool in gzip xz zstd bzip2; do
		command -v $tool >"$scratch/where" || continue
		$tool -c <list >packed
		for options in '' --format=sums; do
			try "$SPARSESUM" verify $options -m packed package
			ends_with 2
		done
		try "$SPARSESUM" verify -m packed package
		shows "packed: is compressed: decompress it first, with $tool -d"
	done
}
