#!/usr/bin/env python3
"""How throughput grows with workers, on commands heavy for the server and light for the client.

usage: scaling.py [--workers 1,2,4] [--seconds S] [--only a,b] SERVER

The server gets as many cores as workers, the clients the rest of the machine. Prints requests per
second, the ratio to one worker, and the server's processor time per request. On a machine that has
no cores to spare for the clients, only the last tells anything: while a request costs as much as
with one worker, and workers do not sleep, work scales.
"""
import argparse
import multiprocessing
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from load import Client, Server, request  # noqa: E402

KEYS = 1_000_000
DEPTH = 8  # requests in flight on a connection


def fill_keys(client: Client) -> None:
    for first in range(0, KEYS, 5000):
        client.pipeline(b"".join(request(b"SET", b"key:%012d" % k, b"val:%012d" % k)
                                 for k in range(first, first + 5000)), 5000)


def fill_bits(client: Client) -> None:
    for k in range(64):
        client.call(b"SETRANGE", b"bits:%d" % k, b"1048575", b"x")


def fill_sets(client: Client) -> None:
    for k in range(64):
        first = k % 2 * 5000
        for part in range(first, first + 10_000, 1000):
            client.call(b"SADD", b"set:%d" % k, *(b"m:%d" % i for i in range(part, part + 1000)))


def fill_lists(client: Client) -> None:
    rng = random.Random(1)
    for k in range(64):
        items = (b"%d" % rng.randrange(10**9) for _ in range(10_000))
        client.call(b"RPUSH", b"list:%d" % k, *items)


def two(rng: random.Random) -> tuple[int, int]:
    first = rng.randrange(64)
    return first, (first + 1) % 64


WORKLOADS = {
    "EXISTS 500": (fill_keys, lambda r: request(
        b"EXISTS", *(b"key:%012d" % r.randrange(KEYS) for _ in range(500)))),
    "BITCOUNT 1MB": (fill_bits, lambda r: request(b"BITCOUNT", b"bits:%d" % r.randrange(64))),
    "SINTERCARD": (fill_sets, lambda r: request(
        b"SINTERCARD", b"2", *(b"set:%d" % k for k in two(r)))),
    "SORT LIMIT": (fill_lists, lambda r: request(
        b"SORT", b"list:%d" % r.randrange(64), b"LIMIT", b"0", b"1")),
}


def load(port: int, make, seed: int, cores: set[int], seconds: float, out) -> None:
    os.sched_setaffinity(0, cores)
    rng = random.Random(seed)
    batches = [b"".join(make(rng) for _ in range(DEPTH)) for _ in range(8)]
    lines = 3 if make(rng).split(b"\r\n")[2] == b"SORT" else 1
    clients = [Client(port) for _ in range(4)]
    done, end = 0, time.time() + seconds
    while time.time() < end:
        for client in clients:
            client.socket.sendall(rng.choice(batches))
        for client in clients:
            replies = DEPTH * lines
            while replies > 0:
                replies -= client.socket.recv(1 << 16).count(b"\n")
        done += DEPTH * len(clients)
    out.put(done)


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(command: str, workers: int, name: str, seconds: float) -> tuple[float, float]:
    """Requests per second, and processor time of the server per request, in microseconds."""
    prepare, make = WORKLOADS[name]
    cores = os.cpu_count()
    mine = set(range(workers))
    others = set(range(workers, cores)) or mine
    with Server(f"{command} --threads {workers}", mine) as server:
        prepare(Client(server.port))
        out = multiprocessing.Queue()
        loads = [multiprocessing.Process(target=load, args=(
            server.port, make, seed, others, seconds, out)) for seed in range(max(2, len(others)))]
        cpu = -cpu_seconds(server.process.pid)
        for process in loads:
            process.start()
        total = sum(out.get() for _ in loads)
        for process in loads:
            process.join()
        cpu += cpu_seconds(server.process.pid)
    return total / seconds, cpu * 1e6 / total


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="")
    parser.add_argument("server")
    a = parser.parse_args()
    for name in WORKLOADS:
        if a.only and not any(o in name for o in a.only.split(",")):
            continue
        one = 0.0
        for workers in map(int, a.workers.split(",")):
            rate, cpu = measure(a.server, workers, name, a.seconds)
            one = one or rate
            print(f"{name:14} {workers:3} workers {rate:12.0f} requests/s  {rate / one:5.2f}x"
                  f"  {cpu:8.1f} us of server CPU each", flush=True)


if __name__ == "__main__":
    main()
