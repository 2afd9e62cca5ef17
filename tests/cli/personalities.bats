#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# If the program's name is sha1sum or similar, sparsesum behaves like that program.

load ../support/helpers

# Run the program under the name of a link.
make_links() {
	mkdir "$scratch/bin"
	for name in sha1sum sha224sum sha256sum sha384sum sha512sum; do
		ln -s "$SPARSESUM" "$scratch/bin/$name"
	done
	sum=$scratch/bin/sha1sum
}

@test "random command lines behave as in coreutils" {
	export TEST_CASES=${TEST_CASES:-400}
	[ -z "$SANITIZE" ] || TEST_CASES=60
	[ "${TEST_LONG:-}" != 1 ] || TEST_CASES=3000
	chmod 755 "$scratch/here"
	try python3 "$BATS_TEST_DIRNAME/differential.py" generate
	ends_with 0
	shows "$TEST_CASES cases, 0 failed"
	tried 25 "$TEST_CASES"
	tried 29 "$TEST_CASES"
	tried 30 "$TEST_CASES"
	tried 34 "$TEST_CASES"
}

@test "only the program's name decides, also with symlinks and paths" {
	make_links
	printf abc >file
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		try "$scratch/bin/${algorithm}sum" file
		ends_with 0
		prints "$("${algorithm}sum" file)"
		ln -s "../bin/${algorithm}sum" "$scratch/here/${algorithm}sum"
		PATH=$scratch/bin:$PATH try "${algorithm}sum" file missing
		prints "$("${algorithm}sum" file)"
		complains "${algorithm}sum: missing: No such file or directory"
		try "./${algorithm}sum" --check
		complains "./${algorithm}sum: 'standard input': no properly formatted checksum lines found"
	done </dev/null
	for name in gsha1sum sha1sum2 sha1 SHA1SUM md5sum sha1sum.exe; do
		ln -s "$SPARSESUM" "$scratch/bin/$name"
		try "$scratch/bin/$name" file
		ends_with 2
		warns "sparsesum: unknown command"
	done
}

@test "additional options must be written in full and do not change abbreviations" {
	make_links
	make_image image
	expected=$(sha1sum image)
	for options in -j2 '-j 2' --threads=3 '--threads 3' --holes=read '--holes trust' --holes=verify --progress \
		--no-progress '-bj2 -t' '--threads 2 --holes read --progress --text'; do
		# shellcheck disable=SC2086 # several options
		try "$sum" $options image
		ends_with 0
		prints "$expected"
		# shellcheck disable=SC2086 # several options
		try "$sum" image $options
		prints "$expected"
		complains ""
	done
	try "$sum" --h
	ends_with 0
	shows "Usage: $sum [OPTION]... [FILE]..."
	shows "Added by sparsesum"
	for word in --thr --ho --prog --no --n; do
		try "$sum" $word image
		complains "$sum: unrecognized option '$word'"$'\n'"Try '$sum --help' for more information."
		ends_with 1
	done
	try "$sum" image --holes
	complains "$sum: option '--holes' requires an argument"$'\n'"Try '$sum --help' for more information."
	try "$sum" -- --holes=read
	complains "$sum: '--holes=read': No such file or directory"
	POSIXLY_CORRECT=1 try "$sum" image --holes=read
	complains "$sum: '--holes=read': No such file or directory"
}

@test "each verdict is printed before the next line is read" {
	make_links
	printf a >a
	line=$(sha1sum a)
	coproc SUM { "$sum" --check; }
	pid=$SUM_PID # bash forgets it when the process has ended
	for _ in 1 2 3; do
		echo "$line" >&"${SUM[1]}"
		read -r -t 20 answer <&"${SUM[0]}"
		[ "$answer" = "a: OK" ]
	done
	eval "exec ${SUM[1]}>&-"
	wait "$pid"
}

@test "a pipe is read after the files before it and before the files after it" {
	make_links
	mkfifo fifo
	noise 3000000 >data
	for _ in 1 2 3; do
		rm -f copy
		{ head -c 1M data; sleep 0.1; tail -c +1048577 data; } | tee fifo >copy &
		try timeout 20 "$sum" fifo copy data
		ends_with 0
		prints "$(sha1sum <data | sed s/-/fifo/; sha1sum <data | sed s/-/copy/; sha1sum data)"
		try timeout 20 "$sum" /dev/fd/9 data /dev/fd/9 - /dev/stdin 9< <(cat data) < <(cat data)
		prints "$(sha1sum /dev/fd/9 data /dev/fd/9 - /dev/stdin 9< <(cat data) < <(cat data))"
	done
	wait
	tried 23 3
}

@test "a signal stops the program at once, without a message" {
	make_links
	mkfifo fifo
	for signal in INT TERM HUP; do
		try timeout --foreground -s $signal 0.5 "$sum" fifo
		ends_with 124
		prints ""
		complains ""
	done
}

@test "each line is written by one call as soon as it is complete, also to a file" {
	command -v strace >/dev/null || skip "strace is not installed"
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	make_links
	seq 100 | while read -r i; do echo "$i" >"file$i"; done
	sha1sum file* >manifest
	try strace -f -qq -s 100 -e trace=write -o "$scratch/trace" "$sum" file*
	[ "$(grep -c 'write(1, ".*  file[0-9]*\\n", ' "$scratch/trace")" -eq 100 ]
	try strace -f -qq -s 100 -e trace=write -o "$scratch/trace" "$sum" -c manifest
	[ "$(grep -c 'write(1, "file[0-9]*: OK\\n", ' "$scratch/trace")" -eq 100 ]
}

@test "there is no progress without --progress" {
	command -v script >/dev/null || skip "script is not installed"
	[ -z "$SANITIZE" ] || skip "too slow with a sanitizer"
	make_links
	truncate -s 2G big
	try timeout 60 script -qec "$sum big" /dev/null </dev/null
	prints "$(sha1sum big)"$'\r'
	try timeout 60 script -qec "$sum --progress big" /dev/null </dev/null
	shows " of 2.0 GiB"
}
