"""./dev up, down, status: a primary and two replicas on this machine, under var/."""
import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import builds
from .common import ROOT, DevError, say

sys.path.insert(0, str(ROOT / "tests"))

from lib.resp import Client, ReplyError, info
from lib.wait import wait_until

VAR = Path(os.environ.get("BANYAN_VAR", ROOT / "var"))
NAMES = ["primary", "replica1", "replica2"]
SERVER = ROOT / "build/release/bin/banyan-server"


class Local:
    """One of the three nodes: its folder, and its process if there is one."""

    def __init__(self, name: str):
        self.name = name
        self.folder = VAR / name

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def pid(self) -> int | None:
        """The process we started, if it still runs; a pid that something else has got by now does
        not count."""
        try:
            pid = int((self.folder / "pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return None
        # Some servers rewrite their command line to "NAME ADDRESS:PORT".
        ours = str(self.folder).encode() in words or f":{self.port}".encode() in words
        return pid if ours and state != "Z" else None

    def start(self, server: Path, port: int, primary_port: int | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [str(server), "--port", str(port), "--dir", str(self.folder)]
        if primary_port:
            words += ["--replicaof", "127.0.0.1", str(primary_port)]
        with open(self.folder / "server.log", "a") as log:
            process = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        (self.folder / "port").write_text(str(port))
        (self.folder / "pid").write_text(str(process.pid))

        def answers() -> bool:
            if process.poll() is not None:
                tail = (self.folder / "server.log").read_text(errors="replace")[-1500:]
                raise DevError(f"{self.name} ended with {process.returncode}:\n{tail}")
            return self.process_id() == process.pid  # not somebody else's server on this port

        wait_until(answers, f"{self.name} answers on port {port}", within_s=20)

    def replication(self) -> dict[str, str] | None:
        """INFO replication; None while it does not answer."""
        try:
            with Client(self.port, timeout_s=3) as client:
                return info(client, "replication")
        except (OSError, ReplyError):
            return None

    def process_id(self) -> int | None:
        try:
            with Client(self.port, timeout_s=3) as client:
                return int(info(client, "server")["process_id"])
        except (OSError, ReplyError, KeyError):
            return None

    def stop(self) -> None:
        pid = self.pid()
        if pid is None:
            say(f"{self.name}: not running")
        else:
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: self.pid() is None, f"{self.name} (pid {pid}) ends", within_s=60)
            say(f"{self.name}: stopped (pid {pid})")
        (self.folder / "pid").unlink(missing_ok=True)


def in_step() -> bool:
    """Both links are up and everybody is at the primary's offset."""
    states = [Local(name).replication() for name in NAMES]
    if None in states:
        return False
    links = [state.get("master_link_status") for state in states[1:]]
    offsets = {state["master_repl_offset"] for state in states}
    return links == ["up", "up"] and len(offsets) == 1


def up_command(words: list[str]) -> int:
    options = argparse.ArgumentParser(prog="./dev up",
                                      description="Starts a primary and two replicas.")
    options.add_argument("--port-base", type=int, default=6400, help="the primary's port")
    options.add_argument("--server", type=Path, help="another program; nothing is built then")
    chosen = options.parse_args(words)
    if not chosen.server:
        builds.build("release", ["banyan-server"])
    server = (chosen.server or SERVER).absolute()
    for index, name in enumerate(NAMES):
        node = Local(name)
        if node.pid() is None:
            primary_port = Local(NAMES[0]).port if index else None
            base = primary_port or chosen.port_base
            node.start(server, base + index, primary_port)
    try:
        wait_until(in_step, "both replicas are in step", within_s=60, every_s=0.05)
    except AssertionError as late:
        status_command([])
        raise DevError(f"{late}; the logs are in var/*/server.log") from None
    status_command([])
    port = Local(NAMES[0]).port
    say(f"\nTry: redis-cli -p {port} SET greeting hello\n"
        f"     redis-cli -p {port + 1} GET greeting\n"
        "Logs: var/*/server.log. Stop with ./dev down")
    return 0


def down_command(_: list[str]) -> int:
    for name in reversed(NAMES):
        Local(name).stop()
    return 0


def status_command(_: list[str]) -> int:
    """Prints one line per node; exit code 1 unless all three are well."""
    healthy = True
    first = Local(NAMES[0])
    head = first.replication() if first.pid() else None
    say(f"{'node':<9} {'port':>5} {'pid':>7}  {'role':<8} {'link':<5} {'offset':>10} {'lag':>6}")
    for name in NAMES:
        node = Local(name)
        pid = node.pid()
        state = node.replication() if pid else None
        if state is None:
            say(f"{name:<9} {'':>5} {pid or '':>7}  {'no answer' if pid else 'not running'}")
            healthy = False
            continue
        role = {"master": "primary", "slave": "replica"}[state["role"]]
        link = state.get("master_link_status", "-")
        offset = int(state.get("slave_repl_offset", state["master_repl_offset"]))
        lag = str(max(0, int(head["master_repl_offset"]) - offset)) if head else "?"
        healthy = healthy and link != "down"
        say(f"{name:<9} {node.port:>5} {pid:>7}  {role:<8} {link:<5} {offset:>10} {lag:>6}")
    return 0 if healthy else 1
