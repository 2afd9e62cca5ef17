#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Names that changed during a transfer. Other programs make each change, and only its cause must be reported.

load ../support/helpers

other=$'Some other name'

# Make a package with the file $1 and other files, rename the file to $2, and verify the package.
arrive() {
	rm -rf package
	mkdir -p "package/$(dirname "$1")"
	printf 'the content' >"package/$1"
	printf 'x' >"package/$other"
	"$SPARSESUM" create -q package >"$scratch/made"
	mkdir -p "package/$(dirname "$2")"
	mv -T "package/$1" "package/$2"
	find package -mindepth 1 -type d -empty -delete
	printf 'unrelated' >package/unrelated
	try "$SPARSESUM" verify package
	ends_with 1
}

# After a file $1 was renamed to $2: fail unless the only reported cause is $3 with the words $4, in text and
# in JSON, and the suggested command repairs the name.
cause_is() { # listed, found, name_change, words
	arrive "$1" "$2"
	shows_line "    why       $4"
	[ "$(grep -c '^    why  ' "$scratch/out")" -eq 1 ] || fail "not exactly one cause"
	shows_line "unrelated: extra (not listed in SHA1SUMS)"
	[ "$(grep -c '^    content   that of ' "$scratch/out")" -eq 1 ] || fail "not exactly one content"
	command=$(sed -n 's/^    to do     rename it back: //p' "$scratch/out")
	try "$SPARSESUM" verify --json package
	ends_with 1
	[ "$(jq -r 'select(.verdict == "missing") | .name_change + "/" + .name_detail' "$scratch/out")" = "$3/$4" ] || fail "$3"
	[ "$(jq -r 'select(.moved_from) | .name_change + "/" + .name_detail' "$scratch/out")" = "$3/$4" ] || fail "$3"
	jq -es 'map(select(.path == "unrelated")) | length == 1 and (.[0] | has("moved_from") | not)' "$scratch/out"
	eval "$command"
	find package -mindepth 1 -type d -empty -delete
	try "$SPARSESUM" verify --allow-extra package
	ends_with 0
}

in_form() { python3 -c 'import sys, unicodedata; sys.stdout.write(unicodedata.normalize(*sys.argv[1:]))' "$1" "$2"; }

# Print the bytes of a UTF-8 name, decoded by another encoding.
read_as() { printf %s "$2" | iconv -f "$1" -t UTF-8; }

@test "re-encoded: UTF-8 read as another encoding" {
	cause_is 'naïve Größe.txt' "$(read_as CP850 'naïve Größe.txt')" re-encoded "the name was re-encoded: UTF-8 read as CP850"
	cause_is 'naïve Größe.txt' "$(read_as CP437 'naïve Größe.txt')" re-encoded "the name was re-encoded: UTF-8 read as CP437"
	cause_is 'naïve.txt' "$(read_as LATIN1 'naïve.txt')" re-encoded \
		"the name was re-encoded: UTF-8 read as Latin-1 or CP1252"
	cause_is 'Größe.txt' "$(read_as CP1252 'Größe.txt')" re-encoded "the name was re-encoded: UTF-8 read as CP1252"
	cause_is 'Größe.txt' "$(read_as LATIN1 'Größe.txt')" re-encoded "the name was re-encoded: UTF-8 read as Latin-1"
	cause_is 'größe/ähnlich/a' "$(read_as CP850 'größe/ähnlich/a')" re-encoded "the name was re-encoded: UTF-8 read as CP850"
}

@test "re-encoded: another encoding read as UTF-8" {
	cause_is "$(read_as CP850 'Größe')" Größe re-encoded "the name was re-encoded: the listed one is UTF-8 read as CP850"
	cause_is "$(read_as CP1252 'Größe')" Größe re-encoded "the name was re-encoded: the listed one is UTF-8 read as CP1252"
}

@test "re-encoded: between UTF-8 and another encoding" {
	for row in 'CP850 CP850' 'LATIN1 Latin-1 or CP1252' 'CP437 CP437'; do
		name=Ärger-ö-ô-ï-Å-ø
		[[ $row == CP437* ]] && name=π-Ω-∞-ö
		bytes=$(printf %s "$name" | iconv -f UTF-8 -t "${row%% *}")
		cause_is "$name" "$bytes" re-encoded "the name was re-encoded: from UTF-8 to ${row#* }"
		cause_is "$bytes" "$name" re-encoded "the name was re-encoded: from ${row#* } to UTF-8"
	done
	euro=$(printf '20€' | iconv -f UTF-8 -t CP1252)
	cause_is '20€' "$euro" re-encoded "the name was re-encoded: from UTF-8 to CP1252"
}

@test "re-encoded: one legacy encoding read as another, as by archivers" {
	found=$(printf 'Größe' | iconv -f UTF-8 -t CP850 | iconv -f CP1252 -t UTF-8)
	arrive Größe "$found"
	shows_line "    why       the name was re-encoded: CP437 or CP850 read as CP1252"
	found=$(printf 'Größe' | iconv -f UTF-8 -t LATIN1 | iconv -f CP850 -t UTF-8)
	arrive Größe "$found"
	shows_line "    why       the name was re-encoded: Latin-1 or CP1252 read as CP437 or CP850"
	found=$(printf 'Åø' | iconv -f UTF-8 -t CP850 | iconv -f LATIN1 -t UTF-8)
	arrive Åø "$found"
	shows_line "    why       the name was re-encoded: CP850 read as Latin-1"
}

@test "re-encoded: a decomposed name" {
	cause_is 'café ©' "$(read_as CP437 "$(in_form NFD 'café ©')")" re-encoded \
		"the name was re-encoded: UTF-8 read as CP437, in Unicode form NFD"
}

@test "Unicode forms" {
	cause_is "$(in_form NFC 'café Ångström')" "$(in_form NFD 'café Ångström')" normalization "Unicode form NFD instead of NFC"
	cause_is "$(in_form NFD 'café')" "$(in_form NFC 'café')" normalization "Unicode form NFC instead of NFD"
	cause_is "$(in_form NFC '각/é/x')" "$(in_form NFD '각/é/x')" normalization "Unicode form NFD instead of NFC"
	cause_is "$(in_form NFC 'Café')" "$(in_form NFD 'café')" normalization \
		"Unicode form NFD instead of NFC, and other upper and lower case"
}

@test "upper and lower case" {
	words="only upper and lower case differ"
	cause_is ReadMe.TXT README.txt case "$words"
	cause_is Ärger/ÖL ärger/öl case "$words"
	cause_is ΣΊΣΥΦΟΣ σίσυφος case "$words"
	cause_is $'\xffABC' $'\xffabc' case "$words"
}

@test "trailing dots and spaces" {
	cause_is 'name.' name trailing "a trailing dot or space was lost"
	cause_is 'name ' name trailing "a trailing dot or space was lost"
	cause_is 'dir. /deep./name . .' 'dir/deep/name' trailing "a trailing dot or space was lost"
	cause_is 'name' 'name.' trailing "a trailing dot or space was added"
}

@test "percent-encoding" {
	name='50% of é?.txt'
	encoded=$(jq -nr --arg name "$name" '$name | @uri')
	cause_is "$name" "$encoded" percent-encoding "the name was percent-encoded"
	cause_is "$encoded" "$name" percent-encoding "the name was percent-decoded"
	cause_is 'a b' 'a+b' percent-encoding "the name was percent-encoded"
	cause_is 'a/b c' 'a%2Fb%20c' percent-encoding "the name was percent-encoded"
}

@test "moved, renamed, and both at once" {
	cause_is a/b/name c/name moved "it was moved to another directory"
	cause_is name a/name moved "it was moved to another directory"
	cause_is name eman renamed "it was renamed"
	cause_is a/name b/eman renamed "it was moved to another directory and renamed"
	cause_is a/Name b/name case "only upper and lower case differ; and it was moved"
}

@test "the command to rename back is safe for any name" {
	for name in $'new\nline' "it's" 'a "b"' "'\"" '$(touch evil)' '`touch evil`' '{a,b}' '*' '-f' '~' $'\e[31m\xff' $'\xe2\x80\xae' 'a;b' '!x' '#x' '\' $'tab\t'; do
		cause_is "$name" plain renamed "it was renamed"
		cause_is plain "$name" renamed "it was renamed"
	done
	[ ! -e evil ]
	cause_is $'a\n\'/x' "it's {1,2}/y" renamed "it was moved to another directory and renamed"
}

@test "names with control characters or invalid encoding are printed escaped" {
	arrive $'a\e[31m\xff' $'b\e[32m\xfe\xe2\x80\xae'
	if LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f\xff\xfe]' "$scratch/out"; then fail "an unescaped character"; fi
	if grep -q $'\xe2\x80\xae' "$scratch/out"; then fail "an unescaped character"; fi
	try "$SPARSESUM" verify --json package
	jq -es 'map(select(.moved_to)) | .[0].moved_to_hex == "621b5b33326dfee280ae"' "$scratch/out"
	jq -es 'map(select(.moved_from)) | .[0].moved_from_hex == "611b5b33316dff"' "$scratch/out"
}

@test "a directory operand that looks like an option, or ends in a slash" {
	mkdir -- -p
	printf a >-p/a
	printf b >-p/b
	"$SPARSESUM" create -q -- -p >/dev/null
	mv -- -p/a -p/x
	try "$SPARSESUM" verify -- -p/
	ends_with 1
	eval "$(sed -n 's/^    to do     rename it back: //p' "$scratch/out")"
	try "$SPARSESUM" verify -- -p
	ends_with 0
}

make_package() {
	mkdir -p package/sub
	for name in "$@"; do
		mkdir -p "package/$(dirname "$name")"
		printf %s "content of $name" >"package/$name"
	done
	"$SPARSESUM" create -q package >/dev/null
}

hidden="hidden files were left out, as by a glob or a copy without dot files"

@test "hidden files left out: by a glob, and by a copy without dot files" {
	make_package file sub/file .hidden .git/config sub/.deep
	mkdir globbed && cp -a package/* globbed/
	try "$SPARSESUM" verify globbed
	ends_with 1
	shows_line "$hidden: 2 entries"
	mkdir copied && (cd package && find . -name '.?*' -prune -o -type f -print | cpio -pdm --quiet ../copied 2>/dev/null ||
		find . -name '.?*' -prune -o -type f -print | tar -cf - -T - | tar -xf - -C ../copied)
	try "$SPARSESUM" verify --json copied
	ends_with 1
	[ "$(jq -c 'select(.type == "cause") | [.cause, .entries]' "$scratch/out")" = '["hidden files left out",3]' ] || fail "wrong cause"
	jq -es '.[-1].type == "summary"' "$scratch/out"
	try "$SPARSESUM" verify --repair-list globbed
	output_lacks "left out"
}

@test "other missing entries are not reported as hidden files left out" {
	make_package file sub/file .hidden .git/config sub/.deep
	for names in file "file .hidden" .hidden .git/config sub/.deep; do
		rm -rf copy && cp -a package copy
		# shellcheck disable=SC2086 # several names
		(cd copy && rm -r $names)
		try "$SPARSESUM" verify copy
		ends_with 1
		output_lacks "left out"
	done
	rm -rf copy && cp -a package copy
	mv copy/.hidden copy/hidden
	rm -r copy/.git
	try "$SPARSESUM" verify copy
	shows "moved to  hidden"
	rm -r copy/sub/.deep copy/file
	try "$SPARSESUM" verify copy
	output_lacks "left out"
}

@test "a manifest that lists itself" {
	mkdir package
	printf a >package/a
	(cd package && sha1sum a SHA1SUMS >SHA1SUMS 2>/dev/null || sha1sum ./* >SHA1SUMS)
	: >package/SHA1SUMS && (cd package && touch SHA1SUMS && sha1sum ./* >../list && mv ../list SHA1SUMS)
	try "$SPARSESUM" verify package
	ends_with 1
	shows_line "SHA1SUMS: differs"
	shows_line "    why       the manifest lists itself: it cannot contain its own digest"
	shows_line "    to do     remove line 1 from SHA1SUMS, or publish again: sparsesum create package"
	[ "$(grep -c '^    why' "$scratch/out")" -eq 1 ]
	try "$SPARSESUM" verify --json package
	jq -es 'map(select(.lists_itself)) | length == 1 and .[0].path == "SHA1SUMS"' "$scratch/out"
	sed -i 1d package/SHA1SUMS
	try "$SPARSESUM" verify package
	ends_with 0
	damage package/a 0
	try "$SPARSESUM" verify package
	output_lacks "itself"
}

@test "empty files and duplicates" {
	make_package dup1 dup2 x
	: >package/empty
	cp package/dup1 package/dup2
	"$SPARSESUM" create -q package >/dev/null
	rm package/empty package/dup1
	: >package/nothing
	mv package/dup2 package/Dup2
	printf new >package/new
	try "$SPARSESUM" verify package
	ends_with 1
	shows_line "    moved to  Dup2"
	shows_line "    content   that of dup2, which is missing"
	[ "$(grep -c 'moved to' "$scratch/out")" -eq 1 ] || fail "not exactly one move"
	shows_line "nothing: extra (not listed in SHA1SUMS)"
}

@test "with 10,000 extra files the search is limited, and all are reported" {
	make_package a b
	(cd package && seq 10000 | split -l 1 -a 4 - extra && mv a zzz)
	try timeout 60 "$SPARSESUM" verify --json package
	ends_with 1
	[ "$(jq -c 'select(.verdict == "extra") | 1' "$scratch/out" | wc -l)" -eq 10001 ] || fail "not 10001 extra files"
	[ "$(jq -r 'select(.verdict == "extra") | .path' "$scratch/out" | sort -u | wc -l)" -eq 10001 ] || fail "a file was reported twice"
	[ "$(jq -c 'select(.verdict == "missing") | 1' "$scratch/out" | wc -l)" -eq 1 ] || fail "not exactly one missing file"
	(cd package && mv zzz aaa)
	try timeout 60 "$SPARSESUM" verify package
	shows "moved to  aaa"
	tried 31 1
}

@test "hints about symlinks, directories and damaged ranges" {
	mkdir -p package/empty
	ln -s "it's {a,b}" package/link
	noise 100000 >package/image
	"$SPARSESUM" create -q --checkpoints=4096 package >/dev/null
	rm package/link
	rmdir package/empty
	damage package/image 50000
	try "$SPARSESUM" verify package
	shows_line "    to do     fetch these bytes again; this lists them for curl and dd: sparsesum verify --repair-list package"
	sed -n 's/^    to do     create it again: //p' "$scratch/out" >commands
	. ./commands
	try "$SPARSESUM" verify package
	shows "1 differs, 2 entries hold;"
	ln -sfn elsewhere package/link
	try "$SPARSESUM" verify package
	eval "$(sed -n 's/^    to do     create it again: //p' "$scratch/out")"
	[ "$(readlink package/link)" = "it's {a,b}" ]
}
