#!/usr/bin/env python3
"""`check --watch` on files that change: watch.py PROGRAM."""

import os
import pathlib
import pty
import queue
import signal
import subprocess
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from tally import run_tests

program = pathlib.Path(sys.argv[1]).resolve()
WAITING = "proctor: waiting for a change; Ctrl-C ends"
BAD = "net.ipv4.tcp_tw_recycle = 1\n"
LOW = "net.ipv4.tcp_fin_timeout = 4\n"
RULE = """rules:
  - id: own/odd-swappiness
    title: An odd swappiness
    severity: warning
    category: fragile
    key: vm.swappiness
    want: {{ max: {most} }}
    message: "vm.swappiness = {{value}} is odd"
    why: We say so.
    evidence: ["our handbook"]
    examples:
      - {{ name: much, conf: "vm.swappiness = 200\\n", given: {{ kernel: "6.1" }}, expect: fires }}
      - {{ name: little, conf: "vm.swappiness = 1\\n", given: {{ kernel: "6.1" }}, expect: silent }}
"""


class Watch:
    """A running `proctor check --watch`, whose lines of both streams come in one order."""

    def __init__(self, folder: pathlib.Path, *arguments: str):
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [program, "check", "--watch", "--kernel", "6.1", "--format", "concise", *arguments],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def round(self) -> list:
        """The lines up to the one that says it waits."""
        lines = []
        while True:
            line = self.lines.get(timeout=60)
            if line is None:
                raise AssertionError(f"it ended: {lines}")
            if line == WAITING:
                return lines
            lines.append(line)

    def quiet(self, seconds: float = 1.0) -> None:
        try:
            raise AssertionError(f"not asked for: {self.lines.get(timeout=seconds)}")
        except queue.Empty:
            pass

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) == -signal.SIGINT, self.process.returncode


def rules(lines: list) -> list:
    return [line[line.rindex("[") + 1:-1] for line in lines if line.endswith("]")]


def changed(lines: list) -> str:
    said = [line for line in lines if line.endswith(" changed")]
    assert len(said) == 1, lines
    return said[0].removeprefix("proctor: ").removesuffix(" changed")


def write(path: pathlib.Path, text: str) -> None:
    """As editors do: a new file takes the place of the old one."""
    other = path.with_name(f"{path.name}~")
    other.write_text(text)
    other.rename(path)


def test_configurations(folder: pathlib.Path) -> None:
    conf = folder / "sysctl.d"
    conf.mkdir()
    (conf / "10-a.conf").write_text(BAD)
    watch = Watch(folder, "--select", "tcp/tw-recycle-removed", "--select", "tcp/fin-timeout-too-low",
                  "--output", "json=report.json", ".")
    assert rules(watch.round()) == ["tcp/tw-recycle-removed"]
    watch.quiet()  # Its own report does not count,
    (folder / "notes.txt").write_text("no configuration\n")
    watch.quiet()  # nor does what nobody reads.

    write(conf / "10-a.conf", BAD + LOW)
    lines = watch.round()
    assert changed(lines) == "sysctl.d/10-a.conf", lines
    assert rules(lines) == ["tcp/tw-recycle-removed", "tcp/fin-timeout-too-low"], lines
    with open(conf / "10-a.conf", "w") as file:
        file.write("# corrected\n")
    assert rules(watch.round()) == []
    (conf / "20-b.conf").write_text(LOW)
    assert rules(watch.round()) == ["tcp/fin-timeout-too-low"]
    (conf / "20-b.conf").unlink()
    assert rules(watch.round()) == []

    (folder / "hosts/one/sysctl.d").mkdir(parents=True)
    watch.round()
    (folder / "hosts/one/sysctl.d/30.conf").write_text(LOW)
    lines = watch.round()
    assert rules(lines) == ["tcp/fin-timeout-too-low"], lines
    (folder / "hosts").rename(folder / "machines")
    lines = watch.round()
    assert any(line.startswith("machines/one/sysctl.d/30.conf:1:1:") for line in lines), lines
    (folder / "machines/one/sysctl.d/30.conf").write_text(BAD)
    assert rules(watch.round()) == ["tcp/tw-recycle-removed"]
    watch.quiet()
    watch.end()


def test_settings(folder: pathlib.Path) -> None:
    (folder / "sysctl.conf").write_text("vm.swappiness = 50\n" + LOW)
    (folder / "own").mkdir()
    (folder / "own/rules.yaml").write_text(RULE.format(most=100))
    (folder / "proctor.toml").write_text('select = ["own/"]\nrules = "own"\n')
    watch = Watch(folder)
    assert rules(watch.round()) == []
    write(folder / "own/rules.yaml", RULE.format(most=10))
    lines = watch.round()
    assert changed(lines) == "own/rules.yaml" and rules(lines) == ["own/odd-swappiness"], lines
    write(folder / "proctor.toml", 'select = ["tcp/fin-timeout-too-low"]\nrules = "own"\n')
    assert rules(watch.round()) == ["tcp/fin-timeout-too-low"]

    write(folder / "proctor.toml", 'select = ["tcp/fin-timeout-too-low"\n')
    lines = watch.round()
    assert any("proctor.toml:" in line and "error" in line for line in lines), lines
    write(folder / "proctor.toml", 'select = ["tcp/fin-timeout-too-low"]\nbaseline = "b.json"\n')
    lines = watch.round()
    assert any("the baseline b.json cannot be read" in line for line in lines), lines
    subprocess.run([program, "check", "--kernel", "6.1", "--write-baseline", "b.json", "--quiet"],
                   cwd=folder, check=True)
    lines = watch.round()
    assert changed(lines) == "b.json" and rules(lines) == [], lines

    (folder / "proctor.toml").unlink()
    lines = watch.round()
    assert rules(lines), lines
    watch.end()


def test_one_file(folder: pathlib.Path) -> None:
    """A file that is named comes and goes, and its neighbours do not count."""
    (folder / "dump").write_text("vm.swappiness = 60\n")
    watch = Watch(folder, "one.conf", "--running", "dump", "--select", "tcp/tw-recycle-removed")
    lines = watch.round()
    assert any("one.conf: error: cannot be read" in line for line in lines), lines
    (folder / "other.conf").write_text(BAD)
    watch.quiet()
    (folder / "one.conf").write_text(BAD)
    assert rules(watch.round()) == ["tcp/tw-recycle-removed"]
    write(folder / "dump", "vm.swappiness = 10\n")
    assert changed(watch.round()) == "dump"
    watch.end()


def test_terminal(folder: pathlib.Path) -> None:
    """Each round has a clear screen; Ctrl-C ends it."""
    (folder / "sysctl.conf").write_text(BAD)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ["TERM"] = "xterm"
        os.execv(program, [str(program), "check", "--watch", "--select", "tcp/tw-recycle-removed"])
    seen = b""

    def until(count: int) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while seen.count(WAITING.encode()) < count and time.monotonic() < end:
            seen += os.read(terminal, 65536)
        assert seen.count(WAITING.encode()) == count, seen

    until(1)
    assert seen.count(b"\x1b[H\x1b[2J") == 1, seen
    write(folder / "sysctl.conf", "# corrected\n")
    until(2)
    assert seen.count(b"\x1b[H\x1b[2J") == 2, seen
    assert b"No findings" in seen[seen.rindex(b"\x1b[2J"):], seen
    os.write(terminal, b"\x03")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status
    os.close(terminal)


def test_misuse(folder: pathlib.Path) -> None:
    for arguments in (["-"], ["--write-baseline", "b.json"]):
        done = subprocess.run([program, "check", "--watch", *arguments], cwd=folder, input="",
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and "--watch" in done.stderr, done


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
