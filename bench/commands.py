# SPDX-License-Identifier: MIT
"""The table of measured commands: sparsesum and other tools."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

OURS = "sparsesum"
COPY = "cp --sparse=always --reflink=never *.img ../received"


@dataclass(frozen=True)
class Command:
    """The command of one tool for a job."""

    job: str
    tool: str
    # "{files}" is replaced by the names of all files, "{name}" and "{point}" by those of the input,
    # "sparsesum" and "receive" by the paths of our programs.
    argv: tuple[str, ...]
    prints: str = ""  # "sha1": its output holds the digests of all files, in order
    brief: bool = True  # also run where only a few tools are
    status: int = 0  # with which it ends when all went well

    def line(
        self, programs: dict[str, str], files: Sequence[str], name: str, point: int
    ) -> list[str]:
        """The arguments, with all replacements made."""
        line: list[str] = []
        for word in self.argv:
            if word == "{files}":
                line += files
            else:
                line.append(programs.get(word, word).format(name=name, point=point))
        return line

    def program(self) -> str:
        """The program that does the work: in a shell command, the last one."""
        return self.argv[-1].split(" && ")[-1].split()[0] if self.argv[0] == "sh" else self.argv[0]


# sparsesum is the first of each job; the others are compared with it.
COMMANDS = (
    # Verifying an image. Tools without manifests only hash it.
    Command("image", OURS, (OURS, "verify", "--quiet", ".")),
    Command("image", OURS + " -j1", (OURS, "verify", "--quiet", "-j1", "."), "", False),
    Command("image", "sparsesum hash", (OURS, "hash", "{files}"), "sha1"),
    Command("image", "sha1sum", ("sha1sum", "{files}"), "sha1", False),
    Command("image", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}"), "sha1"),
    Command("image", "rhash", ("rhash", "--sha1", "{files}"), "sha1", False),
    Command("image", "hashdeep -j0", ("hashdeep", "-c", "sha1", "-j0", "{files}"), "sha1", False),
    Command("image", "b3sum", ("b3sum", "{files}")),
    Command("image", "xxhsum -H2", ("xxhsum", "-H2", "{files}"), "", False),
    Command("image", "fsverity digest", ("fsverity", "digest", "{files}"), "", False),
    # The same from a device, where reading holes is slowest.
    Command("cold image", OURS, (OURS, "verify", "--quiet", ".")),
    Command("cold image", "sparsesum hash", (OURS, "hash", "{files}"), "sha1"),
    Command("cold image", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}"), "sha1"),
    Command("cold image", "b3sum", ("b3sum", "{files}")),
    # Verifying a package of many files.
    Command("package", OURS, (OURS, "verify", "--quiet", ".")),
    Command("package", OURS + " -j1", (OURS, "verify", "--quiet", "-j1", ".")),
    Command("package", "sha1sum -c", ("sha1sum", "--check", "--quiet", "SHA1SUMS")),
    Command("package", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}"), "sha1"),
    Command("package", "rhash -c", ("rhash", "--check", "--skip-ok", "SHA1SUMS"), "", False),
    Command("package", "hashdeep", ("hashdeep", "-c", "sha1", "{files}"), "", False),
    Command("package", "b3sum --check", ("b3sum", "--check", "--quiet", "../B3SUMS-{name}")),
    # Creating a manifest, with and without checkpoints.
    Command("create", OURS, (OURS, "create", "--quiet", "-o", "../created", ".")),
    Command(
        "create",
        "no checkpoints",
        (OURS, "create", "--quiet", "--no-checkpoints", "-o", "../created", "."),
    ),
    Command("create", "sha1sum", ("sha1sum", "{files}")),
    Command("create", "bmaptool", ("bmaptool", "-q", "create", "-o", "../created", "{files}")),
    # Comparing a sparse and a dense copy of an image.
    Command("compare", OURS, (OURS, "compare", "{files}")),
    Command("compare", OURS + " -j1", (OURS, "compare", "-j1", "{files}")),
    Command("compare", "cmp", ("cmp", "{files}")),
    Command(
        "compare", "qemu-img", ("qemu-img", "compare", "-f", "raw", "-F", "raw", "{files}")
    ),
    # Receiving a file in pieces, with verification. The others copy it, then hash the copy.
    Command("receive", OURS, ("receive", "{files}", "SHA1SUMS.checkpoints", "../received")),
    Command("receive", "cp, openssl", ("sh", "-c", f"{COPY} && openssl dgst -sha1 ../received")),
    Command("receive", "cp, sha1sum", ("sh", "-c", f"{COPY} && sha1sum ../received")),
    # A damaged image: the verdict alone, and the verdict with the reason.
    Command("explain", OURS, (OURS, "verify", "--quiet", "--no-checkpoints", "."), status=1),
    Command(
        "explain",
        "--no-explain",
        (OURS, "verify", "--quiet", "--no-checkpoints", "--no-explain", "."),
        status=1,
    ),
    Command("explain", "explain FILE", (OURS, "explain", "{files}", "0" * 40), status=1),
    Command("explain", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}")),
    # Growth: a few tools with many sizes.
    Command("growth", OURS, (OURS, "verify", "--quiet", ".")),
    Command("growth", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}"), "sha1"),
    Command("growth alone", OURS, (OURS, "verify", "--quiet", ".")),
    Command("growth of files", OURS, (OURS, "verify", "--quiet", ".")),
    Command("growth of files", "sha1sum -c", ("sha1sum", "--check", "--quiet", "SHA1SUMS")),
    Command("growth of threads", OURS, (OURS, "verify", "--quiet", "-j{point}", ".")),
    Command("growth of threads", "b3sum", ("b3sum", "--num-threads={point}", "{files}")),
)

VERSIONS = {
    OURS: (OURS, "--version"),
    "sha1sum": ("sha1sum", "--version"),
    "openssl": ("openssl", "version"),
    "rhash": ("rhash", "--version"),
    "hashdeep": ("hashdeep", "-V"),
    "b3sum": ("b3sum", "--version"),
    "xxhsum": ("xxhsum", "--version"),
    "fsverity": ("fsverity", "--version"),
    "cmp": ("cmp", "--version"),
    "qemu-img": ("qemu-img", "--version"),
    "bmaptool": ("bmaptool", "--version"),
}


def digests(output: str) -> list[str]:
    """The SHA-1 digests in the output of a tool, in order."""
    return re.findall(r"\b[0-9a-f]{40}\b", output)


def rows(job: str, brief: bool) -> list[Command]:
    """The commands of a job whose programs are installed."""
    return [c for c in COMMANDS if c.job == job and (c.brief or not brief) and _installed(c)]


def _installed(command: Command) -> bool:
    return command.program() in (OURS, "receive") or shutil.which(command.program()) is not None


def missing() -> list[str]:
    """Programs of the table that are not installed."""
    return sorted({c.program() for c in COMMANDS if not _installed(c)})


def versions(ours: str) -> dict[str, str]:
    """The version of each program, in one line."""
    found = {}
    for name, argv in VERSIONS.items():
        if name != OURS and not shutil.which(name):
            continue
        line = [ours if name == OURS else argv[0], *argv[1:]]
        done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found[name] = done.stdout.splitlines()[0] if done.stdout else "unknown"
    return found
