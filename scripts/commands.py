"""Run other programs for the set-up."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scripts.paths import SetupError

# A virtual environment or a package manager that calls make must not steer the tools we start.
FOREIGN_VARIABLES = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NODE_ENV")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without what would steer our tools, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    return kept | dict(extra or {})


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a command and raise SetupError with its name when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=clean_environment(env), stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SetupError(f"this command failed with status {done.returncode}: {' '.join(words)}")


def output_of(command: Sequence[str | Path]) -> str:
    """What a command prints, or nothing when it is missing or fails."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def has(program: str) -> bool:
    """Whether a program is on the PATH or where Debian keeps daemons."""
    return path_of(program) is not None


def path_of(program: str, *more: Path) -> str | None:
    """Where a program is: on the PATH, where Debian keeps daemons, or in one of `more` folders."""
    folders = (os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *map(str, more))
    return shutil.which(program, path=os.pathsep.join(folders))


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """One hash over the contents of files and some words."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def matches_stamp(stamp: Path, content: str) -> bool:
    """Whether a step was already done for this very input."""
    return stamp.is_file() and stamp.read_text() == content
