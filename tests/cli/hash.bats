#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `sparsesum hash` prints the same lines and messages, and has the same exit status, as sha1sum and similar
# programs.

load ../support/helpers

algorithms=(sha1 sha224 sha256 sha384 sha512)

# The kinds of standard input that a program can have.
by_redirection() { "$@" <"$input"; }
by_pipe() { tail -c +1 "$input" | "$@"; }
by_pieces() { (head -c 10 "$input"; sleep 0.02; tail -c +11 "$input") | "$@"; }
after_1000_bytes() { { dd of=/dev/null bs=1000 count=1 status=none; "$@"; } <"$input"; }
by_process() { "$@" < <(cat "$input") 9< <(cat "$input"); }
by_nobody() { as_nobody "$@" <"$input"; }
from=by_redirection

# Fail unless `hash -a ALG` and ALGsum behave the same with the operands.
same() {
	local algorithm=$1 their_status
	shift
	try "$from" "${algorithm}sum" "$@"
	their_status=$status
	mv "$scratch/out" "$scratch/their-out"
	sed "s/^${algorithm}sum:/sparsesum:/" "$scratch/err" >"$scratch/their-err"
	try "$from" "$program" hash -a "$algorithm" "$@"
	ends_with "$their_status"
	cmp "$scratch/their-out" "$scratch/out" || fail "$algorithm $*: not as ${algorithm}sum prints it"
	diff "$scratch/their-err" "$scratch/err" || fail "$algorithm $*: not as ${algorithm}sum says it"
}

same_for_all() {
	for algorithm in "${algorithms[@]}"; do
		same "$algorithm" "$@"
	done
}

program=$SPARSESUM
odd_names=('a b' "it's" 'say "x"' $'new\nline' 'back\slash' $'carriage\rreturn' $'tab\there' $'latin\xe9'
	' lead' 'trail ' '*star' '#hash' $'bell\a' 'umläut' '漢字' '$HOME' '~' 'a:b' 'x=y' '(paren)' '{' '}' '\n'
	$'both\n\\ and\r' '[' '!' '`' "'" '"' "'\"" $'\xff\xfe' $'\177' "'a'\$'b'")

make_files() {
	printf abc >plain
	touch empty
	make_image image
	noise 1000003 >data
}

@test "the lines of regular files are those of coreutils" {
	make_files
	same_for_all plain
	same_for_all empty
	same_for_all plain empty image data plain
}

@test "format options change the lines as in coreutils" {
	make_files
	for options in -b -t --binary --text --tag -z --zero -bz -tz '--tag -z' '-b --tag' '--tag -b' '-t --tag' \
		'-t -b' '-b -t' '-b -t -z --tag' '--bin' '--te'; do
		# shellcheck disable=SC2086 # several options
		same sha1 $options plain empty
	done
	same_for_all -b plain
	same_for_all --tag plain
	same_for_all plain -z empty
	same_for_all -- plain
}

@test "names with any bytes are escaped as in coreutils" {
	for name in "${odd_names[@]}"; do
		printf %s "$name" >"$name"
	done
	for options in '' --tag -z '--tag -z' -b; do
		# shellcheck disable=SC2086 # several options, or none
		same sha1 $options "${odd_names[@]}"
	done
	same_for_all "${odd_names[@]}"
}

@test "names with any bytes are quoted in messages as in coreutils" {
	names=("${odd_names[@]}")
	for ((byte = 1; byte < 256; byte++)); do
		printf -v name %b "\\x$(printf %02x $byte)"
		[ "$name" = / ] || [ "$name" = . ] || [ "$name" = - ] || names+=("$name")
		names+=("x$name" "$name'y")
	done
	same sha1 -- "${names[@]}"
	ends_with 1
}

@test "a name that begins with - is an operand after --" {
	printf 1 >-b
	printf 2 >--tag
	same_for_all -- -b --tag
	same_for_all ./-b
}

@test "standard input is hashed without operands, as - and among files" {
	make_files
	input=image
	for from in by_redirection by_pipe by_pieces by_process; do
		same sha1
		same sha1 -
		same sha256 plain - image
		same sha1 --tag -
	done
	from=by_redirection same_for_all -
}

@test "standard input is hashed from its current position to its end" {
	make_files
	input=image from=after_1000_bytes
	same_for_all
	same sha1 -
	same sha1 - plain -
	[ "$({ dd bs=1000 count=1 of=/dev/null status=none; "$SPARSESUM" hash - >/dev/null; wc -c; } <image)" -eq 0 ]
	tried 24 1
}

@test "a second - reads nothing, since standard input is at its end" {
	make_files
	input=image
	for from in by_redirection by_pipe; do
		same sha1 - -
		same sha1 - plain - image -
	done
}

@test "closed standard input is an error, and the other files are hashed" {
	make_files
	try "$SPARSESUM" hash - plain <&-
	ends_with 1
	prints "$(sha1sum plain)"
	complains "$(sha1sum - 2>&1 <&- | sed 's/^sha1sum/sparsesum/')"
}

@test "pipes and FIFOs are read to their end" {
	make_files
	input=data from=by_process
	same_for_all /dev/fd/9
	mkfifo fifo
	cat image >fifo &
	try timeout 20 "$SPARSESUM" hash fifo plain
	ends_with 0
	prints "$(digest_of image)  fifo"$'\n'"$(sha1sum plain)"
}

@test "symlinks are followed; directories and missing files are errors, and the rest is hashed" {
	make_files
	mkdir directory
	ln -s image link
	ln -s nowhere dangling
	ln -s loop loop
	same_for_all plain missing link directory dangling empty
	same sha1 loop plain/below directory/missing "$(printf 'x%.0s' {1..300})"
	same sha1 ''
	ends_with 1
}

@test "an unreadable file is an error, and the rest is hashed" {
	make_files
	mkdir closed
	touch closed/file
	chmod 000 data closed
	from=by_nobody program=../sparsesum
	same_for_all plain data image
	same sha1 closed/file
	ends_with 1
}

@test "pseudo-files with size 0 are read to their end" {
	files=(/dev/null /proc/version /proc/filesystems /proc/cmdline /sys/kernel/mm/transparent_hugepage/enabled
		/sys/kernel/btf/vmlinux)
	for file in "${files[@]}"; do
		[ -r "$file" ] && same_for_all "$file"
	done
	same sha1 /proc/self/mem
}

@test "several algorithms print a tagged line each, in the requested order" {
	make_files
	name=$'odd\nname'
	cp image "$name"
	try "$SPARSESUM" hash -a sha256 -a sha1 -a SHA512 --algorithm=sha224 -asha384 image plain "$name"
	ends_with 0
	for file in image plain "$name"; do
		for algorithm in sha256 sha1 sha512 sha224 sha384; do
			"${algorithm}sum" --tag "$file"
		done
	done | cmp - "$scratch/out"
}

@test "algorithms from libcrypto match openssl and coreutils" {
	make_files
	for algorithm in sha3-256 blake2s256 sm3 sha512-256; do
		try "$SPARSESUM" hash -a $algorithm image
		ends_with 0
		prints "$(openssl dgst -r -$algorithm image | cut -d ' ' -f 1)  image"
	done
	try "$SPARSESUM" hash -a md5 image
	prints "$(md5sum image)"
	try "$SPARSESUM" hash -a blake2b512 image
	prints "$(b2sum image)"
}

@test "with any number of threads, results are in the order of the operands" {
	names=()
	for i in {1..60}; do
		noise $((i % 7 == 0 ? 3000000 : i * 31)) >"file$i"
		names=("file$i" "${names[@]}" "missing$i")
	done
	sha1sum "${names[@]}" >"$scratch/expected" 2>/dev/null || true
	for threads in 1 2 7; do
		try "$SPARSESUM" hash -j$threads "${names[@]}"
		ends_with 1
		cmp "$scratch/expected" "$scratch/out"
		[ "$(wc -l <"$scratch/err")" -eq 60 ]
	done
}

@test "-r hashes the regular files below a directory, sorted by the bytes of their paths" {
	mkdir -p tree/a/b tree/a.d tree/empty "tree/odd ${odd_names[3]}"
	for name in a/1 a/b/2 a-file a.d/3 a0 Z "odd ${odd_names[3]}/${odd_names[7]}" .hidden; do
		printf %s "$name" >"tree/$name"
	done
	ln -s a tree/link-to-directory
	ln -s a/1 tree/link-to-file
	mkfifo tree/fifo
	printf top >top
	expect() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha1sum; }
	for directory in tree tree/ ./tree tree/a .; do
		try timeout 20 "$SPARSESUM" hash -r "$directory"
		ends_with 0
		prints "$(expect "$directory")"
	done
	try timeout 20 "$SPARSESUM" hash -r top tree/a tree/link-to-directory/b missing tree/empty tree/a.d
	ends_with 1
	prints "$(sha1sum top; expect tree/a tree/link-to-directory/b; expect tree/a.d)"
	complains "sparsesum: missing: No such file or directory"
}

@test "-r reports a directory that it cannot enter, and continues" {
	mkdir -p tree/closed tree/open
	printf 1 >tree/open/file
	chmod 000 tree/closed
	try as_nobody ../sparsesum hash -r tree
	ends_with 1
	prints "$(sha1sum tree/open/file)"
	complains "sparsesum: tree/closed: Permission denied"
}

@test "storage and --holes do not change the digest" {
	make_image sparse
	cp --sparse=never sparse dense
	for holes in auto trust verify read; do
		try "$SPARSESUM" hash --holes=$holes sparse dense
		ends_with 0
		prints "$(sha1sum sparse dense)"
	done
}

@test "FIFOs that are written in sequence are read in that order" {
	mkfifo first second
	timeout 20 sh -c 'head -c 3M /dev/zero >first; head -c 3M /dev/zero >second' 3>&- &
	expected=$(head -c 3M /dev/zero | sha1sum | cut -d ' ' -f 1)
	try timeout 20 "$SPARSESUM" hash -j1 first second
	ends_with 0
	shows_line "$expected  first"
	shows_line "$expected  second"
	tried 23 1
}
