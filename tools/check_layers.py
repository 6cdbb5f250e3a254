#!/usr/bin/env python3
"""Checks that src/ keeps its layers (tools/layers.toml): which folder includes which, no cycles
among folders or components (a .h/.cc pair), no kernel, clock or thread in what must be pure."""
import argparse
import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text

ROOT = Path(__file__).resolve().parents[1]

KERNEL = [
    (r"#\s*include\s*<(?:sys/|netinet/|arpa/|linux/|net/)[^>]*>", "a kernel header"),
    (r"#\s*include\s*<(?:unistd|fcntl|netdb|poll|signal|csignal|time|ctime|dirent|pthread|sched"
     r"|fstream|filesystem|random)(?:\.h)?>", "a header of the outside world"),
    (r"_clock::now\b", "a clock"),
    (r"\b(?:clock_gettime|gettimeofday)\s*\(", "a clock"),
    (r"(?:\bstd::|(?<![\w.>:]))time\s*\(\s*(?:0|NULL|nullptr|&\w+)\s*\)", "a clock"),
    (r"(?<![\w.>])s?rand(?:om)?\s*\(\s*\)", "hidden randomness"),
    (r"\bstd::random_device\b", "hidden randomness"),
    (r"(?<![\w.>])(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", "sleeping"),
    (r"(?<![\w.>])(?:std::)?getenv\s*\(", "the environment"),
]
THREADS = [
    (r"#\s*include\s*<(?:thread|mutex|shared_mutex|condition_variable|atomic|future|semaphore"
     r"|latch|barrier|stop_token)>", "a header for threads"),
    (r"\bstd::(?:(?:this_|j)?thread|(?:shared_|recursive_|timed_)*mutex|atomic"
     r"|condition_variable)\b", "threads"),
]


class Layers:
    def __init__(self, source: Path, rules: dict):
        self.source, self.rules = source, rules
        self.errors: list[str] = []
        self.folders: dict[str, set[str]] = {}
        self.components: dict[str, set[str]] = {}

    def check(self) -> list[str]:
        for path in sorted(self.source.rglob("*")):
            if path.suffix in (".h", ".cc"):
                self.check_file(path)
        self.check_order()
        self.errors += [f"cycle among folders: {c}" for c in cycles(self.folders)]
        self.errors += [f"cycle among files: {c}" for c in cycles(self.components)]
        return self.errors

    def check_file(self, path: Path) -> None:
        name = path.relative_to(self.source)
        folder = name.parts[0]
        if len(name.parts) < 2 or folder not in self.rules["may_include"]:
            self.errors.append(f"src/{name}: {folder} is not in tools/layers.toml")
            return
        text = path.read_text(errors="replace")
        is_test = name.stem.endswith("_test")
        if is_test:
            return
        for target in cpp_text.includes(text):
            self.check_include(name, folder, target)
        self.check_banned(name, folder, text)

    def check_include(self, name: Path, folder: str, target: str) -> None:
        to = target.split("/")[0]
        if "/" not in target or not (self.source / target).is_file():
            self.errors.append(f"src/{name}: no such file under src/: {target}")
            return
        self.folders.setdefault(folder, set())
        if to != folder:
            allowed = set(self.rules["may_include"][folder])
            if not allowed & {"*", to, target}:
                self.errors.append(f"src/{name}: {folder}/ may not include {target}")
            self.folders[folder].add(to)
        source, destination = str(name.with_suffix("")), target.rsplit(".", 1)[0]
        if source != destination:
            self.components.setdefault(source, set()).add(destination)

    def check_banned(self, name: Path, folder: str, text: str) -> None:
        if str(name) in self.rules.get("exempt", {}):
            return
        banned = list(KERNEL) if folder in self.rules["pure"] else []
        if folder not in self.rules["threads"]:
            banned += THREADS
        code = cpp_text.strip(text)
        for pattern, what in banned:
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                self.errors.append(
                    f"src/{name}:{line}: {folder}/ may not use {what}: {match.group()}")

    def check_order(self) -> None:
        """layers.toml itself: what a folder may include stands before it."""
        rank = {folder: at for at, folder in enumerate(self.rules["order"])}
        for folder, allowed in self.rules["may_include"].items():
            for to in {entry.split("/")[0] for entry in allowed} - {"*"}:
                if rank.get(to, len(rank)) >= rank.get(folder, -1):
                    self.errors.append(
                        f"tools/layers.toml: {folder} includes {to}, which stands after it")


def cycles(graph: dict[str, set[str]]) -> list[str]:
    """One line per cycle that a depth-first walk closes."""
    found, done = [], set()

    def visit(node: str, trail: list[str]) -> None:
        if node in trail:
            found.append(" -> ".join([*trail[trail.index(node):], node]))
        elif node not in done:
            for successor in sorted(graph.get(node, ())):
                visit(successor, [*trail, node])
            done.add(node)

    for node in sorted(graph):
        visit(node, [])
    return found


def cmake_errors(root: Path, rules: dict) -> list[str]:
    """banyan_folder(name deps…) may link only what the folder may include."""
    errors = []
    text = (root / "CMakeLists.txt").read_text()
    for folder, deps in re.findall(r"^banyan_folder\((\w+)([^)]*)\)", text, flags=re.MULTILINE):
        allowed = set(rules["may_include"].get(folder, []))
        for dep in deps.split():
            if not allowed & {"*", dep}:
                errors.append(f"CMakeLists.txt: {folder} links {dep}, which it may not include")
    return errors


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=Path, default=ROOT, help="the tree to check")
    root = arguments.parse_args().root
    rules = tomllib.loads((ROOT / "tools/layers.toml").read_text())
    errors = Layers(root / "src", rules).check()
    if (root / "CMakeLists.txt").exists():
        errors += cmake_errors(root, rules)
    print("\n".join(errors) or "layers: fine")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
