#!/usr/bin/env python3
"""Runs the tests that drive whole servers: every function test_*(nodes) of the given files.

Each test runs in a process of its own with a time limit, with a fresh Nodes (tests/lib/nodes.py) as
argument, and prints one line. A test that raises Skip is counted as skipped. A test that needs more
than the usual time says so: test_x.limit_s = 120.
"""
import argparse
import importlib.util
import os
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "tools")]

from devkit.common import CPUS, Tally, failure, say
from lib.nodes import Nodes, Skip

LIMIT_S = 60
SKIPPED, FAILED = 75, 1  # exit codes of a single test


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def discover(files: list[Path], wanted: str) -> list[tuple[Path, str, float]]:
    found = []
    for path in files:
        for name, value in vars(load(path)).items():
            if name.startswith("test_") and callable(value) and wanted in f"{path.stem}.{name}":
                found.append((path, name, getattr(value, "limit_s", LIMIT_S)))
    return found


def run_one(path: Path, name: str) -> int:
    """In the child: runs one test here and now."""
    nodes = Nodes()
    # A test that is told to end at its limit still reports and cleans up.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(TimeoutError("out of time")))
    try:
        getattr(load(path), name)(nodes)
        return 0
    except Skip as reason:
        print(reason)
        return SKIPPED
    except BaseException:  # an interrupt too must not leave servers behind
        traceback.print_exc()
        print(nodes.logs())
        return FAILED
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        nodes.close()


def run_in_child(path: Path, name: str, limit_s: float) -> Tally:
    started = time.monotonic()
    child = subprocess.Popen([sys.executable, __file__, "--one", f"{path}::{name}"], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                             start_new_session=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        output, _ = child.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        child.terminate()
        try:
            output, _ = child.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # its own session: the test and its servers
            output, _ = child.communicate()
        output = f"no end after {limit_s:g} s\n{output}"
    title, took = f"{path.stem}.{name}", f"({time.monotonic() - started:.1f} s)"
    if child.returncode == 0:
        say(f"ok    {title} {took}")
        return Tally(passed=1)
    if child.returncode == SKIPPED:
        say(f"skip  {title}: {output.strip()}")
        return Tally(skipped=1)
    say(f"FAIL  {title} {took}\n{output.rstrip()}")
    return failure(title)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="*", type=Path, help="default: tests/*_test.py")
    arguments.add_argument("--filter", default="", help="only tests with this in FILE.NAME")
    arguments.add_argument("--jobs", type=int, default=max(2, CPUS))
    arguments.add_argument("--server", help="our server program")
    arguments.add_argument("--list", action="store_true", help="print the names and stop")
    arguments.add_argument("--tally", type=Path, help="leave the counts in this file")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.server:
        os.environ["BANYAN_SERVER"] = str(Path(options.server).resolve())
    if options.one:
        path, name = options.one.split("::")
        return run_one(Path(path), name)
    tests = discover(options.files or sorted(TESTS.glob("*_test.py")), options.filter)
    if options.list:
        print("\n".join(f"{path.stem}.{name}" for path, name, _ in tests))
        return 0
    total = Tally()
    with ThreadPoolExecutor(options.jobs) as pool:
        for tally in pool.map(lambda test: run_in_child(*test), tests):
            total.add(tally)
    if options.tally:
        total.save(options.tally)
    else:
        print(total.line())
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
