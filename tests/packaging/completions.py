#!/usr/bin/env python3
"""The completions in bash, zsh and fish: completions.py PROGRAM SOURCE_ROOT.

A shell that is not installed is skipped, with a word.
"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
FOLDER = root / "packaging/completions"

# Command line up to the cursor -> what must be offered, what must not.
CASES = [
    ("proctor ch", {"check"}, {"fix", "rules"}),
    ("proctor ru", {"rules"}, {"rules list"}),
    ("proctor rules ", {"list", "show", "test", "schema"}, {"check"}),
    ("proctor check --se", {"--select"}, {"--kernel"}),
    ("proctor check --fail-on ", {"error", "warning", "info", "never"}, {"--select"}),
    ("proctor check --select tcp/tw-rec", {"tcp/tw-recycle-removed"}, {"key/unknown"}),
    ("proctor check --ignore tcp", {"tcp/"}, set()),
    ("proctor explain net.ipv4.tcp_fin_t", {"net.ipv4.tcp_fin_timeout"}, {"vm.swappiness"}),
    ("proctor explain key/rem", {"key/removed"}, set()),
    ("proctor explain exit-", {"exit-relay"}, set()),
    ("proctor keys show vm.swappi", {"vm.swappiness"}, set()),
    ("proctor rules show key/ren", {"key/renamed"}, set()),
    ("proctor tune web", {"web-server"}, {"check"}),
    ("proctor profiles show small", {"small-vps"}, set()),
    ("proctor check rela", {"relay.conf"}, {"check"}),
    ("proctor check --write-baseline rela", {"relay.conf"}, set()),
    ("proctor check --wa", {"--watch"}, {"--write-baseline"}),
    ("proctor fix --output rela", {"relay.conf"}, set()),
]


def bash(line: str, work: pathlib.Path) -> set:
    words = line.split(" ")
    script = (f"source {FOLDER / 'proctor.bash'}; COMP_WORDS=({' '.join(map(repr, words))}); "
              f"COMP_CWORD={len(words) - 1}; _proctor; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=work, env=environment(work),
                          capture_output=True, text=True, timeout=60)
    return set(done.stdout.split("\n")) - {""}


def fish(line: str, work: pathlib.Path) -> set:
    script = f"source {FOLDER / 'proctor.fish'}; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=work, env=environment(work),
                          capture_output=True, text=True, timeout=60)
    return {each.split("\t")[0] for each in done.stdout.split("\n")} - {""}


def zsh(line: str, work: pathlib.Path) -> set:
    """Completes in a terminal; every match that is added goes to a file."""
    (work / "matches").unlink(missing_ok=True)
    setup = f"""
fpath=({FOLDER} $fpath); autoload -Uz compinit; compinit -u -D
compadd() {{ local -a hits; builtin compadd -O hits "$@"; print -l -- $hits >>matches; builtin compadd "$@" }}
finish() {{ print -- '*done*' >>matches }}
comppostfuncs=(finish); PS1=; touch ready
"""
    (work / "setup.zsh").write_text(setup)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(work)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment(work) | {"TERM": "dumb"})
    try:
        os.write(terminal, b"source ./setup.zsh\n")
        wait(terminal, work / "ready", "")
        os.write(terminal, line.encode() + b"\t")
        wait(terminal, work / "matches", "*done*")
        text = (work / "matches").read_text() if (work / "matches").exists() else ""
        return set(text.split("\n")) - {"", "*done*"}
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)
        (work / "ready").unlink(missing_ok=True)


def wait(terminal: int, path: pathlib.Path, text: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            os.read(terminal, 65536)
        if path.exists() and text in path.read_text():
            return
    raise TimeoutError(f"{path.name} does not hold '{text}'")


def environment(work: pathlib.Path) -> dict:
    return {"PATH": f"{work}/bin:/usr/bin:/bin", "HOME": str(work), "LC_ALL": "C.UTF-8"}


def main() -> int:
    failed = tried = 0
    with tempfile.TemporaryDirectory(prefix="proctor-completions-") as folder:
        work = pathlib.Path(folder)
        (work / "bin").mkdir()
        (work / "bin/proctor").symlink_to(program)
        (work / "relay.conf").write_text("vm.swappiness = 1\n")
        for name, complete in (("bash", bash), ("zsh", zsh), ("fish", fish)):
            if not shutil.which(name):
                print(f"{name} is not installed: skipped")
                continue
            for line, wanted, unwanted in CASES:
                tried += 1
                given = {each.rstrip(" ") for each in complete(line, work)}
                if wanted <= given and not unwanted & given:
                    continue
                failed += 1
                some = sorted(given)[:8]
                print(f"{name}: '{line}': missing {sorted(wanted - given)}, "
                      f"wrong {sorted(unwanted & given)}, given {some}")
    print(f"{tried - failed} passed, {failed} failed")
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
