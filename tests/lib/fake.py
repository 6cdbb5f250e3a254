"""Primaries and replicas that are scripts: they say what no honest server would."""
import socket
import threading
from collections.abc import Callable

from .resp import Client


class Talk:
    """The near end of one connection of a fake primary."""

    def __init__(self, near: socket.socket):
        self.socket = near
        self.socket.settimeout(20)
        self.input = near.makefile("rb")

    def command(self) -> list[bytes]:
        """The next command, words as they came; empty for a bare newline."""
        line = self.input.readline()
        if not line:
            raise ConnectionError("closed by the replica")
        if not line.startswith(b"*"):
            return []
        return [self.input.read(int(self.input.readline()[1:]) + 2)[:-2]
                for _ in range(int(line[1:]))]

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def until_psync(self) -> list[bytes]:
        """Answers the handshake as an honest primary does and gives the words of PSYNC."""
        while True:
            words = self.command()
            if not words:
                continue
            name = words[0].upper()
            if name in (b"PSYNC", b"SYNC"):
                return words
            self.send(b"+PONG\r\n" if name == b"PING" else b"+OK\r\n")

    def wait_closed(self) -> None:
        """Until the replica gives up this connection; what it still says is dropped."""
        while self.input.read1(1 << 16):
            pass


class FakePrimary:
    """Runs `script(talk, number)` for each of `tries` connections; a script that ends closes
    it. Connections after those find nobody who answers."""

    def __init__(self, script: Callable[[Talk, int], None], tries: int):
        self.script, self.tries = script, tries
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.served = 0  # scripts that came to their end
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for number in range(self.tries):
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            with near:
                try:
                    self.script(Talk(near), number)
                except OSError:
                    pass  # the replica has closed, as it should
            self.served += 1

    def close(self) -> None:
        self.listener.close()

    def __enter__(self) -> "FakePrimary":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def fake_replica(port: int, *more: tuple) -> Client:
    """A client that has asked for a full sync; what it does with the answer is up to the test."""
    client = Client(port)
    for words in (("PING",), ("REPLCONF", "listening-port", 1), *more,
                  ("REPLCONF", "capa", "eof", "capa", "psync2")):
        client.call(*words)
    client.send("PSYNC", "?", -1)
    return client
