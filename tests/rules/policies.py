#!/usr/bin/env python3
"""Holds the rules of each policy against its lines in policies.tsv.

For every line: each value that satisfies the policy is silent under `--select POLICY`, and another
value has a finding. And no rule carries the tag of a policy that does not name its key.

usage: policies.py PROCTOR
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "6.12"
# Values that no policy wants, where 0 and 1 do not do.
OTHER = {"net.ipv4.ip_local_port_range": "1024 65535", "kernel.core_pattern": "core",
         "fs.suid_dumpable": "1", "vm.mmap_min_addr": "4096", "vm.mmap_rnd_bits": "28",
         "vm.mmap_rnd_compat_bits": "8", "net.ipv4.icmp_ratemask": "6168",
         "kernel.perf_cpu_time_max_percent": "25",
         "kernel.perf_event_max_sample_rate": "100000"}
SAME = {"net.ipv4.conf.all.forwarding": "net.ipv4.ip_forward"}  # Two names: one finding.


def lines():
    for line in (HERE / "policies.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            policy, key, values = line.split("\t")
            yield policy, key, [value.replace("\\|", "|")
                                for value in re.split(r"(?<!\\)\|", values)]


def run(proctor, *arguments, text=None):
    done = subprocess.run([proctor, *arguments], input=text, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"proctor {' '.join(arguments)}: status {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def judged(proctor, policy, settings):
    """The keys with a finding under the policy, in one file of `key = value` lines."""
    # A change of forwarding resets other keys: it comes first.
    settings = sorted(settings, key=lambda one: "forward" not in one[0])
    text = "".join(f"{key} = {value}\n" for key, value in settings)
    answer = run(proctor, "check", "-", "--no-config", "--select", policy, "--kernel", KERNEL,
                 "--fact", "arch=x86_64", "--cpus", "4", "--memory", "8GiB", "--format", "json", text=text)
    if answer["undecided"]:
        sys.exit(f"{policy}: undecided: {answer['undecided']}")
    return {settings[finding["line"] - 1][0] for finding in answer["findings"]}


def main():
    proctor = sys.argv[1]
    policies = {}
    for policy, key, values in lines():
        policies.setdefault(policy, {})[key] = values
    failures = []
    for policy, wanted in policies.items():
        for nth in range(max(map(len, wanted.values()))):
            good = [(key, values[min(nth, len(values) - 1)]) for key, values in wanted.items()]
            for key in sorted(judged(proctor, policy, good)):
                failures.append(f"{policy}: a finding on {key} = {dict(good)[key]}, which it wants")
        bad = [(key, OTHER.get(key, "0" if "0" not in values else "1"))
               for key, values in wanted.items()]
        found = judged(proctor, policy, bad)
        for key in sorted(key for key in wanted if {key, SAME.get(key)}.isdisjoint(found)):
            failures.append(f"{policy}: no finding on {key} = {dict(bad)[key]}")
        read = set()
        for rule in run(proctor, "rules", "list", "--select", policy, "--format", "json"):
            read.update(rule["reads"])
            if "policy" not in rule["tags"] or rule["default"]:
                failures.append(f"{rule['id']} is on by default")
            if not any(key in wanted or key.replace("*", "all") in wanted or
                       key.replace("*", "default") in wanted for key in rule["reads"]):
                failures.append(f"{rule['id']} has the tag {policy}, which does not name its key")
        print(f"{policy}: {len(wanted)} lines, {len(read)} keys read")
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
