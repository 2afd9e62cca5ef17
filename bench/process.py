# SPDX-License-Identifier: MIT
"""One run of a program, and what it cost."""

import contextlib
import os
import re
import select
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a run took, and what it printed."""

    wall: float  # seconds, as all times here
    user: float
    system: float
    peak_kib: int  # the largest resident set
    read: int  # bytes handed out by read calls; -1: unknown
    device: int  # bytes fetched from the device; -1: unknown
    status: int
    output: str  # standard output, then standard error


def field(path: str, name: str) -> int:
    """The number after a name in one of the files of /proc/PID; -1 if there is none."""
    # A process may be gone, or its files closed to us, at any moment.
    with contextlib.suppress(OSError):
        if found := re.search(rf"^{name}:\s*(\d+)", Path(path).read_text(), re.MULTILINE):
            return int(found[1])
    return -1


def run(argv: Sequence[str], directory: Path) -> Cost:
    """Run a program to its end."""
    with tempfile.TemporaryFile() as out:
        begun = time.perf_counter()
        child = subprocess.Popen(
            argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        proc = f"/proc/{child.pid}"
        ends = select.poll()
        descriptor = os.pidfd_open(child.pid)
        ends.register(descriptor, select.POLLIN)
        # The peak that wait4() tells counts the memory of this script too, from which the child
        # was forked; the peak since its exec() is in /proc, as long as it lives.
        peak = field(f"{proc}/status", "VmHWM")
        while not ends.poll(20):
            peak = max(peak, field(f"{proc}/status", "VmHWM"))
        wall = time.perf_counter() - begun
        os.close(descriptor)

        # It has ended, and was not waited for yet: its counters can still be read.
        read = field(f"{proc}/io", "rchar")
        device = field(f"{proc}/io", "read_bytes")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        output = out.read().decode(errors="replace")
    if peak < 0:
        peak = usage.ru_maxrss
    return Cost(
        wall, usage.ru_utime, usage.ru_stime, peak, read, device, child.returncode, output
    )
