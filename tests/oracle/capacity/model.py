#!/usr/bin/env python3
"""Repeats the experiments that the capacity model rests on, beside what proctor says of them.

Each runs in a network namespace of its own, and measures with real sockets what `proctor diagnose`
gives as a limit, a prediction or a claim. One line each: measured, model, deviation, tolerance,
agree or not. What cannot be done here is left out, with the reason, and counts as no agreement.

    model.py PROCTOR [--explained FILE] [NAME...]

The file has "name: why" for what is known not to agree. Exits with 77 (skipped) where a network
namespace cannot be made.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import sys
import traceback

import memory_model
import ports_model
import queue_model
import time_model
import track_model
from space import LeftOut, Proctor, Report, enter_namespace

# Those that wait for timers run side by side. The others follow one by one: they measure times, or
# count objects of the whole kernel.
WAITING = {**time_model.EXPERIMENTS, **track_model.WAITING}
BUSY = {**ports_model.EXPERIMENTS, **queue_model.EXPERIMENTS, **track_model.BUSY,
        **memory_model.EXPERIMENTS}
ELSEWHERE = {
    "s_seed: the case of the relay": "ports.py repeats it, and the cure",
    "c_noport: IP_LOCAL_PORT_RANGE of a socket": "the model says nothing of it",
    "d_timewait: life of FIN-WAIT-2": "the model gives no time for it",
    "f_reserved: writes that are refused": "oracle_kernels tries them",
    "i_conntrack: writing nf_conntrack_max": "it would be a value of the machine",
}


def begin(name, experiment, program):
    """(process, pipe) of an experiment that has begun."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.close(reader)
    report = Report(name)
    status = 0
    try:
        if enter_namespace():
            experiment(report, Proctor(program))
        else:
            status = 77
    except LeftOut as reason:
        report.leave_out("all" if not report.rows else "the rest", str(reason))
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        status = 1
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        json.dump(report.rows, pipe)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def end(name, child, reader):
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 77:
        sys.exit(77)
    rows = json.loads(text) if text else []
    if status:
        rows.append({"name": f"{name}: all of it", "measured": f"exit status {status}",
                     "model": "-", "deviation": "-", "tolerance": "-", "agrees": False})
    return rows


def read_explained(path):
    if not path:
        return {}
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" -- ", 1) for line in lines if line and not line.startswith("#"))


class Table:
    def __init__(self, explained):
        self.explained = explained
        self.counts = {"agree": 0, "DEPARTS": 0, "departs, explained": 0, "left out": 0}

    def show(self, row):
        if "why" in row:
            verdict, text = "left out", row["why"]
        else:
            verdict = "agree" if row["agrees"] else "DEPARTS"
            if row["name"] in self.explained:
                # An explanation of what agrees after all is out of date.
                verdict = "DEPARTS" if row["agrees"] else "departs, explained"
            text = (f"{row['measured']} | {row['model']} | {row['deviation']} | "
                    f"{row['tolerance']} | {verdict}")
            if verdict == "departs, explained":
                text += f": {self.explained[row['name']]}"
            elif row["name"] in self.explained:
                text += ": agrees, but an explanation says that it does not"
        self.counts[verdict] += 1
        print(f"{row['name']} | {'left out: ' if 'why' in row else ''}{text}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--explained", metavar="FILE")
    parser.add_argument("names", nargs="*", help="the experiments wanted, as k_*")
    arguments = parser.parse_intermixed_args()
    program = os.path.abspath(arguments.program)
    table = Table(read_explained(arguments.explained))

    def wanted(experiments):
        return {name: run for name, run in experiments.items() if not arguments.names or
                any(fnmatch.fnmatch(name, pattern) for pattern in arguments.names)}

    print("experiment | measured | model | deviation | tolerance | verdict", flush=True)
    waiting = [(name, *begin(name, run, program)) for name, run in wanted(WAITING).items()]
    for started in waiting:
        for row in end(*started):
            table.show(row)
    for name, run in wanted(BUSY).items():
        for row in end(name, *begin(name, run, program)):
            table.show(row)
    if not arguments.names:
        for name, why in ELSEWHERE.items():
            table.show({"name": name, "why": why})
    counts = table.counts
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    print(f"{counts['agree'] + counts['departs, explained']} passed, {counts['DEPARTS']} failed, "
          f"{counts['left out']} skipped")
    return 1 if counts["DEPARTS"] or not counts["agree"] else 0


if __name__ == "__main__":
    sys.exit(main())
