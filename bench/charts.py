# SPDX-License-Identifier: MIT
"""Draw charts with gnuplot from the CSV file of measure.py, each as SVG and as PNG."""

import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from commands import OURS
from inputs import INPUTS
from results import Group, Results

STYLE = """
set encoding utf8
set border 3 lc rgb '#666666'
set tics nomirror textcolor rgb '#333333'
set key outside top left horizontal reverse Left noenhanced
set grid ytics lc rgb '#dddddd' lt 1
set linetype 1 lc rgb '#1668a5' lw 2 pt 7
set linetype 2 lc rgb '#e08214' lw 2 pt 5
set linetype 3 lc rgb '#7f7f7f' lw 2 pt 9
set linetype 4 lc rgb '#4d9221' lw 2 pt 13
"""


def draw(target: Path, script: str, width: int = 900, height: int = 480) -> None:
    """One chart, in both formats."""
    for suffix, terminal in (("svg", "svg noenhanced"), ("png", "pngcairo noenhanced")):
        head = f"set terminal {terminal} size {width},{height} font 'Sans,12' background 'white'\n"
        head += f"set output '{target}.{suffix}'\n"
        subprocess.run(["gnuplot"], input=head + STYLE + script, text=True, check=True)


def block(name: str, lines: list[str]) -> str:
    """Data that a plot command refers to as $name."""
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def bars(lines: dict[str, list[float | None]]) -> str:
    """Data of a histogram: a row for each name."""
    rows = [
        f'"{name}" ' + " ".join("NaN" if value is None else f"{value:.3f}" for value in values)
        for name, values in lines.items()
    ]
    return block("data", rows)


HISTOGRAM = """
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set yrange [0:*]
"""


def image_chart(results: Results, job: str, target: Path) -> None:
    """Seconds of every tool on one image, sparse and dense, and the bounds of the machine."""
    pair = [results.find(name, job) for name in ("sparse", "dense")]
    groups = [group for group in pair if group]
    if len(groups) < 2:
        return
    limits = [results.limits(group) for group in groups]
    lines = {f"bound: {what}": [limit[what] for limit in limits] for what in limits[0]}
    for tool in sorted(groups[0].tools, key=groups[0].seconds):
        lines[tool] = [g.seconds(tool) if tool in g.tools else None for g in groups]
    gib = float(groups[0].rows[0]["logical_bytes"]) / 2**30
    script = bars(lines) + HISTOGRAM
    script += f"""
set title 'Verifying an image of {gib:g} GiB, 10% of it data, {groups[0].cache}: seconds, less is better'
set boxwidth 0.9
set lmargin 12
set xtics rotate by 25 right
plot $data using 2:xtic(1) title 'sparse' lt 1, '' using 3 title 'dense' lt 2, \\
  '' using ($0-0.17):2:(sprintf('%.2f', $2)) with labels offset 0,0.6 font ',10' notitle, \\
  '' using ($0+0.17):3:(sprintf('%.2f', $3)) with labels offset 0,0.6 font ',10' notitle
"""
    draw(target, script, 1100)


def package_chart(results: Results, target: Path) -> None:
    """The time of other tools for packages, relative to sparsesum, and the bounds of the machine."""
    groups = [g for g in results.groups if g.job == "package"]
    if not groups:
        return
    tools = list(dict.fromkeys(t for g in groups for t in g.tools if t != OURS))
    limits = list(results.limits(groups[0]))
    lines: dict[str, list[float | None]] = {}
    for group in groups:
        bounds = [s / group.seconds(OURS) for s in results.limits(group).values()]
        ratios = (statistics.median(group.ratios(t)) if t in group.tools else None for t in tools)
        lines[group.entry.what] = [*bounds, *ratios]
    plots = ", ".join(
        f"$data using {n + 2}{':xtic(1)' if n == 0 else ''} title '{name}'"
        for n, name in enumerate([*(f"bound: {what}" for what in limits), *tools])
    )
    script = bars(lines) + HISTOGRAM
    script += f"""
set title 'Verifying packages, cached: time of the tool divided by that of {OURS}'
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead dt 2 lc rgb '#b2182b' lw 2
plot {plots}
"""
    draw(target, script)


def share_chart(results: Results, target: Path) -> None:
    """GB/s by the share of data in the image."""
    points: dict[str, list[str]] = {}
    for entry in INPUTS:
        group = results.find(entry.name, "image") if "%-" in entry.name else None
        if not group:
            continue
        percent, extent, kind = entry.name.split("-")
        for tool in group.tools if kind == "sparse" or percent == "100%" else ():
            for length in ("1MiB", "4KiB") if percent == "100%" else (extent,):
                line = f"{percent[:-1]} {group.rate(tool) / 1e9:.3f}"
                points.setdefault(f"{tool}, {length} extents", []).append(line)
    wanted = {n: p for n, p in points.items() if "sparsesum hash" not in n}
    if not wanted:
        return
    names = list(wanted)
    tools = list(dict.fromkeys(name.split(",")[0] for name in names))
    script = "".join(block(f"data{n}", wanted[name]) for n, name in enumerate(names))
    plots = ", ".join(
        f"$data{n} using 1:2 with linespoints title '{name}' lt {tools.index(name.split(',')[0]) + 1}"
        f" dt {2 if '4KiB' in name else 1}"
        for n, name in enumerate(names)
    )
    chain = (results.bound("one chain") or 0) / 1e9
    memory = (results.bound("memory") or 0) / 1e9
    script += f"""
set title 'Sparse images by their share of data, cached: logical GB/s, more is better'
set logscale y
set format y '%g'
set xlabel '% of data'
set arrow 1 from graph 0, first {chain:.3f} to graph 1, first {chain:.3f} nohead dt 2 lc rgb '#b2182b'
set label 1 'one SHA-1 chain' at graph 0.6, first {chain:.3f} offset 0,0.5 tc rgb '#b2182b'
set arrow 2 from graph 0, first {memory:.3f} to graph 1, first {memory:.3f} nohead dt 2 lc rgb '#666666'
set label 2 'memory, one core' at graph 0.6, first {memory:.3f} offset 0,0.5 tc rgb '#666666'
plot {plots}
"""
    draw(target, script)


def curve(groups: list[Group]) -> dict[str, list[str]]:
    """The points of each tool: size or count, and seconds."""
    found: dict[str, list[str]] = {}
    for group in groups:
        for tool in group.tools:
            found.setdefault(tool, []).append(f"{group.entry.point} {group.seconds(tool):.4f}")
    return found


BOUND_STYLE = {
    "bound: one chain": "lines dt 2 lc rgb '#b2182b'",
    "bound: memory": "lines dt 3 lc rgb '#666666'",
}
LOGARITHMIC = "set logscale xy\nset yrange [*:*]\n"


def growth_chart(results: Results, target: Path) -> None:
    """Seconds by size, extents, files and threads."""
    script = "set multiplot layout 2,2\nset rmargin 8\nset format y '%g'\nset key outside bottom left horizontal\n"
    drawn = 0
    for series in ("GiB", "extents", "files", "threads"):
        groups = list(results.series(series))
        if not groups:
            continue
        drawn += 1
        curves = curve(groups)
        for group in groups:
            for what, seconds in results.limits(group).items():
                point = f"{group.entry.point} {seconds:.6f}"
                curves.setdefault(f"bound: {what}", []).append(point)
        names = list(curves)
        for n, name in enumerate(names):
            script += block(f"{series}{n}", curves[name])
        script += f"set title 'seconds by {series}'\n"
        script += "unset logscale\nset yrange [0:*]\nset xtics 1\n" if series == "threads" else LOGARITHMIC
        plots = (
            f"${series}{n} using 1:2 with "
            + (BOUND_STYLE[name] if name in BOUND_STYLE else f"linespoints lt {n + 1}")
            + f" title '{name}'"
            for n, name in enumerate(names)
        )
        script += "plot " + ", ".join(plots) + "\n"
    if drawn:
        draw(target, script + "unset multiplot\n", 1200, 840)


def main() -> None:
    """Draw all charts of a results file into a directory."""
    results, directory = Results(Path(sys.argv[1])), Path(sys.argv[2])
    if not shutil.which("gnuplot"):
        sys.exit("bench: gnuplot is not installed: no charts are drawn")
    directory.mkdir(parents=True, exist_ok=True)
    image_chart(results, "image", directory / "image")
    image_chart(results, "cold image", directory / "cold")
    share_chart(results, directory / "share")
    package_chart(results, directory / "packages")
    growth_chart(results, directory / "growth")


if __name__ == "__main__":
    main()
