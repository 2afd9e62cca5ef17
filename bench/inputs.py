# SPDX-License-Identifier: MIT
"""The table of inputs, and how each is made."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import images
from images import MIB


@dataclass(frozen=True)
class Place:
    """Where inputs are made, and with which options."""

    work: Path  # a directory for one run
    kept: Path  # a directory that stays
    mib: int  # the size of the large images
    ours: str

    def package(self, name: str) -> Path:
        """A new directory for an input."""
        directory = self.work / name
        directory.mkdir()
        return directory

    def image(self, name: str) -> Path:
        """The image of another input."""
        return self.work / name / f"{name}.img"


def publish(place: Place, directory: Path, checked: bool = True) -> None:
    """Write the manifest and the checkpoints, and check the manifest with sha1sum."""
    quiet = subprocess.DEVNULL
    subprocess.run([place.ours, "create", "--quiet", "."], cwd=directory, check=True, stdout=quiet)
    if not checked:
        return
    subprocess.run(["sha1sum", "--check", "--quiet", "SHA1SUMS"], cwd=directory, check=True)
    if shutil.which("b3sum"):
        with (directory.parent / f"B3SUMS-{directory.name}").open("wb") as manifest:
            subprocess.run(["b3sum", *files_below(directory)], cwd=directory, check=True, stdout=manifest)


def files_below(directory: Path) -> list[str]:
    """The sorted names of the regular files below a directory, except its manifest."""
    found = (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    own = ("SHA1SUMS", "SHA1SUMS.checkpoints")
    return sorted(str(path.relative_to(directory)) for path in found if path.name not in own)


@dataclass(frozen=True)
class Input:
    """An input: a directory with a manifest."""

    name: str
    what: str  # for the table's heading
    make: Callable[[Place, str], None]  # in a directory of that name
    jobs: tuple[str, ...]  # which rows of commands.py are run on it
    made_from: tuple[str, ...] = ()  # other inputs, all of them
    brief: bool = True  # only a few tools
    sizes: tuple[str, ...] = ("small", "full", "large")  # of the benchmark, in which it is measured
    series: str = ""  # what grows
    point: int = 0  # and how far

    def names(self, work: Path) -> list[str]:
        """The files to hash, relative to the input's directory."""
        return files_below(work / self.name)

    def length(self, work: Path) -> int:
        """Logical bytes of all files."""
        return sum((work / self.name / name).stat().st_size for name in self.names(work))

    def allocated(self, work: Path) -> int:
        """Bytes on disk of all files."""
        return sum((work / self.name / name).stat().st_blocks * 512 for name in self.names(work))


# ---- Making the inputs ----

Maker = Callable[[Place, str], None]


def random_image(percent: int, extent: int = MIB, share: float = 1, kind: str = "sparse") -> Maker:
    """An image of random data, smaller than the large images by a given share."""

    def make(place: Place, name: str) -> None:
        directory = place.package(name)
        mib = max(16, int(place.mib * share))
        path = directory / f"{name}.img"
        if kind == "dense":
            images.write_random(place.work / "source.img", mib, percent, extent)
            images.copy_dense(place.work / "source.img", path)
            (place.work / "source.img").unlink()
        else:
            images.write_random(path, mib, percent, extent, kind == "reserved")
        publish(place, directory)

    return make


def dense_copy(source: str) -> Maker:
    """A dense copy of another input's image."""

    def make(place: Place, name: str) -> None:
        directory = place.package(name)
        images.copy_dense(place.image(source), directory / f"{name}.img")
        publish(place, directory)

    return make


def both(place: Place, name: str) -> None:
    """Two images with the same content in one directory."""
    directory = place.package(name)
    for number, source in enumerate(("sparse", "dense")):
        os.link(place.image(source), directory / f"{number}-{source}.img")


def damaged(place: Place, name: str) -> None:
    """An image in which one byte differs from the manifest."""
    directory = place.package(name)
    mib = min(1000, place.mib)
    path = directory / f"{name}.img"
    images.write_random(path, mib, 100)
    publish(place, directory)
    with path.open("r+b") as image:
        image.seek(mib * MIB // 3)
        byte = image.read(1)
        image.seek(mib * MIB // 3)
        image.write(bytes([byte[0] ^ 1]))
        os.fsync(image.fileno())


def root_file_system(place: Place, name: str) -> None:
    """A Debian system on ext4."""
    tree = images.root_tree(place.work, place.kept)
    directory = place.package(name)
    images.root_image(tree, directory / f"{name}.img", place.mib)
    publish(place, directory)


def windows_image(place: Place, name: str) -> None:
    """A WIM of the same tree."""
    tree = images.root_tree(place.work, place.kept)
    directory = place.package(name)
    images.windows_image(tree, directory / "install.wim")
    publish(place, directory)


def virtual_machine(place: Place, name: str) -> None:
    """The root file system, converted to qcow2 and back."""
    directory = place.package(name)
    images.through_qcow2(place.image("root-image"), directory / f"{name}.img")
    publish(place, directory)


def deployment(place: Place, name: str) -> None:
    """Two WIMs, drivers and scripts."""
    directory = place.package(name)
    wim = place.work / "wim" / "install.wim"
    shutil.copyfile(wim, directory / "install.wim")
    with wim.open("rb") as source:
        (directory / "boot.wim").write_bytes(source.read(wim.stat().st_size // 2))
    images.write_files(directory / "drivers", 600, 4096, 4 * MIB)
    images.write_files(directory / "scripts", 200, 200, 20_000)
    publish(place, directory)


def many_files(count: int, least: int, most: int) -> Maker:
    """Files of random bytes."""

    def make(place: Place, name: str) -> None:
        directory = place.package(name)
        images.write_files(directory, count, least, most)
        publish(place, directory)

    return make


def comb(extents: int) -> Maker:
    """An image of many small extents."""

    def make(place: Place, name: str) -> None:
        directory = place.package(name)
        images.write_comb(directory / f"{name}.img", extents)
        publish(place, directory)

    return make


# GiB above which only sparsesum is measured, so there is no ratio.
LONGEST_JUDGED = 4


def long_image(gib: int) -> Maker:
    """An image of which at most 1/16, and at most 1 GiB, is data."""

    def make(place: Place, name: str) -> None:
        directory = place.package(name)
        slots = min(1024, gib * 64)
        images.write_slots(directory / f"{name}.img", gib * 1024, slots)
        publish(place, directory, gib <= LONGEST_JUDGED)

    return make


# ---- The table ----

KIB4 = 4096
FULL = ("full", "large")
LARGE = ("large",)


def matrix() -> tuple[Input, ...]:
    """Random images by share of data, length of extents, and form of storage."""
    rows = []
    for percent in (1, 10, 50, 100):
        for extent, label in ((MIB, "1 MiB"), (KIB4, "4 KiB")):
            for kind in ("sparse", "dense", "reserved"):
                if percent == 100 and (kind != "dense" or extent != MIB):
                    continue  # one content in one way, whatever it is called
                name = f"{percent}%-{label.replace(' ', '')}-{kind}"
                what = f"{percent}% random data in extents of {label}, {kind}"
                make = random_image(percent, extent, 0.25 if extent == MIB else 0.0625, kind)
                rows.append(Input(name, what, make, ("image",), sizes=FULL))
    return tuple(rows)


def growth() -> tuple[Input, ...]:
    """Inputs of growing size, number of extents and number of files, and numbers of threads."""
    rows = []

    def grow(series: str, point: int, what: str, make: Maker, job: str, until: int) -> None:
        sizes = FULL if point <= until else LARGE
        name = f"{series}-{point}"
        rows.append(Input(name, what, make, (job,), sizes=sizes, series=series, point=point))

    for gib in (1, 2, 4, 8, 16, 32, 64):
        job = "growth" if gib <= LONGEST_JUDGED else "growth alone"
        grow("GiB", gib, f"{gib} GiB, a sixteenth of data, 1 GiB at most", long_image(gib), job, 16)
    for power in range(1, 7):
        count = 10**power
        grow("extents", count, f"{count:,} extents of 4 KiB", comb(count), "growth", 10**5)
        files = many_files(count, 1024, 1024)
        grow("files", count, f"{count:,} files of 1 KiB", files, "growth of files", 10**4)
    cpus = len(os.sched_getaffinity(0))
    for threads in sorted({cpus} | {2**n for n in range(8) if 2**n < cpus}):
        what = f"random data, {threads} threads"
        grow("threads", threads, what, random_image(100, MIB, 0.25), "growth of threads", cpus)
    return tuple(rows)


# Made in this order; the later ones are made from the earlier ones.
INPUTS = (
    Input(
        "sparse",
        "image, 10% random data in 1 MiB extents, rest holes",
        random_image(10),
        ("image", "cold image", "create", "receive"),
        brief=False,
    ),
    Input(
        "dense",
        "the same image, holes written out as zeros",
        dense_copy("sparse"),
        ("image", "cold image"),
        ("sparse",),
    ),
    Input("copies", "that image, sparse and dense", both, ("compare",), ("sparse", "dense")),
    Input("random", "image of random data", random_image(100, share=0.5), ("image", "create")),
    Input("damaged", "image of random data, one byte damaged", damaged, ("explain",), sizes=FULL),
    Input("root-image", "a Debian root file system on ext4", root_file_system, ("image",), sizes=FULL),
    Input("qcow2", "it by way of qcow2", virtual_machine, ("image",), ("root-image",), sizes=FULL),
    Input("wim", "a WIM of the same tree", windows_image, ("image",), sizes=FULL),
    Input(
        "deployment",
        "two WIMs, 600 drivers, 200 scripts",
        deployment,
        ("package",),
        ("wim",),
        brief=False,
        sizes=FULL,
    ),
    Input(
        "files",
        "4,000 files of 256 bytes to 1 MiB",
        many_files(4000, 256, MIB),
        ("package",),
        brief=False,
    ),
    Input("middle", "32 files of 64 MiB", many_files(32, 64 * MIB, 64 * MIB), ("package",), sizes=FULL),
    *matrix(),
    *growth(),
)
