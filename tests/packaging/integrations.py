#!/usr/bin/env python3
"""pre-commit, the GitHub Action's step, GitLab's, the problem matcher, each run for real:
integrations.py PROGRAM SOURCE_ROOT [NAME...]. What is not installed is skipped.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
BAD = "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout = 4\n"


class Skip(Exception):
    pass


def need(*tools: str) -> None:
    for tool in tools:
        if not shutil.which(tool):
            raise Skip(f"{tool} is not installed")


def run(*command, cwd: pathlib.Path, status=0, **environment: str) -> str:
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    (cwd / "bin").mkdir(exist_ok=True)
    link = cwd / "bin/proctor"
    if not link.is_symlink():
        link.symlink_to(program)
    done = subprocess.run(
        command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        env={"PATH": f"{cwd}/bin:/usr/sbin:/sbin:/usr/bin:/bin", "HOME": str(home),
             "LC_ALL": "C.UTF-8", "GIT_CONFIG_GLOBAL": "/dev/null", **environment})
    assert done.returncode == status, f"{command} gave {done.returncode}, not {status}:\n{done.stdout}"
    return done.stdout


def git_repository(folder: pathlib.Path) -> None:
    run("git", "init", "-q", ".", cwd=folder)
    for name, value in (("user.name", "Test"), ("user.email", "test@localhost")):
        run("git", "config", name, value, cwd=folder)
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-q", "-m", "First", cwd=folder)


def pre_commit(work: pathlib.Path) -> None:
    need("pre-commit", "git")
    hooks, tree = work / "hooks", work / "tree"
    hooks.mkdir()
    shutil.copy(root / ".pre-commit-hooks.yaml", hooks)
    git_repository(hooks)
    (tree / "sysctl.d").mkdir(parents=True)
    (tree / "sysctl.d/10-a.conf").write_text(BAD)
    (tree / "other.conf").write_text(BAD)
    (tree / "proctor.toml").write_text("[[target]]\nname = \"all\"\nkernel = \"6.1\"\n")
    git_repository(tree)
    said = run("pre-commit", "try-repo", hooks, "proctor", "--all-files", cwd=tree, status=1)
    assert "tcp/tw-recycle-removed" in said and "10-a.conf" in said, said
    assert "other.conf" not in said, said
    run("pre-commit", "try-repo", hooks, "proctor-fix", "--all-files", cwd=tree, status=1)
    fixed = (tree / "sysctl.d/10-a.conf").read_text()
    assert fixed.startswith("# removed by proctor: net.ipv4.tcp_tw_recycle"), fixed
    assert "\nnet.ipv4.tcp_fin_timeout = 4\n" in fixed, fixed
    (tree / "sysctl.d/10-a.conf").write_text("vm.swappiness = 10\n")
    run("pre-commit", "try-repo", hooks, "proctor", "--all-files", cwd=tree)


def github(work: pathlib.Path) -> None:
    (work / "sysctl.conf").write_text(BAD)
    said = run("bash", root / "packaging/github/check.sh", cwd=work, status=1,
               PROCTOR_PATHS="*.conf", PROCTOR_ARGUMENTS="--kernel=6.1\n--memory=8GiB\n",
               PROCTOR_SARIF="out.sarif", GITHUB_OUTPUT=str(work / "output"))
    assert re.search(r"^::error .*file=sysctl.conf,line=1", said, re.M), said
    report = json.loads((work / "out.sarif").read_text())
    assert len(report["runs"][0]["results"]) == 2
    assert (work / "output").read_text() == "sarif=out.sarif\n"
    run("bash", root / "packaging/github/check.sh", cwd=work,
        PROCTOR_PATHS="sysctl.conf", PROCTOR_ARGUMENTS="--fail-on=never")
    matcher = json.loads((root / "packaging/github/problem-matcher.json").read_text())
    pattern = matcher["problemMatcher"][0]["pattern"][0]
    said = run("proctor", "check", "sysctl.conf", "--format", "concise", "--kernel", "6.1",
               cwd=work, status=1)
    matches = [re.match(pattern["regexp"], line) for line in said.splitlines()]
    assert matches and all(matches), said
    assert matches[0][pattern["line"]] == "1" and matches[0][pattern["severity"]] == "error"
    assert matches[0][pattern["code"]] == "tcp/tw-recycle-removed"


def gitlab(work: pathlib.Path) -> None:
    import yaml
    job = yaml.safe_load((root / "packaging/gitlab/proctor.gitlab-ci.yml").read_text())["proctor"]
    (work / "sysctl.conf").write_text(BAD)
    run("sh", "-ec", "\n".join(job["script"]), cwd=work, status=1,
        PROCTOR_ARGUMENTS="--kernel 6.1")
    reports = job["artifacts"]["reports"]
    quality = json.loads((work / reports["codequality"]).read_text())
    assert [each["location"]["lines"]["begin"] for each in quality] == [1, 2], quality
    assert "<testsuite " in (work / reports["junit"]).read_text()


def main() -> int:
    failed = 0
    everything = {"pre-commit": pre_commit, "github": github, "gitlab": gitlab}
    for name in sys.argv[3:] or everything:
        with tempfile.TemporaryDirectory(prefix="proctor-integration-") as folder:
            try:
                everything[name](pathlib.Path(folder))
                print(f"{name}: passed")
            except Skip as why:
                print(f"{name}: skipped, {why}")
            except AssertionError as wrong:
                failed += 1
                print(f"{name}: failed: {wrong}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
