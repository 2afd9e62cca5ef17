#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A command that was built without an optional library: it says so when that matters.

load ../support/helpers

# The library is already built: only the command is compiled again.
build_without() {
	rm -rf "$scratch/build"
	mkdir "$scratch/build"
	cp -a "$BUILD/flags" "$BUILD/lib" "$BUILD/cli" "$BUILD/libsparsesum.a" "$scratch/build/"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" "$1" BUILD="$scratch/build" \
		CC="$CC" SANITIZE="$SANITIZE" LDFLAGS="${COVERAGE:-}" "$scratch/build/sparsesum"
	SPARSESUM=$scratch/build/sparsesum
}

nothing_else_warned() {
	[ "$(grep -c 'this build has no libutf8proc' "$scratch/err")" -eq 1 ] || fail "should be printed once"
}

@test "without libutf8proc: the command says so and compares non-ASCII names as bytes" {
	build_without WITHOUT=utf8proc
	if ldd "$SPARSESUM" | grep utf8proc; then fail "libutf8proc is linked"; fi
	try "$SPARSESUM" --version
	ends_with 0
	shows ", without libutf8proc"

	mkdir package
	printf 1 >package/readme
	printf 2 >package/README
	try "$SPARSESUM" create -q package
	ends_with 0
	warns "this name differs from another one only in case"
	output_lacks libutf8proc

	printf 3 >package/ärger
	printf 4 >package/Ärger
	try "$SPARSESUM" create -q package
	ends_with 0
	nothing_else_warned
	warns "this build has no libutf8proc: names that are not ASCII are compared as bytes"
	[ "$(grep -c 'another one only in case' "$scratch/err")" -eq 1 ] || fail "not only the ASCII names"

	try "$SPARSESUM" verify package
	ends_with 0
	mv package/ärger package/other
	mv package/readme package/ReadMe
	try "$SPARSESUM" verify package
	ends_with 1
	nothing_else_warned
	shows_line "    why       only upper and lower case differ"
	shows_line "    why       it was renamed"
}

@test "without libutf8proc: the build detects that pkg-config does not find it" {
	[ -z "$SANITIZE" ] || skip "does not depend on sanitizers; tested in the plain build"
	printf '#!/bin/sh\ncase $* in *libutf8proc*) exit 1 ;; esac\nexec pkg-config "$@"\n' >"$scratch/pkg-config"
	chmod +x "$scratch/pkg-config"
	build_without PKG_CONFIG="$scratch/pkg-config"
	try "$SPARSESUM" --version
	shows ", without libutf8proc"
	build_without PKG_CONFIG=pkg-config
	try "$SPARSESUM" --version
	shows ", libutf8proc "
}
