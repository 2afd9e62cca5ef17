#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every byte and every pair of bytes in a name, on a terminal.

load ../support/helpers

@test "names of one or two bytes are printed escaped on a terminal, in results and messages" {
	# Under a sanitizer try one pair of a hundred, because each line takes much longer.
	try python3 "$BATS_TEST_DIRNAME/names.py" . "$([ -n "$SANITIZE" ] && echo 101 || echo 1)"
	ends_with 0
	tried 29 "$(cat "$scratch/out")"
}
