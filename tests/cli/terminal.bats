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

@test "progress appears on a terminal: percentage, bytes done and total, rate, time left, the file" {
	truncate -s 40G big
	on_terminal "timeout --foreground 1.5 $SPARSESUM hash big"
	shows_match $'\r'"[0-9]+%  [0-9.]+ [KMG]iB of 40\.0 GiB  [0-9.]+ [KMG]iB/s  [0-9:]+ left  big"
	[ "$(grep -aoE $'\r[0-9]+%  [0-9.]+ [KMG]iB of' "$scratch/screen" | wc -l)" -ge 3 ]
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
	on_terminal "stty cols 75; timeout --foreground 1.2 $SPARSESUM hash wild*"
	shows_match "left  'wild'"
	never_shows $'\e\\[31m'
	never_shows $'\a'
	tr '\r' '\n' <"$scratch/screen" | sed $'s/\e\\[K//g' | grep -a ' left ' >"$scratch/lines"
	[ -s "$scratch/lines" ]
	if grep -aE '^.{73}' "$scratch/lines"; then fail "a line is too wide"; fi
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
	sed -i '$d' package/SHA1SUMS
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

# The progress lines of hashing 40 GiB of hole on a terminal with $1 columns, without escape sequences.
lines_at() {
	on_terminal "stty cols $1; timeout --foreground 1.4 $SPARSESUM hash ${2:-big}"
	tr '\r' '\n' <"$scratch/screen" | sed $'s/\e\\[K//g' | grep -a 'iB' >"$scratch/lines" || fail "no progress"
}

@test "on a narrow terminal fields are left out whole, and columns stay free for ^C" {
	truncate -s 40G big
	field='([0-9]+%|[0-9.]+ [KMG]iB( of 40\.0 GiB)?|[0-9.]+ [KMG]iB/s|[0-9:]+ left|big)'
	for columns in 20 30 40 50 120; do
		lines_at $columns
		if grep -avE "^$field(  $field)*$" "$scratch/lines"; then fail "cut in a field at $columns columns"; fi
		if grep -aE "^.{$((columns - 2))}" "$scratch/lines"; then fail "too wide at $columns columns"; fi
	done
	grep -aq '^[0-9]*%.*left  big$' "$scratch/lines"
	mkdir "$(printf 'd%.0s' {1..60})" && mv big d*/
	lines_at 100 'd*/big'
	grep -aqE '  dddd*\.\.\.$' "$scratch/lines" || fail "a long name is cut"
}

@test "TERM=dumb: progress in lines, without escape sequences" {
	truncate -s 40G big
	for settings in TERM=dumb TERM= "env -u TERM"; do
		on_terminal "${settings/env*/env -u TERM} timeout --foreground 1.4 $SPARSESUM hash big"
		never_shows $'\e'
		shows_match '^sparsesum: [0-9]+%  .* left  big'
	done
}

@test "an interruption wipes the progress line, also that of sha1sum" {
	truncate -s 40G big
	ln -s "$SPARSESUM" sha1sum
	for command in "$SPARSESUM hash big" "./sha1sum --progress big"; do
		on_terminal "timeout --foreground -s INT 1.2 $command"
		shows_match 'iB of 40'
		last=$(tr '\r' '\n' <"$scratch/screen" | grep -a . | tail -n 1)
		[[ $last == $'\e[K' || $last == $'\e[Ksparsesum: interrupted' ]] ||
			{ cat -A "$scratch/screen"; fail "not wiped: $command"; }
	done
}

@test "--progress=json prints an object a second on standard error, which is valid by the schema" {
	truncate -s 40G big
	mkdir package && truncate -s 30G package/$'large\xe9' && echo a >package/a
	for command in "hash --progress=json big" "create --progress=json package"; do
		# shellcheck disable=SC2086 # words
		try timeout --foreground 3.5 "$SPARSESUM" $command
		grep '^{' "$scratch/err" >objects
		count=$(wc -l <objects)
		[ "$count" -ge 2 ] && [ "$count" -le 5 ] || fail "$count objects"
		jq -es 'all(.type == "progress" and .bytes <= .bytes_due) and (.[-1].seconds - .[0].seconds >= 0.9 * (length - 1))' objects ||
			fail "the numbers are wrong"
		jq -es '.[-1] | .due_is_final and .bytes > 1000 and .seconds_left >= 0' objects || fail "the last object"
		python3 -c 'from jsonschema import Draft202012Validator' 2>"$scratch/where" || continue
		"$BATS_TEST_DIRNAME/json_schema.py" "$root/docs/json.schema.json" <objects >seen
		[ "$(cat seen)" = progress ]
	done
	jq -es '.[-1].path_hex == "6c61726765e9"' objects
	grep -v '^{' "$scratch/err" >others || true
	[ "$(cat others)" = "sparsesum: interrupted; nothing was written" ] || [ ! -s others ] ||
		grep -q "^sparsesum: interrupted" others
	try "$SPARSESUM" hash --progress=bar package/a
	ends_with 1
	warns "invalid --progress value 'bar': use text or json"
	# The example in the documentation is valid too.
	sed -n 's/^    \({"type":"progress".*\)/\1/p' "$root/docs/json.md" >objects
	[ "$(wc -l <objects)" -eq 1 ]
	python3 -c 'from jsonschema import Draft202012Validator' 2>"$scratch/where" || skip "no jsonschema for python3 here"
	"$BATS_TEST_DIRNAME/json_schema.py" "$root/docs/json.schema.json" <objects >seen
}
