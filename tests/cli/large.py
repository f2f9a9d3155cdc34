#!/usr/bin/env python3
"""Files that no editor opens gladly: each judged in bounded time and memory, with a report that a
person can read: large.py PROGRAM.
"""

import os
import pathlib
import random
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from tally import Tally, in_folder

program = pathlib.Path(sys.argv[1]).resolve()
LINES = 10_000
CASES = {
    # What the file is -> its bytes, the rules that must speak, the exit status.
    "a value of 10 MB": (b"vm.swappiness = " + b"1" * 10_000_000 + b"\n",
                         ["syntax/long-line", "value/rejected"], 1),
    "a key of 10 MB": (b"vm." + b"a" * 10_000_000 + b" = 1\n", ["syntax/long-line", "key/unknown"], 0),
    "a comment of 10 MB": (b"# " + b"a" * 10_000_000 + b"\n", ["syntax/long-line"], 0),
    "100 MB of comments": (b"# as long as lines of comments are wont to be\n" * 2_174_000, [], 0),
    "10 MB of line ends": (b"\n" * 10_000_000, [], 0),
    "NUL bytes": (b"vm.swappiness = 1\0 2\n", ["syntax/nul"], 1),
    "binary": (random.Random(1).randbytes(1_000_000), ["syntax/binary"], 1),
    "a line over and over": (b"net.ipv4.tcp_tw_recycle = 1\n" * LINES, ["tcp/tw-recycle-removed"], 1),
    "a key over and over": (b"".join(b"vm.swappiness = %d\n" % (i % 100) for i in range(LINES)),
                            ["load/conflicting-duplicate"], 1),
    "keys that nobody knows": (b"".join(b"vm.unknown_%d = 1\n" % i for i in range(LINES)),
                               ["key/unknown"], 1),
}
MOST_REPORT = 100_000
MOST_MEMORY = 400 << 20


def judge(folder: pathlib.Path, data: bytes, rules: list, status: int) -> None:
    (folder / "large.conf").write_bytes(data)
    with open(folder / "report", "wb") as report:
        child = os.posix_spawn(
            program, [str(program), "check", "large.conf", "--kernel", "6.1"], os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, report.fileno(), 1)])
    _, ended, used = os.wait4(child, 0)
    text = (folder / "report").read_bytes().decode()
    assert os.waitstatus_to_exitcode(ended) == status, (ended, text[:1000])
    assert len(text) < MOST_REPORT, f"a report of {len(text)} characters"
    said = set(re.findall(r"\[([a-z-]+/[a-z-]+)\]$", text, re.M))
    assert said >= set(rules), (sorted(said), rules)
    assert used.ru_maxrss << 10 < MOST_MEMORY, f"{used.ru_maxrss} KiB"


def main() -> int:
    tally = Tally()
    for name, case in CASES.items():
        def test(folder: pathlib.Path, case=case) -> None:
            os.chdir(folder)
            judge(folder, *case)
        tally.attempt(name, in_folder, test)
    os.chdir("/")
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
