#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `sparsesum explain` finds each cause from a digest that another program made, and no other cause.
# `sparsesum verify` explains differences too.

load ../support/helpers

explain() { try timeout 120 "$SPARSESUM" explain --json "$@"; }

# Fail unless the only reported cause is $1 and its details satisfy $2.
is_cause() {
	local status_due=1
	case $1 in matches | spelling) status_due=0 ;; esac
	ends_with "$status_due"
	jq -es ".[0].cause == \"$1\" and (.[0] | ${2:-true}) and .[1].status == $status_due" "$scratch/out" >/dev/null ||
		fail "the cause should be $1 ${2:-}"
	[ "$1" = unknown ] || [ "$1" = spelling ] ||
		jq -es ".[0].fits == [\"$1\"]" "$scratch/out" >/dev/null || fail "another cause fits too"
}

sha1_of() { sha1sum | cut -d ' ' -f 1; }

# Print the data extents of a file, by another program: rounded outward to $2 bytes, merged if they touch, and
# limited to the file; or with holes shorter than $3 as zeros.
allocated() {
	perl -e '
		my ($name, $unit, $fill) = @ARGV;
		open(my $file, "<:raw", $name) or die;
		my ($size, $at, @extents) = (-s $file, 0);
		while ($at < $size) {
			my $data = sysseek($file, $at, 3);
			last unless defined $data;
			my $hole = sysseek($file, $data, 4);
			$at = $hole;
			my $from = $data - $data % $unit;
			my $to = $hole + -$hole % $unit;
			$to = $size if $to > $size;
			if (@extents && ($from <= $extents[-1][1] || $from - $extents[-1][1] < $fill)) { $extents[-1][1] = $to }
			elsif ($from < $fill) { push @extents, [0, $to] }
			else { push @extents, [$from, $to] }
		}
		$extents[-1][1] = $size if @extents && $size - $extents[-1][1] < $fill;
		for (@extents) {
			my ($from, $to) = @$_;
			sysseek($file, $from, 0);
			while ($from < $to) { my $n = sysread($file, my $bytes, $to - $from) or die; print $bytes; $from += $n }
		}' "$1" "${2:-1}" "${3:-0}"
}

# Holes of many lengths, data of lengths that are not a multiple of any unit, and a hole at the end.
make_holes() {
	truncate -s 9000000 "$1"
	for place in "0 5000" "20000 4096" "69632 100" "200000 70000" "400000 1" "3000000 200000"; do
		noise "${place#* }" | dd of="$1" oflag=seek_bytes seek="${place% *}" conv=notrunc status=none
	done
	sync "$1"
}

@test "a matching digest is reported" {
	make_image image
	: >empty
	for file in image empty; do
		for algorithm in sha1 sha224 sha256 sha384 sha512 md5; do
			explain $file "$(digest_of $file $algorithm)"
			is_cause matches ".intact and .algorithm == \"$algorithm\" and .found == .expected"
			explain -a $algorithm $file "$(digest_of $file $algorithm)"
			is_cause matches
		done
	done
	try "$SPARSESUM" explain image "$(digest_of image)"
	ends_with 0
	shows_line "image: the digest is that of this file"
}

# The published case: only the allocated data was hashed.
allocation_is_known() {
	work_on "$1"
	make_holes image
	allocated image >exact
	[ "$(stat -c %s exact)" -lt 1000000 ] && [ "$(stat -c %s exact)" -gt 270000 ]
	for algorithm in sha1 sha256 md5; do
		explain -a $algorithm image "$(digest_of exact $algorithm)"
		is_cause allocated ".intact and .detail == \"each extent exactly\" and .count == $((9000000 - $(stat -c %s exact)))"
	done
	allocated image 1 65536 >filled
	explain image "$(digest_of filled)"
	is_cause allocated '.intact and .detail == "holes below 64 KiB as zeros"'
	allocated image 65536 >rounded
	explain image "$(digest_of rounded)"
	is_cause allocated '.intact and .detail == "extents rounded to 64 KiB"'
	[ "$(digest_of exact)" != "$(digest_of filled)" ] && [ "$(digest_of exact)" != "$(digest_of rounded)" ]
	explain --holes=verify image "$(digest_of rounded)"
	is_cause allocated
	explain --holes=read image "$(digest_of filled)"
	is_cause unknown '.tested | index("allocated") == null'
	try "$SPARSESUM" explain --holes=read image "$(digest_of filled)"
	shows "untested  whether only allocated data was hashed; see --holes"
	# In a dense copy the blocks of zeros are found, but not the original map.
	cp --sparse=never --reflink=never image dense
	explain dense "$(digest_of exact)"
	is_cause "zero blocks" '.intact and .detail == "blocks of 4096 bytes"'
	explain dense "$(digest_of rounded)"
	is_cause "zero blocks" '.intact and .detail == "blocks of 64 KiB"'
}

@test "only the allocated data was hashed, on tmpfs" { allocation_is_known "${TEST_TMPFS:-}"; }
@test "only the allocated data was hashed, on ext4" { allocation_is_known "${TEST_EXT4:-}"; }
@test "only the allocated data was hashed, on xfs" { allocation_is_known "${TEST_XFS:-}"; }
@test "only the allocated data was hashed, on btrfs" { allocation_is_known "${TEST_BTRFS:-}"; }

@test "extents that are smaller than a block are rounded outward" {
	command -v mkfs.ext4 >/dev/null && [ "$(id -u)" -eq 0 ] || skip "a loop mount needs root and mkfs.ext4"
	truncate -s 32M "$scratch/small.img"
	mkfs.ext4 -q -b 1024 "$scratch/small.img"
	mkdir "$scratch/small"
	mount -o loop "$scratch/small.img" "$scratch/small" || skip "no loop mount here"
	truncate -s 2000000 image
	cp image "$scratch/small/image"
	for at in 1024 7168 50176; do noise 1000 | dd of="$scratch/small/image" oflag=seek_bytes seek=$at conv=notrunc status=none; done
	sync "$scratch/small/image"
	allocated "$scratch/small/image" 4096 >rounded
	allocated "$scratch/small/image" >exact
	explain "$scratch/small/image" "$(digest_of rounded)"
	mv "$scratch/out" kept
	explain "$scratch/small/image" "$(digest_of exact)"
	umount "$scratch/small"
	is_cause allocated '.detail == "each extent exactly"'
	mv kept "$scratch/out"
	is_cause allocated '.detail == "extents rounded to 4096 bytes"'
}

@test "the hole at the end was not hashed" {
	truncate -s 5000000 image
	noise 40960 | dd of=image oflag=seek_bytes seek=102400 conv=notrunc status=none
	sync image
	explain image "$(head -c 143360 image | sha1_of)"
	is_cause "trailing hole" '.intact and .offset == 143360 and .count == 4856640'
	for cut in 143000 102401 20000 100; do
		explain image "$(head -c $cut image | sha1_of)"
		is_cause unknown
	done
	explain image "$(head -c 102400 image | sha1_of)"
	is_cause cut '.offset == 102400'
}

@test "zeros at the end were not hashed: after the last nonzero byte, or from a multiple of 512" {
	noise 1000001 | perl -0777 -pe 's/.\z/x/s' >original
	cp original image
	head -c 3000000 /dev/zero >>image
	for end in 1000001 1000448 1000960 2000384 3000320 3999744; do
		explain image "$(head -c $end image | sha1_of)"
		is_cause "zeros dropped" ".offset == $end and .count == $((4000001 - end))"
	done
	for end in 1000002 2100000 2500096; do
		explain image "$(head -c $end image | sha1_of)"
		is_cause unknown
	done
	for algorithm in sha512 md5; do
		explain image "$(head -c 1000001 image | "${algorithm}sum" | cut -d ' ' -f 1)"
		is_cause "zeros dropped"
	done
}

@test "zeros up to a multiple of 512, 4096, 64 KiB or 1 MiB were hashed" {
	noise 100001 >image
	for unit in 512 4096 65536 1048576; do
		cp image padded
		truncate -s %$unit padded
		explain image "$(digest_of padded)"
		is_cause padded ".offset == 100001 and .count == $(($(stat -c %s padded) - 100001))"
	done
	truncate -s 100500 padded
	explain image "$(digest_of padded)"
	is_cause unknown
}

@test "zeros of the length of the file were hashed" {
	noise 3000000 >image
	explain image "$(head -c 3000000 /dev/zero | sha1_of)"
	is_cause "all zeros"
	explain image "$(head -c 3000001 /dev/zero | sha1_of)"
	is_cause unknown
	truncate -s 40M sparse
	damage sparse 20000001
	explain -a sha256 sparse "$(head -c 40M /dev/zero | sha256sum | cut -d ' ' -f 1)"
	is_cause "all zeros"
}

@test "only the beginning was hashed, up to a multiple of 16 MiB" {
	noise 40000000 >image
	for count in 1 2; do
		explain image "$(head -c $((count << 24)) image | sha1_of)"
		is_cause cut ".offset == $((count << 24))"
	done
	explain image "$(head -c $(((1 << 24) + 512)) image | sha1_of)"
	is_cause unknown
}

@test "a download that stopped: the file is the first bytes" {
	noise 300000 >image
	"$SPARSESUM" hash --checkpoints=64K image >/dev/null
	digest=$(digest_of image)
	truncate -s 200000 image
	explain image "$digest"
	is_cause unfinished '.intact == false and .offset == 196608 and .count == 103392'
	truncate -s 300000 image
	explain image "$digest"
	ends_with 1
	jq -es '.[0] | .cause == "unfinished" and .offset == 196608' "$scratch/out"
}

@test "damaged segments are located by checkpoints" {
	noise 300000 >image
	"$SPARSESUM" hash --checkpoints=64K image >/dev/null
	digest=$(digest_of image)
	damage image 70000
	damage image 135000
	damage image 290000
	explain image "$digest"
	is_cause damaged '.intact == false and .offset == 65536 and .count == 131072'
	noise 300000 | tr 'a-z' 'A-Z' >image
	explain image "$digest"
	is_cause unknown
}

@test "other line endings were hashed" {
	seq 20000 >unix
	perl -pe 's/\n/\r\n/' unix >dos
	explain unix "$(digest_of dos)"
	is_cause "line endings" '.detail | startswith("CR LF where the file has LF")'
	explain dos "$(digest_of unix)"
	is_cause "line endings" '.detail == "LF where the file has CR LF"'
	perl -pe 's/\n/\r\n/ if $. % 3' unix >mixed
	explain mixed "$(perl -pe 's/(?<!\r)\n/\r\n/' mixed | sha1_of)"
	is_cause "line endings" '.detail == "CR LF where the file has LF"'
	explain mixed "$(perl -pe 's/\n/\r\n/' mixed | sha1_of)"
	is_cause "line endings" '.detail == "CR LF where the file has LF, also after CR"'
	explain mixed "$(perl -pe 's/\r\n/\n/' mixed | sha1_of)"
	is_cause "line endings"
	# FTP in ASCII mode also converts files that are not text.
	noise 1000000 >binary
	explain binary "$(perl -0777 -pe 's/\r\n/\n/g' binary | sha1_of)"
	is_cause "line endings"
	# For every position of the ends of read buffers, and at the end of the file.
	perl -e 'print "x" x 65535, "\r\n", "y" x 65534, "\r", "z" x 65535, "\r\n\r"' >edges
	explain edges "$(perl -0777 -pe 's/\r\n/\n/g' edges | sha1_of)"
	is_cause "line endings"
	explain edges "$(perl -0777 -pe 's/\n/\r\n/g' edges | sha1_of)"
	is_cause "line endings" '.detail | endswith("also after CR")'
}

@test "a byte order mark was added or dropped" {
	seq 3000 >plain
	printf '\xef\xbb\xbf' | cat - plain >marked
	explain plain "$(digest_of marked)"
	is_cause "byte order mark" '.detail == "with one before it"'
	explain marked "$(digest_of plain)"
	is_cause "byte order mark" '.detail == "without the one that it has"'
	explain -a sha3-256 marked "$(openssl dgst -sha3-256 -r plain | cut -d ' ' -f 1)"
	is_cause "byte order mark"
}

@test "the digest is from another algorithm" {
	make_image image
	while read -r asked digester algorithm; do
		digest=$(openssl dgst -"$digester" -r image 2>/dev/null | cut -d ' ' -f 1)
		[ -n "$digest" ] || continue
		explain -a "$asked" image "$digest"
		is_cause algorithm ".intact and .algorithm == \"$algorithm\""
		# The printed name is accepted by -a.
		[ "$("$SPARSESUM" hash -a "$algorithm" image)" = "$digest  image" ]
	done <<-'END'
		sha256 sha3-256 sha3-256
		sha256 blake2s256 blake2s-256
		sha256 sm3 sm3
		sha256 sha512-256 sha512-256
		sha512 sha3-512 sha3-512
		sha512 blake2b512 blake2b-512
		sha1 md5 md5
		sha1 sha256 sha256
		sha1 rmd160 ripemd-160
		sha256 sha1 sha1
		sha384 sha3-384 sha3-384
	END
	explain -a sha512 image "$(b2sum image | cut -d ' ' -f 1)"
	is_cause algorithm '.algorithm == "blake2b-512"'
}

@test "the digest has the name of its algorithm, or is a line of a manifest" {
	make_image image
	while read -r algorithm dgst; do
		digest=$(openssl dgst -r -"$dgst" image | cut -d ' ' -f 1)
		base64=$(openssl dgst -"$dgst" -binary image | base64 -w0)
		url=$(tr '+/' '-_' <<<"$base64" | tr -d =)
		for text in "$algorithm:$digest" "$algorithm=$digest" "${algorithm^^}:${digest^^}" "$algorithm-$base64" \
			"$algorithm-$base64?opt" "$algorithm=$url" "$algorithm:$base64" "$algorithm=:$base64:" "{${algorithm^^}}$base64" \
			"$(openssl dgst -"$dgst" image)" "$(openssl dgst -r -"$dgst" image)" "${algorithm^^} (image) = $digest" \
			"$digest  image" "$digest  a file" "$digest *abcdef" "\\$digest  a\\nb" $'\n '"$digest  image"$'\r\n'; do
			explain image "$text"
			is_cause spelling ".intact and .expected == \"$digest\" and .found == .expected"
		done
	done <<-'END'
		sha1 sha1
		sha256 sha256
		sha512 sha512
	END
	while read -r algorithm dgst; do
		digest=$(openssl dgst -r -"$dgst" image | cut -d ' ' -f 1)
		for text in "$algorithm:$digest" "$(openssl dgst -"$dgst" image)"; do
			explain image "$text"
			is_cause spelling ".expected == \"$digest\" and .algorithm == \"$algorithm\""
		done
		digest=$(printf x | openssl dgst -r -"$dgst" | cut -d ' ' -f 1)
		explain image "$algorithm:$digest"
		is_cause unknown
	done <<-'END'
		sha3-256 sha3-256
		sha512-256 sha512-256
		blake2b-512 blake2b512
		md5 md5
	END
	explain image "sha1:$(openssl dgst -sha1 -binary image | python3 -c 'import base64, sys
print(base64.b32encode(sys.stdin.buffer.read()).decode())')"
	is_cause spelling
	# The option names another algorithm than the text.
	try "$SPARSESUM" explain --json -a sha3-256 image "sha256:$(digest_of image sha256)"
	is_cause algorithm '.algorithm == "sha256"'
	for text in "blake3:$(digest_of image sha256)" "HMAC-SHA2-256(image)= $(digest_of image sha256)" \
		"sha1:$(digest_of image sha256)" "sha256:$(digest_of image)" "sha256:$(digest_of image sha256)0" \
		"sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s"; do
		try "$SPARSESUM" explain image "$text"
		ends_with 2
	done
}

@test "subresource integrity with several digests: the strongest algorithm decides" {
	integrity() { printf '%s-%s' "$1" "$(openssl dgst -"$1" -binary "$2" | base64 -w0)"; }
	printf x >file
	printf y >other
	while read -r due first second; do
		try "$SPARSESUM" explain file "$(integrity ${first/:/ }) $(integrity ${second/:/ })"
		ends_with "$due"
		[ "$(grep -c '^file: ' "$scratch/out")" -eq 2 ] || fail "two digests"
	done <<-'END'
		0 sha256:file sha512:file
		0 sha256:other sha384:file
		0 sha512:file sha256:other
		0 sha512:other sha512:file
		0 sha512:file sha512:other
		1 sha256:file sha512:other
		1 sha512:other sha256:file
		1 sha256:other sha256:other
	END
	try "$SPARSESUM" explain file "sha999-$(openssl dgst -sha256 -binary other | base64) $(integrity sha256 file)"
	ends_with 0
	warns "is of no known algorithm; it is ignored"
	try "$SPARSESUM" explain file "sha999-$(openssl dgst -sha256 -binary other | base64) sha998-$(openssl dgst -sha256 -binary file | base64)"
	ends_with 2
}

@test "the digest is written in another way" {
	make_image image
	digest=$(digest_of image)
	for text in "${digest^^}" "0x$digest" "$(sed 's/../&:/g; s/:$//' <<<"$digest")" "$(sed 's/......../& /g' <<<"$digest")" \
		"$(sed 's/../&-/g; s/-$//' <<<"${digest^^}")" \
		"$(openssl dgst -sha1 -binary image | base64)" "$(openssl dgst -sha1 -binary image | base64 | tr '+/' '-_' | tr -d =)"; do
		explain image "$text"
		is_cause spelling ".intact and .expected == \"$digest\" and .found == .expected"
	done
	explain image "$(openssl dgst -sha256 -binary image | base64)"
	is_cause spelling '.detail == "in base64" and .algorithm == "sha256"'
	explain image "$(openssl dgst -sha1 -binary image | perl -0777 -ne 'print unpack "H*", reverse $_')"
	is_cause "byte order" '.detail == "the whole of it"'
	explain image "$(openssl dgst -sha1 -binary image | perl -0777 -ne 'print map { sprintf "%08x", $_ } unpack "V*", $_')"
	is_cause "byte order" '.detail == "each word of four bytes"'
}

@test "nothing was hashed" {
	make_image image
	explain image "$nothing"
	is_cause empty
	explain -a sha256 image "$(openssl dgst -sha3-256 -r /dev/null | cut -d ' ' -f 1)"
	is_cause empty '.algorithm == "sha3-256"'
}

@test "20 random damages have no cause" {
	for seed in {1..20}; do
		perl -e '
			srand($ARGV[0]);
			my $text = join "", map { chr int rand 256 } 1 .. 50000 + int rand 100000;
			my $size = length $text;
			open(my $file, ">:raw", "original"); print $file $text; close $file;
			my ($kind, $at, $length) = ($ARGV[0] % 5, int rand $size, 1 + int rand 3000);
			if ($kind == 0) { substr($text, $at, 1) ^= chr(1 << int rand 8) }
			elsif ($kind == 1) { substr($text, $at, $length) = "\0" x $length }
			elsif ($kind == 2) { substr($text, $at, $length) = "" }
			elsif ($kind == 3) { substr($text, $at, 0) = "\r\n" x $length }
			else { $text = substr($text, 512) . substr($text, 0, 512) }
			open($file, ">:raw", "damaged"); print $file $text;' "$seed"
		explain damaged "$(digest_of original)"
		is_cause unknown '.fits == [] and (has("intact") | not)'
	done
}

# ---- verify ----

verify() { try timeout 60 "$SPARSESUM" verify --json "$@"; }

# The cause that verify reports for the file $1 is $2.
entry_has() {
	ends_with 1
	jq -es --arg path "$1" --arg cause "$2" '.[] | select(.path == $path) |
		.verdict == "differs" and .explanation.cause == $cause' "$scratch/out" >/dev/null || fail "$1 should have the cause $2"
}

# A package whose manifest has another digest for an image, as the publishing program computed it.
@test "the published case: an image that was hashed over its allocated data is intact" {
	work_on "${TEST_EXT4:-}"
	mkdir package
	make_image package/boot.wim
	sync package/boot.wim
	printf abc >package/file
	"$SPARSESUM" create -q package >/dev/null
	sed -i "s/^.*  boot.wim/$(allocated package/boot.wim | sha1_of)  boot.wim/" package/SHA1SUMS
	verify package
	entry_has boot.wim allocated
	jq -es '.[1].explanation | .intact and .detail == "each extent exactly"' "$scratch/out"
	try "$SPARSESUM" verify package
	ends_with 1
	shows_line "    why       only the allocated data was hashed: 'each extent exactly'"
	shows_line "    means     the content is intact"
	shows "DIFFERS: 1 differs, 1 entry holds"
	try "$SPARSESUM" verify --no-explain package
	ends_with 1
	output_lacks cause
	try "$SPARSESUM" verify --repair-list package
	output_lacks cause
}

@test "verify compares with the digests of the manifest and of other files" {
	mkdir package
	printf one >package/one
	printf two >package/two
	: >package/empty
	seq 100 >package/text
	printf three >package/three
	"$SPARSESUM" create -q package >/dev/null
	mv package/one x && mv package/two package/one && mv x package/two
	perl -pi -e 's/\n/\r\n/' package/text
	: >package/three
	verify package
	entry_has one "other entry"
	jq -es '.[] | select(.path == "one").explanation.detail == "two"' "$scratch/out"
	entry_has two "other entry"
	entry_has text "line endings"
	entry_has three unknown
	# A manifest cannot contain its own digest; it can be listed by another manifest.
	cp package/SHA1SUMS other
	sed -i '/  one$/d' package/SHA1SUMS
	echo "$(digest_of package/SHA1SUMS)  one" >other
	try "$SPARSESUM" verify --json -m package/SHA1SUMS -m other -a sha1 package
	entry_has one manifest
}

@test "verify reports manifests that contradict each other" {
	mkdir package
	printf one >package/one
	printf two >package/two
	"$SPARSESUM" create -q -a sha1 -a sha256 package >/dev/null
	printf other >x
	sed -i "s/.*  one$/$(digest_of x)  one/" package/SHA1SUMS
	verify package
	ends_with 1
	entry_has one contradicted
	jq -es '.[] | select(.path == "one").explanation.detail == "SHA256SUMS"' "$scratch/out"
	try "$SPARSESUM" verify package
	grep -q "another manifest lists the content of this file: SHA256SUMS" "$scratch/out"
	# A file that is in no manifest contradicts none.
	printf three >package/one
	verify package
	entry_has one unknown
}

# Damage near the beginning and at the end: two damaged parts with good data between them.
@test "verify reports the first of several damaged parts, and does not call the beginning intact" {
	mkdir package
	noise 300000 >package/image
	noise 300000 | tr a b >package/zeros
	"$SPARSESUM" create -q --checkpoints=64K package >/dev/null
	damage package/image 100000
	damage package/image 299999
	damage package/zeros 100000
	dd if=/dev/zero of=package/zeros oflag=seek_bytes seek=262144 bs=37856 count=1 conv=notrunc status=none
	verify package
	for name in image zeros; do
		entry_has $name damaged
		jq -es ".[] | select(.path == \"$name\") | .damaged == [{offset: 65536, length: 65536}, {offset: 262144, length: 37856}] and
			.explanation.offset == 65536 and .explanation.count == 65536 and .explanation.fits == [\"damaged\"]" \
			"$scratch/out" || fail "wrong details: $name"
	done
}

# Replace the content of files: $1 gets that of $2, $3 that of $4, and so on.
exchange() {
	rm -rf package && cp -a original package
	while [ $# -gt 0 ]; do
		cp "original/$2" "package/$1"
		shift 2
	done
}

# Check the reported exchanges in JSON, and that the suggested commands repair the package.
rings_are() {
	try "$SPARSESUM" verify --json package
	ends_with 1
	diff <(jq -c 'select(.type == "cause") | [.cause, .entries, (.files[] | .path + "<" + .content_of)]' "$scratch/out") \
		<(printf %s "${1:+$1$'\n'}") || fail "the reported cycles differ"
	try "$SPARSESUM" verify package
	ends_with 1
	[ "$(grep -c '^exchanged: ' "$scratch/out")" -eq "$(grep -c '^    to do     rename them: ' "$scratch/out")" ] || fail "each exchange should have a suggested command"
	sed -n 's/^    to do     rename them: //p' "$scratch/out" >commands
	# shellcheck disable=SC1091 # just made
	. ./commands
	[ -z "$1" ] || diff -r original package || fail "the commands did not repair the package"
}

@test "verify reports files that were exchanged in pairs and in cycles" {
	mkdir -p original/sub
	for name in a b c d 'sub/it'\''s {1,2}' -e; do
		noise 200000 | tr '\000' "${name:0:1}" >"original/$name"
	done
	printf short >original/short
	cp original/a original/same
	"$SPARSESUM" create -q --checkpoints=64K original >/dev/null
	exchange a b b a
	rings_are '["exchanged",2,"a<b","b<a"]'
	shows_line "exchanged: a has the content of b, b has the content of a"
	exchange a b b c c a d short short d
	rings_are $'["exchanged",3,"a<b","b<c","c<a"]\n["exchanged",2,"d<short","short<d"]'
	shows_line "exchanged: a has the content of b, b has the content of c, c has the content of a"
	exchange -e "sub/it's {1,2}" "sub/it's {1,2}" -e
	mkdir package/-e.exchanged
	mkdir original/-e.exchanged
	rings_are "[\"exchanged\",2,\"-e<sub/it's {1,2}\",\"sub/it's {1,2}<-e\"]"
	rmdir original/-e.exchanged
	# Two files are listed with the same content: one of them completes the exchange.
	exchange a c same d c a d a
	rings_are $'["exchanged",2,"a<c","c<a"]\n["exchanged",2,"d<same","same<d"]'
	# Not exchanges: a chain of moves, copies, and a damaged file.
	exchange a b b c
	rings_are ''
	exchange a b c b
	rings_are ''
	exchange a b b a
	printf x >>package/b
	rings_are ''
}

# As in disk images, zeros at the end: the last segments of one file also hold in the other.
@test "verify reports exchanged files with the same end" {
	mkdir original
	for name in a b c; do
		noise 200000 | tr '\000' "$name" >"original/$name"
		truncate -s 1M "original/$name"
	done
	head -c 300000 original/a >original/short
	"$SPARSESUM" create -q -a sha1 -a sha256 --checkpoints=64K original >/dev/null
	exchange a b b a
	rings_are '["exchanged",2,"a<b","b<a"]'
	shows_line "exchanged: a has the content of b, b has the content of a"
	exchange a b b c c a
	rings_are '["exchanged",3,"a<b","b<c","c<a"]'
	exchange a short short a
	rings_are '["exchanged",2,"a<short","short<a"]'
	exchange a b
	rings_are ''
	verify package
	entry_has a "other entry"
	# The beginning of one file and the end of another match no file.
	rm -rf original && mkdir original
	noise 600000 >original/a
	noise 600000 | tr '\000' x | head -c 300000 >original/b
	tail -c +300001 original/a | tr '\001' y >>original/b
	"$SPARSESUM" create -q --checkpoints=64K original >/dev/null
	exchange a a
	head -c 262144 original/b >package/a
	tail -c +262145 original/a >>package/a
	rings_are ''
	verify package
	entry_has a damaged
	# If a file is only damaged, it is not read again.
	exchange a a
	damage package/a 100000
	verify package
	entry_has a damaged
	jq -es '.[] | select(.path == "a").explanation.tested | index("matches") | not' "$scratch/out" || fail "the file was read again"
}

@test "reading the checkpoints of other files does not affect later look-ups" {
	mkdir package
	for i in {10..25}; do
		echo "$i" >"package/$i"
		truncate -s 4M "package/$i"
	done
	"$SPARSESUM" create -q --checkpoints=4096 package >/dev/null
	for i in {10..25}; do damage "package/$i" 5000; done
	try "$SPARSESUM" verify -j 1 --json package
	ends_with 1
	complains ""
	jq -es '[.[] | select(.verdict == "differs") | .damaged == [{offset: 4096, length: 4096}] and .explanation.cause == "damaged"] |
		length == 16 and all' "$scratch/out" >/dev/null || fail "wrong damaged ranges"
}

@test "verify reports damaged segments, and a truncated file" {
	mkdir package
	noise 300000 >package/image
	noise 300000 | tr a b >package/half
	"$SPARSESUM" create -q --checkpoints=64K package >/dev/null
	damage package/image 100000
	truncate -s 150000 package/half
	verify package
	entry_has image damaged
	entry_has half unfinished
	try "$SPARSESUM" verify package
	shows_line "    certain   the first 131072 of 300000 bytes"
	shows_line "    to do     fetch these bytes again; this lists them for curl and dd: sparsesum verify --repair-list package"
}

@test "if many files differ, only the first are explained, with a note" {
	mkdir package
	for i in {10..39}; do echo "$i" >"package/$i"; done
	"$SPARSESUM" create -q package >/dev/null
	for i in {10..39}; do echo "x$i" >"package/$i"; done
	for threads in 1 3; do
		try "$SPARSESUM" verify -j $threads package
		ends_with 1
		[ "$(grep -c '^    why  ' "$scratch/out")" -eq 16 ]
		warns "14 more files differ without an explanation; --explain=all explains all"
		try "$SPARSESUM" verify -j $threads --explain=all package
		[ "$(grep -c '^    why  ' "$scratch/out")" -eq 30 ]
		complains ""
		try "$SPARSESUM" verify --explain=3 package
		[ "$(grep -c '^    why  ' "$scratch/out")" -eq 3 ]
	done
}

@test "a file that cannot be explained is undecided" {
	mkfifo fifo
	printf a >file
	for operand in missing fifo /dev/null .; do
		try "$SPARSESUM" explain "$operand" "$nothing"
		ends_with 2
		prints ""
		warns "sparsesum: $operand: "
	done
	chmod 000 file
	try as_nobody ../sparsesum explain file "$nothing"
	ends_with 2
	complains "sparsesum: file: Permission denied"
}
