"""./dev build: configuring and building the presets of CMakePresets.json."""
import json
import subprocess
import sys
from pathlib import Path

from .common import BUILD, CPUS, ROOT, DevError, run, say


def presets() -> list[str]:
    listed = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
    return [preset["name"] for preset in listed if not preset.get("hidden")]


def configure(preset: str) -> None:
    if preset not in presets():
        raise DevError(f"no preset {preset}; there are {', '.join(presets())}")
    if (BUILD / preset / "build.ninja").exists():
        return
    if run(["cmake", "--preset", preset], quiet=True) != 0:
        raise DevError(f"cmake --preset {preset} failed")


def build(preset: str, targets: list[str] | None = None) -> None:
    """Builds the targets, or everything, of one preset."""
    configure(preset)
    if run(["nice", "ninja", f"-j{CPUS}", "-C", f"build/{preset}", *(targets or [])],
           quiet=not sys.stdout.isatty()) != 0:
        raise DevError(f"the {preset} build failed")


def reconfigure_if_stale(preset: str) -> None:
    """New or vanished source files change the list of tests: let ninja redo the configuration."""
    configure(preset)
    if run(["ninja", "-C", f"build/{preset}", "build.ninja"], quiet=True) != 0:
        raise DevError(f"configuring {preset} failed")


def registered_tests(preset: str) -> dict[str, Path]:
    """Unit test programs by name, as CMake knows them (add_test); the programs may not be built."""
    reconfigure_if_stale(preset)
    listed = subprocess.run(["ctest", "--test-dir", str(BUILD / preset), "--show-only=json-v1"],
                            capture_output=True, text=True)
    if listed.returncode != 0:
        raise DevError(f"ctest cannot list the tests of {preset}: {listed.stderr.strip()}")
    found = {}
    for test in json.loads(listed.stdout)["tests"]:
        if "command" in test:
            found[test["name"]] = Path(test["command"][0])
        else:  # not built yet: CMake leaves the command out, the name is the target's
            found[test["name"]] = BUILD / preset / "bin" / test["name"]
    return found


def has_target(preset: str, target: str) -> bool:
    query = subprocess.run(["ninja", "-C", str(BUILD / preset), "-t", "query", target],
                           capture_output=True, text=True)
    return query.returncode == 0


def build_command(arguments: list[str]) -> None:
    preset = arguments[0] if arguments else "release"
    build(preset, arguments[1:])
    say(f"built {preset}: build/{preset}/bin")
