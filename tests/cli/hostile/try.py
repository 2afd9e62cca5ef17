# SPDX-License-Identifier: MIT
"""Try each row of manifests.tsv and checkpoints.tsv with the commands. The last line says how many
rows of each were tried, and how many had names that are refused (n) or listed twice (t)."""
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

tables = Path(__file__).parent
program = os.environ["SPARSESUM"]
# Under a sanitizer processes start slowly: try only every fourth row.
step = 4 if os.environ.get("SANITIZE") else 1
words = {"holds": "h", "differs": "d", "missing": "m", "unreadable": "m"}
errors = {"improperly formatted": "x", "not a plain name below the directory": "n", "listed twice": "t"}
failures = 0


def complain(row, what):
    global failures
    failures += 1
    print(f"{row}: {what}"[:400])


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def rows(table, values):
    """The rows of a table with their texts as bytes; {NAME} is replaced by a value."""
    lines = (tables / table).read_text().splitlines()
    fields = [line.split("\t") for line in lines if line and not line.startswith("#")]
    for *others, text in fields[::step]:
        text = text.encode().decode("unicode_escape").encode("latin-1")
        yield *others, re.sub(rb"\{(\w+)\}", lambda at: values[at[1].decode()], text)


def objects(output):
    return [json.loads(line) for line in output.splitlines()]


def verdicts_in(output):
    """The verdicts of the lines: "1h 2x"."""
    said = []
    for o in objects(output):
        if "line" in o and o["type"] in ("entry", "error"):
            bad = o["type"] == "error" or o["verdict"] == "bad line"
            said.append((o["line"], errors[o["error"]] if bad else words[o["verdict"]]))
    return " ".join(f"{line}{word}" for line, word in sorted(said))


def compare_with_sha1sum(row, status, verdicts):
    """check agrees with sha1sum, and with the verdicts of verify on each line, except for names that
    only verify refuses and lines that only verify reads."""
    theirs = run("sha1sum", "-c", "--warn", "SHA1SUMS")
    mine = run(program, "check", "--warn", "SHA1SUMS")
    if theirs[0] != int(status) or mine[0] != theirs[0]:
        complain(row, f"sha1sum ends with {theirs[0]}, check with {mine[0]}")
    if theirs[2].replace(b"sha1sum:", b"sparsesum:") != mine[2]:
        complain(row, f"sha1sum says {theirs[2]}, check {mine[2]}")
    # Releases of sha1sum differ only in how they quote names.
    ends = [[line.rsplit(b": ", 1)[1] for line in of[1].split(b"\n")[:-1]] for of in (theirs, mine)]
    if ends[0] != ends[1]:
        complain(row, f"sha1sum says {ends[0]}, check {ends[1]}")
    expected = re.sub("[HC]", "x", verdicts).split()
    for line in verdicts_in(run(program, "check", "--json", "SHA1SUMS")[1]).split():
        if not {line, line[:-1] + "n", line[:-1] + "t"} & set(expected):
            complain(row, f"check says {line}, expected {verdicts}")


def try_manifest(row, status, verdicts, check_status, text):
    Path("SHA1SUMS").write_bytes(text)
    options = ["verify", "--no-explain", "--allow-extra", "."]
    ended, output, _ = run(program, *options, "-v", "--json")
    ours = verdicts_in(output)
    expected = re.sub("[0-9]+C ?|-", "", verdicts).lower()
    if ended != int(status) or ours != expected:
        complain(row, f"verify exits with {ended} and prints '{ours}'")
    # Without --json the message names the file and the line.
    refused = [line[:-1] for line in ours.split() if line[-1] in "xnt"]
    output = run(program, *options)[1] if refused else b""
    for line in refused:
        if not re.search(rb"^SHA1SUMS:%s: " % line.encode(), output, re.M):
            complain(row, f"line {line} is not named")
    if check_status != "-":
        compare_with_sha1sum(row, check_status, verdicts)


def try_manifests():
    for name in (b"a", b"d/c", b"n\nl", b"r\r", b"b\\s", b"t\tb", b" s", b"e ", b"*x", b"(p) = q", b"#h", b"-", b"\xff"):
        os.makedirs(b"./" + os.path.dirname(name), exist_ok=True)
        Path(os.fsdecode(name)).write_bytes(b"abc")
    Path("b").touch()
    Path("empty").mkdir()
    Path("l").symlink_to("a")
    zero = hashlib.sha1().hexdigest()
    a = hashlib.sha1(b"abc").hexdigest()
    values = {"a": a, "A": a.upper(), "0": zero, "39": zero[:-1], "256": hashlib.sha256().hexdigest(), "long": "n" * (1 << 20)}
    tried = {"all": 0, "n": 0, "t": 0}
    for status, verdicts, check_status, why, text in rows("manifests.tsv", {k: v.encode() for k, v in values.items()}):
        try_manifest(why, status, verdicts, check_status, text)
        tried["all"] += 1
        for kind in "nt":
            tried[kind] += kind in verdicts
    return tried


def try_checkpoints():
    """Verify the right file and a damaged one: checkpoints never change the verdict."""
    content = "".join(f"{i}\n" for i in range(1, 10000)).encode()[:10000]
    digest = hashlib.sha1(content).hexdigest()
    Path("numbers").write_bytes(content)
    Path("SHA1SUMS").write_text(f"{digest}  numbers\n")
    values = {"d": digest, "1": "2a5942aa79dee3727458251c636d52271d71c906", "2": "5f5d638fde2b34435532fb6ba0e82e6beeb63534",
              "0": hashlib.sha1().hexdigest(), "long": "n" * (1 << 20)}
    values["head"] = "sparsesum-checkpoints 1 sha1\n"
    values["good"] = f"file\t10000\t4096\t{digest}\tnumbers\n{values['1']}\n{values['2']}\n"
    count = 0
    for right, damaged, why, text in rows("checkpoints.tsv", {k: v.encode() for k, v in values.items()}):
        Path("SHA1SUMS.checkpoints").write_bytes(text)
        for damage, expected, line in ((b"1", 0, right), (b"x", 1, damaged)):
            with open("numbers", "r+b") as file:
                file.write(damage)
            ended, output, _ = run(program, "verify", "--no-explain", "--json", ".")
            said = [str(o.get("line", "entry")) for o in objects(output) if o["type"] == "checkpoints"]
            if ended != expected or "".join(said) != line.strip("-"):
                complain(why, f"verify ends with {ended} and names {said}")
        count += 1
    return count


os.chdir(sys.argv[1])
if sys.argv[2] == "manifests":
    print(*try_manifests().values())
else:
    print(try_checkpoints())
sys.exit(failures > 0)
