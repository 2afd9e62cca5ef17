#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Lists of digests in other encodings and of other programs, and with Windows path separators. The
# digests are those of sha256sum and md5sum.

load ../support/helpers

make_package() {
	mkdir -p package/sub
	echo one >package/a.txt
	echo two >package/sub/b.txt
	A=$(digest_of package/a.txt sha256)
	B=$(digest_of package/sub/b.txt sha256)
}

# The list holds; and it does not any more once a file has changed, and not if one is added.
list_is_read() {
	try "$SPARSESUM" verify -m list "$@" package
	ends_with 0
	touch package/extra
	try "$SPARSESUM" verify -m list "$@" package
	ends_with 1
	shows 'extra: extra'
	rm package/extra
	cp package/a.txt kept
	echo damage >package/a.txt
	try "$SPARSESUM" verify -m list "$@" package
	ends_with 1
	shows 'a.txt: differs'
	mv kept package/a.txt
}

list_is_undecided() {
	try "$SPARSESUM" verify -m list "$@" package
	ends_with 2
	output_lacks ': extra'
	output_lacks ': missing'
}

@test "lists in UTF-8 with a byte order mark and in UTF-16 are read" {
	make_package
	for ending in '' '\r'; do
		printf "%s  a.txt$ending\n%s  sub/b.txt$ending\n" "$A" "$B" >plain
		{ printf '\xef\xbb\xbf'; cat plain; } >list
		list_is_read
		try "$SPARSESUM" verify -m list package
		warns 'list: begins with a byte order mark'
		{ printf '\xef\xbb\xbf'; head -n 1 plain; printf '\xef\xbb\xbf'; tail -n 1 plain; } >list
		list_is_read
		for order in LE BE; do
			iconv -t UTF-16$order plain >list
			list_is_read
			iconv -t UTF-16$order plain >rest
			{ printf '\ufeff' | iconv -f UTF-8 -t UTF-16$order; cat rest; } >list
			list_is_read
			try "$SPARSESUM" verify -m list package
			warns 'list: is in UTF-16'
		done
	done
	# The content hash is that of the bytes in the file.
	cp list package/SHA256SUMS
	try "$SPARSESUM" verify --content-hash "$(digest_of list sha256)" package
	ends_with 0
	# Half a character at the end, and half of a surrogate pair in a name
	printf x >>list
	list_is_undecided
	{ printf '%s  ' "$A" | iconv -t UTF-16LE; printf '\x00\xd8'; printf '\na\n' | iconv -t UTF-16LE; } >list
	try "$SPARSESUM" verify -m list -a sha256 package
	ends_with 2
}

@test "names outside of ASCII are the same in UTF-16 and UTF-8" {
	make_package
	mv package/a.txt $'package/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80.txt'
	printf '%s  \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80.txt\r\n%s  sub/b.txt\r\n' "$A" "$B" |
		iconv -f UTF-8 -t UTF-16 >list
	try "$SPARSESUM" verify -m list package
	ends_with 0
}

@test "the output of Get-FileHash is read: list, table and CSV" {
	make_package
	local upper_a=${A^^} upper_b=${B^^}
	printf '\r\n\r\nAlgorithm : SHA256\r\nHash      : %s\r\nPath      : C:\\rel\\a.txt\r\n\r\nAlgorithm : SHA256\r\nHash      : %s\r\nPath      : C:\\rel\\sub\\b.txt\r\n\r\n\r\n' \
		"$upper_a" "$upper_b" >list
	list_is_read
	# A narrow console breaks long values.
	printf 'Algorithm : SHA256\nHash      : %s\n            %s\nPath      : C:\\rel\\a.t\n            xt\n\nAlgorithm : SHA256\nHash      : %s\nPath      : C:\\rel\\sub\\b.txt\n' \
		"${upper_a:0:30}" "${upper_a:30}" "$upper_b" >list
	list_is_read
	printf 'Algorithm : SHA256\nHash      : %s\nPath      : C:\\rel\\a b\n            c.txt\n\nAlgorithm : SHA256\nHash      : %s\nPath      : C:\\rel\\sub\\b.txt\n' \
		"$upper_a" "$upper_b" >list
	list_is_undecided
	printf '\r\nAlgorithm       %-64s       Path\r\n---------       ----%67s----\r\nSHA256          %s       C:\\rel\\a.txt\r\nSHA256          %s       C:\\rel\\sub\\b.txt\r\n\r\n' \
		Hash '' "$upper_a" "$upper_b" >list
	list_is_read
	sed -i 's/b\.txt/b.../' list
	list_is_undecided
	shows 'list:5: improperly formatted'
	warns 'Export-Csv'
	printf '#TYPE Microsoft.PowerShell.Commands.FileHashInfo\r\n"Algorithm","Hash","Path"\r\n"SHA256","%s","C:\\rel\\a.txt"\r\n"SHA256","%s","C:\\rel\\sub\\b.txt"\r\n' \
		"$upper_a" "$upper_b" >list
	list_is_read
	tr , ';' <list >other && mv other list
	list_is_read
	iconv -t UTF-16 list >other && mv other list
	list_is_read
	printf 'Path,Hash\n.\\a.txt,%s\n.\\sub\\b.txt,%s\n' "$upper_a" "$upper_b" >list
	list_is_read
	printf '"Hash","Path"\n"%s","a.txt"\n"%s","sub\\b.txt"\n"%s","with ""quotes"", and comma.txt"\n' \
		"$upper_a" "$upper_b" "$upper_a" >list
	cp package/a.txt 'package/with "quotes", and comma.txt'
	list_is_read
}

@test "the output of certutil is read, also that of old versions" {
	make_package
	rm -r package/sub
	printf 'SHA256 hash of a.txt:\r\n%s\r\nCertUtil: -hashfile command completed successfully.\r\n' "$A" >list
	list_is_read
	# shellcheck disable=SC2001
	printf 'SHA256 hash of file C:\\x\\a.txt:\r\n%s\r\nCertUtil: -hashfile command completed successfully.\r\n' \
		"$(sed 's/../& /g' <<<"$A")" >list
	list_is_read
	printf 'SHA256-Hash von a.txt:\r\n%s\r\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgef\xfchrt.\r\n' "$A" >list
	list_is_read
	printf 'MD5 hash of a.txt:\n%s\nCertUtil: -hashfile command completed successfully.\n' \
		"$(md5sum <package/a.txt | cut -c 1-32)" >list
	list_is_read
	# Two files; the second one is not there.
	printf 'SHA256 hash of a.txt:\n%s\nCertUtil: -hashfile c\nSHA256 hash of b:\n%s\nCertUtil: -hashfile c\n' "$A" "$B" >list
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows 'b: missing (listed in list, line 5)'
	printf 'Hachage SHA256 de a.txt :\r\n%s\r\nCertUtil: -hashfile La commande\r\n' "$A" >list
	list_is_undecided
}

@test "the text that PGP has signed is the list, and nothing else" {
	make_package
	echo "$B  sub/b.txt" >rest
	{
		printf -- '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a comment\n- # -----\n%s  a.txt\n' "$A"
		cat rest
		printf -- '-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n'
	} >signed
	cp signed list
	list_is_read
	try "$SPARSESUM" verify -m list package
	warns 'list: is signed by PGP; the signature is not checked'
	sed 's/$/\r/' signed >list
	list_is_read
	{ printf '# before\n\n'; cat signed; printf '\n# after\n'; } >list
	list_is_read
	# Several signed sections
	{ grep -v sub/b.txt signed; grep -v a.txt signed; } >list
	list_is_read
	# A line that is not signed
	{ grep -v sub/b.txt signed; cat rest; } >list
	list_is_undecided
	{ cat rest; grep -v sub/b.txt signed; } >list
	list_is_undecided -a sha256
	# The message is cut.
	head -n 6 signed >list
	list_is_undecided
	# Only a signature after the list
	{ echo "$A  a.txt"; cat rest; sed -n '/BEGIN PGP SIGNATURE/,$p' signed; } >list
	list_is_read
	command -v gpg >/dev/null || skip "gpg is not there"
	export GNUPGHOME=$scratch/gnupg
	mkdir -m 700 "$GNUPGHOME"
	mv package/a.txt package/-a
	sed -n '/sub/p' rest >lines
	echo "$A  -a" >>lines
	echo "-- $A" | sed 's/.*/# &/' >>lines
	gpg -q --batch --pinentry-mode loopback --passphrase '' --quick-gen-key x ed25519 sign never 2>gpg.log ||
		skip "gpg makes no key: $(tail -n 1 gpg.log)"
	rm list
	gpg -q --batch --clearsign -o list lines
	try "$SPARSESUM" verify -m list package
	ends_with 0
}

@test "a digest without a name is of the file that the list is named for" {
	make_package
	rm -r package/sub
	for name in a.txt.sha256 a.txt.SHA256 a.txt.sha256sum a.txt.checksum; do
		# That list names no algorithm. Another digest may be of BLAKE3, which has as many digits.
		differing=1
		[ $name = a.txt.checksum ] && differing=2
		for end in '' '  -' ' *-' $'\r'; do
			echo "$A$end" >"package/$name"
			try "$SPARSESUM" verify -m "package/$name" package
			ends_with 0
			warns 'is a digest without a name'
			echo "${A/[0-9]/f}$end" | tr 1 2 >"package/$name"
			try "$SPARSESUM" verify -m "package/$name" package
			ends_with $differing
			shows "a.txt: $([ $differing = 1 ] && echo differs || echo undecided)"
			try "$SPARSESUM" verify -a sha256 -m "package/$name" package
			ends_with 1
			shows 'a.txt: differs'
		done
		rm "package/$name"
	done
	md5sum <package/a.txt | cut -c 1-32 >a.txt.md5
	try "$SPARSESUM" verify -m a.txt.md5 package
	ends_with 0
	echo "$A" >other.txt.sha256
	try "$SPARSESUM" verify -m other.txt.sha256 package
	ends_with 2
	warns 'other.txt.sha256: is a digest without a name'
	output_lacks missing
	# As PowerShell writes it
	printf '%s\r\n' "${A^^}" | iconv -t UTF-16 >a.txt.sha256
	try "$SPARSESUM" verify -m a.txt.sha256 package
	ends_with 0
	echo "$A" >list
	list_is_undecided
	printf '%s\n%s\n' "$A" "$A" >a.txt.sha256
	try "$SPARSESUM" verify -a sha256 -m a.txt.sha256 package
	ends_with 2
}

@test "a list is of the algorithm in its name" {
	make_package
	rm -r package/sub
	for name in md5sum.txt a.md5 MD5SUM checksums.md5; do
		(cd package && md5sum a.txt) >$name
		try "$SPARSESUM" verify -m $name package
		ends_with 0
	done
	(cd package && sha256sum a.txt) >sha512.txt
	try "$SPARSESUM" verify -m sha512.txt package
	ends_with 0
}

# Windows path separators

@test "backslashes are separators where all names say so and the files are there" {
	make_package
	for ending in '' '\r'; do
		for form in '%s *a.txt' '%s *.\\a.txt' '%s  .\\a.txt'; do
			printf "$form$ending\n%s *sub\\\\b.txt$ending\n" "$A" "$B" >list
			list_is_read
		done
		for prefix in 'C:\\dir\\' 'c:\\' '\\\\server\\share\\x\\'; do
			printf "%s *${prefix}a.txt$ending\n%s *${prefix}sub\\\\b.txt$ending\n" "$A" "$B" >list
			list_is_read
			try "$SPARSESUM" verify -m list package
			warns 'Windows path separators'
		done
	done
	# Lines that begin with a backslash are escaped.
	printf '\\%s *sub\\\\b.txt\n%s *a.txt\n' "$B" "$A" >list
	list_is_read
	printf '\\%s *sub\\b.txt\n%s *a.txt\n' "$B" "$A" >list
	list_is_undecided
	mkdir package/sub/new
	cp package/a.txt package/sub/new/names
	printf '%s *sub\\new\\names\n%s *sub\\b.txt\n%s *a.txt\n' "$A" "$B" "$A" >list
	list_is_read
}

@test "one missing file of a Windows list is missing" {
	make_package
	printf '%s *a.txt\n%s *sub\\b.txt\n%s *sub\\c.txt\n' "$A" "$B" "$A" >list
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows 'sub/c.txt: missing'
}

@test "names with backslashes that may be those of other files are undecided" {
	make_package
	# Two readings: below the directory, and at its top
	cp package/sub/b.txt package/b.txt
	printf '%s *C:\\x\\sub\\b.txt\n' "$B" >list
	list_is_undecided
	warns 'list: has names with backslashes'
	rm package/b.txt
	# Some names have the separators of this system.
	printf '%s *a.txt\n%s *sub\\b.txt\n%s *sub/b.txt\n' "$A" "$B" "$B" >list
	list_is_undecided
	shows "list:2: 'sub\\b.txt': not a plain name"
	# Some are absolute, others are not.
	printf '%s *a.txt\n%s *C:\\sub\\b.txt\n' "$A" "$B" >list
	list_is_undecided
	for line in 'C:\\other\\c.txt' '\\\\server\\x'; do
		printf "%s *$line\n" "$A" >list
		list_is_undecided
	done
}

@test "no command renames files to names with backslashes" {
	mkdir package
	for i in $(seq 40); do
		mkdir -p "package/$i/x"
		echo "$i" >"package/$i/x/file"
		printf '%s *pkg\\%s\\x\\file\n' "$(digest_of "package/$i/x/file" sha256)" "$i"
	done >list
	try "$SPARSESUM" verify -m list package
	warns 'list: has names with backslashes'
	shows 'the list has Windows path separators'
	output_lacks 'mv '
}

@test "names with backslashes of this system stay as they are" {
	make_package
	mv package/sub/b.txt 'package/sub\b.txt'
	rmdir package/sub
	"$SPARSESUM" create -q -a sha256 package >/dev/null
	try "$SPARSESUM" verify package
	ends_with 0
	complains ''
	cp package/SHA256SUMS list
	mkdir package/sub
	mv 'package/sub\b.txt' package/sub/b.txt
	printf '%s *sub\\b.txt\n%s *a.txt\n' "$B" "$A" >list
	rm package/SHA256SUMS
	touch 'package/sub\b.txt'
	try "$SPARSESUM" verify -m list package
	ends_with 1
	shows "'sub\\b.txt': differs"
	shows 'sub/b.txt: extra'
}
