"""Experiments d, e and k: how long TIME-WAIT lasts, what its table holds, what rate follows."""

import gzip
import pathlib
import statistics
import time

from space import (LOOPBACK, OUTSIDE, LeftOut, Pace, Pairs, Server, add_address, client, counters,
                   get, port_range, put, sockstat, sysctl)

CONNECT, BIND = "ephemeral ports, connect() alone", "ephemeral ports, bind() first"
DELAY = "net.ipv4.tcp_tw_reuse_delay"


def granule():
    """Seconds that the timer wheel may add to TIME-WAIT; the most that any HZ gives if unknown."""
    by_frequency = {100: 5.12, 250: 2.05, 300: 1.71, 1000: 4.10}
    release = get("kernel.osrelease")
    for path in ("/proc/config.gz", f"/boot/config-{release}"):
        try:
            data = pathlib.Path(path).read_bytes()
        except OSError:
            continue
        text = (gzip.decompress(data) if path.endswith(".gz") else data).decode()
        found = [line[10:] for line in text.splitlines() if line.startswith("CONFIG_HZ=")]
        if found and int(found[0]) in by_frequency:
            return by_frequency[int(found[0])]
    return 5.12


def one_short(server, *where, **how):
    """A connection that its client closes first."""
    mine = client(*where, **how)
    theirs = server.accept()
    mine.close()
    theirs.recv(1)
    theirs.close()


def first_success(server, address, seconds, start=None, **how):
    """Seconds from `start`, or now, until a connection is made; None if none is."""
    start = start or time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            one_short(server, address, **how)
            return time.monotonic() - start
        except OSError:
            time.sleep(0.01)
    return None


def fill_time_wait(server, first, address, count=20, **how):
    """Puts every port of a range into TIME-WAIT to this address; the moment when that began."""
    port_range(first, first + count - 1)
    pairs = Pairs(server)
    made, _ = pairs.fill(count, address, **how)
    assert made == count, made
    start = time.monotonic()
    pairs.close()
    return start


def reuse(report, proctor):
    """d_reuse: what the cure with tcp_tw_reuse says, where it is offered and where it is not."""
    add_address("lo:1", OUTSIDE, "255.255.0.0")
    put("net.ipv4.tcp_rfc1337", 1)
    server = Server()
    first = 20000
    cases = [(value, stamps, address) for value in (0, 1, 2) for stamps in (1, 0)
             for address in (OUTSIDE, LOOPBACK)]
    for value, stamps, address in cases:
        put("net.ipv4.tcp_tw_reuse", value)
        put("net.ipv4.tcp_timestamps", stamps)
        fill_time_wait(server, first, address)
        told = proctor.pressure("ephemeral-ports", f"{address} → {address}:443")
        offered = any(c["key"] == "net.ipv4.tcp_tw_reuse" for c in told["cures"])
        found = first_success(server, address, 2.5)
        name = f"tcp_tw_reuse={value}, timestamps={stamps}, {address}"
        # The cure is offered where a port is not free after a second, but would be with it.
        report.same(f"cure wanted, {name}", "yes" if stamps and not found else "no",
                    "yes" if offered else "no")
        if offered:
            put("net.ipv4.tcp_tw_reuse", 1)
            start = fill_time_wait(server, first + 20, address)
            found = first_success(server, address, 4, start)
            # Kernels without tcp_tw_reuse_delay count whole seconds: 1 to 2.
            report.within(f"seconds until a port is free with the cure, {name}",
                          found or 99, 0.9, 2.1)
        first += 40
    claim_about_bind(report, proctor, server, first)
    delay_of_reuse(report, proctor, server, first + 20)


def claim_about_bind(report, proctor, server, first):
    """no-cure: "bind() with port 0 takes no port in TIME-WAIT"."""
    put("net.ipv4.tcp_tw_reuse", 1)
    put("net.ipv4.tcp_timestamps", 1)
    port_range(first, first + 19)
    for number in range(20):
        one_short(server, f"127.2.0.{number + 1}", source=LOOPBACK)
    told = proctor.pressure("ephemeral-ports", LOOPBACK)
    in_vain = any(c["what"] == "net.ipv4.tcp_tw_reuse" for c in told["no_cure"])
    found = first_success(server, "127.2.1.1", 3, source=LOOPBACK)
    report.same("tcp_tw_reuse=1 for plain bind()", "a cure" if found else "no cure",
                "no cure" if in_vain else "not told")


def delay_of_reuse(report, proctor, server, first):
    """The delay may be set since Linux 6.15; the cure says a second."""
    if not sysctl(DELAY).exists():
        report.leave_out("tcp_tw_reuse_delay", "this kernel has none")
        return
    put("net.ipv4.tcp_tw_reuse", 0)
    put(DELAY, 2500)
    fill_time_wait(server, first, OUTSIDE)
    told = proctor.pressure("ephemeral-ports", f"{OUTSIDE} → {OUTSIDE}:443")
    cure = next(c["what"] for c in told["cures"] if c["key"] == "net.ipv4.tcp_tw_reuse")
    put("net.ipv4.tcp_tw_reuse", 1)
    start = fill_time_wait(server, first + 20, OUTSIDE)
    found = first_success(server, OUTSIDE, 5, start)
    report.compare("seconds until a port is free, tcp_tw_reuse_delay=2500", found or 99,
                   1 if "after a second" in cure else 2.5, above=0.4)


def population(rate, key=None, value=None):
    def experiment(report, proctor):
        """d_timewait: the mean number of sockets in TIME-WAIT at a steady rate."""
        put("net.ipv4.tcp_tw_reuse", 0)
        if key:
            put(key, value)
        server = Server()
        samples = []
        pace = Pace(rate, 90)
        for number in pace:
            one_short(server, LOOPBACK)
            if pace.now() > 66 and number % (rate // 2) == 0:
                samples.append(sockstat("tw"))
        told = proctor.forecast("TIME-WAIT", rate=rate)
        extra = granule() * rate
        # 60 s and up to a granule of the timer wheel.
        low, high = rate * 60, rate * 60 + extra
        report.compare(f"mean of TIME-WAIT at {rate}/s" + (f", {key}={value}" if key else ""),
                       statistics.mean(samples), told["used"], below=told["used"] - low + rate,
                       above=high - told["used"] + rate)
    return experiment


def table_at_a_rate(report, proctor):
    """d_timewait, e_maxtw: the table never holds more; what it takes in is what the model gives."""
    rate, limit, seconds = 60, 1200, 95
    put("net.ipv4.tcp_tw_reuse", 0)
    put("net.ipv4.tcp_max_tw_buckets", limit)
    server = Server()
    most, before = 0, counters()
    told = proctor.forecast("TIME-WAIT", rate=rate)
    pace = Pace(rate, seconds)
    first_over = None
    for number in pace:
        one_short(server, LOOPBACK)
        if number % 30 == 0:
            most = max(most, sockstat("tw"))
        if first_over is None and number % 10 == 0 and \
                counters()["TcpExt.TCPTimeWaitOverflow"] > before["TcpExt.TCPTimeWaitOverflow"]:
            first_over = number
    after = counters()
    report.compare("most sockets in TIME-WAIT", most, told["limit"])
    report.compare("connections until the table overflows", first_over, told["limit"], above=10)
    # Two fillings in this time, the second after the first has run out.
    made = after["TcpExt.TW"] - before["TcpExt.TW"]
    report.compare(f"TIME-WAIT made in {seconds} s at {rate}/s", made,
                   2 * told["limit"])
    report.compare(f"overflows in {seconds} s at {rate}/s", after["TcpExt.TCPTimeWaitOverflow"] -
                   before["TcpExt.TCPTimeWaitOverflow"], rate * seconds - 2 * told["limit"])


def overflow(report, proctor):
    """e_maxtw: exact counts, and the ports of what is closed without TIME-WAIT."""
    put("net.ipv4.tcp_tw_reuse", 0)
    put("net.ipv4.tcp_rfc1337", 1)
    port_range(20000, 20199)
    server = Server()
    pairs = Pairs(server)
    for limit in (50, 10, 1, 0):
        put("net.ipv4.tcp_max_tw_buckets", limit)
        pairs.fill(100, "127.0.0.9")
        expected = 100 - max(limit - sockstat("tw"), 0)
        moved = proctor.moved(pairs.close)
        report.compare(f"overflows of 100 closed, tcp_max_tw_buckets={limit}",
                       moved.get("TcpExt.TCPTimeWaitOverflow", 0), expected)
        told = proctor.pressure("time-wait", "this namespace")
        report.compare(f"TIME-WAIT, tcp_max_tw_buckets={limit}", sockstat("tw"), told["used"])
        report.same(f"level, tcp_max_tw_buckets={limit}", "exhausted", told["level"])
    claim = " ".join(proctor.pressure("time-wait", "this namespace")["evidence"])
    made = 0
    for _ in range(1000):
        try:
            one_short(server, "127.0.0.9")
            made += 1
        except OSError:
            break
    report.compare("connections in a row through 150 ports, table full", made,
                   1000 if "their ports are free at once" in claim else None)


def sustainable(told):
    """Connections a second; breaks_at knows whole ones only, too few of them for 100 ports."""
    return 1000 / told["ratio"]


def closing_rate(what, forecast, destinations, settings, **how):
    """k_rate without reuse: the mean time after which a port serves again gives the rate."""
    def experiment(report, proctor):
        ports = 100
        for key, value in settings.items():
            put("net.ipv4." + key, value)
        put("net.ipv4.tcp_rfc1337", 1)
        port_range(20000, 20099)
        server = Server()
        capacity = ports * (1 if how.get("source") and not how.get("no_port") else destinations)
        moments = []
        pace = Pace(40, 80)
        for number in pace:
            try:
                one_short(server, f"127.0.0.{10 + number % destinations}", **how)
                moments.append(pace.now())
            except OSError:
                pass
            if len(moments) == 2 * capacity:
                break
        if len(moments) < 2 * capacity:
            report.compare(f"{what}: connections in 80 s", len(moments), 2 * capacity)
            return
        lives = [late - early for early, late in zip(moments, moments[capacity:])]
        model = sustainable(proctor.forecast(forecast, rate=1000, busiest=100 // destinations))
        # A port is free after 60 s and up to a granule, and is asked for within a second.
        report.compare(f"{what}: connections/s from {ports} ports",
                       capacity / statistics.mean(lives), model,
                       below=model - capacity / (60 + granule() + 1), above=capacity / 60 - model)
    return experiment


def rate_with_reuse(report, proctor):
    """k_rate with tcp_tw_reuse=1 and timestamps: ports / delay."""
    if sysctl(DELAY).exists() and get(DELAY) != "1000":
        raise LeftOut("tcp_tw_reuse_delay is not a second here")
    put("net.ipv4.tcp_tw_reuse", 1)
    put("net.ipv4.tcp_rfc1337", 1)
    port_range(20000, 20099)
    server = Server()
    moments = []
    pace = Pace(250, 20)
    for _ in pace:
        try:
            one_short(server, "127.0.0.9", source=LOOPBACK, no_port=True)
            moments.append(pace.now())
        except OSError:
            pass
    measured = (len(moments) - 100) / (moments[-1] - moments[0])
    model = sustainable(proctor.forecast(CONNECT, rate=1000, busiest=100))
    report.compare("NO_PORT, tcp_tw_reuse=1: connections/s from 100 ports", measured, model,
                   below=0.1 * model, above=0.1 * model)
    told = proctor.pressure("ephemeral-ports", f"{LOOPBACK} → 127.0.0.9:443")
    report.compare("NO_PORT, tcp_tw_reuse=1: ports at that rate", told["used"], told["limit"],
                   below=5)


EXPERIMENTS = {
    "d_reuse": reuse,
    "d_timewait 50": population(50),
    "d_timewait 100": population(100),
    "d_timewait fin": population(100, "net.ipv4.tcp_fin_timeout", 4),
    "d_timewait cap": table_at_a_rate,
    "e_maxtw": overflow,
    "k_rate connect": closing_rate("connect()", CONNECT, 1, {"tcp_tw_reuse": 0}),
    "k_rate no_port": closing_rate("NO_PORT to 4 destinations", CONNECT, 4, {"tcp_tw_reuse": 0},
                                   source=LOOPBACK, no_port=True),
    "k_rate bind": closing_rate("bind() to 4 destinations", BIND, 4, {"tcp_tw_reuse": 0},
                                source=LOOPBACK),
    "k_rate bind reuse": closing_rate("bind() to 4 destinations, tcp_tw_reuse=1", BIND, 4,
                                      {"tcp_tw_reuse": 1}, source=LOOPBACK),
    "k_rate stamps": closing_rate("NO_PORT, tcp_tw_reuse=1, timestamps=0", CONNECT, 1,
                                  {"tcp_tw_reuse": 1, "tcp_timestamps": 0},
                                  source=LOOPBACK, no_port=True),
    "k_rate reuse": rate_with_reuse,
}
