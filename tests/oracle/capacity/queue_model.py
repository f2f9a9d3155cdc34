"""Experiments g and h: what the queues of a listener hold."""

import fcntl
import os
import socket
import struct
import time

from space import LOOPBACK, LeftOut, add_address, put, set_up

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
ESTABLISHED = 1
TCP_INFO = getattr(socket, "TCP_INFO", 11)


def tcp_info(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 104)


def accept_queue(report, proctor):
    """g: min(backlog, somaxconn) + 1."""
    port = 9200
    for largest, backlog in ((8, 1000), (8, 2**31 - 1), (128, 5), (4096, 50)):
        put("net.core.somaxconn", largest)
        port += 1
        server = socket.socket()
        server.bind((LOOPBACK, port))
        server.listen(backlog)
        clients = []
        for _ in range(min(largest, backlog) + 20):
            late = socket.socket()
            late.setblocking(False)
            late.connect_ex((LOOPBACK, port))
            clients.append(late)
        time.sleep(0.3)
        connected = sum(1 for c in clients if tcp_info(c)[0] == ESTABLISHED)
        told = proctor.pressure("accept-queue", f"{LOOPBACK}:{port}")
        name = f"somaxconn={largest}, listen({backlog})"
        report.compare(f"connections that a queue holds, {name}", connected, told["limit"])
        if backlog > largest:
            foreseen = proctor.forecast("accept queue", inbound_rate=1)
            report.compare(f"what-if of it, {name}", connected, foreseen["limit"])
        report.same(f"level, {name}", "exhausted", told["level"])
        for one in (server, *clients):
            one.close()
    raised_later(report, proctor)


def raised_later(report, proctor):
    """The cure says that it takes effect when the program calls listen() again."""
    put("net.core.somaxconn", 8)
    server = socket.socket()
    server.bind((LOOPBACK, 9300))
    server.listen(1000)
    put("net.core.somaxconn", 4096)
    for again in (False, True):
        if again:
            server.listen(1000)
        # tcpi_sacked of a listener is the limit of its queue.
        limit = struct.unpack_from("=I", tcp_info(server), 28)[0]
        told = proctor.pressure("accept-queue", f"{LOOPBACK}:9300")
        report.compare(f"somaxconn raised, {'after' if again else 'before'} another listen()",
                       limit + 1, told["limit"])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def syn_packet(number, port):
    """From one of many addresses behind the interface, none of which answers."""
    source = socket.inet_aton(f"10.200.{1 + number // 250}.{1 + number % 250}")
    target = socket.inet_aton("10.200.0.1")
    segment = struct.pack("!HHIIBBHHH", 1024 + number, port, number * 7919 & 0xFFFFFFFF, 0, 5 << 4,
                          2, 64240, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, len(segment))
    segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, number, 0, 64, 6, 0, source, target)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment


def silent_interface():
    try:
        tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", b"silent", IFF_TUN | IFF_NO_PI))
    except OSError as error:
        raise LeftOut(f"/dev/net/tun: {error.strerror}") from error
    add_address("silent", "10.200.0.1", "255.255.0.0")
    set_up("silent")
    return tunnel


def half_open(port):
    with open("/proc/self/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table]
    return sum(1 for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "03")


def drain(tunnel):
    try:
        while os.read(tunnel, 2048):
            pass
    except BlockingIOError:
        pass


def syn_queue(report, proctor):
    """h: 2,000 SYNs from addresses that never answer."""
    tunnel = silent_interface()
    port, sent = 9400, 2000
    for cookies, half, largest, backlog in (
            (1, 128, 4096, 4096), (1, 4096, 128, 4096), (1, 4096, 4096, 128), (0, 128, 4096, 4096),
            (0, 2048, 4096, 4096), (0, 4096, 128, 4096), (0, 10240, 20480, 20480),
            (2, 128, 4096, 4096)):
        put("net.ipv4.tcp_syncookies", cookies)
        put("net.ipv4.tcp_max_syn_backlog", half)
        put("net.core.somaxconn", largest)
        port += 1
        with socket.socket() as server:
            server.bind(("10.200.0.1", port))
            server.listen(backlog)
            for number in range(sent):
                os.write(tunnel, syn_packet(number, port))
                if number % 100 == 0:
                    drain(tunnel)
            time.sleep(0.2)
            drain(tunnel)
            name = f"tcp_syncookies={cookies}, tcp_max_syn_backlog={half}, " \
                   f"somaxconn={largest}, listen({backlog})"
            if cookies == 2:
                listed = len(proctor.pressures("syn-queue"))
                report.compare(f"half-open, without a queue in the model, {name}",
                               half_open(port), listed)
                continue
            told = proctor.pressure("syn-queue", f"10.200.0.1:{port}")
            report.compare(f"half-open, {name}", half_open(port), min(told["limit"], sent))
            report.compare(f"half-open as read, {name}", half_open(port), told["used"])
    os.close(tunnel)


EXPERIMENTS = {"g_listen accept": accept_queue, "g_listen syn": syn_queue}
