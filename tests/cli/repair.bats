#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --repair-list: the documented loop repairs a package from a list, with curl.

load ../support/helpers

# Names that a shell, curl or a URL would read as something else.
names=('a b' "it's" '50%' 'a#b' 'a?b' '[x]' '{a,b}' $'t\tab' $'new\nline' $'cr\r' 'back\slash' '\n' 'ü' $'\xff' '-x' '~' ' lead'
	'trail ' 'a+b&c=d' '$(touch evil)' '"' 'drivers/a b.txt' 'deep/é/x' '%41' 'a:b@c' $'esc\e]0;x\a' $'end\n')

make_packages() {
	mkdir original
	for name in "${names[@]}"; do
		mkdir -p "original/$(dirname -- "$name")"
		{ echo "$name"; noise 30000; } >"original/$name"
	done
	: >original/empty
	"$SPARSESUM" create -q --checkpoints=4K original >"$scratch/hash"
	cp -r original package
}

# The loop of docs/checkpoints.md, run by a plain shell. The argument is the URL of the original.
repair() {
	sed -n '/^## Repair lists/,$s/^    //p' "$root/docs/checkpoints.md" | sed -n '/^sparsesum verify/,$p' >loop
	grep -q '^done$' loop
	mkdir -p bin && ln -sf "$SPARSESUM" bin/sparsesum
	try env PATH="$PWD/bin:$PATH" from="$1" sh ./loop
}

needs_curl() { command -v curl >"$scratch/where" || skip "no curl here"; }

# Damage each file in another way.
damage_all() {
	local i=0 name
	for name in "${names[@]}"; do
		case $((i++ % 5)) in
		0) damage "package/$name" 5000 ;;
		1) truncate -s 9000 "package/$name" ;;
		2) rm "package/$name" ;;
		3) damage "package/$name" 0 && damage "package/$name" 12288 && damage "package/$name" 30000 ;;
		4) : >"package/$name" ;;
		esac
	done
	rm -f package/empty
}

is_repaired() {
	diff -r original package || fail "not repaired"
	try "$SPARSESUM" verify package
	ends_with 0
	[ ! -e evil ]
}

@test "the documented loop repairs every name, from file://" {
	needs_curl
	make_packages
	damage_all
	repair "file://$PWD/original"
	is_repaired
}

@test "the documented loop repairs every name, over HTTP with ranges" {
	needs_curl
	make_packages
	damage_all
	python3 "$BATS_TEST_DIRNAME/range_server.py" original >port 2>requests 3>&- &
	server=$!
	at_end="kill $server"
	for _ in {1..100}; do
		[ ! -s port ] || break
		sleep 0.1
	done
	repair "http://127.0.0.1:$(cat port)"
	is_repaired
	# Only what was damaged was requested: no file was fetched whole that has checkpoints, unless it was missing or empty.
	grep -q 'bytes=4096-8191' requests
	grep -q 'bytes=8192-' requests
}

@test "without checkpoints whole files are fetched, also longer ones" {
	needs_curl
	make_packages
	rm original/SHA1SUMS.checkpoints package/SHA1SUMS.checkpoints
	damage_all
	echo more >>'package/a b'
	repair "file://$PWD/original"
	is_repaired
}

@test "the URL field has only unreserved characters, slashes and percent-encodings" {
	make_packages
	for name in "${names[@]}"; do damage "package/$name" 5000; done
	try "$SPARSESUM" verify --repair-list package
	ends_with 1
	[ "$(wc -l <"$scratch/out")" -eq "${#names[@]}" ]
	if awk -F '\t' 'NF != 5' "$scratch/out" | grep .; then fail "five fields"; fi
	if cut -f 5 "$scratch/out" | LC_ALL=C grep -vE '^([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$'; then fail "another character"; fi
	cut -f 5 "$scratch/out" | python3 -c '
import os, sys, urllib.parse
for line in sys.stdin.buffer:
    name = urllib.parse.unquote_to_bytes(line.rstrip(b"\n"))
    assert os.path.isfile(b"package/" + name), name
    assert urllib.parse.quote(name, safe="/").encode() == line.rstrip(b"\n"), name'
	diff <(cut -f 4 "$scratch/out" | while IFS= read -r name; do printf '%b\0' "$name"; done | sort -z | tr '\0' '|') \
		<(printf '%s\0' "${names[@]}" | sort -z | tr '\0' '|') || fail "printf %b reads the names"
}

@test "what the end of a file lacks is missing, not damaged" {
	mkdir package
	noise 100000 >package/image
	"$SPARSESUM" create -q --checkpoints=4K package >"$scratch/hash"
	cp -r package copy
	truncate -s 40960 copy/image
	try "$SPARSESUM" verify copy
	ends_with 1
	shows_line "    missing   59040 bytes from offset 40960"
	output_lacks damaged
	shows_line "    to do     fetch these bytes again; this lists them for curl and dd: sparsesum verify --repair-list copy"
	truncate -s 45000 package/image
	cp package/image copy/image
	try "$SPARSESUM" verify copy
	shows_line "    unproven  4040 bytes at offset 40960, without the bytes that follow"
	shows_line "    missing   55000 bytes from offset 45000"
	damage copy/image 5000
	try "$SPARSESUM" verify copy
	shows_line "    damaged   4096 bytes at offset 4096"
	shows_line "    missing   55000 bytes from offset 45000"
	: >copy/image
	try "$SPARSESUM" verify copy
	shows_line "    missing   100000 bytes from offset 0"
}

@test "nothing is listed that would be written through a symlink" {
	mkdir -p package/dir victim
	noise 30000 >package/dir/file
	"$SPARSESUM" create -q --checkpoints=4K package >"$scratch/hash"
	cp -r package original
	rm -r package/dir
	ln -s ../victim package/dir
	try "$SPARSESUM" verify --repair-list package
	ends_with 1
	prints ""
	warns "dir/file: missing; by hand: package/dir is a symlink, not a directory"
	! command -v curl >"$scratch/where" || repair "file://$PWD/original"
	[ -z "$(ls -A victim)" ]
	tried 49 1
}
