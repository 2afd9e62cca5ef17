#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual pages are well-formed, and agree with --help and the headers.

load ../support/helpers
pages=$root/docs/man

commands() {
	"$SPARSESUM" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9-]*\) .*/\1/p'
}

helped() {
	"$SPARSESUM" "$1" --help | grep -E '^  (-|  +--)' | cut -c 1-28 | grep -oE -e '(^| )--?[a-zA-Z0-9-]+' | tr -d ' ' | sort
}

# The options that a page describes.
explained() {
	grep -hE '^\.It Fl' "$@" | grep -oE 'Fl -?[a-zA-Z0-9][a-zA-Z0-9-]*' | sed 's/^Fl /-/' | sort
}

needs() {
	command -v "$1" >"$scratch/where" || skip "no $1 here"
}

@test "the pages are well-formed" {
	needs mandoc
	for page in "$pages"/*.[1-9]; do
		# Pages of other packages may be missing; those of this package are checked below.
		mandoc -Tlint -Wstyle "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'mandoc.db' |
			grep . && fail "$page"
		grep -q '^\.Sh SEE ALSO' "$page" || fail "$page has no section SEE ALSO"
	done
}

@test "pages refer only to existing pages" {
	[ "$(grep -ohE '^\.Xr sparsesum\S* [0-9]' "$pages"/*.[1-9] | sort -u | wc -l)" -gt 8 ]
	while read -r _ name section _; do
		[ -e "$pages/$name.$section" ] || fail "no $name($section)"
	done < <(grep -ohE '^\.Xr sparsesum\S* [0-9]' "$pages"/*.[1-9] | sort -u)
}

@test "each command has a page listed in sparsesum(1), and there are no other pages" {
	[ "$(commands | wc -l)" -gt 5 ]
	for command in $(commands); do
		grep -q "^\.Xr sparsesum-$command 1" "$pages/sparsesum.1" || fail "$command"
		grep -q "^\.It Cm $command\b" "$pages/sparsesum.1" || fail "$command"
	done
	diff <(commands | sort) <(cd "$pages" && ls sparsesum-*.1 | sed 's/sparsesum-\(.*\)\.1/\1/' | sort) ||
		fail "'<' has no page, '>' is no command"
}

@test "each command's options match its page and sparsesum(1)" {
	[ "$(explained "$pages/sparsesum.1" | wc -l)" -gt 5 ]
	for command in $(commands); do
		diff <(helped "$command") <(explained "$pages/sparsesum-$command.1" "$pages/sparsesum.1") ||
			fail "'<' is missing in sparsesum-$command.1 (or, if all commands have it, in sparsesum.1), '>' too much"
	done
}

# Each header with its page.
header_pages() {
	printf '%s\n' 'sparsesum.h sparsesum.3' 'sparsesum/package.h sparsesum-package.3' \
		'sparsesum/receiver.h sparsesum-receiver.3'
}

# Compare without blanks, because the page and the header wrap lines differently.
prototypes_of_header() {
	sed '/^#/d' "$root/include/$1" | tr '\n' ' ' | grep -oE 'SSUM_API [^;{}]*\bssum_[a-z_]*\([^;]*\);' |
		sed 's/^SSUM_API//' | tr -d ' \t' | sort
}
prototypes_of_page() {
	awk '
		/^\.Ft / { gsub(/^\.Ft |"/, ""); text = $0 }
		/^\.Fo / { text = text $2 "("; comma = "" }
		/^\.Fa / { gsub(/^\.Fa |"/, ""); text = text comma $0; comma = "," }
		/^\.Fc/ { print text ");" }' "$pages/$1" | tr -d ' \t' | sort
}

@test "the header pages have every exported function with its prototype" {
	while read -r header page; do
		[ "$(prototypes_of_header "$header" | wc -l)" -gt 5 ]
		diff <(prototypes_of_header "$header") <(prototypes_of_page "$page") || fail "run: make derived"
	done < <(header_pages)
	while read -r name; do
		grep -q "^\.It Fn $name$" "$pages"/sparsesum*.3 || fail "$name is not described"
	done < <(sed -n 's/^[[:space:]]*\(ssum_[a-z_]*\);$/\1/p' "$root/lib/libsparsesum.map")
}

words() {
	grep -oE '[A-Za-z_]{3,}' | sort -u
}

@test "the pages match the headers" {
	needs python3
	while read -r header page; do
		"$pages/from_header" "$root/include/$header" "$pages/$page.in" >"$scratch/made"
		diff "$pages/$page" "$scratch/made" || fail "run: make derived"
		# The comparison does not find text that was lost, so check that each word of the
		# comments is in the page.
		diff <(sed '1,/^extern "C"/d; /^#\(if\|else\|endif\|define SSUM_API\)/d; s/^SSUM_API//' \
			"$root/include/$header" | words) <(words <"$pages/$page") |
			grep '^<' && fail "words of the header are missing in the page"
	done < <(header_pages)
	return 0
}

@test "the program in sparsesum(3) hashes" {
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$pages/sparsesum.3" | sed '1,/^\.Bd/d; /^\.Ed/d; s/\\e/\\/g' >program.c
	${CC:-cc} ${SANITIZE:+-fsanitize=$SANITIZE} ${COVERAGE:-} -Wall -Werror -I"$root/include" program.c "$BUILD/libsparsesum.a" \
		-lcrypto -pthread -o program
	seq 9 >file
	[ "$(./program file)" = "$(sha256sum file)" ]
}
