"""What this process remembers of scanned products: a till's look-up without a question to the database.

A stock level that changed is known in the instant of its commit in the process that made it, and as soon as Redis has
told them, within a second, in all others (`live.news`); a change of the catalogue makes everybody forget everything.
What is remembered is asked again after `keep_s` in any case. While nobody vouches for it, because Redis is away or
does not answer in time, the database is asked: slower, never wrong. No sale believes an answer from here: it prices
and decides by the database.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from flask import Flask, current_app

from app.domain.events import LevelNow, LevelsChanged, MasterDataChanged, ProductChanged
from app.live.news import ANYTHING, Listener, News
from app.observability import cache_asked
from app.services.checkout_pricing import Scan

KNOWN: Final = "aisle_known_products"
MOST: Final = 20_000
"""Scans of about a kilobyte each."""
MOST_LEVELS: Final = 100_000


@dataclass(slots=True)
class _Known:
    scan: Scan
    until: float
    level: LevelNow | None
    body: str


class KnownProducts:
    """Scans by store and code, each answered with the newest level that was heard of. Refusals are not kept.

    Many who ask for the same unknown code at once do not storm the database: they meet at the `counter`.
    """

    def __init__(
        self,
        keep_s: float,
        render: Callable[[Scan], str],
        listener: Callable[[Callable[[News], None]], Listener],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keep_s = keep_s
        self._render = render
        self._make_listener = listener
        self._clock = clock
        self._lock = threading.Lock()
        self._scans: dict[tuple[int, str], _Known] = {}
        self._levels: dict[tuple[int, int], LevelNow] = {}
        self._times_forgotten = 0
        self._hits = 0
        self._pid: int | None = None
        self._listener: Listener | None = None

    def get(self, store_id: int, code: str, load: Callable[[], Scan]) -> str:
        """The answer for `code`, by `load` when it is not known; raises what `load` raises."""
        if not self._keep_s:
            return self._render(load())
        is_current = self._heard().is_current
        known = self._scans.get((store_id, code))
        if known is not None and is_current and self._clock() < known.until:
            self._hits += 1
            return self._answer(store_id, known)
        self._note_miss()
        times_forgotten = self._times_forgotten
        scan = load()
        known = _Known(scan, self._clock() + self._keep_s, None, self._render(scan))
        if is_current:
            self._keep((store_id, code), known, times_forgotten)
        return self._answer(store_id, known)

    def hear(self, news: News) -> None:
        """Remember levels that are newer than the known ones, or forget everything."""
        store_id = news.store_id
        with self._lock:
            if store_id is None or len(self._levels) >= MOST_LEVELS:
                self._times_forgotten += 1
                self._scans.clear()
                self._levels.clear()
                return
            for level in news.levels:
                known = self._levels.get((store_id, level.product_id))
                if known is None or known.revision < level.revision:
                    self._levels[store_id, level.product_id] = level

    def _answer(self, store_id: int, known: _Known) -> str:
        level = self._levels.get((store_id, known.scan.article.product_id))
        if level is not known.level and level is not None:
            article = known.scan.article
            if level.revision > article.revision:
                now = replace(article, on_hand=level.on_hand, reserved=level.reserved, revision=level.revision)
                known.scan = replace(known.scan, article=now)
                known.body = self._render(known.scan)
            known.level = level
        return known.body

    def _keep(self, key: tuple[int, str], known: _Known, times_forgotten: int) -> None:
        with self._lock:
            # Forgotten since we asked: what was read may be from before that change.
            if times_forgotten != self._times_forgotten:
                return
            if len(self._scans) >= MOST:
                del self._scans[next(iter(self._scans))]
            self._scans[key] = known

    def _note_miss(self) -> None:
        # Hits are counted with the next miss: a counter of its own would cost each of them more than the look.
        hits, self._hits = self._hits, 0
        cache_asked("products", hits=hits, misses=1)

    def _heard(self) -> Listener:
        # Not before the first scan: a server's threads do not survive the making of its worker processes.
        listener = self._listener
        if listener is not None and self._pid == os.getpid():
            return listener
        with self._lock:
            if self._listener is None or self._pid != os.getpid():
                self._listener = self._make_listener(self.hear)
                self._listener.start()
                self._pid = os.getpid()
            return self._listener


def init_app(app: Flask, render: Callable[[Scan], str]) -> None:
    """Give the application a memory of its own, since each application has its own database."""
    settings = app.config["SETTINGS"]
    app.extensions[KNOWN] = KnownProducts(
        settings.product_cache_s, render, lambda hear: Listener(settings.redis_url, hear)
    )


def answer(store_id: int, code: str, load: Callable[[], Scan]) -> str:
    """The answer for a scanned code, remembered or by `load`."""
    known: KnownProducts = current_app.extensions[KNOWN]
    return known.get(store_id, code, load)


def on_levels_changed(fact: LevelsChanged) -> None:
    """Stock changed in this process."""
    _hear(News(fact.store_id, fact.levels))


def on_catalog_changed(_fact: ProductChanged | MasterDataChanged) -> None:
    """Any answer may be another now: a code that meant one product may mean two."""
    _hear(ANYTHING)


def _hear(news: News) -> None:
    known: KnownProducts = current_app.extensions[KNOWN]
    known.hear(news)
