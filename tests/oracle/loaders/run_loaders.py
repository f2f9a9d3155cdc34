#!/usr/bin/env python3
"""Compares the loader models with the loaders of this machine, write by write.

Runs procps, systemd-sysctl and busybox on the files in vectors/ and on random ones, each in a
network namespace of its own (sandbox.py), and asks the models from the values that the kernel had.

  run_loaders.py MODEL [--random N] [--seed N] [--only REGEX] [--explained FILE]
                 [--root NAME=DIR]      other versions' programs, unpacked below DIR
Exit status 77: not possible here, and why.
"""
import argparse
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import sandbox

SKIPPED = 77
BAR = 99.0
HERE = os.path.dirname(os.path.abspath(__file__))


def unescape(text):
    names = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    text = re.sub(r"\\\*(\d+)\(([^)]*)\)", lambda m: m.group(2) * int(m.group(1)), text)
    return re.sub(r"\\(x[0-9a-f]{2}|.)",
                  lambda m: names.get(m.group(1)) or chr(int(m.group(1)[1:], 16)), text)


def rows(name):
    with open(os.path.join(HERE, "vectors", name), encoding="ascii") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def key_to_path(key):
    return key.translate(str.maketrans("./", "/."))


def parse_setup(text):
    setup = {"interfaces": [], "values": {}}
    for part in text.split("; ") if text != "-" else []:
        name, _, value = part.partition("=")
        if name == "interfaces":
            setup["interfaces"] = value.split(",")
        else:
            setup["values"][key_to_path(name)] = value
    return setup


def vectors():
    for name in sorted(os.listdir(os.path.join(HERE, "vectors"))):
        if name == "trees.tsv" or not name.endswith(".tsv"):
            continue
        for cell, setup, content in rows(name):
            yield cell, parse_setup(setup), unescape(content)


def trees():
    for cell, *files in rows("trees.tsv"):
        yield cell, dict((path, unescape(content)) for path, content in
                         (file.split(": ", 1) for file in files))


KEYS = ["net.ipv4.ip_forward", "net.ipv4.tcp_syncookies", "net.ipv4.ip_default_ttl",
        "net.ipv4.tcp_rmem", "net.ipv4.ip_local_reserved_ports", "net.ipv4.conf.eth0.rp_filter",
        "net.ipv4.conf.eth0/7.rp_filter", "net.ipv4.conf.eth0.7.rp_filter", "net.ipv4.nosuch",
        "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.eth*.rp_filter", "net.ipv4.conf",
        "net/ipv4/conf/eth0.7/rp_filter", "net.ipv4.ip_forward.x", "net.ipv4.route.flush"]
VALUES = ["0", "1", "1 # on", "2", "010", "x", "", "65", "4096 87380 4194304", "8080,9000", "1 2",
          "-1", '"1"', "1;", "#1"]
NOISE = ["\n", "\r\n", "\r", "\n\n", " \n", "\\\n", "\t\n", "\x00\n", "\n\r", "\x0b\n"]


def random_line(dice):
    key = dice.choice(KEYS)
    if dice.random() < 0.25:
        key = key.translate(str.maketrans("./", "/."))
    if dice.random() < 0.1:
        at = dice.randrange(len(key) + 1)
        key = key[:at] + dice.choice([".", "/", " ", "..", "-", "\xa0", "{", "?", "[", "\\"]) + key[at:]
    kind = dice.random()
    if kind < 0.08:
        return dice.choice(["# ", ";", "  #", "#\\", "//", "-", "--", "="]) + key
    if kind < 0.16:
        return dice.choice(["-", "- ", ""]) + key
    left = dice.choice(["", "", "", "-", " ", "\t", "- ", "--", "="])
    return left + key + dice.choice(["=", " = ", "= ", "\t=", "=="]) + dice.choice(VALUES)


def random_file(dice):
    lines = [random_line(dice) for _ in range(dice.randrange(1, 7))]
    text = "".join(line + (dice.choice(NOISE) if dice.random() < 0.3 else "\n") for line in lines)
    return text[:-1] if dice.random() < 0.2 else text


FOLDERS = ["/etc/sysctl.d/", "/run/sysctl.d/", "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/"]
NAMES = ["10-a.conf", "9-b.conf", "50-a-b.conf", "50-a.conf", "99-sysctl.conf", "Z.conf", ".h.conf",
         "50-*.conf", "50-{a,b}.conf", "x.conf.bak", "99-z.conf"]


def random_tree(dice):
    files = {}
    for number in range(dice.randrange(1, 9)):
        path = dice.choice(FOLDERS) + dice.choice(NAMES)
        key = dice.choice(["net.ipv4.ip_default_ttl", "net/ipv4/ip_default_ttl",
                           "net.ipv4.tcp_syncookies", "-net.ipv4.ip_default_ttl", "net.ipv4.no"])
        value = dice.choice(["%d" % (number + 10), "%d" % (number + 10), "999", "1"])
        files[path] = dice.choice(["%s=%s\n" % (key, value)] * 6 + [
            "-net.ipv4.ip_default_ttl\n", "-> /dev/null", "-> ../nowhere", "(folder)", "", "-> .",
            "-> 50-a.conf", "-> /etc/sysctl.conf"])
    if dice.random() < 0.5:
        files["/etc/sysctl.conf"] = dice.choice(["net.ipv4.ip_default_ttl=77\n", "-> /nowhere",
                                                 "(folder)", "-> sysctl.d/50-a.conf"])
    return files


def loaders_of(folder):
    """-> [(name, command)] of the programs below a root folder"""
    found = []

    def ask(*command):
        done = subprocess.run(["chroot", folder] + list(command), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.stdout.decode("utf-8", "replace")

    if os.path.exists(folder + "/usr/sbin/sysctl"):
        match = re.search(r"procps-ng (?:version )?(\d[\d.]*)", ask("/sbin/sysctl", "--version"))
        if match:
            found.append(("procps-" + match.group(1), ["/sbin/sysctl"]))
    if os.path.exists(folder + "/usr/lib/systemd/systemd-sysctl"):
        match = re.search(r"systemd (\d+)", ask("/lib/systemd/systemd-sysctl", "--version"))
        if match:
            found.append(("systemd-" + match.group(1), ["/lib/systemd/systemd-sysctl"]))
    if os.path.exists(folder + "/usr/bin/busybox"):
        match = re.search(r"BusyBox v(\d[\d.]*)", ask("/bin/busybox"))
        if match:
            found.append(("busybox-" + match.group(1), ["/bin/busybox", "sysctl"]))
    return found


def jobs_for(args, folder, name, command):
    """-> (cell, job) of one loader"""
    program = name.split("-")[0]
    model = {"program": args.model, "loader": name}

    def one_file(cell, setup, content):
        argument = ["/tmp/t.conf"] if program == "systemd" else ["-p", "/tmp/t.conf"]
        return cell, dict(setup, lower=folder, command=command + argument,
                          files={"/tmp/t.conf": content},
                          model=dict(model, files=[{"path": "/tmp/t.conf", "bytes": content}]))

    for cell, setup, content in vectors():
        yield one_file(cell, setup, content)
    dice = random.Random(args.seed)
    for number in range(args.random):
        yield one_file("random-%d" % number, {"interfaces": ["eth0", "eth0.7"], "values": {}},
                       random_file(dice))
    dice = random.Random(args.seed)
    more = [("random-tree-%d" % number, random_tree(dice)) for number in range(args.random // 3)]
    for cell, files in list(trees()) + more:
        job = {"lower": folder, "files": files, "model": dict(model, tree=True)}
        how = {"procps": ["--system"], "systemd": [], "busybox": ["-p"]}[program]
        yield cell, dict(job, command=command + how)
        if program == "busybox":
            yield cell + "-alpine", dict(
                job, command=["/bin/busybox", "sh", "-c", sandbox.ALPINE],
                model=dict(job["model"], layout="alpine"))


def run_all(jobs, workers):
    """Answers in the order of the jobs."""
    answers = [None] * len(jobs)
    waiting = queue.Queue()
    for number, job in enumerate(jobs):
        waiting.put((number, job))

    def work():
        process = subprocess.Popen(
            ["unshare", "-n", "-m", "--propagation", "private", sys.executable, "-B",
             os.path.join(HERE, "sandbox.py"), "--worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        while True:
            try:
                number, job = waiting.get_nowait()
            except queue.Empty:
                break
            process.stdin.write((json.dumps(job) + "\n").encode())
            process.stdin.flush()
            line = process.stdout.readline()
            answers[number] = json.loads(line) if line else {"failed": "the worker died"}
            if not line:
                break
        process.stdin.close()
        process.wait()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def modelled(answer):
    out = []
    for write in answer["model"]["writes"]:
        size = len(write["bytes"])
        taken = 0 if write["errno"] else size if write["taken"] is None else write["taken"]
        out.append([write["path"], write["bytes"], write["errno"], taken])
    return out


def show(writes, status):
    text = ["%s<-%r%s" % (path, data if len(data) < 60 else data[:40] + "...",
                          "=" + error if error else "" if taken == len(data) else "=%d" % taken)
            for path, data, error, taken in writes[:10]]
    return "exit=%d %s" % (status, "; ".join(text) or "(no write)")


def differing_values(answer):
    """Paths of which the model says another value than the kernel has in the end."""
    values = answer["model"]["values"]
    return sorted(path for path, text in answer["after"].items()
                  if values.get(path) is not None and values[path] != text)


def compare(cells, answers, explained):
    failed = False
    by_loader = {}
    for (name, cell, job), answer in zip(cells, answers):
        entry = by_loader.setdefault(name, [0, 0, 0, []])
        entry[1] += 1
        if answer is None or "failed" in answer:
            entry[3].append((cell, job, "the run failed: %s" % (answer or {}).get("failed"), "", []))
            continue
        same = answer["writes"] == modelled(answer) and answer["exit"] == answer["model"]["exit"]
        values = differing_values(answer)
        entry[0] += same
        entry[2] += not values
        if not same or values:
            entry[3].append((cell, job, show(answer["writes"], answer["exit"]),
                             show(modelled(answer), answer["model"]["exit"]), values))
    for name, (same, total, values, bad) in by_loader.items():
        percent = 100.0 * same / total
        print("%s: %d of %d agree in writes and exit status (%.2f %%), %d in all values (%.2f %%)"
              % (name, same, total, percent, values, 100.0 * values / total))
        failed = failed or percent < BAR
        for cell, job, real, ours, differing in bad:
            content = "".join(job["files"].values())
            print("  %s %s: %s" % (cell, name, explained.get((cell, name)) or
                                   explained.get((cell, "*")) or "NOT EXPLAINED"))
            print("    file  %r\n    real  %s\n    model %s" % (content[:300], real, ours))
            if differing:
                print("    other values: %s" % ", ".join(differing[:8]))
    return failed


def read_explained(path):
    explained = {}
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    cell, _, why = line.partition(":")
                    explained[tuple(cell.split(None, 1))] = why.strip()
    return explained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--random", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--explained")
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("--workers", type=int, default=6)
    args = parser.parse_args()
    args.model = os.path.abspath(args.model)
    why = sandbox.obstacle()
    if not why and not sandbox.host_programs() and not args.root:
        why = "neither procps nor systemd-sysctl nor busybox is installed"
    if why:
        print("real loaders: skipped, %s" % why)
        return SKIPPED
    place = tempfile.mkdtemp(prefix="loader-roots.")
    try:
        folders = [os.path.abspath(root.split("=", 1)[1]) for root in args.root]
        if not folders:
            folders = [place + "/host"]
            sandbox.copy_programs(folders[0])
        cells = []
        for folder in folders:
            sandbox.prepare_root(folder)
            for name, command in loaders_of(folder):
                cells += [(name, cell, job) for cell, job in jobs_for(args, folder, name, command)
                          if re.search(args.only, cell)]
        answers = run_all([job for _, _, job in cells], args.workers)
        return 1 if compare(cells, answers, read_explained(args.explained)) else 0
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
