"""The replica: questions that may be a little old, and when it must not be asked.

How old its rows are is told by the newest sign of life that replication has brought (`heartbeats`): it needs no
rights, works on every database, and a replica that beat's row does not reach counts as old. That is an upper
limit: the row itself is written every 30 s.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.database import engine_options
from app.models.reports import Heartbeat
from app.observability import REPLICA_LAG, REPLICA_MISSES

KEEP_S: Final = 1.0
QUIET_S: Final = 5.0
PATIENCE_S: Final = 1
ANSWER_S: Final = 3
"""A replica that is connected but silent costs one of these; then the breaker is open."""
log = structlog.get_logger(__name__)


class Replica:
    """One replica, asked for its age once a second and left alone for `QUIET_S` after a failure."""

    def __init__(self, url: str, max_lag_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        options = engine_options(url)
        if not url.startswith("sqlite"):
            options["connect_args"] |= {"connect_timeout": PATIENCE_S, "read_timeout": ANSWER_S}
            options |= {"pool_size": 5, "max_overflow": 10, "pool_timeout": PATIENCE_S}
        self.engine: Engine = create_engine(url, **options)
        self._max_lag = timedelta(seconds=max_lag_s)
        self._clock = clock
        self._seen_at: datetime | None = None
        self._ask_after = float("-inf")
        self._closed_until = float("-inf")

    def as_of(self) -> datetime | None:
        """The time its rows are certain to reach, or None: ask the primary.

        Raises:
            DBAPIError, sqlalchemy.exc.TimeoutError: it does not answer; tell `failed`.
        """
        if self._clock() < self._closed_until:
            self._miss("down")
            return None
        if self._clock() >= self._ask_after:
            # First the time, then the question: the others go on with what is known meanwhile.
            self._ask_after = self._clock() + KEEP_S
            with Session(self.engine) as session:
                self._seen_at = session.scalar(select(func.max(Heartbeat.seen_at)))
        if self._seen_at is not None:
            lag = utc_now() - self._seen_at
            REPLICA_LAG.set(lag.total_seconds())
            if lag <= self._max_lag:
                return self._seen_at
        self._miss("lag")
        return None

    def failed(self, error: Exception) -> None:
        """Leave it alone for a while: a dead replica costs one time-out, not one a request."""
        self._closed_until = self._clock() + QUIET_S
        self._ask_after = float("-inf")
        self._miss("error")
        log.warning("replica_failed", reason=str(error)[:200])

    def _miss(self, reason: str) -> None:
        REPLICA_MISSES.labels(reason).inc()
