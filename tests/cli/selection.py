#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that patterns select the same files as in rsync: selection.py SPARSESUM DIRECTORY CASES [SEED].

Fills the directory with a tree of names that look like patterns, then compares the files that
`hash -r` and `create` select with those that `rsync -n` would copy, for lists of random patterns.
"""
import os
import random
import subprocess
import sys

NAMES = ["a", "b", "ab", "abc", "a.b", "a-b", "[", "x]", "*", "**", "a*", "?", "\\", "a\\b", "A", ".a", "\u00e4", "b!", "^"]
PIECES = ["a", "b", "c", "ab", ".", "*", "*", "**", "?", "/", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "[]x]", "[[:upper:]]",
          "[!]a]", "[\\]x]", "\\*", "\\?", "\\a", "-", "!", "***", "[*?]", "\u00e4"]
KNOWN = ["*", "**", "/*", "/a", "a/", "/a/", "*/", "a/b", "/a/b", "a/**", "/a/**", "**/b", "/**/b", "a/***", "/a/***", "a*b",
         "a**b", "**b", "a?b", "[a]", "\\", "a\\b", "\\**", "*/b", "*/*/a", "**/", "***", "x]", "b!"]


def fill(top, depth, generator):
    for name in generator.sample(NAMES, 9 if depth else 14):
        path = os.path.join(top, name)
        if depth < 2 and generator.random() < 0.5:
            os.mkdir(path)
            if generator.random() < 0.9:
                fill(path, depth + 1, generator)
        else:
            with open(path, "w") as file:
                file.write(name)


def pattern(generator):
    if generator.random() < 0.4:
        return generator.choice(KNOWN)
    return "".join(generator.choice(PIECES) for _ in range(generator.randint(1, 5)))


def run(*words):
    result = subprocess.run(words, capture_output=True)
    return result.returncode, result.stdout, result.stderr.decode(errors="replace")


def rsync(top, rules):
    # One rule, with a prefix: rsync's --include and --exclude give "! " and similar beginnings a
    # meaning.
    words = [f"--filter={'+' if kind == 'include' else '-'} {text}" for kind, text in rules]
    status, out, err = run("rsync", "-rn8", "--out-format=%n", *words, top + "/", top + ".copy/")
    if status:
        sys.exit(f"rsync: {err}")
    # rsync prints unprintable bytes, and backslashes before '#', as \#ooo; not with -8.
    listed = set(out.decode().split("\n")) - {"", "./"}
    files = {name for name in listed if not name.endswith("/")}
    return files, {name[:-1] for name in listed - files if not os.listdir(os.path.join(top, name))}


def ours(program, top, rules):
    words = [f"--{kind}={text}" for kind, text in rules]
    status, out, err = run(program, "hash", "-rz", *words, top)
    files = {line[42 + len(top) + 1:] for line in out.decode().split("\0")[:-1]}
    if status and "nothing is selected" not in err:
        return {err}, {}
    manifest = top + ".SHA1SUMS"
    status, out, err = run(program, "create", "--json", "-o", manifest, *words, top)
    directories = set()
    if status == 0:
        with open(manifest) as lines:
            directories = {line.split("\t")[1][:-1].replace("\\\\", "\\") for line in lines if line.startswith("# folder")}
    return files, directories


def refused(text):
    """Whether a pattern has no meaning for rsync: an open bracket, or a backslash at the end."""
    status, _, err = run(sys.argv[1], "hash", "-r", f"--exclude={text}", sys.argv[2])
    return status == 1 and "invalid pattern" in err


def main():
    program, top, cases = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 32)
    generator = random.Random(seed)
    fill(top, 0, generator)
    tried, some = 0, 0
    singles = [[("exclude", text)] for text in KNOWN] + [[("include", text), ("include", "*/"), ("exclude", "*")] for text in KNOWN]
    while tried < cases:
        rules = singles.pop() if singles else [(generator.choice(["include", "exclude"]), pattern(generator))
                                               for _ in range(generator.randint(1, 5))]
        if any(not text.strip("/") or refused(text) for _, text in rules):
            continue
        due, found = rsync(top, rules), ours(program, top, rules)
        if found != due:
            words = " ".join(f"--{kind}={text}" for kind, text in rules)
            sys.exit(f"seed {seed}: {words}\nours alone: {[sorted(set(f) - set(d))[:9] for f, d in zip(found, due)]}\n"
                     f"rsync's alone: {[sorted(set(d) - set(f))[:9] for f, d in zip(found, due)]}")
        tried += 1
        some += 0 < len(due[0])
    print(f"{tried} lists of patterns, {some} of them took something; seed {seed}")
    sys.exit(0 if some > cases // 4 else "most took nothing")


main()
