"""Learning what tills will scan next: where several ask at once for what a process does not know, many more will.

A process walks once through the products of a store by their number, some with every group of unknown scans, never so
many that tills would feel it; an idle shop reads nothing ahead. When everything was forgotten, or grows old, it begins
anew.
"""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from flask import Flask
from sqlalchemy.orm import Session

from app.services import checkout_pricing
from app.views.api.known_products import KNOWN, OLD, KnownProducts, Mark

AHEAD: Final = "aisle_read_ahead"
EACH: Final = 20
"""Products for each scan that waits with another."""
MOST: Final = 200
A_SECOND: Final = 2_000
"""Products of about 0.04 ms of processor time each."""


class _Walk(NamedTuple):
    times_forgotten: int
    begun: float
    after: int | None
    """The last product that was read; None: all were."""

    def is_over(self, mark: Mark, lasts_s: float) -> bool:
        """Whether what it has read is forgotten by now, or grows old."""
        return self.times_forgotten != mark.times_forgotten or mark.asked >= self.begun + lasts_s


class ReadAhead:
    """Fills what a process knows of products; for one thread at a time, which works for the counter."""

    def __init__(self, known: KnownProducts, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._known = known
        self._keep_s = keep_s
        self._clock = clock
        self._walks: dict[int, _Walk] = {}
        self._rests_until = float("-inf")

    def go_on(self, session: Session, store_id: int, *, companions: int) -> None:
        """Learn further products of the store, the more the more scans wait together; for one alone nothing.

        What was read ahead and grows old is read again for one alone as well, as many as there may be.
        """
        walk = self._walks.get(store_id)
        count = MOST if walk and self._known.is_renewing else min(companions * EACH, MOST)
        if not count or self._clock() < self._rests_until:
            return
        session.rollback()  # SQLite would go on reading what it has begun with, older than the mark
        if (mark := self._known.mark()) is None:
            return
        if walk is None or walk.is_over(mark, self._keep_s * OLD):
            walk = _Walk(mark.times_forgotten, mark.asked, 0)
        if walk.after is not None:
            scans, last = checkout_pricing.scans_after(session, store_id, walk.after, count)
            self._known.learn(store_id, scans, mark)
            self._walks[store_id] = walk._replace(after=last)
            self._rests_until = self._clock() + count / A_SECOND


def init_app(app: Flask) -> None:
    """Read ahead for what this application knows."""
    app.extensions[AHEAD] = ReadAhead(app.extensions[KNOWN], app.config["SETTINGS"].product_cache_s)
