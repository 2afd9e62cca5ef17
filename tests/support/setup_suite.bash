# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# bats runs this before the suites of a directory that has a link to this file.

setup_suite() {
	[ ! -x "${SPARSESUM:-}" ] || [ ! -d "${BUILD:-}" ] || return 0
	echo "SPARSESUM has to be the path of the built command, and BUILD that of the build directory."
	echo "Run the suite with tests/run, as in 'tests/run cli/hash', or set SPARSESUM=\$PWD/build/sparsesum BUILD=\$PWD/build."
	return 1
}
