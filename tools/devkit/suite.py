"""./dev test: every test there is, in parts that can be run alone.

A part belongs to presets and targets that it needs built; all builds come first. The last line of
the output counts single test cases over all parts: "N passed, M failed, K skipped".
"""
import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import builds, checks, packages, programs
from .common import BUILD, CPUS, ROOT, DevError, Stopwatch, Tally, failure, run, run_counted, \
    run_part, say

UNIT_PRESETS = {"unit": "release", "asan": "asan", "tsan": "tsan"}
UNIT_LIMIT_S, RUNNER_LIMIT_S = 400, 900
DIFFERENTIAL = [sys.executable, "tests/differential.py", "--commands", "3000000"]
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def sanitizer_prefix() -> list[str]:
    """Some kernels scatter a process's memory more widely than gcc 12's sanitizers can bear."""
    fixed = ["setarch", "-R"]
    return fixed if subprocess.run([*fixed, "true"], capture_output=True).returncode == 0 else []


@dataclass
class Part:
    name: str
    run: Callable[[], Tally]
    needs: dict[str, list[str]] = field(default_factory=dict)  # preset: targets; [] builds all
    alone: bool = True  # false: may run beside other parts of its kind


def threaded_folders() -> set[str]:
    return set(tomllib.loads((ROOT / "tools/layers.toml").read_text())["threads"])


def unit_parts(filter_: str) -> list[Part]:
    """Each unit test program under release, address and thread sanitizer. The last runs only what
    has threads (tools/layers.toml): elsewhere there is nothing for it to see."""
    parts = []
    for name in builds.registered_tests("release"):
        folder = name.removesuffix("_test")
        for kind, preset in UNIT_PRESETS.items():
            if kind == "tsan" and folder not in threaded_folders():
                continue
            parts.append(Part(f"{kind}:{folder}", unit_runner(kind, preset, name, filter_),
                              {preset: [name]}, alone=False))
    order = list(UNIT_PRESETS)
    return sorted(parts, key=lambda part: order.index(part.name.split(":")[0]))


def unit_runner(kind: str, preset: str, name: str, filter_: str) -> Callable[[], Tally]:
    def runner() -> Tally:
        report = BUILD / "tally" / f"{kind}-{name}.json"
        report.parent.mkdir(exist_ok=True)
        report.unlink(missing_ok=True)
        words = sanitizer_prefix() if kind != "unit" else []
        words += [BUILD / preset / "bin" / name, f"--gtest_output=json:{report}", "--gtest_brief=1"]
        words += [f"--gtest_filter=*{filter_}*"] if filter_ else []
        code = run(words, timeout_s=UNIT_LIMIT_S, quiet=True, env=os.environ | SANITIZER_OPTIONS)
        tally = read_gtest(report, f"{kind}:") if report.exists() else Tally()
        if code != 0 and not tally.failed:
            tally.add(failure(f"{kind}:{name} (exit code {code})"))
        return tally
    return runner


def read_gtest(report: Path, prefix: str) -> Tally:
    tally = Tally()
    for group in json.loads(report.read_text())["testsuites"]:
        for test in group["testsuite"]:
            if test.get("failures"):
                tally.add(failure(f"{prefix}{group['name']}.{test['name']}"))
            elif test["result"] == "SKIPPED":
                tally.skipped += 1
            elif test["result"] == "COMPLETED":
                tally.passed += 1
    return tally


def missing(what: str) -> Callable[[], Tally]:
    def runner() -> Tally:
        say(f"skip  {what}")
        return Tally(skipped=1)
    return runner


def server_needs(preset: str = "release") -> dict[str, list[str]]:
    return {preset: ["banyan-server"]} if (ROOT / "src/server/main.cc").exists() else {}


def transcript_parts(options: argparse.Namespace) -> list[Part]:
    if not list((ROOT / "tests/commands").glob("*.test")):
        return [Part("transcripts", missing("transcripts: there are none in tests/commands"))]
    words = [sys.executable, "tests/transcripts.py"]
    words += ["--filter", options.filter] if options.filter else []
    if options.rewrite:
        words += ["--rewrite", options.rewrite]
        return [Part("transcripts", counted("transcripts", words), server_needs())]
    parts = [Part("transcripts", counted("transcripts", words), server_needs())]
    for preset, target in (("asan", "banyan"), ("tsan", "banyan-4")):
        if needs := server_needs(preset):
            more = ["--server", BUILD / preset / "bin/banyan-server", "--target", target]
            name = f"transcripts-{preset}"
            parts.append(Part(name, counted(name, [*sanitizer_prefix(), *words, *more]), needs))
    return parts


def counted(name: str, words: list, limit_s: float = RUNNER_LIMIT_S) -> Callable[[], Tally]:
    return lambda: run_counted(words, name, limit_s, env=os.environ | SANITIZER_OPTIONS)


def process_part(name: str, files: list[Path], options: argparse.Namespace) -> Part:
    if not files:
        return Part(name, missing(f"{name}: there are no tests of this kind"))
    words = [sys.executable, "tests/run.py", *files]
    words += ["--filter", options.filter] if options.filter else []
    return Part(name, counted(name, words), server_needs())


def sim_parts(seeds: str) -> list[Part]:
    """Worlds are known once the simulator is built, so all of them are one part."""
    if not (ROOT / "sim/main.cc").exists():
        return [Part("sim", missing("sim: there is no sim/main.cc"))]

    def runner() -> Tally:
        program = BUILD / "release/bin/banyan-sim"
        tally = Tally()
        for world in programs.sim_worlds(program):
            watch = Stopwatch()
            code = run([program, world, "--seeds", seeds], timeout_s=RUNNER_LIMIT_S, quiet=True)
            name = f"sim {world} --seeds {seeds}"
            say(f"{'ok   ' if code == 0 else 'FAIL '} {name} ({watch})")
            tally.add(failure(name) if code else Tally(passed=1))
        return tally
    return [Part("sim", runner, {"release": ["banyan-sim"]})]


def fuzz_parts() -> list[Part]:
    def runner(target: str) -> Tally:
        name = f"fuzz:{target}"
        return failure(name) if programs.fuzz_briefly(target) else Tally(passed=1)
    return [Part(f"fuzz:{target}", partial(runner, target), {"fuzz": [f"{target}_fuzz"]},
                 alone=False) for target in programs.fuzz_targets()]


def all_parts(options: argparse.Namespace) -> list[Part]:
    parts = [Part(f"check:{name}", partial(checks.run_check, name))
             for name in checks.CHECKS]
    parts += unit_parts(options.filter) + fuzz_parts()
    parts += transcript_parts(options)
    whole_servers = sorted(ROOT.glob("tests/*_test.py"))
    interop = [path for path in whole_servers if path.name.startswith("interop")]
    parts.append(process_part("processes", [p for p in whole_servers if p not in interop], options))
    parts.append(process_part("interop", interop, options))
    parts.append(Part("differential", counted("differential", DIFFERENTIAL), server_needs()))
    return parts + sim_parts(options.seeds)


def build_for(parts: list[Part], everything: bool) -> Tally:
    """Builds what the parts need, preset by preset. `everything`: the whole release preset, so that
    no program goes unbuilt."""
    needs: dict[str, set[str]] = {"release": set()} if everything else {}
    for part in parts:
        for preset, targets in part.needs.items():
            needs.setdefault(preset, set()).update(targets)
    tally = Tally()
    for preset, targets in needs.items():
        watch = Stopwatch()
        say(f"      build:{preset} …")
        try:
            builds.build(preset, [] if everything and preset == "release" else sorted(targets))
            say(f"ok    build:{preset} ({watch})")
        except DevError as error:
            say(f"FAIL  build:{preset}: {error}")
            tally.add(failure(f"build:{preset}"))
    return tally


def run_parts(parts: list[Part]) -> Tally:
    """Parts that allow it run beside each other; the others in order."""
    total = Tally()
    beside = [part for part in parts if not part.alone]
    for part in parts:
        if part.alone:
            total.add(run_part(part.name, part.run))
        elif part is beside[0]:
            with ThreadPoolExecutor(CPUS) as pool:
                for tally in pool.map(lambda each: run_part(each.name, each.run), beside):
                    total.add(tally)
    return total


def read_options(name: str, words: list[str]) -> argparse.Namespace:
    options = programs.parser(name, "Builds and runs tests. Parts: check:*, unit:*, asan:*, "
                                    "tsan:*, fuzz:*, transcripts, processes, interop, "
                                    "differential, sim.")
    options.add_argument("names", nargs="*", help="only parts with one of these in their name")
    options.add_argument("--filter", default="", help="only test cases with this in their name")
    options.add_argument("--rewrite", nargs="?", const="banyan-1", metavar="TARGET",
                         help="put replies into the transcripts: ./dev test transcripts --rewrite")
    options.add_argument("--seeds", default=programs.SIM_SEEDS, help="of each simulated world")
    options.add_argument("--list", action="store_true", help="print the parts and stop")
    options.add_argument("--minutes", type=float, default=10, help="how long soak goes on")
    return options.parse_args(words)


def test_command(words: list[str]) -> int:
    options = read_options("test", words)
    watch = Stopwatch()
    total = Tally()
    try:
        packages.setup()
        parts = [part for part in all_parts(options)
                 if not options.names or any(name in part.name for name in options.names)]
        if options.list:
            say("\n".join(part.name for part in parts))
            return 0
        if not parts:
            raise DevError(f"no part is called {' or '.join(options.names)}: ./dev test --list")
        total.add(build_for(parts, everything=not options.names))
        total.add(run_parts(parts))
    except DevError as error:
        say(str(error))
        total.add(failure("dev test"))
    for name in total.failures:
        say(f"failed: {name}")
    say(f"in {watch}")
    say(total.line())
    return 1 if total.failed else 0


def soak_command(words: list[str]) -> int:
    """Repeats the chosen parts until one fails or the time is up. Tests that have a bigger size for
    this see BANYAN_SOAK in their environment."""
    os.environ["BANYAN_SOAK"] = "1"
    options = read_options("soak", words)
    parts = [part for part in all_parts(options)
             if not part.name.startswith("check:") and (
                 not options.names or any(name in part.name for name in options.names))]
    if build_for(parts, everything=False).failed:
        return 1
    end = time.monotonic() + options.minutes * 60
    rounds = 0
    while time.monotonic() < end:
        rounds += 1
        say(f"== round {rounds}")
        total = run_parts(parts)
        if total.failed:
            say(f"failed in round {rounds}: {', '.join(total.failures)}")
            return 1
    say(f"soak: {rounds} rounds without a failure")
    return 0
