# SPDX-License-Identifier: MIT
# The examples do what their comments say.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir p
	seq 1000 >p/numbers
	truncate -s 3M p/image
	(cd p && sha1sum image numbers >SHA1SUMS)
	hash_file=$BUILD/examples/hash_file
	verify_package=$BUILD/examples/verify_package
}

@test "hash_file prints what sha1sum prints" {
	[ "$("$hash_file" p/image)" = "$(sha1sum p/image)" ]
	[ "$("$hash_file" p/numbers sha512)" = "$(sha512sum p/numbers)" ]
}

@test "hash_file fails with a reason" {
	run "$hash_file" missing
	[ "$status" -eq 1 ] && [[ $output == "missing: No such file or directory" ]]
	run "$hash_file" p/image sha0
	[ "$status" -eq 1 ] && [ -n "$output" ]
	run "$hash_file"
	[ "$status" -eq 2 ] && [[ $output == usage:* ]]
}

@test "verify_package: a package that holds" {
	"$verify_package" p >out 2>err
	[ ! -s out ]
	grep -q '2 entries, 2 hold' err
}

@test "verify_package names what differs" {
	printf x | dd of=p/image bs=1 seek=1000000 conv=notrunc status=none
	rm p/numbers
	touch p/extra
	run bash -c '"$0" p 2>err' "$verify_package"
	[ "$status" -eq 1 ]
	[ "$(grep -v '^ ' <<<"$output")" = $'image: differs\nextra: extra\nnumbers: missing' ]
	[[ $output == *"    found sha1 $(sha1sum p/image | cut -c1-40)"* ]]
	[[ $output == *"    expected sha1 $(sed -n 's/  image$//p' p/SHA1SUMS)"* ]]
}

@test "verify_package verifies only the names that match a pattern" {
	rm p/numbers
	touch p/extra
	run bash -c '"$0" p "i*" 2>err' "$verify_package"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	grep -q '1 entries, 1 hold' err
	run bash -c '"$0" p "n*" 2>err' "$verify_package"
	[ "$status" -eq 1 ] && [[ $output == "numbers: missing"* ]]
}

@test "verify_package reports an undecided package" {
	echo nonsense >>p/SHA1SUMS
	run bash -c '"$0" p 2>err' "$verify_package"
	[ "$status" -eq 2 ] && [[ $output == "SHA1SUMS: bad line ("* ]]
	run "$verify_package" missing
	[ "$status" -eq 2 ] && [[ $output == *"missing: No such file or directory"* ]]
	run "$verify_package"
	[ "$status" -eq 2 ]
}

# ---- upload ----

# A server for uploads: it writes the file with its holes, prints the digest, and writes the numbers of
# received bytes and holes to "received".
receive() { # FILE
	python3 -c '
import sys
stream, last, bytes, holes = sys.stdin.buffer, None, 0, 0
with open(sys.argv[1], "wb") as file:
    for line in stream:
        kind, *words = line.decode().split()
        if kind in ("data", "hole"):
            offset, length = map(int, words)
            assert offset == file.tell()
            if kind == "data":
                data = stream.read(length)
                assert len(data) == length
                file.write(data)
                bytes += length
            else:
                file.seek(length, 1)
                file.truncate()
                holes += 1
        else:
            last = words[0]
print(bytes, holes, file=open("received", "w"))
print(last)' "$1"
}

make_sparse() { # FILE
	truncate -s 9000001 "$1"
	seq 100000 | dd of="$1" bs=4096 seek=100 conv=notrunc status=none
	printf end | dd of="$1" oflag=seek_bytes seek=7000000 conv=notrunc status=none
}

@test "upload reads a sparse file once, and sends its content and its digest" {
	local algorithm
	: >empty
	make_sparse sparse
	for file in sparse empty p/numbers p/image; do
		for algorithm in sha1 sha512; do
			digest=$("$BUILD/examples/upload" $file $algorithm | receive got)
			[ "$digest" = "$("${algorithm}sum" <$file | cut -d ' ' -f 1)" ]
			cmp got $file
		done
	done
}

@test "upload sends holes as holes and reads no byte twice" {
	[ -n "$TEST_TMPFS" ] || skip "no file system whose holes are known"
	[ -z "$SANITIZE" ] || skip "sanitizers do not work under strace"
	cd "$(mktemp -d "$TEST_TMPFS/upload-XXXXXX")"
	make_sparse sparse
	strace -P sparse -e trace=pread64 -o trace "$BUILD/examples/upload" sparse | receive got >digest
	cmp got sparse
	read -r bytes holes <received
	[ "$holes" -eq 3 ] && [ "$bytes" -lt 700000 ]
	# The bytes read from the file are those that were sent.
	[ "$(sed -n 's/^pread64(.* = \([0-9]*\)$/\1/p' trace | awk '{ sum += $1 } END { print sum }')" -eq "$bytes" ]
	rm -r "$PWD"
}

@test "upload prints no digest if it fails" {
	run "$BUILD/examples/upload" missing
	[ "$status" -eq 1 ] && [ "$output" = "missing: No such file or directory" ]
	run "$BUILD/examples/upload" p/image sha0
	[ "$status" -eq 1 ] && [ -n "$output" ]
	run bash -c '"$0" p/numbers >/dev/full' "$BUILD/examples/upload"
	[ "$status" -eq 1 ] && [ "$output" = "p/numbers: No space left on device" ]
	run "$BUILD/examples/upload"
	[ "$status" -eq 2 ]
	# A file that grows while the reader of the stream is slow.
	head -c 3000000 /dev/urandom >growing
	("$BUILD/examples/upload" growing 2>err || echo $? >status) | { head -c 100000 >/dev/null; echo x >>growing
		cat; } >rest
	[ "$(cat status)" -eq 1 ]
	[ "$(cat err)" = "growing: changed while it was being read" ]
	run ! grep -a '^sha1 ' <(tail -c 100 rest)
}

# ---- verify_progress ----

# A package with a file of zeros that takes hours to hash.
make_endless() {
	cd "$(mktemp -d "${TEST_TMPFS:-$BATS_TEST_TMPDIR}/endless-XXXXXX")"
	mkdir p
	echo x >p/a
	truncate -s 4T p/b || skip "no file of 4 TiB here"
	(cd p && sha1sum a && echo "0000000000000000000000000000000000000000  b") >SHA1SUMS
	mv SHA1SUMS p
}

# Wait until a line of the file $1 contains $2; at most ten seconds.
await() {
	for _ in $(seq 200); do
		! grep -qa -e "$2" "$1" || return 0
		sleep 0.05
	done
	cat "$1"
	return 1
}

@test "verify_progress prints verdicts, differing files and progress" {
	run -0 "$BUILD/examples/verify_progress" p
	[[ $output == *"2 entries judged, 2 hold" ]]
	truncate -s 40M p/image
	"$SPARSESUM" create -q p
	printf x | dd of=p/image oflag=seek_bytes seek=16777221 conv=notrunc status=none
	run -1 "$BUILD/examples/verify_progress" p
	[[ $output == *"image: differs"*"    16777216 bytes at 16777216"* ]]
	run -2 "$BUILD/examples/verify_progress" missing
	run -2 "$BUILD/examples/verify_progress"
}

@test "verify_progress stops cleanly on a signal" {
	[[ $SANITIZE != *thread* ]] || skip "ThreadSanitizer delays signals during a blocking call"
	make_endless
	for signal in INT TERM; do
		# A shell starts background processes with SIGINT ignored.
		env --default-signal=INT "$BUILD/examples/verify_progress" p >out 2>err 3>&- &
		await err '%'
		kill -$signal $!
		await err 'entries judged, ' || { kill -KILL $!; false; }
		status=0
		wait $! || status=$?
		[ $status -eq 3 ]
	done
	rm -r "$PWD"
}

# ---- C++ ----

@test "verify_raii verifies several packages" {
	cp -r p q
	"$BUILD/examples/verify_raii" p q >out
	[ ! -s out ]
	touch q/extra
	run -1 "$BUILD/examples/verify_raii" p q
	[ "$output" = "q/extra: extra" ]
}

@test "verify_raii turns errors into exceptions, in callbacks too" {
	run -2 "$BUILD/examples/verify_raii" missing
	[ "$output" = "missing: No such file or directory" ]
	run -2 "$BUILD/examples/verify_raii"
	touch p/extra
	run -2 bash -c '"$0" p >/dev/full' "$BUILD/examples/verify_raii"
	[ "$output" = "standard output cannot be written" ]
}

# ---- Python ----

needs_python() {
	[ -z "$SANITIZE" ] || skip "the library needs a sanitizer that the interpreter lacks"
	export SPARSESUM_LIBRARY=$BUILD/libsparsesum.so PYTHONDONTWRITEBYTECODE=1
	export PYTHONPATH=$BATS_TEST_DIRNAME/../../examples
	sparsesum_py=$PYTHONPATH/sparsesum.py
}

@test "sparsesum.py has the structures of the headers" {
	needs_python
	python3 -c '
import ctypes, sparsesum
for name, struct in vars(sparsesum).items():
    if name.startswith("ssum_"):
        print(f"struct {name} size {ctypes.sizeof(struct)}")
        for member, _ in struct._fields_:
            at = getattr(struct, member)
            print(f"struct {name} member {member} offset {at.offset} bytes {at.size}")
for name in "HOLDS", "DIFFERS":
    print(f"enum ssum_verdict SSUM_{name} {getattr(sparsesum, name)}")
for name in "DIGEST_MAX", "VERDICT_COUNT":
    print(f"constant SSUM_{name} {getattr(sparsesum, name)}")
for name, number in sparsesum.HOLES.items():
    print(f"enum ssum_holes SSUM_HOLES_{name.upper()} {number}")
print(f"enum ssum_error SSUM_ERR_CANCELLED {sparsesum.CANCELLED}")' | sort >python
	[ "$(grep -c ' size ' python)" -ge 7 ]
	"$BATS_TEST_DIRNAME/abi" "$BATS_TEST_DIRNAME"/../../include/{,sparsesum/}*.h | sed 's/\( bytes [0-9]*\) type .*/\1/' >header
	run comm -23 python <(sort header)
	echo "$output"
	[ -z "$output" ]
	# No member of the structures is missing.
	structs=$(sed -n 's/^struct \(ssum_[a-z_]*\) size.*/\1/p' python)
	[ "$(grep -c ' member ' python)" -eq "$(grep -cwE "struct ($(echo $structs | tr ' ' '|')) member" header)" ]
}

@test "sparsesum.py hashes and verifies" {
	needs_python
	name=$'caf\xe9' # in Latin-1
	seq 9 >"p/$name"
	[ "$(python3 "$sparsesum_py" hash "p/$name" p/image)" = "$(sha1sum "p/$name" p/image)" ]
	run python3 "$sparsesum_py" verify p
	[ "$status" -eq 1 ] && [ "$output" = "$name: extra" ]
	rm "p/$name"
	run -0 python3 "$sparsesum_py" verify p
	[ -z "$output" ]
	run -2 python3 "$sparsesum_py" verify missing
	[ "$output" = "missing: No such file or directory" ]
	run -2 python3 "$sparsesum_py"
}

@test "sparsesum.py: reports, progress, exceptions, cancellation" {
	needs_python
	"$SPARSESUM" create -q p
	make_endless
	cp -r "$BATS_TEST_TMPDIR/p" good
	python3 - <<-'END'
		import os, signal, sparsesum, threading

		with sparsesum.Context(threads=2) as context:
		    reports = []
		    summary = context.verify("good", reports.append)
		    assert summary.holds and summary.count["holds"] == 2 and summary.bytes > 3 << 20, summary
		    # The manifest has a report too.
		    assert {r.path for r in reports} >= {"image", "numbers"}, reports
		    assert all(r.verdict == "holds" for r in reports)
		    with open("good/numbers", "a") as file:
		        file.write("x")
		    reports.clear()
		    assert not context.verify("good", reports.append).holds
		    assert [r.verdict for r in reports if r.path == "numbers"] == ["differs"]
		    assert [r.path for r in reports if r.kind == "manifest"], reports
		    reports.clear()
		    summary = context.verify("good", reports.append, select=lambda path, _: path == "image")
		    assert summary.holds and [r.path for r in reports if r.kind == "entry"] == ["image"], reports
		    try:
		        context.verify("good", select=lambda path, _: {}[path])
		        assert False
		    except KeyError:
		        pass

		    def fail(report):
		        raise KeyError(report.path)
		    try:
		        context.verify("good", fail)
		        assert False
		    except KeyError:
		        pass
		    for call in (lambda: context.hash_file("missing"), lambda: context.hash_file("good/numbers", "sha0"),
		                 lambda: context.verify("good", content_hash="xyz")):
		        try:
		            call()
		            assert False
		        except sparsesum.Error as error:
		            assert error.code < 0 and str(error)
		    try:
		        context.verify("good", content_hash="00" * 20)
		    except sparsesum.Error:
		        assert False

		# Progress, and an exception from its callback, during a hash that would take hours.
		def stop(progress):
		    calls.append(progress)
		    if len(calls) == 3:
		        raise InterruptedError
		calls = []
		with sparsesum.Context(progress=stop) as context:
		    try:
		        context.verify("p")
		        assert False
		    except InterruptedError:
		        assert 0 < calls[-1].bytes_done < calls[-1].bytes_due and calls[-1].due_is_final

		# Cancel from another thread, and by Ctrl-C.
		with sparsesum.Context() as context:
		    threading.Timer(0.3, context.cancel).start()
		    try:
		        context.verify("p")
		        assert False
		    except sparsesum.Cancelled as error:
		        assert error.code == sparsesum.CANCELLED
		signal.signal(signal.SIGINT, signal.default_int_handler)
		with sparsesum.Context() as context:
		    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
		    try:
		        context.hash_file("p/b")
		        assert False
		    except KeyboardInterrupt:
		        pass
	END
	rm -r "$PWD"
}

@test "sparsesum.py creates, compares and receives" {
	needs_python
	cp -r p q
	rm -f p/SHA1SUMS*
	hash=$(python3 "$sparsesum_py" create p)
	[ "$hash" = "$(cd p && sha1sum SHA1SUMS)" ]
	(cd p && sha1sum --status -c SHA1SUMS)
	cp -r p same
	run -0 python3 "$sparsesum_py" compare p same
	[ -z "$output" ]
	echo x >>same/numbers
	run -1 python3 "$sparsesum_py" compare p same
	[ "$output" = "numbers: differs" ]
	head -c 500000 "$BUILD/libsparsesum.a" >content
	mkdir r && cp content r/content
	"$SPARSESUM" create -q --checkpoints=65536 r
	python3 - "$(sha1sum <content)" <<-'END'
		import os, sparsesum, sys
		data = open("content", "rb").read()
		digest, listed = sys.argv[1].split()[0], "r/SHA1SUMS.checkpoints"
		verdicts = []
		fd = os.open("got", os.O_RDWR | os.O_CREAT)
		with sparsesum.Receiver(fd, digest, len(data), checkpoints=listed, name="content",
		                        segment=lambda *verdict: verdicts.append(verdict)) as receiver:
		    receiver.write(0, b"wrong" + data[5:65536])
		    receiver.write(0, data[:65536])
		    assert verdicts == [(0, 65536, False), (0, 65536, True)], verdicts
		    assert receiver.missing() == [(65536, len(data) - 65536)]
		    assert receiver.progress() == (65536, 0, len(data) - 65536)
		    receiver.save("state")
		with sparsesum.Receiver(fd, digest, len(data), checkpoints=listed, state="state") as receiver:
		    for offset, length in receiver.missing():
		        receiver.write(offset, data[offset:offset + length])
		    assert receiver.finish()
		    try:
		        receiver.write(len(data), b"x")
		        assert False
		    except sparsesum.Error as error:
		        assert str(error) == "Invalid argument"
	END
	cmp content got
}

@test "sparsesum.py ends on Ctrl-C without a traceback" {
	needs_python
	make_endless
	env --default-signal=INT python3 "$sparsesum_py" verify p >out 2>err 3>&- &
	# It verifies when it has the endless file open.
	for _ in $(seq 200); do
		! find "/proc/$!/fd" -lname '*/p/b' 2>/dev/null | grep -q . || break
		sleep 0.05
	done
	kill -INT $!
	status=0
	wait $! || status=$?
	[ $status -eq 130 ]
	[ ! -s err ] && [ ! -s out ]
	rm -r "$PWD"
}

@test "examples use only the public library and are short" {
	cd "$BATS_TEST_DIRNAME/../../examples"
	[ "$(grep -lE '#include <sparsesum(/package|/receiver)?\.h>' ./*.c ./*.cpp | wc -l)" -eq "$(ls ./*.c ./*.cpp | wc -l)" ]
	run ! grep '#include "' ./*.c ./*.cpp
	[ "$(wc -l <hash_file.c)" -lt 40 ]
	[ "$(wc -l <verify_package.c)" -lt 90 ]
}
