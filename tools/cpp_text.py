"""C++ source as the checks see it: without comments, strings and preprocessor lines."""
import re

_TOKEN = re.compile(
    r"""//(?:[^\\\n]|\\.|\\\n)*            # line comment, maybe continued
      | /\*.*?\*/                          # block comment
      | (?:u8|u|U|L)?R"(?P<tag>[^()\\\s]*)\(.*?\)(?P=tag)"
      | "(?:[^"\\\n]|\\.)*"
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'  # not the separator of 1'000
    """, re.VERBOSE | re.DOTALL)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def strip(text: str) -> str:
    """Comments become spaces, strings become empty ones; every line keeps its number."""
    def replace(match: re.Match) -> str:
        token = match.group()
        if token[0] == "/":
            return _blank(token)
        quote = token[-1]
        return quote + _blank(token[1:-1]) + quote
    return _TOKEN.sub(replace, text)


def strip_preprocessor(text: str) -> str:
    """Blanks #-lines with their continuations (call strip() first)."""
    return re.sub(r"^[ \t]*#(?:[^\\\n]|\\\n|\\.)*", lambda m: _blank(m.group()), text,
                  flags=re.MULTILINE)


def includes(text: str) -> list[str]:
    """The targets of #include "…", in order."""
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', text, flags=re.MULTILINE)


_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
_MEMBER_LIST = re.compile(r"\)\s*(?:noexcept\s*(?:\([^()]*\))?\s*)?:(?!:)")
_AFTER_PARAMETERS = {"const", "noexcept", "override", "final", "try", "mutable"}


def _matching_brace(text: str, at: int) -> int:
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, at):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(text) - 1


def _outside_parentheses(head: str) -> str:
    """`head` without what stands in (), <> of templates left as they are."""
    kept, depth = [], 0
    for char in head:
        depth += (char == "(") - (char == ")")
        if depth == 0 and char != ")":
            kept.append(char)
        elif char == "(" and depth == 1:
            kept.append("()")
    return "".join(kept)


def _kind(head: str) -> str:
    """What a brace after `head` opens at file, namespace or class level."""
    if head.count("(") > head.count(")"):
        return "member"  # a default argument
    plain = re.sub(r"\boperator\s*(?:\(\)|[^\s(]+)", "operator_", head)
    plain = re.sub(r"\balignas\s*\([^()]*\)", " ", plain)
    plain = _outside_parentheses(re.sub(r"\[\[.*?\]\]", " ", plain, flags=re.DOTALL))
    plain = re.sub(r"\btemplate\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>", " ", plain)
    if re.search(r"(?<![=!<>])=(?!=)", plain):
        return "table"
    if "()" in plain:
        word = re.search(r"([\w>]+)\s*$", plain)
        in_member_list = _MEMBER_LIST.search(head) is not None
        if in_member_list and word and word.group(1) not in _AFTER_PARAMETERS:
            return "member"
        return "function"
    return "scope" if _SCOPE.search(plain) else "table"


def _name(head: str) -> str:
    flat = " ".join(re.sub(r"\[\[.*?\]\]", " ", head, flags=re.DOTALL).split())
    test = re.search(r"\b(TEST(?:_[FP])?)\s*\(([^)]*)\)", flat)
    if test:
        return f"{test.group(1)}({test.group(2)})"
    found = re.search(r"((?:[\w~]+(?:<[^<>()]*>)?::)*(?:operator\s*(?:\(\)|[^\s(]+)|~?\w+))\s*\(",
                      flat)
    return found.group(1) if found else flat[:40]


def _line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def functions(text: str) -> list[tuple[str, int, int]]:
    """(name, first line, last line) of each function with a body; lines count from 1."""
    code = strip_preprocessor(strip(text))
    found, start = [], 0
    position = 0
    brace = re.compile(r"[{};]|\b(?:public|private|protected)\s*:(?!:)")
    while match := brace.search(code, position):
        position = match.end()
        if match.group() != "{":
            start = position
            continue
        head = code[start:match.start()]
        kind = _kind(head)
        if kind == "scope":
            start = position
            continue
        end = _matching_brace(code, match.start())
        position = end + 1
        if kind == "member":
            continue
        if kind == "function":
            first = start + len(head) - len(head.lstrip())
            found.append((_name(head), _line_of(code, first), _line_of(code, end)))
        start = position
    return found
