#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Causes that people meet in the field: files that are longer than listed, zeros in place of data,
# files that are not what their name says, bytes counted in 32 bits, digests with a mistyped digit.

load ../support/helpers

make_package() {
	mkdir package
	noise 20000000 >package/image
	"$SPARSESUM" create -q --checkpoints=4M package >"$scratch/created"
	cp package/image good
}

# The entry of package/image in the JSON output satisfies a jq expression.
entry_has() {
	try "$SPARSESUM" verify --json "$@" package
	jq -es "map(select(.path == \"image\")) | .[0] | $jq" "$scratch/out" >"$scratch/jq" || fail "the entry should satisfy: $jq"
}

# ---- Longer than listed ----

@test "a file that is longer than listed is cut off, and nothing is fetched" {
	make_package
	for surplus in 1 4096 12345 4194304 30000000; do
		for fill in zero urandom; do
			cp good package/image
			head -c $surplus /dev/$fill >>package/image
			try "$SPARSESUM" verify package
			ends_with 1
			shows "there are more bytes after the end of the content"
			shows "surplus   $surplus bytes after the first 20000000"
			shows "to do     cut them off: truncate -s 20000000 -- package/image"
			output_lacks "damaged  "
			try "$SPARSESUM" verify --explain=0 package
			shows "surplus   $surplus bytes"
			shows "truncate -s 20000000"
			jq=".surplus == $surplus and .expected_size == 20000000 and (has(\"damaged\") | not) and .explanation.cause == \"longer\""
			entry_has
			try "$SPARSESUM" verify --repair-list package
			ends_with 1
			prints $'20000000\t-\ttruncate\timage\timage'
			sh -c "$("$SPARSESUM" verify package | sed -n 's/^    to do     cut them off: //p')"
			cmp good package/image
		done
	done
	try "$SPARSESUM" verify package
	ends_with 0
}

@test "a hole after the end is surplus, not a hole that was left out" {
	make_package
	truncate -s 30000000 package/image
	jq='.surplus == 10000000 and .explanation.cause == "longer"' entry_has
}

@test "a longer file that is damaged too: its damage is listed, and where to cut" {
	make_package
	damage package/image 5000000
	printf more >>package/image
	try "$SPARSESUM" verify package
	ends_with 1
	shows "damaged   4194304 bytes at offset 4194304"
	output_lacks "surplus"
	try "$SPARSESUM" verify --repair-list package
	prints $'20000000\t-\ttruncate\timage\timage\n4194304\t4194304\t4194304-8388607\timage\timage'
	damage package/image 19999999
	try "$SPARSESUM" verify --repair-list package
	prints $'20000000\t-\ttruncate\timage\timage\n4194304\t4194304\t4194304-8388607\timage\timage\n16777216\t3222784\t16777216-19999999\timage\timage'
}

@test "checkpoints with a shorter length are wrong: they change no verdict" {
	make_package
	sed -i 's/\t20000000\t/\t19000000\t/' package/SHA1SUMS.checkpoints
	grep -q 19000000 package/SHA1SUMS.checkpoints
	try "$SPARSESUM" verify package
	ends_with 0
	sed -i 's/\t19000000\t/\t1\t/' package/SHA1SUMS.checkpoints
	try "$SPARSESUM" verify package
	ends_with 0
	damage package/image 19999999
	try "$SPARSESUM" verify package
	ends_with 1
	output_lacks "surplus"
}

@test "a resumed run does not take a longer file for verified" {
	make_package
	cp good package/other
	"$SPARSESUM" create -q --checkpoints=4M package >"$scratch/created"
	printf x >>package/image
	for run in 1 2; do
		try "$SPARSESUM" verify --resume package
		ends_with 1
		shows "surplus   1 bytes"
	done
}

@test "a list of sizes is enough to find the surplus" {
	command -v hashdeep >"$scratch/where" || skip "hashdeep is not installed"
	mkdir package
	noise 123457 >package/image
	(cd package && hashdeep -c sha256 -l image) >list
	printf more >>package/image
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "surplus   4 bytes after the first 123457"
	shows "truncate -s 123457 -- package/image"
	try "$SPARSESUM" verify -m list --repair-list package
	prints $'123457\t-\ttruncate\timage\timage'
}

@test "a name that needs quotes is quoted in the command" {
	mkdir package
	noise 9000000 >"package/a 'b"
	"$SPARSESUM" create -q --checkpoints=4M package >"$scratch/created"
	printf x >>"package/a 'b"
	sh -c "$("$SPARSESUM" verify package | sed -n 's/^    to do     cut them off: //p')"
	try "$SPARSESUM" verify package
	ends_with 0
}

# ---- The beginning of a device or file ----

@test "compare says that one file is the beginning of the other" {
	noise 5000000 >image
	(cat image; head -c 1000000 /dev/urandom) >device
	try "$SPARSESUM" compare image device
	ends_with 1
	prints "all of image is the beginning of device: 5000000 bytes, and 1000000 bytes after them"
	try "$SPARSESUM" compare device image
	prints "all of image is the beginning of device: 5000000 bytes, and 1000000 bytes after them"
	try "$SPARSESUM" compare --json image device
	jq -es '.[0].beginning == "a" and .[0].offset == 5000000' "$scratch/out"
	try "$SPARSESUM" compare --json device image
	jq -es '.[0].beginning == "b"' "$scratch/out"
	: >empty
	try "$SPARSESUM" compare empty image
	prints "empty is empty, image is 5000000 bytes"
	damage device 4999999
	try "$SPARSESUM" compare image device
	output_lacks "beginning"
	try "$SPARSESUM" compare --json image device
	jq -es '.[0] | has("beginning") | not' "$scratch/out"
	mkdir a b
	cp image a/x
	(cat image; echo) >b/x
	try "$SPARSESUM" compare a b
	ends_with 1
	shows "the shorter one is the beginning of the longer one"
}

@test "explain finds the length of an image at any multiple of 4 KiB" {
	noise 6000000 >device
	for length in 4096 40960 1052672 4194304 5996544; do
		try "$SPARSESUM" explain device "$(head -c $length device | sha1sum | cut -c 1-40)"
		ends_with 1
		shows "only the first bytes were hashed"
		shows "the first $length of 6000000 bytes"
	done
	try "$SPARSESUM" explain device "$(head -c 4097 device | sha1sum | cut -c 1-40)"
	shows "none of the tested causes fits"
}

# ---- Zeros in place of data ----

@test "damaged ranges of zeros are named, in a hole or allocated" {
	make_package
	dd if=/dev/zero of=package/image bs=1M seek=4 count=8 conv=notrunc status=none
	try "$SPARSESUM" verify package
	ends_with 1
	shows "damaged   8388608 bytes at offset 4194304"
	shows "zeros     8388608 of these bytes, from offset 4194304, allocated"
	shows "the damaged bytes are zeros: data was lost, or never written"
	jq='.zeros == [{offset: 4194304, length: 8388608, in_hole: false}] and .explanation.cause == "zeroed" and .explanation.intact == false' entry_has
	cp good package/image
	fallocate --punch-hole --offset 5M --length 3M package/image || skip "no holes can be punched here"
	try "$SPARSESUM" verify package
	ends_with 1
	shows "damaged   4194304 bytes at offset 4194304"
	shows "zeros     3145728 of these bytes, from offset 5242880: a hole"
	shows "parts of the file are damaged"
	jq='.zeros == [{offset: 5242880, length: 3145728, in_hole: true}]' entry_has
	try "$SPARSESUM" verify --holes=read package
	shows "zeros     3145728 of these bytes, from offset 5242880"
	output_lacks "allocated"
	jq='.zeros == [{offset: 5242880, length: 3145728}]' entry_has --holes=read
	# Bytes that are not zeros are not named.
	cp good package/image
	damage package/image 5000000
	jq='has("zeros") | not' entry_has
}

@test "a file of zeros, a file that ends in zeros, and an empty file" {
	make_package
	rm package/*.checkpoints
	truncate -s 0 package/image
	truncate -s 20000000 package/image
	try "$SPARSESUM" verify package
	ends_with 1
	shows "the file holds nothing but zeros"
	jq='.explanation.cause == "zeroed" and .explanation.count == 20000000' entry_has
	cp good package/image
	truncate -s 15000000 package/image
	truncate -s 20000000 package/image
	try "$SPARSESUM" verify package
	shows "none of the tested causes fits"
	shows "zeros     the last 5000000 of 20000000 bytes"
	: >package/image
	try "$SPARSESUM" verify package
	ends_with 1
	shows "the file is empty"
}

# ---- What the file is ----

@test "a compressed file, a file that should be compressed, and a Git LFS pointer" {
	noise 100000 >image
	local found=0
	while read -r name suffix command; do
		command -v "${command%% *}" >"$scratch/where" || { echo "no ${command%% *}"; continue; }
		$command <image >disk.img
		try "$SPARSESUM" explain disk.img "$(digest_of image)"
		ends_with 1
		shows "looks     compressed by $name, though its name does not say so; the digest may be of the uncompressed image"
		mv disk.img "disk.img.$suffix"
		try "$SPARSESUM" explain --json "disk.img.$suffix" "$(digest_of image)"
		jq -es --arg name "$name" '.[0].format == $name and .[0].name_format == $name' "$scratch/out"
		try "$SPARSESUM" explain "disk.img.$suffix" "$(digest_of image)"
		shows "looks     compressed by $name; the digest may be of the uncompressed image"
		digest=$(digest_of "disk.img.$suffix")
		cp image "disk.img.$suffix"
		try "$SPARSESUM" explain "disk.img.$suffix" "$digest"
		shows "looks     not compressed, though its name says $name; the digest may be of the compressed file"
		found=$((found + 1))
	done <<-'END'
		gzip gz gzip -c
		xz xz xz -c
		zstd zst zstd -qc
		bzip2 bz2 bzip2 -c
		lz4 lz4 lz4 -qc
		zip zip bsdtar -cf - --format=zip image
	END
	[ $found -ge 3 ] || fail "only $found compressors are installed"
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 100000\n' 0 >pointer
	try "$SPARSESUM" explain pointer "$(digest_of image)"
	shows "looks     like a Git LFS pointer"
	mkdir package
	noise 20000000 >package/image.img
	"$SPARSESUM" create -q --checkpoints=4M package >"$scratch/created"
	cp pointer package/image.img
	try "$SPARSESUM" verify package
	ends_with 1
	shows "looks     like a Git LFS pointer"
	# No other content looks like one of these.
	try "$SPARSESUM" explain image "$nothing"
	output_lacks "looks"
}

# ---- The digest ----

@test "a digest with one mistyped digit is recognised: the file is intact" {
	noise 1000 >file
	right=$(digest_of file)
	first=${right:0:1} second=${right:1:1}
	[ "$first" != "$second" ] || fail "choose another content"
	for wrong in "$(printf %s "$first" | tr 0-9a-f 1-9a-f0)${right:1}" "${right:0:39}$(printf %s "${right:39}" | tr 0-9a-f 1-9a-f0)" \
		"$second$first${right:2}"; do
		try "$SPARSESUM" explain file "$wrong"
		ends_with 1
		shows "the digest is that of the file, but for one mistake"
		shows "the content is intact"
	done
	mkdir -p package
	cp file package/
	echo "$wrong  file" >package/SHA1SUMS
	try "$SPARSESUM" verify --json package
	ends_with 1
	jq -es 'map(select(.path == "file")) | .[0].explanation | .cause == "mistyped" and .intact and .offset == 1' "$scratch/out"
	# Two wrong digits prove nothing.
	try "$SPARSESUM" explain file "$(printf %s "${right:0:2}" | tr 0-9a-f 1-9a-f0)${right:2}"
	shows "none of the tested causes fits"
}

# Microsoft KB2000470. sha1sum computes what a program hashes that counts in 32 bits.
@test "bytes counted in 32 bits: the first ones modulo 4 GiB, or offsets that begin again" {
	is_long || skip "reads files of 4 GiB; part of the long tests"
	mkdir package
	truncate -s $(((4 << 30) + 123457)) package/image
	noise 200000 | dd of=package/image conv=notrunc status=none
	echo "$(head -c 123457 package/image | sha1sum | cut -c 1-40)  image" >package/SHA1SUMS
	try "$SPARSESUM" verify package
	ends_with 1
	shows "the bytes were counted in 32 bits"
	shows "hashed    123457 of 4295090753 bytes"
	echo "$( (head -c 4294967296 package/image; head -c 123457 package/image) | sha1sum | cut -c 1-40)  image" >package/SHA1SUMS
	try "$SPARSESUM" verify package
	ends_with 1
	shows "offsets begin again after 4 GiB"
}
