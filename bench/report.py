# SPDX-License-Identifier: MIT
"""Makes a plain text table of the CSV file that measure.py wrote."""

import csv
import statistics
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from commands import OURS
from inputs import INPUTS
from measure import BOUND

Row = dict[str, str]
WHAT = {entry.name: entry.what for entry in INPUTS}
# Title and width of each column.
COLUMNS = (
    *(("tool", 13), ("seconds (min-max)", 20), ("CPU s", 7), ("MiB", 9), ("read", 6), ("disk", 6)),
    *(("GB/s", 6), ("ours/it (min-max)", 19), ("CPU/it", 8)),
)
LEGEND = """\
seconds: median of all rounds, in brackets the least and the most; the other columns are medians.
CPU s: user and system. MiB: peak memory. read: GiB by read calls; disk: GiB fetched from there.
GB/s: logical bytes, holes included. ours/it: seconds of sparsesum divided by those of the tool in
the same round; CPU/it: the same of CPU seconds, which other work on the machine disturbs less.
A dash stands for what the kernel tells only to root.
"""


def load(path: Path) -> tuple[list[str], list[Row]]:
    """The lines of the head, and the rows."""
    lines = path.read_text().splitlines()
    head = [line[2:] for line in lines if line.startswith("# ")]
    return head, list(csv.DictReader(line for line in lines if not line.startswith("#")))


def median(rows: Iterable[Row], column: str, unit: float = 1) -> float:
    """The median of a column, in a unit."""
    return statistics.median(float(row[column]) for row in rows) / unit


def measured(rows: list[Row], column: str, unit: float) -> str:
    """The median of a column, or a dash where the kernel did not tell."""
    known = [row for row in rows if row[column] != "-1"]
    return f"{median(known, column, unit):.2f}" if known else "-"


def spread(values: list[float]) -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def cells(tool: str, rows: list[Row], ours: list[Row]) -> list[str]:
    """One line of the table: a tool over all its rounds."""
    line = [tool, spread([float(row["wall_s"]) for row in rows])]
    line += [f"{statistics.median(map(cpu, rows)):.2f}", f"{median(rows, 'peak_kib', 1024):.1f}"]
    line += [measured(rows, "read_bytes", 2**30), measured(rows, "device_bytes", 2**30)]
    line += [f"{rate(rows) / 1e9:.2f}"]
    if tool != OURS:
        pairs = list(zip(ours, rows, strict=True))
        line += [spread([float(a["wall_s"]) / float(b["wall_s"]) for a, b in pairs])]
        line += [f"{statistics.median(cpu(a) / cpu(b) for a, b in pairs):.2f}"]
    return line


def cpu(row: Row) -> float:
    """CPU seconds of a run; at least one tick, so that they can be divided by."""
    return max(0.01, float(row["user_s"]) + float(row["system_s"]))


def rate(rows: list[Row]) -> float:
    """Logical bytes a second."""
    return statistics.median(float(row["logical_bytes"]) / float(row["wall_s"]) for row in rows)


def layout(line: Iterable[str]) -> str:
    """Cells in columns: the tool to the left, figures to the right."""
    first, *others = line
    widths = [width for _, width in COLUMNS]
    figures = "".join(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=False))
    return (first.ljust(widths[0]) + figures).rstrip()


def group(key: tuple[str, str, str], rows: list[Row], limit: float) -> list[str]:
    """The table of one job on one input in one state of the cache."""
    name, job, cache = key
    tools: dict[str, list[Row]] = {}
    for row in rows:
        tools.setdefault(row["tool"], []).append(row)
    length = float(rows[0]["logical_bytes"]) / 2**30
    lines = [f"{job} {name}, {cache}: {WHAT.get(name, name)}; {length:.1f} GiB logical"]
    lines += [layout(title for title, _ in COLUMNS)]
    lines += [layout(cells(tool, of_tool, tools[OURS])) for tool, of_tool in tools.items()]
    # On a machine short of memory, "cached" is a wish.
    fetched = sum(int(row["device_bytes"]) > int(row["read_bytes"]) // 20 for row in rows)
    if cache == "cached" and fetched:
        lines += [f"note: {fetched} of {len(rows)} runs had to fetch data from the disk"]
    share = rate(tools[OURS]) / limit
    others = median(rows, "others")
    lines += [f"{OURS} runs at {share:.2f} of the one-chain limit; others used {others:.2f} CPUs"]
    lines += [""]
    return lines


def limit_line(rows: list[Row]) -> str:
    """The bound in words."""
    rates = [float(row["logical_bytes"]) / 1e9 for row in rows]
    return (
        f"one-chain limit: {statistics.median(rates):.2f} GB/s "
        f"({min(rates):.2f} to {max(rates):.2f} in {len(rates)} tries), "
        "by openssl speed -evp sha1 at 16 KiB, one thread"
    )


def main() -> None:
    """Print the head, the bound, and a table for each group."""
    head, rows = load(Path(sys.argv[1]))
    bounds = [row for row in rows if row["job"] == BOUND]
    others = [row for row in rows if row["job"] != BOUND]
    print(*head, "", limit_line(bounds), sep="\n")
    print(LEGEND)
    limit = median(bounds, "logical_bytes")
    for key, of_key in groupby(others, key=lambda row: (row["input"], row["job"], row["cache"])):
        print(*group(key, list(of_key), limit), sep="\n")


if __name__ == "__main__":
    main()
