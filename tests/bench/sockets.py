#!/usr/bin/env python3
"""Runs a command in a network namespace with many TCP sockets: sockets.py COUNT COMMAND...

Half of them are connections that were made on the loopback device, the
other half are the ends that were accepted. Needs to be root, and 4 KiB of memory a socket.
"""

import ctypes
import fcntl
import os
import resource
import socket
import struct
import subprocess
import sys

CLONE_NEWNET, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8913, 0x8914, 1
EACH = 5000  # Connections that one process holds; the limit on descriptors is often 20,000.


def hold(number, count, ready, end):
    """In a process of its own: makes connections, says so, and waits for the end."""
    server = socket.socket()
    server.bind(("0.0.0.0", 1000 + number))
    server.listen(64)
    held = []
    for _ in range(count):
        client = socket.socket()
        client.connect(("127.0.1.1", 1000 + number))
        held += (client, server.accept()[0])
    os.write(ready, b"1")
    os.read(end, 1)
    os._exit(len(held) != 2 * count)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pairs = int(sys.argv[1]) // 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        sys.exit("sockets.py: no network namespace: " + os.strerror(ctypes.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    ready, end = os.pipe(), os.pipe()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for number, start in enumerate(range(0, pairs, EACH)):
        if os.fork() == 0:
            os.close(end[1])
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            hold(number, min(EACH, pairs - start), ready[1], end[0])
    os.close(ready[1])
    for _ in range(0, pairs, EACH):
        if not os.read(ready[0], 1):
            sys.exit(f"sockets.py: {pairs} connections cannot be made (limit: {soft}, {hard})")
    child = subprocess.run(sys.argv[2:], check=False)
    os.close(end[1])
    sys.exit(child.returncode)


if __name__ == "__main__":
    main()
