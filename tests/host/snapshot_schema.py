#!/usr/bin/env python3
"""Checks that a snapshot of this machine is as its JSON Schema says: snapshot_schema.py PROCTOR"""

import json
import os
import subprocess
import sys
import tempfile

import jsonschema


def output(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main():
    program = os.path.abspath(sys.argv[1])
    schema = json.loads(output(program, "snapshot", "--schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for options in ([], ["--anonymize"]):
        text = output(program, "snapshot", *options)
        validator.validate(json.loads(text))
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            read = json.loads(output(program, "diagnose", "--snapshot", file.name, "--format", "json"))
            assert read["version"] == 1 and read["pressures"], read
    broken = json.loads(text)
    broken["readings"]["uptime_ms"] = -1
    assert not validator.is_valid(broken), "the schema allows a time before the start"
    del broken["readings"]
    assert not validator.is_valid(broken), "the schema allows a snapshot without readings"


if __name__ == "__main__":
    main()
