#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Linux before 5.6, and sandboxes, have no openat2(2): whole suites run under a seccomp filter for which
# it does not exist. What they expect is the same.

load ../support/helpers

# Run the programs or bats files $2... under the filter that answers with $1.
under() {
	local error=$1 suite command out=$scratch/suite
	local filter="$BUILD/tests/system/tools/refuse_openat2"
	[ -z "$SANITIZE" ] || skip "the suites run once under a sanitizer"
	"$filter" "$error" true || skip "no seccomp filters here"
	shift
	for suite in "$@"; do
		command="$BUILD/tests/$suite"
		[[ $suite != *.bats ]] || command="bats --tap $root/tests/$suite"
		# shellcheck disable=SC2086 # several words
		TEST_SKIPS='' TEST_TRIED='' "$filter" "$error" timeout 1000 $command >"$out" 2>&1 3>&- ||
			{ grep -v '^ok' "$out"; fail "$suite fails without openat2()"; }
	done
	tried 50 $#
}

@test "packages without openat2(): the suites of the library" {
	local suites="test_tree test_verify test_create test_hash_each test_listing test_compare_directories"
	! is_long || suites+=" test_beneath test_verify_damage test_verify_checkpoints test_verify_moves
		test_resume test_races test_concurrent_package"
	# shellcheck disable=SC2086 # several words
	under ENOSYS $suites
}

@test "packages without openat2(): the suites of the command" {
	local suites="create_verify manifests"
	! is_long || suites+=" bagit check checkpoints collisions compare_map explain hash hashdeep hostile json junit
		limits mtree names resume selection"
	# shellcheck disable=SC2046,SC2086 # several words
	under ENOSYS $(printf 'cli/%s.bats ' $suites)
}

@test "packages where a sandbox forbids openat2(): EPERM" {
	under EPERM test_tree test_listing
}
