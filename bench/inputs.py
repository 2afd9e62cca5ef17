# SPDX-License-Identifier: MIT
"""What is hashed: a table of inputs, and how each is made."""

import os
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
SEED = 20240229
DATA_PERCENT = 10


def make_sparse(folder: Path, gib: int, _ours: str) -> None:
    """Write random data into a tenth of the 1 MiB slots; all the others stay holes."""
    slots = gib * 1024
    rng = random.Random(SEED)
    with open(folder / "sparse.img", "wb", buffering=0) as image:
        image.truncate(slots * MIB)
        for slot in sorted(rng.sample(range(slots), slots * DATA_PERCENT // 100)):
            image.seek(slot * MIB)
            image.write(rng.randbytes(MIB))
        os.fsync(image.fileno())


def make_dense(folder: Path, _gib: int, _ours: str) -> None:
    """Copy the sparse image, its holes written out as zeros."""
    # Without --reflink=never, cp may share the extents, and with them the holes.
    subprocess.run(
        ["cp", "--sparse=never", "--reflink=never", "sparse.img", "dense.img"],
        cwd=folder,
        check=True,
    )
    subprocess.run(["sync", "dense.img"], cwd=folder, check=True)


def make_package(folder: Path, _gib: int, _ours: str) -> None:
    """Put both images and some small files into a folder with a manifest by sha1sum."""
    package = folder / "package"
    (package / "scripts").mkdir(parents=True)
    for name in ("sparse.img", "dense.img"):
        os.link(folder / name, package / name)  # the same bytes need no second place on disk
    rng = random.Random(SEED)
    for number in range(100):
        (package / "scripts" / f"{number:03}.sh").write_bytes(rng.randbytes(2000))
    write_manifest(package)


def write_manifest(folder: Path) -> None:
    """Let sha1sum write the manifest of a folder."""
    with open(folder / "SHA1SUMS", "wb") as manifest:
        subprocess.run(
            ["sha1sum", *files_below(folder)], cwd=folder, stdout=manifest, check=True
        )


def make_files(folder: Path, _gib: int, _ours: str) -> None:
    """Write 4,000 files whose lengths are log-uniform, from 256 bytes to 1 MiB."""
    rng = random.Random(SEED)
    for number in range(4000):
        below = folder / "files" / f"{number % 40:02}"
        below.mkdir(parents=True, exist_ok=True)
        length = int(256 * 4096 ** rng.random())
        (below / f"{number:04}").write_bytes(rng.randbytes(length))
    write_manifest(folder / "files")


def make_middle(folder: Path, _gib: int, _ours: str) -> None:
    """Write 32 files of 64 MiB."""
    (folder / "middle").mkdir()
    rng = random.Random(SEED)
    for number in range(32):
        (folder / "middle" / f"{number:02}.bin").write_bytes(rng.randbytes(64 * MIB))
    write_manifest(folder / "middle")


def publish(folder: Path, image: Path, ours: str) -> None:
    """Make a package of one image, with checkpoints, whose manifest sha1sum accepts."""
    folder.mkdir()
    os.link(image, folder / image.name)
    subprocess.run([ours, "create", "--quiet", "."], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["sha1sum", "--check", "--quiet", "SHA1SUMS"], cwd=folder, check=True)


def publish_sparse(folder: Path, _gib: int, ours: str) -> None:
    """Publish the sparse image."""
    publish(folder / "sparse-package", folder / "sparse.img", ours)


def publish_dense(folder: Path, _gib: int, ours: str) -> None:
    """Publish the dense image."""
    publish(folder / "dense-package", folder / "dense.img", ours)


def publish_random(folder: Path, gib: int, ours: str) -> None:
    """Publish an image of random data, a third of the others' size."""
    rng = random.Random(SEED)
    with open(folder / "random.img", "wb", buffering=0) as image:
        for _ in range(max(1, gib * 1024 // 3)):
            image.write(rng.randbytes(MIB))
        os.fsync(image.fileno())
    publish(folder / "random-package", folder / "random.img", ours)


def publish_huge(folder: Path, gib: int, ours: str) -> None:
    """Publish an image of ten times the size with a sixty-fourth of data, in 1 MiB extents."""
    slots = gib * 10 * 1024
    rng = random.Random(SEED)
    with open(folder / "huge.img", "wb", buffering=0) as image:
        image.truncate(slots * MIB)
        for slot in sorted(rng.sample(range(slots), slots // 64)):
            image.seek(slot * MIB)
            image.write(rng.randbytes(MIB))
        os.fsync(image.fileno())
    publish(folder / "huge-package", folder / "huge.img", ours)


def files_below(folder: Path) -> list[str]:
    """Names of the regular files below a folder, but for its manifest, in order."""
    found = (path for path in folder.rglob("*") if path.is_file())
    own = ("SHA1SUMS", "SHA1SUMS.checkpoints")
    return sorted(str(path.relative_to(folder)) for path in found if path.name not in own)


@dataclass(frozen=True)
class Input:
    """Something to measure on."""

    name: str
    what: str  # for the table's heading
    make: Callable[[Path, int, str], None]
    folder: str  # where commands run
    files: tuple[str, ...]  # below that folder; empty: all that are there
    jobs: tuple[str, ...]  # which rows of commands.py are run on it
    made_from: tuple[str, ...] = ()  # other inputs, all of them

    def root(self, work: Path) -> Path:
        """The folder in which commands run."""
        return work / self.folder

    def names(self, work: Path) -> list[str]:
        """The files to hash, relative to root()."""
        return list(self.files) or files_below(self.root(work))

    def length(self, work: Path) -> int:
        """Logical bytes of all files."""
        return sum((self.root(work) / name).stat().st_size for name in self.names(work))


# Made in this order; the later ones are made from the earlier ones.
INPUTS = (
    Input(
        "sparse",
        f"image, {DATA_PERCENT}% data in 1 MiB extents, rest holes",
        make_sparse,
        ".",
        ("sparse.img",),
        ("hash",),
    ),
    Input(
        "dense",
        "the same image, holes written out as zeros",
        make_dense,
        ".",
        ("dense.img",),
        ("hash",),
        ("sparse",),
    ),
    Input(
        "package",
        "a folder of both images and 100 small files",
        make_package,
        "package",
        (),
        ("hash", "verify"),
        ("sparse", "dense"),
    ),
    Input(
        "files",
        "4,000 files of 256 bytes to 1 MiB",
        make_files,
        "files",
        (),
        ("verify",),
    ),
    Input(
        "middle",
        "32 files of 64 MiB",
        make_middle,
        "middle",
        (),
        ("verify",),
    ),
    Input(
        "sparse-package",
        "the sparse image, published with checkpoints",
        publish_sparse,
        "sparse-package",
        (),
        ("checkpoints", "create"),
        ("sparse",),
    ),
    Input(
        "dense-package",
        "the dense image, published with checkpoints",
        publish_dense,
        "dense-package",
        (),
        ("checkpoints",),
        ("sparse", "dense"),
    ),
    Input(
        "random-package",
        "an image of random data, published with checkpoints",
        publish_random,
        "random-package",
        (),
        ("checkpoints", "create"),
    ),
    Input(
        "huge-package",
        "a large image with little data, published with checkpoints",
        publish_huge,
        "huge-package",
        (),
        ("checkpoints",),
    ),
)
