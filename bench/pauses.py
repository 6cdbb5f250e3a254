#!/usr/bin/env python3
"""How long a server lets its other clients wait while it does something big.

usage: pauses.py [--keys N] [--items N] [--only a,b] [--ends c,d] NAME=CMD [NAME=CMD ...]

A prober asks for a key a thousand times a second, by the clock, on a connection of its own; a reply
is late from the moment its request was due. Prints the longest wait, the median, and how many
waited longer than 2 ms, for each scenario.
"""
import argparse
import multiprocessing
import os
import socket
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from load import Client, Server, request  # noqa: E402

PERIOD = 0.001


def probe(port: int, stop, out) -> None:
    client = Client(port)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    line = request(b"GET", b"probed")
    waits = []
    due = time.perf_counter()
    while not stop.is_set():
        due += PERIOD
        while (now := time.perf_counter()) < due:
            time.sleep(max(0.0, (due - now) * 0.5))
        client.socket.sendall(line)
        client.socket.recv(64)
        waits.append(time.perf_counter() - due)
    out.put(waits)


def fill(client: Client, make, count: int, at_once: int = 500) -> None:
    for first in range(0, count, at_once):
        numbers = range(first, min(first + at_once, count))
        client.pipeline(b"".join(make(k) for k in numbers), len(numbers))


def set_key(k: int) -> bytes:
    return b"*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$16\r\nval:%012d\r\n" % (k, k)


def grow(client: Client, a) -> None:
    fill(client, set_key, a.keys)


def save(client: Client) -> None:
    client.call(b"BGSAVE")
    while b"rdb_bgsave_in_progress:1" in client.call(b"INFO", b"persistence"):
        time.sleep(0.05)


def flush(client: Client) -> None:
    client.call(b"FLUSHALL", b"ASYNC")
    client.call(b"SET", b"probed", b"1")
    time.sleep(3)


COLLECTIONS = {
    "set": lambda k, n: request(b"SADD", b"big:%d" % n, b"member:%09d" % k),
    "hash": lambda k, n: request(b"HSET", b"big:%d" % n, b"field:%09d" % k, b"value"),
    "zset": lambda k, n: request(b"ZADD", b"big:%d" % n, b"%d" % k, b"member:%09d" % k),
    "list": lambda k, n: request(b"RPUSH", b"big:%d" % n, b"item:%09d" % k),
}
ENDS = {
    "unlink": lambda c: c.call(b"UNLINK", b"big:0"),
    "del": lambda c: c.call(b"DEL", b"big:0"),
    "rename over": lambda c: (c.call(b"SET", b"other", b"1"),
                              c.call(b"RENAME", b"other", b"big:0")),
    "set over": lambda c: c.call(b"SET", b"big:0", b"1"),
    "expire": lambda c: (c.call(b"PEXPIRE", b"big:0", b"100"), time.sleep(0.5)),
    "bgsave": lambda c: save(c),
    "flushall async": lambda c: (c.call(b"FLUSHALL", b"ASYNC"), c.call(b"SET", b"probed", b"1")),
}


def during(server: Server, name: str, scenario: str, work) -> None:
    stop, out = multiprocessing.Event(), multiprocessing.Queue()
    prober = multiprocessing.Process(target=probe, args=(server.port, stop, out))
    prober.start()
    time.sleep(0.3)
    started = time.time()
    work()
    took = time.time() - started
    time.sleep(0.2)
    stop.set()
    waits = sorted(out.get()[100:])
    prober.join()
    rare = waits[len(waits) * 999 // 1000]
    print(f"{name:8} {scenario:24} longest {waits[-1] * 1000:8.2f} ms  median "
          f"{statistics.median(waits) * 1000:6.3f}  p99.9 {rare * 1000:7.2f}"
          f"  above 2 ms {sum(w > 0.002 for w in waits):5}  took {took:6.1f} s", flush=True)


def measure_end(name: str, command: str, kind: str, end: str, work, items: int) -> None:
    with Server(command) as server:
        client = Client(server.port)
        client.call(b"SET", b"probed", b"1")
        fill(client, lambda k: COLLECTIONS[kind](k, 0), items)
        during(server, name, f"{kind}: {end}", lambda: (work(client), time.sleep(1)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--items", type=int, default=10_000_000)
    parser.add_argument("--only", default="keys,set,hash,zset,list")
    parser.add_argument("--ends", default=",".join(ENDS))
    parser.add_argument("servers", nargs="+")
    a = parser.parse_args()
    for name, command in (s.split("=", 1) for s in a.servers):
        if "keys" in a.only:
            with Server(command) as server:
                client = Client(server.port)
                client.call(b"SET", b"probed", b"1")
                during(server, name, "quiet", lambda: time.sleep(3))
                during(server, name, "growing", lambda: grow(client, a))
                during(server, name, "BGSAVE", lambda: save(client))
                during(server, name, "FLUSHALL ASYNC", lambda: flush(client))
        for kind in (k for k in COLLECTIONS if k in a.only.split(",")):
            for end in a.ends.split(","):
                measure_end(name, command, kind, end, ENDS[end], a.items)


if __name__ == "__main__":
    main()
