#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Output on a terminal.

load ../support/helpers
needs_signals=1

# Run a shell command on a new terminal. Its output is written to $scratch/screen.
on_terminal() {
	command -v script >/dev/null || skip "script is not installed"
	try timeout 60 script -qec "$1" "$scratch/typescript" </dev/null
	sed '1{/^Script started/d}; ${/^Script done/d}' "$scratch/typescript" >"$scratch/screen"
}

shows_match() {
	grep -aqE -e "$1" "$scratch/screen" || { cat -A "$scratch/screen"; fail "should be shown: $1"; }
}

never_shows() {
	if grep -aqE -e "$1" "$scratch/screen"; then
		cat -A "$scratch/screen"
		fail "should not be shown: $1"
	fi
}

wipe=$'\r\e\\[K'

@test "progress appears on a terminal: bytes done and total, rate, time left, the file" {
	truncate -s 40G big
	on_terminal "timeout --foreground 1.5 $SPARSESUM hash big"
	shows_match $'\r'"[0-9.]+ [KMG]iB of 40\.0 GiB  [0-9.]+ [KMG]iB/s  [0-9:]+ left  big"
	[ "$(grep -aoE $'\r[0-9.]+ [KMG]iB of' "$scratch/screen" | wc -l)" -ge 3 ]
}

@test "progress is erased before the result, and at the end" {
	truncate -s 2G big
	line="$(digest_of big)  big"
	on_terminal "$SPARSESUM hash big"
	ends_with 0
	shows_match "of 2\.0 GiB"
	shows_match "${wipe}$line"
	last=$(tr '\r' '\n' <"$scratch/screen" | grep -a . | tail -n 1)
	[[ $last == $'\e[K' || $last == $'\e[K'"$line" ]]
}

@test "progress is not shown for short runs, with --no-progress, or without a terminal" {
	truncate -s 100M short
	truncate -s 40G big
	on_terminal "$SPARSESUM hash short"
	never_shows $'\e'
	never_shows "GiB|left"
	on_terminal "timeout --foreground 1.2 $SPARSESUM hash --no-progress big"
	never_shows $'\e'
	never_shows "left"
	try timeout --foreground 1.2 "$SPARSESUM" hash big
	complains "sparsesum: interrupted"
}

@test "with --progress there are lines for a log, without control characters" {
	truncate -s 40G big
	try timeout --foreground 1.2 "$SPARSESUM" hash --progress big
	prints ""
	warns " of 40.0 GiB  "
	warns " left  big"
	if LC_ALL=C grep -q '[[:cntrl:]]' "$scratch/err"; then fail "a control character was printed"; fi
	[ "$(grep -c left "$scratch/err")" -eq 1 ]
}

@test "progress fits a narrow terminal, and unusual names are quoted" {
	name=$'wild\e[31m\a name 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字'
	truncate -s 40G "$name"
	on_terminal "stty cols 60; timeout --foreground 1.2 $SPARSESUM hash wild*"
	shows_match "left  'wild'"
	never_shows $'\e\\[31m'
	never_shows $'\a'
	tr '\r' '\n' <"$scratch/screen" | sed $'s/\e\\[K//g' | grep -a ' left ' >"$scratch/lines"
	[ -s "$scratch/lines" ]
	if grep -aE '^.{60}' "$scratch/lines"; then fail "a line is too wide"; fi
}

@test "control characters of a name are shown as ? on a terminal, and unchanged elsewhere" {
	printf abc >$'odd\e[31m\a\xff\xe2\x80\xae name'
	on_terminal "$SPARSESUM hash odd*"
	ends_with 0
	tr -d '\r' <"$scratch/screen" | grep -aqxF "$(printf abc | sha1sum | cut -d ' ' -f 1)  odd?[31m??? name"
	never_shows $'\e'
	try "$SPARSESUM" hash odd*
	prints "$(sha1sum odd*)"
	tried 29 1
}

@test "a message says how long a very large file will take, with or without a terminal" {
	truncate -s 1P enormous || skip "no file of that size can be made here"
	try timeout --foreground 1.5 "$SPARSESUM" hash enormous
	grep -qE '^sparsesum: this will take about [0-9]+ (hours|days|years): 1\.0 PiB to read at' "$scratch/err" || fail "the time should be printed"
	[ "$(grep -c 'this will take' "$scratch/err")" -eq 1 ]
	warns "sparsesum: interrupted"
	truncate -s 2300000000G eternal || skip "no file beyond 2^61 bytes can be made here"
	try timeout --foreground 10 "$SPARSESUM" hash eternal
	ends_with 1
	prints ""
	warns "eternal: "
	try timeout --foreground 1.5 "$SPARSESUM" hash -a sha512 eternal
	grep -qE 'this will take about [0-9]+ years' "$scratch/err" || fail "should be in years"
	tried 15 2
}

# Make a package with an entry for each colour.
make_damaged() {
	mkdir package
	for name in good bad gone; do printf %s $name >package/$name; done
	"$SPARSESUM" create -q package >/dev/null
	printf BAD >package/bad
	rm package/gone
	touch package/new
}

red=$'\e\\[31m' green=$'\e\\[32m' yellow=$'\e\\[33m' plain=$'\e\\[0m'

@test "verdicts have colours on a terminal: green, red and yellow" {
	make_damaged
	export TERM=xterm
	unset NO_COLOR
	on_terminal "$SPARSESUM verify -v package"
	ends_with 1
	shows_match "^good: ${green}holds$plain"
	shows_match "^bad: ${red}differs$plain"
	shows_match "^gone: ${red}missing$plain \\(listed"
	shows_match "^new: ${red}extra$plain \\(not listed"
	shows_match "^${red}DIFFERS$plain: 1 differs, 1 missing, 1 extra, 1 entry holds"
	rm package/new && printf bad >package/bad && printf gone >package/gone
	on_terminal "$SPARSESUM verify package"
	ends_with 0
	shows_match "^${green}VERIFIED$plain: 3 entries hold"
	echo rubbish >>package/SHA1SUMS
	on_terminal "$SPARSESUM verify package"
	ends_with 2
	shows_match "^${yellow}UNDECIDED$plain: "
	touch package/new
	on_terminal "$SPARSESUM verify --allow-extra package"
	shows_match "^new: ${yellow}extra$plain"
}

@test "there are no colours with NO_COLOR, on a dumb terminal, in JSON, or where there is no terminal" {
	make_damaged
	export TERM=xterm
	for settings in NO_COLOR=1 NO_COLOR=0 TERM=dumb TERM=; do
		on_terminal "$settings $SPARSESUM verify -v package"
		ends_with 1
		shows_match "^bad: differs"
		never_shows $'\e'
	done
	on_terminal "NO_COLOR= $SPARSESUM verify -v package"
	shows_match "^bad: ${red}differs$plain"
	on_terminal "env -u TERM $SPARSESUM verify -v package"
	never_shows $'\e'
	on_terminal "$SPARSESUM verify -v --json package"
	never_shows $'\e'
	on_terminal "$SPARSESUM verify --repair-list package"
	never_shows $'\e'
	try "$SPARSESUM" verify -v package
	shows_line "bad: differs"
	if LC_ALL=C grep -q $'\e' "$scratch/out" "$scratch/err"; then fail "a colour was printed"; fi
}

@test "a repair list has no control characters on a terminal" {
	mkdir package
	printf 1 >package/$'a\e]0;title\a'
	"$SPARSESUM" create package >/dev/null
	printf 2 >package/$'a\e]0;title\a'
	on_terminal "$SPARSESUM verify --repair-list package"
	shows_match $'\t''a\?]0;title\?'
	never_shows $'\e]'
	try "$SPARSESUM" verify --repair-list package
	shows $'\ta\e]0;title\a'
}
