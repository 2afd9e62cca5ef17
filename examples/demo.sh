#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sparsesum as a story: publish a package with a 4 GiB disk image, verify copies that are stored in
# three ways, then damage one in several ways. BUILD=directory: where make put its results.
# TMPDIR=directory: where about 9 GiB are used for a while. DEMO_KEEP=1: leave everything there.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

BUILD=$(cd "${BUILD:-$(dirname "$0")/../build}" && pwd)
PATH=$BUILD:$PATH
base=${TMPDIR:-/var/tmp} need_mib=10240
fail() {
	echo "demo: $*" >&2
	exit 1
}
[ -x "$BUILD/sparsesum" ] || fail "run make first: there is no $BUILD/sparsesum"
free_mib=$(df --output=avail -B1M "$base" | tail -n 1)
[ "$free_mib" -ge "$need_mib" ] ||
	fail "$need_mib MiB are needed in $base, and ${free_mib// /} are free; set TMPDIR to a directory with more"

work=$(mktemp -d "$base/sparsesum-demo.XXXXXX")
clean_up() {
	if [ "${DEMO_KEEP:-0}" = 1 ]; then
		echo "Everything was left in $work"
	else
		rm -rf "$work"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"

step_number=0
step() {
	step_number=$((step_number + 1))
	printf '\n== %d. %s\n' "$step_number" "$1"
}
# Show a command, run it in this directory, and stop the demo if it does not end as documented.
expect() {
	local status=0
	printf '\n$ %s\n' "$2"
	eval "$2" 2>&1 || status=$?
	[ "$status" -eq 0 ] || echo "(exit status $status)"
	[ "$status" -eq "$1" ] || fail "exit status $1 is documented for this, not $status"
}
run() { expect 0 "$1"; }
TIMEFORMAT='(%1R s)'

# A tree for the image: files of this system that anybody may read, up to some size.
gather() {
	local total=0 size path
	mkdir tree
	# The image does without what may not be read, or vanishes on the way.
	while IFS=' ' read -r -d '' size path; do
		total=$((total + size))
		[ "$total" -lt $((400 << 20)) ] || break
		printf '%s\0' "$path"
	done < <(cd / && find etc usr/bin usr/lib -xdev -type f -perm -o=r -size -16M \
		-printf '%s %p\0' 2>/dev/null) |
		tar -C / -c --null --no-recursion -T - | tar -C tree -x --no-same-owner || true
	[ -d tree/etc ] || fail "no files could be gathered for the image"
}

echo "sparsesum hashes files by what is in them, not by how the disk stores them."
step "A package to publish: a root file system image of 4 GiB, and small files"
gather
mkdir -p package/drivers/empty
run "mkfs.ext4 -q -d tree package/rootfs.img 4G"
rm -rf tree
run "uname -a > 'package/read me.txt'"
run "head -c 30000 /dev/urandom > package/drivers/disk.bin"
run "ln -s rootfs.img package/latest.img"
echo "The image is sparse: its holes take no space on the disk, and are read as zeros."
run "ls -lsh package   # allocated ... logical"
run "sparsesum map package/rootfs.img | tail -n 1"

step "Publish it: one manifest, and one value that stands for the whole package"
run "sparsesum create package"
run "cat package/SHA1SUMS"
echo "Beside it stand checkpoints of the image: with them its one SHA-1 is verified on all CPUs."
run "ls -l package/SHA1SUMS.checkpoints"

step "Three ways to copy it: sparse, dense, preallocated"
run "cp -a --sparse=always package sparse"
run "cp -a --sparse=never --reflink=never package dense"
run "cp -a --reflink=auto package preallocated && rm preallocated/rootfs.img"
run "fallocate -l 4G preallocated/rootfs.img"
run "dd if=package/rootfs.img of=preallocated/rootfs.img bs=1M conv=notrunc,sparse status=none"
run "ls -lsh ./*/rootfs.img   # the same 4 GiB, allocated differently"

step "They are stored differently, and equal"
run "time sparsesum verify sparse"
run "sparsesum verify dense"
run "sparsesum verify preallocated"
echo "Without the checkpoints it has to be one chain, and the result is the same:"
run "time sparsesum verify --no-checkpoints sparse"
run "sparsesum compare sparse/rootfs.img dense/rootfs.img"
echo "sha1sum agrees, since the manifest is one of its own; it reads the holes, too:"
run "(cd sparse && time sha1sum -c SHA1SUMS)"
rm -rf dense preallocated

# The offset in the middle of the largest extent of a kind.
middle() {
	sparsesum map package/rootfs.img | awk -v kind="$1" \
		'$3 == kind && $2 > most { most = $2; at = $1 + int($2 / 2) } END { printf "%.0f", at }'
}
put() { # prints the command that writes one byte, given in decimal, at an offset
	printf "printf '\\\\%03o' | dd of=sparse/rootfs.img bs=1 seek=%s conv=notrunc status=none" "$1" "$2"
}
in_data=$(middle data) in_hole=$(middle hole)
old=$(od -An -tu1 -j "$in_data" -N 1 sparse/rootfs.img)

step "Damage: one bit of one byte of data"
run "$(put $((old ^ 1)) "$in_data")"
expect 1 "sparsesum verify sparse"
echo "Only the damaged bytes have to be fetched again:"
expect 1 "sparsesum verify --repair-list sparse | tee repairs"
cat >repair <<'END'
while IFS=$'\t' read -r offset length range name; do
  dd if="package/$name" of="sparse/$name" skip="$offset" seek="$offset" count="$length" bs=1M \
    iflag=skip_bytes,count_bytes oflag=seek_bytes conv=notrunc status=none
done <repairs
END
run "cat repair"
run "bash repair"
run "sparsesum verify sparse"
rm repair repairs

step "Damage: one byte written into a hole"
run "$(put 1 "$in_hole")"
expect 1 "sparsesum verify sparse"
expect 1 "sparsesum compare package/rootfs.img sparse/rootfs.img"
run "$(put 0 "$in_hole")   # a zero again: allocated now, and equal"

step "Damage: the last MiB of the image is not there, as after an interrupted copy"
run "truncate -s -1M sparse/rootfs.img"
expect 1 "sparsesum verify sparse"
run "tail -c 1M package/rootfs.img >> sparse/rootfs.img   # repaired"

step "Damage: a missing file"
run "mv sparse/drivers/disk.bin disk.bin"
expect 1 "sparsesum verify --quiet sparse"
run "mv disk.bin sparse/drivers/disk.bin   # repaired"

step "Damage: a file that nobody published"
run "echo hello > sparse/drivers/extra.sh"
expect 1 "sparsesum verify --quiet sparse"
run "rm sparse/drivers/extra.sh   # repaired"

step "No manifest: nothing can be said, which is neither right nor wrong"
expect 2 "sparsesum verify sparse/drivers"

step "After all the repairs it holds again"
run "sparsesum verify sparse"

cat <<END

What you saw
  - One content, one digest: sparse, dense and preallocated copies verify alike, and sha1sum agrees.
  - Holes are not read: neither the disk nor the page cache has to deliver their zeros.
  - Whatever differs is found and named: a byte in data or in a hole, a short, missing or extra file.
  - With checkpoints one image is verified on all CPUs, and damage is told by offset and length.
  - Exit status: 0 verified, 1 proven to differ, 2 could not be decided.
END
