#!/usr/bin/env python3
"""Runs a libFuzzer program from seed files: run_libfuzzer.py PROGRAM SEED...

The same inputs each time, a bounded number of them, so that a change is blamed for what it does
and not for what was never tried before. PROCTOR_FUZZ_SECONDS asks for other inputs, for that long.
Inputs that crash, leak or hang are left beside the program.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

RUNS = 10000


def main():
    program, seeds = pathlib.Path(sys.argv[1]), sys.argv[2:]
    seconds = os.environ.get("PROCTOR_FUZZ_SECONDS")
    extent = [f"-max_total_time={seconds}"] if seconds else [
        "-seed=1", f"-runs={RUNS}", "-max_total_time=30"]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            shutil.copy(seed, os.path.join(corpus, f"{number}-{os.path.basename(seed)}"))
        return subprocess.run([
            program, corpus, *extent, "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048",
            "-print_final_stats=1", "-verbosity=1",
            f"-artifact_prefix={program.parent}/{program.name}-",
        ], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
