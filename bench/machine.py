# SPDX-License-Identifier: MIT
"""The machine: a description, the state of its page cache, and its bounds."""

import mmap
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

DROP_CACHES = Path("/proc/sys/vm/drop_caches")


def facts(work: Path) -> dict[str, str]:
    """The machine in a few lines."""
    cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    storage = subprocess.run(
        ["df", "--output=fstype,source", work], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory[1]) / 2**20:.1f} GiB" if memory else "unknown",
        "kernel": platform.release(),
        "file system": " on ".join(storage.split()),
    }


def busy() -> float:
    """Seconds of CPU time that all processes together have used so far."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def cold_refused() -> str:
    """The reason why the page cache cannot be dropped, or an empty string."""
    try:
        with DROP_CACHES.open("w"):
            return ""
    except OSError as error:
        return f"{DROP_CACHES}: {error.strerror} (needs root)"


def empty_cache() -> None:
    """Drop the page cache, so that the next run reads from the device."""
    os.sync()  # pages that are still to be written would stay
    DROP_CACHES.write_text("3")


def memory_rate() -> float:
    """Bytes per second that one core reads from memory: memchr() over zeros, best of three."""
    zeros = bytearray(512 << 20)
    return max(len(zeros) / _seconds(lambda: zeros.find(1)) for _ in range(3))


def device_rate(path: Path) -> float:
    """Bytes per second read from the device with O_DIRECT, best of two; 0: unknown."""
    buffer = mmap.mmap(-1, 8 << 20)
    try:
        return max(path.stat().st_size / _seconds(lambda: _read(path, buffer)) for _ in range(2))
    except OSError:
        return 0  # a file system without O_DIRECT
    finally:
        buffer.close()


def _read(path: Path, buffer: mmap.mmap) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECT)
    try:
        at = 0
        while got := os.preadv(fd, [buffer], at):
            at += got
    finally:
        os.close(fd)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def one_chain() -> int:
    """Bytes per second of one SHA-1 chain over a buffer in the CPU cache."""
    line = ["openssl", "speed", "-mr", "-evp", "sha1", "-bytes", "16384", "-seconds", "1"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    found = re.search(r"^\+F:\d+:sha1:([\d.]+)", done.stdout, re.MULTILINE)
    if not found:
        raise RuntimeError(f"openssl speed printed no rate: {done.stdout!r}")
    return int(float(found[1]))
