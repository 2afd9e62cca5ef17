# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Shared functions for the tests with wrong answers of file systems. They mount the file system in
# tests/system/fuse, which returns one kind of wrong answer, and check the result: it must be correct, or an
# error that says what is wrong. Only --holes=trust may accept a wrong answer.

load ../support/helpers

policies=(auto trust verify read)
[ -z "$SANITIZE" ] || policies=(trust verify)
cases=0

# ---- The mount ----

# "true": a file with data, a hole of 500,000 bytes, and data; SUMS has its digest by sha1sum. "wrong":
# the same with one wrong byte; WRONG has its digest.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	mkdir true
	truncate -s 1048676 true/file
	noise 200000 | dd of=true/file conv=notrunc status=none
	noise 348676 | dd of=true/file oflag=seek_bytes seek=700000 conv=notrunc status=none
	echo "all of this is true" >true/other
	(cd true && sha1sum file other) >SUMS
	cp -r true wrong
	damage wrong/file 1000000
	(cd wrong && sha1sum file other) >WRONG
}

serve() {
	local program=$BUILD/tests/system/fuse/server reason=$scratch/server.err
	[ -x "$program" ] || skip "the server was not built: libfuse3 is not installed"
	[ -r /dev/fuse ] || skip "/dev/fuse cannot be read"
	cp -r "$BATS_FILE_TMPDIR"/{true,wrong,SUMS,WRONG} .
	mkdir "$scratch/mount"
	at_end=leave
	timeout -k 1 120 "$program" "$1" "$scratch/mount" true/file 2>"$reason" 3>&- &
	server=$!
	for _ in {1..1000}; do
		! mountpoint -q "$scratch/mount" || return 0
		kill -0 "$server" 2>/dev/null || skip "FUSE cannot be mounted here: $(tail -n 1 "$reason")"
		sleep 0.01
	done
	fail "the server does not mount"
}

leave() {
	fusermount3 -u -z "$scratch/mount" 2>/dev/null || umount -l "$scratch/mount" 2>/dev/null
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	return 0
}

# Make the directory "accepted": the content for a program that accepts the wrong answers. The arguments are a
# command that makes "file" from the true file. ACCEPTED has the digests.
accept() {
	rm -rf accepted
	mkdir accepted
	cp true/other accepted/other
	"$@" accepted/file
	(cd accepted && sha1sum file other) >ACCEPTED
}

# Copy the true file to $3, with $2 zeros at offset $1.
zeros_in() {
	cp true/file "$3"
	head -c "$2" /dev/zero | dd of="$3" oflag=seek_bytes seek="$1" conv=notrunc status=none
}

cut_to() {
	head -c "$1" true/file >"$2"
}

# ---- The results ----

# Run the command, and fail unless its exit status is one of the list $1.
gives() {
	local expected=$1
	shift
	try timeout -k 2 30 "$SPARSESUM" "$@" --holes="$policy"
	cases=$((cases + 1))
	[[ " $expected " == *" $status "* ]] || fail "$*, --holes=$policy: the exit status should be $expected"
}

m() { echo "$scratch/mount${1:+/$1}"; }

# Fail unless all commands read the content of directory $1, whose digests are in file $2. With --holes=read
# and auto, holes are not queried: a few commands are enough.
content_is() {
	gives 0 hash "$(m file)"
	prints "$(digest_of "$1/file")  $(m file)"
	[ "$policy" != read ] || return 0
	gives 0 verify -m "$2" "$(m)"
	gives 1 verify -m WRONG "$(m)"
	[ "$policy" != auto ] || return 0
	gives 0 create -o "$scratch/made" "$(m)"
	cmp "$2" "$scratch/made" || fail "create wrote a different manifest"
	gives 0 compare "$(m file)" "$1/file"
	gives 1 compare "$(m file)" wrong/file
	gives 0 map "$(m file)"
}

# The same for the names in the directory.
names_are() {
	gives 0 create -o "$scratch/made" "$(m)"
	cmp "$2" "$scratch/made" || fail "create wrote a different manifest"
	gives 0 verify -m "$2" "$(m)"
	gives 1 verify -m WRONG "$(m)"
	gives 0 compare "$(m)" "$1"
	gives 0 hash -r "$(m)"
	[ "$(cut -c 1-40 "$scratch/out")" = "$(cut -c 1-40 "$2")" ] || fail "the digests differ"
}

# Fail unless each command prints error $1, no digest and no verdict for the file, and continues with the
# other file. map, which reads little, may exit with status $2 (default 2).
fails_with() {
	rm -f "$scratch/made"
	gives 1 hash "$(m file)"
	prints ""
	warns "$1"
	gives 1 hash -r "$(m)"
	prints "$(digest_of true/other)  $(m other)"
	gives 2 create -o "$scratch/made" "$(m)"
	warns "$1"
	[ ! -e "$scratch/made" ] || fail "a manifest was written"
	for sums in SUMS WRONG; do
		gives 2 verify -m $sums "$(m)"
		shows "file: "
		shows "$1"
		shows "UNDECIDED: 1 "
		shows ", 1 entry holds; "
	done
	gives 2 compare "$(m)" true
	shows "$1"
	gives "${2:-2}" map "$(m file)"
}

# Run the arguments once for each policy.
under_all() {
	for policy in "${policies[@]}"; do
		"$@"
	done
}

false_hole="the file system reported a hole where there is data"
changed="changed while it was being read"
