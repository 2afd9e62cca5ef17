#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files that a command writes never replace a file that it reads, or another one that it writes.

load ../support/helpers

make_package() {
	mkdir -p package/sub
	for name in a sub/b; do echo "$name" >"package/$name"; done
	noise 100000 >package/image
	(cd package && sha1sum a sub/b image) >list
	cp -r package before
	cp list list.before
}

# The command in $@ is refused, and says $1. Nothing that was there has changed.
refused() {
	local why=$1
	shift
	find . -type f ! -name stream -exec sha1sum {} + | sort >"$scratch/then"
	try "$@"
	ends_with 2
	warns "$why"
	find . -type f ! -name stream -exec sha1sum {} + | sort | diff "$scratch/then" - || fail "a file has changed"
}

@test "a report does not replace what is read: manifests, checkpoints, names, entries" {
	make_package
	"$SPARSESUM" create -q --checkpoints=4K -o sums package >"$scratch/hash"
	refused "--junit would overwrite the manifest list" "$SPARSESUM" verify -m list --junit=list package
	refused "--junit would overwrite the manifest list" "$SPARSESUM" verify -m sums -m list --junit=./package/../list package
	refused "--junit would overwrite the checkpoints sums.checkpoints" "$SPARSESUM" verify -m sums --junit=sums.checkpoints package
	ln -s list symlink
	refused "--junit would overwrite the manifest list" "$SPARSESUM" verify -m list --junit=symlink package
	refused "--junit would overwrite the manifest symlink" "$SPARSESUM" verify -m symlink --junit=list package
	ln list hard
	refused "--junit would overwrite the manifest list" "$SPARSESUM" verify -m list --junit=hard package
	echo a >names
	refused "--junit would overwrite the names in names" "$SPARSESUM" verify -m list --files-from=names --junit=names package
	refused "--junit would overwrite the names in -" "$SPARSESUM" verify -m list --files-from=- --junit=names package <names
	ln package/sub/b linked
	refused "--junit would overwrite the file package/sub/b" "$SPARSESUM" verify -m list --junit=linked package
	refused "--junit would overwrite the file before/a" "$SPARSESUM" compare --junit=before/a package/a before/a
	refused "--junit would write 'before/sub/b' into before" "$SPARSESUM" compare --junit=before/sub/b package before
	ln before/sub/b other
	refused "--junit would overwrite the file before/sub/b" "$SPARSESUM" compare --junit=other package before
	tried 49 1
}

@test "a file below a bind mount of the package is known by its inode" {
	make_package
	mkdir mounted
	mount --bind package/sub mounted 2>"$scratch/why" || skip "no bind mount here: $(cat "$scratch/why")"
	at_end="umount $PWD/mounted"
	refused "--junit would overwrite the file package/sub/b" "$SPARSESUM" verify -m list --junit=mounted/b package
	refused "-o would overwrite the file package/sub/b" "$SPARSESUM" create -o mounted/b package
}

@test "create -o replaces a manifest, and no other file of the directory" {
	make_package
	refused "-o would overwrite the file package/a" "$SPARSESUM" create -o package/a package
	refused "-o would overwrite the file package/sub/b" "$SPARSESUM" create -o package/sub/../sub/b package
	ln package/a linked
	refused "-o would overwrite the file package/a" "$SPARSESUM" create -o linked package
	echo a >names
	refused "-o would overwrite the names in names" "$SPARSESUM" create -o names --files-from=names package
	refused "-o would overwrite the names in -" "$SPARSESUM" create -o names --files-from=- package <names
	for file in package/SUMS package/sub/SUMS outside; do
		for algorithm in sha1 sha256; do
			try "$SPARSESUM" create -q -a $algorithm -o $file package
			ends_with 0
			(cd package && ${algorithm}sum --quiet -c - <"../$file")
		done
		rm $file
	done
	: >package/SUMS
	try "$SPARSESUM" create -q -o package/SUMS package
	ends_with 0
	echo "any text" >outside
	try "$SPARSESUM" create -q -o outside package
	ends_with 0
	tried 49 1
}

@test "create replaces checkpoints, and no other file with their name" {
	make_package
	echo "a shopping list" >list.checkpoints
	refused "list.checkpoints: " "$SPARSESUM" create -o list package
	warns "move it away, or use --no-checkpoints"
	try "$SPARSESUM" create -q --no-checkpoints -o list package
	ends_with 0
	[ "$(cat list.checkpoints)" = "a shopping list" ]
	echo "a shopping list" >package/SHA1SUMS.checkpoints
	refused "package/SHA1SUMS.checkpoints: " "$SPARSESUM" create package
	refused "package/SHA1SUMS.checkpoints: " "$SPARSESUM" create -a sha256 -a sha1 package
	[ ! -e package/SHA1SUMS ] && [ ! -e package/SHA256SUMS ]
	for make in "ln -sf ../before/image" mkfifo mkdir; do
		rm -f package/SHA1SUMS.checkpoints
		$make package/SHA1SUMS.checkpoints
		try timeout 20 "$SPARSESUM" create package
		ends_with 2
		warns "package/SHA1SUMS.checkpoints: "
		cmp before/image package/image
	done
	rmdir package/SHA1SUMS.checkpoints
	: >package/SHA1SUMS.checkpoints
	for interval in 4K 8K; do
		try "$SPARSESUM" create -q --checkpoints=$interval package
		ends_with 0
		grep -q '^sparsesum-checkpoints' package/SHA1SUMS.checkpoints
	done
	try "$SPARSESUM" create -q -a md5 package
	ends_with 0
}

# Run a command with standard output and standard error in files.
with_streams() { # output, error, command ...
	local output=$1 error=$2
	shift 2
	status=0
	"$@" >>"$output" 2>>"$error" || status=$?
	return $status
}

@test "two outputs do not go to one file" {
	make_package
	try with_streams stream "$scratch/err" "$SPARSESUM" verify -m list --junit=stream package
	ends_with 2
	warns "standard output and --junit would be the same file 'stream'"
	ln stream hard
	try with_streams stream "$scratch/err" "$SPARSESUM" verify -m list --junit=hard package
	ends_with 2
	try with_streams "$scratch/out" stream "$SPARSESUM" verify -m list --junit=stream package
	ends_with 2
	grep -q "standard error and --junit would be the same file 'stream'" stream
	rm -f stream hard
	try with_streams stream "$scratch/err" "$SPARSESUM" create -q -o stream package
	ends_with 2
	[ ! -s stream ]
	try with_streams stream.checkpoints "$scratch/err" "$SPARSESUM" create -q -o stream package
	ends_with 2
	warns "standard output and the checkpoints of -o would be the same file"
	for name in SHA256SUMS SHA256SUMS.checkpoints; do
		try with_streams package/$name "$scratch/err" "$SPARSESUM" create -q -a sha1 -a sha256 package
		ends_with 2
		warns "would be the same file 'package/$name'"
		[ ! -s package/$name ] && [ ! -e package/SHA1SUMS ]
		rm package/$name
	done
	try with_streams package/image.checkpoints "$scratch/err" "$SPARSESUM" hash --checkpoints=4K package/image
	ends_with 1
	warns "standard output and the checkpoints would be the same file"
	rm package/image.checkpoints
	# Both streams in one file are no reason to refuse.
	try with_streams stream stream "$SPARSESUM" verify -m list package
	ends_with 0
	grep -q VERIFIED stream
	tried 49 1
}

@test "the journal is not replaced by a report, whether or not it exists yet" {
	make_package
	journal=$XDG_STATE_HOME/sparsesum/verify-$(printf %x-%x "$(stat -c %d package)" "$(stat -c %i package)")
	mkdir -p "${journal%/*}"
	refused "the journal and --junit would be the same file" "$SPARSESUM" verify -m list --junit="$journal" package
	echo foreign >"$journal"
	refused "the journal and --junit would be the same file" "$SPARSESUM" verify -m list --junit="$journal" package
}

@test "an earlier report is replaced" {
	make_package
	for _ in 1 2; do
		try "$SPARSESUM" verify -m list --junit=report package
		ends_with 0
		grep -q '<testsuite' report
	done
	try "$SPARSESUM" compare --junit=report package before
	ends_with 0
	[ "$(stat -c %h report)" -eq 1 ]
}
