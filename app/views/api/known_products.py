"""What this process remembers of scanned products: a till's look-up without a question to the database.

A stock level that changed is known in the instant of its commit in the process that made it, and as soon as Redis has
told them, within a second, in all others (`live.news`); a change of the catalogue makes everybody forget everything.
What is remembered is asked again after `keep_s` in any case, and of what grows old something is renewed now and then
before, so that it does not all become unknown at once. While nobody vouches for it, because Redis is away or
does not answer in time, the database is asked: slower, never wrong. No sale believes an answer from here: it prices
and decides by the database.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import Busy
from app.domain.events import LevelNow, LevelsChanged, MasterDataChanged, ProductChanged
from app.live.news import ANYTHING, Listener, News
from app.observability import cache_asked
from app.services.checkout_pricing import Scan

KNOWN: Final = "aisle_known_products"
AWAY: Final = (OperationalError, InterfaceError, PoolTimeout)
"""The database does not answer."""
MOST: Final = 120_000
"""Scans of about 1.2 KB each."""
MOST_LEVELS: Final = 200_000
NEVER_ASKED: Final = -1
OLD: Final = 2 / 3
"""Of the time for which something is remembered."""
RENEWED_EVERY_S: Final = 0.1
RENEWING_S: Final = 1.0


class _Heard(NamedTuple):
    level: LevelNow
    at: float


class Mark(NamedTuple):
    """When something was asked, and how often everything had been forgotten by then."""

    times_forgotten: int
    asked: float


@dataclass(slots=True)
class _Known:
    """A scan as it was read, and its answer by the level last heard of: set together, since many threads do it.

    No answer: nobody has asked for it yet.
    """

    scan: Scan
    until: float
    shown: tuple[_Heard | None, str]


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
        self._levels: dict[tuple[int, int], _Heard] = {}
        self._times_forgotten = 0
        self._edition: int | None = NEVER_ASKED
        self._renews_from = float("-inf")
        self._renewing = threading.Lock()
        self._hits = 0
        self._pid: int | None = None
        self._listener: Listener | None = None

    def get(self, store_id: int, code: str, load: Callable[[], Scan]) -> str:
        """The answer for `code`, by `load` when it is not known; raises what `load` raises."""
        if not self._keep_s:
            return self._render(load())
        is_current = self._heard().is_current
        known = self._scans.get((store_id, code))
        now = self._clock()
        if known is None or not is_current or now >= known.until:
            return self._ask(store_id, code, load, is_current)
        if self._is_to_renew(known, now) and self._renewing.acquire(blocking=False):
            try:
                return self._ask(store_id, code, load, is_current)
            except (Busy, *AWAY):
                # What is known still holds, unless all was forgotten meanwhile or nobody vouches for it any more.
                if self._scans.get((store_id, code)) is not known or not self._heard().is_current:
                    raise
            finally:
                self._renewing.release()
        self._hits += 1
        return self._answer(store_id, known)

    def _ask(self, store_id: int, code: str, load: Callable[[], Scan], is_current: bool) -> str:
        self._note_miss()
        mark = Mark(self._times_forgotten, self._clock())
        scan = load()
        known = _Known(scan, self._clock() + self._keep_s, (None, self._render(scan)))
        if self._has_gone_back(store_id, scan, mark):
            self.hear(ANYTHING)
        if is_current:
            self._keep((store_id, code), known, mark)
        return self._answer(store_id, known)

    def mark(self) -> Mark | None:
        """To be taken before anything is read for `learn`; None: there is no room, or nobody to vouch for it."""
        if not self._keep_s or len(self._scans) >= MOST or not self._heard().is_current:
            return None
        return Mark(self._times_forgotten, self._clock())

    def learn(self, store_id: int, scans: Mapping[str, Scan], mark: Mark) -> None:
        """Remember what codes mean although nobody has asked, as read after `mark` was taken."""
        if any(self._has_gone_back(store_id, scan, mark) for scan in scans.values()):
            self.hear(ANYTHING)
        until = self._clock() + self._keep_s
        for code, scan in scans.items():
            before = self._scans.get((store_id, code))
            shown = before.shown if before is not None and before.scan == scan else (None, "")
            self._keep((store_id, code), _Known(scan, until, shown), mark)

    @property
    def is_renewing(self) -> bool:
        """Whether what is remembered grows old, and tills ask for it."""
        return self._clock() < self._renews_from + RENEWING_S

    def _is_to_renew(self, known: _Known, now: float) -> bool:
        """Whether this scan is asked for although it is known: then no other is for a moment."""
        if now < known.until - self._keep_s * (1 - OLD) or now < self._renews_from:
            return False
        self._renews_from = now + RENEWED_EVERY_S
        return True

    def hear(self, news: News) -> None:
        """Remember levels that are newer than the known ones, or forget everything."""
        store_id, now = news.store_id, self._clock()
        with self._lock:
            if self._listener is None:  # nobody looks anything up in a worker; whoever does later asks the database
                return
            if store_id is None or len(self._levels) >= MOST_LEVELS:
                self._times_forgotten += 1
                self._scans.clear()
                self._levels.clear()
                return
            for level in news.levels:
                known = self._levels.get((store_id, level.product_id))
                if known is None or known.level.revision < level.revision:
                    self._levels[store_id, level.product_id] = _Heard(level, now)

    def notice(self, edition: int | None) -> None:
        """Forget everything when the catalogue is another than last time: who changed it may have died untold."""
        before, self._edition = self._edition, edition
        if before not in (NEVER_ASKED, edition):
            self.hear(ANYTHING)

    def _has_gone_back(self, store_id: int, scan: Scan, mark: Mark) -> bool:
        # A restored backup, or a replica in place of a lost primary: the revisions that were lost come again.
        heard = self._levels.get((store_id, scan.article.product_id))
        return heard is not None and heard.at < mark.asked and heard.level.revision > scan.article.revision

    def _answer(self, store_id: int, known: _Known) -> str:
        article = known.scan.article
        heard = self._levels.get((store_id, article.product_id))
        shown_by, body = known.shown
        if body and (heard is None or heard is shown_by):
            return body
        if heard is not None and (level := heard.level).revision > article.revision:
            now = article._replace(on_hand=level.on_hand, reserved=level.reserved, revision=level.revision)
            body = self._render(replace(known.scan, article=now))
        elif not body:
            body = self._render(known.scan)
        known.shown = heard, body
        return body

    def _keep(self, key: tuple[int, str], known: _Known, mark: Mark) -> None:
        with self._lock:
            # Forgotten since we asked: what was read may be from before that change.
            if mark.times_forgotten != self._times_forgotten:
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
