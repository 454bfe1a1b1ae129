"""Prometheus and promtool for the tests: the programs alone, unpacked beside the other tools."""

from pathlib import Path

from scripts import system_packages
from scripts.commands import has, run
from scripts.paths import TOOLS, say

PROGRAMS = ("prometheus", "promtool")
UNPACKED = TOOLS / "prometheus"


def ensure_prometheus() -> None:
    """Unpack Debian's package without installing it: installing would start a service on this machine."""
    if all(has(name) or (UNPACKED / "usr" / "bin" / name).exists() for name in PROGRAMS):
        return
    if not has("apt-get"):
        system_packages.install({"prometheus": "prometheus"}, why="the tests start it privately")
        return
    say("Unpacking prometheus (the tests start it privately)")
    system_packages.refresh_lists()
    UNPACKED.mkdir(parents=True, exist_ok=True)
    run(["apt-get", "download", "-qq", "prometheus"], cwd=UNPACKED)
    _unpack(next(UNPACKED.glob("prometheus_*.deb")))


def _unpack(package: Path) -> None:
    run(["dpkg-deb", "-x", package, UNPACKED])
    package.unlink()
