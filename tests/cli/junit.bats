#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --junit=FILE: one test suite per run, one test case per entry.

load ../support/helpers

# Fail unless the file is well-formed JUnit XML, and its counts (tests, failures, errors, skipped) are $2 and
# match its test cases.
counts() {
	command -v xmllint >"$scratch/where" || skip "no xmllint here"
	xmllint --noout --schema "$root/tests/data/junit.xsd" "$1" 2>"$scratch/lint" || fail "$(cat "$scratch/lint")"
	for path in testcase failure error skipped; do
		printf '%s ' "$(xmllint --xpath "count(//$path)" "$1")"
	done >"$scratch/counted"
	[ "$(cat "$scratch/counted")" = "$2 " ] || fail "counted $(cat "$scratch/counted"), not $2"
	for name in tests failures errors skipped; do
		printf '%s ' "$(xmllint --xpath "string(/testsuite/@$name)" "$1")"
	done | diff "$scratch/counted" - || fail "the report and its counts differ"
}

make_package() {
	mkdir -p package/d
	for name in a b d/c gone; do echo "$name" >"package/$name"; done
	"$SPARSESUM" create -q package >"$scratch/hash"
}

@test "entries that hold pass; those that differ, are missing or extra fail, with the reason" {
	make_package
	try "$SPARSESUM" verify --junit=all.xml package
	ends_with 0
	counts all.xml "5 0 0 0"
	damage package/b 0
	rm package/gone
	echo new >package/new
	try "$SPARSESUM" verify package
	cp "$scratch/out" text
	try "$SPARSESUM" verify --junit=all.xml package
	ends_with 1
	diff <(sed '$d' text) <(sed '$d' "$scratch/out")
	counts all.xml "6 3 0 0"
	[ "$(xmllint --xpath 'string(//testcase[@name="b"]/failure/@type)' all.xml)" = differs ]
	[ "$(xmllint --xpath 'string(//testcase[@name="gone"]/failure/@type)' all.xml)" = missing ]
	[ "$(xmllint --xpath 'string(//testcase[@name="new"]/failure/@type)' all.xml)" = extra ]
	# The texts of all failures are the printed output, except for its first and last line.
	xmllint --xpath '//failure/text()' all.xml | sed '/^$/d' | sort | diff <(sed '1d; $d' text | sort) -
	try "$SPARSESUM" verify --json -q --allow-extra --junit=all.xml package
	counts all.xml "6 2 0 1"
}

@test "undecided entries are errors, and a failed run never passes" {
	make_package
	echo rubbish >>package/SHA1SUMS
	try "$SPARSESUM" verify --junit=all.xml package
	ends_with 2
	counts all.xml "6 0 1 0"
	rm package/SHA1SUMS
	try "$SPARSESUM" verify --junit=all.xml package
	ends_with 2
	counts all.xml "1 0 1 0"
	mkdir bag && mv package bag/data
	"$SPARSESUM" create -q --format=bagit bag >"$scratch/hash"
	echo rubbish >>bag/manifest-sha512.txt
	try "$SPARSESUM" verify --junit=all.xml bag
	[ "$status" -ne 0 ]
	command -v xmllint >"$scratch/where" || skip "no xmllint here"
	[ "$(xmllint --xpath 'count(//error | //failure) > 0' all.xml)" = true ]
}

# The only error, or failure, of a failed run has the message from standard error.
reason_is_said() { # status, command ...
	local due=$1
	shift
	echo "of an earlier run" >all.xml
	try "$SPARSESUM" "$@" --junit=all.xml
	ends_with "$due"
	counts all.xml "1 0 1 0"
	warns "$(xmllint --xpath 'string(//error)' all.xml)"
	[ "$(xmllint --xpath 'string(//error)' all.xml)" = "$reason" ] || fail "the reason differs: $(cat all.xml)"
}

@test "the report has the reason why a run failed" {
	make_package
	mkdir none
	touch nothing
	reason="gone: No such file or directory"
	reason_is_said 2 verify gone
	reason_is_said 2 verify -m gone package
	reason_is_said 2 compare gone package
	reason_is_said 2 compare package gone
	reason_is_said 2 compare package/a gone
	reason="package/d: Is a directory" reason_is_said 2 verify -m package/d package
	reason="nothing: unknown digest algorithm" reason_is_said 2 verify -m nothing package
	reason="none: no manifest here (looked for SHA1SUMS, SHA224SUMS, SHA256SUMS, SHA384SUMS, SHA512SUMS); check the directory, or name the manifest with -m" \
		reason_is_said 2 verify none
	reason="package: nothing is selected" reason_is_said 2 verify --exclude='*' package
	reason="the content hash has 20 bytes, but no manifest here has digests of that length"
	mv package/SHA1SUMS sha1 && (cd package && sha256sum a >SHA256SUMS)
	reason_is_said 2 verify --content-hash="$nothing" package
}

# Run a command that cannot write any file, as on a full disk; prints its output.
without_room() {
	(trap '' XFSZ && ulimit -f 0 && exec "$@") 2>&1 | cat
	return "${PIPESTATUS[0]}"
}

@test "if the report cannot be written, the message names it, and the package is not reported as verified" {
	make_package
	mkdir out
	try without_room "$SPARSESUM" verify --junit=out/all.xml package
	ends_with 2
	shows "out/all.xml: could not write the JUnit report: File too large"
	output_lacks VERIFIED
	damage package/b 0
	try without_room "$SPARSESUM" verify --junit=out/all.xml package
	ends_with 1
	shows "out/all.xml: could not write the JUnit report: File too large"
	[ -z "$(ls -A out)" ]
}

@test "the report does not overwrite a manifest" {
	make_package
	sha1sum package/a | sed 's,package/,,' >list
	cp list before
	try "$SPARSESUM" verify -m list --junit=list --allow-extra package
	ends_with 2
	warns "--junit would overwrite the manifest list; name another file"
	cmp list before
}

@test "a failure has its cause with any output options" {
	make_package
	mv package/a x && mv package/b package/a && mv x package/b
	for options in '' --json -q --repair-list '--repair-list --json'; do
		# shellcheck disable=SC2086 # words
		try "$SPARSESUM" verify $options --junit=all.xml package
		ends_with 1
		counts all.xml "5 2 0 0"
		[[ $(xmllint --xpath 'string(//testcase[@name="a"]/failure)' all.xml) == *"the content is that of another entry: b"* ]] ||
			fail "no cause with $options"
	done
}

@test "names with any byte make well-formed XML" {
	mkdir package
	for ((byte = 1; byte < 256; byte++)); do
		printf -v name %b "byte \\x$(printf %02x $byte)"
		[ $byte -eq 47 ] || echo >"package/$name"
	done
	touch package/$'\xef\xbf\xbf' package/$'\xed\xa0\x80' package/']]>' package/'&amp;<!--'
	try "$SPARSESUM" create -q -o list package
	try "$SPARSESUM" verify -m list --junit=all.xml package
	ends_with 0
	counts all.xml "259 0 0 0"
	rm package/*
	try "$SPARSESUM" verify -m list --no-explain --junit=all.xml package
	ends_with 1
	counts all.xml "259 258 0 0"
	tried 29 259
}

@test "the report of compare, for directories and for files" {
	make_package
	cp -a package copy
	echo other >copy/b
	touch copy/more
	try "$SPARSESUM" compare -q --junit=all.xml package copy
	ends_with 1
	prints ""
	counts all.xml "6 2 0 0"
	try "$SPARSESUM" compare --junit=all.xml package/a package/a
	counts all.xml "1 0 0 0"
	try "$SPARSESUM" compare --junit=all.xml package/b copy/b
	counts all.xml "1 1 0 0"
}

@test "the report is refused if it would be an extra file or replace an entry" {
	make_package
	for file in package/all.xml package/d/../all.xml "$PWD/package/d/all.xml"; do
		try "$SPARSESUM" verify --junit="$file" package
		ends_with 2
		warns "which this command reads; name a file elsewhere"
		[ ! -e "$file" ]
	done
	try "$SPARSESUM" compare --junit=package/a package/a package/b
	ends_with 2
	[ "$(cat package/a)" = a ]
	try "$SPARSESUM" verify --junit=none/all.xml package
	ends_with 2
	warns "none/all.xml: No such file or directory"
	mkfifo fifo
	try "$SPARSESUM" verify --junit=fifo package
	ends_with 2
	warns "fifo: not a regular file"
	[ -p fifo ]
	[ -z "$(find . -name '.*tmp*')" ]
}
