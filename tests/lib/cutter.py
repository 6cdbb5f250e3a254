"""A TCP proxy between two ports that treats the link badly on command."""
import select
import socket
import struct
import threading

LIMIT = 1 << 16


class _Link:
    """One forwarded connection: the side that connected and the side that we connected to."""

    def __init__(self, near: socket.socket, far: socket.socket):
        self.near, self.far = near, far
        self.waiting = {"up": b"", "down": b""}  # read, and not yet taken by the other side

    def ends(self, direction: str) -> tuple[socket.socket, socket.socket]:
        """Where bytes of the direction come from and go to."""
        return (self.near, self.far) if direction == "up" else (self.far, self.near)

    def abort(self) -> None:
        """Closes both with a reset, as a dying host or firewall does."""
        for side in (self.near, self.far):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.close()


class Cutter:
    """Forwards `port` to the target. Directions are "up" (towards the target), "down" (from it)
    and "both". All methods may be called at any time from the test's thread."""

    def __init__(self, target_port: int, host: str = "127.0.0.1"):
        self.target = (host, target_port)
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.links: list[_Link] = []
        self.stalled: set[str] = set()
        self.dropping: set[str] = set()
        self.refusing = False
        self.budget: dict[str, int] = {}  # bytes until the link is cut
        self.passed = {"up": 0, "down": 0}
        self.accepted = 0
        self.wake_read, self.wake_write = socket.socketpair()
        self.is_open = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def cut(self) -> None:
        """Resets every connection that is open now; new ones pass."""
        with self.lock:
            self._cut_all()
        self._wake()

    def cut_after(self, count: int, direction: str = "down") -> None:
        """Lets `count` more bytes (> 0) pass in the direction, over all links, then cuts the link
        on which the last one passed. Bytes before the cut may be lost with it."""
        with self.lock:
            self.budget[direction] = count

    def refuse(self, on: bool = True) -> None:
        """While on: open links are cut and new ones are closed at once."""
        with self.lock:
            self.refusing = on
            if on:
                self._cut_all()
        self._wake()

    def stall(self, direction: str = "both") -> None:
        """Nothing passes, nothing is lost, until resume()."""
        self._change(self.stalled, direction)

    def drop(self, direction: str = "both") -> None:
        """What comes is swallowed, the links stay open, until resume()."""
        self._change(self.dropping, direction)

    def resume(self) -> None:
        with self.lock:
            self.stalled.clear()
            self.dropping.clear()
            self.refusing = False
            self.budget.clear()
        self._wake()

    def close(self) -> None:
        with self.lock:
            self.is_open = False
        self._wake()
        self.thread.join(5)
        with self.lock:
            self._cut_all()
        for each in (self.listener, self.wake_read, self.wake_write):
            each.close()

    def _change(self, where: set[str], direction: str) -> None:
        with self.lock:
            where.update(("up", "down") if direction == "both" else (direction,))
        self._wake()

    def _wake(self) -> None:
        """A socket that another thread closed stays open until the select on it has returned."""
        self.wake_write.send(b".")

    def _cut_all(self) -> None:
        for link in self.links:
            link.abort()
        self.links.clear()

    def _run(self) -> None:
        while self.is_open:
            readers, writers = self._watched()
            try:
                ready = select.select([self.listener, self.wake_read, *readers], list(writers), [])
            except (OSError, ValueError):
                continue  # a link was cut between the listing and the select
            if self.wake_read in ready[0]:
                self.wake_read.recv(LIMIT)
            if self.listener in ready[0]:
                self._accept()
            for each in ready[0]:
                if each in readers:
                    self._move(*readers[each], self._read)
            for each in ready[1]:
                self._move(*writers[each], self._write)

    def _watched(self) -> tuple[dict, dict]:
        """Sockets to read from and to write to, each with its link and direction."""
        readers, writers = {}, {}
        with self.lock:
            for link in self.links:
                for direction in {"up", "down"} - self.stalled:
                    source, sink = link.ends(direction)
                    if link.waiting[direction]:
                        writers[sink] = (link, direction)
                    else:
                        readers[source] = (link, direction)
        return readers, writers

    def _move(self, link: _Link, direction: str, step) -> None:
        with self.lock:
            if link not in self.links or direction in self.stalled:
                return
            try:
                alive = step(link, direction)
            except BlockingIOError:
                return
            except OSError:
                alive = False
            if not alive:
                link.abort()
                self.links.remove(link)

    def _read(self, link: _Link, direction: str) -> bool:
        data = link.ends(direction)[0].recv(min(LIMIT, self.budget.get(direction, LIMIT)))
        if direction not in self.dropping:
            link.waiting[direction] = data
            return bool(data) and self._write(link, direction)
        return bool(data)

    def _write(self, link: _Link, direction: str) -> bool:
        """False when the link's budget of bytes is used up."""
        sent = link.ends(direction)[1].send(link.waiting[direction])
        link.waiting[direction] = link.waiting[direction][sent:]
        self.passed[direction] += sent
        if direction not in self.budget:
            return True
        self.budget[direction] -= sent
        if self.budget[direction] > 0:
            return True
        del self.budget[direction]
        return False

    def _accept(self) -> None:
        try:
            near = self.listener.accept()[0]
        except OSError:
            return
        with self.lock:
            self.accepted += 1
            if self.refusing:
                near.close()
                return
            try:
                far = socket.create_connection(self.target, 5)
            except OSError:
                near.close()
                return
            for side in (near, far):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                side.setblocking(False)
            self.links.append(_Link(near, far))
