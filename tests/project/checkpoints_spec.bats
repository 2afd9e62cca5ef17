# SPDX-License-Identifier: MIT
# The examples in docs/checkpoints.md agree with an independent implementation of FIPS 180-4.

setup() {
	root=$BATS_TEST_DIRNAME/../..
	document=$root/docs/checkpoints.md
	cd "$BATS_TEST_TMPDIR" || return 1
	# Make the files of the example with the commands in the document.
	sed -n 's/^    \$ //p' "$document" >commands
	bash -e commands
}

# The checkpoints file that the document shows for an algorithm.
shown() {
	awk -v head="    sparsesum-checkpoints 1 $1" '$0 == head { on = 1 }
		on && !/^    / { exit } on { print substr($0, 5) }' "$document"
}

reference() { python3 "$BATS_TEST_DIRNAME/reference.py" "$@"; }

@test "the example is that of the described files" {
	[ "$(wc -l <commands)" -eq 2 ]
	[ "$(stat -c %s numbers zeros | tr '\n' ' ')" = "10000 12288 " ]
}

@test "every algorithm's test vectors match FIPS 180-4" {
	[ "$(grep -c '^    sparsesum-checkpoints 1 sha' "$document")" -eq 5 ]
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		shown "$algorithm" >shown
		[ "$(grep -c ^file shown)" -eq 2 ]
		[ "$(wc -l <shown)" -eq 7 ]
		reference "$algorithm" 4096 numbers zeros | diff - shown
	done
}

@test "the digests in the example match coreutils" {
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		diff <("${algorithm}sum" numbers zeros) <(shown "$algorithm" | awk -F '\t' '/^file/ { print $4 "  " $5 }')
	done
}

@test "values in the text also appear in the example" {
	shown sha1 | sed -n 's/^\(file\t[0-9]*\t[0-9]*\t\)\?\(........\).*/\2/p' | tail -n +2 >begins
	grep -o '`[0-9a-f]\{8\}…`' "$document" | tr -d '`…' >named
	[ "$(wc -l <named)" -eq 3 ]
	[ "$(sort -u named | comm -12 - <(sort begins) | wc -l)" -eq 3 ]
}

# Each segment, hashed from the value of the line before it, gives the value of the next line.
@test "each value and its segment give the next value, and the last one the digest" {
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		shown "$algorithm" >"$algorithm"
	done
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$BATS_TEST_DIRNAME python3 - <<-'END'
		from reference import ALGORITHMS, padding, values_after

		judged = 0
		for name, sha in ALGORITHMS.items():
		    lines = open(name).read().splitlines()[1:]
		    for entry, first, second in zip(*[iter(lines)] * 3):
		        _, size, interval, digest, path = entry.split("\t")
		        content = open(path, "rb").read()
		        assert len(content) == int(size)
		        first, second, interval = bytes.fromhex(first), bytes.fromhex(second), int(interval)
		        assert values_after(sha, first, content[interval : 2 * interval])[-1] == second
		        end = content[2 * interval :] + padding(sha, len(content))
		        assert values_after(sha, second, end)[-1][: sha.output].hex() == digest
		        judged += 1
		assert judged == 10, judged
	END
}

@test "names are escaped, short files have no entry, entries are in order" {
	head -c 4096 numbers >short
	touch empty
	mkdir a
	cp zeros 'a/b'
	cp zeros a-b
	cp zeros $'t\tn\nr\rb\\'
	reference sha1 4096 zeros short $'t\tn\nr\rb\\' a/b empty a-b >all
	cut -s -f 5 all >names
	printf '%s\n' a-b a/b 't\tn\nr\rb\\' zeros | diff - names
	reference sha256 8192 zeros | grep -c . | grep -qx 3
}

# ---- The program and the reference ----

@test "create writes the same as the reference, with every algorithm" {
	mkdir -p package/sub
	mv numbers zeros package
	seq 3000 >package/sub/$'t\tn\nr\rb\\'
	cp package/numbers package/sub-2
	head -c 4096 package/numbers >package/short
	touch package/empty
	ln -s numbers package/link
	"$SPARSESUM" create -q --checkpoints=4096 -a sha1 -a sha224 -a sha256 -a sha384 -a sha512 package
	cd package || return 1
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		reference "$algorithm" 4096 numbers zeros short empty sub/* sub-2 |
			diff - "${algorithm^^}SUMS.checkpoints"
	done
	"$SPARSESUM" verify -q .
}

@test "hash writes the same as the reference, with every algorithm" {
	for algorithm in sha1 sha224 sha256 sha384 sha512; do
		"$SPARSESUM" hash -a "$algorithm" --checkpoints=8192 numbers zeros
		for file in numbers zeros; do
			reference "$algorithm" 8192 "$file" | diff - "$file.checkpoints"
		done
	done
}

@test "verify accepts checkpoints from the reference" {
	mkdir package
	mv numbers zeros package
	cd package || return 1
	sha1sum numbers zeros >SHA1SUMS
	reference sha1 4096 numbers zeros >SHA1SUMS.checkpoints
	run "$SPARSESUM" verify .
	[ "$status" -eq 0 ]
	[[ $output != *warning* ]]
	printf x | dd of=numbers bs=1 seek=5000 conv=notrunc status=none
	run "$SPARSESUM" verify --json .
	[ "$status" -eq 1 ]
	jq -es 'any(.path == "numbers" and .damaged == [{offset: 4096, length: 4096}])' <<<"$output"
}
