#!/usr/bin/env python3
"""Holds that nothing severe is said of values that kernels and distributions chose themselves.

* The dumps of four Debian kernels in PROCTOR_SHARED/kernel/procsys.tsv.gz, each as a configuration
  for its own kernel: whole, and the keys that can be written alone.
* The drop-ins that packages of this machine brought, and those of distributions in the corpus.

The findings at warning or above that are right are listed here with their reason.

usage: defaults.py PROCTOR
Exit status: 0, 1 after printing what was said, 77 (skip) without the material.
"""

import collections
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SEVERE = ("error", "warning")
# Of a dump: the line fails, and nobody should feed it to a loader.
EXPECTED = {
    "scheduler/taint-not-setting": "writing kernel.tainted marks the kernel that reads the dump",
    "scheduler/state-not-setting": "kernel.ns_last_pid is the last process number of another machine",
    "scheduler/cad-pid-not-setting": "kernel.cad_pid is a process number of another machine",
    "key/read-only": "the open fails with EACCES, or writing is refused",
    "value/rejected": "the key reads as an empty text, which is no number to write",
}
# Of distributions' files: file and rule.
DISTRIBUTIONS = {
    ("097", "key/removed"): "dev.rtc.max-user-freq went with the old RTC driver",
}


def dumps(folder):
    texts = collections.defaultdict(lambda: ["", ""])
    with gzip.open(folder / "kernel/procsys.tsv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["read"] != "ok":
                continue
            value = row["value"].replace("\\t", "\t").split("\\n")[0]
            line = f"{row['path']} = {value}\n"
            texts[row["kernel"]][0] += line
            texts[row["kernel"]][1] += line if int(row["mode"], 8) & 0o200 else ""
    return texts


def severe(proctor, arguments, text=None):
    run = subprocess.run([proctor, "check", "--format", "json", *arguments], capture_output=True,
                         input=text.encode() if text else None, timeout=300)
    if run.returncode not in (0, 1):
        sys.exit(f"proctor check: status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return [one for one in json.loads(run.stdout)["findings"] if one["severity"] in SEVERE]


def main():
    folder = pathlib.Path(os.environ.get("PROCTOR_SHARED", HERE.parent.parent / "../shared"))
    if not folder.is_dir():
        print(f"skipped: no material in {folder}")
        return 77
    bad = []
    for kernel, variants in sorted(dumps(folder).items()):
        for text in variants:
            bad += [(kernel, one) for one in severe(sys.argv[1], ["-", "--kernel", kernel], text)
                    if one["rule"] not in EXPECTED]
    vendor = [path for path in sorted((folder / "corpus/files").iterdir())
              if path.name[:3] in ("038", "059", "060", "061", "097", "233")]
    for place in ("/usr/lib/sysctl.d", "/lib/sysctl.d"):
        vendor += sorted(pathlib.Path(place).glob("*.conf"))
    for path in vendor:
        bad += [(path.name, one) for one in severe(sys.argv[1], [str(path)])
                if (path.name[:3], one["rule"]) not in DISTRIBUTIONS]
    for where, one in bad:
        print(f"{where}:{one['line']}: {one['severity']}: {one['message']} [{one['rule']}]")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
