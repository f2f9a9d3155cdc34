#!/usr/bin/env python3
"""The Debian package: debian.py PROGRAM SOURCE_ROOT. Packages the program of a build, asks lintian,
and installs the package in a clean root. Exit status 77: something for it is not installed, or the
program is static, which no Debian package is.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
CONTENTS = [
    "usr/bin/proctor",
    "usr/share/bash-completion/completions/proctor",
    "usr/share/fish/vendor_completions.d/proctor.fish",
    "usr/share/zsh/vendor-completions/_proctor",
    "usr/share/man/man1/proctor.1.gz",
    "usr/share/man/man5/proctor-rules.5.gz",
    "usr/share/man/man5/proctor-profiles.5.gz",
    "usr/share/man/man5/proctor.toml.5.gz",
    "usr/share/doc/proctor/copyright",
    "usr/share/doc/proctor/examples/github/problem-matcher.json",
]


def skip(why: str) -> None:
    print(f"skipped: {why}")
    sys.exit(77)


def run(*command, cwd: pathlib.Path, **environment: str) -> str:
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=1200,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(cwd),
                               "LC_ALL": "C.UTF-8", **environment})
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} gave {done.returncode}:\n{done.stdout}")
    return done.stdout


def main() -> None:
    for tool in ("dpkg-buildpackage", "dh", "lintian"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    if not pathlib.Path("/usr/share/debhelper/autoscripts").exists():
        skip("debhelper is not installed")
    dynamic = subprocess.run(["ldd", program], capture_output=True, text=True)
    if dynamic.returncode != 0:
        skip("the program is static")
    with tempfile.TemporaryDirectory(prefix="proctor-debian-") as folder:
        package(pathlib.Path(folder))


def package(work: pathlib.Path) -> None:
    source = work / "proctor-0.1.0"
    for name in ("man", "packaging", "LICENSE", "meson.build"):
        if (root / name).is_dir():
            shutil.copytree(root / name, source / name)
        else:
            shutil.copy(root / name, source)
    shutil.move(source / "packaging/debian", source / "debian")
    built = work / "built"
    built.mkdir()
    shutil.copy(program, built / "proctor")
    # Build dependencies are those of a build from source; here the program is there already.
    run("dpkg-buildpackage", "-b", "-us", "-uc", "-d", cwd=source, PROCTOR_BUILD=str(built),
        DEB_BUILD_OPTIONS="noautodbgsym")
    deb = next(work.glob("proctor_*.deb"))
    listing = run("dpkg-deb", "-c", deb, cwd=work)
    print(listing)
    missing = [name for name in CONTENTS if f"./{name}\n" not in listing]
    if missing:
        sys.exit(f"the package lacks {missing}")
    # The project has no mail address; who publishes the package writes theirs.
    print(run("lintian", "--allow-root", "--fail-on", "error", "--suppress-tags",
              "bogus-mail-host,bogus-mail-host-in-debian-changelog", next(work.glob("*.changes")),
              cwd=work))
    install(work, deb)


def install(work: pathlib.Path, deb: pathlib.Path) -> None:
    """In a root with nothing but dpkg's own files."""
    if os.geteuid() != 0:
        print("not installed: that needs root")
        return
    clean = work / "root"
    for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log", "etc"):
        (clean / name).mkdir(parents=True)
    for name in ("status", "available"):
        (clean / "var/lib/dpkg" / name).touch()
    # The libraries are those of the machine; the package's own claims are checked above.
    run("dpkg", f"--root={clean}", "--force-depends", "--install", deb, cwd=work)
    print(run("dpkg", f"--root={clean}", "--status", "proctor", cwd=work))
    said = run(clean / "usr/bin/proctor", "--version", cwd=work)
    if not said.startswith("proctor "):
        sys.exit(f"the installed program says: {said}")


main()
