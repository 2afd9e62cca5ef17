#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A demonstration: publish a package with a 4 GiB disk image, verify three copies that are stored
# differently, then damage one of them in several ways. BUILD=directory: where make built the command.
# TMPDIR=directory: needs about 9 GiB while the demo runs. DEMO_KEEP=1: do not remove the files.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

BUILD=$(cd "${BUILD:-$(dirname "$0")/../build}" && pwd)
PATH=$BUILD:$PATH
base=${TMPDIR:-/var/tmp} need_mib=10240
fail() {
	echo "demo: $*" >&2
	exit 1
}
[ -x "$BUILD/sparsesum" ] || fail "$BUILD/sparsesum: not found; run make first"
free_mib=$(df --output=avail -B1M "$base" | tail -n 1)
[ "$free_mib" -ge "$need_mib" ] ||
	fail "$base: ${free_mib// /} MiB are free, $need_mib are needed; set TMPDIR to another directory"

work=$(mktemp -d "$base/sparsesum-demo.XXXXXX")
clean_up() {
	if [ "${DEMO_KEEP:-0}" = 1 ]; then
		echo "The files are in $work"
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
# expect STATUS COMMAND: print a command, run it, and stop the demo if its exit status differs.
expect() {
	local status=0
	printf '\n$ %s\n' "$2"
	eval "$2" 2>&1 || status=$?
	[ "$status" -eq 0 ] || echo "(exit status $status)"
	[ "$status" -eq "$1" ] || fail "the exit status is $status; $1 was expected"
}
run() { expect 0 "$1"; }
TIMEFORMAT='(%1R s)'

# Make a tree for the image: 400 MiB of world-readable files of this system.
gather() {
	local total=0 size path
	mkdir tree
	# Skip files that cannot be read or that disappear.
	while IFS=' ' read -r -d '' size path; do
		total=$((total + size))
		[ "$total" -lt $((400 << 20)) ] || break
		printf '%s\0' "$path"
	done < <(cd / && find etc usr/bin usr/lib -xdev -type f -perm -o=r -size -16M \
		-printf '%s %p\0' 2>/dev/null) |
		tar -C / -c --null --no-recursion -T - | tar -C tree -x --no-same-owner || true
	[ -d tree/etc ] || fail "no readable files found for the image in /etc, /usr/bin and /usr/lib"
}

echo "sparsesum hashes the logical content of files, however the disk stores them."
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

step "Publish it: one manifest, and one digest that identifies the whole package"
run "sparsesum create package"
run "cat package/SHA1SUMS"
echo "The file beside it has checkpoints of the image. With them, its SHA-1 is verified on all CPUs."
run "ls -l package/SHA1SUMS.checkpoints"

step "Three ways to copy it: sparse, dense, preallocated"
run "cp -a --sparse=always package sparse"
run "cp -a --sparse=never --reflink=never package dense"
run "cp -a --reflink=auto package preallocated && rm preallocated/rootfs.img"
run "fallocate -l 4G preallocated/rootfs.img"
run "dd if=package/rootfs.img of=preallocated/rootfs.img bs=1M conv=notrunc,sparse status=none"
run "ls -lsh ./*/rootfs.img   # the same 4 GiB, allocated differently"

step "They are stored differently and have the same content"
run "time sparsesum verify sparse"
run "sparsesum verify dense"
run "sparsesum verify preallocated"
echo "Without checkpoints one CPU must hash the whole image. The result is the same:"
run "time sparsesum verify --no-checkpoints sparse"
run "sparsesum compare sparse/rootfs.img dense/rootfs.img"
echo "sha1sum reads the same manifest and agrees, but it reads the holes too:"
run "(cd sparse && time sha1sum -c SHA1SUMS)"
rm -rf dense preallocated

# middle KIND: the offset in the middle of the largest extent of a kind.
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
echo "Only the damaged ranges must be fetched again:"
expect 1 "sparsesum verify --repair-list sparse | tee repairs"
cat >repair <<'END'
while IFS=$'\t' read -r offset length range name url; do
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
run "$(put 0 "$in_hole")   # a zero again: allocated, with the same content"

step "Damage: the last MiB of the image is missing, as after an interrupted copy"
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

step "No manifest: undecided, neither verified nor proven to differ"
expect 2 "sparsesum verify sparse/drivers"

step "After all repairs the package holds again"
run "sparsesum verify sparse"

cat <<END

What you saw
  - Sparse, dense and preallocated copies have the same digest, and sha1sum agrees.
  - Holes are not read, neither from the disk nor from the page cache.
  - Every difference is found and named: a byte in data or in a hole, a short, missing or extra file.
  - With checkpoints an image is verified on all CPUs, and damage is reported by offset and length.
  - Exit status: 0 verified, 1 proven to differ, 2 could not be decided.
END
