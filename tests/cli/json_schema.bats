#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The output of every command with --json is valid under docs/json.schema.json.

load ../support/helpers

schema=$root/docs/json.schema.json

needs_jsonschema() {
	python3 -c 'from jsonschema import Draft202012Validator' 2>"$scratch/where" || skip "no jsonschema for python3 here"
}

# Append the output of a command to the lines, and ignore its exit status.
lines() { "$SPARSESUM" "$@" --json >>lines 2>>"$scratch/err" || true; }

judge() { "$BATS_TEST_DIRNAME/json_schema.py" "$schema" <lines >seen 2>"$scratch/err" || fail "the output is invalid by the schema"; }

@test "real output of every command is valid, and contains every type" {
	needs_jsonschema
	mkdir -p package/empty package/d && make_image package/image
	printf x >package/$'latin\xe9' && echo a >package/a && echo b >package/d/b && echo .h >package/.hidden
	ln -s $'target\xe9' package/link
	lines hash package/image none package -a sha1 -a sha256
	lines hash -r --exclude=d package
	lines create --checkpoints=64K package
	lines verify -v package
	lines map package/image
	lines explain package/image "$nothing"
	lines explain package/a "$(digest_of package/a | tr a-f A-F)"
	(cd package && sha1sum a d/b; echo rubbish) >sums
	(cd package && lines check ../sums; cat lines) >>lines
	rm -f package/lines
	cp -a package copy
	lines compare package copy
	lines compare package/image package/image
	mv copy/a copy/A && ln -sfn other copy/link && rm copy/.hidden && damage copy/image 3500000 && echo 1 >>copy/d/b
	touch copy/new && mkfifo copy/fifo
	lines compare package copy
	lines compare --ranges package/image copy/image
	lines verify copy
	lines verify --exclude=fifo --allow-extra copy
	lines verify -q --exclude='*' copy
	lines verify --content-hash "$nothing" copy
	lines create copy
	echo rubbish >>package/SHA1SUMS.checkpoints && echo rubbish >>package/SHA1SUMS
	lines verify package
	mkdir bag && mv copy bag/data && rm bag/data/fifo bag/data/link && rmdir bag/data/empty
	lines create --format=bagit bag
	rm bag/data/A && echo "http://example.org/A 2 data/A" >bag/fetch.txt && echo rubbish >>bag/manifest-sha512.txt
	lines verify bag
	(cd bag && hashdeep -r data >../deep) && lines verify -m deep bag
	mkdir ring && echo 1 >ring/1 && echo 2 >$'ring/\xe9' && "$SPARSESUM" create -q ring >/dev/null
	mv ring/1 x && mv $'ring/\xe9' ring/1 && mv x $'ring/\xe9' && lines verify ring
	truncate -s 30G package/large
	timeout --foreground 1 "$SPARSESUM" hash --progress=json package/large 2>&1 | grep '^{' >>lines
	printf '\xef\xbb\xbf%s  ring\\1\n' "$(digest_of ring/1)" >listed && lines verify -m listed .
	judge
	diff <(tr ' ' '\n' <seen) <(jq -r '."$defs"[].properties.type.const? // empty' "$schema" | sort) ||
		fail "'>' was never printed"
}

@test "the schema refuses undocumented members and values" {
	needs_jsonschema
	for line in '{"type":"digest","path":"a","size":1,"algorithm":"sha1"}' '{"type":"other"}' \
		'{"type":"entry","path":"a","verdict":"fine"}' '{"type":"extent","offset":0,"length":0,"kind":"hole"}' \
		'{"type":"summary","status":3}' '{"type":"range","offset":-1,"length":1}' '{"type":"range","offset":0,"length":1,"new":1}'; do
		echo "$line" >lines
		if "$BATS_TEST_DIRNAME/json_schema.py" "$schema" <lines >seen 2>"$scratch/err"; then fail "$line"; fi
	done
}

# The lines of the examples in docs/json.md: commands, with $ before them, and their output.
examples() { sed -n '/^## Examples/,$s/^    \([${].*\)/\1/p' "$root/docs/json.md"; }

without_seconds() { jq -c 'del(.seconds)'; }

@test "the examples in docs/json.md are valid, and match the commands' output" {
	needs_jsonschema
	examples | grep '^{' >lines
	[ "$(wc -l <lines)" -gt 20 ]
	judge
	without_seconds <lines >"$scratch/documented"
	examples | sed -n 's/^\$ //p' >"$scratch/commands"
	rm lines seen
	sparsesum() { "$SPARSESUM" "$@" || true; }
	# shellcheck disable=SC1091 # made above
	. "$scratch/commands" 2>"$scratch/err" | without_seconds >"$scratch/printed"
	diff "$scratch/documented" "$scratch/printed" || fail "'<' is documented, '>' is printed"
}

@test "the length of a file that cannot be opened is absent" {
	mkdir package && echo abc >package/a && "$SPARSESUM" create -q package >/dev/null && chmod 0 package/a
	try as_nobody "$scratch/sparsesum" verify --json package
	ends_with 2
	jq -es '.[1] | .path == "a" and .verdict == "unreadable" and .code == -13 and (has("size") | not)' \
		"$scratch/out" || fail "the length is not absent"
}

@test "the schema and docs/json.md name the same types" {
	diff <(jq -r '."$defs"[].properties.type.const? // empty' "$schema" | sort -u) \
		<(sed -n '/^| `type` | from/,/^$/s/^| `\([a-z]*\)` | \(`[a-z]\|all\).*/\1/p' "$root/docs/json.md" | sort -u) || fail "'<' is not documented"
}
