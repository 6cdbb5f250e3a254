"""Load: a writer that remembers what was acknowledged, and data of many shapes to start from."""
import random
import threading
import time

from .nodes import Node
from .resp import Client, ReplyError


class Writer:
    """Writes numbered keys in several databases until stopped; may be sent to another node at any
    time. After a failed call (a lost connection, READONLY) it tries again with the next number."""

    DATABASES = 3

    def __init__(self, node: Node, value_bytes: int = 20, every_s: float = 0.0):
        self.node, self.value_bytes, self.every_s = node, value_bytes, every_s
        self.acknowledged: list[int] = []  # only grows; the thread appends
        self.by: list[Node] = []  # who acknowledged them
        self.failed = 0
        self.may_run = threading.Event()
        self.may_run.set()
        self.is_idle = threading.Event()
        self.is_over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def send_to(self, node: Node) -> None:
        self.node = node

    def hold(self) -> None:
        """Returns when no call is under way; nothing is written until go_on()."""
        self.is_idle.clear()
        self.may_run.clear()
        assert self.is_idle.wait(20), "the writer did not come to rest"

    def go_on(self) -> None:
        self.may_run.set()

    def stop(self) -> None:
        self.is_over = True
        self.may_run.set()
        self.thread.join(20)

    def acknowledged_by(self, node: Node, since: int) -> list[int]:
        """What this node acknowledged, of all after the first `since`."""
        rows = list(zip(self.acknowledged, self.by))
        return [number for number, by in rows[since:] if by is node]

    def value(self, number: int) -> bytes:
        return f"{number}:".encode().ljust(self.value_bytes, b"v")

    def missing(self, node: Node, numbers: list[int]) -> list[int]:
        """Which of these writes a node does not hold."""
        lost = []
        with Client(node.port) as client:
            for database in range(self.DATABASES):
                client.call("SELECT", database)
                here = [n for n in numbers if n % self.DATABASES == database]
                for first in range(0, len(here), 500):
                    part = here[first:first + 500]
                    values = client.call("MGET", *(f"w{n}" for n in part))
                    lost += [n for n, value in zip(part, values) if value != self.value(n)]
        return lost

    def _run(self) -> None:
        number, client, at = 0, None, None
        while not self.is_over:
            if not self.may_run.is_set():
                self.is_idle.set()
                self.may_run.wait(1)
                continue
            try:
                if client is None or at is not self.node:
                    if client:
                        client.close()
                    client, at = None, self.node
                    client = Client(at.port, timeout_s=5)
                client.call("SELECT", number % self.DATABASES)
                client.call("SET", f"w{number}", self.value(number))
                self.by.append(at)
                self.acknowledged.append(number)
                client.call("INCR", "count")
            except ReplyError:
                self.failed += 1
                time.sleep(0.005)
            except OSError:
                self.failed += 1
                if client:
                    client.close()
                client = None
                time.sleep(0.02)
            number += 1
            if self.every_s:
                time.sleep(self.every_s)
        if client:
            client.close()


def fill(node: Node, seed: int = 1) -> None:
    """Strings of every encoding an RDB file has, in several databases, some that expire."""
    rng = random.Random(seed)
    with Client(node.port, timeout_s=30) as client:
        for database in (0, 1, 9):
            client.call("SELECT", database)
            commands = [("SET", f"int{value}", value) for value in INTEGERS]
            commands += [("SET", f"size{size}", rng.randbytes(size)) for size in SIZES]
            commands += [("SET", f"packs{size}", b"ab" * (size // 2)) for size in SIZES]
            commands += [("SET", "", "empty key"), ("SET", b"\0\r\n\xff", "binary key"),
                         ("SET", b"k" * 20000, "long key"), ("SET", "like an int", "007"),
                         ("SET", "expires", "late", "PX", 3_600_000 + database),
                         ("APPEND", "appended", "a"), ("APPEND", "appended", "b"),
                         ("SETRANGE", "ranged", 10, "x")]
            assert not any(isinstance(each, ReplyError) for each in client.pipeline(commands))


INTEGERS = [0, -1, 127, -128, 128, 32767, -32768, 32768,
            2**31 - 1, -2**31, 2**31, 2**63 - 1, -2**63]
SIZES = [0, 1, 43, 44, 45, 63, 64, 65, 16383, 16384, 70000]
