# SPDX-License-Identifier: MIT
"""Makes the inputs, runs the commands over them in turns, and writes every run to a CSV file."""

import argparse
import csv
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import machine
import process
from commands import Command
from inputs import INPUTS, Input

COLUMNS = (
    "input job cache tool round wall_s user_s system_s peak_kib read_bytes device_bytes "
    "logical_bytes others"
).split()
# Rows of this input and job are the bound: bytes that one chain hashes in a second.
BOUND = "bound"


def say(text: str) -> None:
    """Tell the user what is being done, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def run(command: Command, ours: str, entry: Input, work: Path) -> process.Cost:
    """One run, which has to succeed."""
    line = command.line(ours, entry.names(work))
    cost = process.run(line, entry.root(work))
    if cost.status != 0:
        sys.exit(f"bench: {line[:3]} ended with status {cost.status}:\n{cost.output}")
    return cost


def agreed(job: str, ours: str, entry: Input, work: Path) -> list[str]:
    """The digests on which all tools agree; ends the program where they do not."""
    outputs = {c.tool: run(c, ours, entry, work).output for c in commands.rows(job)}
    if job not in commands.PRINTS_DIGESTS:
        return []  # each has judged the same manifest, and succeeded
    found = {tool: commands.digests(output) for tool, output in outputs.items()}
    first = next(iter(found.values()))
    if len(first) != len(entry.names(work)) or any(other != first for other in found.values()):
        lines = (f"  {tool}: {' '.join(digests)[:200]}" for tool, digests in found.items())
        sys.exit(f"bench: the tools disagree on {entry.name}:\n" + "\n".join(lines))
    return first


def rounds(
    job: str, cache: str, entry: Input, options: argparse.Namespace, digests: list[str]
) -> Iterator[list[object]]:
    """Rounds of every tool in turn: what disturbs the machine disturbs all tools alike."""
    length = entry.length(options.work)
    # A tool that leaves much freed memory makes the next one faster where a host backs memory
    # lazily; so the order changes from round to round.
    orders = itertools.cycle(itertools.permutations(commands.rows(job)))
    for number, order in zip(range(1, options.runs + 1), orders, strict=False):
        for command in order:
            if cache == "cold":
                machine.empty_cache()
            before = machine.busy()
            cost = run(command, options.ours, entry, options.work)
            # CPUs that the rest of the machine used meanwhile: what may have disturbed the run.
            rest = machine.busy() - before - cost.user - cost.system
            if digests and commands.digests(cost.output) != digests:
                sys.exit(f"bench: {command.tool} gave another digest in round {number}")
            yield [
                *(entry.name, job, cache, command.tool, number),
                *(f"{seconds:.4f}" for seconds in (cost.wall, cost.user, cost.system)),
                *(cost.peak_kib, cost.read, cost.device, length),
                f"{max(0, rest / cost.wall):.2f}",
            ]


def bound(number: int) -> list[object]:
    """A row that says what one chain can do at this moment."""
    rate = machine.one_chain()
    return [BOUND, BOUND, "", "openssl speed", number, "1.0000", "", "", "", "", "", rate, ""]


def measure(options: argparse.Namespace, out: Any) -> None:
    """All inputs, jobs and states of the cache, group by group."""
    number = 0
    for entry in INPUTS:
        if options.only and entry.name not in options.only:
            continue
        for job in entry.jobs:
            say(f"{job} {entry.name}: do all tools agree?")
            digests = agreed(job, options.ours, entry, options.work)
            # What was just read by everybody is cached now, so that state comes first.
            for cache in commands.CACHES[job]:
                if cache not in options.caches:
                    continue
                say(f"{job} {entry.name}: {cache}, {options.runs} rounds")
                number += 1
                out.writerow(bound(number))
                out.writerows(rounds(job, cache, entry, options, digests))


def arguments() -> argparse.Namespace:
    """The command line, as bench/run gives it."""

    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("gib", type=int)
    parser.add_argument("ours")
    parser.add_argument("results", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", type=names, default=[])
    parser.add_argument("--caches", type=names, default=[])
    options = parser.parse_args()
    for name in options.only:
        if name not in [entry.name for entry in INPUTS]:
            sys.exit(f"bench: there is no input {name}")
    for name in options.caches:
        if name not in ("cached", "cold"):
            sys.exit(f"bench: the page cache is cached or cold, not {name}")
    return options


def head(options: argparse.Namespace) -> dict[str, str]:
    """What has to be known to judge the figures."""
    about = machine.facts(options.work)
    about |= commands.versions(options.ours)
    about["images"] = f"{options.gib} GiB each"
    about["method"] = f"{options.runs} rounds of all tools, in changing order; ratios by rounds"
    if absent := commands.missing():
        about["not installed"] = ", ".join(absent)
    return about


def needed(entry: Input, only: list[str]) -> bool:
    """Whether an input is measured, or one that is made from it."""
    return entry.name in only or any(
        entry.name in other.made_from for other in INPUTS if other.name in only
    )


def main() -> None:
    """Measure, and leave a whole results file or none."""
    options = arguments()
    options.caches = options.caches or ["cached", "cold"]
    about = head(options)
    if "cold" in options.caches and (reason := machine.cold_refused()):
        about["cold runs skipped"] = reason
        say(f"cold runs are skipped: {reason}")
        options.caches.remove("cold")
        if not options.caches:
            sys.exit("bench: nothing is left to measure")

    for entry in INPUTS:
        if options.only and not needed(entry, options.only):
            continue
        say(f"making {entry.name} ({entry.what})")
        entry.make(options.work, options.gib, options.ours)

    part = options.results.with_suffix(".part")
    with part.open("w", newline="") as file:
        for name, text in about.items():
            file.write(f"# {name}: {text}\n")
        out = csv.writer(file)
        out.writerow(COLUMNS)
        measure(options, out)
    part.replace(options.results)


if __name__ == "__main__":
    main()
