"""A small RESP2 and RESP3 client.

call() gives plain Python values: simple strings are str, bulk strings bytes, integers int, nulls
None, arrays and sets lists, maps lists of pairs. An error reply is raised as ReplyError; inside an
array it stands as a value. read() gives the reply as it came (Reply), for tests of the wire itself.
"""
import select
import socket
import time
from dataclasses import dataclass
from typing import Any


class ReplyError(Exception):
    """An error reply; str() is its text without the minus sign."""

    def __eq__(self, other) -> bool:
        return isinstance(other, ReplyError) and str(self) == str(other)

    __hash__ = Exception.__hash__


@dataclass
class Reply:
    """One reply by its first byte: + - : $ * % ~ > _ # , ( = and | for attributes. `value` is str
    for lines, bytes for bulk strings (None: absent), a list of Reply for aggregates (maps: keys and
    values in turn)."""
    kind: str
    value: Any

    def plain(self) -> Any:
        if self.value is None or self.kind == "_":
            return None
        match self.kind:
            case "-" | "!":
                return ReplyError(self.value)
            case ":" | "(":
                return int(self.value)
            case ",":
                return float(self.value)
            case "#":
                return self.value == "t"
            case "=":
                return self.value[4:]
            case "*" | "~" | ">":
                return [item.plain() for item in self.value]
            case "%" | "|":
                items = [item.plain() for item in self.value]
                return list(zip(items[::2], items[1::2]))
        return self.value


def encode(*args) -> bytes:
    words = [as_bytes(arg) for arg in args]
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
    return b"".join(parts)


def as_bytes(arg) -> bytes:
    return arg if isinstance(arg, bytes) else str(arg).encode()


class Client:
    """One connection. `timeout_s` bounds every wait for bytes."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout_s: float = 10.0,
                 protocol: int = 2):
        self.timeout_s = timeout_s
        self.socket = socket.create_connection((host, port), timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.pushes: list[Reply] = []  # RESP3 pushes that came while call() waited for its reply
        if protocol == 3:
            self.call("HELLO", 3)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def call(self, *args) -> Any:
        self.send(*args)
        return self.answer()

    __call__ = call

    def pipeline(self, commands: list[tuple]) -> list:
        """Sends all, then reads all; errors stand in the list as ReplyError."""
        self.send_raw(b"".join(encode(*command) for command in commands))
        return [self.read_reply().plain() for _ in commands]

    def send(self, *args) -> None:
        self.send_raw(encode(*args))

    def send_raw(self, data: bytes) -> None:
        self.socket.settimeout(self.timeout_s)
        self.socket.sendall(data)

    def answer(self) -> Any:
        """The next reply as a plain value; an error reply is raised."""
        value = self.read_reply().plain()
        if isinstance(value, ReplyError):
            raise value
        return value

    def read_reply(self) -> Reply:
        """The next reply that is not a push; pushes before it are kept in `pushes`."""
        while (reply := self.read()).kind == ">":
            self.pushes.append(reply)
        return reply

    def read_push(self) -> list:
        """The next push, a kept one first, as plain values."""
        reply = self.pushes.pop(0) if self.pushes else self.read()
        assert reply.kind == ">", f"expected a push, got {reply}"
        return reply.plain()

    def has_data(self, within_s: float = 0.0) -> bool:
        """Whether bytes are waiting (a closed connection counts as data)."""
        return bool(self.buffer) or bool(select.select([self.socket], [], [], within_s)[0])

    def read(self) -> Reply:
        line = self.read_line()
        kind, rest = chr(line[0]), line[1:].decode("utf-8", "surrogateescape")
        if kind in "+-:#,(_":
            return Reply(kind, rest)
        if kind in "$=!":
            size = int(rest)
            if size < 0:
                return Reply(kind, None)
            data = self.read_exactly(size + 2)[:-2]
            return Reply(kind, data.decode(errors="replace") if kind == "!" else data)
        if kind in "*%~>|":
            count = int(rest) * (2 if kind in "%|" else 1)
            return Reply(kind, None if count < 0 else [self.read() for _ in range(count)])
        raise ValueError(f"not RESP: {line!r}")

    def read_line(self) -> bytes:
        deadline = time.monotonic() + self.timeout_s
        while (end := self.buffer.find(b"\r\n")) < 0:
            self._more(deadline)
        line = bytes(self.buffer[:end])
        del self.buffer[:end + 2]
        return line

    def read_exactly(self, count: int) -> bytes:
        deadline = time.monotonic() + self.timeout_s
        while len(self.buffer) < count:
            self._more(deadline)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def is_closed_by_peer(self, within_s: float = 5.0) -> bool:
        """Waits until the peer has closed; bytes that come before are dropped."""
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left_s)
            try:
                if not self.socket.recv(1 << 16):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False

    def _more(self, deadline: float) -> None:
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data


def info(client: Client, section: str = "all") -> dict[str, str]:
    """INFO as a dictionary of all its fields."""
    lines = client.call("INFO", section)
    lines = lines if isinstance(lines, str) else lines.decode()
    return dict(line.split(":", 1) for line in lines.splitlines()
                if ":" in line and not line.startswith("#"))
