#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `sparsesum check` and `sha1sum --check` accept and refuse the same lines.

load ../support/helpers

@test "improper lines are counted, and their numbers are reported with --warn" {
	make_files
	{
		sed -n 1p good
		echo "no digest at all"
		echo "${nothing%?}  one-short"
		echo "${nothing}0  one-more"
		echo "g${nothing#?}  not-hex"
		echo "$nothing"
		echo "$nothing "
		echo " "
		echo "SHA256 (a) = $nothing"
		sed -n 2p good
	} >manifest
	with_all_options manifest
	sed 2d good | sed '1s/^/xx/' >one
	with_single_options one
}

@test "comments and empty lines are ignored" {
	make_files
	{ echo "# a comment"; echo; cat good; echo "#"; printf '\r\n'; } >manifest
	with_single_options manifest
	printf '# comment\n\n' >none
	with_single_options none
	printf ' # indented\n' | cat - good >indented
	with_single_options indented
}

@test "a manifest without a proper line fails even with --status" {
	make_files
	touch manifest
	with_all_options manifest
	ends_with 1
	printf 'x\ny\n' >rubbish
	with_single_options rubbish
	ends_with 1
	with_single_options /dev/null
}

@test "tagged lines are accepted; those of another algorithm are improper" {
	make_files
	sha1sum --tag a b 'c d' >manifest
	with_single_options manifest
	digest=$(digest_of a)
	{
		echo "SHA1(a)= $digest"
		echo "SHA1 (a)=$digest"
		echo "SHA1  (a) = $digest"
		echo "sha1 (a) = $digest"
		echo "SHA1 (a) = $digest "
		echo "SHA1 (a) =   $digest"
		echo "  SHA1 (a)	=	$digest"
		echo "SHA1 (a) = ${digest^^}"
		echo "SHA1 (a)b) = $digest"
		echo "SHA1 (a = $digest"
		echo "SHA1 () = $digest"
		echo "SHA1 (a) = ${digest}0"
		echo "SHA256 (a) = $(digest_of a sha256)"
	} >forms
	with_single_options forms
}

@test "escaped names are accepted; lines with invalid escapes are improper" {
	names=($'new\nline' 'back\slash' $'both\\\n' 'plain')
	for name in "${names[@]}"; do printf %s "$name" >"$name"; done
	sha1sum "${names[@]}" >manifest
	same manifest
	ends_with 0
	sha1sum --tag "${names[@]}" >tagged
	same tagged
	# shellcheck disable=SC2028 # the backslashes are meant
	{
		echo "\\$nothing  a\\"
		echo "\\$nothing  a\\t"
		echo "$nothing  a\\nb"
		echo "\\$nothing  plain"
	} >wrong
	with_single_options wrong
}

@test "the reversed BSD form is accepted if the first line has it" {
	make_files
	printf '%s %s\n' "$(digest_of a)" a "$(digest_of b)" b >reversed
	with_single_options reversed
	cat good reversed >mixed
	with_single_options mixed
	cat reversed good >mixed-too
	with_single_options mixed-too
	printf ' x' >' x'
	{ cat reversed; printf '%s  x\n' "$(digest_of ' x')"; } >blank
	with_single_options blank
}

@test "lines may end in CR LF, and the last line may lack a newline" {
	make_files
	sed 's/$/\r/' good >crlf
	with_single_options crlf
	printf %s "$(cat good)" >open
	with_single_options open
	printf '\357\273\277' | cat - good >bom
	with_single_options bom
}

@test "digests may be in upper case, lines indented, and markers binary" {
	make_files
	sed 's/^[^ ]*/\U&/' good >manifest
	sha1sum -b a b | sed 's/^/ \t/' >>manifest
	with_single_options manifest
	ends_with 0
}

@test "lines with a NUL or a very long name are improper" {
	make_files
	printf '%s\0%s  a\n' "${nothing:0:20}" "${nothing:21}" | cat - good >nul
	with_single_options nul
	printf '%s  a\0b\n' "$(digest_of a)" | cat - good >nul-in-name
	try "$SPARSESUM" check --warn nul-in-name
	ends_with 0
	prints "$(sha1sum -c good | sed "s/^c d/'&'/")"
	warns "nul-in-name: 1: improperly formatted SHA1 checksum line"
	printf '%s  %s\n' "$nothing" "$(printf 'x%.0s' {1..5000})" | cat - good >long
	with_single_options long
}
