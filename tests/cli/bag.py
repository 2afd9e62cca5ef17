#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A simple validator of bags by RFC 8493, as the oracle of tests/cli/bagit.bats.

    bag.py BAG    prints "valid", "complete", "incomplete" or "malformed"
"""
import hashlib
import os
import re
import sys

VERSIONS = {"1.0", "0.93", "0.94", "0.95", "0.96", "0.97"}


class Malformed(Exception):
    pass


def lines(path, encoding):
    with open(path, "rb") as file:
        text = file.read().decode(encoding)
    if text.startswith("\ufeff"):
        text = text[1:]
    rows = re.split("\r\n|\r|\n", text)
    return rows[:-1] if rows[-1] == "" else rows


def declaration(bag):
    rows = lines(os.path.join(bag, "bagit.txt"), "utf-8")
    if len(rows) != 2:
        raise Malformed("bagit.txt")
    version = re.fullmatch(r"BagIt-Version:\s*(\d+\.\d+)\s*", rows[0])
    encoding = re.fullmatch(r"Tag-File-Character-Encoding:\s*(\S+)\s*", rows[1])
    if not version or not encoding or version[1] not in VERSIONS:
        raise Malformed("bagit.txt")
    return version[1], encoding[1]


def decoded(name, version):
    codes = {"%0A": "\n", "%0D": "\r"}
    if version == "1.0":
        codes["%25"] = "%"
    return re.sub("%0[aAdD]|%25", lambda m: codes.get(m[0].upper(), m[0]), name)


def manifest(bag, name, version, encoding):
    listed = {}
    for row in lines(os.path.join(bag, name), encoding):
        if not row:
            continue
        match = re.fullmatch(r"([0-9a-fA-F]+)[ \t]+\*?(.+)", row, re.S)
        if not match:
            raise Malformed(name)
        path = decoded(match[2], version)
        while path.startswith("./"):
            path = path[2:]
        parts = path.split("/")
        if path in listed or any(part in ("", ".", "..") for part in parts):
            raise Malformed(name)
        if name.startswith("manifest-") != (parts[0] == "data" and len(parts) > 1):
            raise Malformed(name)
        if re.fullmatch("tagmanifest-.+\\.txt", path):
            raise Malformed(name)
        listed[path] = match[1].lower()
    return listed


def digest(path, algorithm):
    with open(path, "rb") as file:
        return hashlib.new(algorithm, file.read()).hexdigest()


def oxum_holds(bag, payload, encoding):
    path = os.path.join(bag, "bag-info.txt")
    if not os.path.exists(path):
        return True
    for row in lines(path, encoding):
        label, colon, value = row.partition(":")
        if row and not row[0].isspace() and (not colon or not label):
            raise Malformed("bag-info.txt")
        if label.lower() == "payload-oxum":
            if not re.fullmatch(r"\s*\d+\.\d+\s*", value):
                raise Malformed("bag-info.txt")
            size = sum(os.path.getsize(os.path.join(bag, name)) for name in payload)
            return value.strip() == f"{size}.{len(payload)}"
    return True


def fetches_are_listed(bag, listed, version, encoding):
    path = os.path.join(bag, "fetch.txt")
    if not os.path.exists(path):
        return
    for row in lines(path, encoding):
        match = re.fullmatch(r"\S+[ \t]+(?:\d+|-)[ \t]+(.+)", row)
        if not match or decoded(match[1], version) not in listed:
            raise Malformed("fetch.txt")


def judge(bag):
    version, encoding = declaration(bag)
    manifests = {}
    for name in sorted(os.listdir(bag)):
        match = re.fullmatch("(?:tag)?manifest-(.+)\\.txt", name)
        if match:
            manifests[name] = match[1], manifest(bag, name, version, encoding)
    of_payload = [listed for name, (_, listed) in manifests.items() if name.startswith("m")]
    if not of_payload:
        raise Malformed("no manifest")
    if not os.path.isdir(os.path.join(bag, "data")):
        return "incomplete"
    payload = {os.path.relpath(os.path.join(directory, file), bag)
               for directory, _, files in os.walk(os.path.join(bag, "data")) for file in files}
    together = set().union(*of_payload)
    fetches_are_listed(bag, together, version, encoding)
    complete = payload == together and oxum_holds(bag, payload, encoding)
    if version == "1.0":
        complete = complete and all(set(listed) == payload for listed in of_payload)
    valid = True
    for algorithm, listed in manifests.values():
        for name, expected in listed.items():
            path = os.path.join(bag, name)
            if not os.path.isfile(path):
                complete = False
            elif digest(path, algorithm) != expected:
                valid = False
    return "incomplete" if not complete else "valid" if valid else "complete"


if __name__ == "__main__":
    try:
        print(judge(sys.argv[1]))
    except (Malformed, UnicodeError, LookupError, ValueError, OSError):
        print("malformed")
