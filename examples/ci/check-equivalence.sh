#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A regression test for tools that copy disk images: it checks that they keep the content. It makes a
# package with a sparse image and its dense copy, publishes it, copies it with each installed tool, and
# verifies every copy. equivalence.yml runs it in CI; by hand:
#
#     check-equivalence.sh [RESULTS]
#
# A JUnit XML file and JSON lines for each tool are written to RESULTS (default: results).
# Exit status: 0 every copy holds, 1 a copy is proven to differ, 2 a copy could not be verified.
set -u

sparsesum=${SPARSESUM:-sparsesum}
results=${1:-results}
mkdir -p "$results" || exit 2
results=$(realpath "$results")
work=$(mktemp -d "${TMPDIR:-/tmp}/equivalence-XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT

# Data at the beginning, unaligned data in the middle, and a hole at the end: where tools are often wrong.
build() {
	mkdir "$work/package" && cd "$work/package" &&
		truncate -s 16M sparse.img &&
		head -c 300000 /dev/urandom | dd of=sparse.img conv=notrunc status=none &&
		head -c 70001 /dev/urandom | dd of=sparse.img oflag=seek_bytes seek=5000003 conv=notrunc status=none &&
		cp --sparse=never sparse.img dense.img &&
		"$sparsesum" create --checkpoints=1M "$work/package"
}

each_image() { # COMMAND DIRECTORY: copy the package, and the two images in it by COMMAND FROM TO
	local image from to
	cp -a "$work/package" "$2" && for image in sparse dense; do
		from=$work/package/$image.img to=$2/$image.img
		rm "$to" && "$1" "$from" "$to" || return
	done
}

qemu_copy() { qemu-img convert -f raw -O raw "$1" "$2"; }
dd_sparse() { dd if="$1" of="$2" bs=64K conv=sparse status=none && truncate -s "$(stat -c %s "$1")" "$2"; }
dd_dense() { dd if="$1" of="$2" bs=64K status=none; }

# copy_by TOOL DIRECTORY: copy the package.
copy_by() {
	case $1 in
	cp-sparse) cp -a --sparse=always "$work/package" "$2" ;;
	cp-dense) cp -a --sparse=never "$work/package" "$2" ;;
	rsync-sparse) rsync -aS "$work/package/" "$2" ;;
	tar-sparse) mkdir "$2" && tar -C "$work/package" -cSf - . | tar -C "$2" -xf - ;;
	qemu-img) each_image qemu_copy "$2" ;;
	dd-sparse) each_image dd_sparse "$2" ;;
	dd-dense) each_image dd_dense "$2" ;;
	esac
}

status=0
# If both apply, the exit status is 1.
worse() { [ "$1" -eq 0 ] || [ "$status" -eq 1 ] || status=$1; }

build || exit 2
for tool in cp-sparse cp-dense rsync-sparse tar-sparse qemu-img dd-sparse dd-dense; do
	command=${tool%-sparse}
	if ! command -v "${command%-dense}" >"$work/where"; then
		echo "$tool: skipped, ${command%-dense} is not installed"
		continue
	fi
	copy=$work/$tool
	if ! copy_by $tool "$copy"; then
		echo "$tool: could not copy"
		worse 2
		continue
	fi
	# DAMAGE=TOOL damages the copy of this tool, to test that this script detects it.
	[ "${DAMAGE:-}" != $tool ] || printf x | dd of="$copy/dense.img" bs=1 seek=9000000 conv=notrunc status=none
	"$sparsesum" verify --json --junit="$results/$tool.xml" "$copy" >"$results/$tool.json"
	code=$?
	case $code in
	0) echo "$tool: holds" ;;
	1) echo "$tool: differs" ;;
	*)
		echo "$tool: could not be decided"
		code=2
		;;
	esac
	worse $code
	rm -rf "$copy"
done
exit $status
