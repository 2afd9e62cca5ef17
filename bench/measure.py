# SPDX-License-Identifier: MIT
"""Make the inputs, run the commands on them, and write each run to a CSV file."""

import argparse
import csv
import itertools
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import machine
import process
from commands import Command
from images import Unavailable
from inputs import INPUTS, Input, Place

COLUMNS = (
    "input job cache tool round wall_s user_s system_s peak_kib read_bytes device_bytes "
    "logical_bytes allocated_bytes files others"
).split()
# The rows of this job are bounds in bytes per second.
BOUND = "bound"
COLD = "cold"


def say(text: str) -> None:
    """Print a progress message on standard error."""
    print(text, file=sys.stderr, flush=True)


class Bench:
    """One run of the benchmark."""

    def __init__(self, options: argparse.Namespace, out: Any) -> None:
        self.options = options
        self.place = Place(options.work, options.results.parent, options.mib, options.ours)
        self.programs = {
            commands.OURS: options.ours,
            "receive": str(Path(options.ours).parent / "bench" / "receive"),
        }
        self.out = out
        self.absent: dict[str, str] = {}  # inputs that cannot be made, and why

    def chosen(self) -> list[Input]:
        """The inputs that are measured."""
        only = self.options.only
        return [e for e in INPUTS if (e.name in only if only else self.options.bench in e.sizes)]

    def make(self, entry: Input) -> None:
        """Make an input, after the inputs that it is made from."""
        if (self.place.work / entry.name).exists():
            return
        for other in INPUTS:
            if other.name in entry.made_from:
                self.make(other)
        say(f"making {entry.name} ({entry.what})")
        entry.make(self.place, entry.name)

    def remove_unneeded(self, later: list[Input]) -> None:
        """Remove the inputs that no later input is made from."""
        needed = {name for entry in later for name in (entry.name, *entry.made_from)}
        needed |= {n for e in INPUTS if e.name in needed for n in e.made_from}
        for entry in INPUTS:
            if entry.name not in needed:
                shutil.rmtree(self.place.work / entry.name, ignore_errors=True)

    def run(self, command: Command, entry: Input) -> process.Cost:
        """One run. Exit if the exit status is not the expected one."""
        line = command.line(self.programs, self.names[entry.name], entry.name, entry.point)
        cost = process.run(line, self.place.work / entry.name)
        if cost.status != command.status:
            sys.exit(f"bench: {line[:3]}: exit status {cost.status}:\n{cost.output}")
        return cost

    def agreed(self, job: str, entry: Input) -> list[str]:
        """The digests. Exit if the tools print different ones."""
        found = {}
        for command in commands.rows(job, entry.brief):
            output = self.run(command, entry).output
            if command.prints:
                found[command.tool] = sorted(commands.digests(output))
        first = next(iter(found.values()), [])
        if found and len(first) != len(self.names[entry.name]) or any(
            other != first for other in found.values()
        ):
            lines = (f"  {tool}: {' '.join(digests)[:200]}" for tool, digests in found.items())
            sys.exit(f"bench: {entry.name}: the digests of the tools differ:\n" + "\n".join(lines))
        return first

    def rounds(self, job: str, entry: Input, digests: list[str]) -> Iterator[list[object]]:
        """Run every tool once per round, so that disturbances affect all tools equally."""
        work, cold = self.place.work, job.startswith(COLD)
        sizes = (entry.length(work), entry.allocated(work), len(self.names[entry.name]))
        # On a virtual machine whose host allocates memory lazily, a tool that frees much memory
        # makes the next tool faster. So the order changes in each round.
        tools = commands.rows(job, entry.brief)
        turns = (tools[n % len(tools) :] + tools[: n % len(tools)] for n in itertools.count())
        orders = (turn[::-1] if n % 2 else turn for n, turn in enumerate(turns))
        for number, order in zip(range(1, self.options.runs + 1), orders, strict=False):
            for command in order:
                if cold:
                    machine.empty_cache()
                before = machine.busy()
                cost = self.run(command, entry)
                # CPUs used by other processes, which may have disturbed the run.
                rest = machine.busy() - before - cost.user - cost.system
                if command.prints and sorted(commands.digests(cost.output)) != digests:
                    sys.exit(f"bench: {command.tool} printed another digest in round {number}")
                yield [
                    *(entry.name, job, COLD if cold else "cached", command.tool, number),
                    *(f"{seconds:.4f}" for seconds in (cost.wall, cost.user, cost.system)),
                    *(cost.peak_kib, cost.read, cost.device, *sizes),
                    f"{max(0, rest / cost.wall):.2f}",
                ]

    def bound(self, what: str, rate: float) -> None:
        """Write a row with the bytes per second that are possible now."""
        if rate:
            self.out.writerow([BOUND, BOUND, "", what, "1", "1", *[""] * 5, int(rate), "", "", ""])

    def measure(self, entry: Input) -> None:
        """Measure all jobs of an input."""
        for job in entry.jobs:
            if job.startswith(COLD) and self.options.cold_refused:
                continue
            say(f"{job} {entry.name}: comparing the digests of all tools")
            digests = self.agreed(job, entry)
            say(f"{job} {entry.name}: {self.options.runs} rounds")
            self.bound("one chain", machine.one_chain())
            self.out.writerows(self.rounds(job, entry, digests))

    def measure_all(self) -> None:
        """Make and measure all inputs."""
        self.names: dict[str, list[str]] = {}
        chosen = self.chosen()
        self.bound("memory", machine.memory_rate())
        for number, entry in enumerate(chosen):
            try:
                self.make(entry)
            except Unavailable as reason:
                say(f"{entry.name} is skipped: {reason}")
                self.absent[entry.name] = str(reason)
                continue
            self.names[entry.name] = entry.names(self.place.work)
            if entry.name == "dense":
                image = self.place.image(entry.name)
                self.bound("device", machine.device_rate(image))
            self.measure(entry)
            self.remove_unneeded(chosen[number + 1 :])


def arguments() -> argparse.Namespace:
    """The command line from bench/run."""

    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("bench")
    parser.add_argument("mib", type=int)
    parser.add_argument("ours")
    parser.add_argument("results", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", type=names, default=[])
    options = parser.parse_args()
    for name in options.only:
        if name not in [entry.name for entry in INPUTS]:
            known = " ".join(entry.name for entry in INPUTS)
            sys.exit(f"bench: unknown input {name}: use {known}")
    return options


def head(options: argparse.Namespace) -> dict[str, str]:
    """Facts about the machine and the method, for the results file."""
    about = machine.facts(options.work)
    about |= commands.versions(options.ours)
    about["benchmark"] = f"{options.bench}, large images of {options.mib / 1024:g} GiB"
    about["method"] = f"{options.runs} rounds of all tools, in changing order; ratios by rounds"
    if absent := commands.missing():
        about["not installed"] = ", ".join(absent)
    if options.cold_refused:
        about["cold runs skipped"] = options.cold_refused
        say(f"cold runs are skipped: {options.cold_refused}")
    return about


def main() -> None:
    """Measure, and write a complete results file or none."""
    options = arguments()
    options.cold_refused = machine.cold_refused()
    about = head(options)
    part = options.results.with_suffix(".part")
    with part.open("w", newline="") as file:
        for name, text in about.items():
            file.write(f"# {name}: {text}\n")
        out = csv.writer(file)
        out.writerow(COLUMNS)
        bench = Bench(options, out)
        begun = time.monotonic()
        bench.measure_all()
        file.write(f"# took: {(time.monotonic() - begun) / 60:.0f} minutes\n")
        for name, reason in bench.absent.items():
            file.write(f"# left out: {name}, since {reason}\n")
    part.replace(options.results)


if __name__ == "__main__":
    main()
