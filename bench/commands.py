# SPDX-License-Identifier: MIT
"""What is run: a table of commands, ours and our peers'."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

OURS = "sparsesum"


@dataclass(frozen=True)
class Command:
    """One tool's way of doing a job. In argv, "{files}" stands for the names of all files."""

    job: str
    tool: str
    argv: tuple[str, ...]

    def line(self, ours: str, files: Sequence[str]) -> list[str]:
        """The arguments to run: our own program by its path, and the names filled in."""
        head = ours if self.argv[0] == OURS else self.argv[0]
        line = [head]
        for word in self.argv[1:]:
            line += files if word == "{files}" else [word]
        return line


# Within a job, the order of the rows is the order of a round. Ours is the first of each.
COMMANDS = (
    Command("hash", OURS, (OURS, "hash", "{files}")),
    Command("hash", "sha1sum", ("sha1sum", "{files}")),
    Command("hash", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}")),
    Command("verify", OURS, (OURS, "verify", "--quiet", ".")),
    Command("verify", OURS + " -j1", (OURS, "verify", "--quiet", "-j1", ".")),
    Command("verify", "sha1sum -c", ("sha1sum", "--check", "--quiet", "SHA1SUMS")),
    Command("verify", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}")),
    # One image with checkpoints; our own way without them is a peer.
    Command("checkpoints", OURS, (OURS, "verify", "--quiet", ".")),
    Command("checkpoints", OURS + " -j1", (OURS, "verify", "--quiet", "-j1", ".")),
    Command("checkpoints", "one chain", (OURS, "verify", "--quiet", "--no-checkpoints", ".")),
    Command("checkpoints", "openssl dgst", ("openssl", "dgst", "-sha1", "{files}")),
    Command("checkpoints", "b3sum", ("b3sum", "{files}")),
    # What it costs to write them.
    Command("create", OURS, (OURS, "create", "--quiet", "-o", "../created", ".")),
    Command(
        "create",
        "no checkpoints",
        (OURS, "create", "--quiet", "--no-checkpoints", "-o", "../created", "."),
    ),
)

# The states of the page cache in which a job is measured.
CACHES = {
    "hash": ("cached", "cold"),
    "verify": ("cached",),
    "checkpoints": ("cached", "cold"),
    "create": ("cached",),
}

# Jobs whose output is digests, which have to be those of every other tool.
PRINTS_DIGESTS = {"hash"}

VERSIONS = {
    OURS: (OURS, "--version"),
    "sha1sum": ("sha1sum", "--version"),
    "openssl": ("openssl", "version"),
    "b3sum": ("b3sum", "--version"),
}


def digests(output: str) -> list[str]:
    """The SHA-1 digests in a tool's output, in their order."""
    return re.findall(r"\b[0-9a-f]{40}\b", output)


def rows(job: str) -> list[Command]:
    """The commands of a job whose programs are installed."""
    return [c for c in COMMANDS if c.job == job and (c.argv[0] == OURS or shutil.which(c.argv[0]))]


def missing() -> list[str]:
    """Programs of the table that are not installed."""
    programs = {c.argv[0] for c in COMMANDS} - {OURS}
    return sorted(name for name in programs if not shutil.which(name))


def versions(ours: str) -> dict[str, str]:
    """What each program says of itself, in one line."""
    found = {}
    for name, argv in VERSIONS.items():
        if name != OURS and not shutil.which(name):
            continue
        line = [ours if name == OURS else argv[0], *argv[1:]]
        done = subprocess.run(line, capture_output=True, text=True, check=True)
        found[name] = done.stdout.splitlines()[0]
    return found
