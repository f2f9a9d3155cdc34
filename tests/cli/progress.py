#!/usr/bin/env python3
"""Progress of long runs on a terminal, and nothing of it anywhere else: progress.py PROGRAM.

A run takes as long as standard input stays open.
"""

import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from tally import run_tests

program = pathlib.Path(sys.argv[1]).resolve()
ERASE = "\r\x1b[K"
LINE = re.compile(r"0 of 1 configuration judged, \d+ s")
COMMAND = [program, "check", "-", "--kernel", "6.1", "--select", "tcp/tw-recycle-removed",
           "--color", "never"]
INPUT = b"net.ipv4.tcp_tw_recycle = 1\n"


def screen(text: str) -> list:
    """What a terminal shows in the end."""
    lines = [""]
    for part in re.split(r"(\r\x1b\[K|\r\n|\n)", text):
        if part == ERASE:
            lines[-1] = ""
        elif part in ("\r\n", "\n"):
            lines.append("")
        else:
            lines[-1] += part
    return lines


def run(seconds: float, terminal_for: str, term: str = "xterm") -> dict:
    """Stream -> text. `terminal_for`: "stderr" or "both" is one terminal."""
    parent, child = pty.openpty()
    out = child if terminal_for == "both" else subprocess.PIPE
    err = subprocess.PIPE if terminal_for == "none" else child
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=out, stderr=err,
                               env=os.environ | {"TERM": term})
    os.close(child)
    given = {"terminal": b"", "stdout": b"", "stderr": b""}
    fds = {parent: "terminal"}
    for name in ("stdout", "stderr"):
        if getattr(process, name):
            fds[getattr(process, name).fileno()] = name
    end = time.monotonic() + seconds
    while fds:
        if process.stdin and time.monotonic() >= end:
            process.stdin.write(INPUT)
            process.stdin.close()
            process.stdin = None
        for fd in select.select(list(fds), [], [], 0.05)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:  # The other end of the terminal is closed.
                data = b""
            given[fds[fd]] += data
            if not data:
                del fds[fd]
    assert process.wait(timeout=60) == 1
    os.close(parent)
    return {name: data.decode() for name, data in given.items()}


def test_redirected_report() -> None:
    given = run(2.0, "stderr")
    assert len(LINE.findall(given["terminal"])) > 3, given
    assert screen(given["terminal"]) == [""], given
    assert "[tcp/tw-recycle-removed]" in given["stdout"] and "judged," not in given["stdout"], given


def test_report_on_the_terminal() -> None:
    given = run(2.0, "both")
    assert LINE.search(given["terminal"]), given
    lines = screen(given["terminal"])
    assert lines[0].startswith("<stdin>:1:1: error:"), lines
    assert not any("judged," in line for line in lines), lines


def test_short_run() -> None:
    assert run(0.0, "stderr")["terminal"] == ""


def test_no_terminal() -> None:
    assert run(1.5, "none")["stderr"] == ""


def test_dumb_terminal() -> None:
    assert run(1.5, "stderr", term="dumb")["terminal"] == ""


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
