"""Which of the machine's Pythons runs Aisle: the fastest that is new enough.

Pythons of one version differ by as much as two versions do: one compiled with profile-guided optimisation, as
distributions have it, needs three quarters of the time of one compiled without, as version managers do by default.
"""

import math
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.commands import output_of
from scripts.paths import say

OLDEST, TOO_NEW = (3, 11), (3, 15)
NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
CLEARLY_FASTER = 1.15
"""Less than that may be chance, and the Python that make was started with is the one its owner expects."""
PROBE = Path(__file__).with_name("python_speed.py")


def is_supported(version: tuple[int, ...]) -> bool:
    """Whether Aisle runs on this major and minor version."""
    return OLDEST <= version < TOO_NEW


def chosen() -> str:
    """The path of the Python to make the environment with: the one named by PYTHON, else the fastest."""
    if os.environ.get("PYTHON"):
        return sys.executable
    own = os.path.realpath(sys.executable)
    seconds = _seconds([own, *_on_path()])
    fastest = min(seconds, key=seconds.__getitem__, default=own)
    if fastest == own or seconds.get(own, math.inf) < CLEARLY_FASTER * seconds[fastest]:
        return sys.executable
    say(f"Using {fastest}, the fastest Python here (`make PYTHON=...` names another)")
    return fastest


def _on_path() -> list[str]:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = [shutil.which(name, path=folder) for folder in folders if folder for name in NAMES]
    return [program for program in found if program]


def _seconds(programs: Iterable[str]) -> dict[str, float]:
    """How long each supported Python takes for the same work; one that lacks parts or does not start is left out."""
    found: dict[str, float] = {}
    for program in dict.fromkeys(map(os.path.realpath, programs)):
        said = output_of([program, "-I", PROBE]).splitlines()
        if len(said) == 3 and is_supported(tuple(map(int, said[1].split()))):
            found[said[0]] = float(said[2])
    return found
