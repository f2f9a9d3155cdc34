#!/usr/bin/env python3
"""Validates rule files against `rulec --schema` with a validator of other people: schema_check.py RULEC.

The shipped rules are valid. Broken files whose mistake is one of form are not, each for every part
that is broken; a mistake that only the reader knows (CEL, names, duplicate keys) is none of the
schema's.
"""

import json
import os
import pathlib
import subprocess
import sys

import jsonschema
import yaml

# How many mistakes the schema sees in each of the broken files; in the others none.
BROKEN = {
    "old-names": 3,
    "shape-choices": 15,
    "shape-conditions": 5,
    "shape-fix-forms": 1,
    "shape-merge-key": 9,
    "shape-missing-fields": 17,
    "shape-misspelled-fields": 7,
    "shape-unknown-fields": 5,
    "shape-wrong-kinds": 26,
    "want": 1,
    "yaml-empty": 1,
    "yaml-list": 1,
    "yaml-tag": 17,
    "yaml-text": 1,
}


def load(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def main():
    root = pathlib.Path(os.environ.get("PROCTOR_SOURCE_ROOT", "."))
    schema = json.loads(subprocess.run([sys.argv[1], "--schema"], check=True, capture_output=True).stdout)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    failed = 0

    def expect(condition, text):
        nonlocal failed
        if not condition:
            print("FAILED:", text)
            failed += 1

    shipped = sorted(root.glob("rules/*.yaml"))
    expect(shipped, "no shipped rules")
    for path in shipped:
        for loader in (yaml.BaseLoader, yaml.SafeLoader):
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
            for error in validator.iter_errors(document):
                expect(False, f"{path.name} {list(error.absolute_path)}: {error.message[:200]}")
    for path in sorted(root.glob("tests/rules/bad/*.yaml")):
        try:
            document = load(path)
        except yaml.YAMLError:
            continue
        errors = [error.message[:100] for error in validator.iter_errors(document)]
        expected = BROKEN.get(path.stem, 0)
        expect(len(errors) == expected, f"{path.name}: {len(errors)} mistakes of form, not {expected}: {errors}")
    print(f"{len(shipped)} rule files, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
