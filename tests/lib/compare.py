"""Comparing the replies of two servers to one command (tests/differential.py).

Most must be equal byte by byte. What has no order is compared without it, what is chosen at random
by its shape, what depends on the clock with some tolerance.
"""
import re
from dataclasses import dataclass

from .generate import Command
from .resp import Reply

CLOCK_TOLERANCE = 60_000  # ms or s: a test is over sooner, and lives differ by far more
BY_CLOCK = {"ttl", "pttl", "expiretime", "pexpiretime", "xpending"}
# Null or not: what a step of a scan visits, how a payload is packed and how a clock that wraps
# reads is the server's business.
STEPS = {"scan", "sscan", "hscan", "zscan", "randomkey", "dump", "object freq", "object idletime"}
# Encodings that Redis 7.2 has where 7.0 has others; and SORT converts a sorted set there.
NEWER_ENCODINGS = [[b"listpack", b"quicklist"], [b"listpack", b"hashtable"],
                   [b"listpack", b"skiplist"]]


@dataclass
class Allowed:
    """A difference that is known: `why` says where it comes from."""
    command: str
    ours: str
    theirs: str
    why: str

    def covers(self, command: str, ours: Reply, theirs: Reply) -> bool:
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in (
            (self.command, command), (self.ours, plain(ours)), (self.theirs, plain(theirs))))


ALLOWED = [
    Allowed("[a-z]*scan", "-ERR invalid cursor", ".*",
            "Redis before 7.4 reads -5 as a cursor of almost 2^64, and +5 as 5"),
    Allowed("xread(group)?", "-ERR Unbalanced '.*", "-ERR Unbalanced XREAD .*", "7.2's text"),
    Allowed("xread(group)?", ".*", "-ERR Invalid stream ID .*", "+ is the last entry, since 7.4"),
    Allowed("xsetid", "-ERR .* current max_deleted_entry_id", ".*", "7.2's check"),
    Allowed("zrank|zrevrank", "-ERR syntax error", "-ERR wrong number .*", "7.2 has WITHSCORE"),
    Allowed("lpos", "-ERR value is out of range, value must between .*", ".*", "since 7.2"),
    Allowed("sort|sort_ro", ".*", "-ERR One or more scores can't be converted into double",
            "Redis looks at an errno that a command before may have left"),
    Allowed("sort|sort_ro", r".*\\x00.*", r".*\\x00.*", "Redis compares up to a zero byte"),
    Allowed("pfdebug", "-INVALIDOBJ .*", ".*",
            "Redis reads the second byte of a run that is cut off from behind the string"),
]


def plain(reply: Reply) -> str:
    """One line, for patterns and reports."""
    if isinstance(reply.value, list):
        return f"{reply.kind}[{', '.join(map(plain, reply.value))}]"
    return f"{reply.kind}{reply.value!r}" if isinstance(reply.value, bytes) \
        else f"{reply.kind}{reply.value}"


def in_order(reply: Reply) -> object:
    """The reply with its elements sorted, those of its elements too."""
    if not isinstance(reply.value, list):
        return (reply.kind, reply.value)
    return (reply.kind, sorted((in_order(item) for item in reply.value), key=repr))


def by_kind(reply: Reply) -> object:
    """RESP3 sets and maps have no order, wherever they are."""
    if not isinstance(reply.value, list):
        return (reply.kind, reply.value)
    items = [by_kind(item) for item in reply.value]
    if reply.kind == "%":
        items = sorted(zip(items[::2], items[1::2]), key=repr)
    elif reply.kind == "~":
        items.sort(key=repr)
    return (reply.kind, items)


def number_of(value: object) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def alike(ours: Reply, theirs: Reply, tolerance: float = 0) -> bool:
    """Equal but for how a number is written: Redis 7.0 gives the 17 digits of 0.1, 7.2 the one."""
    if isinstance(ours.value, list) and isinstance(theirs.value, list):
        return ours.kind == theirs.kind and len(ours.value) == len(theirs.value) and \
            all(alike(a, b, tolerance) for a, b in zip(ours.value, theirs.value))
    if ours == theirs:
        return True
    a, b = number_of(ours.value), number_of(theirs.value)
    return ours.kind == theirs.kind and None not in (a, b) and abs(a - b) <= tolerance


def shape(reply: Reply) -> object:
    if isinstance(reply.value, list):
        return (reply.kind, len(reply.value))
    return (reply.kind, reply.value if reply.kind == "-" else reply.value is None)


def agree(command: Command | None, words: list[bytes], ours: Reply, theirs: Reply) -> bool:
    """Whether both replies say the same; without a command, to one of the rig's own requests."""
    if ours == theirs or by_kind(ours) == by_kind(theirs):
        return True
    if command is None:
        return alike(ours, theirs) or [ours.value, theirs.value] in NEWER_ENCODINGS
    name = command.name
    if any(known.covers(name, ours, theirs) for known in ALLOWED):
        return True
    if "lex" in name or any(word.lower() == b"bylex" for word in words):
        return ours.kind == theirs.kind  # where scores differ, it is not said what is in the range
    if ours.kind == "-" or theirs.kind == "-":  # Redis cuts words that it quotes at a zero byte
        return ours.kind == theirs.kind and any(b"\0" in word for word in words)
    if name in BY_CLOCK:
        return alike(ours, theirs, CLOCK_TOLERANCE)
    if name in STEPS:
        return ours.kind == theirs.kind and (ours.value is None) == (theirs.value is None)
    if "nondeterministic_output" in command.tips:
        return shape(ours) == shape(theirs)
    if "nondeterministic_output_order" in command.tips:
        return in_order(ours) == in_order(theirs)
    if alike(ours, theirs):
        return True
    if name == "object encoding":
        return [ours.value, theirs.value] in NEWER_ENCODINGS
    return False
