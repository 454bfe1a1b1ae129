"""What every process of a running shop weighs, and how many connections its database holds."""

import statistics
import subprocess
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pymysql

from tests.faults.harness import FaultyShop

Sample = Mapping[str, float]
EVERY_S = 10.0
CONNECTIONS = "database connections"
DATABASE = "mariadb, MB"
MAY_GROW = 1.10
MAY_GROW_MB = 12.0
MAY_GROW_CONNECTIONS = 5.0
CACHES_MB = 96.0
"""The buffer pool of the tests' database, which fills as the shop sells: its server may grow by that much."""


class Sampler:
    """Takes a sample every ten seconds during the block; one that meets a fault is left out."""

    def __init__(self, shop: FaultyShop, *, every_s: float = EVERY_S) -> None:
        self.samples: list[Sample] = []
        self._shop = shop
        self._every_s = every_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._is_over.wait(self._every_s):
            try:
                self.samples.append(take(self._shop))
            except (pymysql.MySQLError, OSError):
                continue


def take(shop: FaultyShop) -> Sample:
    """Megabytes per process group of the shop and its servers, and the connections."""
    weights = _weights()
    groups = {"web": shop.web_group, "beat": shop.beat.group, **{k: w.group for k, w in shop.workers.items()}}
    found = {f"{name}, MB": sum(mb for _, group, mb in weights if group == wanted) for name, wanted in groups.items()}
    for name, server in (("valkey, MB", shop.valkey), (DATABASE, shop.mariadb)):
        found[name] = sum(mb for pid, _, mb in weights if pid == server.pid)
    return found | {CONNECTIONS: _status(shop, "Threads_connected") - 1}


def thirds(samples: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """The median of each figure in the first and in the last third: a process that starts anew weighs little."""
    size = max(1, len(samples) // 3)
    names = sorted({name for sample in samples for name in sample})
    return {name: (_median(samples[:size], name), _median(samples[-size:], name)) for name in names}


def is_flat(name: str, pair: tuple[float, float]) -> bool:
    """Whether a figure has not grown beyond what measuring blurs."""
    first, last = pair
    if name == CONNECTIONS:
        return last - first <= MAY_GROW_CONNECTIONS
    if name == DATABASE:
        return last - first <= CACHES_MB
    return last <= max(first * MAY_GROW, first + MAY_GROW_MB)


def _median(samples: Sequence[Sample], name: str) -> float:
    return statistics.median([sample[name] for sample in samples if name in sample] or [0.0])


def _weights() -> list[tuple[int, int, float]]:
    """Process, group and resident megabytes of everything that runs."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return [(int(pid), int(group), int(kilobytes) / 1024) for pid, group, kilobytes in rows]


def _status(shop: FaultyShop, name: str) -> float:
    with (
        pymysql.connect(
            host="127.0.0.1", port=shop.mariadb.port, user="aisle", password="aisle", connect_timeout=1, read_timeout=2
        ) as admin,
        admin.cursor() as cursor,
    ):
        cursor.execute("SHOW GLOBAL STATUS LIKE %s", [name])
        row = cursor.fetchone()
    assert row is not None
    return float(row[1])
