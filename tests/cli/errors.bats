#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Messages for invalid command lines, and unsafe characters in messages.

load ../support/helpers

commands=(hash check create verify compare map explain)

trouble_of() {
	case $1 in hash | check) echo 1 ;; *) echo 2 ;; esac
}

# Fail unless the command line is refused: exit status $1, nothing on standard output, message $2, and a hint
# at --help.
refused() {
	local status_due=$1 message=$2
	shift 2
	try "$SPARSESUM" "$@"
	ends_with "$status_due"
	prints ""
	help="sparsesum $1 --help"
	[[ " ${commands[*]} " == *" ${1:-none} "* ]] || help="sparsesum --help"
	complains "sparsesum: $message"$'\n'"Try '$help' for more information."
}

@test "a missing command is an error; a wrong one gets a suggestion" {
	refused 2 "missing command"
	refused 2 "unknown command 'hsah'; did you mean 'hash'?" hsah
	refused 2 "unknown command 'verfy'; did you mean 'verify'?" verfy package
	refused 2 "unknown command 'Create'; did you mean 'create'?" Create
	refused 2 "unknown command 'checks'; did you mean 'check'?" checks --help
	refused 2 "unrecognized option '--json': a command comes first" --json hash
	try "$SPARSESUM" "$(printf 'x%.0s' {1..10000})"
	ends_with 2
	try "$SPARSESUM" ''
	ends_with 2
	warns "unknown command ''"
	! grep "did you mean" "$scratch/err"
}

@test "a manifest cannot be written to standard output, since it has checkpoints" {
	refused 2 "-o - does not mean standard output: use -o ./- for a file with this name" create -o - .
	[ ! -e - ]
}

@test "every command refuses unknown options and wrong values" {
	for command in "${commands[@]}"; do
		due=$(trouble_of "$command")
		refused "$due" "unrecognized option '--bogus'" "$command" --bogus
		refused "$due" "unrecognized option '--bogus=1'" "$command" --bogus=1 x
		refused "$due" "invalid option -- 'Y'" "$command" -Y
		for value in 0 x 1025 -1 '' 5x 99999999999999999999 ' 1' +1; do
			quoted=$(printf %s "$value" | sed "s/.*/'&'/")
			refused "$due" "invalid number of threads ${quoted:-''}: use 1 to 1024" "$command" -j "$value" x
		done
		for value in bogus '' AUTO; do
			refused "$due" "invalid --holes value '$value': use auto, trust, verify or read" "$command" --holes="$value"
		done
		refused "$due" "option requires an argument -- 'j'" "$command" -j
		refused "$due" "option '--holes' requires an argument" "$command" --holes
		refused "$due" "option '--json' doesn't allow an argument" "$command" --json=1
		refused "$due" "option '--version' doesn't allow an argument" "$command" --versi=1
	done
	for threads in 1 1024; do
		try "$SPARSESUM" hash -j "$threads" /dev/null
		ends_with 0
	done
}

@test "the number of operands is checked" {
	refused 2 "missing operand: create takes DIR" create
	refused 2 "extra operand 'b': create takes DIR" create a b
	refused 2 "missing operand: verify takes DIR|FILE" verify
	refused 2 "extra operand 'b c': verify takes DIR|FILE" verify a 'b c'
	refused 2 "missing operand: compare takes A B" compare a
	refused 2 "extra operand 'c': compare takes A B" compare a b c
	refused 2 "missing operand: map takes FILE" map
	refused 2 "extra operand 'b': map takes FILE" map a b
	refused 2 "missing operand: explain takes FILE DIGEST" explain a
	refused 2 "extra operand 'c': explain takes FILE DIGEST" explain a b c
}

@test "the message about an unknown algorithm lists the known ones" {
	known="use one of sha1, sha224, sha256, sha384, sha512"
	for command in hash check create verify explain; do
		for algorithm in foo '' shake128 sha1sum; do
			try "$SPARSESUM" "$command" -a "$algorithm" x
			ends_with "$(trouble_of "$command")"
			prints ""
			warns "sparsesum: unknown algorithm '$algorithm': $known"
			warns "Try 'sparsesum $command --help'"
		done
	done
	refused 1 "the algorithm sha1 is given twice" hash -a sha1 -a SHA1 x
	refused 1 "check takes one algorithm only" check -a sha1 -a sha256 x
	refused 2 "explain takes one algorithm only" explain -a sha1 -a sha256 x
	tried 37 1
}

@test "invalid digests and numbers are refused" {
	touch file
	for digest in '' xyz 123 "$(printf 'a%.0s' {1..130})" 0x da39a3ee; do
		refused 2 "'$digest' is not a digest: no algorithm has digests of this form" explain file "$digest"
	done
	for number in '' x -1 1x ' 1'; do
		refused 2 "invalid --explain value '$number': use a number of files or all" verify --explain "$number" x
	done
}

@test "options that contradict each other are refused" {
	refused 1 "--tag does not support --text mode" hash --tag -t
	refused 2 "-o names one manifest, but several algorithms write several; use one -a" create -o x -a sha1 -a sha256 .
	refused 2 "-a is the algorithm of the manifests that -m names; add -m" verify -a sha1 .
	refused 1 "option '--t' is ambiguous; possibilities: '--tag' '--text' '--threads'" hash --t
	mkdir "$scratch/x" && refused 2 "--ranges takes two files, but '$scratch/x' is a directory" compare --ranges "$scratch/x" "$scratch/x"
	[ -z "$(ls -A)" ]
}

@test "--help of each command lists each of its options, and --version the version" {
	selection="--include --exclude --files-from -0 --null"
	declare -A options=(
		[hash]="-a --algorithm -r --recursive -b --binary -t --text -z --zero --tag --checkpoints $selection"
		[check]="-a --algorithm --ignore-missing --no-checkpoints --quiet --status --strict -w --warn"
		[create]="-a --algorithm -o --output --checkpoints --no-checkpoints --format --resume
			--allow-changed --portable -q --quiet $selection"
		[verify]="-a --algorithm -m --manifest --format --content-hash --allow-extra
			--no-checkpoints --resume --explain --no-explain --repair-list -q --quiet -v --verbose --junit $selection"
		[compare]="--ranges -q --quiet --junit $selection" [map]="" [explain]="-a --algorithm")
	for command in "${commands[@]}"; do
		try "$SPARSESUM" "$command" --help
		ends_with 0
		complains ""
		mv "$scratch/out" "$scratch/help"
		# The help must list exactly the options in the table of options.
		for option in ${options[$command]} --json -j --threads --holes --progress --no-progress -h --help --version; do
			echo "$option"
		done | sort >"$scratch/expected"
		grep -E '^  (-|  +--)' "$scratch/help" | cut -c 1-28 | grep -oE -e '(^| )--?[a-z0-9-]+' | tr -d ' ' | sort |
			diff "$scratch/expected" -
		for form in "$command -h" "help $command" "$command --help --bogus"; do
			# shellcheck disable=SC2086 # several words
			try "$SPARSESUM" $form
			ends_with 0
			cmp "$scratch/help" "$scratch/out"
		done
	done
	version=$(sed -n 's/^#define SSUM_VERSION "\(.*\)"/\1/p' "$root/include/sparsesum.h")
	for form in --version 'hash --version' 'verify --version'; do
		# shellcheck disable=SC2086 # several words
		try "$SPARSESUM" $form
		ends_with 0
		[ "$(head -n 1 "$scratch/out")" = "sparsesum $version" ]
		sed 1d "$scratch/out" | grep -qxE 'built with jansson [0-9.]+, libutf8proc [0-9.]+' || fail "the version does not name the libraries"
	done
	try "$SPARSESUM" --help
	ends_with 0
	for command in "${commands[@]}"; do shows "  $command "; done
	shows "'sparsesum help COMMAND'"
	mv "$scratch/out" "$scratch/help"
	for form in -h help 'help help' 'help --help' 'help -h' '--help --help'; do
		# shellcheck disable=SC2086 # several words
		try "$SPARSESUM" $form
		ends_with 0
		cmp "$scratch/help" "$scratch/out"
	done
}

@test "the message about an unreadable or unwritable manifest has its path" {
	mkdir package && echo a >package/a
	mkdir "$scratch/state" && chmod 777 "$scratch/state"
	[ "$(id -u)" -eq 0 ] || chmod 555 package
	try as_nobody "$scratch/sparsesum" create package
	ends_with 2
	complains "sparsesum: package/SHA1SUMS: Permission denied"
	try as_nobody "$scratch/sparsesum" create package/ -a sha256 -a sha1
	complains "sparsesum: package/SHA256SUMS: Permission denied"
	chmod 755 package
	"$SPARSESUM" create -q package >/dev/null && chmod 0 package/SHA1SUMS
	try as_nobody "$scratch/sparsesum" verify package
	ends_with 2
	complains "sparsesum: package/SHA1SUMS: Permission denied"
	try as_nobody "$scratch/sparsesum" verify -m package/SHA1SUMS package
	ends_with 2
	complains "sparsesum: package/SHA1SUMS: Permission denied"
}

@test "an empty operand is visible in the message" {
	for command in hash create verify 'compare .' map 'check'; do
		# shellcheck disable=SC2086 # several words
		try "$SPARSESUM" $command ''
		ends_with "$(trouble_of "$command")"
		complains "sparsesum: '': No such file or directory"
	done
}

@test "control characters, bidi characters and invalid UTF-8 are printed escaped" {
	evil=$'\e[31m\a\r\n\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xff\xc3(\xed\xa0\x80'
	mkdir "$evil" "package $evil" package
	touch "$evil/file" "package/$evil"
	ln -s "$evil" package/link
	"$SPARSESUM" create -q package >/dev/null
	cp -a package other
	ln -sfn "x$evil" other/link
	rm "other/$evil" && mkdir "other/$evil"
	touch "other/new $evil"
	mkfifo "$evil/fifo $evil" "fifo $evil"
	sha1sum package/link 2>/dev/null >"manifest $evil" || printf 'rubbish\n' >"manifest $evil"
	printf 'da39a3ee5e6b4b0d3255bfef95601890afd80709  gone %s\n' "${evil//[$'\n\r']/}" >>"manifest $evil"
	printf 'rubbish %s\n' "$evil" >>"manifest $evil"
	cp "manifest $evil" "package $evil/SHA1SUMS"
	printf 'da39a3ee5e6b4b0d3255bfef95601890afd80709  ../%s\n' "${evil//[$'\n\r']/}" >>"package $evil/SHA1SUMS"
	while IFS='|' read -ra words; do
		words=("${words[@]//EVIL/$evil}")
		try timeout 20 "$SPARSESUM" "${words[@]}"
		cat "$scratch/err" "$scratch/out" >"$scratch/both"
		[ -s "$scratch/both" ] || fail "${words[*]@Q}: should say something"
		iconv -f UTF-8 -t UTF-8 "$scratch/both" >/dev/null || fail "${words[*]@Q}: not UTF-8"
		if grep -nP '[\x00-\x08\x0b-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]' "$scratch/both"; then
			fail "${words[*]@Q}: a raw character"
		fi
		grep -qE 'sparsesum|gone|new|link' "$scratch/both" || fail "${words[*]@Q}: says nothing of it"
	done <<-'END'
		EVIL
		-EVIL
		hash|--EVIL
		hash|-EVIL
		hash|-a|EVIL|x
		hash|-jEVIL
		hash|--holes=EVIL
		hash|missing EVIL
		hash|EVIL
		check|missing EVIL
		check|-w|manifest EVIL
		create|EVIL
		create|missing EVIL
		create|package|EVIL
		create|-o|EVIL/x/y|package
		verify|missing EVIL
		verify|EVIL
		verify|package EVIL
		verify|other
		verify|-v|package
		verify|-m|missing EVIL|package
		verify|--content-hash|EVIL|package
		compare|package|other
		compare|package|EVIL
		compare|missing EVIL|package
		compare|manifest EVIL|EVIL
		compare|fifo EVIL|manifest EVIL
		map|EVIL
		map|missing EVIL
		explain|EVIL|EVIL
		explain|missing EVIL|da39a3ee5e6b4b0d3255bfef95601890afd80709
		explain|manifest EVIL|EVIL
	END
	tried 29 1
}
