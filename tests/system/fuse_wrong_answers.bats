#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# File systems with wrong answers about content, sizes, times and names.

load ../support/fuse

# ---- Content ----

@test "content: reads are short" {
	serve read-short
	under_all content_is true SUMS
	tried 24 $cases
}

@test "content: end of file after 777 bytes" {
	serve read-ends-early
	under_all fails_with "$changed" "0 2"
	tried 16 $cases
}

@test "content: EIO in the middle" {
	serve read-eio
	under_all fails_with "Input/output error" 0
	tried 20 $cases
}

@test "content: ESTALE" {
	serve read-estale
	under_all fails_with "Stale file handle" 0
	tried 20 $cases
}

@test "content: reads are interrupted" {
	serve read-interrupted
	under_all content_is true SUMS
	tried 20 $cases
}

@test "content: reads are interrupted forever" {
	serve read-always-interrupted
	policy=auto fails_with "Interrupted system call" 0
	tried 20 $cases
}

@test "content: open is interrupted forever" {
	serve open-interrupted
	policy=auto fails_with "Interrupted system call"
	tried 20 $cases
}

# This cannot be detected, but the file must not be reported as right.
@test "content: different at each read" {
	serve read-differently
	for policy in "${policies[@]}"; do
		gives "0 1" hash "$(m file)"
		gives "1 2" verify -m SUMS "$(m)"
		gives "1 2" verify -m WRONG "$(m)"
		gives "1 2" compare "$(m file)" true/file
	done
	tried 18 $cases
}

# Stop a command after 0.9 seconds: it must exit within a few seconds, and leave no file.
stops() {
	local began=$SECONDS
	try timeout -s INT -k 8 0.9 "$SPARSESUM" "$@"
	cases=$((cases + 1))
	ends_with 124
	[ $((SECONDS - began)) -lt 7 ] || fail "$*: it does not stop"
	[ ! -e "$scratch/made" ] || fail "$*: a manifest was written"
	output_lacks "$(digest_of true/file)"
}

@test "content: reads are slow: progress is shown, and a signal stops the command" {
	serve read-slowly
	for command in "hash $(m file)" "create -o $scratch/made $(m)" "verify -m SUMS $(m)" "compare $(m) true"; do
		# shellcheck disable=SC2086 # several words
		stops $command --progress
		warns " of 1.0 MiB"
	done
	tried 40 $cases
}

# ---- Sizes and times ----

changing() {
	serve "$1"
	under_all fails_with "$changed"
	tried 17 $cases
}

@test "size: it changes" { changing stat-size-moves; }
@test "times: they change" { changing stat-time-moves; }
@test "inode: it changes" { changing stat-inode-moves; }

@test "links: their number changes: the message says what moved, and that the content may be the same" {
	serve stat-links-move
	policy=auto
	moved="its change time and link count moved; a hard link, chmod or chown does that without changing the content"
	gives 1 hash "$(m file)"
	prints ""
	warns "file: $changed: $moved"
	gives 2 verify -m SUMS "$(m)"
	shows_line "file: $changed: $moved"
	gives 2 create -o "$scratch/made" "$(m)"
	warns "file: $changed: $moved; publish when nothing writes to it"
	gives 2 compare "$(m file)" true/file
	warns "$(m file): $changed: $moved"
	gives 2 compare "$(m)" true
	shows_line "file: could not be compared: $changed: $moved"
	gives 2 explain "$(m file)" "$nothing"
	warns "$(m file): $changed: $moved"
	(cd "$(m)" && "$SPARSESUM" check - <<<"$nothing  file" 2>&1 | grep -qF "file: $changed: $moved") ||
		fail "check does not say what moved"
	gives 2 verify --json -m SUMS "$(m)"
	[ "$(jq -c 'select(.path == "file").changes' "$scratch/out")" = '["change time","link count"]' ] ||
		fail "the changes in JSON"
	gives 1 hash --json "$(m file)"
	[ "$(jq -c 'select(.type == "error").changes' "$scratch/out")" = '["change time","link count"]' ] ||
		fail "the changes in JSON"
	tried 19 $cases
}

# Times that prove nothing: the file is read twice, and the report says so.
read_twice() {
	serve "$1"
	for policy in "${policies[@]}"; do
		gives 0 hash "$(m file)"
		prints "$(digest_of true/file)  $(m file)"
		warns "file: was read twice, with the same content: its times prove nothing"
		gives 0 verify -m SUMS "$(m)"
		warns "1 file was read twice, with the same content: the times prove nothing"
		gives 1 verify -m WRONG "$(m)"
		gives 0 compare "$(m file)" true/file
		warns "$(m file): was read twice"
		gives 1 compare wrong/file "$(m file)"
	done
	gives 0 hash --json "$(m file)"
	[ "$(jq -c 'select(.type == "digest").read_twice' "$scratch/out")" = true ] || fail "read_twice in JSON"
	gives 0 verify --json -v -m SUMS "$(m)"
	[ "$(jq -c 'select(.path == "file").read_twice' "$scratch/out")" = true ] || fail "read_twice in JSON"
	[ "$(jq -c 'select(.path == "other").read_twice' "$scratch/out")" = null ] || fail "other has good times"
	[ "$(jq -c 'select(.type == "summary").read_twice' "$scratch/out")" = 1 ] || fail "read_twice in the summary"
	gives 0 explain "$(m file)" "$(digest_of true/file)"
	warns "$(m file): was read twice"
	gives 0 create -o "$scratch/made" "$(m)"
	cmp SUMS "$scratch/made"
	tried 41 $cases
}

@test "times: in the future: the file is read twice" { read_twice stat-in-future; }
@test "times: none: the file is read twice" { read_twice stat-no-times; }

@test "times: in the future, and another content at each reading: changed, never a digest" {
	serve in-future-and-differently
	for policy in auto trust read; do # with verify, the first byte of the hole differs: a false hole
		gives 1 hash "$(m file)"
		prints ""
		warns "file: $changed: its content moved"
		gives 2 verify -m SUMS "$(m)"
		shows_line "file: $changed: its content moved"
		gives 2 compare "$(m file)" true/file
	done
	tried 41 $cases
}

@test "size: smaller than the content; only that many bytes are hashed" {
	serve stat-size-is-less
	accept cut_to 1047676
	under_all content_is accepted ACCEPTED
	under_all gives 1 verify -m SUMS "$(m)"
	tried 16 $cases
}

@test "size: larger than the content" {
	serve stat-size-is-more
	accept zeros_in 1048676 1000
	for policy in "${policies[@]}"; do
		case $policy in
		trust) content_is accepted ACCEPTED ;;
		*) fails_with "$changed" "0 2" ;;
		esac
	done
	tried 16 $cases
}

@test "size: 0, as in /proc" {
	serve stat-size-is-zero
	for policy in "${policies[@]}"; do
		gives 0 hash "$(m file)"
		prints "$(digest_of true/file)  $(m file)"
		gives 0 verify -m SUMS "$(m)"
		gives 1 verify -m WRONG "$(m)"
		gives 2 compare "$(m file)" true/file
	done
	tried 22 $cases
}

@test "size: 2^63-1" {
	serve stat-size-is-largest
	under_all fails_with_too_long
	tried 14 $cases
}

fails_with_too_long() {
	gives 1 hash "$(m file)"
	prints ""
	warns "longer than the digest algorithm is defined for"
	gives 2 create -o "$scratch/made" "$(m)"
	gives 2 verify -m SUMS "$(m)"
	gives "0 2" map "$(m file)"
}

@test "size: the largest that SHA-1 allows, nearly all of it a hole" {
	serve stat-size-is-huge
	policy=auto fails_with "$changed" 0
	stops hash --holes=trust "$(m file)"
	warns "this will take about"
	stops verify --holes=trust -m SUMS "$(m)"
	tried 15 $cases
}

@test "links: 0, and no blocks" {
	serve stat-no-links
	under_all content_is true SUMS
	tried 5 $cases
}

@test "blocks: none" {
	serve stat-no-blocks
	under_all content_is true SUMS
	tried 5 $cases
}

# ---- Names ----

same_names() {
	serve "$1"
	policy=auto
	names_are true SUMS
	tried 33 $cases
}

@test "names: one is listed twice" { same_names dir-twice; }
@test "names: listed without a type" { same_names dir-no-type; }
@test "names: a file is listed as a directory" { same_names dir-file-is-directory; }
@test "names: a file is listed as a FIFO" { same_names dir-file-is-fifo; }

# "file" sorts before "file.x", but the content of a directory "file" after it.
@test "names: a file is listed as a directory, with a name that sorts between the two" {
	serve dir-order
	for directory in true wrong; do
		cp $directory/other $directory/file.x
	done
	(cd true && sha1sum file file.x other) >SUMS
	(cd wrong && sha1sum file file.x other) >WRONG
	policy=auto
	names_are true SUMS
	tried 33 $cases
}

names_fail() {
	serve "$1"
	policy=auto
	gives 1 hash -r "$(m)"
	warns "$2"
	gives 2 create -o "$scratch/made" "$(m)"
	[ ! -e "$scratch/made" ] || fail "a manifest was written"
	gives 2 verify -m SUMS "$(m)"
	shows "UNDECIDED"
	gives 2 compare "$(m)" true
	shows "UNDECIDED"
	gives 0 hash "$(m file)"
	tried 33 $cases
}

@test "names: one does not exist" { names_fail dir-ghost "No such file or directory"; }
@test "names: one has a slash" { names_fail dir-slash "Input/output error"; }
@test "names: one is empty" { names_fail dir-empty-name "Input/output error"; }
@test "names: the listing fails in the middle" { names_fail dir-fails "Input/output error"; }

@test "names: a FIFO is listed as a file" {
	serve dir-fifo-is-file
	policy=auto
	gives 0 hash -r "$(m)"
	gives 2 create -o "$scratch/made" "$(m)"
	warns "pipe: is a FIFO"
	gives 1 verify -m SUMS "$(m)"
	shows "pipe: extra (a FIFO"
	gives 1 compare "$(m)" true
	tried 23 $cases
}

@test "names: a symlink out of the directory is listed as a file" {
	serve dir-link-is-file
	policy=auto
	gives 0 hash -r "$(m)"
	output_lacks "$(digest_of /etc/passwd)"
	gives 0 create -o "$scratch/made" "$(m)"
	! grep -F "$(digest_of /etc/passwd)" "$scratch/made" || fail "the symlink was followed"
	gives 1 verify -m SUMS "$(m)"
	shows "link: extra (a symlink"
	gives 1 compare "$(m)" true
	tried 26 $cases
}

@test "names: an endless listing, and a signal stops the command" {
	serve dir-endless
	for command in "hash -r $(m)" "create -o $scratch/made $(m)" "verify -m SUMS $(m)" "compare $(m) true"; do
		# shellcheck disable=SC2086 # several words
		stops $command
	done
	tried 40 $cases
}
