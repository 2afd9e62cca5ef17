#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Checkpoints next to manifests: options, location of damage, and unchanged verdicts.

load ../support/helpers

# Make two copies of a package: one to damage, one to fetch data from. The file has 40 segments of 4 KiB, the
# last one shorter.
make_packages() {
	mkdir package
	noise 163000 >package/image
	noise 20000 >package/$'t\tn\nb\\r\r'
	printf small >package/small
	"$SPARSESUM" create -q --checkpoints=4K package >/dev/null
	cp -a package copy
}

@test "invalid intervals are refused, and the message suggests a valid one" {
	mkdir package
	noise 100000 >package/image
	for bytes in 0 17 4095 4097 -1 -4096 junk 4k 4KB 4096B 0x1000 ' 4096' '4096 ' 1.5M 9E '' \
		9223372036854775808 18446744073709551616 99999999999999999999 16777216T; do
		try "$SPARSESUM" create --checkpoints="$bytes" package
		ends_with 2
		prints ""
		warns "use a multiple of 4096 bytes, such as 16777216, 64K or 16M"
		[ ! -e package/SHA1SUMS ]
		try "$SPARSESUM" hash --checkpoints="$bytes" package/image
		ends_with 1
		warns "invalid --checkpoints value"
	done
}

@test "intervals in bytes, KiB and MiB" {
	mkdir package
	noise 100000 >package/image
	while read -r bytes interval values; do
		try "$SPARSESUM" create --checkpoints="$bytes" package
		ends_with 0
		complains ""
		if [ "$values" -gt 0 ]; then
			grep -qP "^file\t100000\t$interval\t[0-9a-f]{40}\timage$" package/SHA1SUMS.checkpoints
			[ "$(grep -cxE '[0-9a-f]{40}' package/SHA1SUMS.checkpoints)" -eq "$values" ]
		else
			[ ! -e package/SHA1SUMS.checkpoints ]
		fi
		(cd package && sha1sum --quiet --strict -c SHA1SUMS)
		try "$SPARSESUM" verify package
		ends_with 0
		complains ""
	done <<-'END'
		4096 4096 24
		4K 4096 24
		4KiB 4096 24
		12288 12288 8
		64K 65536 1
		1MiB 0 0
		16M 0 0
		9223372036854771712 0 0
	END
}

@test "--no-checkpoints removes only old checkpoints" {
	mkdir package
	noise 100000 >package/image
	"$SPARSESUM" create -q --checkpoints=4K package
	[ -e package/SHA1SUMS.checkpoints ]
	try "$SPARSESUM" create --no-checkpoints package
	ends_with 0
	[ ! -e package/SHA1SUMS.checkpoints ]
	echo mine >package/SHA1SUMS.checkpoints
	try "$SPARSESUM" create --no-checkpoints package
	ends_with 0
	[ "$(cat package/SHA1SUMS.checkpoints)" = mine ]
	rm package/SHA1SUMS.checkpoints
	ln -s image package/SHA1SUMS.checkpoints
	try "$SPARSESUM" create --no-checkpoints package
	ends_with 0
	[ -L package/SHA1SUMS.checkpoints ] && [ -e package/image ]
}

@test "checkpoints are next to the manifest, also outside of the package" {
	mkdir package
	noise 100000 >package/image
	printf small >package/small
	for manifest in outside package/inside; do
		try "$SPARSESUM" create --checkpoints=4K -o "$manifest" package
		ends_with 0
		[ -s "$manifest.checkpoints" ] && [ ! -e package/SHA1SUMS ]
		(cd package && sha1sum --quiet -c "$OLDPWD/$manifest")
		try "$SPARSESUM" verify -m "$manifest" package
		ends_with 0
		complains ""
		cp -a package copy
		damage copy/image 50000
		try "$SPARSESUM" verify -m "$manifest" copy
		ends_with 1
		shows_line "    damaged   4096 bytes at offset 49152"
		try "$SPARSESUM" verify --no-checkpoints -m "$manifest" copy
		ends_with 1
		output_lacks "    damaged "
		rm -r copy "$manifest" "$manifest.checkpoints"
	done
}

@test "hash --checkpoints prints what sha1sum prints, and writes what create writes" {
	noise 100000 >image
	mkdir package && cp image package/
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		"${algorithm}sum" image >expected
		try "$SPARSESUM" hash -a "$algorithm" --checkpoints=8K image
		ends_with 0
		cmp expected "$scratch/out"
		"$SPARSESUM" create -q -a "$algorithm" --checkpoints=8K package >/dev/null
		cmp image.checkpoints package/"${algorithm^^}"SUMS.checkpoints
		rm image.checkpoints package/*SUMS*
	done
	echo mine >image.checkpoints
	sha1sum image >expected
	try "$SPARSESUM" hash --checkpoints=8K image
	ends_with 1
	cmp expected "$scratch/out"
	complains "sparsesum: image.checkpoints: is not a file of checkpoints, so it was not replaced; move it away"
	[ "$(cat image.checkpoints)" = mine ]
	rm image.checkpoints
	printf small >small
	sha1sum small >expected
	try "$SPARSESUM" hash --checkpoints small
	ends_with 0
	cmp expected "$scratch/out"
	[ ! -e small.checkpoints ]
	try "$SPARSESUM" hash --checkpoints gone
	ends_with 1
	warns "gone: No such file or directory"
	try "$SPARSESUM" hash --checkpoints -a md5 image
	ends_with 1
	[ ! -e image.checkpoints ]
	try "$SPARSESUM" hash --checkpoints
	ends_with 1
	try "$SPARSESUM" hash --checkpoints -r package
	ends_with 1
}

# Fetch the ranges of a repair list, as from a server.
repair() {
	while IFS=$'\t' read -r offset length range name url; do
		[ -n "$url" ]
		[[ $offset$'\t'$length$'\t'$range =~ ^([0-9]+)$'\t'([0-9]+)$'\t'([0-9]+)-([0-9]+)$ ]]
		[ $((BASH_REMATCH[1] + BASH_REMATCH[2] - 1)) -eq "${BASH_REMATCH[4]}" ]
		[ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[3]}" ]
		printf -v name '%b.' "$name"
		name=${name%.}
		dd if="package/$name" of="copy/$name" iflag=skip_bytes,count_bytes oflag=seek_bytes \
			skip="$offset" seek="$offset" count="$length" conv=notrunc status=none
	done
}

@test "a repair list has the ranges to fetch, and fetching them repairs the file" {
	make_packages
	try "$SPARSESUM" verify --repair-list package
	ends_with 0
	prints ""
	complains ""

	damage copy/image 0
	damage copy/image 4095
	damage copy/image 4096
	damage copy/image 70000
	damage copy/image 162999
	damage copy/$'t\tn\nb\\r\r' 19999
	truncate -s 100 copy/small
	try "$SPARSESUM" verify --repair-list copy
	ends_with 1
	complains ""
	prints $'0\t8192\t0-8191\timage\timage\n69632\t4096\t69632-73727\timage\timage\n159744\t3256\t159744-162999\timage\timage
0\t-\t0-\tsmall\tsmall\n16384\t3616\t16384-19999\tt\\tn\\nb\\\\r\\r\tt%09n%0Ab%5Cr%0D'
	cp package/small copy/small
	grep -v $'\t-\t' "$scratch/out" | repair
	try "$SPARSESUM" verify copy
	ends_with 0
	diff -r package copy

	truncate -s 60000 copy/image
	rm copy/$'t\tn\nb\\r\r'
	try "$SPARSESUM" verify --repair-list copy
	ends_with 1
	prints $'57344\t105656\t57344-162999\timage\timage\n0\t20000\t0-19999\tt\\tn\\nb\\\\r\\r\tt%09n%0Ab%5Cr%0D'
	repair <"$scratch/out"
	diff -r package copy
}

@test "a repair list has a comment for entries that data cannot repair" {
	make_packages
	truncate -s 200000 copy/image
	rm copy/small
	mkdir copy/small
	touch copy/more
	try "$SPARSESUM" verify --repair-list copy
	ends_with 1
	prints $'163000\t-\ttruncate\timage\timage'
	warns "small: differs; fetching bytes cannot repair that"
	warns "more: extra; fetching bytes cannot repair that"
}

@test "damage is reported by offset and length, and as JSON" {
	make_packages
	for segment in 1 3 5 7 9 11 13 15 17 19; do damage copy/image $((segment * 4096 + 7)); done
	try "$SPARSESUM" verify copy
	ends_with 1
	for segment in 1 3 5 7 9 11 13 15; do
		shows_line "    damaged   4096 bytes at offset $((segment * 4096))"
	done
	shows_line "    damaged   8192 more bytes; --repair-list lists all of them"
	try "$SPARSESUM" verify --json copy
	ends_with 1
	jq -es '[.[] | select(.path == "image") | .damaged[] | .offset / 4096] ==
		[1, 3, 5, 7, 9, 11, 13, 15, 17, 19]' "$scratch/out"
	jq -es '[.[] | .damaged[]? | .length] | unique == [4096]' "$scratch/out"
}

@test "wrong checkpoints cause a warning and change no verdict" {
	make_packages
	sed -i '4s/^..../0000/' package/SHA1SUMS.checkpoints copy/SHA1SUMS.checkpoints
	damage copy/image 100000
	try "$SPARSESUM" verify package
	ends_with 0
	complains "sparsesum: warning: image: its checkpoints in SHA1SUMS.checkpoints do not match its digest; they are not used"
	try "$SPARSESUM" verify copy
	ends_with 1
	shows_line "    damaged   4096 bytes at offset 98304"
	try "$SPARSESUM" verify --no-checkpoints package
	ends_with 0
	complains ""
	echo junk >package/SHA1SUMS.checkpoints
	try "$SPARSESUM" verify package
	ends_with 0
	complains "sparsesum: warning: SHA1SUMS.checkpoints:1: improperly formatted; checkpoints are not used from there on"
	rm package/SHA1SUMS.checkpoints
	"$SPARSESUM" create -q --checkpoints=4K package >/dev/null
	chmod 0 package/SHA1SUMS.checkpoints
	chmod 755 . package
	try as_nobody "$scratch/sparsesum" verify package
	ends_with 0
	warns "SHA1SUMS.checkpoints: Permission denied; checkpoints are not used"
}

@test "checkpoints in another order, or of many other files, do not use more memory" {
	[ -z "$SANITIZE" ] || skip "sanitizers reserve more memory than the limit"
	make_packages
	python3 - <<-'END'
		lines = open("package/SHA1SUMS.checkpoints").read().split("file\t")
		d = "0" * 40
		f = open("copy/SHA1SUMS.checkpoints", "w")
		f.write(lines[0])
		f.writelines("file\t8192\t4096\t%s\ta%07d\n%s\n" % (d, i, d) for i in range(300000))
		f.writelines("file\t" + entry for entry in lines[1:])
		f = open("package/SHA1SUMS.checkpoints", "w")
		f.write(lines[0] + "".join("file\t" + entry for entry in lines[:0:-1]))
	END
	try "$SPARSESUM" verify package
	ends_with 0
	damage copy/image 5
	(ulimit -v 150000 && try "$SPARSESUM" verify -j1 copy && ends_with 1 && complains "" &&
		shows_line "    damaged   4096 bytes at offset 0")
}

@test "verify creates no file in the directory" {
	mkdir -p home/user
	printf a >home/user/file
	"$SPARSESUM" create -q home >/dev/null
	for place in home home/user; do
		try env -u XDG_STATE_HOME HOME="$PWD/$place" "$SPARSESUM" verify home
		ends_with 0
		try env XDG_STATE_HOME="$PWD/$place/state" "$SPARSESUM" verify --resume home
		ends_with 0
	done
	[ "$(find home | LC_ALL=C sort | tr '\n' ' ')" = "home home/SHA1SUMS home/user home/user/file " ]
}

@test "with checkpoints, the digests of all manifests must still hold" {
	mkdir p
	noise 300000 >p/big
	"$SPARSESUM" create -q -a sha1 -a sha256 --checkpoints=4096 p
	for algorithm in sha1 sha256; do
		cp -r p q
		manifest=q/$(echo "$algorithm" | tr a-z A-Z)SUMS
		good=$(digest_of p/big "$algorithm")
		sed -i "s/$good/$(echo "$good" | tr 0-9a-f 1-9a-f0)/" "$manifest" "$manifest.checkpoints"
		grep -q "$good" "$manifest" "$manifest.checkpoints" && fail "$algorithm was not exchanged"
		try "$SPARSESUM" verify q
		ends_with 1
		shows "big: differs"
		rm -r q
	done
	tried 37 2
}
