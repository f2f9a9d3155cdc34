"""Debian's kernel packages, fetched with apt into a cache outside the tree and unpacked there.

The kernel of the release that this machine runs comes through the machine's own apt, the others
through a private configuration: sources, lists and cache of its own, the archive's address taken
from the machine's sources. Nothing is installed, and no address is printed.
"""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
                     "proctor", "kernels")


class Unavailable(Exception):
    """Why a kernel cannot be had."""


@dataclasses.dataclass
class Release:
    name: str
    suites: list  # of the archive
    security: list  # of the security archive
    series: str  # what is looked for, a prefix of the kernel's release; "": any


RELEASES = {
    "11": Release("Debian 11", ["bullseye"], ["bullseye-security"], "5.10."),
    "12": Release("Debian 12", ["bookworm"], ["bookworm-security"], "6.1."),
    "13": Release("Debian 13", ["trixie"], ["trixie-security"], "6.12."),
    "sid": Release("Debian sid", ["sid"], [], ""),
}


@dataclasses.dataclass
class Kernel:
    """An unpacked kernel."""
    image: pathlib.Path
    modules: pathlib.Path  # .../lib/modules/RELEASE
    config: pathlib.Path
    package_version: str


def quiet(command, **options):
    """Runs a program whose output may name the archive: it is never shown."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False,
                          **options)


def codename():
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    return ""


def one_line_entries(text):
    """-> (options, address, suite) of sources.list lines"""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
        if match and "main" in match.group(4).split():
            options = dict(o.partition("=")[::2] for o in (match.group(1) or "").split())
            yield options, match.group(2), match.group(3)


def deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        stanza = "\n".join(l for l in stanza.splitlines() if not l.startswith("#"))
        fields = {k.lower(): " ".join(v.split()) for k, v in
                  re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.M)}
        if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no" or \
                "main" not in fields.get("components", "").split():
            continue
        key = fields.get("signed-by", "")
        options = {"signed-by": key} if key.startswith("/") else {}
        for address in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield options, address, suite


def machine_sources():
    etc = pathlib.Path("/etc/apt")
    for file in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]:
        if file.exists():
            yield from one_line_entries(file.read_text(encoding="utf-8", errors="replace"))
    for file in sorted((etc / "sources.list.d").glob("*.sources")):
        yield from deb822_entries(file.read_text(encoding="utf-8", errors="replace"))


def archives():
    """-> {"main": (options, address), "security": ...} of the machine's Debian archive"""
    found, own = {}, codename()
    for options, address, suite in machine_sources():
        if suite == own or suite == f"{own}-updates":
            found.setdefault("main", (options, address))
        elif suite.startswith(own) and suite.endswith("security"):
            found.setdefault("security", (options, address))
    return found


class Apt:
    """apt-get and apt-cache, for a release; `private` with sources of its own."""

    def __init__(self, release, private):
        self.release = release
        self.options = []
        self.folder = CACHE / "apt" / release.suites[0]
        if private:
            self.options = ["-o", f"Dir::Etc::SourceList={self.folder}/sources.list",
                            "-o", "Dir::Etc::SourceParts=/dev/null",
                            "-o", f"Dir::State={self.folder}/state",
                            "-o", "Dir::State::Status=/var/lib/dpkg/status",
                            "-o", f"Dir::Cache={self.folder}/cache",
                            "-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64",
                            "-o", "Acquire::Languages=none", "-o", "Acquire::Retries=1",
                            "-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=root"]

    def run(self, program, *arguments, **options):
        return quiet([program, *self.options, *arguments], **options)

    def update(self):
        """Fetches the lists of the private configuration; False where the archive has none."""
        found = archives()
        if "main" not in found:
            return False
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        # A release that this machine does not know may be signed with a key that it lacks. What is
        # fetched runs nowhere but in the emulator.
        for trusted in ({}, {"trusted": "yes"}):
            lines = []
            wanted = {"main": self.release.suites, "security": self.release.security}
            for kind in [k for k in wanted if k in found]:
                for suite in wanted[kind]:
                    options, address = found[kind]
                    text = " ".join(f"{k}={v}" for k, v in {**options, **trusted}.items())
                    lines.append(f"deb {f'[{text}] ' if text else ''}{address} {suite} main\n")
            (self.folder / "sources.list").write_text("".join(lines), encoding="utf-8")
            self.run("apt-get", "update", "-q")
            if self.packages():
                return True
        return False

    def packages(self):
        """Names of kernels of the release's series that are to be had, with their versions."""
        listed = self.run("apt-cache", "search", "--names-only",
                          r"^linux-(image|binary)-[0-9].*-cloud-amd64$").stdout
        names = []
        for name in (line.split(" ")[0] for line in listed.splitlines()):
            match = re.fullmatch(r"linux-(?:image|binary)-(\d.*)-cloud-amd64", name)
            if match and match.group(1).startswith(self.release.series) and "+bpo" not in name:
                names.append(name)
        return self.candidates(names) if names else {}

    def candidates(self, names):
        """name -> the version that apt would fetch"""
        text = self.run("apt-cache", "policy", *names).stdout
        found = re.findall(r"^(\S+):\n(?: .*\n)*?  Candidate: (\S+)", text, re.M)
        return {name: version for name, version in found if version != "(none)"}

    def newest(self):
        """-> names of the packages that make up the newest kernel"""
        found = self.packages()
        if not found:
            return []

        def order(name):
            # Version text in natural order: 6.1.0-9 before 6.1.0-10; of equals the image itself.
            numbers = [int(n) for n in re.findall(r"\d+", found[name] + " " + name)]
            return numbers, name.startswith("linux-binary")

        best = max(found, key=order)
        if best.startswith("linux-image"):
            return [best]
        rest = best[len("linux-binary-"):]
        return [f"linux-{part}-{rest}" for part in ("base", "binary", "modules")]

    def download(self, names, into):
        with tempfile.TemporaryDirectory(dir=into) as folder:
            done = self.run("apt-get", "download", *names, cwd=folder)
            files = sorted(pathlib.Path(folder).glob("*.deb"))
            if done.returncode != 0 or len(files) != len(names):
                return []
            return [pathlib.Path(shutil.move(str(f), into / f.name)) for f in files]


def unpacked(folder):
    """The Kernel in a folder, or None."""
    trees = sorted(folder.glob("lib/modules/*")) + sorted(folder.glob("usr/lib/modules/*"))
    for tree in trees:
        release = tree.name
        images = [folder / f"boot/vmlinuz-{release}", tree / "vmlinuz"]
        configs = [folder / f"boot/config-{release}", tree / "config"]
        image = next((p for p in images if p.exists()), None)
        config = next((p for p in configs if p.exists()), None)
        if image and config and (tree / "kernel").is_dir():
            return Kernel(image, tree, config, (folder / "version").read_text(encoding="utf-8"))
    return None


def unpack(files, folder):
    """Unpacks packages; whole or not at all, as another run may look on."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        tree = pathlib.Path(place, "tree")
        for file in files:
            if quiet(["dpkg-deb", "-x", str(file), str(tree)]).returncode != 0:
                raise Unavailable(f"{file.name} cannot be unpacked")
        version = quiet(["dpkg-deb", "-f", str(files[-1]), "Version"]).stdout.strip()
        (tree / "version").write_text(version, encoding="utf-8")
        try:
            tree.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    for file in files:
        file.unlink(missing_ok=True)


def cached(release):
    """Unpacked kernels of a release, the latest fetched last."""
    found = [f for f in CACHE.glob(f"{release.suites[0]}_*") if f.is_dir() and unpacked(f)]
    return sorted(found, key=lambda f: f.stat().st_mtime)


def fetch(release, refresh=False):
    """The newest kernel of a release: from the cache, or through apt. Raises Unavailable."""
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool} here")
    CACHE.mkdir(parents=True, exist_ok=True)
    own = codename() == release.suites[0]
    have = cached(release)
    names = []
    if own:
        # The machine's own lists tell what is newest without a word over the network.
        apt = Apt(release, private=False)
        names = apt.newest()
    elif have and not refresh:
        return unpacked(have[-1])
    if not names or (not own and refresh):
        apt = Apt(release, private=True)
        names = apt.newest() if apt.update() else []
    if names:
        version = apt.candidates(names)[names[-1]]
        folder = CACHE / f"{release.suites[0]}_{re.sub('[^A-Za-z0-9.+~-]', '_', version)}"
        if not folder.exists():
            files = apt.download(names, CACHE)
            if not files and own:
                # Lists that are older than the archive name files that are gone.
                apt = Apt(release, private=True)
                names = apt.newest() if apt.update() else []
                files = apt.download(names, CACHE) if names else []
            if files:
                unpack(files, folder)
        if folder.exists() and unpacked(folder):
            return unpacked(folder)
    if have:
        return unpacked(have[-1])
    raise Unavailable("its package cannot be fetched: no archive is reached that has it")
