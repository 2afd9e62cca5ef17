# SPDX-License-Identifier: MIT
"""Create images and directory trees as inputs."""

import os
import random
import shutil
import subprocess
from pathlib import Path

MIB = 1 << 20
SEED = 20240229
RELEASE = "bookworm"


class Unavailable(Exception):
    """Raised if an input cannot be made here, with the reason."""


def need(*programs: str) -> None:
    """Raise Unavailable if a program is missing."""
    for name in programs:
        if not shutil.which(name):
            raise Unavailable(f"{name} is not installed")


def run(*line: str | Path, directory: Path | None = None) -> None:
    """Run a program. Its output is shown only if it fails."""
    done = subprocess.run(line, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise Unavailable(f"{line[0]} failed: {said[-1]}")


def write_random(
    path: Path, mib: int, percent: int, extent: int = MIB, reserve: bool = False
) -> None:
    """Write an image with random data in a share of its slots of `extent` bytes. The other slots are
    holes, or preallocated space."""
    slots = mib * MIB // extent
    write_slots(path, mib, max(1, slots * percent // 100), extent, reserve)


def write_slots(path: Path, mib: int, count: int, extent: int = MIB, reserve: bool = False) -> None:
    """The same with a given number of slots with data."""
    rng = random.Random(SEED)
    with open(path, "wb", buffering=0) as image:
        image.truncate(mib * MIB)
        if reserve:
            os.posix_fallocate(image.fileno(), 0, mib * MIB)
        for slot in sorted(rng.sample(range(mib * MIB // extent), count)):
            os.pwrite(image.fileno(), rng.randbytes(extent), slot * extent)
        os.fsync(image.fileno())


def write_comb(path: Path, extents: int) -> None:
    """Write an image with extents of 4 KiB, each followed by a hole of 4 KiB."""
    rng = random.Random(SEED)
    with open(path, "wb", buffering=0) as image:
        image.truncate(extents * 8192)
        for number in range(extents):
            os.pwrite(image.fileno(), rng.randbytes(4096), number * 8192)
        os.fsync(image.fileno())


def copy_dense(source: Path, target: Path) -> None:
    """Copy an image and write its holes as zeros."""
    # Without --reflink=never, cp may share the extents, including the holes.
    run("cp", "--sparse=never", "--reflink=never", source, target)
    run("sync", target)


def write_files(directory: Path, count: int, least: int, most: int) -> None:
    """Write files of random bytes and log-uniform length, 100 in each directory."""
    rng = random.Random(SEED)
    for number in range(count):
        if number % 100 == 0:
            below = directory / f"{number // 100:05}"
            below.mkdir(parents=True)
        length = int(least * (most / least) ** rng.random())
        (below / f"{number:07}").write_bytes(rng.randbytes(length))


def root_tree(work: Path, kept: Path) -> Path:
    """Make the tree of a small Debian system. A tar file of it is kept for the next run."""
    tree = work / "root-tree"
    if tree.exists():
        return tree
    if os.geteuid() != 0:
        raise Unavailable("debootstrap needs root")
    need("debootstrap", "tar")
    packed = kept / f"{RELEASE}.tar"
    if not packed.exists():
        run("debootstrap", "--variant=minbase", RELEASE, tree)
        run("tar", "-C", tree, "--one-file-system", "-cf", packed.with_suffix(".part"), ".")
        packed.with_suffix(".part").rename(packed)
    else:
        tree.mkdir()
        run("tar", "-C", tree, "-xpf", packed)
    return tree


def root_image(tree: Path, image: Path, mib: int) -> None:
    """Make a sparse ext4 image of that tree, as image builders do."""
    need("mkfs.ext4")
    run("truncate", "-s", f"{mib}M", image)
    run("mkfs.ext4", "-q", "-F", "-d", tree, image)
    run("sync", image)


def windows_image(tree: Path, image: Path) -> None:
    """Make a WIM of that tree, compressed as in Windows setup."""
    need("wimcapture")
    run("wimcapture", "--unix-data", "--compress=LZX:20", tree, image)


def through_qcow2(source: Path, image: Path) -> None:
    """Convert an image to qcow2 and back, as for a virtual machine: zeros become holes."""
    need("qemu-img")
    between = image.with_suffix(".qcow2")
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", source, between)
    run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", between, image)
    between.unlink()
    run("sync", image)
