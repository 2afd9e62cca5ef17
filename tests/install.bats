# SPDX-License-Identifier: MIT
# What `make install` puts where, and whether a program can use it from there.

root=$BATS_TEST_DIRNAME/..
prefix=/opt/sparsesum

# The command line's BUILD wins over the environment's, and make must not take part in an outer one.
run_make() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" "$@" BUILD="$BUILD" CC="$CC" SANITIZE="$SANITIZE" \
		PREFIX=$prefix DESTDIR="$stage"
}

setup() {
	stage=$BATS_TEST_TMPDIR/stage
	run_make install
	export PKG_CONFIG_PATH=$stage$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
	flags=${SANITIZE:+-fsanitize=$SANITIZE}
	seq 100 >"$BATS_TEST_TMPDIR/file"
	expected=$(cd "$BATS_TEST_TMPDIR" && sha1sum file)
	cd "$BATS_TEST_TMPDIR"
}

@test "install puts each thing in its place, uninstall takes it away" {
	[ "$(cd "$stage" && find . ! -type d | sort)" = "$(sed "s,^,.$prefix/," <<-END
		bin/sparsesum
		include/sparsesum.h
		lib/libsparsesum.a
		lib/libsparsesum.so
		lib/libsparsesum.so.0
		lib/libsparsesum.so.$("$SPARSESUM" --version | grep -o '[0-9][0-9.]*' | head -n 1)
		lib/pkgconfig/sparsesum.pc
	END
	)" ]
	run_make uninstall
	[ -z "$(find "$stage" ! -type d)" ]
}

@test "shared library has its soname, and needs no more than libcrypto and libc" {
	[ -z "$SANITIZE" ] || skip "needs the run-time of the sanitizer too"
	readelf -d "$stage$prefix/lib/libsparsesum.so" >dynamic
	grep -q 'SONAME.*\[libsparsesum.so.0\]' dynamic
	[ "$(grep -c NEEDED dynamic)" -eq "$(grep -Ec 'NEEDED.*\[(libcrypto|libc)\.so' dynamic)" ]
}

@test "pkg-config knows prefix and version of what was installed" {
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

@test "the installed command runs" {
	[ "$("$stage$prefix/bin/sparsesum" hash file)" = "$expected" ]
}
