"""Sending messages without ever holding up a till.

A message is a nudge; the tables are the queues. In the web role messages are handed to one background thread
per process, which joins what waits into one message and, after a failure, stays quiet for a while. What is
lost is picked up by the next run over the table. In workers messages are sent at once, with Celery's retries.
"""

import atexit
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar

import structlog

from app.observability import BREAKER_OPEN_UNTIL, PUBLISH_FAILURES

QUIET_S: Final = 5.0
MAX_IDS: Final = 100
LAST_WORD_S: Final = 1.0
INSIST_S: Final = 0.25
log = structlog.get_logger(__name__)
T = TypeVar("T")
Cause = dict[str, Any]
"""The ids of the request or task that changed something, as they stand in its log lines."""


class Breaker:
    """Open for `quiet_s` after a failure, so that a dead broker costs one time-out, not one a message."""

    def __init__(self, kind: str, *, quiet_s: float = QUIET_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._kind = kind
        self._quiet_s = quiet_s
        self._clock = clock
        self._open_until = float("-inf")
        self._has_failed = False

    @property
    def is_open(self) -> bool:
        """Whether messages are dropped now."""
        return self._clock() < self._open_until

    def call(self, send: Callable[[], object]) -> bool:
        """Send unless open; True when it left."""
        if self.is_open:
            return False
        try:
            send()
        except Exception as error:
            PUBLISH_FAILURES.labels(self._kind).inc()
            BREAKER_OPEN_UNTIL.labels(self._kind).set(time.time() + self._quiet_s)
            self._open_until = self._clock() + self._quiet_s
            if not self._has_failed:  # said once an outage; the counter has them all
                log.warning("publish_failed", kind=self._kind, reason=str(error)[:200])
            self._has_failed = True
            return False
        self._has_failed = False
        return True


class Nudger(Generic[T]):
    """Joins ids (or facts) that arrive together into one message, sent from a daemon thread.

    `window_s` is how long the first one waits for more, `rest_s` the least time between two messages (an idle shop
    never waits for it, a busy one gathers more meanwhile), `most` how many go into one message. One that `insists`
    tries again until a message has left; others leave what was lost to whoever reads the tables.
    """

    def __init__(
        self,
        send: Callable[[list[T]], None],
        breaker: Breaker,
        *,
        window_s: float = 0,
        rest_s: float = 0,
        most: int = MAX_IDS,
        insists: bool = False,
    ) -> None:
        self._send = send
        self._window_s = window_s
        self._rest_s = rest_s
        self._most = most
        self._insists = insists
        self._breaker = breaker
        self._ids: queue.SimpleQueue[tuple[T, Cause]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._is_sending = False

    def nudge(self, ids: Iterable[T]) -> None:
        """Hand `ids` over; returns at once."""
        cause = structlog.contextvars.get_contextvars()
        for one in ids:
            self._ids.put((one, cause))
        self._ensure_thread()

    def _ensure_thread(self) -> None:
        # After a fork the thread is gone but this object is not.
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                threading.Thread(target=self._run, name="nudger", daemon=True).start()
                self._pid = os.getpid()
                atexit.register(self._finish)

    def _finish(self) -> None:
        # A command ends as soon as its work is done: what it changed must still leave, but not for long.
        deadline = time.monotonic() + LAST_WORD_S
        while (self._is_sending or not self._ids.empty()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self) -> None:
        rested = 0.0
        while True:
            first, cause = self._ids.get()
            self._is_sending = True
            pause = max(self._window_s, rested - time.monotonic())
            if pause > 0:
                time.sleep(pause)
            rested = time.monotonic() + self._rest_s
            ids = [first, *self._drain()]
            # One message has one cause: the request that waited longest.
            with structlog.contextvars.bound_contextvars(**cause):
                has_left = self._breaker.call(lambda ids=ids: self._send(ids))  # type: ignore[misc]
            if self._insists and not has_left:
                time.sleep(INSIST_S)
                self._ids.put((first, cause))
            self._is_sending = False

    def _drain(self) -> list[T]:
        found: list[T] = []
        while len(found) < self._most - 1:
            try:
                found.append(self._ids.get_nowait()[0])
            except queue.Empty:
                break
        return found
