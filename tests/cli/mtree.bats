#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mtree specifications that bsdtar and NetBSD's mtree wrote.

load ../support/helpers

make_directory() {
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
	shows_line "package: mtree specification, md5, ripemd160, sha1, sha256, sha384, sha512"
	shows "VERIFIED: 8 entries hold"
	warns "modes, owners, times and other keywords are ignored"
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
	by_mtree type,size,link,sha256,mode,uid,time
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	shows "package: mtree specification, sha256"
	each_damage
}

@test "specifications with only sizes and types are verified" {
	make_directory
	by_bsdtar 'mtree:!all,type,size'
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	shows_line "package: mtree specification, no digests: only types and sizes are verified"
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
	tried 48 1
}

# Names that must be encoded, or that look like keywords or comments.
make_names() {
	local name count=0
	mkdir -p package/sub/deep 'package/#dir =/é'
	for name in 'a b' 'h#x' '#c' 'e=q' 'size=3' 'ü' $'lat\xfc' 'st*r[x]?' $'t\tn\nx' 'b\s' $'c\x01\x7f' \
		$'\x80\x8d\xff' 'sub/deep/type=dir' 'sub/deep/~' 'sub/...' '#dir =/é/ß #' '\M-a' '$' '\#'; do
		count=$((count + 1))
		printf %s "$count" >"package/$name"
	done
	ln -s $'t#=\t ü\\' $'package/l k\n'
}

names_hold() {
	try "$SPARSESUM" verify --format=mtree -m spec package
	ends_with 0
	shows "VERIFIED: 24 entries hold"
}

# Fail unless the specification holds, and does not hold after a file or the symlink was changed.
damage_is_found() {
	local name
	while IFS= read -r -d '' name; do
		mv "$name" saved
		printf xx >"$name"
		try "$SPARSESUM" verify --format=mtree -m spec package
		ends_with 1
		shows "23 entries hold"
		rm "$name"
		try "$SPARSESUM" verify --format=mtree -m spec package
		case $name in
		*\**) ends_with 2 ;; # it may be a pattern
		*) ends_with 1 ;;
		esac
		mv saved "$name"
	done < <(find package ! -type d -print0)
}

@test "names with any characters, written by NetBSD's mtree" {
	make_directory
	rm -r package
	make_names
	by_mtree type,size,link,sha256
	names_hold
	damage_is_found
	by_mtree type,link,md5,rmd160,sha1,sha384,sha512
	names_hold
	mtree -C -k type,size,link,sha1 <spec >full
	mv full spec
	names_hold
	mtree -D -k type,size,link,sha1 <spec >last
	mv last spec
	names_hold
}

@test "names with any characters, written by bsdtar" {
	command -v bsdtar >"$scratch/where" || skip "bsdtar is not installed"
	local options
	make_names
	for options in '' ,use-set; do
		bsdtar -cf spec --format=mtree --options="mtree:!all,type,size,link,sha256$options" -C package .
		names_hold
	done
	damage_is_found
	for options in '' ,use-set ,indent ,use-set,indent; do
		bsdtar -cf spec --format=mtree-classic --options="mtree:!all,type,size,link,sha256$options" -C package .
		names_hold
	done
}

# The directory has a (content abc), sub/b (content de) and link (to a). Its specification in many notations.
@test "each notation of a specification" {
	local text
	mkdir -p package/sub
	printf abc >package/a
	printf de >package/sub/b
	ln -s a package/link
	while IFS= read -r text; do
		printf %b "$text" >spec
		try "$SPARSESUM" verify --format=mtree -m spec package
		ends_with 0
		shows "VERIFIED: 4 entries hold"
		for name in package/a package/sub/b; do
			printf x >>"$name"
			try "$SPARSESUM" verify --format=mtree -m spec package
			ends_with 1
			truncate -s -1 "$name"
		done
	done <<-'END'
		. type=dir\na type=file size=3\nlink type=link link=a\nsub type=dir\nb type=file size=2\n..\n..
		a type=file size=3\nlink type=link link=a\nsub type=dir\nb type=file size=2\n..\n
		sub type=dir\nb type=file size=2\n..\na type=file size=3\nlink type=link link=a\n
		./a type=file size=3\n./link type=link link=a\n./sub type=dir\n./sub/b type=file size=2\n
		sub/b type=file size=2\nsub type=dir\n..\n./a type=file size=3\n./link link=a
		sub type=dir\n./a type=file size=3\nb type=file size=2\n./link link=a\n..\n
		#mtree\n# . \\\n\n/set type=file uid=0 mode=0644\n. type=dir nlink=3\n\ta size=3\n link type=link link=a\n\nsub type=dir # really\n\tb size=2\n#\n..\n..\n
		/set type=dir size=3 optional\nsub\n/unset optional\n/set type=file\nb size=2\n..\na\n/unset all\nlink type=link
		/set type=file size=2 nochange ignore\n/unset size type nochange ignore uid\na size=3\nlink\nsub type=dir\nb size=2
		. type=dir \\\n\tmode=0755\na \\\n\\\n size=\\\n3 type=file\nlink type=li\\\nnk link=a # \\\nsub type=dir\nb size=2 type=file
		a size=3\nlink\nsub\nsub/b size=2
		type=dir .\ntype=file size=3 ./a\nlink=a type=link ./link\ntype=dir ./sub\nsize=2 type=file ./sub/b
		./a size=3 gname=x\\sy time=0.0 cksum=1 flags=none tags=x\n./link\n./sub\n./sub/b size=2\n
		\\141 size=3\nl\\x69nk link=\\141\nsub/b size=2\nsub
		././a sha1digest=a9993e364706816aba3e25717850c26c9cd0d89d\nlink\nsub\nsub/b md5digest=5f02f0889301fd7be1ac972c11bf3e7d
	END
}

@test "each escape of vis(3)" {
	local byte name
	mkdir package
	while read -r escape byte; do
		printf -v name "x$byte"
		printf 1 >"package/$name"
		printf '%s type=file size=1\n' "x$escape" >spec
		try "$SPARSESUM" verify --format=mtree -m spec package
		ends_with 0
		rm "package/$name"
	done <<-'END'
		\M-C \xc3
		\M^A \x81
		\M^? \xff
		\^A \x01
		\^? \x7f
		\^[ \x1b
		\n \n
		\r \r
		\b \b
		\a \a
		\v \v
		\t \t
		\f \f
		\s \x20
		\E \x1b
		\$y y
		\1 \x01
		\12 \n
		\040 \x20
		\0402 \x202
		\377 \xff
		\x7 \x07
		\xfF \xff
		\\ \\
		\# #
		\= =
		\* *
		\q q
		a=b#c=d a=b
	END
}

# Each line: commands that change the package. mtree prints each difference; its exit status does not include
# missing files.
@test "verdicts are those of NetBSD's mtree" {
	local change theirs count=0
	make_directory
	printf x >'package/h#x'
	printf y >'package/e=q'
	by_mtree type,size,link,sha256
	cp spec with-size
	by_mtree type,link,sha256
	cp spec without-size
	mtree -C -k type,size,link,sha256 <with-size >full
	sed 's/$/\r/' full >crlf
	printf '\357\273\277' | cat - full >marked
	mv package original
	while IFS= read -r change; do
		cp -r original package
		(cd package && eval "$change")
		for spec in with-size without-size; do
			mtree -f $spec -p package >"$scratch/theirs" 2>&1 || true
			[ -s "$scratch/theirs" ] && theirs=1 || theirs=0
			try "$SPARSESUM" verify -m $spec package
			ends_with $theirs
			count=$((count + 1))
		done
		for spec in full crlf marked; do # the same in other notations
			try "$SPARSESUM" verify -m $spec package
			ends_with $theirs
		done
		rm -r package
	done <<-'END'
		:
		printf abd >a
		printf abcd >a
		rm a
		rm h#x
		printf xx >h#x
		rm e=q
		touch new
		mkdir new
		ln -sfn elsewhere link
		rm -r sub
		rmdir empty
	END
	[ "$count" -eq 24 ]
}

@test "keywords of go-mtree, casync and Bazel are known" {
	mkdir package
	printf abc >package/a
	printf './a type=file size=3 tar_time=1.000000000 xattr.user.x=eA== content=x sha512256digest=%s\n' \
		"$(openssl dgst -r -sha512-256 package/a | cut -d ' ' -f 1)" >spec
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	printf abd >package/a
	try "$SPARSESUM" verify -m spec package
	ends_with 1
}

@test "invalid lines are reported and make the result undecided" {
	local line count=0
	mkdir package
	printf abc >package/a
	printf xyz >package/b
	while IFS= read -r line; do
		printf '#mtree\n\n./a type=file size=3\n%b\n' "$line" >spec
		try "$SPARSESUM" verify -m spec package
		ends_with 2
		grep -qE '^spec:[4-6]: ' "$scratch/out" || fail "no line number is reported for $line"
		count=$((count + 1))
	done <<-'END'
		./b size=5z
		./b size=-1
		./b size=+3
		./b size=
		./b size
		./b size=9223372036854775808
		./b size=99999999999999999999999
		./b type=files
		./b type
		./b type=
		./b sha1=abc
		./b sha1=da39a3ee5e6b4b0d3255bfef95601890afd8070g
		./b sha256=da39a3ee5e6b4b0d3255bfef95601890afd80709
		./b md5digest
		./b sha1digst=a9993e364706816aba3e25717850c26c9cd0d89d
		./b type=file link=\\
		./b type=file link=x\\x
		./b hash=1
		# x\n./b size=5z
		/set size=z\n./b
		/unset sizes\n./b
		./\\0b
		./\\400
		./\\M
		./\\Mx
		./\\^
		./\\x
		/etc/passwd type=file
		./../b type=file
		../package/b type=file
		.//b type=file
		./ type=file
		./b/ type=file
		\\056\\056 type=dir
		\\057b type=file
		..\nb
		. type=dir\n..\n..\nb
		sub/.. type=dir
		./b type=fifo
		./*
		b\\0c type=file
	END
	[ "$count" -eq 41 ]
}

@test "optional, ignore, nochange, and entries without a type" {
	mkdir -p package/cache/old package/sub
	printf abc >package/a
	printf 1 >package/cache/x
	printf 2 >package/cache/old/y
	cat >spec <<-'END'
		#mtree
		. type=dir
		a type=file size=3
		log type=file size=9 optional
		cache type=dir ignore
		..
		extra type=dir optional
		b type=file size=1
		deep type=dir
		..
		..
		./extra/deep/c type=file
		sub nochange type=file size=5
		..
	END
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	shows "VERIFIED: 3 entries hold"
	rmdir package/sub # any type is accepted
	ln -s a package/sub
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	rm package/sub
	try "$SPARSESUM" verify -m spec package
	ends_with 1
	shows "sub: missing"
	mkdir package/sub
	printf 123456789 >package/log
	try "$SPARSESUM" verify -m spec package
	ends_with 0
	printf 1 >>package/log # optional entries must be right if they exist
	try "$SPARSESUM" verify -m spec package
	ends_with 1
	rm package/log
	mkdir package/extra
	try "$SPARSESUM" verify -m spec package
	ends_with 1
	shows "extra/b: missing"
	rmdir package/extra
	rm -r package/cache
	try "$SPARSESUM" verify -m spec package
	ends_with 1
	shows "cache: missing"
}

@test "the memory for deep and hostile specifications is proportional to their length" {
	[ -z "$SANITIZE" ] || skip "sanitizers reserve terabytes of address space"
	mkdir package
	{ echo '/set type=dir'; yes d | head -n 20000; yes .. | head -n 20000; } >deep
	{ echo '/set type=dir'; yes d | head -n 5000; yes 'f type=file' | head -n 20000; } >wide
	{ yes 'x \' | head -n 200000; echo; } >continued
	{ yes '\' | head -n 200000; echo; } >empty
	printf '\\' >slash
	printf '. type=dir\n \\\n\\\n \\' >slashes
	printf 'x\0\\' >nothing
	for name in deep wide continued empty slash slashes nothing; do
		try bash -c 'ulimit -v 400000; exec timeout 30 "$@"' - "$SPARSESUM" verify -q --format=mtree -m $name package
		[ "$status" -le 2 ] || fail "$name" # no crash, not out of memory or time
	done
	tried 48 7
}

@test "names outside of the directory are refused, and invalid specifications are undecided" {
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
		shows "spec"
		output_lacks "outside: holds"
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
	if grep -q outside "$scratch/trace"; then fail "the file was opened"; fi
}

@test "files that are named as manifests are extra beside another list" {
	mkdir package
	printf abc >package/a
	(cd package && mtree -c -k type,sha256 >../spec)
	(cd package && hashdeep -l a >../list)
	for name in SHA1SUMS SHA256SUMS.checkpoints MD5SUMS.asc; do
		echo x >package/$name
		try "$SPARSESUM" verify -m spec package
		ends_with 1
		shows "$name: extra (not listed in spec)"
		try "$SPARSESUM" verify -m list package
		ends_with 1
		shows "$name: extra (not listed in list)"
		rm package/$name
	done
	tried 47 6
}
