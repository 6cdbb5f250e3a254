#!/usr/bin/env python3
"""Checks that every header compiles alone. What passed is remembered by the content of the header
and of all it includes from here, so a second run compiles only what changed."""
import argparse
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["src", "sim", "fuzz", "bench"]
FLAGS = ["-std=c++23", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wswitch-enum", "-Werror",
         "-fsyntax-only"]


def resolve(root: Path, includer: Path, target: str) -> Path | None:
    for folder in (root / "src", root, includer.parent):
        if (folder / target).is_file():
            return (folder / target).resolve()
    return None


def fingerprint(root: Path, header: Path) -> str:
    """Of the header, everything of ours that it includes, and the flags."""
    seen: dict[Path, bytes] = {}
    waiting = [header.resolve()]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen[path] = path.read_bytes()
        for target in cpp_text.includes(seen[path].decode(errors="replace")):
            if found := resolve(root, path, target):
                waiting.append(found)
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for path in sorted(seen):
        digest.update(str(path.relative_to(root.resolve())).encode() + b"\0" + seen[path] + b"\0")
    return digest.hexdigest()


def compile_alone(root: Path, header: Path) -> str:
    """The compiler's complaint, empty when there is none."""
    name = header.relative_to(root / "src" if header.is_relative_to(root / "src") else root)
    done = subprocess.run(["g++", *FLAGS, f"-I{root / 'src'}", f"-I{root}", "-x", "c++", "-"],
                          input=f'#include "{name}"\n#include "{name}"\n', capture_output=True,
                          text=True)
    return "" if done.returncode == 0 else f"{name} does not compile alone:\n{done.stderr[:3000]}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", type=Path, default=ROOT, help="the tree to check")
    root = arguments.parse_args().root.resolve()
    memory = root / "build/check_headers.json"
    passed = set(json.loads(memory.read_text())) if memory.exists() else set()
    headers = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.h"))]
    prints = {header: fingerprint(root, header) for header in headers}
    todo = [header for header in headers if prints[header] not in passed]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        complaints = dict(zip(todo, pool.map(lambda header: compile_alone(root, header), todo)))
    memory.parent.mkdir(exist_ok=True)
    memory.write_text(json.dumps(sorted(prints[h] for h in headers if not complaints.get(h))))
    errors = [complaint for complaint in complaints.values() if complaint]
    print("\n".join(errors) or f"headers: {len(headers)} compile alone ({len(todo)} compiled now)")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
