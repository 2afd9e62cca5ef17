#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Output that cannot be written, signals, and low limits of the system.

# shellcheck disable=SC2016,SC2012 # scripts for another shell are meant to be quoted so
load ../support/helpers
needs_signals=1

# Run the script $1 in a separate shell, because bats changes the descriptors of its own.
shell() { try bash -c "$1" bash "$SPARSESUM"; }

@test "output that cannot be written causes one error message" {
	mkdir package
	printf x >package/file
	"$SPARSESUM" create -q package >/dev/null
	cp package/SHA1SUMS manifest
	for line in '1 hash package/file' '1 hash --json package/file' '2 create package' '2 verify package' '2 verify --json package' \
		'2 compare package package' '2 compare manifest manifest' '2 map manifest' '2 map --json manifest' \
		'2 --help' '2 --version' '1 hash --help' '2 verify --version'; do
		shell "\"\$1\" ${line#* } >/dev/full"
		ends_with "${line%% *}"
		complains "sparsesum: write error: No space left on device"
		shell "\"\$1\" ${line#* } >&-"
		ends_with "${line%% *}"
		complains "sparsesum: write error: Bad file descriptor"
	done
	shell 'cd package; "$1" check SHA1SUMS >/dev/full'
	ends_with 1
	complains "sparsesum: write error: No space left on device"
	tried 34 1
}

@test "a write error ends hash at the first file" {
	printf x >file
	shell '"$1" hash -j1 file missing file >/dev/full'
	ends_with 1
	complains "sparsesum: write error: No space left on device"
}

@test "closed descriptors are not reused for output" {
	printf x >file
	shell '"$1" hash file <&- >&- 2>&-'
	ends_with 1
	shell '"$1" hash file missing 2>&-'
	ends_with 1
	prints "$(sha1sum file)"
	mkdir package && cp file package
	shell '"$1" create package <&- >&- 2>&-'
	ends_with 2
	(cd package && sha1sum -c --quiet --strict SHA1SUMS)
	printf x | cmp - file
}

@test "a closed pipe terminates the command without a message" {
	printf x >file
	sha1sum file >manifest
	for words in 'hash file' 'hash --json file' 'check manifest' 'compare file file' 'map file' 'map --json file' --help; do
		shell "{ sleep 0.1; exec \"\$1\" $words; } | true; exit \${PIPESTATUS[0]}"
		ends_with $((128 + $(kill -l PIPE)))
		complains ""
	done
	tried 34 1
}

# Send the signals in $2 to a command, $1 seconds apart. Print how and when it ended.
end_of() {
	rm -f "$scratch/end"
	try timeout 60 perl -e '
		use Time::HiRes qw(sleep time);
		my ($seconds, $signals) = splice @ARGV, 0, 2;
		my $pid = fork;
		if (!$pid) { $SIG{INT} = "DEFAULT"; exec @ARGV }
		my $last;
		for (split " ", $signals) { sleep $seconds; $last = time; kill $_, $pid }
		waitpid $pid, 0;
		open my $end, ">", "'"$scratch/end"'";
		printf $end "%s %d\n", $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8), 10 * (time - $last);
	' "$@"
	read -r how number tenths <"$scratch/end"
}

dies_by() {
	[ "$how $number" = "signal $1" ] || fail "should be killed by signal $1, but: $how $number"
	[ "$tenths" -le "$2" ] || fail "took $tenths tenths of a second"
}

@test "a signal stops the hashing of a large file, with one message" {
	truncate -s 40G big
	for signal in INT TERM HUP; do
		end_of 0.3 $signal "$SPARSESUM" hash big
		dies_by "$(kill -l $signal)" 20
		prints ""
		complains "sparsesum: interrupted"
	done
	mkdir directory
	mv big directory
	for command in 'hash -r directory' 'hash --json directory/big' 'compare --holes=read directory/big directory/big'; do
		# shellcheck disable=SC2086 # several words
		end_of 0.3 TERM "$SPARSESUM" $command
		dies_by 15 20
		prints ""
		[ "$(wc -l <"$scratch/err")" -eq 1 ]
		warns "sparsesum: interrupted"
	done
	tried 15 1
	tried 40 1
}

@test "an interrupted create leaves the old manifest or none, and no temporary file" {
	mkdir package
	truncate -s 40G package/big
	end_of 0.3 INT "$SPARSESUM" create package
	dies_by 2 20
	prints ""
	complains "sparsesum: interrupted; nothing was written; use --resume to continue"
	[ "$(ls -A package)" = big ]
	echo old >package/SHA1SUMS
	end_of 0.3 TERM "$SPARSESUM" create -a sha1 -a sha256 package
	dies_by 15 20
	[ "$(ls -A package | sort)" = $'SHA1SUMS\nbig' ]
	[ "$(cat package/SHA1SUMS)" = old ]
	end_of 0.3 KILL "$SPARSESUM" create package
	dies_by 9 20
	[ "$(ls -A package | sort)" = $'SHA1SUMS\nbig' ]
	[ "$(cat package/SHA1SUMS)" = old ]
}

@test "an interrupted verify prints no verdict and says so" {
	mkdir package
	truncate -s 40G package/big
	echo "da39a3ee5e6b4b0d3255bfef95601890afd80709  big" >package/SHA1SUMS
	end_of 0.3 INT "$SPARSESUM" verify package
	dies_by 2 20
	complains "sparsesum: interrupted; nothing was decided; use --resume to continue"
	output_lacks DIFFERS
	output_lacks UNDECIDED
	cd package || return 1
	end_of 0.3 INT "$SPARSESUM" check SHA1SUMS
	dies_by 2 20
}

@test "a signal ends the wait for standard input within seconds, a second signal at once" {
	mkfifo fifo
	exec 7<>fifo
	end_of 0.3 TERM "$SPARSESUM" hash fifo
	dies_by 15 20
	end_of 0.3 'INT INT' "$SPARSESUM" hash - <&7
	dies_by 2 5
	end_of 0.3 TERM "$SPARSESUM" check - <&7
	dies_by 15 20
	exec 7>&-
	mkdir directory
	end_of 0.3 TERM "$SPARSESUM" verify -m fifo directory
	dies_by 15 20
}

@test "a FIFO in place of a manifest does not block" {
	mkdir p && echo a >p/a && mkfifo p/SHA1SUMS
	for command in verify create; do
		try timeout 20 "$SPARSESUM" $command p
		ends_with 2
		warns "SHA1SUMS: not a regular file"
	done
	tried 23 2
}

@test "a signal that the parent ignores stays ignored, as under nohup" {
	truncate -s 1500M big
	try timeout 60 bash -c 'trap "" HUP; "$1" hash big & sleep 0.3; kill -HUP $!; wait $!' bash "$SPARSESUM"
	ends_with 0
	shows "  big"
}

@test "16 descriptors are enough" {
	mkdir -p package/{a,b,c}/{1..6}/deep
	for i in {1..6}; do
		for directory in a b c; do noise 100000 >"package/$directory/$i/deep/file"; done
	done
	cp -a package copy
	for command in 'create package' 'verify package' 'hash -j64 -r package' 'compare -j64 copy copy'; do
		shell "ulimit -n 16; \"\$1\" $command"
		ends_with 0
		complains ""
	done
	(cd package && sha1sum -c --quiet --strict SHA1SUMS)
	tried 33 1
}

@test "256 MiB of address space are enough for any file" {
	[ -z "$SANITIZE" ] || skip "sanitizers reserve terabytes of address space"
	mkdir package
	make_image package/image
	truncate -s 200M package/hole
	expected=$(cd package && sha1sum hole image)
	for command in 'hash -j4 hole image' 'create -q -j4 .' 'verify -j4 .' 'compare hole hole'; do
		shell "ulimit -v 262144; cd package; \"\$1\" $command"
		ends_with 0
		complains ""
		[[ $command != hash* ]] || prints "$expected"
	done
}

@test "too little memory causes an error message, not a crash" {
	[ -z "$SANITIZE" ] || skip "sanitizers reserve terabytes of address space"
	printf x >file
	for ((kilobytes = 12000; kilobytes < 120000; kilobytes += 9000)); do
		shell "ulimit -v $kilobytes; \"\$1\" hash -j64 file"
		[ "$status" -ne 139 ] && [ "$status" -ne 134 ] || fail "crashed with $kilobytes KiB"
		[ "$status" -eq 0 ] || [ -s "$scratch/err" ] || fail "failed without a message with $kilobytes KiB"
	done
}

@test "without providers of libcrypto, SHA-1 and SHA-2 work, and other algorithms cause a clear error" {
	make_image image
	cat >openssl.cnf <<-'END'
		openssl_conf = main
		[main]
		providers = list
		[list]
		null = off
		[off]
		activate = 1
	END
	if OPENSSL_CONF=$PWD/openssl.cnf openssl md5 image >/dev/null 2>&1; then skip "this OpenSSL ignores the configuration"; fi
	export OPENSSL_CONF=$PWD/openssl.cnf
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		try "$SPARSESUM" hash -a $algorithm image
		ends_with 0
		prints "$(${algorithm}sum image)"
	done
	for algorithm in md5 sha3-256; do
		try "$SPARSESUM" hash -a $algorithm image
		ends_with 1
		prints ""
		warns "unknown algorithm '$algorithm': use one of sha1, "
	done
	tried 38 1
}
