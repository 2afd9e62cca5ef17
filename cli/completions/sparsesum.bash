# SPDX-License-Identifier: MIT
# bash completion for sparsesum. Made by `make derived` from the help texts: do not edit.
# shellcheck shell=bash

_sparsesum_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word")
}

_sparsesum_files() {
	compopt -o filenames -o default 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

_sparsesum_directories() {
	compopt -o filenames -o dirnames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -d -- "$word")
}

# Fails if no option is allowed here.
_sparsesum_options() {
	[[ $word == -* && " ${COMP_WORDS[*]:2:COMP_CWORD-2} " != *" -- "* ]] || return 1
	_sparsesum_words "$1"
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
	return 0
}

_sparsesum() {
	local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# readline makes '=' a separate word: the option is the word before it.
	if [[ $word == = ]]; then
		option+== word=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}=
	fi
	if [[ $COMP_CWORD -eq 1 ]]; then
		_sparsesum_words 'hash check create verify compare map explain help --help --version'
		return
	fi
	case ${COMP_WORDS[1]} in
	help) [[ $COMP_CWORD -ne 2 ]] || _sparsesum_words 'hash check create verify compare map explain' ;;
	hash)
		case $option in
		-a | --algorithm | --algorithm=) _sparsesum_words 'sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 sm3 md5'; return ;;
		--checkpoints=) _sparsesum_words '64K 1M 4M 16M 64M'; return ;;
		--include | --include=) true; return ;;
		--exclude | --exclude=) true; return ;;
		--files-from | --files-from=) _sparsesum_files; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '-a --algorithm= -r --recursive --tag -z --zero -b --binary -t --text --checkpoints --include= --exclude= --files-from= -0 --null --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	check)
		case $option in
		-a | --algorithm | --algorithm=) _sparsesum_words 'sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 sm3 md5'; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '-a --algorithm= --ignore-missing --quiet --status -w --warn --strict --no-checkpoints --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	create)
		case $option in
		-a | --algorithm | --algorithm=) _sparsesum_words 'sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 sm3 md5'; return ;;
		-o | --output | --output=) _sparsesum_files; return ;;
		--checkpoints=) _sparsesum_words '64K 1M 4M 16M 64M'; return ;;
		--format | --format=) _sparsesum_words 'sums bagit'; return ;;
		--include | --include=) true; return ;;
		--exclude | --exclude=) true; return ;;
		--files-from | --files-from=) _sparsesum_files; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '-a --algorithm= -o --output= --checkpoints --no-checkpoints --format= --allow-changed --portable --resume -q --quiet --include= --exclude= --files-from= -0 --null --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_directories
		;;
	verify)
		case $option in
		-a | --algorithm | --algorithm=) _sparsesum_words 'sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 sm3 md5'; return ;;
		-m | --manifest | --manifest=) _sparsesum_files; return ;;
		--format | --format=) _sparsesum_words 'sums bagit hashdeep mtree tagged'; return ;;
		--content-hash | --content-hash=) true; return ;;
		--explain | --explain=) true; return ;;
		--include | --include=) true; return ;;
		--exclude | --exclude=) true; return ;;
		--files-from | --files-from=) _sparsesum_files; return ;;
		--junit | --junit=) _sparsesum_files; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '-a --algorithm= --no-checkpoints -m --manifest= --format= --content-hash= --allow-extra --resume --explain= --no-explain --repair-list -q --quiet -v --verbose --include= --exclude= --files-from= -0 --null --junit= --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	compare)
		case $option in
		--include | --include=) true; return ;;
		--exclude | --exclude=) true; return ;;
		--files-from | --files-from=) _sparsesum_files; return ;;
		--junit | --junit=) _sparsesum_files; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '--ranges -q --quiet --include= --exclude= --files-from= -0 --null --junit= --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	map)
		case $option in
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '--json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	explain)
		case $option in
		-a | --algorithm | --algorithm=) _sparsesum_words 'sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 sm3 md5'; return ;;
		-j | --threads | --threads=) true; return ;;
		--holes | --holes=) _sparsesum_words 'auto trust verify read'; return ;;
		--progress=) _sparsesum_words 'text json'; return ;;
		esac
		_sparsesum_options '-a --algorithm= --json -j --threads= --holes= --progress --no-progress -h --help --version' || _sparsesum_files
		;;
	esac
}

complete -F _sparsesum sparsesum
