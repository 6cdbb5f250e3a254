"""./dev check, fmt and lint: what can be said about the source without testing it."""
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from . import builds, pages
from .common import BUILD, CPUS, ROOT, DevError, Tally, failure, run, run_part, say, \
    tracked_files

CLANG_FORMAT, CLANG_TIDY = "clang-format-16", "clang-tidy-16"


def cpp_files() -> list:
    folders = ("src", "sim", "fuzz", "bench", "tests", "tools")
    return tracked_files(*[f"{folder}/*{suffix}" for folder in folders for suffix in (".cc", ".h")])


def in_batches(command: list, files: list, size: int = 16) -> bool:
    """Runs the command over the files on all processors; true when every batch succeeded."""
    batches = [files[at:at + size] for at in range(0, len(files), size)]
    with ThreadPoolExecutor(CPUS) as pool:
        codes = list(pool.map(lambda batch: run([*command, *batch], quiet=True), batches))
    return not any(codes)


def formatted() -> bool:
    with ThreadPoolExecutor(CPUS) as pool:
        fine = dict(zip(cpp_files(), pool.map(is_formatted, cpp_files())))
    wrong = [str(path.relative_to(ROOT)) for path in fine if not fine[path]]
    if wrong:
        say("not formatted (./dev fmt does it): " + " ".join(wrong))
    return not wrong


def is_formatted(path: Path) -> bool:
    try:
        return subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", path],
                              stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        raise DevError(f"{CLANG_FORMAT} is not installed: run ./dev setup") from None


def script(name: str, *arguments: str) -> bool:
    return run([sys.executable, f"tools/{name}.py", *arguments], quiet=True) == 0


def tools_tests() -> bool:
    return run([sys.executable, "-m", "unittest", "discover", "-s", "tools/tests", "-p",
                "*_test.py"], quiet=True) == 0


CHECKS = {
    "format": formatted,
    "layers": partial(script, "check_layers"),
    "sizes": partial(script, "check_sizes"),
    "headers": partial(script, "check_headers"),
    "docs": partial(script, "check_docs"),
    "tools": tools_tests,
    "pages": pages.are_fresh,
}


def run_check(name: str) -> Tally:
    return Tally(passed=1) if CHECKS[name]() else failure(f"check:{name}")


def check_command(words: list[str]) -> int:
    unknown = set(words) - set(CHECKS)
    if unknown:
        raise DevError(f"no check {' '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    total = Tally()
    for name in words or CHECKS:
        total.add(run_part(f"check:{name}", partial(run_check, name)))
    say(total.line())
    return 1 if total.failed else 0


def format_command(_: list[str]) -> int:
    return 0 if in_batches([CLANG_FORMAT, "-i"], cpp_files()) else 1


def lint_command(words: list[str]) -> int:
    if not shutil.which(CLANG_TIDY):
        raise DevError(f"{CLANG_TIDY} is not installed (apt-get install {CLANG_TIDY})")
    builds.configure("lint")
    files = words or [path for path in cpp_files() if path.suffix == ".cc"]
    known = (BUILD / "lint/compile_commands.json").read_text()
    files = [path for path in files if str((ROOT / path).resolve()) in known]
    tidy = ["nice", CLANG_TIDY, "-p", BUILD / "lint", "--quiet"]
    fine = in_batches(tidy, files, size=1)
    say(f"lint: {len(files)} files, {'fine' if fine else 'with complaints'}")
    return 0 if fine else 1
