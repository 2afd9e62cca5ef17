# SPDX-License-Identifier: MIT
# The examples that send and receive an image by multicast, on the loopback interface only.

setup() {
	cd "$BATS_TEST_TMPDIR"
	work_in_tmpfs
	port=$((20000 + BASHPID % 20000))
	mkdir p
}

# Make a file of $1 MiB with two ranges of data of $2 bytes each, and its checkpoints.
make_image() {
	truncate -s "$1M" image
	noise 1 "$2" | dd of=image conv=notrunc status=none
	noise 2 "$2" | dd of=image oflag=seek_bytes seek=10000001 conv=notrunc status=none
	ln image p/image
	"$SPARSESUM" create --checkpoints=65536 p >/dev/null
	digest=$(sha1sum <image | cut -d ' ' -f 1)
}

teardown() {
	jobs -p | xargs -r kill 2>/dev/null || true
	[ -z "${scratch:-}" ] || rm -rf "$scratch"
}

work_in_tmpfs() {
	[ -z "${TEST_TMPFS:-}" ] && return
	scratch=$(mktemp -d "$TEST_TMPFS/receiver-XXXXXX")
	cd "$scratch"
}

noise() {
	openssl enc -aes-128-ctr -K "$1" -iv 0 -in /dev/zero 2>/dev/null | head -c "$2"
}

# Start the receiver in the background; `wait $receiver` returns its exit status.
start_receiver() {
	timeout 60 "$BUILD/examples/multicast_receiver" "$digest" p/SHA1SUMS.checkpoints "$1" "$port" 2>err 3>&- &
	receiver=$!
}

send() {
	timeout 60 "$BUILD/examples/multicast_sender" "$1" "$port" "${@:2}"
}

# Not `send &`, because `kill $sender` would kill only the shell.
start_sender() {
	timeout 60 "$BUILD/examples/multicast_sender" "$1" "$port" "${@:2}" 3>&- &
	sender=$!
}

ended_with() {
	local status=0
	wait "$receiver" || status=$?
	if grep '^socket: ' err; then
		skip "no multicast on the loopback"
	fi
	[ "$status" -eq "$1" ] || { cat err && return 1; }
}

blocks() {
	sync "$1"
	stat -c %b "$1"
}

@test "an image arrives intact over a network that loses and damages packets" {
	make_image 64 4000000
	start_receiver got
	send image 50 5 42 || true
	ended_with 0
	grep -q '^damaged: 65536 bytes at ' err
	cmp image got
	[ "$(sha1sum <got)" = "$digest  -" ]
	[ "$(blocks got)" -le $(($(blocks image) + 64)) ]
	[ ! -e got.state ]
}

@test "holes replace the old data of the file" {
	make_image 16 500000
	noise 3 20000000 >got
	start_receiver got
	send image || true
	ended_with 0
	cmp image got
	[ "$(blocks got)" -le $(($(blocks image) + 64)) ]
}

@test "an interrupted receiver resumes" {
	make_image 16 2000000
	start_receiver got
	start_sender image 800 0 7
	sleep 1
	# Not by timeout(1), which sends the signal twice, the second time while the receiver exits.
	kill "$(cat "/proc/$receiver/task/$receiver/children")"
	kill "$sender"
	ended_with 2
	grep -q 'got: ' err
	grep -q '^received	' got.state
	start_receiver got
	send image || true
	ended_with 0
	cmp image got
	[ ! -e got.state ]
}

@test "another image is refused" {
	make_image 16 500000
	cp --sparse=always image other
	printf x | dd of=other oflag=seek_bytes seek=10300000 conv=notrunc status=none
	start_receiver got
	start_sender other
	ended_with 1
	grep -q '^damaged: 65536 bytes at 10289152' err
	kill "$sender"
}

@test "the right image is accepted despite wrong checkpoints" {
	make_image 16 500000
	sed -i '160s/./0/;160s/..$/00/' p/SHA1SUMS.checkpoints
	start_receiver got
	send image || true
	ended_with 0
	cmp image got
}

@test "the examples print a reason when they fail" {
	make_image 16 0
	run "$BUILD/examples/multicast_receiver"
	[ "$status" -eq 2 ] && [[ $output == usage:* ]]
	run "$BUILD/examples/multicast_sender"
	[ "$status" -eq 2 ] && [[ $output == usage:* ]]
	run "$BUILD/examples/multicast_sender" missing "$port"
	[ "$status" -eq 2 ] && [[ $output == "missing: No such file or directory" ]]
	run "$BUILD/examples/multicast_receiver" "${digest}0" p/SHA1SUMS.checkpoints got "$port"
	[ "$status" -eq 2 ] && [[ $output == *": improperly formatted" ]]
	run "$BUILD/examples/multicast_receiver" "$digest" image got "$port"
	[ "$status" -eq 2 ] && [[ $output == "image: improperly formatted" ]]
}
