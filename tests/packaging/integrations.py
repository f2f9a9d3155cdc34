#!/usr/bin/env python3
"""pre-commit, the GitHub Action's step, GitLab's, the problem matcher, Ansible, each run for real:
integrations.py PROGRAM SOURCE_ROOT [NAME...]. What is not installed is skipped.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from tally import Skip, Tally, in_folder

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
BAD = "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout = 4\n"


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


@contextlib.contextmanager
def namespaces(*names: str):
    made = []
    try:
        for name in names:
            done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
            if done.returncode != 0:
                raise Skip(f"no network namespaces: {done.stderr.strip()}")
            made.append(name)
        yield
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "delete", name], check=True)


def inside(name: str, *command: str) -> str:
    return subprocess.run(["ip", "netns", "exec", name, *command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def ansible(work: pathlib.Path) -> None:
    """Two hosts that run the same file: one takes it, the other's kernel refuses it."""
    need("ansible-playbook", "ip", "sysctl")
    takes, refuses = (f"proctor-{os.getpid()}-{name}" for name in ("takes", "refuses"))
    shutil.copytree(root / "packaging/ansible", work / "plays")
    plugins = root / "tests/packaging/ansible/connection_plugins"
    (work / "hosts").write_text(
        f"{takes}\n{refuses}\n"
        f"[all:vars]\nansible_connection=netns\nansible_python_interpreter={sys.executable}\n")
    settings = {"proctor": str(program), "sysctl_d": f"{work}/{{{{ inventory_hostname }}}}"}
    port_range = ("sysctl", "-n", "net.ipv4.ip_local_port_range")

    def play(book: str, first_port: int, status: int) -> str:
        return run("ansible-playbook", "-i", "hosts", f"plays/{book}.yml", "-e",
                   json.dumps({**settings, "first_port": first_port}), cwd=work, status=status,
                   ANSIBLE_CONNECTION_PLUGINS=str(plugins), ANSIBLE_LOCAL_TEMP=str(work / "tmp"),
                   ANSIBLE_REMOTE_TEMP=str(work / "tmp"))

    def results(said: str) -> dict[str, tuple[int, int]]:
        """Host: how many tasks changed it, how many failed."""
        return {m[1]: (int(m[2]), int(m[3])) for m in re.finditer(
            r"^(\S+) +: ok=\d+ +changed=(\d+) .* failed=(\d+)", said, re.M)}

    with namespaces(takes, refuses):
        inside(refuses, "sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=20000")
        said = play("check-hosts", 10240, status=2)
        assert results(said) == {takes: (0, 0), refuses: (0, 1)}, said
        for host, start in ((takes, "1024"), (refuses, "20000")):
            snapshot = json.loads((work / "plays/proctor" / host / "snapshot.json").read_text())
            assert snapshot["values"]["net/ipv4/ip_unprivileged_port_start"] == start, said
        assert "value/rejected" in said, said

        before = inside(refuses, *port_range)
        (work / takes).mkdir()
        (work / refuses).mkdir()
        said = play("deploy", 10240, status=2)
        assert results(said) == {takes: (2, 0), refuses: (0, 1)}, said
        assert "failed to validate" in said, said
        assert inside(takes, *port_range).split() == ["10240", "65535"], said
        assert inside(refuses, *port_range) == before, said
        assert [each.name for each in (work / refuses).iterdir()] == [], said

        said = play("deploy", 20000, status=0)
        assert results(said) == {takes: (2, 0), refuses: (2, 0)}, said
        assert inside(refuses, *port_range).split() == ["20000", "65535"], said


def main() -> int:
    tally = Tally()
    everything = {"pre-commit": pre_commit, "github": github, "gitlab": gitlab, "ansible": ansible}
    for name in sys.argv[3:] or everything:
        tally.attempt(name, in_folder, everything[name])
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
