# SPDX-License-Identifier: MIT
"""Read the CSV file of measure.py: medians, spreads and ratios."""

import csv
import statistics
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from commands import OURS
from inputs import INPUTS, Input
from measure import BOUND

Row = dict[str, str]
INPUT = {entry.name: entry for entry in INPUTS}


def median(rows: Iterable[Row], column: str, unit: float = 1) -> float:
    """The median of a column, in a unit."""
    return statistics.median(float(row[column]) for row in rows) / unit


def cpu(row: Row) -> float:
    """CPU seconds of a run; at least one tick, so that it can be a divisor."""
    return max(0.01, float(row["user_s"]) + float(row["system_s"]))


def spread(values: list[float]) -> str:
    """Median, minimum and maximum."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


class Group:
    """One job on one input: the rounds of each tool."""

    def __init__(self, name: str, job: str, rows: list[Row]) -> None:
        self.name, self.job, self.rows = name, job, rows
        self.cache = rows[0]["cache"]
        self.tools: dict[str, list[Row]] = {}
        for row in sorted(rows, key=lambda row: int(row["round"])):
            self.tools.setdefault(row["tool"], []).append(row)

    @property
    def entry(self) -> Input:
        """The input of the group."""
        return INPUT[self.name]

    def seconds(self, tool: str) -> float:
        """The median time of a tool in seconds."""
        return median(self.tools[tool], "wall_s")

    def rate(self, tool: str) -> float:
        """Logical bytes per second."""
        return float(self.rows[0]["logical_bytes"]) / self.seconds(tool)

    def ratios(self, tool: str) -> list[float]:
        """The time of a tool divided by that of sparsesum, for each round."""
        pairs = zip(self.tools[OURS], self.tools[tool], strict=True)
        return [float(theirs["wall_s"]) / float(ours["wall_s"]) for ours, theirs in pairs]


class Results:
    """All results of a file."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text().splitlines()
        self.head = [line[2:] for line in lines if line.startswith("# ")]
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        self.bounds = [row for row in rows if row["job"] == BOUND]
        key = lambda row: (row["input"], row["job"])  # noqa: E731
        measured = (row for row in rows if row["job"] != BOUND)
        self.groups = [Group(*k, list(found)) for k, found in groupby(measured, key=key)]

    def bound(self, what: str) -> float | None:
        """The bound in bytes per second, or None."""
        rates = [float(row["logical_bytes"]) for row in self.bounds if row["tool"] == what]
        return statistics.median(rates) if rates else None

    def limits(self, group: Group) -> dict[str, float]:
        """The minimum time of a job in seconds, by each measured bound."""
        row = group.rows[0]
        columns = {"one chain": "logical_bytes", "memory": "allocated_bytes"}
        if group.cache == "cold":
            columns["device"] = "allocated_bytes"
        rates = {what: self.bound(what) for what in columns}
        return {w: float(row[columns[w]]) / rate for w, rate in rates.items() if rate}

    def find(self, name: str, job: str) -> Group | None:
        """A group, or None if it was not measured."""
        return next((g for g in self.groups if (g.name, g.job) == (name, job)), None)

    def series(self, series: str) -> Iterator[Group]:
        """The groups of a series, sorted by size or count."""
        found = (group for group in self.groups if group.entry.series == series)
        return iter(sorted(found, key=lambda group: group.entry.point))
