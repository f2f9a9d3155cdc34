#!/usr/bin/env python3
"""The archive of a release: release.py PROGRAM SOURCE_ROOT. Makes it twice, compares the bytes and
uses what is in it, as one who has downloaded it would. Exit status 77: the program is not static.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
PAGES = ["proctor.1", "proctor-rules.5", "proctor-profiles.5", "proctor.toml.5"]


def run(*command, cwd: pathlib.Path, status=0) -> str:
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(cwd),
                               "SOURCE_DATE_EPOCH": "1400000000"})
    assert done.returncode == status, f"{command} gave {done.returncode}:\n{done.stdout}"
    return done.stdout


def make(work: pathlib.Path, name: str, source: pathlib.Path) -> pathlib.Path:
    folder = work / name
    folder.mkdir()
    said = run(sys.executable, "-B", root / "tools/release.py", source, folder, cwd=work)
    return pathlib.Path(said.strip())


def main() -> None:
    dynamic = subprocess.run(["ldd", program], capture_output=True, check=False)
    if dynamic.returncode == 0:
        print("skipped: the program is not static")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="proctor-release-") as folder:
        work = pathlib.Path(folder)
        first = make(work, "first", program)
        # A program built at another time, under another name, is the same release.
        other = work / "copy-of-proctor"
        other.write_bytes(program.read_bytes())
        other.chmod(0o700)
        os.utime(other, (0, 0))
        second = make(work, "second", other)
        assert first.name == second.name
        assert first.read_bytes() == second.read_bytes(), "two archives of one program differ"
        run("sha256sum", "--check", f"{first.name}.sha256", cwd=first.parent)
        use(work, first)
        refuse_dynamic(work)
    print("release: passed")


def use(work: pathlib.Path, archive: pathlib.Path) -> None:
    run("tar", "xzf", archive, cwd=work)
    top = work / archive.name.removesuffix(".tar.gz")
    version = run(top / "bin/proctor", "--version", cwd=work).split()[1]
    assert top.name.startswith(f"proctor-{version}-linux-"), top.name
    (work / "sysctl.conf").write_text("net.ipv4.tcp_tw_recycle = 1\n")
    said = run(top / "bin/proctor", "check", "sysctl.conf", cwd=work, status=1)
    assert "[tcp/tw-recycle-removed]" in said, said
    assert (top / "bin/proctor").stat().st_size < program.stat().st_size, "it is not stripped"
    for page in PAGES:
        packed = top / f"share/man/man{page[-1]}" / page
        assert packed.read_bytes() == (root / "man" / page).read_bytes(), page
    for name in ("bash-completion/completions/proctor", "zsh/site-functions/_proctor",
                 "fish/vendor_completions.d/proctor.fish", "doc/proctor/examples/ansible/deploy.yml"):
        assert (top / "share" / name).stat().st_size > 0, name
    assert (top / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()


def refuse_dynamic(work: pathlib.Path) -> None:
    said = run(sys.executable, "-B", root / "tools/release.py", "/bin/true", work, cwd=work, status=1)
    assert "no static program" in said, said


main()
