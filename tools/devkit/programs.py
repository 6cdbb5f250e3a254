"""./dev sim, mutants, differential, fuzz and bench: building and running what tries things at
random, and benchmarks."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from . import builds
from .common import BUILD, CPUS, ROOT, DevError, run, say

SIM_SEEDS = "1..200"  # what ./dev test runs of each world


def parser(name: str, about: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"./dev {name}", description=about)


def sim_program(preset: str = "release") -> Path:
    if not (ROOT / "sim/main.cc").exists():
        raise DevError("there is no simulator yet (sim/main.cc)")
    builds.build(preset, ["banyan-sim"])
    return BUILD / preset / "bin/banyan-sim"


def sim_worlds(program: Path) -> list[str]:
    """Without arguments the program names its worlds, each on an indented line."""
    usage = subprocess.run([program], capture_output=True, text=True).stderr
    return [line.split()[0] for line in usage.splitlines() if line.startswith("  ")]


def sim_command(words: list[str]) -> int:
    options = parser("sim", "Runs simulated worlds.")
    options.add_argument("world", nargs="?", help="one world; without it, each")
    options.add_argument("--seed", type=int, help="one seed")
    options.add_argument("--seeds", default=SIM_SEEDS, help="a range of seeds: 1..1000")
    options.add_argument("--trace", action="store_true", help="print every event")
    options.add_argument("--preset", default="release")
    chosen = options.parse_args(words)
    program = sim_program(chosen.preset)
    worlds = [chosen.world] if chosen.world else sim_worlds(program)
    if not worlds:
        raise DevError("banyan-sim has no worlds")
    seeds = ["--seed", chosen.seed] if chosen.seed is not None else ["--seeds", chosen.seeds]
    trace = ["--trace"] if chosen.trace else []
    codes = [run([program, world, *seeds, *trace]) for world in worlds]
    return 1 if any(codes) else 0


def mutants_command(words: list[str]) -> int:
    return run([sys.executable, ROOT / "sim/mutants/run.py", "--jobs", CPUS, *words])


def differential_command(words: list[str]) -> int:
    builds.build("release", ["banyan-server"])
    return run([sys.executable, ROOT / "tests/differential.py", *words])


def fuzz_targets() -> list[str]:
    return sorted(path.stem.removesuffix("_fuzz") for path in (ROOT / "fuzz").glob("*_fuzz.cc"))


def fuzz_command(words: list[str]) -> int:
    options = parser("fuzz", "Runs libFuzzer targets; inputs that fail stay in "
                              "build/fuzz/found.")
    options.add_argument("target", nargs="?", help="one target; without it, each in turn")
    options.add_argument("--minutes", type=float, default=1.0, help="for each target")
    options.add_argument("--jobs", type=int, default=1)
    chosen = options.parse_args(words)
    if chosen.target and chosen.target not in fuzz_targets():
        raise DevError(f"no target {chosen.target}; there are: {', '.join(fuzz_targets())}")
    targets = [chosen.target] if chosen.target else fuzz_targets()
    codes = [fuzz_one(target, chosen.minutes, chosen.jobs) for target in targets]
    return 1 if any(codes) else 0


def fuzz_one(target: str, minutes: float, jobs: int = 1) -> int:
    """What it learns is kept in build/fuzz/corpus, inputs that fail too."""
    builds.build("fuzz", [f"{target}_fuzz"])
    grown = BUILD / "fuzz/corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    say(f"fuzz {target}: {minutes:g} min, corpus in {grown.relative_to(ROOT)}")
    how = [f"-fork={jobs}"] if jobs > 1 else []
    return run_fuzzer(target, [grown, f"-max_total_time={int(minutes * 60)}", *how])


def fuzz_briefly(target: str) -> int:
    """The kept corpus and a fixed number of mutations of it, the same ones each time. libFuzzer
    adds what it learns to the first folder: that one is thrown away."""
    with tempfile.TemporaryDirectory(prefix="banyan-fuzz-") as folder:
        return run_fuzzer(target, [folder, "-seed=1", "-runs=20000", "-max_total_time=30"])


def run_fuzzer(target: str, words: list) -> int:
    """The corpus that the repository keeps is fuzz/corpus/TARGET, or that of its first word:
    fuzz/corpus/resp for resp_request."""
    found = BUILD / "fuzz/found"
    found.mkdir(parents=True, exist_ok=True)
    kept = [ROOT / "fuzz/corpus" / name for name in (target, target.split("_")[0])]
    dictionary = ROOT / f"fuzz/{target}.dict"
    corpora = [path for path in kept if path.is_dir()]
    program = BUILD / "fuzz/bin" / f"{target}_fuzz"
    return run([program, *words, *corpora,
                f"-artifact_prefix={found}/{target}-", "-rss_limit_mb=2048", "-timeout=10",
                *([f"-dict={dictionary}"] if dictionary.exists() else [])], quiet=True)


def bench_programs() -> list[str]:
    return sorted(path.stem for path in (ROOT / "bench").glob("*_bench.cc"))


def bench_command(words: list[str]) -> int:
    options = parser("bench", "Runs micro-benchmarks (google-benchmark). Words that are not known "
                              "here go to the benchmark: --benchmark_filter=get")
    options.add_argument("target", nargs="?", default="", help="part of a program's name")
    options.add_argument("--against", metavar="REV", help="run those of another revision first")
    chosen, more = options.parse_known_args(words)
    programs = [name for name in bench_programs() if chosen.target in name]
    if not programs:
        raise DevError(f"no benchmark {chosen.target}; there are: {', '.join(bench_programs())}")
    if chosen.against:
        with tempfile.TemporaryDirectory(prefix="banyan-bench-") as folder:
            tree = Path(folder) / "tree"
            if run(["git", "worktree", "add", "--detach", tree, chosen.against], quiet=True) != 0:
                raise DevError(f"cannot check out {chosen.against}")
            try:
                run_benches(tree, programs, more, chosen.against)
            finally:
                run(["git", "worktree", "remove", "--force", tree], quiet=True)
    return run_benches(ROOT, programs, more, "this tree")


def run_benches(tree: Path, programs: list[str], more: list[str], title: str) -> int:
    run(["cmake", "-S", tree, "--preset", "release"], quiet=True)
    folder = tree / "build/release"
    codes = []
    for name in programs:
        if run(["nice", "ninja", "-C", folder, name], quiet=True) != 0:
            raise DevError(f"{name} of {title} does not build")
        say(f"== {name} of {title}")
        codes.append(run([folder / "bin" / name, *more]))
    return 1 if any(codes) else 0
