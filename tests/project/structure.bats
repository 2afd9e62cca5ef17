#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Rules for the source tree besides its layers: each function name is used once, and files do not call each
# other in cycles.

root=$BATS_TEST_DIRNAME/../..

# Percent of function names that may occur in more than one file.
most_shared=2

# Each function of lib/ and cli/ below $1: "name file".
functions() {
	(cd "$1" && ctags -x --languages=C --kinds-C=f -R lib cli | awk '$4 ~ /\.c$/ { print $1, $4 }' | sort -u)
}

# Names that occur in several of these files: "name file file ...".
shared() {
	awk '{ files[$1] = files[$1] " " $2; count[$1]++ } END { for (name in count) if (count[name] > 1) print name files[name] }' |
		sort
}

@test "few function names occur in several files" {
	local names shared
	functions "$root" >"$BATS_TEST_TMPDIR/functions"
	names=$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/functions" | sort -u | wc -l)
	[ "$names" -gt 500 ]
	shared <"$BATS_TEST_TMPDIR/functions" >"$BATS_TEST_TMPDIR/shared"
	cat "$BATS_TEST_TMPDIR/shared"
	shared=$(wc -l <"$BATS_TEST_TMPDIR/shared")
	echo "$shared of $names names occur in several files"
	[ $((shared * 100)) -le $((names * most_shared)) ]
}

@test "names that occur twice are found" {
	mkdir -p "$BATS_TEST_TMPDIR/lib/base" "$BATS_TEST_TMPDIR/cli"
	cd "$BATS_TEST_TMPDIR"
	printf 'static int one(void)\n{\n\treturn 1;\n}\nint two(void)\n{\n\treturn one();\n}\n' >lib/base/a.c
	printf 'static void\none(int x)\n{\n}\nint three(void);\nint four = 4;\n' >lib/base/b.c
	printf 'int two(void);\nstatic struct a *one(char **c) { return 0; }\n#define three() 3\n' >cli/c.c
	run bash -c "$(declare -f functions shared); functions . | shared"
	echo "$output"
	[ "$output" = "one cli/c.c lib/base/a.c lib/base/b.c" ]
}

@test "files do not call each other in cycles" {
	[ "$(cd "$BUILD" && find lib cli -name '*.o' | wc -l)" -gt 80 ]
	"$BATS_TEST_DIRNAME/circles" "$BUILD" "$root" >"$BATS_TEST_TMPDIR/circles"
	cat "$BATS_TEST_TMPDIR/circles"
	[ ! -s "$BATS_TEST_TMPDIR/circles" ]
}

@test "cycles are found" {
	local file
	mkdir -p "$BATS_TEST_TMPDIR/lib/x" "$BATS_TEST_TMPDIR/cli"
	cd "$BATS_TEST_TMPDIR"
	# Two files that call each other, three in a cycle, one that calls through a table, and a
	# chain.
	echo 'int b(void); int a(void) { return b(); }' >lib/x/a.c
	echo 'int a(void); int b(void) { return a(); }' >lib/x/b.c
	echo 'int d(void); int c(void) { return d(); }' >lib/x/c.c
	echo 'int e(void); int d(void) { return e(); }' >cli/d.c
	echo 'extern int (*const table[])(void); int e(void) { return table[0](); }' >cli/e.c
	echo 'int c(void); int (*const table[])(void) = {c};' >cli/table.c
	echo 'int a(void); int c(void); int main(void) { return a() + c(); }' >cli/chain.c
	for file in lib/x/*.c cli/*.c; do
		${CC:-cc} -c "$file" -o "${file%.c}.o"
	done
	echo 'int a(void); int b(void);' | ${CC:-cc} -xc -c - -o cli/no_source.o
	run "$BATS_TEST_DIRNAME/circles" . .
	echo "$output"
	[ "$output" = "cli/d cli/e cli/table lib/x/c"$'\n'"lib/x/a lib/x/b" ]
}

# Functions that need a large library are separate programs.
@test "the command links only the libraries that hash and verify need" {
	[ -z "$SANITIZE" ] || skip "sanitizers add libraries"
	run bash -c "readelf -d '$BUILD/sparsesum' | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(lib(crypto|jansson|utf8proc|c|pthread|m|gcc_s)|ld-linux.*)\.so'"
	[ -z "$output" ] || { echo "$output"; false; }
}
