#!/usr/bin/env python3
"""Compares the loader models with the recorded runs of fourteen loaders.

Reads ../shared/loaders (through PROCTOR_SHARED): vectors.tsv.gz holds what each loader wrote for
each file, precedence.tsv the values that folder trees led to, run_vectors.py the contents in full.
A cell (vector x loader) agrees if the writes (path, bytes, errno, order) and the exit status do.

  compare_vectors.py MODEL [--explained FILE] [--only REGEX] [--show]
"""
import argparse
import fnmatch
import gzip
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
BAR = 99.0
KERNEL = "6.18.44"


def load_module(path):
    spec = importlib.util.spec_from_file_location("recorded_vectors", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_table(path):
    """-> (start values of the header, rows as dictionaries)"""
    opener = gzip.open if path.endswith(".gz") else open
    start, rows, header = {}, [], None
    with opener(path, "rt", encoding="utf-8", errors="replace") as table:
        for line in table:
            line = line.rstrip("\n")
            if line.startswith("# start values:"):
                for pair in line.split(":", 1)[1].split(", "):
                    key, _, value = pair.strip().partition("=")
                    start[key] = value
            if line.startswith("#"):
                continue
            cells = line.split("\t")
            if header is None:
                header = cells
            else:
                rows.append(dict(zip(header, cells)))
    return start, header, rows


def key_to_path(key):
    return key.translate(str.maketrans("./", "/."))


def unescape(text):
    """The inverse of the table's escapes, to bytes as code points."""
    names = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\(x[0-9a-f]{2}|.)",
                  lambda m: names.get(m.group(1)) or chr(int(m.group(1)[1:], 16)), text)


def as_bytes(value):
    data = value.encode("utf-8") if isinstance(value, str) else value
    return data.decode("latin-1")


class Model:
    """The model tool, asked with many jobs at once."""

    def __init__(self, program):
        self.program = program

    def ask(self, jobs):
        text = "".join(json.dumps(job) + "\n" for job in jobs)
        done = subprocess.run([self.program], input=text.encode(), stdout=subprocess.PIPE,
                              check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


def recorded_writes(effect):
    """Writes of a cell as the table shows them; opens that failed or wrote nothing are none."""
    events = effect.split(" => ")[0] if " => " in effect else effect
    writes, more = [], 0
    for event in re.split(r"; (?=(?:[^\"]*\"[^\"]*\")*[^\"]*$|\.\.\. )", events):
        match = re.fullmatch(r"\.\.\. (\d+) more", event)
        if match:
            more = int(match.group(1))
            continue
        times = 1
        match = re.fullmatch(r"(.*) \(x(\d+)\)", event)
        if match:
            event, times = match.group(1), int(match.group(2))
        if '<-"' not in event:
            continue
        writes += [event] * times
    return writes, more


def modelled_writes(answer, module):
    writes = []
    for write in answer["writes"]:
        data = write["bytes"].encode("latin-1")
        if write["errno"]:
            result = "=" + write["errno"]
        elif write["taken"] is not None and write["taken"] != len(data):
            result = "=%d/%d" % (write["taken"], len(data))
        else:
            result = ""
        path = module.esc(write["path"].encode("latin-1"))
        writes.append('%s<-"%s"%s' % (path, module.esc(data), result))
    return writes


def vector_kind(vector):
    if vector.get("fake"):
        return "fake tree"
    if vector.get("args") is not None or vector.get("uid") or vector.get("stdin"):
        return "options"
    if vector["id"] in ("ke33", "ke34"):
        return "read-only mount"
    return "plain"


def compare_vectors(model, module, table, only):
    start, header, rows = read_table(table)
    names = [cell[:-3] for cell in header if cell.endswith(":rc")]
    by_id = {vector["id"]: vector for vector in module.VECTORS}
    jobs, cells = [], []
    for row in rows:
        vector = by_id.get(row["id"])
        if vector is None or not re.search(only, row["id"]):
            continue
        brief = "brief" in vector or row["content"] == "(empty)"
        content = as_bytes(vector["content"]) if brief else unescape(row["content"])
        values = dict(start)
        values.update(vector.get("pre", {}))
        kind = vector_kind(vector)
        paths = {key_to_path(key): value.replace(" ", "\t") for key, value in values.items()}
        interfaces = ["lo"] + vector.get("ifaces", [])
        if len(vector.get("ifaces", [])) % 2:
            interfaces.append("peer0")
        job = {"kernel": KERNEL, "netns": True, "start": paths, "interfaces": interfaces,
               "files": [{"path": "/tmp/t.conf", "bytes": content}]}
        if vector.get("fake"):
            job.update(complete=True, start={path: text.rstrip("\n")
                                             for path, text in vector["fake"].items()
                                             if isinstance(text, str)})
        for name in names:
            if row[name + ":rc"] == "-":
                continue
            jobs.append(dict(job, loader=name))
            cells.append((row, vector, kind, name))
    answers = model.ask(jobs)
    result = {}
    for (row, vector, kind, name), answer in zip(cells, answers):
        recorded, more = recorded_writes(row[name + ":effect"])
        modelled = modelled_writes(answer, module)
        shown = modelled[:len(recorded)] if more else modelled
        agree = shown == recorded and str(answer["exit"]) == row[name + ":rc"]
        agree = agree and (not more or len(modelled) >= len(recorded))
        entry = result.setdefault(kind, [0, 0, [], {}])
        entry[0] += agree
        entry[1] += 1
        mine = entry[3].setdefault(name, [0, 0])
        mine[0] += agree
        mine[1] += 1
        if not agree:
            entry[2].append((row["id"], name,
                             "recorded rc=%s %s" % (row[name + ":rc"], "; ".join(recorded)),
                             "modelled rc=%s %s" % (answer["exit"], "; ".join(modelled))))
    return result


def write_tree(root, tree):
    """-> credentials found at CREDENTIALS_DIRECTORY's place"""
    os.makedirs(os.path.join(root, "etc/sysctl.d"))
    for path, content in tree.items():
        full = root + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if isinstance(content, tuple) and content[0] == "ln":
            if os.path.isdir(full) and not os.path.islink(full):
                os.rmdir(full)
            os.symlink(content[1], full)
        elif isinstance(content, tuple) and content[0] == "dir":
            os.makedirs(full)
        else:
            text = content[2] if isinstance(content, tuple) else content
            with open(full, "wb") as out:
                out.write(text.encode("utf-8"))


def compare_scenarios(model, module, table, only):
    _, header, rows = read_table(table)
    by_id = {scenario["id"]: scenario for scenario in module.SCEN}
    result = [0, 0, [], 0, 0]
    with tempfile.TemporaryDirectory() as place:
        jobs, cells = [], []
        for row in rows:
            scenario = by_id.get(row["id"])
            if scenario is None or not re.search(only, row["id"]):
                continue
            root = os.path.join(place, row["id"])
            write_tree(root, scenario["tree"])
            values = dict(module.PRE)
            values[module.MEM] = "20"
            values["net.ipv4.conf.all.accept_redirects"] = "1"
            start = {key_to_path(key): value.replace(" ", "\t") for key, value in values.items()}
            for column in header[3:]:
                name, _, how = column.partition(" ")
                job = {"loader": name, "root": root, "kernel": KERNEL, "netns": True,
                       "start": start, "interfaces": ["lo"],
                       "watch": [key_to_path(key) for key in scenario["watch"]]}
                if how.endswith("-loop"):
                    job["layout"] = how[:-5]
                folder = scenario.get("env", {}).get("CREDENTIALS_DIRECTORY")
                if folder:
                    job["credential"] = scenario["tree"][folder + "/sysctl.extra"]
                jobs.append(job)
                cells.append((row, scenario, column))
        for (row, scenario, column), answer in zip(cells, model.ask(jobs)):
            values = ", ".join("%s=%s" % (key.replace("net.ipv4.", ""),
                                          (answer["values"][key_to_path(key)] or "?")
                                          .replace("\t", " ")) for key in scenario["watch"])
            recorded = row[column].split(" | ")
            agree = recorded[0].replace(" (unchanged)", "") == values
            result[0] += agree
            result[1] += 1
            exit_agrees = recorded[1] == "rc=%d" % answer["exit"]
            result[3] += exit_agrees
            result[4] += 1
            if not agree or not exit_agrees:
                result[2].append((row["id"], column, "recorded " + " ".join(recorded[:2]),
                                  "modelled %s rc=%d" % (values, answer["exit"])))
    return result


def read_explained(path):
    explained = {}
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    cell, _, why = line.partition(":")
                    explained[tuple(cell.split(None, 1))] = why.strip()
    return explained


def explanation(explained, cell, name):
    """The line of that cell, or of a pattern of cells."""
    exact = explained.get((cell, name)) or explained.get((cell, "*"))
    return exact or next((why for (pattern, loader), why in explained.items()
                          if loader == "*" and fnmatch.fnmatchcase(cell, pattern)), None)


def report(title, agreeing, total, disagreements, explained):
    percent = 100.0 * agreeing / total if total else 100.0
    print("%s: %d of %d agree (%.2f %%)" % (title, agreeing, total, percent))
    for cell, name, recorded, modelled in disagreements:
        why = explanation(explained, cell, name)
        print("  %s %s: %s" % (cell, name, why or "NOT EXPLAINED"))
        print("    %s\n    %s" % (recorded[:400], modelled[:400]))
    return percent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--explained")
    parser.add_argument("--only", default="")
    parser.add_argument("--tables", help="a folder with other tables made by run_vectors.py")
    args = parser.parse_args()
    folder = os.path.join(os.environ.get("PROCTOR_SHARED", "../shared"), "loaders")
    table = os.path.join(args.tables, "vectors.tsv") if args.tables else os.path.join(
        folder, "vectors.tsv.gz")
    if not os.path.exists(table):
        print("no recorded loader runs at %s: skipped" % folder)
        return SKIPPED
    module = load_module(os.path.join(folder, "run_vectors.py"))
    model = Model(args.model)
    explained = read_explained(args.explained)
    failed = False
    for kind, (agreeing, total, bad, by_loader) in sorted(
            compare_vectors(model, module, table, args.only).items()):
        percent = report("vectors, " + kind, agreeing, total, bad, explained)
        for name, (mine, cells) in by_loader.items() if kind == "plain" else ():
            print("    %-15s %4d of %4d (%.2f %%)" % (name, mine, cells, 100.0 * mine / cells))
        failed = failed or (kind == "plain" and percent < BAR)
    values, total, bad, exits, exit_total = compare_scenarios(
        model, module, os.path.join(args.tables or folder, "precedence.tsv"), args.only)
    report("scenarios, effective values", values, total, bad, explained)
    print("scenarios, exit status: %d of %d agree" % (exits, exit_total))
    failed = failed or values != total
    return 1 if failed else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
