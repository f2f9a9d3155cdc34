#!/usr/bin/env python3
"""Checks that the rulebook is complete in what its examples and decisions must cover.

* Every shipped rule has an example where it fires (but for what no engine decides) and one where it
  is silent, and, where its condition reads a fact of the machine that it does not ask given() for,
  one where it is undecided.
* rules/decisions says of each of the 372 candidates whether it became a rule, is covered by one,
  or was left out and why; each rule that it names is shipped. Where PROCTOR_SHARED has the
  candidates, they are the very same.
* What a rule explains takes two to four sentences.
* A rule that is an opinion has the tag `policy`, which keeps it off, and the tag of whoever holds it.

usage: coverage_check.py [--counts]
"""

import collections
import csv
import os
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CANDIDATES = 372
# Detectors that fire outside of the engine; the golden cases show them.
OUTSIDE = {"baseline-stale"}


def shipped():
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        yield from document.get("rules") or []


def facts_of(rule):
    parts = [rule.get("when"), rule.get("unless"), rule.get("want"), *(rule.get("let") or {}).values()]
    text = " ".join(str(part) for part in parts)
    asked_for = set(re.findall(r"given\(host\.(\w+)\)", text))
    return set(re.findall(r"host\.(\w+)", text)) - asked_for


def example_errors(rule):
    kinds = {example["expect"] for example in rule["examples"]}
    wanted = {"fires", "silent"} | ({"undecided"} if facts_of(rule) else set())
    if rule.get("detect") in OUTSIDE:
        wanted -= {"fires"}
    return [f"{rule['id']}: no example that is {kind}" for kind in sorted(wanted - kinds)]


def length_errors(rule):
    """A sentence that a template adds at times does not count."""
    text = re.sub(r"\{[^}]*\}", "", rule["why"])
    sentences = len(re.findall(r"[.!?](?=\s|$|[\")”])", text))
    return [] if 2 <= sentences <= 4 else [f"{rule['id']}: a why of {sentences} sentences"]


def decisions():
    names = ["candidate", "decision", "rules", "reason"]
    for path in sorted((ROOT / "rules/decisions").glob("*.tsv")):
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith("#")]
        yield from csv.DictReader(lines, names, delimiter="\t", quoting=csv.QUOTE_NONE)


def decision_errors(ids):
    seen = collections.Counter()
    for row in decisions():
        seen[row["candidate"]] += 1
        named = [one.strip() for one in (row["rules"] or "").split(",") if one.strip()]
        if row["decision"] not in ("rule", "generic", "covered", "left-out"):
            yield f"{row['candidate']}: decision {row['decision']}"
        if row["decision"] == "left-out" and not row["reason"]:
            yield f"{row['candidate']}: left out without a reason"
        if row["decision"] != "left-out" and not named:
            yield f"{row['candidate']}: no rule named"
        yield from (f"{row['candidate']}: no rule {one}" for one in named if one not in ids)
    yield from (f"{name}: decided twice" for name, times in seen.items() if times > 1)
    if len(seen) != CANDIDATES:
        yield f"{len(seen)} candidates decided, not {CANDIDATES}"


def candidate_errors():
    folder = pathlib.Path(os.environ.get("PROCTOR_SHARED", ROOT.parent / "shared")) / "rules"
    if not folder.is_dir():
        return
    heading = re.compile(r"^###+ (?:<a id=\"[^\"]*\"></a>)?\d+\. `([^`]+)`", re.MULTILINE)
    asked = set()
    for book in ("rulebook-net.md", "rulebook-sys.md"):
        asked |= set(heading.findall((folder / book).read_text(encoding="utf-8")))
    decided = {row["candidate"] for row in decisions()}
    yield from (f"{name}: not decided" for name in sorted(asked - decided))
    yield from (f"{name}: no candidate" for name in sorted(decided - asked))


def opinion_errors(rule):
    tags = rule.get("tags") or []
    tags = [tags] if isinstance(tags, str) else tags
    opinion = rule["id"].split("/")[0] in ("policy", "practice")
    if opinion and "policy" not in tags:
        yield f"{rule['id']}: an opinion without the tag policy"
    if "policy" in tags and len(tags) < 2:
        yield f"{rule['id']}: whose policy is it?"


def main():
    rules = list(shipped())
    errors = [error for rule in rules
              for error in [*example_errors(rule), *opinion_errors(rule), *length_errors(rule)]]
    errors += [*decision_errors({rule["id"] for rule in rules}), *candidate_errors()]
    print("\n".join(errors), end="\n" if errors else "")
    if "--counts" in sys.argv:
        families = collections.Counter(rule["id"].split("/")[0] for rule in rules)
        for family, number in sorted(families.items()):
            print(f"{number:5}  {family}")
        print(f"{len(rules):5}  in all")
        print(dict(collections.Counter(row["decision"] for row in decisions())))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
