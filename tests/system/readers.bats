#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Memory to read a list grows in proportion to its size. docs/testing.md has the numbers of all sizes.

load ../support/helpers

@test "memory grows with the number of lines, for each format" {
	[ -z "$SANITIZE" ] || skip "sanitizers use memory of their own"
	if is_long; then
		"$root"/tests/system/readers "$SPARSESUM"
	else
		"$root"/tests/system/readers "$SPARSESUM" 100 3000
	fi
}

@test "memory grows with the depth of nested directories" {
	[ -z "$SANITIZE" ] || skip "sanitizers use memory of their own"
	if is_long; then
		"$root"/tests/system/readers --depth "$SPARSESUM"
	else
		"$root"/tests/system/readers --depth "$SPARSESUM" 1 3000
	fi
}
