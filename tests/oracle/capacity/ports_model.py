"""Experiments a, b, c, f and m: how many ports there are, for whom, what a search for one costs."""

import socket
import statistics
import time

from space import (LOOPBACK, Pairs, Server, client, counters, get, need_descriptors, port_range,
                   put)

SECOND = "127.0.0.3"
BIND_FAILS = "bind Address already in use"
CONNECT_FAILS = "connect Cannot assign requested address"
LOW, HIGH = 20000, 20099


def ever_new(number):
    return f"127.1.{number // 250}.{number % 250 + 1}"


def fill_by_bind(pairs, most, source=LOOPBACK, reuse=False):
    """Plain bind(), each connection to another destination."""
    for number in range(most):
        try:
            pairs.open(ever_new(number), source=source, reuse=reuse)
        except OSError as error:
            return number, f"{error.filename} {error.strerror}"
    return most, ""


def destination(source, address, port=443):
    return f"{source} → {address}:{port}"


def bind_zero(report, proctor):
    """a1, a2, a4: ranges, the order of the search, and that each address has its own."""
    pairs = Pairs(Server())
    for low, high in ((LOW, HIGH), (20001, 20100), (20000, 20100), (20000, 20001)):
        port_range(low, high)
        made, error = fill_by_bind(pairs, 200)
        told = proctor.pressure("ephemeral-ports", LOOPBACK)
        # A search over a range of odd size may miss its last port.
        odd = (high - low + 1) % 2
        report.compare(f"bind() in {low}-{high}", made, told["limit"], below=odd)
        report.same(f"bind() in {low}-{high} fails with", error,
                    BIND_FAILS if told["level"] == "exhausted" or odd else "no failure")
        pairs.reset()
    port_range(LOW, HIGH)
    for reuse, how in ((False, "bind() before connect()"), (True, "bind() with SO_REUSEADDR")):
        made, _ = fill_by_bind(pairs, 40, reuse=reuse)
        evidence = " ".join(proctor.pressure("ephemeral-ports", LOOPBACK)["evidence"])
        report.same(f"fingerprint of {how}", how, how if how in evidence else "not told")
        pairs.reset()
    made, error = fill_by_bind(pairs, 200, reuse=True)
    report.compare("bind() with SO_REUSEADDR", made,
                   proctor.pressure("ephemeral-ports", LOOPBACK)["limit"])
    made, _ = fill_by_bind(pairs, 200, source=SECOND)
    report.compare("a second address while the first is exhausted", made,
                   proctor.pressure("ephemeral-ports", SECOND)["limit"])


def autobind_reuse(report, proctor):
    """c1c: what the cure with ip_autobind_reuse promises, a quarter of the ports shared."""
    port_range(LOW, HIGH)
    pairs = Pairs(Server())
    fill_by_bind(pairs, 100, reuse=True)
    cures = proctor.pressure("ephemeral-ports", LOOPBACK)["cures"]
    cure = [c for c in cures if c["key"] == "net.ipv4.ip_autobind_reuse"]
    offered = bool(cure) and "shares a quarter of the ports" in cure[0]["what"]
    pairs.reset()
    put("net.ipv4.ip_autobind_reuse", 1)
    made = 0
    for number in range(400):
        try:
            pairs.open(f"127.0.0.{number % 4 + 10}", source=LOOPBACK, reuse=True)
            made += 1
        except OSError:
            pass
    report.compare("ports by bind() with SO_REUSEADDR to 4 destinations", made,
                   100 + 3 * 25 if offered else None, below=7)


def one_by_one(report, proctor, pairs, cases, **how):
    """Fills each destination, then compares it with its own limit."""
    for source, address in cases:
        made, error = pairs.fill(300, address, **({"source": source} if how else {}), **how)
        told = proctor.pressure("ephemeral-ports", destination(source, address))
        report.compare(f"{'NO_PORT' if how else 'connect()'} {source} to {address}", made,
                       told["limit"])
        report.same(f"{source} to {address} fails with", error,
                    CONNECT_FAILS if told["level"] == "exhausted" else "no failure")


def connect_alone(report, proctor):
    """b1, over ranges of equal and odd size."""
    pairs = Pairs(Server())
    for low, high in ((LOW, HIGH), (20000, 20100), (20001, 20100)):
        port_range(low, high)
        for address in ("127.0.0.9", "127.0.0.10"):
            made, error = pairs.fill(300, address)
            told = proctor.pressure("ephemeral-ports", destination(LOOPBACK, address))
            report.compare(f"connect() to {address} in {low}-{high}", made, told["limit"],
                           below=(high - low + 1) % 2)
            report.same(f"connect() to {address} in {low}-{high} fails with", error, CONNECT_FAILS)
        pairs.reset()


def no_port(report, proctor):
    """c2, c3, c4, c5: by destination; beside plain binds; after they are gone."""
    port_range(LOW, HIGH)
    pairs = Pairs(Server())
    cases = [(source, f"127.0.0.{last}") for source in (LOOPBACK, SECOND) for last in (9, 10)]
    one_by_one(report, proctor, pairs, cases, no_port=True, reuse=True)
    pairs.reset()
    binders = Pairs(pairs.server)
    fill_by_bind(binders, 60, source="127.0.0.5")
    one_by_one(report, proctor, pairs, [(LOOPBACK, "127.0.0.11"), (SECOND, "127.0.0.11")],
               no_port=True)
    pairs.reset()
    one_by_one(report, proctor, pairs, [(LOOPBACK, "127.0.0.12")])
    pairs.reset()
    binders.reset()
    release = tuple(int(n) for n in get("kernel.osrelease").split("-", 1)[0].split(".")[:2])
    if release < (6, 18):
        report.leave_out("ports after the plain binds are gone", "needs Linux 6.18")
        return
    # The ports of connections that stay must be given back to connect().
    pairs.fill(100, "127.0.0.9", source=LOOPBACK, no_port=True)
    fill_by_bind(binders, 100, source=SECOND)
    binders.reset()
    made, _ = pairs.fill(300, "127.0.0.13", source=LOOPBACK, no_port=True)
    told = proctor.pressure("ephemeral-ports", destination(LOOPBACK, "127.0.0.13"))
    report.compare("connect() after plain binds on the same ports are gone", made, told["limit"])


def ipv6(report, proctor):
    """c2_ipv6: the families share the ports, but not the connections; plain binds block both."""
    port_range(LOW, HIGH)
    four = Pairs(Server())
    try:
        six = Pairs(Server(family=socket.AF_INET6))
    except OSError as error:
        report.leave_out("IPv6", f"no IPv6 here: {error.strerror}")
        return
    made, _ = four.fill(300, "127.0.0.9")
    report.compare("connect() over IPv4", made, proctor.pressure(
        "ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))["limit"])
    for option in (False, True):
        made, _ = six.fill(300, "::1", **({"source": "::1", "no_port": True} if option else {}))
        report.compare(f"{'NO_PORT' if option else 'connect()'} over IPv6 beside them", made,
                       proctor.pressure("ephemeral-ports", destination("::1", "::1"))["limit"])
        six.reset()
    # Plain binds of IPv6 take every port from connect() of IPv4. One destination would not show how
    # the ports were given.
    other = Server(port=444, family=socket.AF_INET6)
    binders = []
    for number in range(300):
        try:
            binders.append(client("::1", source="::1", port=443 + number % 2))
        except OSError:
            break
        (six.server, other)[number % 2].accept()
    report.compare("plain bind() over IPv6 beside them", len(binders),
                   proctor.pressure("ephemeral-ports", "::1")["limit"])
    made, _ = four.fill(300, "127.0.0.14")
    told = proctor.pressure("ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))
    report.compare("connect() over IPv4 after plain binds of IPv6 on every port", made,
                   told["limit"])


def reserved(report, proctor):
    """f: taken from both searches, not from an explicit bind(); what listeners take."""
    pairs = Pairs(Server())
    for text in ("", "20000-20009", "20000-20009,20050", "9000,30000-40000"):
        port_range(LOW, HIGH, text)
        made, _ = fill_by_bind(pairs, 200)
        report.compare(f"bind() with '{text}' reserved", made,
                       proctor.pressure("ephemeral-ports", LOOPBACK)["limit"])
        pairs.reset()
        made, _ = pairs.fill(200, "127.0.0.9")
        report.compare(f"connect() with '{text}' reserved", made, proctor.pressure(
            "ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))["limit"])
        pairs.reset()
        foreseen = proctor.forecast("ephemeral ports, connect() alone", connections=100)["limit"]
        report.compare(f"what-if with '{text}' reserved", made, foreseen)
    port_range(LOW, HIGH)
    listener = Server(port=20005, address="127.0.0.7")
    made, _ = pairs.fill(200, "127.0.0.9")
    report.compare("connect() beside a listener in the range", made, proctor.pressure(
        "ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))["limit"])
    listener.socket.close()
    # What the rule ports/range-covers-listeners says it has measured.
    port = pairs.held[0][0].getsockname()[1]
    rule = proctor.run("rules", "show", "ports/range-covers-listeners")
    claimed = "with and without SO_REUSEADDR" in rule
    failures = 0
    for reuse in (0, 1):
        with socket.socket() as late:
            late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            try:
                late.bind(("0.0.0.0", port))
            except OSError:
                failures += 1
    report.compare("listeners that cannot bind a connection's port", failures,
                   2 if claimed else None)


def no_counter(report, proctor):
    """m: "no counter of the kernel moves"."""
    port_range(LOW, LOW + 19)
    pairs = Pairs(Server())
    pairs.fill(50, "127.0.0.9")
    evidence = " ".join(proctor.pressure(
        "ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))["evidence"])
    before = counters()

    def fail():
        for _ in range(1000):
            try:
                client("127.0.0.9")
            except OSError:
                pass

    fail()
    changed = {name for name, value in counters().items() if value != before[name]}
    report.compare("counters that 1,000 failed connect() move", len(changed),
                   0 if "no counter of the kernel moves" in evidence else None)
    report.compare("counters that proctor sees move", len(proctor.moved(fail)), 0)
    pairs.reset()
    fill_by_bind(pairs, 50)
    evidence = " ".join(proctor.pressure("ephemeral-ports", LOOPBACK)["evidence"])
    before = counters()
    failed = 0
    for _ in range(1000):
        with socket.socket() as late:
            try:
                late.bind((LOOPBACK, 0))
            except OSError:
                failed += 1
    changed = {name for name, value in counters().items() if value != before[name]}
    report.compare("counters that 1,000 failed bind() move", len(changed) + 1000 - failed,
                   0 if "no counter of the kernel moves" in evidence else None)


def median_time(step, rounds=40):
    """Microseconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        made = step()
        taken.append((time.perf_counter() - start) * 1e6)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        made.close()
    return statistics.median(taken)


def bind_one():
    made = socket.socket()
    made.bind((LOOPBACK, 0))
    return made


def knee_of_bind(report, _):
    """a5: the cost of a bind() below and above half of the range."""
    need_descriptors(14200)
    port_range(32768, 60999)
    below = median_time(bind_one)
    held = [bind_one() for _ in range(14116)]
    above = median_time(bind_one)
    # 1.3 microseconds, then 3.5 to 7 milliseconds: "milliseconds instead of microseconds".
    report.within("microseconds of a bind() below half of the range", below, 0, 100)
    report.within("microseconds of a bind() above half of the range", above, 500, 100000)
    del held


def knee_of_connect(report, proctor):
    """b2: the cost of a connect() below and above half of the range."""
    need_descriptors(14300)
    port_range(32768, 60999)
    put("net.core.somaxconn", 65535)
    server = Server(backlog=65535)  # Holds the connections in its queue.
    held = [client("127.0.0.9") for _ in range(14000)]
    below = median_time(lambda: client("127.0.0.9"))
    held += [client("127.0.0.9") for _ in range(14200 - len(held))]
    above = median_time(lambda: client("127.0.0.9"))
    other = median_time(lambda: client("127.0.0.10"))
    evidence = " ".join(proctor.pressure(
        "ephemeral-ports", destination(LOOPBACK, "127.0.0.9"))["evidence"])
    claimed = "each connect() takes tens of times as long" in evidence
    low, high = (10, 1000) if claimed else (0, 0)
    report.within("times as long a connect() above half of the range", above / below, low, high)
    report.within("times as long a connect() to another destination", other / below, 0, 5)
    del server, held


EXPERIMENTS = {
    "a_bind0": bind_zero, "a_bind0 cost": knee_of_bind, "b_connect": connect_alone,
    "b_connect cost": knee_of_connect, "c_noport": no_port, "c_noport sharing": autobind_reuse,
    "c2_ipv6": ipv6, "f_reserved": reserved, "m_nocounter": no_counter,
}
