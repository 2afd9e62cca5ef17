#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every byte and every pair of bytes in a name, on a terminal.

load ../support/helpers

@test "no name of one or two bytes reaches a terminal raw, in results or messages" {
	# Under a sanitizer try one pair of a hundred, because each line takes much longer.
	try python3 "$BATS_TEST_DIRNAME/names.py" . "$([ -n "$SANITIZE" ] && echo 101 || echo 1)"
	ends_with 0
	tried 29 "$(cat "$scratch/out")"
}
