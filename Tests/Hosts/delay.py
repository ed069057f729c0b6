"""Joins two network namespaces by a wire that is a known time long, for kernels that have no netem.

    python3 Tests/Hosts/delay.py MILLISECONDS NAMESPACE ADDRESS NAMESPACE ADDRESS

makes a device wire0 in each (a TUN device: packets of IP come to this process) and hands every packet over when it is so old.
Prints "ready" and runs until it is killed; the devices go with it.
"""
import ctypes
import fcntl
import os
import selectors
import struct
import subprocess
import sys
import time
from collections import deque

IFF_TUN, IFF_NO_PI, TUNSETIFF, CLONE_NEWNET = 0x0001, 0x1000, 0x400454CA, 0x40000000


def wire(namespace, address):
    """The packets of a new device wire0 of a namespace: a device belongs to where it was made."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as place:
        if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"no way into {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH14x", b"wire0", IFF_TUN | IFF_NO_PI))
    for command in (["addr", "add", address, "dev", "wire0"], ["link", "set", "wire0", "up"]):
        subprocess.run(["ip", *command], check=True)
    return device


def main():
    delay = float(sys.argv[1]) / 1e3
    ends = [wire(*sys.argv[2:4]), wire(*sys.argv[4:6])]
    waiting = {end: deque() for end in ends}
    other = dict(zip(ends, reversed(ends)))
    selector = selectors.DefaultSelector()
    for end in ends:
        selector.register(end, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        # The last part of a wait is spun: a sleep is late by as much as a short wire is long.
        first = min((queue[0][0] for queue in waiting.values() if queue), default=None)
        pause = None if first is None else max(0, first - time.monotonic() - 2e-4)
        for key, _ in selector.select(pause):
            waiting[other[key.fd]].append((time.monotonic() + delay, os.read(key.fd, 65536)))
        for end, queue in waiting.items():
            while queue and queue[0][0] <= time.monotonic():
                os.write(end, queue.popleft()[1])


main()
