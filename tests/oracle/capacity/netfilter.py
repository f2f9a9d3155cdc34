"""Turns connection tracking on in this network namespace, by one rule that looks at it."""

import socket
import struct

NETLINK_NETFILTER, NFTABLES, ERROR = 12, 10, 2
BATCH_BEGIN, BATCH_END = 0x10, 0x11
NEW_TABLE, NEW_CHAIN, NEW_RULE = ((NFTABLES << 8) | number for number in (0, 3, 6))
REQUEST, ACK, CREATE, APPEND = 1, 4, 0x400, 0x800
IPV4, LOCAL_IN, CT_STATE, REGISTER, NESTED = 2, 1, 0, 8, 0x8000


def attribute(kind, payload):
    size = 4 + len(payload)
    return struct.pack("=HH", size, kind) + payload + bytes(-size % 4)


def text(kind, value):
    return attribute(kind, value.encode() + b"\0")


def number(kind, value):
    return attribute(kind, struct.pack(">I", value))


def nest(kind, *inner):
    return attribute(kind | NESTED, b"".join(inner))


def message(kind, flags, sequence, family, subsystem, payload=b""):
    body = struct.pack(">BBH", family, 0, subsystem) + payload
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body


def track_connections():
    """Raises OSError where the kernel has no nf_tables or no connection tracking."""
    state = nest(1, text(1, "ct"), nest(2, number(1, REGISTER), number(2, CT_STATE)))
    parts = [
        message(BATCH_BEGIN, REQUEST, 0, 0, NFTABLES),
        message(NEW_TABLE, REQUEST | ACK | CREATE, 1, IPV4, 0, text(1, "t")),
        message(NEW_CHAIN, REQUEST | ACK | CREATE, 2, IPV4, 0,
                text(1, "t") + text(3, "c") + nest(4, number(1, LOCAL_IN), number(2, 0)) +
                text(7, "filter")),
        message(NEW_RULE, REQUEST | ACK | CREATE | APPEND, 3, IPV4, 0,
                text(1, "t") + text(2, "c") + nest(4, state)),
        message(BATCH_END, REQUEST, 4, 0, NFTABLES),
    ]
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as link:
        link.bind((0, 0))
        link.settimeout(5)
        link.send(b"".join(parts))
        acknowledged = 0
        while acknowledged < 3:
            answer = link.recv(65536)
            while answer:
                size, kind = struct.unpack_from("=IH", answer)
                if kind == ERROR:
                    code = -struct.unpack_from("=i", answer, 16)[0]
                    if code:
                        raise OSError(code, "nf_tables")
                    acknowledged += 1
                answer = answer[(size + 3) & ~3:]
