#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hostile manifests and checkpoints with one defect each, from the tables tests/cli/hostile/*.tsv.

load ../support/helpers

each_row() {
	try python3 "$BATS_TEST_DIRNAME/hostile/try.py" . "$1"
	ends_with 0
	read -r rows names twice <"$scratch/out"
}

@test "each hostile manifest is accepted or refused as documented, and sha1sum agrees" {
	each_row manifests
	tried 30 "$rows"
	tried 27 "$names"
	tried 28 "$twice"
}

@test "hostile checkpoints are reported by line and change no verdict" {
	each_row checkpoints
	tried 30 "$rows"
}
