#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The last line says what the result is about, and --resume is advised only where it can continue.

load ../support/helpers
needs_signals=1

make_package() {
	mkdir package
	for name in a b c; do echo "$name" >package/$name; done
	"$SPARSESUM" create -q package >"$scratch/hash"
}

@test "a wrong content hash: the last line names the manifest" {
	make_package
	try "$SPARSESUM" verify --content-hash="$nothing" package
	ends_with 1
	shows_line "SHA1SUMS: the content hash differs from the requested one"
	grep -qx "DIFFERS: SHA1SUMS is not the manifest that was asked for; by it 3 entries hold; .*" "$scratch/out" || fail "the last line"
	damage package/b 0
	touch package/new
	try "$SPARSESUM" verify --content-hash="$nothing" package
	ends_with 1
	grep -qx "DIFFERS: SHA1SUMS is not the manifest that was asked for; by it 1 differs, 1 extra, 2 entries hold; .*" "$scratch/out" || fail "the last line"
	try "$SPARSESUM" verify --content-hash="$(digest_of package/SHA1SUMS)" package
	ends_with 1
	output_lacks "asked for"
	rm package/new && echo b >package/b
	"$SPARSESUM" create -q -a sha256 -o 'the list' package >"$scratch/hash"
	try "$SPARSESUM" verify -m 'the list' --allow-extra --content-hash="$(echo x | sha256sum | cut -c -64)" package
	ends_with 1
	grep -q "^DIFFERS: 'the list' is not the manifest that was asked for; by it " "$scratch/out" || fail "the last line"
	# Of several manifests only that of the other length is asked for.
	"$SPARSESUM" create -q -a sha1 -a sha256 package >"$scratch/hash"
	try "$SPARSESUM" verify --content-hash="$(digest_of package/SHA256SUMS sha256)" package
	ends_with 0
	try "$SPARSESUM" verify --content-hash="$(echo x | sha256sum | cut -c -64)" package
	ends_with 1
	grep -q "^DIFFERS: SHA256SUMS is not" "$scratch/out" || fail "the last line"
}

@test "a file that changed after the manifest was written" {
	make_package
	touch -d '2020-01-02 03:04:05' package/SHA1SUMS package/a package/b
	echo B >package/b
	touch -d '2021-06-07 08:09:10' package/b
	try "$SPARSESUM" verify package
	ends_with 1
	shows_line "    times     changed 2021-06-07 08:09:10, after the manifest was written: SHA1SUMS is of 2020-01-02 03:04:05"
	shows "    means     the file was changed or damaged, or the digest is of another file"
	try "$SPARSESUM" verify --no-explain package
	shows "after the manifest was written"
	try "$SPARSESUM" verify --json package
	jq -es 'map(select(.changed_after_manifest)) | length == 1 and .[0].path == "b"' "$scratch/out"
	touch -d '2019-01-01' package/b
	try "$SPARSESUM" verify package
	ends_with 1
	output_lacks "after the manifest was written"
	try "$SPARSESUM" verify --json package
	output_lacks changed_after_manifest
	# The manifest that -m names is elsewhere.
	mv package/SHA1SUMS list
	touch -d '2018-01-01' list
	try "$SPARSESUM" verify -m list package
	shows "after the manifest was written: list is of 2018-01-01 00:00:00"
}

# Run a command that is interrupted after $1 seconds.
interrupted_after() {
	local seconds=$1
	shift
	try timeout --foreground -s INT "$seconds" "$@"
	ends_with 124
}

@test "--resume is not advised where nothing can be taken over" {
	make_package
	truncate -s 40G package/image
	interrupted_after 1.5 "$SPARSESUM" create -a sha3-512 package
	complains "sparsesum: interrupted; nothing was written"
	# A foreign file has the name of the journal: it is not used, and not promised.
	journal=$XDG_STATE_HOME/sparsesum/create-$(printf %x-%x "$(stat -c %d package)" "$(stat -c %i package)")
	mkdir -p "${journal%/*}"
	for prepare in "chmod 666" "ln -f $scratch/hash"; do
		echo foreign >"$journal"
		chmod 600 "$journal"
		$prepare "$journal"
		chmod 666 "$journal"
		cp "$journal" "$scratch/kept"
		interrupted_after 1.5 "$SPARSESUM" create package
		complains "sparsesum: interrupted; nothing was written"
		cmp "$journal" "$scratch/kept"
	done
	rm "$journal"
	mkdir "$journal"
	interrupted_after 1.5 "$SPARSESUM" create package
	complains "sparsesum: interrupted; nothing was written"
}

@test "a run with --resume says how much it takes over" {
	make_package
	truncate -s 40G package/image
	interrupted_after 2 "$SPARSESUM" create package
	complains "sparsesum: interrupted; nothing was written; use --resume to continue"
	interrupted_after 1.5 "$SPARSESUM" create --resume package
	grep -qE "^sparsesum: resuming: the interrupted run has hashed [0-9.]+ [MG]iB, which are taken over" "$scratch/err" || fail "how much"
	warns "; use --resume to continue"
	# The second run has continued: more is recorded now.
	bytes_of() { sed -nE 's/.*has hashed ([0-9.]+ [MG])iB.*/\1/p' "$scratch/err" | tr -d ' ' | numfmt --from=iec; }
	before=$(bytes_of)
	interrupted_after 1.5 "$SPARSESUM" create --resume package
	[ "$(bytes_of)" -gt "$before" ] || fail "more than $before"
	# Without --resume nothing is taken over.
	interrupted_after 1 "$SPARSESUM" create package
	output_lacks resuming
}
