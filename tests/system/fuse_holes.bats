#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# File systems with wrong answers about holes.

load ../support/fuse

# Impossible answers are ignored, and a file without usable answers is read completely.
right_result() {
	serve "$1"
	under_all content_is true SUMS
	tried 9 $cases
}

@test "SEEK_HOLE: correct answers" { right_result nothing; }
@test "SEEK_HOLE: the offset goes backwards" { right_result seek-backwards; }
@test "SEEK_HOLE: always offset 0" { right_result seek-zero; }
@test "SEEK_HOLE: always the same offset" { right_result seek-same; }
@test "SEEK_HOLE: an offset after the end" { right_result seek-past; }
@test "SEEK_HOLE: the largest offset" { right_result seek-far; }
@test "SEEK_HOLE: the smallest negative offset" { right_result seek-smallest; }
@test "SEEK_HOLE: a negative offset" { right_result seek-negative; }
@test "SEEK_HOLE: everything is data" { right_result seek-all-data; }
@test "SEEK_HOLE: ENOSYS" { right_result seek-enosys; }
@test "SEEK_HOLE: EINVAL" { right_result seek-einval; }
@test "SEEK_HOLE: EOPNOTSUPP" { right_result seek-eopnotsupp; }
@test "SEEK_HOLE: EIO" { right_result seek-eio; }

# Data that is reported as a hole: --holes=trust accepts the hole, --holes=verify reports it, other policies
# do not query holes.
false_holes() {
	serve "$1"
	accept zeros_in "$2" "$3"
	for policy in "${policies[@]}"; do
		case $policy in
		trust) content_is accepted ACCEPTED ;;
		verify) fails_with "$false_hole" ;;
		*) content_is true SUMS ;;
		esac
	done
	policy=trust
	gives 1 verify -m SUMS "$(m)"
	gives 1 compare "$(m file)" true/file
	tried 10 $cases
}

@test "false hole: the whole file" { false_holes seek-no-data 0 1048676; }
@test "false hole: ENXIO at every offset" { false_holes seek-enxio 0 1048676; }
@test "false hole: over data at the end" { false_holes seek-tail 720896 327780; }
@test "false hole: over data in the middle" { false_holes seek-hole-over-data 720896 65536; }
@test "false hole: data begins late, and ends before it begins" { false_holes seek-hole-before-data 0 4096; }

@test "map prints no sums after a false hole" {
	serve seek-hole-over-data
	policy=verify
	gives 2 map --json "$(m file)"
	jq -es 'map(.type) == ["extent", "summary"] and (.[-1] | .error and
		([has("data", "holes", "size", "extents")] | any | not))' "$scratch/out" || fail "sums were printed"
}

@test "SEEK_HOLE: a different answer at each call" {
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
