#!/usr/bin/env python3
"""Time and memory of proctor against other programs, as ratios of one run: bench.py PROCTOR

Called by `./dev bench`. Ratios, because seconds say more about the machine than about the program.
Nothing here fails: a limit that is missed is marked, and the reader decides.
"""

import dataclasses
import itertools
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests" / "bench"
LIST = "profiles/torservers-2012.conf"
TARGET = ["--kernel", "6.1", "--memory", "8GiB", "--role", "exit-relay"]


@dataclasses.dataclass
class Cost:
    wall: float  # Median, seconds.
    least: float
    cpu: float
    peak: float  # MiB.
    status: int


class Bench:
    def __init__(self, proctor, work):
        self.proctor = proctor
        self.work = work
        self.rows = []

    def compile(self, name, *arguments):
        program = self.work / name
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", program, HERE / f"{name}.cc", *arguments],
                       check=True)
        return str(program)

    def measure(self, rounds, *commands):
        """Costs of the commands, run in turn."""
        words = [str(self.work / "measure"), str(rounds)]
        for command in commands:
            words += ["--", *map(str, command)]
        lines = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True,
                               cwd=ROOT).stdout.splitlines()
        costs = []
        for line in lines:
            wall, least, cpu, peak, status = map(int, line.split())
            costs.append(Cost(wall / 1e6, least / 1e6, cpu / 1e6, peak / 1024, status))
        return costs

    def row(self, what, figure, limit=None, holds=True):
        self.rows.append((what, figure, limit or "", "" if holds else "over"))

    def ratio(self, what, value, limit=None):
        self.row(what, f"{value:.2f}", limit and f"at most {limit:.2f}", not limit or value <= limit)

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(3)]
        for what, figure, limit, verdict in self.rows:
            print(f"{what:{widths[0]}}  {figure:>{widths[1]}}  {limit:{widths[2]}}  {verdict}".rstrip())


def one_file(bench):
    check = [bench.proctor, "check", LIST]
    empty = bench.compile("empty", "-Wl,--no-as-needed")
    version, asked, unasked, start, linter = bench.measure(
        100, [bench.proctor, "--version"], [*check, *TARGET], check, [empty],
        ["shellcheck", HERE / "script.txt"])
    for cost in (asked, unasked):
        if cost.status != 1:
            sys.exit(f"bench: proctor check {LIST} gave exit status {cost.status}, not findings")
    bench.row("an empty dynamically linked C++ program", f"{start.wall * 1e3:.2f} ms")
    bench.row("proctor --version", f"{version.wall * 1e3:.2f} ms")
    bench.row("proctor check, the torservers list, an exit relay", f"{asked.wall * 1e3:.2f} ms")
    bench.row("proctor check, the torservers list, nothing given", f"{unasked.wall * 1e3:.2f} ms")
    bench.row("shellcheck, a script of 25 lines", f"{linter.wall * 1e3:.2f} ms")
    bench.ratio("exit relay / empty program", asked.wall / start.wall, 4)
    bench.ratio("exit relay / shellcheck", asked.wall / linter.wall, 1 / 3)
    bench.ratio("nothing given / empty program", unasked.wall / start.wall)
    bench.ratio("nothing given / shellcheck", unasked.wall / linter.wall)
    peak = max(asked.peak, unasked.peak)
    bench.row("peak memory", f"{peak:.1f} MiB", "at most 12 MiB", peak <= 12)


def settings():
    """Lines as configuration files have them: the list's own, and keys of the catalog."""
    lines = [line for line in (ROOT / LIST).read_text().splitlines() if " = " in line]
    rows = (ROOT / "rules/catalog/keys.tsv").read_text().splitlines()
    columns = rows[0].split("\t")
    for row in rows[1:]:
        key = dict(zip(columns, row.split("\t")))
        if key["access"].startswith("rw") and not key["removed_in"] and "*" not in key["key"]:
            default = key["default"] if re.fullmatch(r"\d+", key["default"]) else "1"
            lines.append(f"{key['key']} = {default}")
    return lines


def make_tree(folder, files, lines):
    """Loose files of 50 lines, a hundred to a folder; the same bytes every time."""
    choose = random.Random(files)
    for number in range(files):
        parent = folder / f"{number // 100:03}"
        parent.mkdir(parents=True, exist_ok=True)
        chosen = choose.choices(lines, k=49)
        (parent / f"{number:05}.sysctl.conf").write_text("# Generated.\n" + "\n".join(chosen) + "\n")


def trees(bench):
    lines = settings()
    costs = {}
    for files in (100, 1000, 10000):
        folder = bench.work / f"tree-{files}"
        make_tree(folder, files, lines)
        costs[files], = bench.measure(5 if files < 10000 else 3,
                                      [bench.proctor, "check", folder, *TARGET])
        cost = costs[files]
        bench.row(f"{files:,} files of 50 lines", f"{cost.wall:.3f} s", *(
            ("at most 2 s", cost.wall <= 2) if files == 10000 else ()))
        bench.row(f"  CPU time / time on {len(os.sched_getaffinity(0))} CPUs",
                  f"{cost.cpu / cost.wall:.2f}")
        bench.row("  peak memory", f"{cost.peak:.1f} MiB")
    bench.ratio("time of 1,000 / 10 times that of 100", costs[1000].wall / costs[100].wall / 10)
    bench.ratio("time of 10,000 / 10 times that of 1,000", costs[10000].wall / costs[1000].wall / 10)
    bench.ratio("memory of 10,000 / that of 100", costs[10000].peak / costs[100].peak)


def make_repository(folder, lines):
    """20,000 files that git knows, of which 300 hold sysctls, in the proportions of roles and hosts
    as a configuration repository has them: sixteen files to a folder, a drop-in folder in some."""
    choose = random.Random(20000)
    words = "the host role is set up with a service that listens on its port and a key".split()
    for number in range(20000):
        parent = folder / f"roles/{number // 800:02}/{number // 16:04}"
        parent.mkdir(parents=True, exist_ok=True)
        if number % 66 or number // 66 >= 300:
            text = "".join(" ".join(choose.choices(words, k=9)) + "\n"
                           for _ in range(choose.randrange(5, 90)))
            (parent / f"{number:05}.{choose.choice(('yml', 'j2', 'md', 'sh', 'conf'))}").write_text(text)
            continue
        text = ""
        for line in choose.choices(lines, k=choose.randrange(5, 45)):
            text += choose.choice(("", "", f"\n# {' '.join(choose.choices(words, k=7))}\n")) + line + "\n"
        (parent / "sysctl.d").mkdir(exist_ok=True)
        (parent / "sysctl.d" / f"{number % 90 + 10}-{choose.choice(words)}.conf").write_text(text)
    git = ["git", "-C", folder]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)


def write_targets(folder, count):
    """As a fleet has them: kernels times memories times roles."""
    combinations = itertools.product(("5.10", "6.1", "6.6", "6.12", "7.2"), ("2GiB", "8GiB", "64GiB"),
                                     ("exit-relay", "web-server"))
    (folder / "proctor.toml").write_text("".join(
        f'[[target]]\nname = "{role}-{kernel}-{memory}"\nkernel = "{kernel}"\nmemory = "{memory}"\n'
        f'roles = ["{role}"]\n' for kernel, memory, role in itertools.islice(combinations, count)))


def targets(bench, folder):
    """The same files for one target, and for thirty."""
    costs = []
    for count in (1, 30):
        write_targets(folder, count)
        cost, = bench.measure(3, ["sh", "-c", f"cd {folder} && exec {bench.proctor} check ."])
        costs.append(cost.wall)
    (folder / "proctor.toml").unlink()
    bench.ratio("  30 targets / one", costs[1] / costs[0], 3)


def repository(bench):
    folder = bench.work / "repository"
    make_repository(folder, settings())

    def there(command):
        return ["sh", "-c", f"cd {folder} && {command}"]

    check, grep = bench.measure(
        9, there(f"exec {bench.proctor} check . --kernel 6.1"),
        there("git ls-files -z | xargs -0 grep -l '^net\\.'"))
    bench.row("a repository of 20,000 files, 300 with sysctls", f"{check.wall:.3f} s")
    bench.ratio("  time / git ls-files and grep -l", check.wall / grep.wall, 2)
    targets(bench, folder)


def showing(bench):
    """What loading does: a root of many drop-ins, and this machine with all its values."""
    lines = settings()
    folder = bench.work / "root" / "etc" / "sysctl.d"
    folder.mkdir(parents=True)
    choose = random.Random(5000)
    for number in range(5000):
        text = "\n".join(choose.choices(lines, k=4)) + "\n"
        (folder / f"{number:04}-generated.conf").write_text(text)
    tree, = bench.measure(5, [bench.proctor, "show", "--root", bench.work / "root", *TARGET[:2]])
    bench.row("show --root of 5,000 drop-ins", f"{tree.wall:.3f} s", "at most 0.5 s",
              tree.wall <= 0.5)
    if shutil.which("sysctl") is None:
        return
    host, audit, values = bench.measure(15, [bench.proctor, "show"], [bench.proctor, "audit"],
                                        ["sysctl", "-a"])
    bench.ratio("show of this machine / sysctl -a", host.wall / values.wall, 0.5)
    bench.ratio("audit of this machine / sysctl -a", audit.wall / values.wall, 0.6)


def user_rules(count):
    """Shipped rules under other names, as a user's file would hold them."""
    blocks = []
    for file in sorted((ROOT / "rules").glob("*.yaml")):
        text = file.read_text()
        if "\nrules:\n" not in text:
            continue
        # A rule that a program detects cannot be a user's.
        blocks += [b for b in re.split(r"(?m)^(?=  - id: )", text.split("\nrules:\n", 1)[1])
                   if b.startswith("  - id: ") and "\n    detect:" not in b]
    if not blocks:
        sys.exit("bench: no rules below rules/")
    chosen = [blocks[i % len(blocks)] for i in range(count)]
    renamed = [re.sub(r"^  - id: .*", f"  - id: user/rule-{i}", block)
               for i, block in enumerate(chosen)]
    return "rules:\n" + "".join(block.rstrip() + "\n\n" for block in renamed)


def loading(bench):
    rules = bench.work / "user.yaml"
    rules.write_text(user_rules(300))
    loader = bench.compile("yaml_load", "-lyaml-cpp")
    check = [bench.proctor, "check", LIST, *TARGET]
    plain, without, ours = bench.measure(15, [loader, rules], check, [*check, "--rules", rules])
    if ours.status > 1:
        sys.exit("bench: proctor does not take the 300 rules")
    bench.row("yaml-cpp alone, 300 rules", f"{plain.wall * 1e3:.1f} ms")
    bench.row("proctor check with 300 user rules", f"{ours.wall * 1e3:.1f} ms")
    bench.ratio("300 user rules: added time / yaml-cpp alone",
                (ours.wall - without.wall) / plain.wall)


def diagnosis(bench):
    """A diagnosis beside ss, with many sockets in the table; as root only."""
    count = 200_000
    ours = [bench.proctor, "diagnose", "--format", "json"]
    run = subprocess.run(
        [sys.executable, "-B", HERE / "sockets.py", str(count), bench.work / "measure", "5",
         "--", *ours, "--", "ss", "-tan"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    if run.returncode != 0:
        bench.row(f"proctor diagnose, {count:,} TCP sockets", "not measured here")
        return
    diagnose, ss = (Cost(wall / 1e6, least / 1e6, cpu / 1e6, peak / 1024, status) for
                    wall, least, cpu, peak, status in
                    (map(int, line.split()) for line in run.stdout.splitlines()))
    bench.row(f"proctor diagnose, {count:,} TCP sockets", f"{diagnose.wall:.2f} s", "at most 1 s",
              diagnose.wall <= 1)
    bench.row("  peak memory", f"{diagnose.peak:.1f} MiB", "at most 64 MiB", diagnose.peak <= 64)
    bench.ratio("  time / ss -tan", diagnose.wall / ss.wall)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: bench.py PROCTOR")
    if shutil.which("shellcheck") is None:
        sys.exit("bench: shellcheck is missing")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(folder))
        bench.compile("measure", "-static")
        for part in (one_file, trees, repository, showing, loading, diagnosis):
            part(bench)
        bench.print()


if __name__ == "__main__":
    main()
