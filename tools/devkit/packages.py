"""./dev setup: installs the Debian packages of tools/packages.txt that are missing."""
import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from .common import ROOT, DevError, run, say

POLICY = Path("/usr/sbin/policy-rc.d")


def wanted_packages() -> list[str]:
    lines = (ROOT / "tools/packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def missing_packages() -> list[str]:
    """The wanted packages that dpkg does not report as installed."""
    wanted = wanted_packages()
    form = "${binary:Package} ${db:Status-Status}\n"
    query = subprocess.run(["dpkg-query", "-W", "-f", form, *wanted],
                           capture_output=True, text=True)
    present = {line.split()[0].split(":")[0] for line in query.stdout.splitlines()
               if line.endswith(" installed")}
    return [name for name in wanted if name not in present]


@contextlib.contextmanager
def services_stay_down():
    """Debian starts the services that it installs, unless this file says no. A Redis on the usual
    port would then answer in the place of a server under test."""
    if POLICY.exists() or os.geteuid() != 0:
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def setup() -> None:
    if not shutil.which("dpkg-query"):
        raise DevError("setup knows Debian 12; elsewhere, install what tools/packages.txt lists")
    missing = missing_packages()
    if not missing:
        say("setup: every package is installed")
        return
    say(f"setup: installing {' '.join(missing)}")
    become_root = [] if os.geteuid() == 0 else ["sudo"]
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    with services_stay_down():
        if run([*apt, "update"], quiet=True) != 0:
            raise DevError("apt-get update failed")
        if run([*apt, "install", "-y", "--no-install-recommends", *missing], quiet=True) != 0:
            raise DevError("apt-get install failed")
    still = missing_packages()
    if still:
        raise DevError(f"still missing after the installation: {' '.join(still)}")
