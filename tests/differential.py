#!/usr/bin/env python3
"""Sends one stream of random commands to our server and to a reference server, and compares every
reply, and at intervals what both hold. A difference is shrunk to a short list of commands.

The commands are those of our COMMAND table that the reference knows too, of the chosen families.
They come in rounds: a round begins with empty servers and ends with a look at every key and at
DEBUG DIGEST. The same seed gives the same commands.
"""
import argparse
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "tools")]

from devkit.common import Tally, failure, say
from lib.compare import agree, plain
from lib.generate import Command, Generator, read_table, tokens_in, without_tokens
from lib.nodes import Nodes, Skip
from lib.resp import Client, Reply, encode
from lib.transcript import escape

FAMILIES = ["string", "bitmap", "hyperloglog", "generic", "list", "hash", "set", "sorted-set",
            "stream", "geo"]
LEFT_OUT = {"wait", "waitaof", "migrate", "pfselftest", "object help", "xgroup help", "xinfo help",
            "xinfo stream", "xinfo consumers",  # they tell what 7.0 lacks
            "zremrangebylex",  # what it leaves is not said where scores differ
            "xsetid"}                           # 7.0 does not look at deleted entries
BLOCKING = re.compile("b[lrz]")  # the others wait only if told to
AVOIDED = {b"*", b"BLOCK", b"BYLEX"}
SETTINGS = {"proto-max-bulk-len": "1mb", "enable-debug-command": "yes"}
ROUND = 400        # commands between two looks at everything
PAYLOAD_ROUNDS = 8
BATCH = 100        # commands sent in one go
FAILURES_MAX = 10  # different ones, before it gives up
END = b"$14\r\nend-of-a-batch\r\n"


@dataclass
class Sent:
    command: Command | None  # None: one of the rig's own
    words: list[bytes]


@dataclass
class Difference:
    sent: Sent
    ours: Reply
    theirs: Reply

    def kind(self) -> str:
        name = self.sent.command.name if self.sent.command else self.sent.words[0].decode()
        return f"{name}: {self.ours.kind} {self.theirs.kind}"


class ServerGone(Exception):
    """A server died or hangs."""


class Pair:
    """A connection to each of the servers."""

    def __init__(self, ours: int, theirs: int):
        self.ports = (ours, theirs)
        self.clients: list[Client] = []
        self.known: set[str] = set()  # kinds of differences that are reported already

    def begin(self, protocol: int) -> None:
        """New connections to empty servers."""
        for client in self.clients:
            client.close()
        self.clients = [Client(port, timeout_s=30) for port in self.ports]
        for client in self.clients:
            client.call("HELLO", protocol)
            client.call("FLUSHALL")

    def exchange(self, batch: list[Sent]) -> Difference | None:
        """The first difference in the replies, if there is one."""
        data = b"".join(encode(*sent.words) for sent in batch) + encode("ECHO", "end-of-a-batch")
        for client in self.clients:
            client.send_raw(data)
        raw = [self.read_to_end(client, batch) for client in self.clients]
        if raw[0] == raw[1]:
            return None
        for sent in batch:
            difference = Difference(sent, *(client.read_reply() for client in self.clients))
            if not agree(sent.command, sent.words, difference.ours, difference.theirs) and \
                    difference.kind() not in self.known:
                return difference
        for client in self.clients:
            client.read_reply()
        return None

    def read_to_end(self, client: Client, batch: list[Sent]) -> bytes:
        """All replies of a batch. They stay in the client's buffer unless both sides' are equal."""
        deadline = time.monotonic() + client.timeout_s
        try:
            while not client.buffer.endswith(END):
                client._more(deadline)
        except OSError as error:
            who = "ours" if client is self.clients[0] else "reference"
            raise ServerGone(f"{who}: {error}") from None
        return client.buffer

    def forget(self) -> None:
        for client in self.clients:
            client.buffer.clear()


def own(*words: str | bytes) -> Sent:
    return Sent(None, [word if isinstance(word, bytes) else word.encode() for word in words])


def look_at(generator: Generator) -> list[Sent]:
    looks, has_scores = [], {"sorted-set", "geo"} & set(generator.groups)
    for key in generator.keys():
        looks += [own("TYPE", key), own("OBJECT", "ENCODING", key)]
        # 7.0 takes the digest of a score's 17 digits.
        looks.append(own("ZRANGE", key, "0", "-1", "WITHSCORES") if has_scores
                     else own("DEBUG", "DIGEST-VALUE", key))
    return looks if has_scores else [*looks, own("DEBUG", "DIGEST")]


def consumer_of(command: Command, words: list[bytes]) -> list[Sent]:
    """Makes the consumer beforehand: 7.0 does it only where it delivers something."""
    if command.name in ("xclaim", "xautoclaim"):
        return [own("XGROUP", "CREATECONSUMER", *words[1:4])]
    if command.name == "xreadgroup":
        return [own("XGROUP", "CREATECONSUMER", word, *words[2:4]) for word in words
                if word.startswith(b"stre")]
    return []


def round_of(generator: Generator, count: int) -> list[Sent]:
    stream = []
    for _ in range(count):
        command, words = generator.command()
        stream += consumer_of(command, words)
        stream.append(Sent(command, words))
        if command.name == "spop" and len(words) > 1:  # what it left is random
            stream.append(own("DEL", words[1]))
    return stream + look_at(generator)


def run_stream(pair: Pair, stream: list[Sent], protocol: int) -> tuple[int, Difference] | None:
    """The first difference and how many commands were sent up to it."""
    pair.begin(protocol)
    for at in range(0, len(stream), BATCH):
        batch = stream[at:at + BATCH]
        if difference := pair.exchange(batch):
            return next(at + i + 1 for i, sent in enumerate(batch) if sent is difference.sent), \
                difference
        pair.forget()
    return None


def shrink(pair: Pair, stream: list[Sent], protocol: int) -> tuple[list[Sent], Difference]:
    """A short stream that still ends in a difference."""
    end, difference = run_stream(pair, stream, protocol)
    stream = stream[:end]
    size = len(stream) // 2
    while size > 0:
        at = 0
        while at < len(stream) - 1:
            shorter = stream[:at] + stream[min(at + size, len(stream) - 1):]
            found = run_stream(pair, shorter, protocol)
            if found and found[1].kind() == difference.kind():
                end, difference = found
                stream = shorter[:end]
            else:
                at += size
        size //= 2
    return stream, difference


def spelled(words: list[bytes]) -> str:
    return " ".join(word.decode() if re.fullmatch(rb"[\w.*#-]+", word) else f'"{escape(word)}"'
                    for word in words)


def report(stream: list[Sent], difference: Difference, again: str) -> None:
    say("FAIL  " + difference.kind())
    for sent in stream:
        say("      > " + spelled(sent.words)[:300])
    say(f"      ours:      {plain(difference.ours)[:500]}\n"
        f"      reference: {plain(difference.theirs)[:500]}\n      again:     {again}")


@dataclass
class Rig:
    pair: Pair
    commands: list[Command]
    options: argparse.Namespace
    payloads: list[bytes] = field(default_factory=list)

    def some_commands(self, seed: int) -> list[Command]:
        """Those of a few families: so they meet in the same keys."""
        families = sorted({command.group for command in self.commands})
        chosen = random.Random(seed).sample(families, min(3, len(families)))
        return [command for command in self.commands if command.group in chosen]

    def collect_payloads(self) -> None:
        """For RESTORE: what the reference makes of the values that some rounds leave, always the
        same rounds."""
        reference = self.pair.ports[1]
        for seed in range(PAYLOAD_ROUNDS):
            generator = Generator(self.some_commands(seed), seed)
            with Client(reference) as client:
                client.call("FLUSHALL")
                client.pipeline([tuple(sent.words) for sent in round_of(generator, ROUND)])
                dumps = client.pipeline([("DUMP", key) for key in generator.keys()])
                self.payloads += [dump for dump in dumps if isinstance(dump, bytes)]

    def run(self) -> Tally:
        self.collect_payloads()
        tally, done, seed = Tally(), 0, self.options.seed
        while done < self.options.commands and tally.failed < FAILURES_MAX:
            generator = Generator(self.some_commands(seed), seed, self.payloads)
            stream = round_of(generator, min(ROUND, self.options.commands - done))
            protocol = 2 + seed % 2
            if run_stream(self.pair, stream, protocol) is not None:
                self.on_difference(stream, protocol, seed, tally)
            else:
                tally.passed += 1
            done += ROUND
            seed += 1
        return tally

    def on_difference(self, stream: list[Sent], protocol: int, seed: int, tally: Tally) -> None:
        shrunk, difference = shrink(self.pair, stream, protocol)
        self.pair.known.add(difference.kind())
        again = f"./dev differential --seed {seed} --commands {ROUND} " \
                f"--families {','.join(self.options.families)}"
        report(shrunk, difference, again)
        tally.add(failure(f"differential: {difference.kind()}, seed {seed}"))


def common_commands(ours: Client, theirs: Client, families: list[str]) -> list[Command]:
    """What both have, without what blocks or newer options."""
    table, reference = read_table(ours), read_table(theirs)
    chosen = []
    for name, command in sorted(table.items()):
        if name not in reference or command.group not in families or name in LEFT_OUT \
                or "blocking" in command.flags and BLOCKING.match(name):
            continue
        known = tokens_in(reference[name].arguments) - AVOIDED
        command.arguments = without_tokens(command.arguments, known)
        chosen.append(command)
    return chosen


def run(nodes: Nodes, options: argparse.Namespace) -> Tally:
    ours, theirs = nodes.banyan(**options.settings), nodes.redis(**options.settings)
    commands = [command
                for command in common_commands(ours.client(), theirs.client(), options.families)
                if command.words[0].decode() not in options.without]
    if not commands:
        raise Skip(f"no commands of {','.join(options.families)}")
    say(f"{len(commands)} commands of {', '.join(sorted({c.group for c in commands}))}")
    started = time.monotonic()
    try:
        tally = Rig(Pair(ours.port, theirs.port), commands, options).run()
    except (OSError, ServerGone) as error:
        say(f"FAIL  {error}\n{nodes.logs()}")
        return failure("differential: a server is gone")
    say(f"in {time.monotonic() - started:.1f} s")
    return tally


def main() -> int:
    arguments = argparse.ArgumentParser(prog="./dev differential", description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--commands", type=int, default=100_000)
    arguments.add_argument("--families", default=",".join(FAMILIES), metavar="NAME,NAME",
                           type=lambda text: text.split(","))
    arguments.add_argument("--without", default="", metavar="NAME,NAME",
                           type=lambda text: set(text.split(",")), help="commands to leave out")
    arguments.add_argument("--tally", type=Path, help="leave the counts in this file")
    options = arguments.parse_args()
    if isinstance(options.families, str):
        options.families = options.families.split(",")
    options.settings = SETTINGS
    nodes = Nodes()
    try:
        tally = run(nodes, options)
    except Skip as reason:
        say(f"skip  {reason}")
        tally = Tally(skipped=1)
    finally:
        nodes.close()
    tally.save(options.tally) if options.tally else say(tally.line())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
