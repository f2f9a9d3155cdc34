#!/usr/bin/env python3
"""The manual pages against the program: check.py PROGRAM SOURCE_ROOT.

proctor.1 holds every command and every option with the words of --help, and nothing else, every
fact with the words of the table of facts, and every format.
The pages of section 5 hold every field that the program reads. All pages are sound
for mandoc or groff, whichever is there.
"""

import pathlib
import re
import shutil
import subprocess
import sys

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
failures = []


def fail(text: str) -> None:
    failures.append(text)


def help_of(*words: str) -> str:
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def commands() -> dict:
    """Name -> summary."""
    text = help_of()
    table = text[text.index("\nCommands:\n"):text.index("\nOptions:\n")]
    return dict(re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +(.+)$", table, re.M))


def options(text: str) -> set:
    """(letter, name, value, help) of each option that a help text lists."""
    # A long option has its words on the next line.
    text = re.sub(r"^(  (?:-\w,|   ) --\S+(?: \S+)?)\n +", r"\1  ", text, flags=re.M)
    found = re.findall(r"^  (-\w,|   ) --([a-z-]+)(?: (\S+))?  +(\S.*)$", text, re.M)
    return {(letter.strip(" -,"), name, value, words) for letter, name, value, words in found}


def page_options(page: str) -> dict:
    """(letter, name, value) -> words, of each tag with flags in the page."""
    found = {}
    pattern = r"^\.It (?:Fl (\w) , )?Fl -([a-z-]+)(?: (?:Ar|Cm) (.+))?\n(.+)$"
    for letter, name, value, words in re.findall(pattern, page, re.M):
        found[(letter, name, value.replace(" | ", "|"))] = words
    return found


def check_main_page() -> None:
    page = (root / "man/proctor.1").read_text()
    shown = page_options(page)
    known = set()
    for name, summary in commands().items():
        if f".It Cm {name}\n{summary}.\n" not in page:
            fail(f"proctor.1 does not describe '{name}' as: {summary}.")
        for letter, option, value, words in options(help_of(*name.split())):
            known.add((letter, option, value))
            if shown.get((letter, option, value)) != words + ".":
                fail(f"proctor.1: --{option} of '{name}' should read: {words}.")
    for letter, option, value in set(shown) - known:
        fail(f"proctor.1: no command has --{option} {value}")


def check_facts() -> None:
    page = (root / "man/proctor.1").read_text()
    section = page[page.index(".Sh FACTS"):page.index(".Sh FORMATS")]
    source = (root / "src/host/fact_table.cc").read_text()
    facts = re.findall(r'FactInfo\{"(\w+)",[^"]*"([^"]*)",\s*"--[^"]*",\s*"([^"]*)"', source)
    entries = [f".It Cm {name}\n{words}{f' ({forms})' if forms else ''}.\n".replace("|", ", ")
               for name, forms, words in facts]
    if section[section.index(".It"):section.index(".El")] != "".join(entries):
        fail(f"proctor.1: the facts are not these:\n{''.join(entries)}")


def check_formats() -> None:
    """Those that the error about an unknown one lists."""
    page = (root / "man/proctor.1").read_text()
    section = page[page.index(".Sh FORMATS"):page.index(".Sh COMMENTS")]
    described = ", ".join(re.findall(r"^\.It Cm (.+)$", section, re.M)).replace(" , ", ", ")
    done = subprocess.run([program, "check", "--format", "nosuch"], capture_output=True, text=True)
    known = re.search(r"expected one of ([a-z, ]+)", done.stderr)
    if not known or described != known[1].strip():
        fail(f"proctor.1 describes the formats {described}; {done.stderr}")
    said = re.sub(r"\s+", " ", help_of("check"))
    if f"--format {described.replace(', markdown', ' or markdown')}." not in said:
        fail(f"check --help does not list the formats {described}")


def check_fields(page: str, source: str) -> None:
    text = (root / "man" / page).read_text()
    for field in re.findall(r'Field\{\s*"([a-z_-]+)"', (root / source).read_text()):
        if not re.search(rf"(?<![a-z-]){re.escape(field)}(?![a-z-])", text):
            fail(f"{page} does not name the field '{field}'")


def check_layout() -> None:
    for page in sorted((root / "man").iterdir()):
        if shutil.which("mandoc"):
            command = ["mandoc", "-T", "lint", "-W", "warning", page]
        elif shutil.which("groff"):
            command = ["groff", "-mandoc", "-ww", "-z", page]
        else:
            return
        done = subprocess.run(command, capture_output=True, text=True)
        if done.stdout + done.stderr:
            fail(f"{page.name}: {done.stdout}{done.stderr}")


check_main_page()
check_facts()
check_formats()
check_fields("proctor-rules.5", "src/rules/shapes.cc")
check_fields("proctor.toml.5", "src/cli/settings_shape.cc")
check_fields("proctor-profiles.5", "src/advise/profile_shape.cc")
check_layout()
print(*failures or ["the pages say what the program does"], sep="\n")
sys.exit(1 if failures else 0)
