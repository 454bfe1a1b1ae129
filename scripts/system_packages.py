"""System libraries and programs that no Python package brings along."""

import ctypes.util
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from scripts.commands import has, output_of, run
from scripts.paths import SetupError, say

BREW_NAMES = {
    "libzbar0": "zbar",
    "libgomp1": "libomp",
    "mariadb-server-core": "mariadb",
    "mariadb-client-core": "mariadb",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")
CHINESE_FONTS = ("*CJK*", "*wqy*", "*PingFang*", "*Hiragino*", "*uming*", "*ukai*")


def ensure_run_libraries() -> None:
    """Libraries the running system is better with: a second barcode reader, and OpenMP for the pooled forecasts."""
    if not _has_library("zbar"):
        install({"libzbar0": "libzbar0"}, why="it reads barcodes from photos", required=False)
    if not (_has_library("gomp") or _has_library("omp")):
        install({"libgomp1": "libgomp1"}, why="forecasts learn from all products with it", required=False)


def ensure_test_programs() -> None:
    """What the tests start: a private MariaDB, a browser, and a font for the Chinese screenshots."""
    wanted = dict(_missing_test_programs())
    if wanted:
        install(wanted, why="the tests start them privately")


def _missing_test_programs() -> list[tuple[str, str]]:
    missing = []
    if not (has("mariadbd") and has("mariadb-install-db")):
        # The core packages hold the programs only: no service, no system user, nothing started.
        missing += [(name, name) for name in ("mariadb-server-core", "mariadb-client-core")]
    if not any(has(name) for name in ("chromium", "chromium-browser", "google-chrome")) and _is_linux():
        missing.append(("chromium", "chromium"))
    if not _has_chinese_font():
        missing.append(("chinese-font", "fonts-wqy-microhei"))
    return missing


def install(packages: Mapping[str, str], *, why: str, required: bool = True) -> None:
    """Install Debian or Homebrew packages, or tell the user what to type."""
    names = sorted(set(packages.values()))
    command = _install_command(names)
    if command is None:
        _tell(names, why, required)
        return
    say(f"Installing {', '.join(names)} ({why})")
    for step in command:
        run(step, env={"DEBIAN_FRONTEND": "noninteractive"})


def refresh_lists() -> None:
    """Let apt know what there is; without the rights to, with what it knows."""
    if (sudo := _root_prefix()) is not None:
        run([*sudo, "apt-get", "update", "-qq"])


def _install_command(names: list[str]) -> list[list[str]] | None:
    if has("apt-get") and (sudo := _root_prefix()) is not None:
        apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        return [[*apt, "update", "-qq"], [*apt, "install", "-y", "-qq", "--no-install-recommends", *names]]
    if has("brew"):
        return [["brew", "install", *sorted({BREW_NAMES.get(name, name) for name in names})]]
    return None


def _root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if has("sudo") and output_of(["sudo", "-n", "id", "-u"]) == "0" else None


def _tell(names: list[str], why: str, required: bool) -> None:
    if has("apt-get"):
        advice = f"sudo apt-get install --no-install-recommends {' '.join(names)}"
    else:
        advice = f"install {', '.join(names)} with your system's package manager"
    text = f"{', '.join(names)} is missing ({why}). Please type:\n\n    {advice}\n"
    if required:
        raise SetupError(text)
    say(f"Note: {text}")


def _has_library(name: str) -> bool:
    return ctypes.util.find_library(name) is not None or any(
        Path(folder, f"lib{name}.dylib").exists() for folder in ("/opt/homebrew/lib", "/usr/local/lib")
    )


def _has_chinese_font() -> bool:
    return any(next(Path(folder).rglob(pattern), None) for folder in FONT_FOLDERS for pattern in CHINESE_FONTS)


def _is_linux() -> bool:
    return platform.system() == "Linux"
