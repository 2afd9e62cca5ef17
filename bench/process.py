# SPDX-License-Identifier: MIT
"""Run a program, and measure its time, memory and I/O."""

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
    """The resources that a run used, and its output."""

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
    # The process may exit, or its files may become unreadable, at any time.
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
        # The peak from wait4() includes the memory of this script, which forked the child. The
        # peak since exec() is in /proc while the process runs.
        peak = field(f"{proc}/status", "VmHWM")
        while not ends.poll(20):
            peak = max(peak, field(f"{proc}/status", "VmHWM"))
        wall = time.perf_counter() - begun
        os.close(descriptor)

        # The process has ended, but was not waited for: its counters can still be read.
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
