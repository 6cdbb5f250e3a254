"""Transcript files: reading them, writing replies as lines, comparing (docs/transcripts.md).

Nothing here talks to a server; tests/transcripts.py does.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

from .resp import Reply

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\a": "\\a",
           "\b": "\\b"}
UNESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "a": b"\a", "b": b"\b"}
INSTRUCTION = re.compile(r"(?:[><!?#@](?: |$)|@\w)")  # what a reply line cannot begin with


class TranscriptError(Exception):
    """The file is not a transcript; the text names file and line."""


@dataclass
class Step:
    """One instruction: > (a command), < (read one more message), ! (control) or ? (protocol)."""
    kind: str
    line: int                     # from 0
    connection: str = ""
    words: list[bytes] = field(default_factory=list)
    text: str = ""
    expected: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)  # directives of its block: "only banyan", …
    order: str = ""               # "sorted" or "sorted pairs"


@dataclass
class Case:
    title: str
    line: int
    steps: list[Step] = field(default_factory=list)


def split_words(text: str) -> list[bytes]:
    """Words as redis-cli takes them: bare, "with \\n and \\xff", or 'as it is'."""
    words, at = [], 0
    pattern = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*))(?=\s|$)""")
    while text[at:].strip():
        match = pattern.match(text, at)
        if not match:
            raise ValueError("unbalanced quotes")
        double, single, bare = match.groups()
        if double is not None:
            words.append(unescape(double))
        elif single is not None:
            words.append(single.replace("\\'", "'").encode())
        else:
            words.append(bare.encode())
        at = match.end()
    return words


def unescape(text: str) -> bytes:
    def one(match: re.Match) -> bytes:
        found = match.group(1)
        if found[:1] == b"x" and len(found) == 3:
            return bytes([int(found[1:], 16)])
        return UNESCAPES.get(found.decode("latin-1"), found)
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|.)", one, text.encode(), flags=re.DOTALL)


def escape(data: bytes) -> str:
    return "".join(ESCAPES.get(char) or (char if " " <= char <= "~" else f"\\x{ord(char):02x}")
                   for char in data.decode("latin-1"))


def parse(path: Path) -> list[Case]:
    cases: list[Case] = []
    targets: list[str] = []
    order, step = "", None
    for number, line in enumerate(path.read_text().splitlines()):
        where = f"{path.name}:{number + 1}"
        if not line.strip():
            targets, order, step = [], "", None
        elif line[0] == "#" and line[:2] in ("#", "# "):
            if step or not cases or cases[-1].steps:
                cases.append(Case(line[1:].strip(), number))
            targets, order, step = [], "", None
        elif line[0] == "@":
            if line[1:] in ("sorted", "sorted pairs"):
                order = line[1:]
            elif re.fullmatch(r"(only|not) (banyan|redis)|since \d+\.\d+", line[1:]):
                targets = [*targets, line[1:]]
            else:
                raise TranscriptError(f"{where}: unknown directive {line}")
        elif INSTRUCTION.match(line):
            if not cases:
                cases.append(Case(path.stem, number))
            step = parse_step(line, number, where)
            step.targets, step.order, order = targets, order, ""
            cases[-1].steps.append(step)
        elif step and step.kind in "<>":
            step.expected.append(line.rstrip())
        else:
            raise TranscriptError(f"{where}: a reply without a command: {line}")
    return [case for case in cases if case.steps]


def parse_step(line: str, number: int, where: str) -> Step:
    kind, rest = line[0], line[1:].strip()
    step = Step(kind, number, text=rest)
    if named := re.match(r"\{(\w+)\}\s*(.*)", rest):
        step.connection, rest = named.groups()
    if kind == ">":
        try:
            step.words = split_words(rest)
        except ValueError as error:
            raise TranscriptError(f"{where}: {error}: {line}") from None
    if kind == ">" and not step.words or kind == "<" and rest:
        raise TranscriptError(f"{where}: not a step: {line}")
    if kind == "!" and not re.fullmatch(r"advance \d+ ms|reset", rest):
        raise TranscriptError(f"{where}: neither '! advance N ms' nor '! reset': {line}")
    if kind == "?" and not re.fullmatch(r"proto [23]", rest):
        raise TranscriptError(f"{where}: not '? proto 2' or '? proto 3': {line}")
    return step


def render(reply: Reply, order: str = "") -> list[str]:
    """The reply as lines; what has no order (sets, maps, @sorted) is put in order."""
    kind, value = reply.kind, reply.value
    if kind == "_":
        return ["(null)"]
    if value is None:
        return ["(nil)" if kind == "$" else "(nil array)"]
    if kind == "$":
        return [f'"{escape(value)}"']
    if kind == "=":
        return [f'={value[:3].decode()}:"{escape(value[4:])}"']
    if kind in "+-!:#,(":
        return [f"{'-' if kind == '!' else kind}{value}"]
    items = [render(item) for item in value]
    count = len(items)
    if kind in "%|":
        pairs = zip(items[::2], items[1::2])
        items = [[f"{' '.join(key)} => {held[0]}", *held[1:]] for key, held in pairs]
        count = len(items)
    groups = [[item] for item in items]
    if order == "sorted pairs":
        groups = [items[at:at + 2] for at in range(0, len(items), 2)]
    if order or kind in "%~":
        groups.sort()
    return [f"{kind}{count}", *(f"  {line}" for group in groups for item in group for line in item)]


def put_in_order(lines: list[str], order: str = "") -> list[str]:
    """Expected lines with unordered parts in the order that render() gives them."""
    if not lines:
        return []
    head, items = lines[0], []
    for line in lines[1:]:
        bare = line[2:] if line.startswith("  ") else line
        if bare.startswith("  ") and items:
            items[-1].append(bare)
        else:
            items.append([bare])
    if any(line.lstrip().startswith(("~ ", "...")) for line in lines):
        return lines
    items = [put_in_order(item) for item in items]
    kind = head.split(" => ")[-1][:1]
    groups = [[item] for item in items]
    if order == "sorted pairs":
        groups = [items[at:at + 2] for at in range(0, len(items), 2)]
    if order or kind in "%~":
        groups.sort()
    return [head, *(f"  {line}" for group in groups for item in group for line in item)]


def line_matches(expected: str, actual: str) -> bool:
    indent = len(expected) - len(expected.lstrip())
    if not expected.lstrip().startswith("~ "):
        return expected == actual
    glob = re.escape(expected.lstrip()[2:]).replace(r"\*", ".*").replace(r"\?", ".")
    return actual[:indent].strip() == "" and re.fullmatch(glob, actual[indent:]) is not None


def matches(expected: list[str], actual: list[str]) -> bool:
    """Line by line; `~ GLOB` matches one line, `...` any number of lines."""
    if not expected:
        return not actual
    if expected[0].strip() == "...":
        return any(matches(expected[1:], actual[at:]) for at in range(len(actual) + 1))
    if not actual or not line_matches(expected[0], actual[0]):
        return False
    return matches(expected[1:], actual[1:])
