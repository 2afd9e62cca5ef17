#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The example for CI: the copies made by all tools hold, and a wrong copy is detected.

load ../support/helpers

directory=$root/examples/ci

@test "the copies made by each installed tool hold" {
	try "$directory/check-equivalence.sh" results
	ends_with 0
	for tool in cp-sparse cp-dense tar-sparse dd-sparse dd-dense; do
		shows_line "$tool: holds"
		jq -es '.[-1] | .status == 0 and .holds == 2' "results/$tool.json"
		grep -q 'tests="3" failures="0" errors="0"' "results/$tool.xml"
	done
	command -v rsync >"$scratch/where" && shows_line "rsync-sparse: holds"
	command -v qemu-img >"$scratch/where" && shows_line "qemu-img: holds" || shows_line "qemu-img: skipped, qemu-img is not installed"
	tried 6 5
}

@test "a copy that differs is reported, and the run fails" {
	DAMAGE=dd-sparse try "$directory/check-equivalence.sh" results
	ends_with 1
	shows_line "dd-sparse: differs"
	shows_line "cp-dense: holds"
	grep -q '<testcase classname="sparsesum" name="dense.img"><failure' results/dd-sparse.xml
	SPARSESUM=/nowhere/sparsesum try "$directory/check-equivalence.sh" results
	ends_with 2
}

@test "the workflow is valid YAML and runs existing programs" {
	python3 -c 'import yaml' 2>"$scratch/where" || skip "no yaml for python3 here"
	python3 - "$directory/equivalence.yml" <<-'END' >commands
		import sys, yaml
		steps = yaml.safe_load(open(sys.argv[1]))["jobs"]["equivalence"]["steps"]
		print("\n".join(step["run"] for step in steps if "run" in step))
	END
	[ "$(wc -l <commands)" -ge 3 ]
	grep -oE '[a-z./]*/(check-equivalence.sh|dependencies)' commands | while read -r file; do
		[ -x "$root/$file" ] || fail "no $file"
	done
	grep -q 'examples/ci/check-equivalence.sh' commands
	grep -q '\.ci/dependencies build' commands
	grep -q '^all:' "$root/Makefile"
}
