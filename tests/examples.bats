# SPDX-License-Identifier: MIT
# The examples do what they say they do.

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir p
	seq 1000 >p/numbers
	truncate -s 3M p/image
	(cd p && sha1sum image numbers >SHA1SUMS)
	hash_file=$BUILD/examples/hash_file
	verify_package=$BUILD/examples/verify_package
}

@test "hash_file prints what sha1sum prints" {
	[ "$("$hash_file" p/image)" = "$(sha1sum p/image)" ]
	[ "$("$hash_file" p/numbers sha512)" = "$(sha512sum p/numbers)" ]
}

@test "hash_file fails with a reason" {
	run "$hash_file" missing
	[ "$status" -eq 1 ] && [[ $output == "missing: No such file or directory" ]]
	run "$hash_file" p/image sha0
	[ "$status" -eq 1 ] && [ -n "$output" ]
	run "$hash_file"
	[ "$status" -eq 2 ] && [[ $output == usage:* ]]
}

@test "verify_package holds" {
	"$verify_package" p >out 2>err
	[ ! -s out ]
	grep -q '2 entries, 2 hold' err
}

@test "verify_package names what differs" {
	printf x | dd of=p/image bs=1 seek=1000000 conv=notrunc status=none
	rm p/numbers
	touch p/extra
	run bash -c '"$0" p 2>err' "$verify_package"
	[ "$status" -eq 1 ]
	[ "$output" = $'image: differs\nextra: extra\nnumbers: missing' ]
}

@test "verify_package says that it could not decide" {
	echo nonsense >>p/SHA1SUMS
	run bash -c '"$0" p 2>err' "$verify_package"
	[ "$status" -eq 2 ] && [[ $output == "SHA1SUMS: bad line ("* ]]
	run "$verify_package" missing
	[ "$status" -eq 2 ] && [[ $output == *"missing: No such file or directory"* ]]
	run "$verify_package"
	[ "$status" -eq 2 ]
}

@test "examples use the public library alone, and are short" {
	cd "$BATS_TEST_DIRNAME/../examples"
	[ "$(grep -ho '#include <sparsesum.h>' ./*.c | wc -l)" -eq "$(ls ./*.c | wc -l)" ]
	run ! grep '#include "' ./*.c
	[ "$(wc -l <hash_file.c)" -lt 40 ]
	[ "$(wc -l <verify_package.c)" -lt 60 ]
}
