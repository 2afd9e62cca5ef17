#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files on which another process has a write lease (Samba, the NFS server): open(2) with O_NONBLOCK
# fails with EAGAIN until the holder gives it up. Each command waits, as sha1sum does.

load ../support/helpers

# Hold leases on the files $2..., in the manner $1.
hold() {
	rm -f "$scratch/given"
	"$BUILD/tests/system/tools/lease" "$@" >"$scratch/given" 2>"$scratch/lease.err" 3>&- &
	holder=$!
	at_end=let_go
	for _ in {1..1000}; do
		! grep -qx held "$scratch/given" 2>/dev/null || return 0
		kill -0 $holder 2>/dev/null || skip "no leases here: $(tail -n 1 "$scratch/lease.err")"
		sleep 0.01
	done
	fail "the holder does not start"
}

let_go() {
	kill "$holder" 2>/dev/null || true
	wait "$holder" 2>/dev/null || true
}

# The command $3... ends with status $1 although the files in $2 (a list) are leased, and opens each.
waits_for() {
	local due=$1 files=$2 file
	shift 2
	# shellcheck disable=SC2086 # several files
	hold give $files
	try timeout -k 2 30 "$SPARSESUM" "$@"
	let_go
	ends_with "$due"
	for file in $files; do
		grep -qxF "$file" "$scratch/given" || fail "$*: $file was not opened"
	done
	cases=$((cases + 1))
}

make_package() {
	mkdir -p p/sub
	noise 100000 >p/a
	noise 300000 >p/sub/b
	(cd p && sha1sum a sub/b >SHA1SUMS)
	cases=0
}

@test "every command waits for the leases of the files that it reads" {
	make_package
	waits_for 0 p/a hash p/a
	prints "$(digest_of p/a)  p/a"
	waits_for 0 "p/a p/sub/b" hash -r p
	shows "$(digest_of p/sub/b)  p/sub/b"
	waits_for 0 "p/a p/sub/b" verify p
	waits_for 0 "p/a p/sub/b" compare p p
	cp p/a copy
	waits_for 0 "p/a" compare copy p/a
	waits_for 0 "p/a" compare --ranges p/a copy
	waits_for 0 "p/a" map p/a
	waits_for 0 "p/a" map --holes=verify p/a
	waits_for 0 "p/a" explain p/a "$(digest_of p/a)"
	waits_for 0 "p/a" hash --checkpoints p/a
	waits_for 0 "p/a p/sub/b" create -o made p
	grep -v '^#' made | cmp - p/SHA1SUMS
	tried 45 $cases
}

@test "every command waits for the leases of manifests, checkpoints and journals" {
	make_package
	cp p/SHA1SUMS list
	waits_for 0 p/SHA1SUMS verify p
	waits_for 0 list verify -m list p
	(cd p && waits_for 0 ../list check ../list) || false
	"$SPARSESUM" create --checkpoints=64K p >/dev/null
	waits_for 0 p/SHA1SUMS.checkpoints verify p
	waits_for 0 p/SHA1SUMS.checkpoints create p
	"$SPARSESUM" create --checkpoints=64K p >/dev/null
	waits_for 0 p/SHA1SUMS.checkpoints create --no-checkpoints p
	[ ! -e p/SHA1SUMS.checkpoints ] || fail "old checkpoints were not removed"
	"$SPARSESUM" hash --checkpoints=64K p/sub/b >/dev/null
	waits_for 0 p/sub/b.checkpoints explain p/sub/b "$(digest_of p/sub/b)"
	waits_for 0 p/sub/b.checkpoints hash --checkpoints=64K p/sub/b
	rm p/sub/b.checkpoints
	tried 45 $cases
}

@test "every command waits for the leases of lists in other formats" {
	make_package
	(cd p && hashdeep -l a sub/b) >list.hashdeep
	waits_for 0 list.hashdeep verify -m list.hashdeep p --allow-extra
	(cd p && mtree -c -k sha1,type,size) >list.mtree
	waits_for 0 list.mtree verify -m list.mtree p
	mkdir bag
	cp -r p bag/data
	"$SPARSESUM" create --format=bagit bag >/dev/null
	waits_for 0 "bag/bagit.txt bag/data/a $(echo bag/manifest-*.txt) $(echo bag/tagmanifest-*.txt)" verify bag
	tried 45 $cases
}

@test "a signal ends the wait for a lease" {
	make_package
	printf '%s  p/a\n' "$(digest_of p/a)" >list
	for line in "hash p/a" "verify p" "compare p/a p/sub/b" "map p/a" "create p"; do
		# shellcheck disable=SC2086 # several words
		ends_early p/a $line
	done
	ends_early list check list
	ends_early p/SHA1SUMS verify p
	tried 45 $cases
}

# The command $2... waits for the lease of $1, and SIGINT ends it, without a result.
ends_early() {
	local file=$1
	shift
	hold keep "$file"
	try timeout -s INT -k 10 0.3 "$SPARSESUM" "$@"
	let_go
	[ "$status" -eq 124 ] || fail "$*: ended with $status, not by the signal"
	output_lacks "$(digest_of p/a)"
	output_lacks VERIFIED
	warns "sparsesum: "
	cases=$((cases + 1))
}
