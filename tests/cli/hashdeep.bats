#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Lists of hashdeep. The expected results are those of hashdeep -a.

load ../support/helpers

make_files_of() {
	command -v hashdeep >/dev/null || skip "hashdeep is not installed"
	mkdir -p package/sub/deep package/empty
	printf abc >package/a
	printf def >package/sub/b
	printf ghi >'package/c, d'
	printf jkl >package/sub/deep/back\\slash
	touch package/nothing
	truncate -s 100K package/image
	damage package/image 50000
}

list_files() { (cd package && hashdeep -r -l . >../list); }

# Print the counts of hashdeep -a, in the order of sparsesum's verdicts.
audit() {
	(cd package && hashdeep -a -v -r -l -k ../list .) >"$scratch/audit" || true
	awk -F: '/Files matched/ { a = $2 } /Files moved/ { b = $2 } /New files/ { c = $2 } /not found/ { d = $2 }
		END { print a + 0, b + 0, c + 0, d + 0 }' "$scratch/audit"
}

@test "a list is recognised by its first line" {
	make_files_of
	list_files
	(cd package && hashdeep -r . >../absolute)
	hashdeep -r -l package >above
	(cd package && hashdeep -c md5,sha1,sha256 -r -l . >../three)
	for list in list absolute above three; do
		try "$SPARSESUM" verify -m $list package
		ends_with 0
		grep -qE '^package: hashdeep 1.0 list, md5(, sha1)?, sha256$' "$scratch/out" || fail "the format is not reported"
		shows "VERIFIED: 6 entries hold"
		shows_line "hashdeep: audit passed: 6 matched, 0 moved, 0 new, 0 missing"
	done
	cp list package
	try "$SPARSESUM" verify -m package/list package
	ends_with 0
	rm package/list
	cp -r package elsewhere
	try "$SPARSESUM" verify -m list elsewhere
	ends_with 0
	try "$SPARSESUM" verify -m absolute elsewhere
	ends_with 2
	shows "is not below elsewhere"
}

@test "the counts of verify are those of hashdeep -a" {
	local damage counts
	make_files_of
	list_files
	mv package original
	while IFS= read -r damage; do
		cp -r original package
		(cd package && eval "$damage")
		counts=$(audit)
		try "$SPARSESUM" verify --json -m list package
		[ "$counts" = "6 0 0 0" ] && ends_with 0 || ends_with 1
		[ "$(jq -r 'select(.type == "summary") | .audit | "\(.matched) \(.moved) \(.new) \(.missing)"' "$scratch/out")" = "$counts" ] ||
			fail "$damage: hashdeep counts $counts"
		rm -r package
	done <<-'END'
		:
		printf abd >a
		printf abcd >a
		rm a
		mv a elsewhere
		mv sub/b sub/deep/b
		touch -d 1999-01-01 a; chmod 600 a; rmdir empty
		printf new >new
		mv a elsewhere; printf xyz >sub/b; printf new >new; rm 'c, d'
		damage image 70000
	END
}

@test "the size and every digest of a line must hold" {
	make_files_of
	rm -r package/*
	printf abc >package/a
	list_files
	sed -n '/^3,/!p' list >head
	IFS=, read -r size md5 sha256 name < <(tail -n 1 list)
	for line in "4,$md5,$sha256,$name" "3,${md5%?}0,$sha256,$name" "3,$md5,${sha256%?}0,$name"; do
		{ cat head; echo "$line"; } >list
		try "$SPARSESUM" verify -m list package
		ends_with 1
		shows "a: differs"
	done
	tried 37 3
}

@test "invalid lists and lists of files elsewhere are undecided" {
	local name count=0
	make_files_of
	rm -r package/*
	printf abc >package/a
	printf abc >outside
	list_files
	cp list good
	fields=$(tail -n 1 list | cut -d , -f 1-3)
	refused() {
		try timeout 20 "$SPARSESUM" verify --format=hashdeep -m list package
		cp good list
		ends_with 2
		shows "list"
		count=$((count + 1))
	}
	for name in ../outside ./../outside "$PWD/outside" /etc/passwd a/../a a//b ./ . '' a; do
		echo "$fields,$name" >>list
		refused
	done
	for line in nonsense "$fields" ",,,a" "x$fields,b" "-1,${fields#*,},b" "99999999999999999999,${fields#*,},b" \
		"3,abc,${fields##*,},b" "${fields%?},b"; do
		echo "$line" >>list
		refused
	done
	printf '%s,a\0b\n' "$fields" >>list
	refused
	sed -i 's/md5/sha0/' list && refused
	sed -i 's/md5/tiger/' list && refused
	sed -i 's/size,//' list && refused
	sed -i 's/,filename//' list && refused
	sed -i 2d list && refused
	sed -i 's/HASHDEEP-1.0/HASHDEEP-2.0/' list && refused
	printf '\377\376%%' >list && refused # not UTF-16
	: >list && refused
	head -n 5 good >list
	try "$SPARSESUM" verify -m list package
	[ "$status" -ne 0 ]
	[ "$count" -eq 27 ]
	tried 27 8
	tried 30 18
}

@test "lines may end in CR LF" {
	make_files_of
	list_files
	sed -i 's/$/\r/' list
	try "$SPARSESUM" verify -m list package
	ends_with 0
}

@test "names with newlines" {
	local count
	make_files_of
	for name in $'new\nline' $'new\n\n##\n' $'\n' $'sub/x\ny' new; do
		printf '%s' "$name" >package/"$name"
	done
	list_files
	count=$(find package -type f -printf x | wc -c)
	try "$SPARSESUM" verify -m list package
	ends_with 0
	shows "VERIFIED: $count entries hold"
	printf x >package/$'new\nline'
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "differs"
	# The lines after the first may be part of a name, or damage: nothing is proven.
	rm package/$'new\nline'
	try "$SPARSESUM" verify -m list package
	ends_with 2
	grep -qE '^list:[0-9]+: ' "$scratch/out" || fail "no line is named"
	printf new >package/new
	sed -i '/new$/,$d' list
	hashdeep -rl package/new | tail -n 1 >>list
	echo 'no entry' >>list
	try "$SPARSESUM" verify -m list package
	ends_with 2
}

@test "a newline in the command line of the header" {
	make_files_of
	printf x >package/$'new\nline'
	(cd package && hashdeep -l ./* >../list) 2>"$scratch/where" || true
	grep -qx "line .*\|line" list || fail "the header has no such line"
	rm -r package/sub package/empty
	try "$SPARSESUM" verify -m list package
	ends_with 0
	printf abd >package/a
	try "$SPARSESUM" verify -m list package
	ends_with 1
	printf abc >package/a
	sed -i '/^## *$/a rubbish' list # after the header
	try "$SPARSESUM" verify -m list package
	ends_with 2
}

@test "lists of pieces: files in one piece are verified, of others only the size" {
	make_files_of
	(cd package && hashdeep -p 30k -r -l . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "list: 1 file is listed in pieces (hashdeep -p)"
	shows "hashdeep: audit undecided: 6 matched"
	sed -i '/hashdeep -p/d' list # by the lines alone
	try "$SPARSESUM" verify -m list package
	ends_with 2
	mv package original
	while IFS='|' read -r due damage; do
		cp -r original package
		(cd package && eval "$damage")
		try "$SPARSESUM" verify -m list package
		ends_with "$due"
		rm -r package
	done <<-'END'
		2|damage image 70000
		1|truncate -s 101K image
		1|rm image
		1|printf abd >a
		1|printf abcd >a
		1|printf x >nothing
		1|touch new
		1|rm sub/b
	END
	cp -r original package
	rm package/image
	(cd package && hashdeep -p 30k -r -l . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 0
	# With one piece missing, or twice, it is not known what is listed.
	cp -r original/image package
	(cd package && hashdeep -p 30k -r -l . >../list)
	sed '/offset 30720-/d' list >lacking
	sed '/offset 30720-/p' list >twice
	sed 's/offset 30720-61439/offset 30720-61438/' list >shorter
	sed 's/ offset 30720-61439//' list >none
	for list in lacking twice shorter none; do
		try "$SPARSESUM" verify -m $list package
		ends_with 2
	done
	# A file may have such a name.
	rm -r package/*
	printf x >'package/x offset 0-0'
	list_files
	try "$SPARSESUM" verify -m list package
	ends_with 0
	sed -i '/hashdeep -r/d' list
	try "$SPARSESUM" verify -m list package
	ends_with 0
}

@test "lists with a byte order mark, and in UTF-16" {
	make_files_of
	list_files
	printf '\357\273\277' | cat - list >marked
	iconv -t UTF-16 list >utf16
	{ printf '\376\377'; iconv -t UTF-16BE list; } >utf16be
	sed 's/$/\r/' list | iconv -t UTF-16 >powershell
	for list in marked utf16 utf16be powershell; do
		try "$SPARSESUM" verify -m $list package
		ends_with 0
		shows "VERIFIED: 6 entries hold"
	done
	printf abd >package/a
	try "$SPARSESUM" verify -m powershell package
	ends_with 1
}

@test "lists that were made on Windows" {
	local start
	make_files_of
	rm package/sub/deep/back*
	list_files
	for start in 'C:\files' 'C:\' '\\server\share\files\'; do
		sed -E "s/^## Invoked.*/## Invoked from: ${start//\\/\\\\}/; s/^## [#\$] /## C:\\\\> /; /^[0-9]/s,/,\\\\,g; s/$/\r/" list >relative
		grep -q 'sub\\b' relative
		sed "s/,\\.\\\\/,${start//\\/\\\\}\\\\/" relative | sed 's/\([a-z:]\)\\\\/\1\\/2g' >absolute
		for list in relative absolute; do
			try "$SPARSESUM" verify -m $list package
			ends_with 0
			shows "VERIFIED: 5 entries hold"
		done
	done
	printf deg >package/sub/b
	try "$SPARSESUM" verify -m relative package
	ends_with 1
}

@test "columns of unknown algorithms are undecided, the others are verified" {
	make_files_of
	(cd package && hashdeep -c md5,tiger -r -l . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "list: unknown algorithm tiger"
	shows "UNDECIDED: 6 entries hold"
	printf abd >package/a
	try "$SPARSESUM" verify -m list package
	ends_with 1
	(cd package && hashdeep -c tiger,whirlpool -r -l . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 2
}

@test "names without directories, and XML, are undecided" {
	make_files_of
	(cd package && hashdeep -b -r . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "make the list without -b"
	(cd package && hashdeep -d -r . >../list)
	try "$SPARSESUM" verify -m list package
	ends_with 2
	shows "make the list without -d"
}
