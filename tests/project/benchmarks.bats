#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The published tables match the measured values in docs/benchmarks/results.csv.

setup() {
	export PYTHONDONTWRITEBYTECODE=1
	results=docs/benchmarks/results.csv
}

@test "docs/benchmarks.md is made from the results" {
	python3 bench/report.py "$results" bench/benchmarks.md.in | diff docs/benchmarks.md -
}

@test "the table in README matches the results" {
	python3 bench/report.py "$results" <(echo '@brief@') >"$BATS_TEST_TMPDIR/brief"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/brief")" -gt 6 ]
	while IFS= read -r line; do
		grep -qxF -e "$line" README.md || { echo "README.md lacks: $line"; false; }
	done <"$BATS_TEST_TMPDIR/brief"
}

@test "the charts exist as SVG and as PNG" {
	for chart in image share packages growth; do
		xmllint --noout "docs/benchmarks/$chart.svg"
		head -c 8 "docs/benchmarks/$chart.png" | cmp - <(printf '\211PNG\r\n\032\n')
	done
}
