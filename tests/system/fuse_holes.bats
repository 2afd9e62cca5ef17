#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# File systems that lie about holes.

load ../support/fuse

# What cannot be true is not believed; nor is who says nothing.
no_harm() {
	serve "$1"
	under_all content_is true SUMS
	tried 9 $cases
}

@test "nothing is a lie" { no_harm nothing; }
@test "answers go backwards" { no_harm seek-backwards; }
@test "always the beginning" { no_harm seek-zero; }
@test "always the same place" { no_harm seek-same; }
@test "behind the end" { no_harm seek-past; }
@test "as far as it goes" { no_harm seek-far; }
@test "the smallest number" { no_harm seek-smallest; }
@test "a negative number" { no_harm seek-negative; }
@test "everything is data" { no_harm seek-all-data; }
@test "ENOSYS" { no_harm seek-enosys; }
@test "EINVAL" { no_harm seek-einval; }
@test "EOPNOTSUPP" { no_harm seek-eopnotsupp; }
@test "EIO" { no_harm seek-eio; }

# A hole that could be one: who trusts believes it, who verifies is told, and nobody else asks.
false_holes() {
	serve "$1"
	believe zeros_in "$2" "$3"
	for policy in "${policies[@]}"; do
		case $policy in
		trust) content_is believed BELIEVED ;;
		verify) fails_with "$false_hole" ;;
		*) content_is true SUMS ;;
		esac
	done
	policy=trust
	gives 1 verify -m SUMS "$(m)"
	gives 1 compare "$(m file)" true/file
	tried 10 $cases
}

@test "there is no data" { false_holes seek-no-data 0 1048676; }
@test "ENXIO for all" { false_holes seek-enxio 0 1048676; }
@test "one at the end, over data" { false_holes seek-tail 720896 327780; }
@test "one over data" { false_holes seek-hole-over-data 720896 65536; }
@test "the data begins later, and its end before" { false_holes seek-hole-before-data 0 4096; }

@test "the sums of a map that stops at a false hole are not told" {
	serve seek-hole-over-data
	policy=verify
	gives 2 map --json "$(m file)"
	jq -es 'map(.type) == ["extent", "summary"] and (.[-1] | .error and
		([has("data", "holes", "size", "extents")] | any | not))' "$scratch/out" || fail "not so"
}

@test "another answer at each call" {
	serve seek-random
	policy=auto
	content_is true SUMS
	for policy in trust verify; do
		for _ in {1..3}; do
			gives "0 1" hash "$(m file)"
			[ "$policy$status" != verify0 ] || prints "$(digest_of true/file)  $(m file)"
			gives "1 2" verify -m WRONG "$(m)"
			gives "0 1 2" verify -m SUMS "$(m)"
			gives "1 2" compare "$(m file)" wrong/file
			gives "0 2" map "$(m file)"
		done
	done
	policy=verify
	fails_with "$false_hole"
	tried 10 $cases
}
