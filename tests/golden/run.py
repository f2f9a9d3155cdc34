#!/usr/bin/env python3
"""Runs proctor on the cases beside this file and compares what it prints.

A case is a folder: `cmd` is a shell script, `stdout`, `stderr` and `status` are what it must give
(absent: nothing, nothing, 0), everything else are its input files. Each case runs in a copy of its
folder, so that it may write; `CASE/after/FILE` is what a file must hold afterwards.

    run.py PROGRAM [--update] [CASE...]

--update writes what the program gives instead: read the change before it lands.
"""

import argparse
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = {"stdout", "stderr", "status"}


def environment(program: pathlib.Path) -> dict:
    return {
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "HOME": "/nonexistent",
        "RULES": str(HERE / "golden.yaml"),
        "PROFILES": str(HERE.parent.parent / "profiles"),
    }


def run(case: pathlib.Path, program: pathlib.Path) -> dict:
    """What the case gives: name of the expectation -> bytes."""
    with tempfile.TemporaryDirectory(prefix="proctor-golden-") as folder:
        work = pathlib.Path(folder) / "case"
        shutil.copytree(case, work, symlinks=True)
        shutil.rmtree(work / "after", ignore_errors=True)
        for name in EXPECTED:
            (work / name).unlink(missing_ok=True)
        script = (work / "cmd").read_text()
        (work / "cmd").unlink()
        done = subprocess.run(["sh", "-c", script], cwd=work, env=environment(program),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        given = {
            "stdout": done.stdout,
            "stderr": done.stderr,
            "status": b"%d\n" % done.returncode if done.returncode else b"",
        }
        for after in sorted((case / "after").rglob("*")):
            if after.is_file():
                name = after.relative_to(case / "after")
                now = work / name
                given[f"after/{name}"] = now.read_bytes() if now.is_file() else b"(absent)\n"
        return given


def show(name: str, expected: bytes, given: bytes) -> str:
    lines = difflib.unified_diff(
        expected.decode("utf-8", "backslashreplace").splitlines(keepends=True),
        given.decode("utf-8", "backslashreplace").splitlines(keepends=True),
        f"expected {name}", f"given {name}")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def check(case: pathlib.Path, program: pathlib.Path, update: bool) -> bool:
    good = True
    for name, given in run(case, program).items():
        path = case / name
        expected = path.read_bytes() if path.is_file() else b""
        if given == expected:
            continue
        good = False
        if update:
            if given:
                path.write_bytes(given)
            else:
                path.unlink()
        print(f"{case.name}: {name} differs")
        print(show(name, expected, given))
    return good


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_intermixed_args()
    program = options.program.resolve()
    cases = [HERE / name for name in options.cases] or sorted(
        path.parent for path in HERE.glob("*/cmd"))
    failed = [case.name for case in cases if not check(case, program, options.update)]
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
