#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that were compiled with a release still work: the interface recorded in tests/project/abi.txt is
# unchanged.

load ../support/helpers

# Print the interface in the headers of a directory: abi DIRECTORY [RECORDED].
abi() {
	CC=${CC:-cc} "$BATS_TEST_DIRNAME/abi" "$1/sparsesum.h" "$1/sparsesum/package.h" "$1/sparsesum/receiver.h" "${@:2}"
}

needs_64_bits() {
	command -v python3 >"$scratch/where" || skip "no python3 here"
	[ "$(getconf LONG_BIT)" -eq 64 ] || skip "layouts are recorded for 64 bits"
}

# Change the headers by a sed script, and print the result of the check.
changed_by() {
	rm -rf include
	cp -r "$root/include" include
	sed -i "$1" include/sparsesum.h include/sparsesum/*.h
	if diff -r "$root/include" include >/dev/null; then fail "the script changed nothing: $1"; fi
	try abi include "$scratch/recorded"
}

@test "everything that was recorded at a release is present and unchanged" {
	needs_64_bits
	abi "$root/include" "$BATS_TEST_DIRNAME/abi.txt"
}

@test "incompatible changes are reported, compatible changes are not" {
	needs_64_bits
	[ -z "$SANITIZE" ] || skip "does not depend on sanitizers; tested in the plain build"
	abi "$root/include" >"$scratch/recorded"
	while IFS='|' read -r words script; do
		changed_by "$script"
		ends_with 1
		warns "$words"
		warns "then run: make abi"
	done <<-'END'
		function const char *ssum_version(void)|/^SSUM_API const char \*ssum_version/d
		function int ssum_hash_fd(|s/ssum_hash_fd(struct ssum_context \*context, int fd/ssum_hash_fd(struct ssum_context *context, long fd/
		callback int ssum_range_fn(|s/typedef int ssum_range_fn(void \*user/typedef int ssum_range_fn(const void *user/
		enum ssum_error SSUM_ERR_STATE -10022|s/-10022/-10023/
		enum ssum_verdict SSUM_MISSING|s/^\tSSUM_MISSING, .*/\tSSUM_OTHER, SSUM_MISSING,/
		constant SSUM_DIGEST_MAX 64|s/SSUM_DIGEST_MAX 64/SSUM_DIGEST_MAX 65/
		struct ssum_range size 16|s/^\tuint64_t length; \/\* never 0 \*\/$/\tuint64_t length, more;/
		struct ssum_progress member files_done|s/^\tuint64_t files_done;/\tuint64_t new; uint64_t files_done;/
		struct ssum_options member threads|s/^\tunsigned threads; /\tint threads; /
		structure that does not begin with size|s/^\tsize_t length; \/\* bytes in use \*\/$/\tsize_t length, more; unsigned char extra;/
		where a released program has padding|s/^\tint read_again; .*/\tint read_again, more;/
	END
	while IFS= read -r script; do
		changed_by "$script"
		ends_with 0
	done <<-'END'
		s/^SSUM_API const char \*ssum_version(void);/&\nSSUM_API int ssum_new(int x);/
		s/^\tuint64_t find_zeros;/&\n\tuint64_t more;/
		s/SSUM_ERR_STATE = -10022/&, SSUM_ERR_NEW = -10023/
		s/int ssum_strerror(int code)/int ssum_strerror(int other)/; s/ssum_version(void);/& /
		s/SSUM_CAUSE_COUNT [0-9]*/SSUM_CAUSE_COUNT 99/
	END
}

@test "the Debian package lists the symbols of the library" {
	diff <(sed -n 's/^[[:space:]]*\(ssum_[a-z_]*\);$/\1@SPARSESUM_0/p' "$root/lib/libsparsesum.map" | sort) \
		<(sed -n 's/^ \(ssum_[a-z_]*@[A-Z_0-9]*\) .*/\1/p' "$root/packaging/debian/libsparsesum0.symbols" | sort) || fail \
		"'<' is to be added to packaging/debian/libsparsesum0.symbols with the version that brings it; '>' is gone, which breaks programs"
}
