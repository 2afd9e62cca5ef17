#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --include, --exclude and --files-from: which entries are selected, and what the verdict then
# means.

load ../support/helpers

make_package() {
	mkdir -p package/cache/deep package/empty package/src
	for name in a.img b.txt cache/x cache/deep/y src/c.txt src/d.img; do echo "$name" >"package/$name"; done
	ln -s a.img package/link
}

# The names of the files that `hash -r` selects.
takes() {
	local expected=$1
	shift
	try "$SPARSESUM" hash -r "$@" package
	[ "$(sed 's/^[0-9a-f]*  package\///' "$scratch/out" | tr '\n' ' ')" = "$expected" ] || fail "should be selected: $expected"
}

@test "patterns select what rsync selects" {
	command -v rsync >"$scratch/where" || skip "no rsync here"
	command -v python3 >"$scratch/where" || skip "no python3 here"
	cases=120
	[ -z "$SANITIZE" ] || cases=25
	if is_long; then cases=3000; fi
	mkdir tree
	"$BATS_TEST_DIRNAME/selection.py" "$SPARSESUM" tree $cases
	tried 29 $cases
}

@test "the first matching rule decides; entries without a match are included" {
	make_package
	takes "a.img src/d.img " --exclude='*.txt' --exclude=cache/
	takes "a.img cache/deep/y src/d.img " --include='*/' --include='y' --include='*.img' --exclude='*'
	takes "src/c.txt " --include=/src --include='/src/*.txt' --exclude='*'
	takes "a.img b.txt " --exclude=/*/
	takes "cache/deep/y cache/x " --include='/cache/***' --exclude='*'
	takes "a.img b.txt cache/deep/y cache/x src/c.txt src/d.img " --include='*.img'
}

@test "an excluded directory is not entered" {
	[ "$(id -u)" -ne 0 ] || command -v strace >"$scratch/where" || skip "no strace here"
	[ -z "$SANITIZE" ] || skip "a sanitizer opens files too"
	make_package
	command -v strace >"$scratch/where" || skip "no strace here"
	for words in 'create -o list' 'hash -r' 'compare package'; do
		strace -f -e trace=openat,openat2 -o "$scratch/trace" "$SPARSESUM" $words --exclude=cache/ package >"$scratch/out"
		grep -q '"src"' "$scratch/trace" || fail "$words: src should be entered"
		if grep -q '"cache"' "$scratch/trace"; then fail "$words: cache is entered"; fi
	done
}

@test "excluded entries are not listed, extra or missing, and the last line reports them" {
	make_package
	try "$SPARSESUM" create --exclude='*.txt' --exclude=cache/ package
	ends_with 0
	shows "2 files, 1 symlink, 1 empty directory, of the selected entries; "
	[ "$(grep -v '^#' package/SHA1SUMS)" = "$(cd package && sha1sum a.img src/d.img)" ]
	try "$SPARSESUM" verify package
	ends_with 1
	shows "DIFFERS: 4 extra, 4 entries hold; "
	try "$SPARSESUM" verify --exclude='*.txt' --exclude=cache/ package
	ends_with 0
	shows "VERIFIED, of the selected entries: 4 entries hold; "
	rm package/link package/a.img
	echo new >package/new.img
	try "$SPARSESUM" verify --exclude=link --exclude='[an]*.img' --exclude='*.txt' --exclude=cache package
	ends_with 0
	shows "VERIFIED, of the selected entries: 2 entries hold; "
	damage package/src/d.img 1
	try "$SPARSESUM" verify --json --include='*/' --include='*.img' --exclude='*' package
	ends_with 1
	jq -es '.[-1] | .selected == true and .differs == 1 and .missing == 1 and .extra == 1' "$scratch/out"
	try "$SPARSESUM" verify --json package
	jq -es '.[-1] | has("selected") | not' "$scratch/out"
	tried 32 4
}

@test "compare compares only selected entries" {
	make_package
	cp -a package copy
	echo other >copy/b.txt
	touch copy/cache/more
	try "$SPARSESUM" compare --exclude=b.txt --exclude=cache package copy
	ends_with 0
	shows "SAME, of the selected entries: 5 entries hold; "
	try "$SPARSESUM" compare --exclude=cache package copy
	ends_with 1
	try "$SPARSESUM" compare --exclude=cache package/b.txt copy/b.txt
	ends_with 2
	warns "choose what is below directories, but 'package/b.txt' is a file"
}

@test "selecting no entry is an error" {
	make_package
	"$SPARSESUM" create -q package >"$scratch/out"
	cp package/SHA1SUMS "$scratch/before"
	for words in 'create package' 'verify package' 'compare package package'; do
		try "$SPARSESUM" $words --exclude='*'
		ends_with 2
		warns "package: nothing is selected"
	done
	cmp package/SHA1SUMS "$scratch/before"
	try "$SPARSESUM" hash -r --exclude='*' package
	ends_with 1
	warns "nothing is selected"
	try "$SPARSESUM" hash --exclude='*' package/a.img
	ends_with 1
	warns "; add -r"
}

@test "meaningless patterns are refused" {
	for text in '' / '[a' 'a[' '[]' '[!]' '*\' '[a\]'; do
		try "$SPARSESUM" verify --exclude="$text" .
		ends_with 2
		warns "invalid pattern"
	done
	for text in '\' 'a\' '[]]' '[!]]' '[[:alpha:]]'; do
		try "$SPARSESUM" verify --exclude="$text" .
		output_lacks "invalid pattern"
	done
}

@test "--files-from selects the named files, and everything below named directories" {
	make_package
	printf '%s\n' b.txt ./cache src/d.img >list
	takes "b.txt cache/deep/y cache/x src/d.img " --files-from=list
	takes "b.txt cache/x src/d.img " --files-from=list --exclude=deep
	tr '\n' '\0' <list >list0
	takes "b.txt cache/deep/y cache/x src/d.img " --files-from=list0 -0
	takes "b.txt cache/deep/y cache/x src/d.img " --files-from=<(cat list0) --null
	try "$SPARSESUM" create --files-from=- -q package <list
	ends_with 0
	[ "$(cat package/SHA1SUMS)" = "$(cd package && sha1sum b.txt cache/deep/y cache/x src/d.img)" ]
	rm package/src/d.img
	try "$SPARSESUM" verify --files-from=- package <list
	ends_with 1
	shows "src/d.img: missing"
	shows "DIFFERS, of the selected entries: 1 missing, 3 entries hold; "
	# A name may contain any byte.
	for name in $'new\nline' $'\xff' ' ' '*' $'\r' ; do echo "$name" >"package/$name"; done
	printf '%s\0' $'new\nline' $'\xff' ' ' '*' $'\r' >list0
	try "$SPARSESUM" hash -rz --files-from=list0 -0 package
	[ "$(tr '\0' '\n' <"$scratch/out" | wc -l)" -eq 6 ]
}

# rsync itself says which names a list has.
@test "--files-from: line endings, empty lines and comments, as rsync reads them" {
	local names
	command -v rsync >"$scratch/where" || skip "rsync is not installed"
	mkdir package
	for name in a b '#c' ';d' ' e' 'f ' 'g#'; do echo x >"package/$name"; done
	while IFS= read -r list; do
		printf "$list" >list
		rm -rf copy
		mkdir copy
		rsync -a --files-from=list package copy
		names=$(cd copy && find . -type f -printf '%P,' | tr ',' '\n' | sort)
		try "$SPARSESUM" hash -r --files-from=list package
		ends_with 0
		[ "$(sed 's,^[^ ]*  package/,,' "$scratch/out" | sort)" = "$names" ] || fail "rsync takes $names"
	done <<-'END'
		a\r\nb\r\n
		a\r\nb
		a\rb\r
		a\n\nb\n\n
		\r\n\r\na\r\n
		# a\nb\n;a\n
		#c\na\n;d\n
		./#c\n./;d\n
		 e\nf \ng#\n
	END
	# PowerShell writes a byte order mark, and UTF-16.
	printf '\357\273\277a\r\nb\r\n' >list
	try "$SPARSESUM" hash -r --files-from=list package
	ends_with 0
	[ "$(wc -l <"$scratch/out")" -eq 2 ]
	printf 'a\r\nb\r\n' | iconv -t UTF-16 >list
	try "$SPARSESUM" hash -r --files-from=list package
	[ "$status" -ne 0 ]
	warns "list: is in UTF-16"
	# The lines of messages are those of the file; names that end in NUL have no comments.
	printf '# x\r\n\r\na\r\ngone\r\n' >list
	try "$SPARSESUM" hash -r --files-from=list package
	warns "list:4: gone: no selected entry has this name"
	printf '#c\0;d\0' >list
	try "$SPARSESUM" hash -r -0 --files-from=list package
	ends_with 0
	printf '\0' >list
	try "$SPARSESUM" hash -r -0 --files-from=list package
	warns "list:1: '': not a plain name below the directory"
}

@test "--files-from: a missing name is an error with file and line" {
	make_package
	printf '%s\n' b.txt gone src/gone >'a list'
	for words in 'create package' 'verify package' 'compare package package' 'hash -r package'; do
		[[ $words != verify* ]] || "$SPARSESUM" create -q package >"$scratch/out"
		try "$SPARSESUM" $words --files-from='a list'
		[[ $words == hash* ]] && ends_with 1 || ends_with 2
		warns "'a list':2: gone: no selected entry has this name"
		warns "'a list':3: src/gone: no selected entry has this name"
		[[ $words != create* ]] || [ ! -e package/SHA1SUMS ]
	done
	try "$SPARSESUM" verify --files-from=none package
	ends_with 2
	complains "sparsesum: none: No such file or directory"
	try "$SPARSESUM" verify --files-from=/dev/null package
	ends_with 2
	complains "sparsesum: /dev/null: contains no names"
	try "$SPARSESUM" verify -0 package
	ends_with 2
	warns "-0 needs --files-from"
}

@test "--files-from: hostile names are refused, as in manifests" {
	make_package
	mkdir outside
	ln -s ../outside package/out
	touch outside/x
	cases=0
	for name in /etc/passwd ../outside/x a/../b.txt . .. ./ a//b src/ // src/. ; do
		printf 'b.txt\n%s\n' "$name" >list
		for words in 'create package' 'verify package' 'compare package package' 'hash -r package'; do
			try "$SPARSESUM" $words --files-from=list
			[ "$status" -ne 0 ] || fail "$name"
			warns "list:2: "
			warns "not a plain name below the directory"
			cases=$((cases + 1))
		done
	done
	printf 'b.txt\0\n' >list
	try "$SPARSESUM" hash -r --files-from=list package
	warns "list:1: b.txt: not a plain name below the directory"
	printf 'out/x\n' >list
	try "$SPARSESUM" hash -r --files-from=list package
	warns "list:1: out/x: no selected entry has this name"
	tried 27 $cases
}

@test "bags and foreign lists cannot be verified with a selection" {
	make_package
	rm package/link
	rmdir package/empty
	mkdir bag && mv package bag/data
	"$SPARSESUM" create -q --format=bagit bag >"$scratch/out"
	try "$SPARSESUM" verify --exclude=x bag
	ends_with 2
	warns "is verified as a whole"
	try "$SPARSESUM" create --format=bagit --exclude=x bag
	ends_with 2
	warns "do not apply to bags"
}
