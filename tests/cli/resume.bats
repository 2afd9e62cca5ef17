#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Runs that are interrupted at different times, and resumed.

load ../support/helpers

needs_signals=1

# Make a file that takes seconds to hash and needs almost no space.
make_package() {
	mkdir package
	truncate -s 4G package/image
	for offset in 0 1G 2500M 4095M; do
		noise 300000 | dd of=package/image oflag=seek_bytes seek="$offset" conv=notrunc status=none
	done
	noise 3000000 >package/late
	printf small >package/small
}

journal() { find "$XDG_STATE_HOME" -type f 2>/dev/null; }

journal_size() {
	local path
	path=$(journal)
	stat -c %s ${path:+"$path"} 2>/dev/null || echo 0
}

# Run a command, and kill it when its journal has one more line than before.
kill_once_more_is_kept() {
	local before pid
	before=$(journal_size)
	"$@" >/dev/null 2>&1 &
	pid=$!
	while [ "$(journal_size)" -le "$before" ]; do
		kill -0 $pid || skip "this machine is too fast to interrupt the run"
		sleep 0.02
	done
	kill -KILL $pid
	wait $pid || true
}

# Run a command, send it a signal after some time, and wait until it exits.
stop_after() {
	local signal=$1 seconds=$2 pid
	shift 2
	"$@" >"$scratch/out" 2>"$scratch/err" &
	pid=$!
	sleep "$seconds"
	kill -"$signal" $pid || true # it may have ended
	status=0
	wait $pid || status=$?
}

# Standard error has nothing but how much of the interrupted run is taken over, if that was said in time.
only_resumes() {
	sed -i '/^sparsesum: resuming: the interrupted run has hashed [0-9.]* [MG]iB, /d' "$scratch/err"
	complains ""
}

@test "create resumes after SIGKILL, also repeatedly" {
	make_package
	"$SPARSESUM" create -q package >expected-hash
	mkdir due
	mv package/SHA1SUMS* due
	kill_once_more_is_kept "$SPARSESUM" create --resume package
	[ "$(LC_ALL=C ls -A package | tr '\n' ' ')" = "image late small " ]
	stop_after KILL 0.2 "$SPARSESUM" create --resume package
	[ "$(LC_ALL=C ls -A package | tr '\n' ' ')" = "image late small " ]
	cp "$(journal)" kept
	path=$(journal)
	try "$SPARSESUM" create --resume package
	ends_with 0
	only_resumes
	grep -q '^3 files, .* of it in an earlier run$' "$scratch/out"
	cmp due/SHA1SUMS package/SHA1SUMS
	cmp due/SHA1SUMS.checkpoints package/SHA1SUMS.checkpoints
	[ -z "$(journal)" ]

	# Entries that were changed after the kill are hashed again.
	cp kept "$path"
	try "$SPARSESUM" create --json --resume package
	ends_with 0
	jq -es 'any(.[]; .type == "summary" and .resumed > 1e8)' "$scratch/out"
	cmp due/SHA1SUMS.checkpoints package/SHA1SUMS.checkpoints
	cp kept "$path"
	damage package/image 3G
	try "$SPARSESUM" create -q --resume package
	ends_with 0
	! cmp -s expected-hash "$scratch/out" || fail "the old digest was published"
	try "$SPARSESUM" verify package
	ends_with 0
	tried 34 2
}

@test "verify resumes after SIGKILL, and finds later damage" {
	make_package
	"$SPARSESUM" create -q package >/dev/null
	kill_once_more_is_kept "$SPARSESUM" verify --no-checkpoints package
	stop_after TERM 0.2 "$SPARSESUM" verify --no-checkpoints --resume package
	path=$(journal)
	cp "$path" kept
	try "$SPARSESUM" verify --resume package
	ends_with 0
	only_resumes
	grep -q '^VERIFIED: 3 entries hold; 4.0 GiB in .* of it in an earlier run$' "$scratch/out"
	[ -z "$(journal)" ]

	cp kept "$path"
	touch -r package/image stamp
	damage package/image 100M
	touch -r stamp package/image
	try "$SPARSESUM" verify --resume package
	ends_with 1
	shows_line "image: differs"
	shows_line "    damaged   16777216 bytes at offset 100663296"

	# A journal is not used with another manifest.
	"$SPARSESUM" create -q package >/dev/null
	cp kept "$path"
	try "$SPARSESUM" verify --resume package
	ends_with 0
	complains "sparsesum: could not resume; started from the beginning"
	tried 34 1
}

@test "SIGTERM leaves a journal, and says so" {
	make_package
	for seconds in 0.7 1.4 2.8; do
		stop_after TERM $seconds "$SPARSESUM" create package
		[ "$status" -eq 0 ] && skip "this machine is too fast to interrupt the run"
		[ -z "$(journal)" ] || break
	done
	ends_with 143
	complains "sparsesum: interrupted; nothing was written; use --resume to continue"
	[ "$(stat -c %a "$(journal)")" = 600 ]
	[ "$(LC_ALL=C ls -A package | tr '\n' ' ')" = "image late small " ]
	# While another run holds the journal, this run does not use it.
	exec 9<"$(journal)"
	flock 9
	cp "$(journal)" kept
	stop_after TERM $seconds "$SPARSESUM" create package 9>&-
	if [ "$status" -ne 0 ]; then
		complains "sparsesum: another run of create uses the journal of this directory: the results of this run were not saved for --resume
sparsesum: interrupted; nothing was written"
	fi
	cmp "$(journal)" kept
	rm -f package/SHA1SUMS*
	exec 9<&-
	try "$SPARSESUM" create --resume package
	ends_with 0
	shows " of it in an earlier run"
	# If the signal is too early, there is nothing to save; if it is too late, the run has ended.
	for seconds in 0.1 0.2 0.4 0.8 1.6; do
		stop_after TERM $seconds "$SPARSESUM" verify --holes=read package
		[ "$status" -eq 0 ] && skip "this machine is too fast to interrupt the run"
		[ -z "$(journal)" ] || break
	done
	ends_with 143
	if [ -n "$(journal)" ]; then # it had finished a segment
		complains "sparsesum: interrupted; nothing was decided; use --resume to continue"
	else
		complains "sparsesum: interrupted; nothing was decided"
	fi
	try "$SPARSESUM" verify --resume --holes=read package
	ends_with 0
	[ -z "$(journal)" ]
}

@test "interruptions at any time, with any number of threads, do not change the verdict" {
	mkdir package
	for i in 1 2 3 4; do
		truncate -s 150M package/$i
		noise 400000 | dd of=package/$i oflag=seek_bytes seek="${i}0M" conv=notrunc status=none
	done
	"$SPARSESUM" create -q --checkpoints=64K package >/dev/null
	cp -a --sparse=always package copy
	damage copy/2 149M
	damage copy/3 0
	for threads in 1 2 4; do
		for time in 0.02 0.06; do
			for directory in package copy; do
				stop_after TERM $time "$SPARSESUM" verify --holes=read -j$threads $directory
				[ "$status" -eq 143 ] || [ "$status" -eq $([ $directory = package ] && echo 0 || echo 1) ]
				try "$SPARSESUM" verify --repair-list --resume --holes=read -j$threads $directory
				if [ $directory = package ]; then
					ends_with 0
					prints ""
				else
					ends_with 1
					prints $'156237824\t65536\t156237824-156303359\t2\t2\n0\t65536\t0-65535\t3\t3'
				fi
			done
		done
	done
}
