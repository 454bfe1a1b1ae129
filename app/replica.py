"""The replica: questions that may be a little old, and when it must not be asked.

How old its rows are is told by the newest sign of life that replication has brought (`heartbeats`): it needs no
rights, works on every database, and a replica that beat's row does not reach counts as old. That is an upper
limit: the row itself is written every 30 s.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Engine, create_engine, func, literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.database import engine_options
from app.models.reports import Heartbeat
from app.observability import REPLICA_LAG, REPLICA_MISSES

KEEP_S: Final = 1.0
QUIET_S: Final = 5.0
PATIENCE_S: Final = 0.25
"""What the question for its age may take: more, and it is of no use to somebody who waits."""
ANSWER_S: Final = 3
MOST: Final = 4
"""Questions under way from one process: a silent replica holds that many threads, and no till's."""
RECYCLE_S: Final = 25
"""The server closes what is idle for 30 s (`PATIENCE` of the web): these connections are not pinged."""
WRITABLE: Final = frozenset({0, "0", "OFF"})
log = structlog.get_logger(__name__)


class Replica:
    """One replica, asked for its age once a second and left alone for `QUIET_S` after a failure."""

    def __init__(self, url: str, max_lag_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.engine: Engine = _engine(url, answer_s=ANSWER_S, size=MOST)
        self._scout = _engine(url, answer_s=PATIENCE_S, size=1)
        self._max_lag = timedelta(seconds=max_lag_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen_at: datetime | None = None
        self._is_writable = False
        self._is_down = False
        self._ask_after = float("-inf")

    def as_of(self) -> datetime | None:
        """The time its rows are certain to reach, or None: ask the primary."""
        if self._clock() >= self._ask_after:
            self._look()
        if (reason := self._reason_against()) is None:
            return self._seen_at
        REPLICA_MISSES.labels(reason).inc()
        return None

    def failed(self, error: Exception) -> None:
        """A question got no answer: a dead replica costs one time-out, not one a request."""
        REPLICA_MISSES.labels("error").inc()
        self._leave(error)

    def dispose(self) -> None:
        """Close the connections nobody uses now."""
        self.engine.dispose()
        self._scout.dispose()

    def _leave(self, error: Exception) -> None:
        self._is_down, self._ask_after = True, self._clock() + QUIET_S
        # One failed: the other connections are no better.
        self.dispose()
        log.warning("replica_failed", reason=str(error)[:200])

    def _reason_against(self) -> str | None:
        if self._is_down:
            return "down"
        if self._is_writable:
            return "writable"
        if self._seen_at is None or utc_now() - self._seen_at > self._max_lag:
            return "lag"
        pool: Any = self.engine.pool
        return "busy" if pool.checkedout() >= MOST else None

    def _look(self) -> None:
        # Others wait for the answer, unless they know already that there may be none.
        if not self._lock.acquire(timeout=0 if self._is_down else 2 * PATIENCE_S):
            return
        try:
            if self._clock() >= self._ask_after:
                self._seen_at, self._is_writable = self._ask()
                self._is_down, self._ask_after = False, self._clock() + KEEP_S
        except DBAPIError as error:
            self._leave(error)
        finally:
            self._lock.release()
        if self._seen_at is not None:
            REPLICA_LAG.set((utc_now() - self._seen_at).total_seconds())

    def _ask(self) -> tuple[datetime | None, bool]:
        # What may be written to was promoted: it no longer follows, or it is the primary.
        guarded: Any = literal_column("@@global.read_only")
        # In a query of its own: beside an aggregate MariaDB 10.11 says 0 for every system variable.
        newest = select(func.max(Heartbeat.seen_at)).scalar_subquery()
        with Session(self._scout) as session:
            seen_at, is_guarded = session.execute(select(newest, guarded)).one()
        return seen_at, is_guarded in WRITABLE


def _engine(url: str, *, answer_s: float, size: int) -> Engine:
    options = engine_options(url)
    if not url.startswith("sqlite"):
        options["connect_args"] |= {"connect_timeout": PATIENCE_S, "read_timeout": answer_s}
        options |= {"pool_size": size, "max_overflow": 12, "pool_timeout": PATIENCE_S}
        options |= {"pool_pre_ping": False, "pool_recycle": RECYCLE_S}
    return create_engine(url, **options)
