#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The library and the command compile with another C library. Only the compiler is run: Debian has no
# libcrypto for musl to link.

load ../support/helpers

@test "musl: the library and the command compile" {
	command -v musl-gcc >/dev/null || skip "musl-gcc is not installed (Debian: musl-tools)"
	local architecture include=/usr/include
	architecture=$(gcc -print-multiarch)
	# The headers of the kernel and of the libraries, but none of the system's C library.
	mkdir -p "$scratch/include"
	ln -s $include/{linux,asm-generic,openssl,jansson.h,utf8proc.h} \
		"$include/$architecture/jansson_config.h" "$include/$architecture/asm" "$scratch/include"
	mkdir "$scratch/include/of-architecture"
	ln -s "$include/$architecture/openssl" "$scratch/include/of-architecture/openssl"
	[ -e "$scratch/include/utf8proc.h" ] || skip "libutf8proc-dev is not installed"

	cd "$root"
	printf '%s\0' lib/*/*.c lib/kernels/x86/*.c cli/*.c cli/*/*.c | xargs -0 -n 8 -P 2 \
		musl-gcc -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread -Wall -Wextra -Werror \
		-isystem "$scratch/include" -isystem "$scratch/include/of-architecture" \
		-Iinclude -Ilib -Icli -DWITH_UTF8PROC -fsyntax-only
}
