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

# The commands of the steps whose names match.
steps() {
	python3 - "$directory/equivalence.yml" "$1" <<-'END'
		import re, sys, yaml
		steps = yaml.safe_load(open(sys.argv[1]))["jobs"]["equivalence"]["steps"]
		print("\n".join(step["run"] for step in steps if "run" in step and re.search(sys.argv[2], step["name"])))
	END
}

# What is cloned and built is replaced by what is built here.
@test "the workflow runs in a repository of another project" {
	python3 -c 'import yaml' 2>"$scratch/where" || skip "no yaml for python3 here"
	mkdir -p runner/sparsesum/build other
	ln -s "$SPARSESUM" runner/sparsesum/build/sparsesum
	ln -s "$root/examples" runner/sparsesum/examples
	steps Copy >commands
	[ "$(wc -l <commands)" -eq 1 ]
	export RUNNER_TEMP=$PWD/runner
	cd other
	try bash -e ../commands
	ends_with 0
	shows_line "cp-sparse: holds"
	[ -s results/cp-sparse.xml ]
	# The other steps name nothing of the other repository either, and targets that exist.
	steps Build >../build
	grep -q 'git clone --depth 1 "$SPARSESUM" "$RUNNER_TEMP/sparsesum" && make -C "$RUNNER_TEMP/sparsesum" deps PURPOSE=build && make -C "$RUNNER_TEMP/sparsesum" all' ../build
	grep -q '^all:' "$root/Makefile"
	grep -q '^deps:' "$root/Makefile"
}
