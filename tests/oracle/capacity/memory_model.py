"""Experiment j: memory of the kernel for each socket, counted in objects of its slab caches."""

import os
import pathlib
import select
import statistics
import time

from space import (LOOPBACK, LeftOut, Pairs, Server, client, get, need_descriptors, port_range, put,
                   sockstat)
from time_model import one_short

ROUNDS = 3
# Pages by which the sum that the kernel tells may differ: each CPU keeps up to 256 more or fewer.
CPU_RESERVE = 2 * 256


def slabs():
    """Cache -> (objects, bytes of one); None where only root may read it, and this is not root."""
    try:
        text = pathlib.Path("/proc/slabinfo").read_text(encoding="ascii")
    except OSError:
        return None
    rows = (line.split() for line in text.splitlines()[2:])
    return {row[0]: (int(row[1]), int(row[3])) for row in rows}


def growth(before, after, count):
    """Cache -> bytes for each of `count`. Caches that grew less serve the rest of the machine."""
    found = {}
    for name, (objects, size) in after.items():
        each = (objects - before.get(name, (0, 0))[0]) / count
        if each > 0.3:
            found[name] = each * size
    return found


def needs_slabs():
    if slabs() is None:
        raise LeftOut("/proc/slabinfo cannot be read")


def median_of(rounds):
    """Cache by cache, so that what other programs did in one round does not count."""
    names = set().union(*rounds)
    return {name: statistics.median(one.get(name, 0) for one in rounds) for name in names}


def settle():
    """Lets the kernel free, after RCU, what was closed."""
    time.sleep(0.5)


def prepare():
    needs_slabs()
    put("net.ipv4.tcp_rfc1337", 1)
    put("net.core.somaxconn", 65535)
    put("net.ipv4.tcp_max_syn_backlog", 65535)
    port_range(1024, 60999)


def with_descriptors(report, proctor):
    """Both ends held by a program that waits for them with epoll."""
    prepare()
    count = 5000
    need_descriptors(2 * count)
    pairs = Pairs(Server(backlog=65535))
    rounds = []
    for _ in range(ROUNDS):
        waiting = select.epoll()
        settle()
        before = slabs()
        pairs.fill(count, LOOPBACK)
        for pair in pairs.held:
            for end in pair:
                waiting.register(end, select.EPOLLIN)
        rounds.append(growth(before, slabs(), 2 * count))
        pairs.reset()
        waiting.close()
    each = sum(median_of(rounds).values())
    told = proctor.forecast("memory of connections", connections=10000)
    # The model says "about 3.9 kB".
    report.compare("bytes of a connected socket", each, told["used"] / 10000, below=390, above=390)


def in_the_queue(report, proctor):
    """Connections that wait for accept(), and pages of what is queued on them."""
    prepare()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    count = 12000
    need_descriptors(count)
    rounds, pages = [], []
    for number in range(ROUNDS):
        server = Server(port=8000 + number, backlog=65535)
        settle()
        before = slabs()
        clients = [client(LOOPBACK, port=8000 + number) for _ in range(count)]
        rounds.append(growth(before, slabs(), count))
        if number == 0:
            told = proctor.pressure("accept-queue", f"0.0.0.0:{8000 + number}")
        empty = sockstat("mem")
        for one in clients:
            one.send(bytes(512))
        pages.append(sockstat("mem") - empty)
        server.socket.close()
        for one in clients:
            one.close()
    each = median_of(rounds)
    report.compare("connections in the queue as read", count, told["used"])
    if "TCP" in each and "request_sock_TCP" in each:
        # Half of the TCP sockets are the clients'.
        claimed = any("2.7 KiB" in (cure["cost"] or "") for cure in told["cures"])
        report.compare("bytes of a connection in the queue",
                       each["TCP"] / 2 + each["request_sock_TCP"],
                       2.7 * 1024 if claimed else None, below=140, above=140)
    else:
        report.leave_out("bytes of a connection in the queue", "the caches have been merged here")
    # Its limit is the machine's, and not to be seen in another namespace.
    foreseen = proctor.forecast("TCP memory", host=False, connections=count, queued=512)["used"]
    report.compare(f"pages of {count} queues of 512 bytes", statistics.median(pages), foreseen,
                   below=CPU_RESERVE, above=CPU_RESERVE)


def in_time_wait(report, proctor):
    prepare()
    put("net.ipv4.tcp_tw_reuse", 0)
    count = min(9000, int(get("net.ipv4.tcp_max_tw_buckets")) // ROUNDS)
    server = Server()
    rounds = []
    for _ in range(ROUNDS):
        settle()
        before = slabs()
        for _ in range(count):
            one_short(server, LOOPBACK)
        settle()
        rounds.append(growth(before, slabs(), count))
    each = sum(median_of(rounds).values())
    told = proctor.pressure("time-wait", "this namespace")
    report.compare("sockets in TIME-WAIT as read", ROUNDS * count, told["used"])
    cost = told["cures"][0]["cost"]
    low, high = (272, 530) if "272 to 530 bytes a socket" in cost else (0, 0)
    report.within("bytes of a socket in TIME-WAIT", each, low, high, slack=0.05)
    foreseen = proctor.forecast("memory of connections", rate=100)["used"] / 6100
    report.compare("what-if of it", each, foreseen, below=53, above=53)


EXPERIMENTS = {"j_memory open": with_descriptors, "j_memory queue": in_the_queue,
               "j_memory time-wait": in_time_wait}
