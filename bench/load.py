"""What the measuring scripts share: a server started for one measurement, and a plain client."""
import os
import shlex
import socket
import subprocess
import tempfile
import time


def request(*words: bytes) -> bytes:
    """One command as RESP."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


class Client:
    """A blocking connection that counts reply lines; for commands with one-line replies."""

    def __init__(self, port: int, timeout: float = 300):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, *words: bytes) -> bytes:
        self.socket.sendall(request(*words))
        return self.socket.recv(1 << 16)

    def pipeline(self, requests: bytes, replies: int) -> None:
        self.socket.sendall(requests)
        while replies > 0:
            replies -= self.socket.recv(1 << 20).count(b"\n")


class Server:
    """A server on a free port with a directory of its own, for a `with` statement."""

    def __init__(self, command: str, cores: set[int] | None = None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.directory = tempfile.TemporaryDirectory()
        words = shlex.split(command) + [
            "--port", str(self.port), "--save", "", "--dir", self.directory.name]
        pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                                        cwd=self.directory.name, preexec_fn=pin)

    def __enter__(self):
        for _ in range(200):
            try:
                Client(self.port, 1).call(b"PING")
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"no server on port {self.port}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()
