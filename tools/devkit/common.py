"""What every command of ./dev shares: paths, running programs, counting test cases."""
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CPUS = len(os.sched_getaffinity(0))


class DevError(Exception):
    """Ends the command with one line on stderr and exit code 1."""


@dataclass
class Tally:
    """Test cases by outcome; `failures` names the failed ones for the end of the report."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.__dict__))

    @classmethod
    def load(cls, path: Path) -> "Tally":
        return cls(**json.loads(path.read_text()))


def failure(name: str) -> Tally:
    return Tally(failed=1, failures=[name])


def say(text: str) -> None:
    print(text, flush=True)


def run(args: list, timeout_s: float | None = None, quiet: bool = False, **more) -> int:
    """Runs a program in the root, returns its exit code; `quiet` shows output only on failure."""
    args = [str(arg) for arg in args]
    try:
        if not quiet:
            return subprocess.run(args, cwd=ROOT, timeout=timeout_s, **more).returncode
        done = subprocess.run(args, cwd=ROOT, timeout=timeout_s, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    except subprocess.TimeoutExpired as late:
        if late.stdout:
            print(text_of(late.stdout)[-8000:])
        say(f"timed out after {timeout_s:.0f} s: {' '.join(args)}")
        return 124
    except FileNotFoundError:
        raise DevError(f"{args[0]} is not installed: run ./dev setup") from None
    if done.returncode != 0:
        say(f"{done.stdout[-8000:]}\nexit code {done.returncode}: {' '.join(args)}")
    return done.returncode


def text_of(output: bytes | str) -> str:
    return output if isinstance(output, str) else output.decode(errors="replace")


def run_counted(args: list, name: str, timeout_s: float, env: dict | None = None) -> Tally:
    """Runs a runner that leaves its counts in the file it is given as --tally."""
    path = BUILD / "tally" / f"{name.replace(':', '-').replace('/', '-')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    code = run([*args, "--tally", path], timeout_s=timeout_s, env=env)
    tally = Tally.load(path) if path.exists() else Tally()
    if code != 0 and tally.failed == 0:
        tally.add(failure(f"{name} (exit code {code})"))
    return tally


def tracked_files(*patterns: str) -> list[Path]:
    """Files that git tracks or would track, matching the patterns; deleted ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, check=True)
    names = sorted({name for name in listed.stdout.decode().split("\0") if name})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


class Stopwatch:
    def __init__(self):
        self.start = time.monotonic()

    def __str__(self) -> str:
        return f"{time.monotonic() - self.start:.1f} s"


def run_part(name: str, part: Callable[[], Tally]) -> Tally:
    """Runs a part of the tests and reports it on one line; whatever goes wrong counts as failed."""
    watch = Stopwatch()
    try:
        tally = part()
    except DevError as error:
        say(str(error))
        tally = failure(name)
    except Exception:
        say(traceback.format_exc())
        tally = failure(name)
    say(f"{'FAIL ' if tally.failed else 'ok   '} {name:<20} {tally.line()} ({watch})")
    return tally


def fail_hard(message: str) -> None:
    print(f"dev: {message}", file=sys.stderr)
    sys.exit(1)
