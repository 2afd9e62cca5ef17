# SPDX-License-Identifier: MIT
# Where `make install` puts files, and whether programs can use them there.

bats_require_minimum_version 1.5.0

root=$BATS_TEST_DIRNAME/../..
prefix=/opt/sparsesum

# BUILD on the command line overrides the environment. MAKEFLAGS is unset, because this make must not use the
# job server of an outer one.
run_make() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" BUILD="$BUILD" CC="$CC" SANITIZE="$SANITIZE" \
		PREFIX=$prefix DESTDIR="$stage" "$@" >"$BATS_TEST_TMPDIR/make.log"
}

# List all objects below a directory: type, mode, owner, name, and the size of files.
tree_of() {
	(cd "$1" && find . -printf '%y %m %u %p %l ' \( -type f -printf '%s\n' -o -printf '\n' \) | sort)
}

version() {
	sed -n 's/^#define SSUM_VERSION "\(.*\)"/\1/p' "$root/include/sparsesum.h"
}

setup() {
	stage=$BATS_TEST_TMPDIR/stage
	run_make install
	export PKG_CONFIG_PATH=$stage$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
	flags="${SANITIZE:+-fsanitize=$SANITIZE} ${COVERAGE:-}"
	seq 100 >"$BATS_TEST_TMPDIR/file"
	expected=$(cd "$BATS_TEST_TMPDIR" && sha1sum file)
	cd "$BATS_TEST_TMPDIR"
}

@test "install installs each file, uninstall removes it" {
	diff <(cd "$stage" && find . ! -type d | sort) <({
		cat <<-END
			bin/sparsesum
			include/sparsesum.h
			include/sparsesum/package.h
			include/sparsesum/receiver.h
			lib/cmake/sparsesum/sparsesumConfig.cmake
			lib/cmake/sparsesum/sparsesumConfigVersion.cmake
			lib/libsparsesum.a
			lib/libsparsesum.so
			lib/libsparsesum.so.0
			lib/libsparsesum.so.$(version)
			lib/pkgconfig/sparsesum.pc
			share/bash-completion/completions/sparsesum
			share/fish/vendor_completions.d/sparsesum.fish
			share/zsh/site-functions/_sparsesum
		END
		(cd "$root/docs/man" && ls ./*.[1-9]) | sed 's,^\./\(.*\.\(.\)\)$,share/man/man\2/\1,'
		sed -n 's,^[[:space:]]*\(ssum_[a-z_]*\);$,share/man/man3/\1.3,p' "$root/lib/libsparsesum.map"
	} | sed "s,^,.$prefix/," | sort)
	[ -z "$(find "$stage" -xtype l)" ]
	run_make uninstall
	[ -z "$(find "$stage" ! -type d)" ]
}

@test "install-library installs no command and does not need jansson" {
	run_make uninstall
	printf '#!/bin/sh\ncase $* in *jansson*) exit 1 ;; esac\nexec pkg-config "$@"\n' >pkg-config
	chmod +x pkg-config
	run_make install-library PKG_CONFIG="$PWD/pkg-config"
	[ -e "$stage$prefix/lib/libsparsesum.so.0" ]
	[ -e "$stage$prefix/share/man/man3/ssum_hash_file.3" ]
	[ -z "$(find "$stage" -path '*/bin/*' -o -name '*.1' -o -name '*.fish')" ]
	# Nothing of the command is built for it either.
	env -u MAKEFLAGS -u MAKELEVEL make -n -C "$root" BUILD="$PWD/empty" install-library >plan
	grep -q 'lib/engine/span' plan
	run ! grep -e 'cli/.*\.c' -e jansson plan
}

@test "install without DESTDIR as root updates the cache of the loader, or says what to do" {
	mkdir tools
	printf '#!/bin/sh\necho "ldconfig $*" >>%s\n' "$PWD/log" >tools/ldconfig
	printf '#!/bin/sh\necho 0\n' >tools/id
	chmod +x tools/*
	PATH=$PWD/tools:$PATH run_make install-library DESTDIR= PREFIX="$PWD/usr" 2>warning
	grep -qx 'ldconfig ' log
	grep -q "does not find $PWD/usr/lib/libsparsesum.so.0 yet: run ldconfig as root" warning
	rm log
	PATH=$PWD/tools:$PATH run_make install-library DESTDIR="$PWD/elsewhere"
	[ ! -e log ]
	PATH=$PWD/tools:$PATH run_make uninstall DESTDIR= PREFIX="$PWD/usr"
	grep -qx 'ldconfig ' log
}

@test "the Debian packages have every document that README.md links" {
	cd "$root"
	sed -n 's/^[^#]*](\([^):#]*\)[#)].*/\1/p' README.md | sort -u >"$BATS_TEST_TMPDIR/links"
	grep -q '^docs/' "$BATS_TEST_TMPDIR/links"
	while read -r link; do
		case $link in
		include/* | examples*) continue ;; # in the package of the library
		esac
		grep -qxe "$link" -e "${link%%/*}" packaging/debian/sparsesum.docs || { echo "$link"; false; }
	done <"$BATS_TEST_TMPDIR/links"
}

@test "uninstall restores the state before install" {
	rm -rf "$stage"
	mkdir -p "$stage$prefix"/{bin,include,lib/{pkgconfig,cmake/other},share/man/man{1,3,5}} \
		"$stage$prefix"/share/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
	for name in bin/other lib/libother.so lib/cmake/other/otherConfig.cmake lib/libsparsesum.so.7 \
		share/man/man1/other.1 share/man/man3/ssum.3; do
		echo "$name" >"$stage$prefix/$name"
	done
	tree_of "$stage" >before
	run_make install
	run_make install
	[ "$(tree_of "$stage" | wc -l)" -gt "$(wc -l <before)" ]
	run_make uninstall
	diff before <(tree_of "$stage")
	run_make uninstall
	diff before <(tree_of "$stage")
}

@test "modes do not depend on the umask" {
	tree_of "$stage" >usual
	[ "$(stat -c %a "$stage$prefix/bin/sparsesum" "$stage$prefix/include/sparsesum.h" "$stage$prefix/lib" | xargs)" = "755 644 755" ]
	rm -rf "$stage"
	(umask 077 && run_make install)
	diff usual <(tree_of "$stage")
}

@test "directories that pkg-config or CMake cannot express are refused, a staging directory with a blank is not" {
	for bad in 'PREFIX=/opt/a b' PREFIX=usr LIBDIR=lib 'INCLUDEDIR=/usr/a|b' 'MANDIR=/usr/a&b' BINDIR=; do
		for target in install uninstall; do
			rm -rf "$stage"
			run -2 run_make "$target" "$bad"
			[[ $output == *"make: $bad: "* ]] || { echo "$output"; false; }
			[ ! -e "$stage" ]
		done
	done
	run_make install DESTDIR="$BATS_TEST_TMPDIR/a b"
	[ -x "$BATS_TEST_TMPDIR/a b$prefix/bin/sparsesum" ]
	run_make uninstall DESTDIR="$BATS_TEST_TMPDIR/a b"
	[ -z "$(find "$BATS_TEST_TMPDIR/a b" ! -type d)" ]
}

@test "install-personalities links the five names in a chosen directory, uninstall removes them" {
	for chosen in "" PERSONALITIES_DIR=/opt/first-in-path; do
		# shellcheck disable=SC2086 # an argument or none
		run_make install-personalities $chosen
		directory=$stage${chosen#*=}
		[ -n "$chosen" ] || directory=$stage$prefix/libexec/sparsesum
		[ "$(ls "$directory" | tr '\n' ' ')" = "sha1sum sha224sum sha256sum sha384sum sha512sum " ]
		for name in sha1sum sha224sum sha256sum sha384sum sha512sum; do
			[ "$(cd "$directory" && PATH=$directory:$PATH "$name" --version)" = "$name (sparsesum) $("$SPARSESUM" --version | sed -n 's/^sparsesum //p')" ]
			[ "$("$directory/$name" file)" = "$($name file)" ]
		done
		# shellcheck disable=SC2086 # as above
		run_make install-personalities $chosen
		# shellcheck disable=SC2086 # as above
		run_make uninstall $chosen
		[ -z "$(find "$stage" ! -type d)" ]
		[ ! -e "$directory" ]
	done
}

@test "install-personalities and uninstall leave other programs alone" {
	mkdir -p "$stage/usr/bin"
	echo system >"$stage/usr/bin/sha256sum"
	ln -s busybox "$stage/usr/bin/sha512sum"
	run run_make install-personalities PERSONALITIES_DIR=/usr/bin
	[ "$status" -ne 0 ]
	[[ $output == *"/usr/bin/sha256sum is another program"* ]]
	[ "$(ls "$stage/usr/bin" | wc -l)" -eq 2 ]
	run_make uninstall PERSONALITIES_DIR=/usr/bin
	[ "$(cat "$stage/usr/bin/sha256sum") $(readlink "$stage/usr/bin/sha512sum")" = "system busybox" ]
}

@test "the shared library has its soname and needs only libcrypto and libc" {
	[ -z "$SANITIZE" ] || skip "needs the run-time of the sanitizer"
	readelf -d "$stage$prefix/lib/libsparsesum.so" >dynamic
	grep -q 'SONAME.*\[libsparsesum.so.0\]' dynamic
	[ "$(grep -c NEEDED dynamic)" -eq "$(grep -Ec 'NEEDED.*\[(libcrypto|libc)\.so' dynamic)" ]
}

@test "pkg-config reports the installed prefix and version" {
	[ "$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=prefix sparsesum)" = $prefix ]
	grep -q "SSUM_VERSION \"$(pkg-config --modversion sparsesum)\"" "$root/include/sparsesum.h"
}

@test "a program links the shared library" {
	$CC $flags "$root/examples/hash_file.c" $(pkg-config --cflags --libs sparsesum) -o program
	readelf -d program | grep -q 'NEEDED.*libsparsesum.so.0'
	[ "$(LD_LIBRARY_PATH=$stage$prefix/lib ./program file)" = "$expected" ]
}

@test "a program links the static library" {
	rm "$stage$prefix"/lib/libsparsesum.so*
	$CC $flags "$root/examples/hash_file.c" $(pkg-config --static --cflags --libs sparsesum) -o program
	[ "$(./program file)" = "$expected" ]
}

# One program in C and one in C++ with each library; $expected is their output.
plain_build_only() {
	[ -z "$SANITIZE${COVERAGE:-}" ] || skip "does not depend on sanitizers; tested in the plain build"
	command -v "$1" || skip "no $1 here"
	cat >program.cc <<-'END'
		#include <sparsesum.h>
		#include <cstdio>
		int main(int, char **argv)
		{
			ssum_digest digest;
			char hex[SSUM_HEX_MAX];
			if (ssum_hash_file(nullptr, argv[1], "sha1", &digest) < 0)
				return 1;
			ssum_digest_hex(&digest, hex);
			std::printf("%s  %s\n", hex, argv[1]);
		}
	END
}

hash_the_file() {
	for program in "$@"; do
		[ "$(LD_LIBRARY_PATH=$stage$libdir "$program" file)" = "$expected" ] || { echo "$program"; false; }
		needed=$(readelf -d "$program" | grep -c 'NEEDED.*libsparsesum.so.0' || true)
		[[ $program == *shared* && $needed -eq 1 || $program == *static* && $needed -eq 0 ]]
	done
}

@test "pkg-config: C and C++ programs, shared and static, with a multiarch directory" {
	plain_build_only g++
	libdir=$prefix/lib/x86_64-linux-gnu
	run_make uninstall
	run_make install LIBDIR=$libdir
	export PKG_CONFIG_PATH=$stage$libdir/pkgconfig
	cp "$root/examples/hash_file.c" program.c
	for compiler in "$CC program.c" "g++ program.cc"; do
		$compiler $(pkg-config --cflags --libs sparsesum) -o "shared-${compiler##*.}"
		$compiler $(pkg-config --cflags sparsesum) "$stage$libdir/libsparsesum.a" \
			$(pkg-config --static --libs sparsesum | sed 's/-lsparsesum//') -o "static-${compiler##*.}"
	done
	hash_the_file ./shared-c ./shared-cc ./static-c ./static-cc
}

@test "CMake: C and C++ programs, shared and static, with a multiarch directory" {
	plain_build_only cmake
	libdir=$prefix/lib/x86_64-linux-gnu
	run_make uninstall
	run_make install LIBDIR=$libdir
	cp "$root/examples/hash_file.c" program.c
	cat >CMakeLists.txt <<-END
		cmake_minimum_required(VERSION 3.13)
		project(user C CXX)
		find_package(sparsesum $(version | cut -d . -f 1,2) REQUIRED COMPONENTS shared static)
		find_package(sparsesum $(version) EXACT REQUIRED)
		foreach(language c cc)
		  add_executable(shared-\${language} program.\${language})
		  target_link_libraries(shared-\${language} sparsesum::sparsesum)
		  add_executable(static-\${language} program.\${language})
		  target_link_libraries(static-\${language} sparsesum::static)
		endforeach()
		foreach(wanted 999 0.999 "\${sparsesum_VERSION}.1")
		  find_package(sparsesum \${wanted} QUIET)
		  if(sparsesum_FOUND)
		    message(FATAL_ERROR "taken for \${wanted}")
		  endif()
		endforeach()
		find_package(sparsesum QUIET OPTIONAL_COMPONENTS bogus)
		if(NOT sparsesum_FOUND)
		  message(FATAL_ERROR "an optional component is required")
		endif()
	END
	CC=$CC CXX=g++ cmake -S . -B built -DCMAKE_PREFIX_PATH="$stage$prefix" -DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu >cmake.log 2>&1 ||
		{ cat cmake.log; false; }
	cmake --build built -j 2 >>cmake.log 2>&1 || { cat cmake.log; false; }
	hash_the_file built/shared-c built/shared-cc built/static-c built/static-cc
	rm "$stage$libdir/libsparsesum.a"
	run cmake -S . -B again -DCMAKE_PREFIX_PATH="$stage$prefix" -DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu
	[ "$status" -ne 0 ]
	[[ $output == *"no sparsesum::static"* ]] || { echo "$output"; false; }
}

@test "the installed command runs" {
	[ "$("$stage$prefix/bin/sparsesum" hash file)" = "$expected" ]
}
