#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bags. The expected verdicts are those of bag.py, which implements RFC 8493 without code of sparsesum.

load ../support/helpers

# Make a bag of version $1 with manifests of the algorithms that follow, by other programs.
make_bag() {
	local version=$1
	shift
	mkdir -p bag/data/sub
	printf abc >bag/data/a
	truncate -s 100K bag/data/sub/image
	damage bag/data/sub/image 50000
	printf x >'bag/data/b c'
	printf 'BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8\n' "$version" >bag/bagit.txt
	printf 'Source-Organization: Somebody\n  and somebody else\nPayload-Oxum: 102404.3\n' >bag/bag-info.txt
	for algorithm; do
		(cd bag && find data -type f -exec "${algorithm}sum" {} + >"manifest-$algorithm.txt")
	done
	for algorithm; do
		(cd bag && "${algorithm}sum" bagit.txt bag-info.txt manifest-*.txt >"tagmanifest-$algorithm.txt")
	done
}

# Set $said to the verdict of sparsesum on the bag, in the words of bag.py.
judge() {
	try timeout 20 "$SPARSESUM" verify --json bag
	said=$(jq -r 'select(.type == "summary") | if .valid then "valid" elif .complete then "complete"
		elif .complete == false then "incomplete" else "malformed" end' "$scratch/out")
}

# Fail unless both verdicts are $1 and the exit status agrees.
both_say() {
	local theirs
	theirs=$(python3 "$BATS_TEST_DIRNAME/bag.py" bag)
	[ "$theirs" = "$1" ] || fail "the oracle says $theirs, not $1"
	judge
	[ "$said" = "$1" ] || fail "the verdict should be $1, but is $said"
	case $1 in
	valid) ends_with 0 ;;
	malformed) ends_with 2 ;;
	*) ends_with 1 ;;
	esac
}

@test "a bag is recognised and reported first" {
	make_bag 1.0 sha256 sha512
	try "$SPARSESUM" verify bag
	ends_with 0
	[ "$(head -n 1 "$scratch/out")" = "bag: BagIt 1.0 bag, sha256, sha512" ] || fail "the format is not reported"
	shows "VERIFIED: 7 entries hold"
	shows_line "the bag is complete and valid"
	try "$SPARSESUM" verify --json bag
	jq -es '.[0] == {type: "format", format: "bagit", version: "1.0", algorithms: ["sha256", "sha512"]}
		and .[-1].format == "bagit" and .[-1].complete and .[-1].valid' "$scratch/out"
}

# Each line: the expected verdict, the version, and the commands that change the bag.
@test "each damaged bag has the verdict of bag.py" {
	local expected version damage count=0
	while IFS='|' read -r expected version damage; do
		rm -rf bag
		[ -d "bag-$version" ] || { make_bag "$version" sha256 md5; mv bag "bag-$version"; }
		cp -r "bag-$version" bag
		(cd bag && eval "$damage") || fail "failed: $damage"
		echo "# $expected $version $damage"
		both_say "$expected"
		count=$((count + 1))
	done <<-'END'
		valid|1.0|:
		valid|0.97|:
		valid|0.93|:
		valid|1.0|touch unlisted.txt; mkdir -p tags data/void; touch tags/unlisted
		valid|1.0|rm tagmanifest-*
		valid|1.0|rm bag-info.txt tagmanifest-*
		valid|1.0|cp --sparse=never data/sub/image x; mv x data/sub/image
		valid|1.0|sed -i 's/  data/ data/; 1s/ / \t /' manifest-md5.txt; rm tagmanifest-*
		valid|1.0|sed -i 's/  / */' manifest-md5.txt; rm tagmanifest-*
		valid|1.0|sed -i 's/$/\r/' manifest-md5.txt bag-info.txt; rm tagmanifest-*
		valid|1.0|tr '\n' '\r' <manifest-md5.txt >x; mv x manifest-md5.txt; rm tagmanifest-*
		valid|1.0|sed -i 's,  ,  ./,' manifest-md5.txt; rm tagmanifest-*
		valid|1.0|sed -i 's/^[0-9a-f]*/\U&/' manifest-md5.txt; rm tagmanifest-*
		valid|1.0|printf '\357\273\277' | cat - manifest-md5.txt >x; mv x manifest-md5.txt; rm tagmanifest-*
		valid|1.0|echo 'http://127.0.0.1:1/a - data/a' >fetch.txt
		complete|1.0|printf abd >data/a
		complete|0.97|damage data/sub/image 3000
		complete|1.0|printf 'x: y\n' >>bag-info.txt
		complete|1.0|sed -i '1s/./0/; 2s/./1/; 3s/./2/' manifest-md5.txt; rm tagmanifest-*
		incomplete|1.0|rm data/a
		incomplete|0.97|rm data/a
		incomplete|1.0|touch data/more
		incomplete|0.97|touch data/sub/more
		incomplete|1.0|mv data/a data/elsewhere
		incomplete|1.0|rm bag-info.txt
		incomplete|1.0|rm -r data
		incomplete|1.0|sed -i '/data.a/d' manifest-md5.txt; rm tagmanifest-*
		valid|0.97|sed -i '/data.a/d' manifest-md5.txt; rm tagmanifest-*
		incomplete|0.97|sed -i '/data.a/d' manifest-*.txt; rm tagmanifest-*
		incomplete|1.0|sed -i 's/102404.3/102404.4/' bag-info.txt; rm tagmanifest-*
		incomplete|1.0|sed -i 's/102404.3/102403.3/' bag-info.txt; rm tagmanifest-*
		incomplete|1.0|echo 'http://127.0.0.1:1/a 3 data/a' >fetch.txt; rm data/a
		incomplete|1.0|: >manifest-md5.txt; rm tagmanifest-*
		incomplete|1.0|mv data/a ..; sed -i 's,data/a,data/%2e%2e/%2e%2e/a,' manifest-*.txt; rm tagmanifest-*
		malformed|1.0|rm bagit.txt; printf 'BagIt-Version: 1.0\n' >bagit.txt; rm tagmanifest-*
		malformed|1.0|sed -i 's/1.0/1.1/' bagit.txt; rm tagmanifest-*
		malformed|1.0|sed -i 's/1.0/2.0/' bagit.txt; rm tagmanifest-*
		malformed|1.0|sed -i 's/1.0/0.92/' bagit.txt; rm tagmanifest-*
		malformed|1.0|sed -i 's/UTF-8/UTF-99/' bagit.txt; rm tagmanifest-*
		malformed|1.0|echo More: lines >>bagit.txt; rm tagmanifest-*
		malformed|1.0|sed -i '1s/^/ /' bagit.txt; rm tagmanifest-*
		malformed|1.0|rm manifest-* tagmanifest-*
		malformed|1.0|cp manifest-md5.txt manifest-sha0.txt
		malformed|1.0|printf 'a\0b\n' >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|sed -i 's/UTF-8/UTF-16/' bagit.txt; rm tagmanifest-*
		malformed|1.0|echo nonsense >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|sed -n 1p manifest-md5.txt >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|echo "$(md5sum <bagit.txt | cut -c 1-32)  data/../bagit.txt" >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|echo "$(md5sum <bagit.txt | cut -c 1-32)  bagit.txt" >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|echo "$(md5sum <data/a | cut -c 1-32)  /etc/passwd" >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|echo "$(md5sum <data/a | cut -c 1-32)  data//a" >>manifest-md5.txt; rm tagmanifest-*
		malformed|1.0|md5sum data/a >>tagmanifest-md5.txt
		malformed|1.0|md5sum tagmanifest-sha256.txt >>tagmanifest-md5.txt
		malformed|1.0|echo "$(md5sum <data/a | cut -c 1-32)  ../a" >>tagmanifest-md5.txt
		malformed|1.0|sed -i 's/102404.3/eight/' bag-info.txt; rm tagmanifest-*
		malformed|1.0|echo 'no colon' >bag-info.txt; rm tagmanifest-*
		malformed|1.0|echo 'http://127.0.0.1:1/a 3 data/unlisted' >fetch.txt
		malformed|1.0|echo 'http://127.0.0.1:1/a data/a' >fetch.txt
		malformed|1.0|echo 'http://127.0.0.1:1/a 3 ../../etc/passwd' >fetch.txt
	END
	[ "$count" -gt 50 ]
	tried 27 5
	tried 30 20
	tried 37 4
}

@test "the number of a wrong line is reported" {
	make_bag 1.0 sha256
	rm bag/tagmanifest-*
	echo nonsense >>bag/manifest-sha256.txt
	echo "$(digest_of bag/bagit.txt sha256)  data/../bagit.txt" >>bag/manifest-sha256.txt
	try "$SPARSESUM" verify bag
	shows "manifest-sha256.txt:4: "
	shows "manifest-sha256.txt:5: data/../bagit.txt: "
	shows_line "it could not be decided whether the bag is complete"
}

@test "manifests of unknown algorithms are undecided, the others are verified" {
	local version manifest
	for version in 1.0 0.97; do
		for manifest in manifest-tiger.txt tagmanifest-tiger.txt; do
			rm -rf bag
			make_bag $version sha256 md5
			echo '00  data/a' >bag/$manifest
			try "$SPARSESUM" verify bag
			ends_with 2
			shows "$manifest: unknown algorithm tiger: its digests are not verified; known are sha1, "
			shows "it could not be decided whether the bag is complete"
			output_lacks bagit.txt
			both_say malformed
			printf abd >bag/data/a
			try "$SPARSESUM" verify bag
			ends_with 1
			rm bag/data/a
			judge
			[ "$said" = incomplete ] || fail "data/a is missing"
		done
		# The unknown manifest may list it.
		rm -rf bag
		make_bag $version sha256
		rm bag/tagmanifest* bag/bag-info.txt
		touch bag/data/more
		echo '00  data/more' >bag/manifest-tiger.txt
		try "$SPARSESUM" verify bag
		[ $version = 1.0 ] || ends_with 2
	done
	rm -rf bag
	make_bag 1.0 sha256
	rm bag/tagmanifest*
	mv bag/manifest-sha256.txt bag/manifest-tiger.txt
	both_say malformed
	rm -rf bag
	make_bag 1.0 md5
	(cd bag && openssl dgst -r -sha3-256 data/a 'data/b c' data/sub/image) | sed 's/ \*/  /' >bag/manifest-sha3256.txt
	rm bag/tagmanifest*
	try "$SPARSESUM" verify bag
	ends_with 0
	shows "bag: BagIt 1.0 bag, md5, sha3-256"
}

@test "encodings with options of iconv are refused" {
	for encoding in UTF-16//IGNORE UTF-8//TRANSLIT ASCII//IGNORE; do
		rm -rf bag
		make_bag 1.0 sha256
		rm bag/tagmanifest*
		sed -i "s,UTF-8,$encoding," bag/bagit.txt
		try "$SPARSESUM" verify bag
		ends_with 2
		shows "is not valid text in the encoding"
	done
}

@test "files to be fetched are reported with their URL, not fetched" {
	make_bag 1.0 sha256
	echo 'http://127.0.0.1:1/x%20y 3 data/a' >bag/fetch.txt
	rm bag/data/a
	try strace -f -qq -e trace=network -o "$scratch/network" "$SPARSESUM" verify bag
	ends_with 1
	shows_line "    fetch     http://127.0.0.1:1/x%20y"
	if grep -q connect "$scratch/network"; then fail "connected to the network"; fi
	try "$SPARSESUM" verify --json bag
	jq -es 'any(.type == "fetch" and .path == "data/a" and .url == "http://127.0.0.1:1/x%20y")' "$scratch/out"
}

@test "names with a newline, a carriage return and a per cent sign" {
	make_bag 1.0 md5
	for version in 1.0 0.97; do
		rm -rf bag
		mkdir -p bag/data
		printf 'BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8\n' $version >bag/bagit.txt
		printf abc >bag/data/$'a\nb\rc'
		printf abc >bag/data/100%
		printf abc >bag/data/%20
		percent=%25
		[ $version = 1.0 ] || percent=%
		for name in a%0Ab%0dc 100$percent ${percent}20; do
			echo "$(printf abc | md5sum | cut -c 1-32)  data/$name" >>bag/manifest-md5.txt
		done
		both_say valid
	done
	tried 29 2
}

@test "tag files in other encodings" {
	for encoding in ISO-8859-1 UTF-16 UTF-16BE UTF-16LE; do
		rm -rf bag
		mkdir -p bag/data
		printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: %s\n' $encoding >bag/bagit.txt
		printf abc >'bag/data/grün'
		echo "$(digest_of bag/data/grün sha512)  data/grün" | iconv -t $encoding >bag/manifest-sha512.txt
		printf 'Payload-Oxum: 3.1\nContact: Jürgen\n' | iconv -t $encoding >bag/bag-info.txt
		both_say valid
		sed -i s/"$encoding"/UTF-8/ bag/bagit.txt
		judge
		[ "$said" != valid ] || fail "invalid UTF-8 was accepted"
	done
	# iconv() buffers the last letter, because a combining character may follow.
	rm -rf bag
	mkdir -p bag/data
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: CP1258\n' >bag/bagit.txt
	printf abc >bag/data/abcA
	printf '%s  data/abcA' "$(digest_of bag/data/abcA sha512)" >bag/manifest-sha512.txt
	judge
	[ "$said" = valid ] || fail "the last letter of the manifest is lost"
	mv bag/data/abcA bag/data/abc
	judge
	[ "$said" != valid ] || fail "verified another file"
	mv bag/data/abc bag/data/grün
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n' >bag/bagit.txt
	printf 'odd' >bag/manifest-sha512.txt
	both_say malformed
	tried 30 9
	tried 46 6
}

@test "the examples of RFC 8493 are read" {
	mkdir -p bag/data/27613-h/images
	touch bag/data/27613-h/images/q172.png bag/data/27613-h/images/q172.txt
	cat >bag/manifest-md5.txt <<-END
		49afbd86a1ca9f34b677a3f09655eae9 data/27613-h/images/q172.png
		408ad21d50cef31da4df6d9ed81b01a7 data/27613-h/images/q172.txt
	END
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >bag/bagit.txt
	both_say complete
	try "$SPARSESUM" verify bag
	shows "408ad21d50cef31da4df6d9ed81b01a7"
	rm -r bag/data/*
	cat >bag/manifest-md5.txt <<-END
		93c53193ef96732c76e00b3fdd8f9dd3 data/Collection Overview.txt
		e9c5753d65b1ef5aeb281c0bb880c6c8 data/Seed List.txt
		61c96810788283dc7be157b340e4eff4 data/gov-20060601-050019.arc.gz
		55c7c80c6635d5a4c8fe76a940bf353e data/gov-20060601-100002.arc.gz
	END
	cat >bag/fetch.txt <<-END
		http://WB20.Stanford.Edu/gov-06-2006/gov-20060601-050019.arc.gz 26583985 data/gov-20060601-050019.arc.gz
		http://WB20.Stanford.Edu/gov-06-2006/gov-20060601-100002.arc.gz 99509720 data/gov-20060601-100002.arc.gz
	END
	touch 'bag/data/Collection Overview.txt' 'bag/data/Seed List.txt'
	both_say incomplete
	try "$SPARSESUM" verify bag
	shows "data/gov-20060601-050019.arc.gz: missing (listed in manifest-md5.txt, line 3)"
	shows_line "    fetch     http://WB20.Stanford.Edu/gov-06-2006/gov-20060601-100002.arc.gz"
}

@test "nothing outside the bag is opened, and no symlink is followed" {
	make_bag 1.0 sha256
	mv bag/data/a outside
	ln -s ../../outside bag/data/a
	try "$SPARSESUM" verify bag
	ends_with 1
	shows "data/a: is a symlink, but manifest-sha256.txt lists a regular file"
	for name in bagit.txt manifest-sha256.txt; do
		rm -rf bag
		make_bag 1.0 sha256
		mv bag/$name .
		rm bag/tagmanifest-*
		ln -s ../$name bag/$name
		try "$SPARSESUM" verify --format=bagit bag
		ends_with 2
	done
	rm -rf bag
	make_bag 1.0 sha256
	rm bag/manifest-sha256.txt bag/tagmanifest-*
	mkfifo bag/manifest-sha256.txt
	try timeout 20 "$SPARSESUM" verify bag
	ends_with 2
	rm -rf bag
	make_bag 1.0 sha256
	mv bag/data elsewhere
	ln -s ../elsewhere bag/data
	try "$SPARSESUM" verify bag
	ends_with 1
	tried 26 4
}

@test "SHA1SUMS in a bag takes precedence" {
	make_bag 1.0 sha256
	"$SPARSESUM" create -q bag >/dev/null
	try "$SPARSESUM" verify bag
	ends_with 0
	warns "and is also a BagIt bag"
	shows "SHA1SUMS  content hash"
	try "$SPARSESUM" verify --format=bagit bag
	ends_with 0
	shows "bag: BagIt 1.0 bag"
	touch bag/unlisted
	try "$SPARSESUM" verify bag
	ends_with 1
	rm -rf package
	mkdir package
	printf abc >package/file
	"$SPARSESUM" create -q -a sha3-256 package >/dev/null
	cp -r bag/bagit.txt bag/data bag/manifest-sha256.txt package
	try "$SPARSESUM" verify package
	ends_with 1
	shows "bagit.txt: extra"
}

@test "options that do not apply to bags are refused" {
	make_bag 1.0 sha256
	for options in "-a sha1 --format=bagit" "-m bag/manifest-sha256.txt --format=bagit" "--format=bag" \
		"--format=hashdeep" "--content-hash=$nothing"; do
		# shellcheck disable=SC2086 # several words
		try "$SPARSESUM" verify $options bag
		ends_with 2
	done
	try "$SPARSESUM" verify --format=tar bag
	warns "unknown format 'tar': use one of sums (as sha1sum writes), bagit, hashdeep, mtree, tagged"
	printf 'neither\n' >list
	try "$SPARSESUM" verify -m list bag
	ends_with 2
	warns "known formats: sums (as sha1sum writes), bagit, hashdeep, mtree, tagged"
	warns "if it is a list of digests, name their algorithm, as in -a sha256"
}

@test "create makes a bag from a directory with data/" {
	mkdir -p bag/data/sub
	make_image bag/data/sub/image
	printf abc >bag/data/$'100%\nx'
	printf 'Contact: somebody\nPayload-Oxum: 1.1\n  of before\nNote: more\n  of it\n' >bag/bag-info.txt
	touch bag/other
	SOURCE_DATE_EPOCH=86400 try "$SPARSESUM" create --format=bagit bag
	ends_with 0
	shows_line "bag: BagIt 1.0 bag, sha512"
	both_say valid
	printf 'Contact: somebody\nNote: more\n  of it\nBagging-Date: 1970-01-02\nPayload-Oxum: 8388611.2\n' |
		cmp - bag/bag-info.txt
	(cd bag && sha512sum -c --quiet tagmanifest-sha512.txt && grep -q other tagmanifest-sha512.txt)
	[ "$(find bag -name '.*' | wc -l)" -eq 0 ]
	printf more >bag/data/more
	try "$SPARSESUM" create --format=bagit bag
	both_say valid
	rm -rf bag/*manifest*
	try "$SPARSESUM" create --format=bagit -a md5 -a sha3-256 bag
	ends_with 0
	[ -e bag/manifest-sha3256.txt ] && [ -e bag/tagmanifest-md5.txt ]
	try "$SPARSESUM" verify bag
	ends_with 0
	(cd bag && md5sum -c --quiet tagmanifest-md5.txt)
}

@test "if create fails, it moves and writes nothing" {
	mkdir -p bag/sub
	printf abc >bag/file
	refuses() {
		find bag | sort >before
		try "$SPARSESUM" create --format=bagit "$@" bag
		ends_with 2
		find bag | sort | cmp - before || fail "something was written"
	}
	refuses
	warns "has no directory 'data'"
	mkdir bag/data
	refuses
	ln -s ../file bag/data/link
	printf abc >bag/data/file
	refuses
	warns "data/link: is not a regular file"
	rm bag/data/link
	mkfifo bag/data/fifo
	refuses
	rm bag/data/fifo
	touch bag/fetch.txt
	refuses
	rm bag/fetch.txt
	touch bag/manifest-md5.txt
	refuses
	warns "manifest-md5.txt"
	rm bag/manifest-md5.txt
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n' >bag/bagit.txt
	refuses
	rm bag/bagit.txt
	refuses -o x
	refuses --resume
	refuses --checkpoints=4096
	refuses -o x
	try "$SPARSESUM" create --format=mtree bag
	ends_with 2
	try "$SPARSESUM" create --format=bagit bag
	ends_with 0
}

# Half of the time data/sub is a symlink to a directory outside, which has the same names.
@test "create does not follow symlinks that appear while it runs" {
	local rounds=30
	[ -z "$SANITIZE" ] || rounds=10
	mkdir -p bag/data/sub outside
	for name in {1..50}; do
		printf inside >bag/data/sub/$name
		printf outside >outside/$name
	done
	ln -s ../../outside other
	python3 - <<-'END' 3>&- &
		import ctypes, os
		libc, parent = ctypes.CDLL(None), os.getppid()
		while os.getppid() == parent and os.path.lexists("other"):
		    libc.renameat2(-100, b"other", -100, b"bag/data/sub", 2)
	END
	swapper=$! at_end="kill $swapper"
	for ((i = 0; i < rounds; i++)); do
		try timeout 20 "$SPARSESUM" create -q --format=bagit -a sha1 bag
		! grep -r "$(printf outside | sha1sum | cut -c 1-40)" bag/*manifest* || fail "a file outside was hashed"
	done
	kill $swapper && at_end=
	tried 26 $rounds
}

@test "backslashes of Windows in a payload manifest are separators" {
	mkdir -p bag/data/sub
	echo one >bag/data/a
	echo two >bag/data/sub/b
	printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >bag/bagit.txt
	for start in '' '*' '.\\'; do
		printf "%s ${start}data\\\\a\r\n%s ${start}data\\\\sub\\\\b\r\n" "$(digest_of bag/data/a sha256)" \
			"$(digest_of bag/data/sub/b sha256)" >bag/manifest-sha256.txt
		try "$SPARSESUM" verify bag
		ends_with 0
	done
	echo damage >bag/data/sub/b
	try "$SPARSESUM" verify bag
	ends_with 1
	shows 'data/sub/b: differs'
	# A name with a "/" keeps its backslashes.
	printf '%s data/sub\\b\n%s data/a\n' "$(digest_of bag/data/sub/b sha256)" "$(digest_of bag/data/a sha256)" \
		>bag/manifest-sha256.txt
	try "$SPARSESUM" verify bag
	ends_with 1
}
