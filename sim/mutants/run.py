#!/usr/bin/env python3
"""Sabotages a copy of the tree, one mutant at a time, and looks for the first seed that notices.

A mutant that no seed notices says that a checker is blind.

A mutant is NAME.patch: `World: <name>` and a sentence on what it breaks, then the diff.
"""
import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
SCRATCH = ROOT / "build/mutants"
TREE, BUILT = SCRATCH / "tree", SCRATCH / "built"
CHUNK = 20
SEED_SECONDS = 30


def copy_tree() -> None:
    """What git knows of the tree, as it is now; unchanged files keep their times, for ninja."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in sorted(names):
        source, target = ROOT / name, TREE / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for path in TREE.rglob("*"):
        if path.is_file() and str(path.relative_to(TREE)) not in names:
            path.unlink()


def build(jobs: int) -> Path:
    if not (BUILT / "build.ninja").exists():
        subprocess.run(["cmake", "-S", TREE, "--preset", "release", "-B", BUILT], check=True,
                       stdout=subprocess.DEVNULL, cwd=TREE)
    built = subprocess.run(["nice", "ninja", f"-j{jobs}", "-C", BUILT, "banyan-sim"],
                           capture_output=True, text=True)
    if built.returncode != 0:
        sys.exit(f"the build failed:\n{built.stdout[-4000:]}")
    return BUILT / "bin/banyan-sim"


def apply(patch: Path, *options: str) -> None:
    # Outside of any repository, or git would look for the files in the one around the copy.
    subprocess.run(["git", "apply", *options, patch], cwd=TREE, check=True,
                   env={"GIT_DIR": "/nonexistent", "PATH": "/usr/bin:/bin"})


def runs(program: Path, world: str, seeds: str, count: int) -> tuple[bool, str]:
    try:
        done = subprocess.run([program, world, "--seeds", seeds], capture_output=True, text=True,
                              errors="replace", timeout=SEED_SECONDS * count)
    except subprocess.TimeoutExpired:
        return False, "it hangs"
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def first_seed(program: Path, world: str, last: int) -> tuple[int, str] | None:
    """The first seed that fails, and how. An abort does not say which of a chunk it was."""
    for start in range(1, last + 1, CHUNK):
        end = min(start + CHUNK - 1, last)
        if runs(program, world, f"{start}..{end}", CHUNK)[0]:
            continue
        for seed in range(start, end + 1):
            fine, output = runs(program, world, f"{seed}..{seed}", 1)
            if not fine:
                return seed, output.split("\n")[0]
    return None


def judge(patch: Path, seeds: int, jobs: int) -> bool:
    text = patch.read_text()
    world = re.search(r"^World: (\S+)$", text, re.MULTILINE)
    if not world:
        sys.exit(f"{patch.name} names no world")
    copy_tree()
    apply(patch)
    start = time.monotonic()
    found = first_seed(build(jobs), world[1], seeds)
    seconds = time.monotonic() - start
    if found:
        print(f"caught  {patch.stem}: {world[1]} --seed {found[0]} ({seconds:.0f} s): "
              f"{found[1][:160]}", flush=True)
    else:
        print(f"MISSED  {patch.stem}: {seeds} seeds of {world[1]} hold", flush=True)
    return found is not None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("name", nargs="?", default="", help="part of a mutant's name")
    options.add_argument("--seeds", type=int, default=1000, help="give up after this many")
    options.add_argument("--jobs", type=int, default=2)
    chosen = options.parse_args()
    patches = [path for path in sorted(FOLDER.glob("*.patch")) if chosen.name in path.stem]
    if not patches:
        sys.exit(f"no mutant {chosen.name}")
    return 0 if all([judge(path, chosen.seeds, chosen.jobs) for path in patches]) else 1


if __name__ == "__main__":
    sys.exit(main())
