"""A network namespace of one experiment, sockets in it, and what proctor says of it."""

import ctypes
import fcntl
import json
import os
import pathlib
import resource
import socket
import struct
import subprocess
import tempfile
import time

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8913, 0x8914, 0x8916, 0x891C
IFF_UP = 1
IP_BIND_ADDRESS_NO_PORT = 24
RESET = struct.pack("ii", 1, 0)
LOOPBACK, OUTSIDE = "127.0.0.1", "10.99.0.1"
PORT = 443


class LeftOut(Exception):
    """The experiment cannot be done on this machine; the text says why."""


def enter_namespace():
    """False, with the reason printed, where there is none to be had."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        print("no network namespace:", os.strerror(ctypes.get_errno()))
        return False
    set_up("lo")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return True


def need_descriptors(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 100:
        raise LeftOut(f"needs {count + 100} descriptors, the hard limit is {hard}")


def set_up(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", interface.encode(), 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS,
                    struct.pack("16sH14x", interface.encode(), flags | IFF_UP))


def add_address(interface, address, mask):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, mask)):
            fcntl.ioctl(control, request, struct.pack(
                "16sHH4s8x", interface.encode(), socket.AF_INET, 0, socket.inet_aton(value)))


def sysctl(key):
    return pathlib.Path("/proc/sys/" + key.replace(".", "/"))


def put(key, value):
    """REQUIRES: the key belongs to the network namespace. Another is not there, or read-only."""
    with open(sysctl(key), "w", encoding="ascii") as file:
        file.write(str(value))


def get(key):
    return sysctl(key).read_text(encoding="ascii").strip()


def port_range(low, high, reserved=""):
    put("net.ipv4.ip_local_port_range", f"{low} {high}")
    put("net.ipv4.ip_local_reserved_ports", reserved)


def sockstat(name, protocol="TCP"):
    for line in pathlib.Path("/proc/self/net/sockstat").read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[0] == protocol + ":":
            return int(words[words.index(name) + 1])
    raise KeyError(name)


def counters():
    found = {}
    for file in ("netstat", "snmp"):
        lines = pathlib.Path("/proc/self/net/" + file).read_text(encoding="ascii").splitlines()
        for heads, values in zip(lines[::2], lines[1::2]):
            prefix, names = heads.split(":")
            found.update({f"{prefix}.{name}": int(value) for name, value in
                          zip(names.split(), values.split(":")[1].split())})
    return found


class Server:
    """Listens on every address of a family."""

    def __init__(self, port=PORT, family=socket.AF_INET, backlog=4096, address=None):
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind((address or ("::" if family == socket.AF_INET6 else "0.0.0.0"), port))
        self.socket.listen(backlog)

    def accept(self):
        return self.socket.accept()[0]


def client(destination, source=None, no_port=False, reuse=False, port=PORT):
    """A connected socket; OSError with `filename` "bind" or "connect" where it fails."""
    made = socket.socket(socket.AF_INET6 if ":" in destination else socket.AF_INET)
    step = "bind"
    try:
        if reuse:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if no_port:
            made.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        if source:
            made.bind((source, 0))
        step = "connect"
        made.connect((destination, port))
    except OSError as error:
        made.close()
        raise OSError(error.errno, error.strerror, step) from error
    return made


class Pairs:
    """Connections of which both ends are held here."""

    def __init__(self, server):
        self.server = server
        self.held = []

    def open(self, *where, **how):
        made = client(*where, **how)
        self.held.append((made, self.server.accept()))
        return made

    def fill(self, most, *where, **how):
        """How many could be made, and the error that ended it, as "bind EADDRINUSE"."""
        for number in range(most):
            try:
                self.open(*where, **how)
            except OSError as error:
                return number, f"{error.filename} {os.strerror(error.errno)}"
        return most, ""

    def reset(self):
        """Nothing stays in TIME-WAIT."""
        for mine, theirs in self.held:
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            mine.close()
            theirs.close()
        self.held.clear()

    def close(self):
        """The client first, so that TIME-WAIT is on its side."""
        for mine, theirs in self.held:
            mine.close()
            theirs.recv(1)
            theirs.close()
        self.held.clear()


class Pace:
    """Moments at a fixed rate; what comes late is made up for."""

    def __init__(self, rate, seconds):
        self.rate = rate
        self.seconds = seconds
        self.start = time.monotonic()

    def now(self):
        return time.monotonic() - self.start

    def __iter__(self):
        for number in range(self.rate * self.seconds):
            wait = number / self.rate - self.now()
            if wait > 0:
                time.sleep(wait)
            yield number


class Proctor:
    """What the program says of the namespace that it is run in."""

    def __init__(self, program):
        self.program = program

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], check=True, capture_output=True,
                              text=True)
        assert not done.stderr, done.stderr
        return done.stdout

    def diagnose(self, *options):
        return json.loads(self.run("diagnose", "--format", "json", *options))

    def pressure(self, name, scope):
        found = [p for p in self.diagnose()["pressures"]
                 if p["resource"] == name and p["scope"] == scope]
        assert len(found) == 1, (name, scope, found)
        return found[0]

    def pressures(self, name):
        """Scope -> pressure."""
        return {p["scope"]: p for p in self.diagnose()["pressures"] if p["resource"] == name}

    def forecast(self, what, host=True, **loads):
        """Of the load given, for the running values and facts of this machine, or for none."""
        text = ",".join(f"{name}={value}" for name, value in loads.items())
        told = self.diagnose(*(["--host"] if host else []), "--what-if", text)["forecasts"]
        return next(f for f in told if f["what"] == what)

    def moved(self, between):
        """Calls between() between two snapshots; name -> how far the counter moved."""
        with tempfile.TemporaryDirectory() as folder:
            before, after = folder + "/before.json", folder + "/after.json"
            self.run("snapshot", "-o", before)
            between()
            self.run("snapshot", "-o", after)
            told = self.diagnose("--snapshot", before, "--snapshot", after)
        return {counter["name"]: counter["delta"] for counter in told["counters"]}


class Report:
    """What one experiment measured, and what the model says, line by line."""

    def __init__(self, name):
        self.name = name
        self.rows = []

    def compare(self, what, measured, model, below=0, above=0):
        """Agrees where measured is from model - below to model + above."""
        good = model is not None and model - below <= measured <= model + above
        tolerance = f"-{below:.4g}..+{above:.4g}" if below or above else "0"
        deviation = "?" if model is None else f"{measured - model:+.4g}"
        if model:
            deviation += f" ({(measured - model) / model:+.1%})"
        self.add(what, f"{measured:.6g}", "none" if model is None else f"{model:.6g}", deviation,
                 tolerance, good)

    def within(self, what, measured, low, high, slack=0.0):
        """The model gives a span; slack is a fraction of its ends, for what measuring misses."""
        off = min(measured - low, 0) or max(measured - high, 0)
        self.add(what, f"{measured:.6g}", f"{low:.6g}..{high:.6g}", f"{off:+.4g}",
                 f"the span, {slack:.0%}" if slack else "the span",
                 low * (1 - slack) <= measured <= high * (1 + slack))

    def same(self, what, measured, model):
        self.add(what, str(measured), str(model), "none" if measured == model else "other", "exact",
                 measured == model)

    def add(self, what, measured, model, deviation, tolerance, good):
        self.rows.append({"name": f"{self.name}: {what}", "measured": measured, "model": model,
                          "deviation": deviation, "tolerance": tolerance, "agrees": good})

    def leave_out(self, what, why):
        self.rows.append({"name": f"{self.name}: {what}", "why": why})
