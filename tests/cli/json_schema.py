#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validate JSON lines: json_schema.py SCHEMA <LINES. Prints the types that occur."""
import json
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
seen = set()
for line in sys.stdin:
    value = json.loads(line)
    # Use only the schema of the object's type, for a clear error message.
    name = {"cause": "cause_of_several"}.get(value["type"], value["type"])
    one = {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}
    for validator in Draft202012Validator(one), Draft202012Validator(schema):
        for error in validator.iter_errors(value):
            sys.exit(f"{line}{'/'.join(map(str, error.absolute_path))}: {error.message}")
    seen.add(value["type"])
print(" ".join(sorted(seen)))
