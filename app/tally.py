"""The folder in which the processes of one host count for Prometheus, kept small: the files of the dead become one.

A living process holds a lock on its file of counters. Whoever starts adds up the files that nobody holds. If they were
deleted, every sum would go down: Prometheus takes that for a start at nothing and what is left for a rise in a minute.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

DEAD: Final = "dead"
"""The writer of what others have counted before they ended."""
SUMMED: Final = ("counter", "histogram")
_held: list[int] = []


@contextmanager
def steady(folder: Path, *, changing: bool) -> Iterator[None]:
    """Nobody adds up meanwhile; with `changing` nobody reads or starts either."""
    with (folder / "tally.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if changing else fcntl.LOCK_SH)
        yield


def hold(folder: Path, writer: str) -> None:
    """Say, until this process ends, that the files of `writer` are those of a living one. Nobody may read meanwhile."""
    path = _counters(folder, writer)
    if not path.exists() or path.stat().st_size == 0:  # an empty file is none that others could read
        MmapedDict(str(path)).close()  # type: ignore[no-untyped-call]
    number = os.open(path, os.O_RDWR)
    fcntl.flock(number, fcntl.LOCK_SH)
    _held.append(number)


def add_up_the_dead(folder: Path) -> None:
    """Move what processes that have ended did count into the files of `DEAD`. Nobody may read meanwhile.

    Who is killed in this very moment leaves counts twice.
    """
    for path in folder.glob("counter_*.db"):
        writer = path.stem.partition("_")[2]
        if writer != DEAD and _is_dead(path):
            for kind in SUMMED:
                _add(folder, kind, writer)
            for left in (*folder.glob(f"gauge_*_{writer}.db"), *(folder / f"{kind}_{writer}.db" for kind in SUMMED)):
                left.unlink(missing_ok=True)


class SteadyCollector(MultiProcessCollector):
    """Reads no folder that is being added up."""

    def __init__(self, registry: Any, folder: Path) -> None:
        self._folder = folder
        super().__init__(registry, str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> Any:
        """All metrics of all processes, alive and dead."""
        with steady(self._folder, changing=False):
            return super().collect()  # type: ignore[no-untyped-call]


def _counters(folder: Path, writer: str) -> Path:
    return folder / f"counter_{writer}.db"


def _is_dead(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _add(folder: Path, kind: str, writer: str) -> None:
    # A file that its process could not finish is worth nothing, and would keep everybody from reading the others.
    with suppress(FileNotFoundError, RuntimeError, struct.error):
        path = str(folder / f"{kind}_{writer}.db")
        counted = list(MmapedDict.read_all_values_from_file(path))  # type: ignore[no-untyped-call]
        total: Any = MmapedDict(str(folder / f"{kind}_{DEAD}.db"))  # type: ignore[no-untyped-call]
        with closing(total):
            for key, value, _, _ in counted:
                total.write_value(key, total.read_value(key)[0] + value, 0.0)
