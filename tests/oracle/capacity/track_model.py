"""Experiments i: entries of connection tracking, their life, their memory, and a full table."""

import os
import socket
import statistics
import time

from memory_model import growth, slabs
from netfilter import track_connections
from space import LOOPBACK, LeftOut, Pace, Pairs, Server, get, port_range, put, sysctl
from time_model import one_short

COUNT, MOST = "net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max"
TIMEOUT = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
SIDE = 512  # Ports of each of two addresses.
LARGEST = 300000
NEW = 10 * SIDE


def track():
    if not sysctl(MOST).exists():
        raise LeftOut("no nf_conntrack in this kernel")
    try:
        track_connections()
    except OSError as error:
        raise LeftOut(f"no rule with nf_tables: {error}") from error


def entries(report, proctor):
    """i: one for a connection; steady state at a rate, expired ones included."""
    track()
    server = Server()
    pairs = Pairs(server)
    port_range(1024, 60999)
    pairs.fill(2000, LOOPBACK)
    count = int(get(COUNT))
    report.compare("entries of 2,000 connections", count,
                   proctor.forecast("conntrack", connections=2000)["used"])
    report.compare("entries as read", count,
                   proctor.pressure("conntrack", "this namespace")["used"])
    put(TIMEOUT, 10)
    rate, samples = 50, []
    pace = Pace(rate, 120)
    for number in pace:
        one_short(server, LOOPBACK)
        if number % rate == 0 and pace.now() > 75:
            samples.append(int(get(COUNT)) - 2000)
    told = proctor.forecast("conntrack", rate=rate)["used"]
    # Expired entries are collected after 0 to 60 s, the model takes the middle; and 5 s for the work.
    for what, measured in (("least", min(samples)), ("mean", statistics.mean(samples)),
                           ("most", max(samples))):
        report.compare(f"{what} entries at {rate}/s, time_wait=10", measured, told, below=35 * rate,
                       above=35 * rate)


def bound(address, base, count):
    made = []
    for number in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.bind((address, base + number))
        one.setblocking(False)
        made.append(one)
    return made


def send(sockets, address, base, count):
    """One packet of each socket to each port; how many are refused with EPERM."""
    refused = 0
    for one in sockets:
        for number in range(count):
            try:
                one.sendto(b"x", (address, base + number))
            except PermissionError:
                refused += 1
            except BlockingIOError:
                pass
    return refused


class Flows:
    """UDP flows between two addresses, as many as the table holds, and some more."""

    def __init__(self):
        track()
        self.most = int(get(MOST))
        if self.most > LARGEST:
            raise LeftOut(f"nf_conntrack_max is {self.most}, it cannot be set here, and this fills "
                          f"{LARGEST} at most")
        put("net.netfilter.nf_conntrack_udp_timeout", 600)
        put("net.netfilter.nf_conntrack_udp_timeout_stream", 600)
        self.rows = self.most // SIDE
        self.callers = bound("127.0.0.1", 20000, self.rows + 10)
        self.answerers = bound("127.0.0.2", 40000, SIDE)

    def fill(self):
        send(self.callers[:self.rows], "127.0.0.2", 40000, SIDE)

    def answer(self):
        send(self.answerers, "127.0.0.1", 20000, self.rows)

    def add(self):
        """More flows than the table has room for: those refused with EPERM."""
        return send(self.callers[self.rows:], "127.0.0.2", 40000, SIDE)


def replaced(report, proctor):
    """i2: new flows replace entries without a reply; memory of an entry."""
    before = slabs()
    flows = Flows()
    flows.fill()
    count = int(get(COUNT))
    memory(report, proctor, before, count)
    told = proctor.pressure("conntrack", "this namespace")
    report.compare("entries as read, table full", count, told["used"])
    report.compare("entries of a full table", count, told["limit"], below=SIDE)
    refused = []
    moved = proctor.moved(lambda: refused.append(flows.add()))
    claimed = "first replaces entries without a reply" in " ".join(told["evidence"])
    report.compare("packets refused, no entry has a reply", refused[0], 0 if claimed else None)
    spare = flows.most - count
    report.compare("entries that new flows replace", moved.get("conntrack.early_drop", 0),
                   NEW if claimed else None, below=spare + 8, above=8)


def dropped(report, proctor):
    """i2: no entry can be replaced, and everything new is dropped."""
    flows = Flows()
    flows.fill()
    # Answers, and traffic 2 s after the first packet, make entries that stay.
    flows.answer()
    time.sleep(2.5)
    flows.fill()
    told = proctor.pressure("conntrack", "this namespace")
    evidence = " ".join(told["evidence"])
    spare = flows.most - int(get(COUNT))
    refused = []
    moved = proctor.moved(lambda: refused.append(flows.add()))
    report.compare("packets that fail with EPERM", refused[0],
                   NEW if "send() of UDP fails with EPERM" in evidence else None, below=spare)
    report.compare("conntrack.drop as proctor sees it move", moved.get("conntrack.drop", 0),
                   refused[0])
    with socket.socket() as late:
        late.settimeout(1)
        try:
            late.connect((LOOPBACK, 9))
            result = "connects"
        except TimeoutError:
            result = "times out"
        except OSError as error:
            result = os.strerror(error.errno)
    report.same("connect()", result,
                "times out" if "connect() times out" in evidence else "not told")


def memory(report, proctor, before, count):
    if before is None:
        report.leave_out("memory of an entry", "/proc/slabinfo cannot be read")
        return
    each = growth(before, slabs(), count)
    cures = proctor.pressure("conntrack", "this namespace")["cures"]
    claimed = any("256 to 384 bytes an entry" in cure["cost"] for cure in cures)
    low, high = (256, 384) if claimed else (0, 0)
    # Objects that were free already in the caches of a CPU are no growth.
    report.within("bytes of an entry", sum(each.values()), low, high, slack=0.02)


WAITING = {"i_conntrack": entries}
BUSY = {"i2_ct_full replaced": replaced, "i2_ct_full dropped": dropped}
