#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completions of bash, zsh and fish: the options that --help lists for each command, and their
# values.

load ../support/helpers

made=$root/cli/completions

commands() {
	"$SPARSESUM" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z0-9-]*\) .*/\1/p'
}

# The options of a command, one spelling per line.
helped() {
	"$SPARSESUM" "$1" --help | grep -E '^  (-|  +--)' | cut -c 1-28 | grep -oE -e '(^| )--?[a-zA-Z0-9-]+' | tr -d ' ' | sort
}

# $1: a function that prints the options that a shell offers for a command.
as_helped() {
	local command
	[ "$(commands | wc -l)" -gt 5 ]
	for command in $(commands); do
		diff <(helped "$command") <("$1" "$command" | sort) ||
			fail "$command: '<' is missing in what $1 offers, '>' too much; run: make derived"
	done
}

# The completions that bash offers for the last word, split as by readline: '=' is a separate word.
bash_offers() {
	bash --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_sparsesum 2>/dev/null; printf "%s\n" "${COMPREPLY[@]}"' - "$made/sparsesum.bash" "$@" | sed '/^$/d'
}
bash_options() { bash_offers sparsesum "$1" - | tr -d =; }

# The specifications that are passed to zsh, without descriptions.
zsh_options() {
	zsh -fc '_arguments() {
			[[ $1 == -C ]] && { state=argument; words=('"$1"'); return }
			print -rl -- "$@"
		}
		source $1' - "$made/_sparsesum" | grep -oE -e '^(\*|\([^)]*\))--?[a-zA-Z0-9-]+' | sed 's/^\*//; s/^([^)]*)//' |
		sed 's/^\(-[a-zA-Z0-9]\).*/\1/; s/-$//'
}

fish_offers() {
	HOME=$scratch fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$made/sparsesum.fish" "$1" | cut -f 1
}
fish_options() { fish_offers "sparsesum $1 -" | tr -d = | sort -u; }

needs() {
	command -v "$1" >"$scratch/where" || skip "no $1 here"
}

@test "the files match the help texts" {
	needs python3
	mkdir "$scratch/made"
	"$made/generate" "$SPARSESUM" "$scratch/made"
	for file in sparsesum.bash _sparsesum sparsesum.fish; do
		diff "$made/$file" "$scratch/made/$file" || fail "run: make derived"
	done
}

@test "bash: the options of each command" {
	as_helped bash_options
}

@test "bash: commands, values, files and directories" {
	mkdir 'a directory' && touch 'a file'
	[ "$(bash_offers sparsesum ver)" = verify ]
	[ "$(bash_offers sparsesum '' | head -n 7)" = "$(commands)" ]
	[ "$(bash_offers sparsesum help ver)" = verify ]
	[ "$(bash_offers sparsesum verify --holes = v)" = verify ]
	[ "$(bash_offers sparsesum verify --holes = | tr '\n' ' ')" = "auto trust verify read " ]
	[ "$(bash_offers sparsesum verify --holes t)" = trust ]
	[ "$(bash_offers sparsesum hash -a sha22)" = sha224 ]
	[ "$(bash_offers sparsesum hash a | tr '\n' '/')" = "a file/a directory/" ]
	[ "$(bash_offers sparsesum create a)" = "a directory" ]
	[ "$(bash_offers sparsesum verify -m 'a f' | sort | head -n 1)" = "a file" ]
	[ "$(bash_offers sparsesum hash -- -)" = "" ]
	[ "$(bash_offers sparsesum create --checkpoints = 16)" = 16M ]
	[ "$(bash_offers sparsesum create --checkpoints a)" = "a directory" ]
	[ "$(bash_offers sparsesum verify --content-hash = '')" = "" ]
}

@test "zsh: syntax, and the options of each command" {
	needs zsh
	zsh -n "$made/_sparsesum"
	as_helped zsh_options
}

@test "fish: syntax, and the options of each command" {
	needs fish
	fish -n "$made/sparsesum.fish"
	as_helped fish_options
}

@test "fish: commands, values, files and directories" {
	needs fish
	mkdir 'a-directory' && touch 'a-file'
	[ "$(fish_offers 'sparsesum ver')" = verify ]
	[ "$(fish_offers 'sparsesum help ver')" = verify ]
	[ "$(fish_offers 'sparsesum verify --holes=' | tr '\n' ' ')" = "--holes=auto --holes=read --holes=trust --holes=verify " ] || fail "$(fish_offers 'sparsesum verify --holes=')"
	[ "$(fish_offers 'sparsesum hash -a sha22')" = sha224 ]
	[ "$(fish_offers 'sparsesum hash a')" = $'a-directory/\na-file' ]
	[ "$(fish_offers 'sparsesum create a')" = a-directory/ ]
	[ "$(fish_offers 'sparsesum verify -m a')" = $'a-directory/\na-file' ]
	[ "$(fish_offers 'sparsesum verify create/ --content-hash a')" = "" ]
}

# The help does not list the values, so try each with the command.
@test "the command accepts every completed value" {
	for algorithm in $(bash_offers sparsesum hash -a ''); do
		try "$SPARSESUM" hash -a "$algorithm" /dev/null
		output_lacks "unknown algorithm"
	done
	for how in $(bash_offers sparsesum hash --holes ''); do
		try "$SPARSESUM" hash --holes="$how" "$BATS_TEST_FILENAME"
		ends_with 0
	done
	for bytes in $(bash_offers sparsesum create --checkpoints =); do
		touch file
		try "$SPARSESUM" create --checkpoints="$bytes" .
		ends_with 0
	done
	try "$SPARSESUM" hash --holes=bogus file
	warns "use $(bash_offers sparsesum hash --holes '' | sed '$!s/$/, /' | tr -d '\n' | sed 's/, \([a-z]*\)$/ or \1/')"
}
