#!/usr/bin/env python3
"""Compares the key catalog with a kernel source tree or a dump of /proc/sys, and merges what is new.

usage: catalog.py check   (--tree DIR | --dump FILE) --version V [--data DIR]
       catalog.py rebuild (--tree DIR | --dump FILE) --version V [--data DIR]

A dump is the output of `sysctl -a`, or a table (plain or gzip) with columns kernel, path, mode,
read, value, of which the rows of the version's series are taken. `check` lists the differences and
exits with 1 if there are any; `rebuild` writes keys.tsv and history.tsv. What neither can know
(units, modules, how conf.all combines, initial values) stays as it is, or empty for a new key.
"""

import argparse
import collections
import gzip
import os
import re
import sys

import catalog_data as data
import catalog_life as life
import ctl_tables

HERE = os.path.dirname(os.path.abspath(__file__))
IGNORES_BOUNDS = {
    "proc_dointvec", "proc_dointvec_jiffies", "proc_dostring", "proc_douintvec",
    "ipv4_doint_and_flush", "devinet_conf_proc", "devinet_sysctl_forward", "proc_dobool",
}


class Catalog:
    """The data files, indexed."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = data.load_keys(folder)
        self.by_name = {row["key"]: row for row in self.keys}
        self.history = data.load_history(folder, set(self.by_name))
        self.rows = collections.defaultdict(list)
        for row in self.history:
            self.rows[row["key"]].append(row)

    def pattern_of(self, path):
        """The key that a dotted path belongs to, or None. Interfaces are the usual wildcard."""
        if path in self.by_name:
            return path
        parts = path.split(".")
        for name in self.by_name:
            if "*" not in name:
                continue
            pattern = name.split(".")
            head, tail = pattern.index("*"), len(pattern) - pattern.index("*") - 1
            if (len(parts) >= len(pattern) and parts[:head] == pattern[:head] and
                    (tail == 0 or parts[-tail:] == pattern[-tail:])):
                return name
        return None

    def write(self):
        self.keys.sort(key=lambda row: row["key"])
        self.history.sort(key=lambda row: (row["key"], row["branch"] != "",
                                           data.Version.parse(row["from"])))
        for name, rows in (("keys.tsv", self.keys), ("history.tsv", self.history)):
            path = os.path.join(self.folder, name)
            with open(path, encoding="utf-8") as file:
                header = file.readline().rstrip("\n").split("\t")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\t".join(header) + "\n")
                for row in rows:
                    file.write("\t".join(row[column] for column in header) + "\n")


def entries_by_key(catalog, entries, version):
    """Entries of a tree under the catalog's names; those without a folder go by file and name."""
    by_place = collections.defaultdict(list)
    for row in catalog.keys:
        by_place[(row["source"], row["key"].split(".")[-1])].append(row["key"])
    found = collections.defaultdict(list)
    for entry in entries:
        if entry.key:
            found[catalog.pattern_of(entry.key) or entry.key].append(entry)
            continue
        known = by_place.get((entry.file, entry.name), [])
        alive = [name for name in known
                 if life.existence(catalog.by_name[name], version) != life.ABSENT]
        known = alive or known
        for name in known or [f"?.{entry.file}.{entry.name}"]:
            found[name].append(entry)
    return found


def describe(entry):
    bounds = f" {entry.minimum or '-'}..{entry.maximum or '-'}" if (
        entry.minimum or entry.maximum) else ""
    return f"{entry.handler}{bounds} {entry.mode:04o}"


def normal_bounds(handler, minimum, maximum):
    return ("", "") if handler in IGNORES_BOUNDS else (minimum, maximum)


def fits(entry, row):
    """Whether a tree's entry is what a history row says; symbols of another name may be equal."""
    if entry.handler != row["handler"]:
        return False
    if entry.mode and row["mode"] and entry.mode != int(row["mode"], 8):
        return False
    mine = normal_bounds(entry.handler, entry.minimum, entry.maximum)
    theirs = (row["min"], row["max"])
    return all(a == b or a.startswith("?") or b.startswith("?") for a, b in zip(mine, theirs))


def check_tree(catalog, entries, version, files):
    found = entries_by_key(catalog, entries, version)
    for name in sorted(found):
        row = catalog.by_name.get(name)
        if row is None:
            yield "new", name, f"{found[name][0].file}: {describe(found[name][0])}"
        elif life.existence(row, version) == life.ABSENT:
            yield "present", name, f"the catalog has it absent in {version}"
    unplaced = {entry.name for entry in entries if not entry.key}
    for row in catalog.keys:
        name = row["key"]
        if name in found:
            rows = life.in_force(catalog.rows[name], version)
            if rows and not any(fits(entry, one) for entry in found[name] for one in rows):
                yield "changed", name, (f"{describe(found[name][0])}, the catalog has " +
                                        f"{rows[0]['handler']} {rows[0]['min'] or '-'}.." +
                                        f"{rows[0]['max'] or '-'} {rows[0]['mode']}")
        elif (row["source"] in files and catalog.rows[name] and
              name.split(".")[-1] not in unplaced):
            if life.existence(row, version) == life.PRESENT:
                yield "missing", name, f"not in {row['source']}, the catalog has it"


def read_dump(path, version):
    """(dotted path, mode or None) of each key of a dump."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        lines = file.read().split("\n")
    if lines and lines[0].startswith("kernel\tpath\t"):
        for line in lines[1:]:
            cells = line.split("\t")
            if len(cells) == 5 and data.Version.parse(cells[0]) == version.series():
                yield cells[1].replace(".", "\0").replace("/", ".").replace("\0", "/"), int(
                    cells[2], 8)
        return
    for line in lines:
        name, equals, _ = line.partition(" = ")
        if equals and re.fullmatch(r"[\w./*:@-]+", name):
            yield name, None


def check_dump(catalog, dump, version):
    seen = set()
    for path, mode in dump:
        name = catalog.pattern_of(path)
        if name is None:
            yield "new", path, "not in the catalog"
            continue
        seen.add(name)
        row = catalog.by_name[name]
        if life.existence(row, version) == life.ABSENT:
            yield "present", path, f"the catalog has it absent in {version}"
        rows = life.in_force(catalog.rows[name], version)
        modes = {int(one["mode"], 8) for one in rows if one["mode"]}
        if mode is not None and modes and mode not in modes:
            yield "changed", path, f"mode {mode:04o}, the catalog has {rows[0]['mode']}"
    for row in catalog.keys:
        if row["key"] in seen or row["module"] or row["built"] != "yes":
            continue
        if life.existence(row, version) == life.PRESENT:
            yield "missing", row["key"], "not in the dump, the catalog has it in every build"


def differences(catalog, options):
    version = options.version
    if options.tree:
        entries = ctl_tables.read_tree(options.tree)
        files = set(ctl_tables.candidates(options.tree))
        return list(check_tree(catalog, entries, version, files)), entries
    return list(check_dump(catalog, read_dump(options.dump, version), version)), []


def new_key(name, version, entry):
    row = dict.fromkeys("type slots unit min max access scope absent_before first last removed_in "
                        "stable module config built vendor combines default replaced_by source "
                        "notes evidence".split(), "")
    row.update(key=name, first=str(version.series()), scope="unknown", built="no", type="other",
               access="rw", evidence=f"seen in {version}")
    if entry is not None:
        row["source"] = entry.file
        row["min"], row["max"] = (text if not text.startswith("?") else ""
                                  for text in (entry.minimum, entry.maximum))
        handler = entry.handler
        for pattern, kind in (("dou8vec", "u8"), ("dobool", "bool"), ("douintvec", "uint"),
                              ("doulongvec", "ulong"), ("dointvec", "int"), ("dostring", "string")):
            if pattern in handler:
                row["type"] = kind
                break
        row["access"] = {0o444: "ro", 0o200: "wo", 0o600: "root", 0o666: "all"}.get(
            entry.mode, "rw")
    return row


def history_row(name, version, entry, rows):
    minimum, maximum = normal_bounds(entry.handler, entry.minimum, entry.maximum)
    newest = max((data.Version.parse(row["from"]) for row in rows if not row["branch"]),
                 default=data.NONE)
    main = version.series() >= newest.series()
    return {"key": name, "branch": "" if main else str(version.series()), "from": str(version),
            "before": str(newest) if main and rows else "", "handler": entry.handler,
            "min": minimum, "max": maximum, "maxlen": "", "mode": f"{entry.mode:04o}"}


def merge(catalog, found, entries, version):
    """Takes differences over into the data files."""
    by_key = entries_by_key(catalog, entries, version)
    for kind, name, _ in found:
        entry = by_key[name][0] if by_key.get(name) else None
        if kind == "new" and not name.startswith("?"):
            catalog.keys.append(new_key(name, version, entry))
            if entry is not None:
                catalog.history.append(history_row(name, version, entry, []))
        elif kind == "changed" and entry is not None:
            catalog.history.append(history_row(name, version, entry, catalog.rows[name]))
        elif kind == "present":
            row = catalog.by_name[catalog.pattern_of(name) or name]
            row["stable"] = (row["stable"] + f" +{version}").strip()
        elif kind == "missing" and entries:
            row = catalog.by_name[name]
            row["last"] = row["last"] or str(life_end(row, version))
            row["removed_in"] = str(version.series())
    catalog.write()


def life_end(row, version):
    """The newest series before `version` that is known to have had a key: where it was first
    seen, for want of a later sight."""
    first = data.optional_version(row["first"])
    return first if first < version.series() else version.series()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["check", "rebuild"])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--tree")
    source.add_argument("--dump")
    parser.add_argument("--version", required=True, type=data.Version.parse)
    parser.add_argument("--data", default=os.path.join(HERE, "..", "rules", "catalog"))
    options = parser.parse_args()
    try:
        catalog = Catalog(options.data)
        found, entries = differences(catalog, options)
    except (OSError, data.DataError) as error:
        sys.exit(f"catalog.py: {error}")
    if options.command == "rebuild":
        merge(catalog, found, entries, options.version)
    for kind, name, text in found:
        print(f"{kind}\t{name}\t{text}")
    print(f"{len(found)} differences", file=sys.stderr)
    if options.command == "check" and found:
        sys.exit(1)


if __name__ == "__main__":
    main()
