#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A directory without a manifest: lists with other names, and manifests in directories above and
# below. What other systems leave in a directory.

load ../support/helpers

setup_package() {
	mkdir -p package/sub
	echo one >package/a
	echo two >package/sub/b
}

@test "a list with another name is shown with the command that uses it" {
	setup_package
	for name in sha256sums.txt checksums.sha256 SHA256SUM sha256sums sha256sum.txt CHECKSUM Fedora-41-CHECKSUM \
		checksums.txt release_sha256.txt SHA256 hashes.csv SHA256SUMS.asc 'my list.sha256'; do
		(cd package && sha256sum a sub/b >"../list" && mv ../list "$name")
		try "$SPARSESUM" verify package
		ends_with 2
		warns "package: no manifest here (looked for "
		warns "$name"
		warns ' looks like a list of digests: sparsesum verify -m '
		[ "$(grep -c 'sparsesum create' "$scratch/err")" -eq 0 ]
		# The command that is shown verifies the directory.
		command=$(sed -n 's/.*list of digests: sparsesum //p' "$scratch/err")
		eval "try \"\$SPARSESUM\" $command"
		ends_with 0
		rm "package/$name"
	done
	for name in MD5SUM a.md5 md5sums.txt; do
		(cd package && md5sum a sub/b >"../list" && mv ../list "$name")
		try "$SPARSESUM" verify package
		ends_with 2
		command=$(sed -n 's/.*list of digests: sparsesum //p' "$scratch/err")
		eval "try \"\$SPARSESUM\" $command"
		ends_with 0
		rm "package/$name"
	done
}

@test "one list for each file: the command names all of them" {
	setup_package
	(cd package && sha256sum a >'a one.sha256' && sha256sum sub/b >b.sha256)
	try "$SPARSESUM" verify package
	ends_with 2
	warns "'package/a one.sha256' and others look like lists of digests: sparsesum verify -m 'package/a one.sha256' -m package/b.sha256 package"
	command=$(sed -n 's/.*lists of digests: sparsesum //p' "$scratch/err")
	eval "try \"\$SPARSESUM\" $command"
	ends_with 0
	for i in 1 2 3 4 5 6 7; do cp package/b.sha256 "package/$i.sha256"; done
	try "$SPARSESUM" verify package
	warns ' ... package'
}

@test "other names are not taken for lists" {
	setup_package
	touch package/{sha256sums.c,checksummer,mysum,consum,sum,MD6SUMS,a.md,README.txt,SHA256SUMS.bak,sha2567}
	mkdir package/checksums
	ln -s a package/x.sha256
	mkfifo package/y.sha256
	try timeout 10 "$SPARSESUM" verify package
	ends_with 2
	warns '); check the directory, or name the manifest with -m'
}

@test "a manifest one or two levels below or above is shown" {
	setup_package
	"$SPARSESUM" create -q package >/dev/null
	mkdir -p top/level other/"with 'quote" deep/1/2/3
	cp -a package top/level/package
	try "$SPARSESUM" verify top
	ends_with 2
	warns 'top/level/package/SHA1SUMS is a manifest: sparsesum verify top/level/package'
	try "$SPARSESUM" verify top/level
	warns 'top/level/package/SHA1SUMS is a manifest: sparsesum verify top/level/package'
	try "$SPARSESUM" verify package/sub
	ends_with 2
	warns "package/SHA1SUMS is a manifest: sparsesum verify "
	command=$(sed -n 's/.*is a manifest: sparsesum //p' "$scratch/err")
	eval "try \"\$SPARSESUM\" $command"
	ends_with 0
	cp -a package/. other/"with 'quote"
	try "$SPARSESUM" verify other
	command=$(sed -n 's/.*is a manifest: sparsesum //p' "$scratch/err")
	eval "try \"\$SPARSESUM\" $command"
	ends_with 0
	# Three levels are too many, and symlinks are not followed.
	cp package/SHA1SUMS deep/1/2/3
	ln -s ../package deep/link
	try "$SPARSESUM" verify deep
	warns '); check the directory, or name the manifest with -m'
	# Only a few are shown.
	for i in 1 2 3 4 5 6; do cp -a package "top/$i"; done
	try "$SPARSESUM" verify top
	warns 'top/3/SHA1SUMS'
	warns '; and 4 more'
}

@test "what other systems leave in a directory is named, with the way to leave it out" {
	setup_package
	"$SPARSESUM" create -q package >/dev/null
	mkdir -p package/lost+found 'package/System Volume Information' 'package/$RECYCLE.BIN'
	touch package/.DS_Store package/sub/Thumbs.db package/Desktop.ini \
		'package/System Volume Information/IndexerVolumeGuid'
	try "$SPARSESUM" verify package
	ends_with 1
	for name in lost+found .DS_Store Thumbs.db Desktop.ini "'--exclude=System Volume Information'" "'--exclude=\$RECYCLE.BIN'"; do
		shows "$name"
	done
	# With all the options that are shown, the package holds.
	eval "try \"\$SPARSESUM\" verify $(sed -n 's/.*leave it out with: //p' "$scratch/out" | tr '\n' ' ') package"
	ends_with 0
	touch package/DS_Store package/thumbs.db.txt
	try "$SPARSESUM" verify package
	[ "$(grep -c 'leave it out with' "$scratch/out")" -eq 6 ]
}
