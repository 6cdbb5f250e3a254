"""Servers under test: ours and the reference, each in a directory of its own, stopped by pid."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .cutter import Cutter
from .ports import free_port
from .resp import Client, ReplyError, info
from .wait import wait_until

ROOT = Path(__file__).resolve().parents[2]
ORDINARY_LINE = re.compile(r"\d+:[MSXC] .{24} [.*-] ")


def end_of(log: str, length: int = 2500) -> str:
    """The last part of a log; all from a crash or a sanitizer's report on, if there is one."""
    signs = r"==\d+==ERROR|WARNING: ThreadSanitizer|CHECK failed|runtime error"
    report = re.search(f"^.*(?:{signs})", log, re.MULTILINE)
    return log[report.start():][:20_000] if report else log[-length:]


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def server_path() -> Path:
    """Our server: BANYAN_SERVER or the release build."""
    return Path(os.environ.get("BANYAN_SERVER", ROOT / "build/release/bin/banyan-server"))


def redis_path() -> str | None:
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


class Node:
    """One running (or stopped) server. Settings are given as options without their dashes:
    Node(program, folder, {"appendonly": "yes"})."""

    def __init__(self, program: str, folder: Path, settings: dict, port: int | None = None):
        self.program, self.folder, self.settings = str(program), folder, settings
        self.port = port or free_port()
        self.process: subprocess.Popen | None = None
        self.clients: list[Client] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log_path(self) -> Path:
        return self.folder / "server.log"

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self, *more: str, within_s: float = 20.0) -> "Node":
        self.launch(*more)
        wait_until(self._answers, f"{self.program} on port {self.port} answers PING", within_s)
        return self

    def start_in_vain(self, *more: str, within_s: float = 20.0) -> list[str]:
        """For a start that must fail: waits for exit code 1 and returns what it wrote, without the
        lines of the levels below warning."""
        said = len(self.log())
        self.launch(*more)
        code = self.process.wait(within_s)
        lines = self.log()[said:].splitlines()
        assert code == 1, f"exit code {code}: {lines}"
        return [line for line in lines if line.strip() and not ORDINARY_LINE.match(line)]

    def launch(self, *more: str) -> None:
        words = [self.program, "--port", str(self.port), "--dir", str(self.folder)]
        for name, value in self.settings.items():
            words += [f"--{name}", *(value if isinstance(value, (list, tuple)) else [str(value)])]
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([*words, *more], cwd=self.folder, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def _answers(self) -> bool:
        if (code := self.process.poll()) is not None:
            raise AssertionError(f"{self.program} ended with {code}:\n{end_of(self.log())}")
        with Client(self.port, timeout_s=2) as client:
            try:
                return client.call("PING") == "PONG"
            except ReplyError as error:
                return str(error).startswith(("NOAUTH", "MASTERDOWN"))

    def client(self, **options) -> Client:
        made = Client(self.port, **options)
        self.clients.append(made)
        return made

    def call(self, *args):
        """One command on a connection of its own."""
        with Client(self.port) as client:
            return client.call(*args)

    def info(self, section: str = "all") -> dict[str, str]:
        with Client(self.port) as client:
            return info(client, section)

    def memory_peak_bytes(self) -> int:
        """The most memory it ever held, as the kernel counts."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, within_s: float = 20.0) -> int:
        """SIGTERM and wait: returns the exit code."""
        if self.is_running():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        return self.process.wait(within_s)

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        if self.is_running():
            self.process.kill()
        self.process.wait()

    def restart(self) -> "Node":
        self.stop()
        return self.start()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def follow(self, primary: "Node | Cutter", within_s: float = 30.0) -> None:
        """Makes this node a replica and waits until its link is up."""
        self.call("REPLICAOF", "127.0.0.1", primary.port)
        self.wait_link_up(within_s)

    def wait_link_up(self, within_s: float = 30.0) -> None:
        wait_until(lambda: self.info("replication").get("master_link_status") == "up",
                   f"the link of the replica on port {self.port} is up", within_s)

    def offset(self) -> int:
        """How far this node has come in the replication stream."""
        fields = self.info("replication")
        return int(fields.get("slave_repl_offset") or fields["master_repl_offset"])


class Nodes:
    """The servers, cutters and files of one test; close() leaves nothing behind."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="banyan-test-"))
        self.nodes: list[Node] = []
        self.cutters: list[Cutter] = []

    def banyan(self, **settings) -> Node:
        """A started server of ours; underscores in names stand for dashes."""
        if not server_path().exists():
            raise Skip(f"{server_path().name} is not built")
        return self.start(server_path(), settings)

    def redis(self, **settings) -> Node:
        """A started reference server."""
        if not redis_path():
            raise Skip("redis-server is not installed")
        return self.start(redis_path(), settings)

    def start(self, program, settings: dict) -> Node:
        named = {"save": "", **{name.replace("_", "-"): value for name, value in settings.items()}}
        folder = self.folder / f"node{len(self.nodes) + 1}"
        node = Node(program, folder, named)
        self.nodes.append(node)
        return node.start()

    def cutter(self, target: Node) -> Cutter:
        """A proxy in front of a node, that can cut, stall and lose what passes."""
        made = Cutter(target.port)
        self.cutters.append(made)
        return made

    def wait_in_step(self, primary: Node, *replicas: Node, within_s: float = 30.0) -> None:
        """Until every replica has come as far as its primary."""
        wait_until(lambda: all(each.offset() == primary.offset() for each in replicas),
                   f"the replicas are where port {primary.port} is", within_s)

    def logs(self) -> str:
        """The ends of all logs, for the report of a failed test."""
        return "".join(f"--- {node.folder.name} (port {node.port}), end of its log\n"
                       f"{end_of(node.log())}\n" for node in self.nodes)

    def close(self) -> None:
        for cutter in self.cutters:
            cutter.close()
        for node in self.nodes:
            for client in node.clients:
                client.close()
            if node.process:
                node.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
