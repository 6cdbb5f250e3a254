#!/usr/bin/env python3
"""Checks sizes: files, headers, functions, columns, folders. What tools/sizes.txt lists may be as
large as it says there; it may shrink, never grow."""
import argparse
import ast
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["src", "sim", "tests", "fuzz", "bench", "tools", "web/src"]
SUFFIXES = {".cc", ".h", ".py", ".ts", ".tsx"}
FILE_LINES, HEADER_LINES, FUNCTION_LINES, COLUMNS, FOLDER_LINES = 800, 250, 70, 100, 8000
MEDIAN_LINES, P90_LINES = 150, 400
GENERATED = ("// Generated", "# Generated")  # the first line of generated files, which are exempt


class Sizes:
    def __init__(self, root: Path):
        self.root = root
        self.errors: list[str] = []
        self.allowed = self.read_ratchet()
        self.seen: dict[str, int] = {}

    def read_ratchet(self) -> dict[str, int]:
        path = self.root / "tools/sizes.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        rows = [line.rsplit(maxsplit=1) for line in lines if line and not line.startswith("#")]
        return {key: int(size) for key, size in rows}

    def limit(self, key: str, size: int, most: int) -> None:
        if size <= most:
            return
        self.seen[key] = size
        allowed = self.allowed.get(key)
        if allowed is None:
            self.errors.append(f"{key}: {size} lines, the limit is {most}")
        elif size > allowed:
            self.errors.append(f"{key}: grew to {size} lines, from {allowed} in tools/sizes.txt")

    def check(self) -> list[str]:
        lengths, folders = [], {}
        for top in FOLDERS:
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in SUFFIXES and path.is_file() and "node_modules" not in path.parts:
                    length = self.check_file(path)
                    if length and top == "src":
                        lengths.append(length)
                        folder = str(path.parent.relative_to(self.root))
                        folders[folder] = folders.get(folder, 0) + length
        if (self.root / "dev").exists():
            self.check_file(self.root / "dev")
        for folder, lines in folders.items():
            self.limit(f"folder {folder}", lines, FOLDER_LINES)
        self.check_distribution(sorted(lengths))
        self.check_ratchet()
        return self.errors

    def check_file(self, path: Path) -> int:
        name = str(path.relative_to(self.root))
        text = path.read_text(errors="replace")
        if text.startswith(GENERATED):
            return 0
        lines = text.splitlines()
        most = HEADER_LINES if path.suffix == ".h" else FILE_LINES
        self.limit(f"file {name}", len(lines), most)
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                self.errors.append(f"{name}:{number}: {len(line)} columns, the limit is {COLUMNS}")
        found = python_functions(text) if path.suffix in (".py", "") else []
        if path.suffix in (".cc", ".h"):
            found = cpp_text.functions(text)
        for function, first, last in found:
            self.limit(f"function {name}:{function}", last - first + 1, FUNCTION_LINES)
        return len(lines)

    def check_distribution(self, lengths: list[int]) -> None:
        if len(lengths) < 10:
            return
        median, p90 = statistics.median(lengths), lengths[len(lengths) * 9 // 10]
        if median > MEDIAN_LINES:
            self.errors.append(f"src: the median file has {median:.0f} lines, not {MEDIAN_LINES}")
        if p90 > P90_LINES:
            self.errors.append(f"src: one file in ten has over {p90} lines, not {P90_LINES}")

    def check_ratchet(self) -> None:
        for key, allowed in self.allowed.items():
            size = self.seen.get(key)
            if size is None:
                self.errors.append(f"tools/sizes.txt: {key} fits now or is gone: delete the line")
            elif size < allowed:
                self.errors.append(f"tools/sizes.txt: {key} shrank to {size}: lower its {allowed}")


def python_functions(text: str) -> list[tuple[str, int, int]]:
    return [(node.name, node.lineno, node.end_lineno) for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=Path, default=ROOT, help="the tree to check")
    errors = Sizes(arguments.parse_args().root).check()
    print("\n".join(errors) or "sizes: fine")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
