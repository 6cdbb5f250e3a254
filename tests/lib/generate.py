"""Random commands, made from the table of a server (COMMAND and COMMAND DOCS).

A Generator walks the tree of a command's arguments and chooses: options, alternatives, how often a
thing repeats, values. Most commands are well-formed and about few keys, so that they meet; some are
not. Nothing here talks to a server, but for read_table().
"""
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .resp import Client

KEYS_PER_GROUP = 4
LONG_S, LONG_MS = 10_000_000, 10_000_000_000  # lives that end after any test
# Of those far below zero only what no command accepts: some would reply so often.
EDGE_INTEGERS = [b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808",
                 b"18446744073709551615", b"4294967296", b"2147483648", b"", b"abc", b"1.5",
                 b" 1", b"1 ", b"+1", b"01", b"-0", b"0x10", b"nan", b"inf", b"-inf", b"1e400",
                 b"18446744073709551616"]
EDGE_REALS = [b"inf", b"-inf", b"+inf", b"nan", b"1e308", b"-1e308", b"1e-320", b"1e400", b"",
              b"abc", b" 1", b"1 ", b"0x10", b"-0", b"1e2", b".5", b"5.", b"1" * 400]
BIG = [b"x" * 44, b"x" * 45, b"y" * 64, b"y" * 65, b"z" * 300, b"\x00\xff\r\n" * 20]
LONG = [b"x" * 127, b"x" * 129, b"y" * 300]  # some errors quote what they do not know in full
TEXTS = [b"", b"a", b"b", b"c", b"d", b"foo", b"bar", b"0", b"1", b"-1", b"12", b"3.14", b"3.0e3",
         b"9223372036854775807", b"\x00", b"\xff\xfe", b"a b", b"hello world", b"[a", b"(b", b"-",
         b"+", b"inf"]


@dataclass
class Command:
    """A command of the table; `words` are its name: one, or container and subcommand."""
    words: list[bytes]
    arity: int
    group: str
    flags: set[str]
    tips: set[str]
    arguments: list[dict] = field(default_factory=list)

    @property
    def name(self) -> str:
        return " ".join(word.decode() for word in self.words)


def mapped(flat: list | None) -> dict[str, object]:
    flat = flat or []
    return {key.decode(): value for key, value in zip(flat[::2], flat[1::2])}


def text_of(value: object) -> str:
    return value if isinstance(value, str) else value.decode()


def read_tree(arguments: list) -> list[dict]:
    tree = []
    for argument in map(mapped, arguments or []):
        argument["arguments"] = read_tree(argument.get("arguments"))
        argument["flags"] = {text_of(flag) for flag in argument.get("flags", [])}
        argument["name"], argument["type"] = text_of(argument["name"]), text_of(argument["type"])
        tree.append(argument)
    return tree


def read_table(client: Client) -> dict[str, Command]:
    """Every command and subcommand by name ("object encoding"), containers left out."""
    docs = mapped(client.call("COMMAND", "DOCS"))
    table = {}

    def add(row: list, doc: dict, words: list[bytes]) -> None:
        subs = row[9] if len(row) > 9 else []
        sub_docs = {name.split("|")[-1]: sub
                    for name, sub in mapped(doc.get("subcommands")).items()}
        for sub in subs:
            word = text_of(sub[0]).split("|")[-1]
            add(sub, mapped(sub_docs.get(word)), [*words, word.encode()])
        if not subs:
            command = Command(words, row[1], text_of(doc.get("group", b"")),
                              {text_of(flag) for flag in row[2]},
                              {text_of(tip) for tip in row[7]},
                              read_tree(doc.get("arguments")))
            table[command.name] = command

    for row in client.call("COMMAND"):
        name = text_of(row[0])
        add(row, mapped(docs.get(name)), [name.encode()])
    return table


def tokens_in(arguments: list[dict]) -> set[bytes]:
    found = set()
    for argument in arguments:
        found |= {argument["token"].upper()} if argument.get("token") else set()
        found |= tokens_in(argument["arguments"])
    return found


def without_tokens(arguments: list[dict], known: set[bytes]) -> list[dict]:
    """The tree without what another server's table does not have."""
    kept = []
    for argument in arguments:
        token = argument.get("token")
        if token and token.upper() not in known:
            continue
        inner = without_tokens(argument["arguments"], known)
        if argument["arguments"] and not inner:
            continue
        kept.append({**argument, "arguments": inner})
    return kept


def key_of(group: str, number: int) -> bytes:
    return f"{group[:4]}{number}".encode()


class Generator:
    """Makes one command after the other; the same ones for the same seed."""

    def __init__(self, commands: list[Command], seed: int, payloads: list[bytes] = ()):
        self.random = random.Random(seed)
        self.payloads = payloads
        self.commands = commands
        self.groups = sorted({command.group for command in commands})
        self.numkeys = 0

    def keys(self) -> list[bytes]:
        return [key_of(group, i) for group in self.groups for i in range(KEYS_PER_GROUP)]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def command(self) -> tuple[Command, list[bytes]]:
        command = self.random.choice(self.commands)
        self.group, self.numkeys = command.group, 0
        words = list(command.words)
        for argument in command.arguments:
            self.add(words, argument)
        while self.chance(0.05):
            self.spoil(words, command)
        if command.words[0].lower() == b"restore":  # a time that Redis adds up beyond its end
            words[2:3] = [b"0" if len(word) > 18 else word for word in words[2:3]]
        if self.chance(0.1):
            words[0] = words[0].upper()
        return command, words

    def spoil(self, words: list[bytes], command: Command) -> None:
        """A word too few, too many, another one, or elsewhere. Behind the command's name."""
        name = len(command.words)
        at = self.random.randrange(name, len(words)) if len(words) > name else len(words)
        tokens = sorted(tokens_in(command.arguments)) or TEXTS
        match self.random.randrange(9):
            case 0:
                del words[at:at + 1]
            case 1:
                words.insert(at, self.random.choice(words))
            case 2:
                words.append(self.random.choice(TEXTS + EDGE_INTEGERS))
            case 3:  # an option without its values, or given twice
                words.append(self.random.choice(tokens))
            case 4:
                words.insert(at, self.random.choice(tokens))
            case 5:
                del words[at + 1:]
            case 6:
                words[at:at + 2] = reversed(words[at:at + 2])
            case 7:
                words[at:at + 1] = [self.random.choice(LONG)]
            case _:
                words[at:at + 1] = [self.random.choice(TEXTS + EDGE_INTEGERS)]

    def add(self, words: list[bytes], argument: dict) -> None:
        flags = argument["flags"]
        if "optional" in flags and not self.chance(0.35):
            return
        times = 1
        if "multiple" in flags:
            times = self.random.choice((1, 1, 2, 2, 3, 5))
            if argument["type"] == "key" and self.numkeys:
                times, self.numkeys = self.numkeys, 0
        for i in range(times):
            token = argument.get("token")
            if token is not None and (i == 0 or "multiple_token" in flags):
                self.add_token(words, token)
            self.add_value(words, argument)

    def add_token(self, words: list[bytes], token: bytes) -> None:
        words.append(b"" if token == b'""' else token.lower() if self.chance(0.1) else token)

    def add_value(self, words: list[bytes], argument: dict) -> None:
        match argument["type"]:
            case "pure-token":
                pass
            case "oneof":
                self.add(words, {**(chosen := self.random.choice(argument["arguments"])),
                                 "flags": chosen["flags"] - {"optional"}})
            case "block":
                for inner in argument["arguments"]:
                    self.add(words, inner)
            case kind:
                words.append(self.value(kind, argument["name"]))

    def value(self, kind: str, name: str) -> bytes:
        if make := BY_GROUP.get(self.group, {}).get(name) or BY_NAME.get(name):
            return make(self)
        return BY_TYPE[kind](self)

    def key(self) -> bytes:
        group = self.group if self.chance(0.85) else self.random.choice(self.groups)
        if group == "hyperloglog" and self.group not in ("hyperloglog", "generic"):
            group = self.group  # PFADD to what others have broken stops half-way in Redis
        return key_of(group, self.random.randrange(KEYS_PER_GROUP))

    def text(self) -> bytes:
        if self.chance(0.03):
            return self.random.choice(BIG)
        if self.chance(0.02):
            return self.random.randbytes(self.random.randrange(20))
        return self.random.choice(TEXTS)

    def integer(self, low: int = -6, high: int = 12) -> bytes:
        if self.chance(0.06):
            return self.random.choice(EDGE_INTEGERS)
        if self.chance(0.05):
            return b"%d" % (self.random.choice((-1, 1)) * self.random.randrange(3000))
        return b"%d" % self.random.randint(low, high)

    def real(self) -> bytes:
        if self.chance(0.1):
            return self.random.choice(EDGE_REALS)
        if self.chance(0.3):  # few alike; and the texts of all of them are exact
            return repr(self.random.randint(-2048, 2048) / 1024).encode()
        return self.random.choice((b"0", b"1", b"-1", b"2", b"1.5", b"-2.25", b"3", b"100.125"))

    def count(self) -> bytes:
        """Not far below zero: some commands would answer as often."""
        edges = [b"9223372036854775807", b"-9223372036854775808", b"", b"x", b"1.5", b"+1"]
        return self.random.choice(edges) if self.chance(0.06) else self.integer_in(-5, 12)

    def integer_in(self, low: int, high: int) -> bytes:
        return b"%d" % self.random.randint(low, high)

    def number_of_keys(self) -> bytes:
        if self.chance(0.08):
            return self.integer()
        self.numkeys = self.random.randint(1, 3)
        return b"%d" % self.numkeys

    def lifetime(self, long: int) -> bytes:
        """Over at once, or long after the test: two clocks never agree on what is between."""
        edges = [b"0", b"-1", b"9223372036854775807", b"-9223372036854775808", b"x", b"1.5"]
        if self.chance(0.3):
            return self.random.choice(edges)
        return b"%d" % self.random.randrange(long, 9 * long)  # GT and LT: never equal by chance

    def bound(self) -> bytes:
        """One end of a range of a sorted set: of ranks, scores or members."""
        if self.chance(0.5):
            return self.integer()
        sign = self.random.choice((b"", b"(", b"["))
        return self.random.choice((b"-", b"+", b"-inf", b"+inf", b"(inf", sign + self.real(),
                                   sign + self.text()))

    def stream_id(self) -> bytes:
        if self.chance(0.08):
            return self.random.choice((b"-", b"+", b"$", b">", b"0", b"0-0", b"x", b"1-", b"-1-1",
                                       b"18446744073709551615-18446744073709551615",
                                       b"18446744073709551616-0", b"5-*"))
        number = self.random.randint(1, 60)
        sign = b"(" if self.chance(0.05) else b""
        return sign + (b"%d" % number if self.chance(0.3)
                       else b"%d-%d" % (number, self.random.randint(0, 3)))

    def payload(self) -> bytes:
        """What DUMP gave for some value, perhaps with a wrong byte."""
        if not self.payloads or self.chance(0.05):
            return self.text()
        payload = bytearray(self.random.choice(self.payloads))
        if self.chance(0.1):
            payload[self.random.randrange(len(payload))] ^= 1 << self.random.randrange(8)
        return bytes(payload)

    def moment(self, long: int) -> bytes:
        return self.random.choice((b"1", b"1000", b"0", b"-1", b"x")) if self.chance(0.3) \
            else b"%d" % long


Make = Callable[[Generator], bytes]
AFTER_2100_S = 4_102_444_800
BY_TYPE: dict[str, Make] = {
    "string": Generator.text,
    "integer": Generator.integer,
    "double": Generator.real,
    "key": Generator.key,
    "pattern": lambda g: g.random.choice((b"*", b"s*", b"*1", b"?tr[0-2]", b"[^a]*", b"\\*", b"")),
    "unix-time": lambda g: g.moment(AFTER_2100_S),
}
STREAM_ID, BOUND = Generator.stream_id, Generator.bound
BY_GROUP: dict[str, dict[str, Make]] = {
    "sorted-set": dict.fromkeys(("min", "max", "start", "stop"), BOUND),
    "stream": dict.fromkeys(("id", "start", "end", "last-id", "lastid", "threshold",
                             "max-deleted-id", "lower-bound", "upper-bound"), STREAM_ID),
}
LONGITUDES = (b"13.361389", b"15.087269", b"0", b"-122.5", b"179.9", b"-180", b"181")
LATITUDES = (b"38.115556", b"37.502669", b"0", b"-33.75", b"85.05", b"-85.06")
BY_NAME: dict[str, Make] = {
    "consumer": lambda g: g.random.choice((b"ann", b"bob")),
    "group": lambda g: g.random.choice((b"g1", b"g2")),
    "idle": lambda g: g.lifetime(LONG_MS),
    "latitude": lambda g: g.random.choice(LATITUDES),
    "longitude": lambda g: g.random.choice(LONGITUDES),
    "min-idle-time": lambda g: g.random.choice((b"0", b"0", b"10000000", b"x")),
    "ms": lambda g: g.lifetime(LONG_MS),
    "radius": lambda g: g.random.choice((b"0", b"10", b"200", b"5000", b"-1", b"x")),
    "bit": lambda g: g.integer(0, 1),
    "count": Generator.count,
    "cursor": lambda g: b"0" if g.chance(0.9) else g.integer(0, 3),
    "destination-db": lambda g: g.integer(0, 2),
    "db": lambda g: g.integer(0, 2),
    "encoding": lambda g: g.random.choice((b"u1", b"u8", b"i8", b"i5", b"u16", b"i64", b"u63",
                                           b"u64", b"i65", b"u0", b"x8")),
    "milliseconds": lambda g: g.lifetime(LONG_MS),
    "numkeys": Generator.number_of_keys,
    "offset": lambda g: g.random.choice((b"#1", b"#3", b"100", b"1000")) if g.chance(0.2)
    else g.integer(0, 40),
    "seconds": lambda g: g.lifetime(LONG_S),
    "serialized-value": Generator.payload,
    "subcommand": lambda g: g.random.choice((b"ENCODING", b"DECODE", b"TODENSE"))
    if g.chance(0.98) else b"GETREG",  # whose reply is long
    # RESTORE's: Redis adds without a look at overflow.
    "ttl": lambda g: g.random.choice((b"0", b"0", b"-1", b"x", b"%d" % (9 * LONG_MS))),
    "unix-time-milliseconds": lambda g: g.moment(AFTER_2100_S * 1000),
    "unix-time-seconds": lambda g: g.moment(AFTER_2100_S),
}
