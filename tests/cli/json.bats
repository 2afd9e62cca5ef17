#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# With --json every command prints one object per line; the last one is a summary with the exit
# status.

load ../support/helpers

# Run a command with --json, and fail unless its exit status is $1 and its output is valid.
json() {
	local expected_status=$1
	shift
	try "$SPARSESUM" "$@" --json
	ends_with "$expected_status"
	jq -es 'all(type == "object" and (.type | type == "string"))' "$scratch/out" >/dev/null || fail "not all values are objects"
	[ "$(wc -l <"$scratch/out")" -eq "$(jq -c . "$scratch/out" | wc -l)" ] || fail "not one object per line"
	jq -es --argjson status "$expected_status" '.[-1] | .type == "summary" and .status == $status' "$scratch/out" >/dev/null ||
		fail "the last object is not a summary with status $expected_status"
	jq -es '[.[] | select(.type == "summary")] | length == 1' "$scratch/out" >/dev/null || fail "several summaries"
	if LC_ALL=C grep -q '[^ -~]' "$scratch/out"; then fail "not only ASCII"; fi
}

# Fail unless the objects, as one array, satisfy the filter.
holds() {
	jq -es "$1" "$scratch/out" >/dev/null || fail "this does not hold: $1"
}

make_package() {
	mkdir -p package/empty
	make_image package/image
	printf abc >package/file
	printf x >package/$'latin\xe9 \xff'
	ln -s $'target\xe9' package/link
	"$SPARSESUM" create -q package >/dev/null
}

@test "hash prints path, size, algorithm and digest of each file" {
	make_image image
	printf abc >'a "b"'
	json 0 hash -a sha1 -a sha256 image 'a "b"'
	holds "[.[] | select(.type == \"digest\") | .digest] ==
		[\"$(digest_of image)\", \"$(digest_of image sha256)\", \"$(digest_of 'a "b"')\", \"$(digest_of 'a "b"' sha256)\"]"
	holds '.[0] == {type: "digest", path: "image", size: 8388608, algorithm: "sha1", digest: .[0].digest}'
	holds '.[3].path == "a \"b\"" and .[3].size == 3 and .[3].algorithm == "sha256"'
	holds '.[-1] | .files == 2 and .failures == 0 and .bytes == 8388611'
}

@test "hash prints errors in the order of the files" {
	printf abc >file
	json 1 hash file missing . file
	holds 'map(.type) == ["digest", "error", "error", "digest", "summary"]'
	holds '.[1].path == "missing" and .[1].error == "No such file or directory" and .[1].code == -2'
	holds '.[2].path == "." and .[2].code == -21'
	holds '.[-1].failures == 2'
	warns "sparsesum: missing: No such file or directory"
}

@test "only names that are not UTF-8 have a second field with the exact bytes" {
	names=($'latin\xe9' $'\xff\xfe' $'over\xc0\xaf' $'surrogate\xed\xa0\x80' $'big\xf4\x90\x80\x80' $'cut\xe6\xbc' 'umläut' '漢字'
		$'bell\a\n\t' $'\177' $'\xe2\x80\xae' '😀')
	for ((byte = 1; byte < 256; byte++)); do
		printf -v name %b "byte \\x$(printf %02x $byte)"
		[ $byte -eq 47 ] || names+=("$name")
	done
	for name in "${names[@]}"; do printf %s "$name" >"$name"; done
	json 0 hash "${names[@]}"
	jq -r 'select(.type == "digest") | .path_hex // (.path | @base64 | "base64:" + .)' "$scratch/out" |
		while IFS= read -r field; do
			case $field in
			base64:*) printf %s "${field#base64:}" | base64 -d | od -An -v -tx1 | tr -d ' \n' ;;
			*) printf %s "$field" ;;
			esac
			echo
		done >"$scratch/fields"
	printf '%s\0' "${names[@]}" | od -An -v -tx1 -w1 |
		awk '$1 == "00" { print line; line = ""; next } { line = line $1 }' | diff - "$scratch/fields"
	holds 'map(select(.path == "latin\ufffd")) | length == 1 and .[0].path_hex == "6c6174696ee9"'
	holds 'map(select(.path == "umläut" or .path == "漢字" or .path == "😀")) | length == 3 and all(has("path_hex") | not)'
}

@test "sizes beyond 2^53 are exact integers" {
	truncate -s 9007199254740993 image || skip "no file of that size can be made here"
	try timeout 20 "$SPARSESUM" map --json --holes=trust image
	ends_with 0
	shows '"length":9007199254740993,'
	shows '"size":9007199254740993,'
	shows '"holes":9007199254740993,'
	printf x | dd of=image oflag=seek_bytes seek=9007199254740992 conv=notrunc status=none
	try timeout 20 "$SPARSESUM" map --json --holes=trust image
	ends_with 0
	grep -q '"offset":[0-9]*,"length":[0-9]*,"kind":"data"' "$scratch/out"
	shows '"size":9007199254740993,'
}

@test "check prints the verdict on each line" {
	printf a >a
	printf b >b
	sha1sum a b >manifest
	printf '%s  b\n%s  missing\nrubbish\n' "$(digest_of a)" "$(digest_of a)" >>manifest
	json 1 check manifest
	holds '[.[] | select(.type == "entry") | [.path, .line, .verdict]] ==
		[["a", 1, "holds"], ["b", 2, "holds"], ["b", 3, "differs"], ["missing", 4, "missing"]]'
	holds ".[2] | .expected == \"$(digest_of a)\" and .found == \"$(digest_of b)\" and .algorithm == \"sha1\""
	holds 'map(select(.type == "error")) | length == 1 and .[0].line == 5'
	holds 'map(select(.type == "manifest")) | .[0].path == "manifest" and .[0].holds == 2 and .[0].differs == 1 and
		.[0].unreadable == 1 and .[0].malformed == 1'
	json 1 check missing-manifest
	holds 'any(.code == -2)'
	sha1sum a >good
	json 0 check good
}

@test "create prints the content hash, and the refused entries" {
	make_package
	json 0 create package
	holds ".[0] | .type == \"manifest\" and .path == \"SHA1SUMS\" and .found == \"$(digest_of package/SHA1SUMS)\""
	holds '.[-1] | .files == 3 and .symlinks == 1 and .empty_directories == 1 and .refused == 0'
	mkfifo package/fifo
	json 2 create package
	holds '.[0] | .type == "entry" and .path == "fifo" and .verdict == "unreadable" and .kind == "FIFO"'
	holds '.[-1] | .refused == 1 and (.error | type) == "string"'
	json 2 create missing
	holds '.[-1].code == -2'
}

@test "verify prints manifests and problems, and with -v all entries" {
	make_package
	json 0 verify package
	holds "map(.type) == [\"manifest\", \"summary\"] and .[0].found == \"$(digest_of package/SHA1SUMS)\""
	holds '.[-1] | .holds == 5 and .differs == 0 and .entries == 5'
	json 0 verify -v package
	holds 'map(select(.type == "entry" and .verdict == "holds")) | length == 5'
	holds 'map(select(.kind == "symlink")) | .[0].found_hex == "746172676574e9"'
	damage package/image 5
	rm package/file
	ln -sfn x package/link
	touch package/new
	json 1 verify package
	holds "map(select(.path == \"image\")) | .[0].verdict == \"differs\" and .[0].kind == \"regular file\" and
		.[0].size == 8388608 and .[0].manifest == \"SHA1SUMS\" and .[0].algorithm == \"sha1\" and
		.[0].found == \"$(digest_of package/image)\""
	holds 'map(select(.path == "file")) | .[0].verdict == "missing" and .[0].line > 0'
	holds 'map(select(.path == "link")) | .[0].verdict == "differs" and .[0].expected_hex == "746172676574e9" and .[0].found == "x"'
	holds 'map(select(.path == "new")) | .[0].verdict == "extra"'
	holds '.[-1] | .differs == 2 and .missing == 1 and .extra == 1'
	echo rubbish >>package/SHA1SUMS
	json 1 verify package
	holds 'any(.verdict == "bad line") and .[-1].bad_line == 1'
	rm package/SHA1SUMS
	json 2 verify package
	holds '.[-1] | .code < 0 and (.error | type) == "string"'
}

@test "compare prints offsets, sizes and sides" {
	make_image a
	cp a b
	json 0 compare a b
	holds '.[0] | del(.data_a, .data_b) == {type: "comparison", a: "a", b: "b", verdict: "holds", size_a: 8388608, size_b: 8388608}'
	json 0 compare --holes=trust a b
	holds '.[0] | .data_a >= 382345 and .data_a < .size_a and .data_b >= 382345'
	json 0 compare --holes=read a b
	holds '.[0] | has("data_a") or has("data_b") | not'
	damage b 1234567
	json 1 compare a b
	holds '.[0] | .verdict == "differs" and .offset == 1234567'
	truncate -s +5 b
	json 1 compare --ranges a b
	holds '.[0] == {type: "range", offset: 1234567, length: 1} and .[1] == {type: "range", offset: 8388608, length: 5}'
	holds '.[2].type == "comparison" and .[2].offset == 1234567 and length == 4'
	json 0 compare --ranges a a
	holds '.[0].type == "comparison" and length == 2'
	truncate -s -5 b
	json 2 compare a missing
	holds '.[-1].code == -2'
	mkdir x y
	cp a x/same && cp a y/same
	cp a x/other && cp b y/other
	ln -s $'t\xe9' x/kind && touch y/kind
	touch x/gone y/new
	json 1 compare x y
	holds 'map(select(.path == "other")) | .[0].offset == 1234567 and .[0].a.size == 8388608'
	holds 'map(select(.path == "kind")) | .[0].a.kind == "symlink" and .[0].a.target_hex == "74e9" and .[0].b.kind == "regular file"'
	holds 'map(select(.path == "gone")) | .[0].verdict == "missing" and (.[0] | has("b") | not)'
	holds 'map(select(.path == "new")) | .[0].verdict == "extra"'
	holds '.[-1] | .differs == 2 and .missing == 1 and .extra == 1'
}

@test "map prints extents and their sums" {
	make_image image
	json 0 map image
	holds '[.[] | select(.type == "extent") | .length] | add == 8388608'
	holds '[.[] | select(.kind == "data") | .length] | add as $data | $data >= 382345'
	holds '. as $all | .[-1] | .size == 8388608 and .data + .holes == .size and .extents == ($all | length - 1)'
	json 2 map missing
	holds '.[-1] | .code == -2 and .error == "No such file or directory"'
	holds '.[-1] | [has("data", "holes", "size", "extents")] | any | not'
}

@test "a wrong command line prints no object" {
	for command in hash check create verify compare map; do
		try "$SPARSESUM" $command --json --bogus
		prints ""
		warns "unrecognized option '--bogus'"
	done
}
