#!/usr/bin/env python3
"""The archive of a release: release.py PROGRAM [FOLDER]

Writes proctor-VERSION-linux-ARCH.tar.gz and, beside it, its SHA-256 sum: the program, stripped, with
manual pages, completions, integrations, licence and README. Equal input gives equal bytes: names are
sorted, times are those of the last commit (or SOURCE_DATE_EPOCH), owners are nobody's. A program that
needs a loader or a library at run time is refused.
"""

import gzip
import hashlib
import io
import os
import pathlib
import platform
import re
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Where it lies in the tree, where in the archive.
FILES = {
    "LICENSE": "LICENSE",
    "README.md": "README.md",
    "man/*.1": "share/man/man1",
    "man/*.5": "share/man/man5",
    "packaging/completions/proctor.bash": "share/bash-completion/completions/proctor",
    "packaging/completions/_proctor": "share/zsh/site-functions/_proctor",
    "packaging/completions/proctor.fish": "share/fish/vendor_completions.d/proctor.fish",
    "packaging/ansible/*.yml": "share/doc/proctor/examples/ansible",
    "packaging/ansible/templates/*": "share/doc/proctor/examples/ansible/templates",
    "packaging/github/*": "share/doc/proctor/examples/github",
    "packaging/gitlab/*": "share/doc/proctor/examples/gitlab",
}


def said(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, cwd=ROOT).stdout


def commit_time():
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    try:
        return int(said("git", "log", "-1", "--format=%ct"))
    except (OSError, subprocess.CalledProcessError):
        sys.exit("release.py: there is no git history here; SOURCE_DATE_EPOCH must give the time")


def stripped(program):
    if re.search(r"INTERP|\(NEEDED\)", said("readelf", "-lWd", program)):
        sys.exit(f"release.py: {program} is no static program")
    with tempfile.TemporaryDirectory() as folder:
        said("strip", "-o", f"{folder}/proctor", program)
        return pathlib.Path(folder, "proctor").read_bytes()


def contents(program):
    """Name in the archive -> bytes."""
    found = {"bin/proctor": stripped(program)}
    for pattern, place in FILES.items():
        sources = [path for path in ROOT.glob(pattern) if path.is_file()]
        if not sources:
            sys.exit(f"release.py: there is no {pattern}")
        base = ROOT / pattern.partition("*")[0]
        for source in sources:
            name = f"{place}/{source.relative_to(base)}" if "*" in pattern else place
            found[name] = source.read_bytes()
    return found


def archive(top, files, time):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mtime = len(files[name]), time
            member.mode = 0o755 if name == "bin/proctor" else 0o644
            out.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(tar.getvalue(), mtime=0)


def write(path, data):
    """Whole, or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.rename(path)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: release.py PROGRAM [FOLDER]")
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else program.parent
    version = said(program, "--version").split()[1]
    top = f"proctor-{version}-linux-{platform.machine()}"
    data = archive(top, contents(program), commit_time())
    path = folder / f"{top}.tar.gz"
    write(path, data)
    write(folder / f"{path.name}.sha256",
          f"{hashlib.sha256(data).hexdigest()}  {path.name}\n".encode())
    print(path)


if __name__ == "__main__":
    main()
