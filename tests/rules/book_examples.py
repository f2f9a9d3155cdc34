#!/usr/bin/env python3
"""Tries the examples of the rulebook's material against the shipped rules.

PROCTOR_SHARED/rules holds two tables of cases, each for one candidate: a piece of configuration, the
machine it is for, and whether the candidate speaks there. rules/decisions says which rules a
candidate became. A positive case must have a finding of one of them, a negative one must have none.

A case that goes another way needs a line in book_differences.tsv: the candidate, the number of its
case, and why. A line without a difference is an error as well. Candidates that were left out are
counted.

usage: book_examples.py PROCTOR [--list]
Exit status: 0, 1, 77 (skip) without the material.
"""

import argparse
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The material's words for what a machine is for; others say nothing that a role says.
ROLES = {
    "bgp-router": "routing-daemon", "database": "database", "dns": "dns-server",
    "ha-cluster": "database", "haproxy": "reverse-proxy", "ipsec": "vpn-gateway",
    "k8s": "kubernetes-node", "k8s-node": "kubernetes-node", "lvs-director": "load-balancer",
    "mail": "mail-server", "mobile-client": "laptop", "multicast": "multicast-router",
    "oracle": "database", "proxy": "reverse-proxy", "qemu": "hypervisor",
    "quic-server": "web-server", "tor-exit": "exit-relay", "vpn": "vpn-gateway",
    "vpn-server": "vpn-gateway", "nfs": "server",
}


def rows(path, names=None):
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    return csv.DictReader(lines, fieldnames=names, delimiter="\t", quoting=csv.QUOTE_NONE)


class Case:
    def __init__(self, candidate, positive, snippet, number):
        self.candidate, self.positive, self.number = candidate, positive, number
        self.text = snippet.replace("\\n", "\n").replace("\\t", "\t") + "\n"
        self.options = ["--fact", "page_size=4096", "--fact", "hz=250"]
        self.running = []
        self.arch = "x86_64"

    def role(self, word):
        word = ROLES.get(word, word)
        if word in DECLARED:
            self.options += ["--role", word]
        if word == "container":
            self.options += ["--fact", "container=true", "--fact", "initial_netns=false"]

    def fact(self, name, value):
        self.options += ["--fact", f"{name}={value}"]

    def interfaces(self):
        names = set(re.findall(r"\b((?:eth|wg|tun|ppp|dummy|br)\d+)\b", self.text))
        if names:
            self.fact("interfaces", ",".join(sorted(names)))


def declared_roles():
    text = (ROOT / "rules/roles.yaml").read_text(encoding="utf-8")
    return set(re.findall(r"- name: ([a-z0-9-]+)", text))


DECLARED = declared_roles()


def net_cases(path):
    numbers = collections.Counter()
    for row in rows(path):
        name = row["rule_id"]
        numbers[name] += 1
        case = Case(name, row["polarity"] == "positive", row["snippet"], numbers[name])
        case.options += ["--kernel", row["kernel"], "--memory", row["ram"] + "iB"]
        case.role(row["role"])
        case.interfaces()
        words = row["context"]
        if match := re.search(r"HZ=(\d+)", words):
            case.fact("hz", match[1])
        if match := re.search(r"(\d+) CPUs", words):
            case.options += ["--cpus", match[1]]
        if match := re.search(r"listens ([\d,]+)", words):
            case.fact("listen_ports", match[1])
        yield case


def sys_cases(path):
    numbers = collections.Counter()
    for row in rows(path):
        name = row["rule"]
        numbers[name] += 1
        case = Case(name, row["kind"] == "positive", row["snippet"], numbers[name])
        words = dict(part.strip().split("=", 1) for part in row["context"].split(";") if "=" in part)
        case.options += ["--kernel", words.get("kver", "6.1"),
                         "--memory", words.get("ram", "8192") + "MiB"]
        for role in words.get("roles", "").split(","):
            case.role(role)
        if words.get("container") == "True":
            case.role("container")
        if swap := words.get("swap"):
            case.fact("swap_kind", swap)
            case.fact("swap", words.get("swap_mib", "0" if swap == "none" else "8192") + "MiB")
        for name, fact in (("numa", "numa_nodes"), ("thp", "thp"), ("virt", "virt"),
                           ("kdump", "kdump"), ("page", "page_size"), ("modules", "modules")):
            if name in words:
                case.fact(fact, words[name].lower())
        case.arch = words.get("arch", "x86_64")
        if ":" in words.get("running", ""):
            key, value = words["running"].split(":", 1)
            case.running.append(f"{key} = {value}\n")
        yield case


def decisions():
    out = {}
    for path in sorted((ROOT / "rules/decisions").glob("*.tsv")):
        for row in rows(path, ["candidate", "decision", "rules", "reason"]):
            ids = [one.strip() for one in (row["rules"] or "").split(",") if one.strip()]
            out[row["candidate"]] = (row["decision"], ids)
    return out


def check(proctor, case, options):
    """What check says of a case, or the message of a failure."""
    pipe = None
    if case.running:
        # A pipe, as the file of running values must have a name.
        pipe, write = os.pipe()
        os.write(write, "".join(case.running).encode())
        os.close(write)
        options = [*options, "--running", f"/dev/fd/{pipe}"]
    run = subprocess.run([proctor, "check", "-", "--format", "json", *options],
                         input=case.text.encode(), capture_output=True, timeout=60,
                         pass_fds=[pipe] if pipe else [])
    if pipe:
        os.close(pipe)
    if run.returncode not in (0, 1):
        return "failed: " + run.stderr.decode(errors="replace")
    return json.loads(run.stdout)


def speaks(proctor, case, ids):
    """"fires", "undecided" or "silent" of any of the rules."""
    options = case.options + ["--fact", "arch=" + case.arch]
    answer = check(proctor, case, options)
    if isinstance(answer, dict) and not any(one["rule"] in ids for one in answer["findings"]):
        # Policies speak only where they are asked for.
        selected = [word for one in ids for word in ("--select", one)]
        again = check(proctor, case, options + selected) if case.positive and ids else answer
        if isinstance(again, dict) and any(one["rule"] in ids for one in again["findings"]):
            answer = again
    if not isinstance(answer, dict):
        return answer
    found = {one["rule"] for one in answer["findings"]}
    if found & set(ids):
        return "fires"
    asked = {one["rule"] for one in answer["undecided"]} & set(ids)
    return " ".join(["undecided" if asked else "silent", *sorted(found)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("proctor")
    parser.add_argument("--list", action="store_true", help="print every difference")
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("PROCTOR_SHARED", ROOT / "../shared")) / "rules"
    if not folder.is_dir():
        print(f"skipped: no material in {folder}")
        return 77
    cases = list(net_cases(folder / "examples-net.tsv")) + list(sys_cases(folder / "examples-sys.tsv"))
    decided = decisions()
    explained = {(row["candidate"], int(row["case"])): row
                 for row in rows(HERE / "book_differences.tsv")}
    undecided = sorted({case.candidate for case in cases} - set(decided))
    bad = [f"no decision about {name}" for name in undecided]
    asked = [case for case in cases
             if case.candidate in decided and decided[case.candidate][0] != "left-out"]
    counts = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda case: speaks(options.proctor, case, decided[case.candidate][1]),
                           asked)
        for case, said in zip(asked, results):
            as_given = said == "fires" if case.positive else said != "fires"
            name = (case.candidate, case.number)
            reason = explained.pop(name, None)
            counts["as given" if as_given else "explained" if reason else "unexplained"] += 1
            if as_given and reason:
                bad.append(f"{name[0]} {name[1]}: behaves as given, but a difference is explained")
            if not as_given and (reason is None or options.list):
                line = (f"{name[0]}\t{name[1]}\t{'positive' if case.positive else 'negative'}: {said}"
                        f"\t{case.text.strip()!r} {' '.join(case.options[4:])}"
                        f" [{' '.join(decided[case.candidate][1])}]")
                bad.append(line) if reason is None else print(line)
    bad += [f"{name} {number}: no such case" for name, number in explained]
    counts["of candidates that were left out"] = len(cases) - len(asked)
    print(f"{len(cases)} cases: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
