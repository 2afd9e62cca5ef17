# SPDX-License-Identifier: MIT
# The public headers, and the symbols that the libraries export.

root=$BATS_TEST_DIRNAME/../..
strict="-Wall -Wextra -Wpedantic -Wconversion -Werror"
headers="sparsesum.h sparsesum/package.h sparsesum/receiver.h"

# The functions that the headers declare.
declared() {
	(cd "$root/include" && cat $headers) | tr '\n' ' ' | grep -o 'SSUM_API [^;()]*\bssum_[a-z_]*(' |
		grep -o 'ssum_[a-z_]*' | sort -u
}

exported() {
	sed -n 's/^[[:space:]]*\(ssum_[a-z_]*\);$/\1/p' "$root/lib/libsparsesum.map" | sort
}

# Compile each header alone, with each installed compiler, in each standard: compile SUFFIX,
# compilers, standards.
compile() {
	local compiler header standard compiled=0
	cd "$BATS_TEST_TMPDIR"
	for compiler in $2; do
		command -v "$compiler" >/dev/null || continue
		for header in $headers; do
			echo "#include <$header>" >"alone.$1"
			for standard in $3; do
				"$compiler" -std="$standard" $strict -I"$root/include" -fsyntax-only "alone.$1"
				compiled=$((compiled + 1))
			done
		done
	done
	[ "$compiled" -gt 0 ] || skip "none of $2 is here"
}

@test "each header compiles alone as C99, C11 and C17" {
	compile c "gcc clang" "c99 c11 c17"
}

@test "each header compiles alone as C++11 and C++17" {
	compile cc "g++ clang++" "c++11 c++17"
}

@test "include/ contains nothing but the headers" {
	diff <(cd "$root/include" && find . -type f | sed 's,^\./,,' | sort) <(printf '%s\n' $headers | sort)
}

@test "the headers and the linker map list the same functions" {
	[ "$(declared | wc -l)" -gt 20 ]
	diff <(declared) <(exported)
}

@test "the shared library exports only these names" {
	diff <(exported) <(nm -D --defined-only "$BUILD/libsparsesum.so.0" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
}

@test "the static library exports only these names" {
	[ -z "$SANITIZE" ] || skip "sanitizers add symbols"
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

# Of the C library, and of the threads: everything that prints, ends the process or changes signals of it.
@test "the library never prints, exits or installs signal handlers, and has no global state" {
	[ -z "$SANITIZE" ] || skip "sanitizers print and have state of their own"
	nm -D --undefined-only "$BUILD/libsparsesum.so.0" | awk '{ sub(/@.*/, "", $2); print $2 }' >"$BATS_TEST_TMPDIR/used"
	grep -qx snprintf "$BATS_TEST_TMPDIR/used"
	run grep -xE '(v|f|d|vf|vd)?printf(_chk)?|__(v|f|d|vf|vd)?printf_chk|puts|fputs|putchar|fwrite|perror|syslog|stdout|stderr|_?exit|_Exit|quick_exit|abort|__assert_fail|signal|sigaction|bsd_signal|raise|kill|atexit|pthread_atfork|setlocale|setenv|putenv|chdir|umask' \
		"$BATS_TEST_TMPDIR/used"
	echo "$output"
	[ "$status" -eq 1 ]
	# What it finds out about the processor, once, is all that can be written.
	diff <(nm "$BUILD/libsparsesum.so.0" | awk '$2 ~ /^[bB]$/ { sub(/\.[0-9]*$/, "", $3); print $3 }' | sort -u) \
		<(printf '%s\n' completed features features_once)
	[ -z "$(objdump -t "$BUILD/libsparsesum.so.0" | awk '$4 == ".data" && $3 == "O" && $NF != "__dso_handle" && $NF != "__TMC_END__"')" ]
}
