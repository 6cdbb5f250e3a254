#!/usr/bin/env python3
"""Checks the documentation against the tree: every path and ./dev command that README.md and docs/
name exists, docs/ARCHITECTURE.md has every folder of src/ on its map once, and no file speaks of
the machine it was written on."""
import argparse
import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP = {"src", "sim", "tests", "tools", "docs", "fuzz", "bench", "cmake", "web", "packaging", ".ci"}
# Written so that the patterns do not find themselves.
MACHINE = [
    (r"(?<![\w.])/wor[k]/|(?<![\w.])/farm[/]|(?<![\w.])/roo[t]/", "a path of one machine"),
    (r"\b(?:(?:deb|security)[.]debian|registry[.]npmjs|pypi|crates|proxy[.]golang)[.](?:org|io)\b",
     "the host name of a package registry"),
]
PATH = re.compile(r"(?<![\w/.<>-])([\w.<>*-]+(?:/[\w.<>*{},-]+)+/?)")
COMMAND = re.compile(r"(?<![\w/.])\./dev ([a-z]+)\b")


def spoken_paths(text: str) -> set[str]:
    """What stands in backticks, code blocks or link targets and looks like a path."""
    quoted = re.findall(r"```.*?```|`[^`\n]+`|\]\([^)\s]+\)", text, flags=re.DOTALL)
    return {match.rstrip(".,:;") for piece in quoted for match in PATH.findall(piece)}


def exists(root: Path, name: str, beside: Path) -> bool:
    pattern = re.sub(r"<[^>]*>", "*", name).rstrip("/")
    for base in (root, root / "src", beside):
        variants = [pattern]
        if brace := re.match(r"(.*)\{([^}]*)\}(.*)", pattern):
            variants = [brace[1] + part + brace[3] for part in brace[2].split(",")]
        if all((base / v).exists() or any(base.glob(v)) for v in variants):
            return True
    return False


def dev_commands(root: Path) -> set[str]:
    loader = importlib.machinery.SourceFileLoader("dev", str(root / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
    loader.exec_module(module)
    return set(module.COMMANDS)


def check_page(root: Path, page: Path, commands: set[str]) -> list[str]:
    text, name = page.read_text(), page.relative_to(root)
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    errors = []
    for path in sorted(spoken_paths(text)):
        first = path.split("/")[0]
        link = f"]({path}" in text
        if (first in TOP | folders or link) and not exists(root, path, page.parent):
            errors.append(f"{name}: {path} does not exist")
    for command in sorted(set(COMMAND.findall(text)) - commands):
        errors.append(f"{name}: there is no ./dev {command}")
    return errors


def check_map(root: Path) -> list[str]:
    """Each folder of src/ begins exactly one row or item of the map, as `src/NAME`."""
    page = root / "docs/ARCHITECTURE.md"
    if not page.exists():
        return []
    rows = re.findall(r"^(?:\| *|[-*] +)?`src/(\w+)/?`", page.read_text(), flags=re.MULTILINE)
    errors = []
    for folder in sorted(path.name for path in (root / "src").iterdir() if path.is_dir()):
        if rows.count(folder) != 1:
            errors.append(f"docs/ARCHITECTURE.md: src/{folder} is on the map {rows.count(folder)} "
                          "times, not once (a line that begins with its name in backticks)")
    return errors


def check_machine_words(root: Path) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, check=True).stdout.decode()
    errors = []
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = root / name
        if not path.is_file() or path.is_symlink() or b"\0" in path.read_bytes()[:4096]:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for pattern, what in MACHINE:
                if found := re.search(pattern, line):
                    errors.append(f"{name}:{number}: {what}: {found.group()}")
    return errors


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=Path, default=ROOT, help="the tree to check")
    root = arguments.parse_args().root.resolve()
    commands = dev_commands(root) if (root / "dev").exists() else set()
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    errors = check_map(root) + check_machine_words(root)
    for page in pages:
        if page.exists():
            errors += check_page(root, page, commands)
    print("\n".join(errors) or "docs: fine")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
