"""Free loopback ports. Below the kernel's range for outgoing connections, and held by a file lock
until the process ends, so that tests that run at the same time never get the same one."""
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 11000, 19999  # the cluster bus is 10000 above: also free, also below the kernel's
_locks = []


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    while True:
        first = free_port()
        if all(_take(first + more) for more in range(1, count)):
            return first


def free_port() -> int:
    start = random.randrange(FIRST, LAST)
    for port in [*range(start, LAST + 1), *range(FIRST, start)]:
        if _take(port):
            return port
    raise RuntimeError(f"no free port between {FIRST} and {LAST}")


def _take(port: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"banyan-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    lock = open(folder / str(port), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    if _is_free(port) and _is_free(port + 10000):
        _locks.append(lock)
        return True
    lock.close()
    return False
