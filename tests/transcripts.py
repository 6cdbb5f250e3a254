#!/usr/bin/env python3
"""Runs the transcripts tests/commands/*.test against our server with one and four workers and
against a reference server. Each file gets a fresh server. The format: docs/transcripts.md."""
import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "tools")]

from devkit.common import CPUS, Tally, failure, say
from lib import transcript
from lib.nodes import Nodes, redis_path, server_path
from lib.resp import Client, ReplyError
from lib.transcript import Case, Step, matches, put_in_order, render

WAITING, CLOSED, NOTHING = ["(waiting)"], ["(closed)"], ["(nothing)"]
SUBSCRIBERS = {b"subscribe", b"psubscribe", b"ssubscribe", b"unsubscribe", b"punsubscribe",
               b"sunsubscribe"}
UNKNOWN = ("-ERR unknown command", "-ERR unknown subcommand", "-ERR Unknown subcommand")
QUIET_S = 0.05  # how long silence must last to be taken for "no message"


@dataclass
class Target:
    name: str            # in reports
    family: str          # "banyan" or "redis", as directives name it
    program: str
    settings: dict = field(default_factory=dict)
    version: tuple[int, int] = (99, 0)

    def wants(self, step: Step) -> bool:
        for directive in step.targets:
            word, what = directive.split()
            if word == "only" and what != self.family or word == "not" and what == self.family:
                return False
            if word == "since" and tuple(map(int, what.split("."))) > self.version:
                return False
        return True


class Session:
    """The connections of one file to one server; carries out steps."""

    def __init__(self, port: int):
        self.port = port
        self.connections: dict[str, Client] = {}

    def connection(self, name: str) -> Client:
        if name not in self.connections:
            self.connections[name] = Client(self.port)
            self.connections[name].id = None
        return self.connections[name]

    def close(self) -> None:
        for client in self.connections.values():
            client.close()
        self.connections.clear()

    def carry_out(self, step: Step) -> list[str]:
        """Returns the reply's lines; empty for steps without a reply."""
        if step.kind == "?":
            self.connection(step.connection).call("HELLO", step.text.split()[-1])
        elif step.text == "reset" and step.kind == "!":
            self.close()
            self.connection("").call("FLUSHALL")
        elif step.kind == "!":
            time.sleep(int(step.text.split()[1]) / 1000)
        else:
            return self.exchange(step)
        return []

    def exchange(self, step: Step) -> list[str]:
        client = self.connection(step.connection)
        try:
            if step.expected == WAITING:
                return self.expect_waiting(client, step)
            if step.kind == "<":
                if step.expected == NOTHING and not client.has_data(QUIET_S) and not client.pushes:
                    return NOTHING
                reply = client.pushes.pop(0) if client.pushes else client.read()
            else:
                client.send(*step.words)
                is_subscriber = step.words[0].lower() in SUBSCRIBERS
                reply = client.read() if is_subscriber else client.read_reply()
            return render(reply, step.order)
        except TimeoutError:
            return WAITING
        except OSError:
            client.close()
            del self.connections[step.connection]
            return CLOSED

    def expect_waiting(self, client: Client, step: Step) -> list[str]:
        """Sends a command that blocks, and returns once the server says so itself."""
        if client.id is None:
            client.id = client.call("CLIENT", "ID")
        client.send(*step.words)
        with Client(self.port) as observer:
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline and not client.has_data():
                try:
                    line = observer.call("CLIENT", "LIST", "ID", client.id)
                except ReplyError:
                    return WAITING if not client.has_data(QUIET_S) else render(client.read())
                if re.search(rb" flags=\w*b", line):
                    return WAITING
                client.has_data(0.002)
        return render(client.read()) if client.has_data() else WAITING


@dataclass
class Run:
    """One file on one target."""
    path: Path
    target: Target
    rewrite: bool = False
    fixes: dict[int, tuple[int, list[str]]] = field(default_factory=dict)

    def run(self) -> Tally:
        tally = Tally()
        nodes = Nodes()
        try:
            cases = transcript.parse(self.path)
            node = nodes.start(self.target.program, self.target.settings)
            session = Session(node.port)
            for case in cases:
                outcome = self.run_case(case, session)
                tally.add(outcome)
                if not outcome.passed:
                    session.close()  # replies that nobody read must not meet the next case
                if not node.is_running():
                    say(f"FAIL  the server died\n{nodes.logs()}")
                    break
            session.close()
            if code := node.stop():
                raise AssertionError(f"it ended with {code}\n{nodes.logs()}")
        except (OSError, AssertionError, ReplyError, transcript.TranscriptError) as error:
            say(f"FAIL  {self.path.name} on {self.target.name}: {error}")
            tally.add(failure(f"{self.path.name} on {self.target.name}"))
        finally:
            nodes.close()
        if self.fixes:
            self.write_back()
        return tally

    def run_case(self, case: Case, session: Session) -> Tally:
        ran = False
        for step in case.steps:
            if not self.target.wants(step):
                continue
            actual = session.carry_out(step)
            if step.kind in "!?":
                continue
            expected = put_in_order(step.expected, step.order)
            if matches(expected, actual):
                ran = True
                continue
            if self.target.family == "redis" and actual[0].startswith(UNKNOWN):
                return Tally(skipped=1)  # what follows builds on a command that it lacks
            if self.rewrite:
                self.fixes[step.line] = (len(step.expected), actual)
                continue
            name = f"{self.path.name}:{step.line + 1} on {self.target.name}"
            say(f"FAIL  {name}: {case.title}\n      > {step.text}\n      expected:\n"
                + "".join(f"        {line}\n" for line in expected or ["(no line)"])
                + "      got:\n" + "\n".join(f"        {line}" for line in actual))
            return failure(name)
        return Tally(passed=1) if ran else Tally(skipped=1)

    def write_back(self) -> None:
        lines = self.path.read_text().splitlines()
        for line, (count, actual) in sorted(self.fixes.items(), reverse=True):
            lines[line + 1:line + 1 + count] = actual
        self.path.write_text("\n".join(lines) + "\n")
        say(f"rewrote {len(self.fixes)} replies of {self.path.name}")


def untold_commands(options: argparse.Namespace) -> Tally:
    """Every command of ours has a transcript, or a line in tests/commands/untold.txt that says why
    it has none."""
    nodes = Nodes()
    try:
        listed = nodes.start(options.server, {}).call("COMMAND", "LIST")
    except ReplyError as error:
        say(f"skip  which commands have no transcript: COMMAND LIST says {error}")
        return Tally(skipped=1)
    finally:
        nodes.close()
    folder = TESTS / "commands"
    rows = [line.split(maxsplit=1) for line in (folder / "untold.txt").read_text().splitlines()]
    told = {row[0] for row in rows if row}
    for path in folder.glob("*.test"):
        for case in transcript.parse(path):
            told |= {step.words[0].decode().lower() for step in case.steps if step.words}
    untold = sorted({name.decode().lower().split("|")[0] for name in listed} - told)
    if not untold:
        return Tally(passed=1)
    say(f"FAIL  commands without a transcript: {' '.join(untold)}")
    return failure("every command has a transcript")


def all_targets(ours: str) -> list[Target]:
    found = []
    if Path(ours).exists():
        found += [Target(f"banyan-{count}", "banyan", ours, {"threads": count}) for count in (1, 4)]
    if reference := redis_path():
        text = subprocess.run([reference, "--version"], capture_output=True, text=True).stdout
        version = re.search(r"v=(\d+)\.(\d+)", text)
        found.append(Target("redis", "redis", reference,
                            version=(int(version[1]), int(version[2])) if version else (7, 0)))
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="*", type=Path, help="default: tests/commands/*.test")
    arguments.add_argument("--server", default=str(server_path()), help="our server program")
    arguments.add_argument("--target", help="only targets whose name begins with this")
    arguments.add_argument("--filter", default="", help="only files with this in their name")
    arguments.add_argument("--rewrite", nargs="?", const="banyan-1", metavar="TARGET",
                           help="put the replies of one target (banyan-1, redis) into the files")
    arguments.add_argument("--jobs", type=int, default=max(2, CPUS))
    arguments.add_argument("--tally", type=Path, help="leave the counts in this file")
    options = arguments.parse_args()
    files = options.files or sorted((TESTS / "commands").glob("*.test"))
    prefix = options.rewrite or options.target or ""
    targets = [each for each in all_targets(options.server) if each.name.startswith(prefix)]
    runs = [Run(path, target, bool(options.rewrite)) for path in files for target in targets
            if options.filter in path.name]
    if not runs:
        say(f"skip  transcripts: {len(files)} files, {len(targets)} targets {prefix}")
    total = Tally() if runs else Tally(skipped=1)
    with ThreadPoolExecutor(options.jobs) as pool:
        for tally in pool.map(Run.run, runs):
            total.add(tally)
    if not options.files and not prefix and not options.filter and Path(options.server).exists():
        total.add(untold_commands(options))
    if options.tally:
        total.save(options.tally)
    else:
        print(total.line())
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
