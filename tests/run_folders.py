"""Folders of a run in the temporary folder: gone with the run or, when it was killed, as the next one begins."""

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO, Final

ALIVE: Final = "alive"
"""A file that the run has locked for as long as it lives: the system unlocks it however the run ends."""
_locks: dict[Path, IO[str]] = {}


def make(prefix: str) -> Path:
    """A new folder; what dead runs left under the same prefix goes."""
    sweep(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    lock = (folder / ALIVE).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    _locks[folder] = lock
    return folder


def remove(folder: Path) -> None:
    """Remove the folder at the end of its run."""
    shutil.rmtree(folder, ignore_errors=True)
    if lock := _locks.pop(folder, None):
        lock.close()


def sweep(prefix: str) -> None:
    """Remove the folders whose runs are dead; what has no lock belongs to somebody else."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*/{ALIVE}"):
        try:
            with path.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.parent, ignore_errors=True)
        except OSError:
            continue  # it lives, or went in this moment, or is not ours to touch
