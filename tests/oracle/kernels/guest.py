"""Boots a kernel in QEMU, without hardware support, to the probe program, and talks to it."""
import dataclasses
import gzip
import lzma
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import tempfile

QEMU = "qemu-system-x86_64"
MEMORY_MIB = 1024
# What the kernel may ask for by name, besides the modules that are loaded at once.
ON_DEMAND = re.compile(r"(tcp|sch)_\w+")


class Stopped(Exception):
    """The guest ended, or does not answer."""


def module_index(tree):
    """name -> file of the modules below lib/modules/RELEASE"""
    index = {}
    for path in sorted((tree / "kernel").rglob("*.ko*")):
        name = path.name.split(".ko")[0].replace("-", "_")
        index[name] = path
    return index


def module_bytes(path):
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    return gzip.decompress(data) if path.suffix == ".gz" else data


def builtin_modules(tree):
    listed = tree / "modules.builtin"
    lines = listed.read_text(encoding="utf-8").split() if listed.exists() else []
    return {pathlib.Path(line).name.removesuffix(".ko").replace("-", "_") for line in lines}


class Modules:
    """The modules wanted and those that they need, decompressed, in the order of loading."""

    def __init__(self, tree, wanted):
        self.index = module_index(tree)
        self.builtin = builtin_modules(tree)
        self.data = {}
        self.wanted = [n for n in wanted if n in self.index]
        self.on_demand = sorted(n for n in self.index if ON_DEMAND.fullmatch(n))
        # libcrc32c asks for it by an alias.
        self.helpers = [n for n in ("crc32c_generic",) if n in self.index]
        self.orders = {n: self.order(n) for n in self.helpers + self.wanted + self.on_demand}

    def order(self, name, above=()):
        """The modules to load for one, itself last."""
        if name not in self.index or name in above:
            return []
        if name not in self.data:
            self.data[name] = module_bytes(self.index[name])
        found = re.search(rb"\0depends=([^\0]*)\0", self.data[name])
        needs = found.group(1).decode().replace("-", "_").split(",") if found else []
        names = []
        for need in needs:
            names += [n for n in self.order(need, (*above, name)) if n not in names]
        return names + [name]

    def available(self):
        """What is loaded, built in, or loaded when its name is asked for."""
        return sorted({n for order in self.orders.values() for n in order} | self.builtin)


def cpio_entry(name, data, mode):
    """One file of an archive in the form "newc"."""
    numbers = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % n for n in numbers) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def initramfs(probe, modules):
    parts = [cpio_entry(folder, b"", 0o40755)
             for folder in ("dev", "proc", "sys", "sbin", "modules")]
    parts.append(cpio_entry("init", probe.read_bytes(), 0o100755))
    parts.append(cpio_entry("sbin/modprobe", b"/init", 0o120777))
    orders = "".join(f"{n} {' '.join(o)}\n" for n, o in modules.orders.items())
    parts.append(cpio_entry("modules/order", orders.encode(), 0o100644))
    wanted = "".join(f"{n}\n" for n in modules.helpers + modules.wanted)
    parts.append(cpio_entry("modules/wanted", wanted.encode(), 0o100644))
    for name in sorted({n for order in modules.orders.values() for n in order}):
        parts.append(cpio_entry(f"modules/{name}", modules.data[name], 0o100644))
    parts.append(cpio_entry("TRAILER!!!", b"", 0))
    return gzip.compress(b"".join(parts), compresslevel=1)


@dataclasses.dataclass
class Value:
    mode: int
    text: str  # escaped, "!ERRNO" where it cannot be read

    @property
    def readable(self):
        return not self.text.startswith("!")


@dataclasses.dataclass
class Tried:
    before: str
    stage: str  # "open" or "write": what `error` is of
    error: int
    taken: int
    after: str
    restored: str  # errno of writing the value before; empty: not done


class Guest:
    """A running guest; ends with the `with` block."""

    def __init__(self, kernel, probe, modules, patience=240):
        self.kernel, self.probe, self.modules, self.patience = kernel, probe, modules, patience
        self.unread = b""

    def __enter__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="kernel-oracle."))
        (self.place / "initramfs").write_bytes(initramfs(self.probe, self.modules))
        self.process = subprocess.Popen(
            [QEMU, "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "1", "-m", str(MEMORY_MIB),
             "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-kernel", str(self.kernel.image), "-initrd", str(self.place / "initramfs"),
             "-append", "console=ttyS0 panic=-1 quiet",
             "-serial", f"file:{self.place}/console",
             "-chardev", "stdio,id=port,signal=off", "-serial", "chardev:port"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)
        try:
            while self.line() != "ready":
                pass
        except Stopped:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.send("quit\n")
            self.process.wait(timeout=10)
        except (Stopped, subprocess.TimeoutExpired, OSError):
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.place, ignore_errors=True)

    def console(self):
        """The last lines that the kernel printed."""
        text = (self.place / "console").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.split("\n")[-12:]).strip()

    def wait(self, for_writing):
        """Until the port takes bytes or has some; bytes that come are kept."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if for_writing:
                selector.register(self.process.stdin, selectors.EVENT_WRITE)
            ready = selector.select(self.patience)
        if not ready:
            raise Stopped(f"no answer within {self.patience} s: {self.console()}")
        for key, _ in ready:
            if key.fileobj is self.process.stdout:
                data = self.process.stdout.read(1 << 16)
                if data == b"":
                    raise Stopped(f"the guest ended: {self.console()}")
                self.unread += data or b""

    def send(self, text):
        data = text.encode("ascii")
        while data:
            self.wait(for_writing=True)
            try:
                data = data[os.write(self.process.stdin.fileno(), data[:4096]):]
            except BlockingIOError:
                pass
            except BrokenPipeError as error:
                raise Stopped(f"the guest ended: {self.console()}") from error

    def line(self):
        while b"\n" not in self.unread:
            self.wait(for_writing=False)
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode("ascii", "replace")

    def table(self, order):
        """The rows of an answer that ends with "end"."""
        self.send(order + "\n")
        rows = []
        while (line := self.line()) != "end":
            rows.append(line.split("\t")[1:])
        return rows

    def dump(self):
        """path -> Value of all of /proc/sys"""
        return {path: Value(int(mode, 8), text) for path, mode, text in self.table("dump")}

    def facts(self):
        return dict(self.table("facts"))

    def attempts(self, orders):
        """Yields the answer to each (path, escaped bytes, stays); orders are sent ahead."""
        orders = list(orders)
        ahead = 0
        for number in range(len(orders)):
            while ahead < min(len(orders), number + 32):
                path, data, stays = orders[ahead]
                self.send(f"{'put' if stays else 'try'}\t{path}\t{data}\n")
                ahead += 1
            before, stage, error, taken, after, restored = self.line().split("\t")[1:]
            yield Tried(before, stage, int(error), int(taken), after, restored)


def obstacle():
    """Why no guest can be run here, or an empty string."""
    return "" if shutil.which(QEMU) else f"{QEMU} is not installed"

