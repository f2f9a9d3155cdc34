#!/usr/bin/env python3
"""Fills the ephemeral ports of a network namespace with real sockets, and asks proctor what is wrong.

The case of a relay whose bind() fails with EADDRINUSE, at one hundredth of its size: 600 ports, 170
inbound connections, 330 long outbound ones, and short ones to ever new destinations until bind()
fails; before, during, and with the cure. Then a destination that connect() alone exhausts.

    ports.py PROCTOR [--show]

Exits with 77 (skipped) where a network namespace cannot be made.
"""

import argparse
import ctypes
import errno
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
IP_BIND_ADDRESS_NO_PORT = 24
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
SOURCE = "127.0.0.1"
PORTS, INBOUND, LONG = 600, 170, 330


def enter_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        print("no network namespace:", os.strerror(ctypes.get_errno()))
        os._exit(77)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def put(key, value):
    with open("/proc/sys/" + key.replace(".", "/"), "w", encoding="ascii") as file:
        file.write(value)


class Listener:
    """A server on every address, which holds what it accepts."""

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("0.0.0.0", port))
        self.socket.listen(4096)
        self.held = []

    def accept(self):
        self.held.append(self.socket.accept()[0])
        return self.held[-1]


class Relay:
    """Connects from one address, as the program under suspicion does."""

    def __init__(self, no_port=False, binds=True):
        self.no_port = no_port
        self.binds = binds
        self.server = Listener(443)
        self.count = 0
        self.long = []

    def connect(self, keep, destination=None):
        """0, or the errno of what failed."""
        self.count += 1
        number = self.count
        client = socket.socket()
        try:
            if self.no_port:
                client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            if self.binds:
                client.bind((SOURCE, 0))
            client.connect((destination or f"127.1.{number // 250}.{number % 250 + 1}", 443))
        except OSError as error:
            client.close()
            return error.errno
        peer = self.server.accept()
        if keep:
            self.long.append(client)
            return 0
        client.close()  # First, so that TIME-WAIT is on this side.
        peer.recv(1)
        peer.close()
        self.server.held.pop()
        return 0


def diagnose(program, *options):
    run = subprocess.run([program, "diagnose", "--format", "json", *options], check=True,
                         capture_output=True, text=True)
    assert not run.stderr, run.stderr
    return json.loads(run.stdout)


def find(diagnosis, resource, scope):
    found = [p for p in diagnosis["pressures"] if p["resource"] == resource and p["scope"] == scope]
    assert len(found) <= 1, found
    return found[0] if found else None


def expect(condition, what, *details):
    print("ok  " if condition else "FAIL", what, *details)
    if not condition:
        os._exit(1)


def show(program, title):
    print(f"\n## {title}", flush=True)
    subprocess.run([program, "diagnose", "--color", "never"], check=True)


def prepare():
    enter_namespace()
    put("net.ipv4.ip_local_port_range", f"20000 {20000 + PORTS - 1}")
    put("net.ipv4.tcp_tw_reuse", "0")


def load(relay):
    """The inbound and the long outbound connections."""
    entrance = Listener(9001)
    clients = []
    for number in range(INBOUND):
        client = socket.socket()
        client.bind(("127.0.0.2", 30000 + number))
        client.connect((SOURCE, 9001))
        entrance.accept()
        clients.append(client)
    for _ in range(LONG):
        assert relay.connect(keep=True) == 0
    return entrance, clients


def short_ones(relay, most):
    """How many went well, and the errno that ended it."""
    for number in range(most):
        error = relay.connect(keep=False)
        if error:
            return number, error
    return most, 0


def plain_bind(program, shown):
    prepare()
    before = diagnose(program)
    expect(find(before, "ephemeral-ports", SOURCE) is None, "before: no port is in use")
    relay = Relay()
    held = load(relay)
    half = find(diagnose(program), "ephemeral-ports", SOURCE)
    expect((half["used"], half["level"]) == (LONG, "high"), "330 long connections: past the knee",
           half["used"], half["level"])
    made, error = short_ones(relay, 2 * PORTS)
    expect(error == errno.EADDRINUSE and made == PORTS - LONG, "bind() fails with EADDRINUSE after",
           made, "short connections")
    if shown:
        show(program, "during")
    during = diagnose(program)
    port = find(during, "ephemeral-ports", SOURCE)
    expect(during["pressures"][0] is port, "the ports come first")
    expect((port["used"], port["limit"], port["ratio"], port["level"]) ==
           (PORTS, PORTS, 1, "exhausted"), "used", port["used"], "of", port["limit"])
    evidence = " ".join(port["evidence"])
    expect("EADDRINUSE" in evidence and "bind() before connect()" in evidence and
           f"{PORTS - LONG} of its {PORTS} connections are in TIME-WAIT" in evidence,
           "evidence names bind() before connect(), and TIME-WAIT")
    cures = " ".join(cure["what"] for cure in port["cures"])
    expect("IP_BIND_ADDRESS_NO_PORT" in cures and "source addresses" in cures, "cures name both")
    in_vain = {no_cure["what"] for no_cure in port["no_cure"]}
    for key in ("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse"):
        expect(key in in_vain, "no cure:", key)
        put(key, "4" if key.endswith("timeout") else "1")
        expect(relay.connect(keep=False) == errno.EADDRINUSE, "    and indeed bind() still fails")
    expect("net.netfilter.nf_conntrack_max" in in_vain, "no cure: conntrack")
    put("net.ipv4.ip_local_port_range", "10240 65535")
    expect(relay.connect(keep=False) == 0, "a wider range cures it, as it said")
    wider = find(diagnose(program), "ephemeral-ports", SOURCE)
    expect(wider["level"] == "ok" and wider["limit"] == 55296, "after it: ok,", wider["limit"], "ports")
    del held


def no_port(program, shown):
    prepare()
    relay = Relay(no_port=True)
    held = load(relay)
    made, error = short_ones(relay, 2 * PORTS)
    expect(error == 0, "with IP_BIND_ADDRESS_NO_PORT", made, "short connections go well")
    if shown:
        show(program, "with the cure")
    cured = diagnose(program)
    expect(all(p["level"] != "exhausted" for p in cured["pressures"]), "with the cure: nothing is full")
    expect(find(cured, "ephemeral-ports", SOURCE) is None, "the ports of the address are no limit now")
    del held


def one_destination(program, _):
    prepare()
    put("net.ipv4.ip_local_port_range", "20000 20099")
    relay = Relay(binds=False)
    made = 0
    while relay.connect(keep=True, destination="127.0.0.9") == 0:
        made += 1
    expect(made == 100, "connect() to one destination ends after", made)
    port = find(diagnose(program), "ephemeral-ports", "127.0.0.1 → 127.0.0.9:443")
    expect(port["level"] == "exhausted" and port["used"] == 100, "exhausted:", port["scope"])
    expect(relay.connect(keep=True, destination="127.0.0.10") == 0, "another one has ports of its own")


def starved(program, _):
    """Plain binds of one address take ports from connect() on every other."""
    prepare()
    put("net.ipv4.ip_local_port_range", "20000 20099")
    put("net.ipv4.ip_local_reserved_ports", "20000-20009,20050")
    binder, relay = [], Relay(binds=False)
    for number in range(50):
        client = socket.socket()
        client.bind(("127.0.0.3", 0))
        client.connect((f"127.2.0.{number + 1}", 443))
        relay.server.accept()
        binder.append(client)
    source = find(diagnose(program), "ephemeral-ports", "127.0.0.3")
    expect((source["used"], source["limit"]) == (50, 89), "11 of 100 ports are reserved:",
           source["used"], "of", source["limit"])
    made = 0
    while relay.connect(keep=True, destination="127.0.0.9") == 0:
        made += 1
    expect(made == 39, "connect() gets what is left of 89 after 50 plain binds:", made)
    port = find(diagnose(program), "ephemeral-ports", f"{SOURCE} → 127.0.0.9:443")
    expect((port["used"], port["limit"], port["level"]) == (39, 39, "exhausted"),
           "the destination has", port["used"], "of", port["limit"])
    expect(any("owned by an explicit bind()" in text for text in port["evidence"]),
           "evidence names the binds")


def time_wait_table(program, _):
    """At its limit connections close without TIME-WAIT, and a counter moves."""
    prepare()
    put("net.ipv4.tcp_max_tw_buckets", "10")
    relay = Relay(no_port=True)
    for _ in range(10):
        relay.connect(keep=False)
    full = find(diagnose(program), "time-wait", "this namespace")
    expect((full["used"], full["limit"], full["level"]) == (10, 10, "exhausted"), "10 of 10")
    before = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"proctor-ports-{os.getpid()}.json")
    try:
        subprocess.run([program, "snapshot", "-o", before], check=True)
        for _ in range(90):
            relay.connect(keep=False)
        after = before + ".after"
        subprocess.run([program, "snapshot", "-o", after], check=True)
        moved = diagnose(program, "--snapshot", before, "--snapshot", after)
        deltas = {counter["name"]: counter["delta"] for counter in moved["counters"]}
        expect(deltas.get("TcpExt.TCPTimeWaitOverflow") == 90, "two snapshots: overflow moved by 90")
        os.remove(after)
    finally:
        os.remove(before)


def listen_queue(program, _):
    prepare()
    server = socket.socket()
    server.bind((SOURCE, 8080))
    server.listen(8)
    clients = []
    for _ in range(9):
        clients.append(socket.create_connection((SOURCE, 8080)))
    queue = find(diagnose(program), "accept-queue", "127.0.0.1:8080")
    expect((queue["used"], queue["limit"], queue["level"]) == (9, 9, "exhausted"),
           "a backlog of 8 holds 9:", queue["used"], "of", queue["limit"])
    late = socket.socket()
    late.setblocking(False)
    late.connect_ex((SOURCE, 8080))
    moved = diagnose(program, "--interval", "1500ms")
    names = {counter["name"] for counter in moved["counters"]}
    expect("TcpExt.ListenOverflows" in names, "ListenOverflows moves while a client retries")
    expect(moved["interval"] and 1.3 < moved["interval"] < 10, "interval", moved["interval"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--show", action="store_true", help="print the diagnoses for people too")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    for case in (plain_bind, no_port, one_destination, starved, time_wait_table, listen_queue):
        print(f"# {case.__name__}", flush=True)
        child = os.fork()  # A namespace of its own for each.
        if child == 0:
            case(program, arguments.show)
            sys.stdout.flush()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
