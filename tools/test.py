#!/usr/bin/env python3
"""Runs everything that must hold before a change lands, and counts it.

Called by `./dev test`, which installs and configures what this needs. Tests come from meson, so a
new one needs no entry here. The last line is "N passed, N failed, N skipped" over test cases (of
doctest programs), cases that other programs count in a line of that same form, and whole checks.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE, SANITIZE = ROOT / "build", ROOT / "build-sanitize"
JOBS = len(os.sched_getaffinity(0))

# A leak or an undefined operation must end the test, with a trace that can be read.
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


PASSED, FAILED, SKIPPED = Tally(passed=1), Tally(failed=1), Tally(skipped=1)

DOCTEST = re.compile(r"^\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \|"
                     r"(?: +(\d+) skipped)?", re.M)
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def count_output(text):
    """What a test program says of itself, or None."""
    found = DOCTEST.findall(text) or PLAIN.findall(text)[-1:]
    if not found:
        return None
    return sum((Tally(int(p), int(f), int(s or 0)) for p, f, s in found), Tally())


def count_test(entry):
    """The tally of one line of meson's testlog.json."""
    said = count_output(entry.get("stdout") or "")
    result = entry["result"]
    if result == "OK" or result == "EXPECTEDFAIL":
        return said or PASSED
    if result == "SKIP":
        return SKIPPED
    # A crash or a time-out leaves no summary, or one that does not know of it.
    if said and said.failed:
        return said
    return (said or Tally()) + FAILED


def show(text, lines=80):
    kept = text.rstrip().splitlines()
    if len(kept) > lines:
        print(f"    [{len(kept) - lines} lines left out]")
    for line in kept[-lines:]:
        print(f"    {line}")


def run(command, **options):
    options.setdefault("cwd", ROOT)
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, **options)


def check(command, **options):
    """One check: passes where the command exits 0, and shows its output where it does not."""
    done = run(command, **options)
    if done.returncode == 0:
        return PASSED
    print(f"  {' '.join(map(str, command))}: exit status {done.returncode}")
    show(done.stdout)
    return FAILED


def build(folder, *targets):
    return check(["ninja", "--quiet", "-k", "0", "-C", str(folder), *targets])


def meson_tests(folder, suites, env=None, timeout_multiplier=1):
    selection = [f"--{'no-' if s.startswith('!') else ''}suite={s.lstrip('!')}" for s in suites]
    done = run(["meson", "test", "-C", str(folder), "--no-rebuild", f"--num-processes={JOBS}",
                f"--timeout-multiplier={timeout_multiplier}", *selection],
               env={**os.environ, **(env or {})})
    log = folder / "meson-logs" / "testlog.json"
    if "No suitable tests defined" in done.stdout or not log.exists():
        return Tally() if done.returncode == 0 else FAILED
    tally = Tally()
    for line in log.read_text(errors="replace").splitlines():
        entry = json.loads(line)
        counted = count_test(entry)
        tally += counted
        if counted.failed:
            print(f"  {folder.name}: {entry['name']}: {entry['result']}")
            show((entry.get("stdout") or "") + (entry.get("stderr") or ""))
    return tally


def tracked(*patterns):
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns])
    if listed.returncode == 0:
        return sorted(set(listed.stdout.split("\n")) - {""})
    # An unpacked release has no history; it has no build products among its sources either.
    return sorted({str(p.relative_to(ROOT)) for pattern in patterns for folder in
                   ("src", "tests", "tools") for p in (ROOT / folder).rglob(pattern)})


def project_inputs(folder):
    """Object file's source -> the project's files it was compiled from, as ninja recorded them."""
    listed = run(["ninja", "-C", str(folder), "-t", "deps"], cwd=ROOT).stdout
    inputs = {}
    for block in listed.split("\n\n"):
        files = [(folder / line.strip()).resolve() for line in block.splitlines()[1:]]
        own = sorted(f for f in files if f.is_relative_to(ROOT) and f.is_file())
        if own:
            source = next((f for f in own if f.suffix == ".cc"), None)
            inputs[source] = own
    return inputs


def clang_tidy(folder):
    """clang-tidy on src, each file only where something that it includes has changed."""
    cache = folder / "tidy"
    cache.mkdir(exist_ok=True)
    version = run(["clang-tidy", "--version"]).stdout
    base = version + (ROOT / ".clang-tidy").read_text()
    inputs = project_inputs(folder)

    def one(source):
        digest = hashlib.sha256(base.encode())
        for file in inputs.get(source, [source]):
            digest.update(file.read_bytes())
        mark = cache / digest.hexdigest()
        if mark.exists():
            return source, ""
        done = run(["clang-tidy", "--quiet", "-p", str(folder), str(source)])
        if done.returncode == 0:
            mark.touch()
            return source, ""
        return source, done.stdout

    commands = json.loads((folder / "compile_commands.json").read_text())
    sources = sorted({(folder / c["file"]).resolve() for c in commands})
    sources = [s for s in sources if s.is_relative_to(ROOT / "src")]
    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for source, complaint in pool.map(one, sources):
            tally += FAILED if complaint else PASSED
            if complaint:
                print(f"  clang-tidy {source.relative_to(ROOT)}")
                show(complaint)
    return tally


def formatting():
    return check(["clang-format", "--dry-run", "-Werror", *tracked("*.cc", "*.h")])


def scripts():
    tally = check(["shellcheck", "dev", ".ci/run", *tracked("*.sh")])
    for script in tracked("*.py"):
        tally += check([sys.executable, "-c", "import ast,sys; ast.parse(open(sys.argv[1]).read())",
                        script])
    return tally


def demo():
    return check(["./dev", "demo"])


def release():
    return check([sys.executable, "-B", "tests/packaging/release.py", RELEASE / "proctor", ROOT])


def steps(full):
    """Name, function; later ones may rely on the builds of the first."""
    ordinary = ["!fuzz"] if full else ["!fuzz", "!full"]
    fuzzing = {"PROCTOR_FUZZ_SECONDS": "300"} if full else {}
    return [
        ("build-release", "build with g++ for release", lambda: build(RELEASE)),
        ("build-sanitize", "build with clang++ and sanitizers", lambda: build(SANITIZE)),
        ("tests", "tests", lambda: meson_tests(RELEASE, ordinary)),
        ("sanitize", "tests under sanitizers",
         lambda: meson_tests(SANITIZE, ordinary, SANITIZER_ENV, 5)),
        ("fuzz", "fuzzing", lambda: meson_tests(
            SANITIZE, ["fuzz"], {**SANITIZER_ENV, **fuzzing})),
        ("demo", "demo", demo),
        ("release", "archive of a release", release),
        ("format", "clang-format", formatting),
        ("scripts", "scripts", scripts),
        ("tidy", "clang-tidy", lambda: clang_tidy(SANITIZE)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="what takes long as well")
    parser.add_argument("--only", action="append", metavar="STEP", help="only this step")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    total, begin = Tally(), time.monotonic()
    for name, title, step in steps(arguments.full):
        if arguments.only and name not in arguments.only:
            continue
        start = time.monotonic()
        tally = step()
        print(f"{title}: {tally} ({time.monotonic() - start:.0f} s)")
        total += tally
    print(f"all: {time.monotonic() - begin:.0f} s")
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
