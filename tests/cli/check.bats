#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `sparsesum check` and `sha1sum --check` have the same verdicts, warnings and exit status.

load ../support/helpers

@test "files that match are OK" {
	make_files
	with_all_options good
	ends_with 0
}

@test "files that do not match are FAILED and counted" {
	make_files
	with_all_options bad
	ends_with 1
	sed "s/^[0-9a-f]*/$nothing/" good >worse
	with_single_options worse
}

@test "missing files are reported, or ignored with --ignore-missing" {
	make_files
	cat gone good >some
	with_all_options some
	with_single_options gone
	cat gone gone bad >all-sorts
	with_single_options all-sorts
}

@test "a path below a file is missing, but is not ignored" {
	make_files
	echo "$nothing  a/below" | cat - good >manifest
	with_single_options manifest
	ends_with 1
}

@test "directories and files without permission are read errors" {
	make_files
	mkdir directory
	ln -s loop loop
	printf '%s  %s\n' "$nothing" directory "$nothing" loop | cat - good >manifest
	with_single_options manifest
}

@test "unusual names are quoted in verdicts and messages" {
	names=('a b' "it's" 'say "x"' $'tab\there' $'latin\xe9' ' lead' 'trail ' '*star' 'umläut' 'a:b' 'c: OK')
	for name in "${names[@]}"; do printf %s "$name" >"$name"; done
	sha1sum "${names[@]}" >manifest
	same manifest
	ends_with 0
	sed 's/  \(.\)/  gone-\1/' manifest >missing
	same missing
	cp manifest 'm b'
	cp /dev/null 'empty manifest'
	same 'm b' 'empty manifest' 'missing manifest' $'missing\nmanifest'
}

@test "the name - is standard input, except if the manifest is" {
	make_files
	input=a
	printf '%s  -\n' "$(digest_of a)" >manifest
	with_single_options manifest
	ends_with 0
	cat manifest good manifest >longer
	with_single_options longer
	input=manifest
	with_single_options
	ends_with 1
}

@test "the manifest may be standard input" {
	make_files
	cat bad gone <(echo rubbish) >manifest
	input=manifest
	with_single_options
	with_single_options -
	with_single_options - good
	with_single_options - -
}

@test "several manifests are checked in order, and all must hold" {
	make_files
	mkdir directory
	echo rubbish | cat - bad gone >manifest
	with_all_options good manifest good
	ends_with 1
	same good good
	ends_with 0
	with_single_options good missing-manifest directory bad
	ends_with 1
}

@test "with each algorithm, check behaves like the coreutils program" {
	make_files
	for algorithm in sha224 sha256 sha384 sha512; do
		{ "${algorithm}sum" a image; "${algorithm}sum" --tag b; cat good gone; } >manifest
		for options in '' --warn --strict; do
			# shellcheck disable=SC2086 # one option or none
			same_by $algorithm $options manifest
		done
	done
}

@test "with any number of threads, verdicts are in the order of the lines" {
	for i in {1..40}; do
		noise $((i % 5 == 0 ? 2000000 : i)) >"file$i"
		sha1sum "file$i"
		echo "$nothing  missing$i"
	done >manifest
	try sha1sum --check manifest
	mv "$scratch/out" "$scratch/their-out"
	for threads in 1 2 7; do
		try "$SPARSESUM" check -j$threads manifest
		ends_with 1
		diff "$scratch/their-out" "$scratch/out"
	done
}
