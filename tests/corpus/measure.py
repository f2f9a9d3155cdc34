#!/usr/bin/env python3
"""Measures recall and precision on real configurations.

Runs `PROCTOR check --format json` over the corpus in PROCTOR_SHARED/corpus and compares with its
labels.tsv, the lines of some of its files that were judged by hand.

* Recall: the labelled errors and warnings that a finding speaks about. A finding speaks about the
  lines it spans and the related lines that it shows; codes.tsv says which rules say the same as a
  label's code. A line with any other finding does not count.
* Precision: the findings at warning or above on the labelled files that are right. One is right if a
  label of error or warning is about the same problem on one of its lines, or if judgements.tsv says
  so, with its evidence.

judgements.tsv also corrects labels: a label with the verdict `label-wrong` is not asked for.
reading.tsv holds what a reading of files without labels found: no false alarm of it may come back,
nothing that was missed may be missed again.

usage: measure.py PROCTOR [--bars RECALL,PRECISION] [--counts] [--quiet]
Exit status: 0, 1 if a bar is missed, a mistake came back or something crashed, 77 (skip) without the
corpus.
"""

import argparse
import collections
import csv
import fnmatch
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SEVERE = ("error", "warning")
ONE_IN = 3  # A rule that fires on more than a third of all files needs a reason.


def rows(path):
    with open(path, encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


class Corpus:
    def __init__(self, folder):
        self.folder = folder
        self.files = sorted((folder / "files").iterdir())
        self.templates = sorted((folder / "templates").iterdir())
        self.bsd = sorted((folder / "bsd").iterdir())
        self.labels = [dict(row, line=int(row["line"])) for row in rows(folder / "labels.tsv")]
        self.labelled = {row["id"] for row in self.labels}


def check(proctor, files):
    """All findings of loose files, each a configuration of its own."""
    run = subprocess.run([proctor, "check", "--format", "json", *map(str, files)],
                         capture_output=True, timeout=600)
    if run.returncode not in (0, 1):
        sys.exit(f"proctor check: status {run.returncode}: {run.stderr.decode(errors='replace')}")
    answer = json.loads(run.stdout)
    if answer["errors"]:
        sys.exit(f"proctor check: {answer['errors']}")
    for finding in answer["findings"]:
        finding["id"] = pathlib.Path(finding["file"]).name[:3]
        finding["lines"] = set(range(finding["line"], finding["end_line"] + 1))
        finding["lines"] |= {other["line"] for other in finding["related"]}
    return answer


def matches(rule, globs):
    return any(fnmatch.fnmatchcase(rule, glob) for glob in globs)


class Judge:
    def __init__(self, corpus):
        self.codes = {row["code"]: row["rules"].split() for row in rows(HERE / "codes.tsv")}
        unknown = {row["code"] for row in corpus.labels} - set(self.codes)
        if unknown:
            sys.exit(f"codes.tsv lacks {', '.join(sorted(unknown))}")
        self.judged = {}
        for row in rows(HERE / "judgements.tsv"):
            self.judged[row["id"], int(row["line"]), row["rule"]] = row
        self.used = set()

    def same(self, finding, label):
        return (finding["id"] == label["id"] and label["line"] in finding["lines"] and
                matches(finding["rule"], self.codes[label["code"]]))

    def verdict(self, identity, line, rule):
        """`rule` is a rule's id, or a label's code."""
        found = self.judged.get((identity, line, rule))
        if found is None:
            return None
        self.used.add((identity, line, rule))
        return found["verdict"]


def short(text, width=96):
    return text if len(text) <= width else text[:width - 1] + "…"


def recall(corpus, judge, findings, say):
    asked = [label for label in corpus.labels if label["severity"] in SEVERE]
    wrong = [label for label in asked
             if judge.verdict(label["id"], label["line"], label["code"]) == "label-wrong"]
    asked = [label for label in asked if label not in wrong]
    missed, mild = [], []
    for label in asked:
        same = [finding for finding in findings if judge.same(finding, label)]
        if not same:
            missed.append(label)
        elif all(finding["severity"] == "info" for finding in same):
            mild.append(label)
    for title, some in (("missed", missed), ("found, but only as info", mild),
                        ("not asked for: the label is wrong (judgements.tsv)", wrong)):
        if some:
            say(f"\nlabels {title}: {len(some)}")
        for label in some:
            say(f"  {label['id']}:{label['line']:<4} {label['severity']:8}{label['code']:28} "
                f"{short(label['what'])}")
    return len(asked) - len(missed), len(asked), len(mild)


def precision(corpus, judge, findings, say):
    severe = [finding for finding in findings
              if finding["id"] in corpus.labelled and finding["severity"] in SEVERE]
    alarms, by_label, by_judgement = [], 0, 0
    for finding in severe:
        verdict = judge.verdict(finding["id"], finding["line"], finding["rule"])
        if verdict == "right":
            by_judgement += 1
        elif verdict is None and any(label["severity"] in SEVERE and judge.same(finding, label)
                                     for label in corpus.labels):
            by_label += 1
        else:
            alarms.append((finding, verdict or "unjudged"))
    say(f"\nfindings at warning or above on {len(corpus.labelled)} labelled files: {len(severe)}; "
        f"right by label {by_label}, by judgement {by_judgement}")
    if alarms:
        say(f"\nfalse alarms: {len(alarms)}")
    for finding, verdict in alarms:
        say(f"  {finding['id']}:{finding['line']:<4} {finding['severity']:8}{verdict:9}"
            f"{finding['rule']:36} {short(finding['message'])}")
    return len(severe) - len(alarms), len(severe)


def reading(findings):
    """What came back of the mistakes of reading.tsv, one line each."""
    for row in rows(HERE / "reading.tsv"):
        there = [finding for finding in findings
                 if finding["id"] == row["id"] and fnmatch.fnmatchcase(finding["rule"], row["rule"])]
        if row["verdict"] == "missed":
            if not any(int(row["line"]) in finding["lines"] for finding in there):
                yield f"missed again: {row['id']}:{row['line']} {row['rule']}: {row['why']}"
        elif any(int(row["line"]) == finding["line"] and finding["severity"] in SEVERE
                 for finding in there):
            yield f"false again: {row['id']}:{row['line']} {row['rule']}: {row['why']}"


def counts(corpus, findings, say):
    by_rule = collections.Counter(finding["rule"] for finding in findings)
    files = collections.defaultdict(set)
    severities = collections.defaultdict(set)
    for finding in findings:
        files[finding["rule"]].add(finding["file"])
        severities[finding["rule"]].add(finding["severity"])
    say(f"\n{'findings':>8} {'files':>6} {'share':>6}  rule")
    for rule, number in sorted(by_rule.items(), key=lambda one: (-one[1], one[0])):
        share = len(files[rule]) / len(corpus.files)
        often = "  in more than a third of the files" if share * ONE_IN > 1 else ""
        say(f"{number:8} {len(files[rule]):6} {share:6.1%}  {rule} "
            f"({', '.join(sorted(severities[rule]))}){often}")


def foreign(title, answer, say):
    summary = answer["summary"]
    say(f"\n{title}: {summary['files']} files, {summary['assignments']} assignments, "
        f"{summary['error']} errors, {summary['warning']} warnings, {summary['info']} infos")
    by_rule = collections.Counter((finding["severity"], finding["rule"])
                                  for finding in answer["findings"])
    for (severity, rule), number in sorted(by_rule.items(), key=lambda one: (one[0][0], -one[1])):
        if severity in SEVERE:
            say(f"{number:8}  {severity:8} {rule}")


def share(part, whole):
    return part / whole if whole else 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("proctor")
    parser.add_argument("--bars", default="0,0", help="least recall and precision, in per cent")
    parser.add_argument("--counts", action="store_true", help="counts by rule over all files")
    parser.add_argument("--quiet", action="store_true", help="the two figures alone")
    options = parser.parse_args()
    say = (lambda text: None) if options.quiet else print
    folder = pathlib.Path(os.environ.get("PROCTOR_SHARED", HERE.parent.parent / "../shared"))
    folder = folder / "corpus"
    if not folder.is_dir():
        print(f"skipped: no corpus in {folder}")
        return 77

    corpus = Corpus(folder)
    judge = Judge(corpus)
    answer = check(options.proctor, corpus.files)
    templates = check(options.proctor, corpus.templates)
    bsd = check(options.proctor, corpus.bsd)
    # Templates and foreign files are among the labelled ones, too.
    findings = answer["findings"] + templates["findings"] + bsd["findings"]
    found, asked, mild = recall(corpus, judge, findings, say)
    right, severe = precision(corpus, judge, findings, say)
    again = list(reading(findings))
    for text in again:
        print(text)
    for unused in sorted(set(judge.judged) - judge.used):
        say(f"judgement without a finding or label: {unused}")
    if options.counts:
        counts(corpus, answer["findings"], say)
    foreign("templates", templates, say)
    foreign("not Linux", bsd, say)
    print(f"\nrecall {share(found, asked):.1%} ({found} of {asked} labelled errors and warnings, "
          f"{mild} of them as info), precision {share(right, severe):.1%} ({right} of {severe})")
    bars = [float(bar) / 100 for bar in options.bars.split(",")]
    kept = share(found, asked) >= bars[0] and share(right, severe) >= bars[1]
    return 0 if kept and not again else 1


if __name__ == "__main__":
    sys.exit(main())
