# SPDX-License-Identifier: MIT
# The public header, and the names that the libraries give out.

root=$BATS_TEST_DIRNAME/..
strict="-Wall -Wextra -Werror -pedantic"

# The functions that the header declares.
declared() {
	tr '\n' ' ' <"$root/include/sparsesum.h" | grep -o 'SSUM_API [^;()]*\bssum_[a-z_]*(' |
		grep -o 'ssum_[a-z_]*' | sort -u
}

exported() {
	sed -n 's/^[[:space:]]*\(ssum_[a-z_]*\);$/\1/p' "$root/lib/libsparsesum.map" | sort
}

compile() {
	echo '#include <sparsesum.h>' >"$BATS_TEST_TMPDIR/alone.$1"
	shift
	"$@" -I"$root/include" -fsyntax-only
}

@test "header compiles alone as C11" {
	compile c "${CC:-cc}" -std=c11 $strict "$BATS_TEST_TMPDIR/alone.c"
}

@test "header compiles alone as C++17" {
	command -v g++ || skip "no g++"
	compile cc g++ -std=c++17 $strict "$BATS_TEST_TMPDIR/alone.cc"
}

@test "functions of the header are in the map, and the other way round" {
	[ "$(declared | wc -l)" -gt 20 ]
	diff <(declared) <(exported)
}

@test "shared library gives out these names alone" {
	diff <(exported) <(nm -D --defined-only "$BUILD/libsparsesum.so.0" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
}

@test "static library gives out these names alone" {
	[ -z "$SANITIZE" ] || skip "sanitizers add names of their own"
	diff <(exported) <(nm -g --defined-only "$BUILD/libsparsesum.a" | awk 'NF == 3 { print $3 }' | sort)
}

@test "a C++ program links the library" {
	[ -z "$SANITIZE" ] || skip "needs the run-time of the sanitizer"
	command -v g++ || skip "no g++"
	cd "$BATS_TEST_TMPDIR"
	printf '#include <sparsesum.h>\n#include <cstdio>\nint main() { std::puts(ssum_version()); }\n' >v.cc
	g++ -std=c++17 $strict ${COVERAGE:-} -I"$root/include" v.cc "$BUILD/libsparsesum.a" -lcrypto -pthread -o v
	grep -q "SSUM_VERSION \"$(./v)\"" "$root/include/sparsesum.h"
}
