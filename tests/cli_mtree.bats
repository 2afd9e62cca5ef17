#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Specifications of mtree, written by bsdtar and by the mtree of NetBSD.

load helpers

make_directory() {
	"$SPARSESUM" verify --format=mtree -m /dev/null . 2>&1 | grep -q "built without" &&
		skip "this build has no libarchive"
	mkdir -p package/sub/deep package/empty
	printf abc >package/a
	printf def >'package/sub/b c'
	printf ghi >'package/sub/deep/ü\#'
	ln -s sub/deep package/link
	truncate -s 100K package/image
	damage package/image 50000
}

by_bsdtar() {
	command -v bsdtar >/dev/null || skip "bsdtar is not installed"
	bsdtar -cf spec --format=mtree --options="$1" -C package .
}

by_mtree() {
	command -v mtree >/dev/null || skip "mtree is not installed"
	mtree -c -k "$1" -p package >spec
}

each_damage() {
	local due damage
	mv package original
	while IFS='|' read -r due damage; do
		cp -r original package
		(cd package && eval "$damage")
		try "$SPARSESUM" verify -m spec package
		ends_with "$due"
		rm -r package
	done <<-'END'
		0|:
		0|chmod 600 a; touch -d 1999-01-01 a
		1|printf abd >a
		1|printf abcd >a
		1|rm a
		1|rm a; mkdir a
		1|mv a b
		1|touch new
		1|mkdir new
		1|rmdir empty
		1|ln -sfn elsewhere link
		1|rm link; printf x >link
		1|damage image 70000
		1|rm -r sub
	END
}

@test "a specification of bsdtar" {
	make_directory
	by_bsdtar mtree:all
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	tells_line "package: mtree specification, md5, ripemd160, sha1, sha256, sha384, sha512"
	tells "VERIFIED: 8 entries hold"
	warns "mode, owner, times and the like are not"
	each_damage
	cp -r original package
	for algorithm in md5 rmd160 sha1 sha256 sha384 sha512; do
		by_bsdtar "mtree:!all,type,size,link,$algorithm"
		try "$SPARSESUM" verify -m spec package
		ends_with 0
		sed -i "s/\($algorithm[a-z]*=\)\(.\)/\10/; s/\($algorithm[a-z]*=0\)0/\11/" spec
		try "$SPARSESUM" verify -m spec package
		ends_with 1
	done
}

@test "a specification of NetBSD's mtree" {
	make_directory
	mv package/sub/deep/* package/sub/deep/plain # libarchive does not know its \M- escapes
	by_mtree type,size,link,sha256,mode,uid,time
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	tells "package: mtree specification, sha256"
	each_damage
}

@test "sizes and types alone are judged as such" {
	make_directory
	by_bsdtar 'mtree:!all,type,size'
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	tells_line "package: mtree specification, no digests: types and sizes are judged"
	printf xyz >package/a
	ln -sfn elsewhere package/link
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	printf abcd >package/a
	try "$SPARSESUM" verify -m spec package
	ends_with 1
	try "$SPARSESUM" verify --json -m spec package
	jq -es '.[0].format == "mtree" and any(.path == "a" and .verdict == "differs" and .expected_size == 3 and .size == 4)' \
		"$scratch/out"
}

@test "what leads elsewhere is refused, and what is none decides nothing" {
	local line count=0
	make_directory
	rm -r package/*
	printf abc >package/a
	printf abc >outside
	for line in '../outside type=file' './../outside type=file' '/etc/passwd type=file' 'a/../../outside type=file' \
		'\056\056/outside type=file' './sub//x type=file' './x type=fifo' './x type=block device=1' '../x type=dir' \
		'../x type=link link=y'; do
		printf '#mtree\n./a type=file size=3\n%s\n' "$line" >spec
		try timeout 20 "$SPARSESUM" verify -m spec package
		[ "$status" -eq 2 ] || [ "$status" -eq 1 ] || fail "$line was accepted"
		tells "spec"
		tells_nothing_of "outside: holds"
		count=$((count + 1))
	done
	for content in '' '#mtree\n' '#mtree\nrubbish =\0\n' '\357\273\277#mtree\n'; do
		printf %b "$content" >spec
		try timeout 20 "$SPARSESUM" verify --format=mtree -m spec package
		[ "$status" -ne 0 ] || fail "accepted: $content"
		count=$((count + 1))
	done
	try "$SPARSESUM" verify --format=mtree -m none package
	ends_with 2
	tried 27 10
	tried 30 4
}

@test "no file that a specification names is opened to read it" {
	make_directory
	printf secret >outside
	printf '#mtree\n./a type=file size=3 contents=%s\n./b type=file contents=../outside\n' "$PWD/outside" >spec
	try strace -f -qq -e trace=file,openat2 -o "$scratch/trace" "$SPARSESUM" verify -m spec package
	if grep -q outside "$scratch/trace"; then fail "it was opened"; fi
}
