# SPDX-License-Identifier: MIT
"""Print Markdown tables from the CSV file of measure.py."""

import re
import statistics
import sys
from pathlib import Path

from commands import OURS
from results import Group, Results, Row, cpu, median, spread

TITLES = ["tool", "seconds (min-max)", "times slower (min-max)", "CPU s", "GB/s", "MiB", "read", "disk"]
LEGEND = """\
Seconds: median of all rounds, with minimum and maximum in brackets; the other columns are medians. Times
slower: the seconds of the tool divided by those of sparsesum in the same round; below 1 the tool was
faster. CPU s: user and system time. GB/s: logical bytes, holes included. MiB: peak memory. Read: GiB
returned by read calls; disk: GiB read from the device. A dash: the kernel shows the value only to root, or
the run was too short to measure its memory.
"""


def measured(rows: list[Row], column: str) -> str:
    """The median of a column of bytes in GiB, or a dash if the kernel did not show it."""
    known = [row for row in rows if row[column] != "-1"]
    return f"{median(known, column, 2**30):.2f}" if known else "-"


LEAST_KIB = 1024  # below this, the program has not started yet


def peak(rows: list[Row]) -> str:
    """The median of the peak memory in MiB, or a dash if the run was too short to measure."""
    known = [row for row in rows if int(row["peak_kib"]) >= LEAST_KIB]
    return f"{median(known, 'peak_kib', 1024):.1f}" if known else "-"


def cells(group: Group, tool: str) -> list[str]:
    """One line of the table: the medians of a tool over all rounds."""
    rows = group.tools[tool]
    return [
        tool,
        spread([float(row["wall_s"]) for row in rows]),
        "" if tool == OURS else spread(group.ratios(tool)),
        f"{statistics.median(map(cpu, rows)):.2f}",
        f"{group.rate(tool) / 1e9:.2f}",
        peak(rows),
        measured(rows, "read_bytes"),
        measured(rows, "device_bytes"),
    ]


def layout(lines: list[list[str]]) -> str:
    """A Markdown table: the first column left-aligned, the others right-aligned."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    rows = [lines[0], rule, *lines[1:]]
    return "\n".join(
        "| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |"
        for row in rows
    )


def size(group: Group) -> str:
    """The size of the input, as text."""
    row = group.rows[0]
    gib, data = (float(row[name]) / 2**30 for name in ("logical_bytes", "allocated_bytes"))
    files = int(row["files"])
    return f"{files:,} file{'s'[: files != 1]}, {gib:.2f} GiB, {data:.2f} GiB of it on disk"


BOUNDS = {
    "one chain": "one chain",
    "memory": "reading its data from memory, one core",
    "device": "reading its data from the device",
}


def possible(group: Group, results: Results) -> str:
    """The bounds of the machine for a job, and the time of sparsesum relative to them."""
    ours = group.seconds(OURS)
    limits = results.limits(group).items()
    return "; ".join(f"{BOUNDS[w]} takes {s:.2f} s, we {ours / s:.2f} times that" for w, s in limits)


def table(group: Group, results: Results) -> str:
    """One job on one input."""
    lines = [f"**{group.job}, {group.name}**: {group.entry.what} ({size(group)}, {group.cache})", ""]
    lines += [layout([TITLES, *(cells(group, tool) for tool in group.tools)]), ""]
    lines += [f"Bounds: {possible(group, results)}. "]
    others = median(group.rows, "others")
    lines[-1] += f"The rest of the machine used {others:.2f} CPUs meanwhile."
    # With too little memory, cached data may have been evicted.
    fetched = sum(int(row["device_bytes"]) > int(row["read_bytes"]) // 20 for row in group.rows)
    if group.cache == "cached" and fetched:
        lines += [f"{fetched} of {len(group.rows)} runs had to fetch data from the disk."]
    return "\n".join([*lines, ""])


def series(groups: list[Group]) -> str:
    """A series of sizes, one line per size and tool."""
    title = groups[0].entry.series
    lines = [[title, "tool", "seconds (min-max)", "times slower", "CPU s", "MiB"]]
    for group in groups:
        for tool, rows in group.tools.items():
            slower = "" if tool == OURS else f"{statistics.median(group.ratios(tool)):.2f}"
            line = [f"{group.entry.point:,}", tool, spread([float(row["wall_s"]) for row in rows])]
            line += [slower, f"{statistics.median(map(cpu, rows)):.2f}"]
            lines.append([*line, peak(rows)])
    return layout(lines) + "\n"


def brief(results: Results) -> str:
    """The short table for the README: the time of other tools relative to sparsesum."""
    chosen = (
        ("sparse", "image"),
        ("dense", "image"),
        ("random", "image"),
        ("root-image", "image"),
        ("files", "package"),
        ("middle", "package"),
    )
    tools = ("openssl dgst", "sha1sum", "sha1sum -c", "b3sum", "b3sum --check")
    lines = [["verify", OURS, "openssl dgst", "sha1sum", "b3sum (BLAKE3)"]]
    for name, job in chosen:
        if not (group := results.find(name, job)):
            continue
        found = {t: f"{statistics.median(group.ratios(t)):.1f}x" for t in tools if t in group.tools}
        gib = float(group.rows[0]["logical_bytes"]) / 2**30
        lines.append(
            [
                f"{group.entry.what}, {gib:.1f} GiB",
                f"{group.seconds(OURS):.2f} s",
                found.get("openssl dgst", ""),
                found.get("sha1sum", found.get("sha1sum -c", "")),
                found.get("b3sum", found.get("b3sum --check", "")),
            ]
        )
    return layout(lines)


def fill(template: str, results: Results) -> str:
    """Replace the lines "@head@", "@series NAME@", "@table JOB: NAME...@" of a template."""

    def place(match: re.Match[str]) -> str:
        what, _, rest = match[1].partition(" ")
        if what == "head":
            return "\n".join(f"- {line}" for line in results.head)
        if what == "bounds":
            rates = {w: results.bound(w) for w in ("one chain", "memory", "device")}
            return "\n".join(f"- {w}: {r / 1e9:.2f} GB/s" for w, r in rates.items() if r)
        if what == "legend":
            return LEGEND.rstrip()
        if what == "brief":
            return brief(results)
        if what == "series":
            found = list(results.series(rest))
            return series(found).rstrip() if found else "Not measured in this run."
        job, _, names = rest.partition(": ")
        groups = [g for g in results.groups if g.job == job and g.name in names.split()]
        if names == "*":
            groups = [g for g in results.groups if g.job == job and "%" in g.name]
        return "\n".join(table(g, results) for g in groups).rstrip() or "Not measured in this run."

    return re.sub(r"^@(.+)@$", place, template, flags=re.MULTILINE)


def main() -> None:
    """Print the results as text, or fill in the template if one is given."""
    results = Results(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        print(fill(Path(sys.argv[2]).read_text(), results), end="")
        return
    print(*results.head, "", LEGEND, sep="\n")
    for group in results.groups:
        if not group.entry.series:
            print(table(group, results))
    for name in dict.fromkeys(g.entry.series for g in results.groups if g.entry.series):
        print(series(list(results.series(name))))


if __name__ == "__main__":
    main()
