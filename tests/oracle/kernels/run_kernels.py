#!/usr/bin/env python3
"""Compares the prediction of writes to /proc/sys with what real Debian kernels do.

Boots each kernel in QEMU to a probe program; nothing is written on this machine. Each write starts
from the value that was there before, which is put back after it. Then come walks: writes that stay,
after which all of /proc/sys is compared.

  run_kernels.py MODEL PROBE [--kernels 12,13] [--writes N|all] [--seed N] [--explained FILE]
  run_kernels.py MODEL PROBE --load FILE... --proctor PROGRAM [--kernels 12] [--loader NAME]
                                          loads sysctl files for real (load.py)
Exit status 77: not possible here, and why.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import os
import pathlib
import random
import re
import sys

import guest
import load
import packages
import values
from common import (Model, as_read, count, errno_name, escape, facts_of, unescape,
                    wanted_modules)

ACCEPTED_BAR, WHOLE_BAR, EXISTENCE_BAR = 99.0, 98.0, 99.0
WALKS, STEPS = 12, 25


def predicted_text(field):
    """"=TEXT" -> text; None where it is not known."""
    return unescape(field[1:]) if field.startswith("=") else None


@dataclasses.dataclass
class Disagreement:
    path: str
    text: str


@dataclasses.dataclass
class Tally:
    total: int = 0
    agree: int = 0

    def add(self, agrees):
        self.total += 1
        self.agree += agrees

    @property
    def percent(self):
        return 100.0 * self.agree / self.total if self.total else 100.0

    def __str__(self):
        return f"{self.agree} of {self.total} ({self.percent:.2f} %)"


@dataclasses.dataclass
class Segment:
    """What was done to one guest."""
    dump: dict
    orders: list = dataclasses.field(default_factory=list)
    answers: list = dataclasses.field(default_factory=list)
    walks: list = dataclasses.field(default_factory=list)  # (dump, orders, answers, dump)
    volatile: set = dataclasses.field(default_factory=set)


class Report:
    def __init__(self, title):
        self.title = title
        self.tallies = collections.OrderedDict()
        self.disagreements = collections.defaultdict(list)
        self.notes = []

    def count(self, what, agrees, path="", text=""):
        self.tallies.setdefault(what, Tally()).add(agrees)
        if not agrees:
            self.disagreements[what].append(Disagreement(path, text))


class Experiment:
    """All that is done with one kernel."""

    def __init__(self, args, release):
        self.args, self.release = args, release
        self.report = Report(release.name)
        self.machine, self.segments = None, []

    def run(self):
        kernel = packages.fetch(self.release, self.args.refresh)
        self.kernel = kernel
        self.report.title = f"{self.release.name}, Linux {kernel.package_version}"
        self.modules = guest.Modules(kernel.modules, wanted_modules(self.args.model))
        self.explore()
        self.compare()
        return self.report

    def boot(self):
        return guest.Guest(self.kernel, self.args.probe, self.modules)

    def explore(self):
        orders = None
        while orders is None or orders:
            with self.boot() as running:
                dump = running.dump()
                if orders is None:
                    facts = running.facts()
                    self.machine = facts_of(self.kernel, facts, self.modules, dump)
                    orders = self.choose(dump)
                again = running.dump()
                segment = Segment(dump)
                segment.volatile = {p for p in dump if dump[p] != again.get(p)}
                self.segments.append(segment)
                try:
                    self.attempt(running, segment, orders)
                    orders = []
                    self.walk(running, segment)
                except guest.Stopped as why:
                    done = len(segment.answers)
                    if not orders[done:] or len(self.segments) > 5:
                        raise
                    path, value, _ = orders[done]
                    self.report.notes.append(f"stopped at {path} <- \"{value}\": {why}")
                    orders = orders[done + 1:]

    def choose(self, dump):
        """-> [(path, escaped value, stays)]"""
        model = Model(self.args.model)
        model.begin(self.machine, dump)
        for path in dump:
            model.ask("describe", path)
        offers = {}
        for path, line in zip(dump, model.answers()):
            if path in values.LEFT_OUT:
                continue
            kind, _, low, high, _ = line.split("\t")
            now = as_read(dump[path].text)
            offers[path] = values.values(path, kind, low, high, now, self.args.seed)
            if not dump[path].mode & 0o222:
                offers[path] = offers[path][:2]
        if self.args.writes != "all":
            offers = values.sample(offers, int(self.args.writes), self.args.seed)
        return [(path, escape(value), False) for path in offers for value in offers[path]
                if len(value) < 3000]

    def attempt(self, running, segment, orders):
        for order, answer in zip(orders, running.attempts(orders)):
            segment.orders.append(order)
            segment.answers.append(answer)

    def walk(self, running, segment):
        """Writes that the kernel takes, in any order, and that stay."""
        dice = random.Random(self.args.seed)
        taken = sorted({o for o, a in zip(segment.orders, segment.answers)
                        if a.error == 0 and a.restored == "0"})
        for _ in range(WALKS if taken else 0):
            before = running.dump()
            orders = [(path, value, True) for path, value, _ in
                      (dice.choice(taken) for _ in range(STEPS))]
            answers = list(running.attempts(orders))
            segment.walks.append((before, orders, answers, running.dump()))

    def compare(self):
        self.compare_boot(self.segments[0].dump)
        for segment in self.segments:
            self.compare_segment(segment)

    def compare_boot(self, dump):
        """Which keys exist and what they are at first."""
        model = Model(self.args.model)
        model.say("machine", *self.machine)
        model.ask("paths")
        listed = model.answers()[:-1]
        absent = [p for p in listed if p not in dump]
        for path in [*dump, *absent]:
            model.ask("presence", path)
        for path in dump:
            model.ask("initial", path)
        answers = model.answers()[len(listed) + 1:]
        for path, answer in zip([*dump, *absent], answers):
            real = "yes" if path in dump else "no"
            if answer == "unknown":
                self.report.count("keys whose existence is left open", False, path)
                continue
            self.report.count("existence of keys", answer == real, path,
                              f"really {real}, predicted {answer}")
        for path, answer in zip(dump, answers[len(dump) + len(absent):]):
            text, real = predicted_text(answer), as_read(dump[path].text)
            if text is not None and real is not None:
                self.report.count("initial values", text == real, path,
                                  f"really \"{escape(real)}\", predicted \"{escape(text)}\"")

    def compare_segment(self, segment):
        model = Model(self.args.model)
        model.begin(self.machine, segment.dump)
        self.ask_writes(model, segment.orders, segment.answers)
        for before, orders, answers, after in segment.walks:
            model.set_values(before)
            self.ask_writes(model, orders, answers)
            for path in after:
                model.ask("read", path)
        lines = iter(model.answers())
        self.compare_writes(segment.orders, segment.answers, lines)
        for before, orders, answers, after in segment.walks:
            self.compare_writes(orders, answers, lines)
            for path, value in after.items():
                text, real = next(lines), as_read(value.text)
                if path in segment.volatile or real is None:
                    continue
                if predicted_text(text) is None:
                    self.report.count("values left open after walks", False, path)
                    continue
                self.report.count("values after walks", predicted_text(text) == real, path,
                                  f"\"{before[path].text}\" became \"{escape(real)}\", predicted "
                                  f"\"{text[1:]}\", after {likely_causes(path, orders)}")

    @staticmethod
    def ask_writes(model, orders, answers):
        for (path, value, stays), real in zip(orders, answers):
            known = [] if real.before.startswith("!") else [real.before]
            model.ask("put" if stays else "try", path, value, *known)

    def compare_writes(self, orders, answers, lines):
        for (path, value, _), real in zip(orders, answers):
            error, read, was, taken, reason = next(lines).split("\t")
            name = errno_name(real.error)
            after, before = as_read(real.after), as_read(real.before)
            accepted = error != "unknown" and (error == "ok") == (name == "ok")
            unheard = after is None or real.stage == "open"
            whole = accepted and error == name and (unheard or predicted_text(read) == after)
            text = (f"\"{value}\": really {name} [{real.after}], predicted {error} "
                    f"[{read.removeprefix('=')}] {reason}")
            self.report.count("accepted or rejected", accepted, path, text)
            self.report.count("errno and read-back", whole, path, text)
            if name == "ok" and error == "ok" and taken != "?":
                self.report.count("bytes taken", taken == str(real.taken), path,
                                  f"\"{value}\": really {real.taken}, predicted {taken}")
            if before is not None and predicted_text(was) is not None:
                self.report.count("value before", predicted_text(was) == before, path,
                                  f"really \"{escape(before)}\", predicted \"{was[1:]}\", "
                                  f"at \"{value}\"")


def likely_causes(path, orders):
    """Of the writes of a walk those to keys of a similar name."""
    words = set(re.split("[/_]", path)) - {"net", "kernel", "fs", "vm", "ipv4", "ipv6", "conf",
                                           "neigh", "max"}
    alike = [f"{p} <- \"{v}\"" for p, v, _ in orders if words & set(re.split("[/_]", p))]
    return ", ".join(alike) or "writes to other keys"


def read_explained(path):
    """-> [(what it is of, glob of paths, why)]"""
    found = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines() if path else []:
        glob, colon, why = line.partition(": ")
        if colon and not line.startswith("#"):
            found.append((re.compile(re.escape(glob).replace(r"\*", ".*")), why))
    return found


def show(report, explained, limit):
    print(f"{report.title}")
    for what, tally in report.tallies.items():
        open_ended = what.startswith(OPEN)
        print(f"  {what}: {tally.total if open_ended else tally}")
    for note in report.notes:
        print(f"  {note}")
    seen = set()
    for what, rows in report.disagreements.items():
        by_path = collections.defaultdict(list)
        for row in rows:
            by_path[row.path].append(row)
        if what.startswith(OPEN):
            print(f"  {what}: {', '.join(sorted(by_path))}")
            continue
        for path, found in sorted(by_path.items()):
            texts = [r.text for r in found if (path, r.text) not in seen]
            seen.update((path, text) for text in texts)
            if not texts:
                continue
            why = next((w for glob, w in explained if glob.fullmatch(path)), "NOT EXPLAINED")
            print(f"  {what}: {path} x{len(found)}: {why}")
            for text in texts[:limit]:
                print(f"    {text[:400]}")


# Counted apart: the prediction leaves them to facts that nobody gave.
OPEN = ("keys whose existence is left open", "values left open after walks")
BARS = {"accepted or rejected": ACCEPTED_BAR, "errno and read-back": WHOLE_BAR,
        "existence of keys": EXISTENCE_BAR}


def judge(report):
    """-> (passed, failed): the bars, and that the guest came through."""
    passed = failed = 0
    for what, bar in BARS.items():
        good = what in report.tallies and report.tallies[what].percent >= bar
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED: {report.title}: {what} below {bar} %")
    for note in report.notes:
        print(f"FAILED: {report.title}: {note.splitlines()[0]}")
    return passed, failed + len(report.notes)


def explore_all(args):
    """Yields (release, Report or why there is none), each when it is there."""
    def one(name):
        release = packages.RELEASES[name]
        try:
            return release, Experiment(args, release).run()
        except (packages.Unavailable, guest.Stopped) as why:
            return release, why

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        yield from pool.map(one, args.kernels.split(","))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("probe", type=pathlib.Path)
    parser.add_argument("--kernels", default="12", help=f"of {','.join(packages.RELEASES)}")
    parser.add_argument("--writes", default="5000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--explained")
    parser.add_argument("--examples", type=int, default=2, help="shown of a path's disagreements")
    parser.add_argument("--refresh", action="store_true", help="look for newer kernels")
    parser.add_argument("--jobs", type=int, default=min(2, len(os.sched_getaffinity(0))))
    load.add_options(parser)
    args = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    why = guest.obstacle()
    if why:
        print(f"real kernels: skipped, {why}")
        return count(0, 0, 1)
    if load.wanted(args):
        return load.main(args)
    explained = read_explained(args.explained)
    passed = failed = skipped = 0
    for release, result in explore_all(args):
        if isinstance(result, packages.Unavailable):
            print(f"{release.name}: skipped, {result}")
            skipped += 1
        elif isinstance(result, guest.Stopped):
            print(f"FAILED: {release.name}: {result}")
            failed += 1
        else:
            show(result, explained, args.examples)
            good, bad = judge(result)
            passed, failed = passed + good, failed + bad
    return count(passed, failed, skipped)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
