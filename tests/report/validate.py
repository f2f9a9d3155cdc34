#!/usr/bin/env python3
"""Every format against a validator that is not ours: validate.py PROGRAM SOURCE_ROOT.

JSON Schema (python3-jsonschema) for SARIF as GitHub reads it, GitLab, json and jsonl; RELAX NG
(xmllint) for JUnit and checkstyle; TAP's own harness (prove); the documented forms of workflow
commands and GNU-style lines for the rest. Each run is made twice and must give the same bytes, and
several reports of one run must be what each gives alone.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from tally import Tally

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SCHEMAS = root / "tests/report/schemas"
FORMATS = ["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle",
           "tap", "markdown"]
FILES = {
    "relay.sysctl.conf": "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout = 4\nvm.swappiness=1\n",
    "odd name.sysctl.conf": "vm.swappiness = 10 # <&>\"'\nvm.swappiness = 20\n; comment\nkey\n",
    "bytes.sysctl.conf": "vm.swappiness = \u6f22\U0001f600\x1b[31m\ud800|]]>\n",
    "sysctl.d/10-a.conf": "net.core.rmem_max = 1\n",
    "sysctl.d/20-b.conf": "net.core.rmem_max = 4194304\nnet.ipv4.tcp_rmem = 4096 87380 6291456\n",
}
TARGETS = ('[[target]]\nname = "a|b <c>"\nkernel = ["4.9", "6.1"]\n'
           '[[target]]\nname = "unknown"\n')


def make_tree(folder: pathlib.Path) -> None:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    (folder / "proctor.toml").write_text(TARGETS)


def check(folder: pathlib.Path, *arguments: str) -> bytes:
    done = subprocess.run([program, "check", *arguments], cwd=folder, capture_output=True,
                          timeout=120)
    assert done.returncode in (0, 1, 2), done
    return done.stdout


def valid_json(name: str, document) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(document)


def valid_jsonl(text: str) -> None:
    """The lines are the parts of `json`."""
    report = {"version": 1, "findings": [], "undecided": [], "errors": []}
    for line in text.splitlines():
        record = json.loads(line)
        kind = record.pop("type")
        if kind == "run":
            report["targets"] = record["targets"]
        elif kind == "summary":
            report["summary"] = record
        else:
            report[{"finding": "findings", "undecided": "undecided", "error": "errors"}[kind]].append(record)
    valid_json("check", report)


def valid_xml(name: str, data: bytes, folder: pathlib.Path) -> None:
    path = folder / f"{name}.xml"
    path.write_bytes(data)
    done = subprocess.run(["xmllint", "--noout", "--relaxng", SCHEMAS / f"{name}.rng", path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def valid_sarif(text: str) -> None:
    report = json.loads(text)
    valid_json("sarif", report)
    for run in report["runs"]:
        ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert ids == sorted(set(ids)), "the rules are not sorted"
        marks = set()
        for result in run["results"]:
            assert ids[result["ruleIndex"]] == result["ruleId"], result
            place = result["locations"][0]["physicalLocation"]
            marks.add((place["artifactLocation"]["uri"],
                       result["partialFingerprints"]["primaryLocationLineHash"], result["ruleId"]))
            region = place["region"]
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        assert len(marks) == len(run["results"]), "two results have one fingerprint"


def valid_github(text: str) -> None:
    number = r"(?:,(?:line|endLine|col|endColumn)=[1-9][0-9]*)*"
    command = re.compile(rf"::(error|warning|notice) title=[^,:]+,file=[^,:]+{number}::[^\r\n]+")
    for line in text.splitlines():
        assert command.fullmatch(line), line


def valid_lines(text: str) -> None:
    shape = re.compile(r"[^:]+:\d+:\d+: (error|warning|info): .+ \[[a-z0-9-]+/[a-z0-9-]+\]")
    for line in text.splitlines():
        assert shape.fullmatch(line), line


def valid_tap(data: bytes, folder: pathlib.Path) -> None:
    path = folder / "report.tap"
    path.write_bytes(data)
    done = subprocess.run(["prove", "--exec", "cat", path], capture_output=True, text=True)
    assert "Parse errors" not in done.stdout, done.stdout
    failures = len(re.findall(rb"^not ok", data, re.M))
    said = f"Failed {failures}/" if failures else "All tests successful"
    assert said in done.stdout + done.stderr, done


def validate(name: str, data: bytes, folder: pathlib.Path) -> None:
    text = data.decode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), "control bytes"
    if name == "json":
        report = json.loads(text)
        valid_json("check", report)
        stale = [each for each in report["findings"] if each["rule"] == "baseline/stale"]
        assert bool(stale) == ("known" in report["summary"]), "what is stale in a baseline"
    elif name == "jsonl":
        valid_jsonl(text)
    elif name == "sarif":
        valid_sarif(text)
    elif name == "gitlab":
        quality = json.loads(text)
        valid_json("gitlab", quality)
        marks = [each["fingerprint"] for each in quality]
        assert len(set(marks)) == len(marks), "two entries have one fingerprint"
    elif name in ("junit", "checkstyle"):
        valid_xml(name, data, folder)
    elif name == "github":
        valid_github(text)
    elif name == "concise":
        valid_lines(text)
    elif name == "tap":
        valid_tap(data, folder)


def one_format(name: str, title: str, tree: pathlib.Path, scratch: pathlib.Path,
               arguments: list) -> None:
    data = check(tree, *arguments, "--format", name)
    assert data == check(tree, *arguments, "--format", name), "another run differs"
    if name != "text":
        assert data == (scratch / name).read_bytes(), "--output differs"
    if name != "concise" or title != "unreadable":
        validate(name, data, scratch)


def main() -> int:
    missing = [tool for tool in ("xmllint", "prove") if not shutil.which(tool)]
    if missing:
        print(f"skipped: {' and '.join(missing)} not installed")
        return 77
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="proctor-validate-") as one, \
         tempfile.TemporaryDirectory(prefix="proctor-validate-") as other:
        tree, scratch = pathlib.Path(one), pathlib.Path(other)
        make_tree(tree)
        runs = {"fleet": ["."], "nothing": ["--no-config", "--select", "tcp/", "sysctl.d"],
                "unreadable": ["--no-config", "relay.sysctl.conf", "nosuch.conf"],
                "baseline": ["--baseline", "known.json", "."]}
        check(tree, "--write-baseline", "known.json", "sysctl.d", "--select", "value/,load/,tcp/")
        known = tree / "known.json"
        known.write_text(known.read_text().replace("rmem_max = 1", "rmem_max = 2"))
        for title, arguments in runs.items():
            together = [f"--output={name}={scratch / name}" for name in FORMATS]
            check(tree, *arguments, *together)
            for name in FORMATS:
                tally.attempt(f"{name}, {title}", one_format, name, title, tree, scratch, arguments)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
