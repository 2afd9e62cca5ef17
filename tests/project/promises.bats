#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the public headers promise is tested: promises.tsv names for each of their sentences the tests
# that fail if it is false.

load ../support/helpers

here=$BATS_TEST_DIRNAME

# Print the sentences without a row, the rows without a sentence, and the tests that do not exist:
# unkept HEADERS PROMISES.
unkept() {
	diff <("$here/sentences" "$1/sparsesum.h" "$1/sparsesum/package.h" "$1/sparsesum/receiver.h" | sort -u) \
		<(grep -v '^#' "$2" | cut -f 1-3 | sort -u) | sed -n 's/^</has no row: /p; s/^>/is not in the headers: /p'
	comm -23 <(grep -v '^#' "$2" | cut -f 4 | grep -vx -- - | sed 's/ | /\n/g' | sort -u) <(tests_here) |
		sed 's/^/is not a test: /'
	grep -v '^#' "$2" | awk -F '\t' 'NF != 4 || $4 == "" { print "has no test: " $0 }'
}

# "test_stream:published_vector", "hash.bats: title"
tests_here() {
	{
		grep -Ho '^START_TEST([a-zA-Z_0-9]*)' "$root"/tests/*/*/test_*.c "$root"/tests/*/test_*.c |
			sed -E 's,.*/([^/]*)\.c:START_TEST\((.*)\),\1:\2,'
		grep -H '^@test ' "$root"/tests/*/*.bats | sed -E 's,.*/([^/]*\.bats):@test "(.*)" \{.*,\1: \2,'
	} | sort -u
}

@test "each sentence of the headers has a row, and each named test exists" {
	command -v python3 >"$scratch/where" || skip "no python3 here"
	unkept "$root/include" "$here/promises.tsv" >unkept
	[ ! -s unkept ] || fail "$(cat unkept)" "Add a row to tests/project/promises.tsv: header, name, sentence and tests, or - if it promises nothing."
}

@test "sentences without a row and tests that do not exist are found" {
	command -v python3 >"$scratch/where" || skip "no python3 here"
	cp -r "$root/include" .
	cp "$here/promises.tsv" .
	sed -i 's/^SSUM_API int ssum_listing_new/\/* It never fails. *\/\n&/' include/sparsesum/package.h
	sed -i '/\tNULL is allowed\.\t/s/null_may_be_freed/null_may_be_lost/' promises.tsv
	printf 'sparsesum.h\tssum_version\tIt is even.\t-\n' >>promises.tsv
	unkept include promises.tsv >unkept
	diff unkept - <<-'END'
		is not in the headers:  sparsesum.h	ssum_version	It is even.
		has no row:  sparsesum/package.h	ssum_listing_new	It never fails.
		is not a test: test_rules:null_may_be_lost
	END
}

@test "most sentences are tested" {
	[ "$(grep -cvP '^#|\t-$' "$here/promises.tsv")" -gt 500 ]
}
