"""Who was asked for a moment ago: a till's requests follow each other too fast to ask the database every time.

A login that ends or changes is forgotten at once in the process that did it and after a second in all others.
"""

import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from app.domain.events import StaffChanged
from app.observability import cache_asked

KEEP_S: Final = 1.0
RENEWED_AFTER: Final = 0.75
"""Of its time; the first who then asks renews it, and meanwhile nobody else need ask for the same."""
MOST: Final = 5000
Proof = str | tuple[str, str]
"""What a request shows: a token, or the session id and uniquifier of a cookie whose signature holds."""
T = TypeVar("T")


class RecentLogins(Generic[T]):
    """Whoever stands behind a proof, for `keep_s` seconds. Refusals are not kept."""

    def __init__(self, keep_s: float = KEEP_S, clock: Callable[[], float] = time.time) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._known: dict[Proof, tuple[float, T]] = {}
        self._renewing: set[Proof] = set()
        self._forgotten = 0
        self._hits = 0

    def get(self, proof: Proof, load: Callable[[], T | None]) -> T | None:
        """Who is behind `proof`: from `load` when that is not known or too old."""
        now = self._clock()
        known = self._known.get(proof)
        # Between, not before: a clock that is set back must not keep anybody in.
        if known is not None and known[0] <= now < known[0] + self._keep_s:
            if now < known[0] + self._keep_s * RENEWED_AFTER or proof in self._renewing:
                self._hits += 1
                return known[1]
            self._renewing.add(proof)
            try:
                return self._ask(proof, load, now)
            finally:
                self._renewing.discard(proof)
        return self._ask(proof, load, now)

    def _ask(self, proof: Proof, load: Callable[[], T | None], now: float) -> T | None:
        self._note_miss()
        forgotten = self._forgotten
        loaded = load()
        if loaded is None:
            self._known.pop(proof, None)
            return None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[proof] = (now, loaded)
        if forgotten != self._forgotten:  # somebody logged out while we asked: ask again next time
            self._known.pop(proof, None)
        return loaded

    def _note_miss(self) -> None:
        # Hits are counted with the next miss: a counter of its own would cost each of them more than the look.
        hits, self._hits = self._hits, 0
        cache_asked("logins", hits=hits, misses=1)

    def forget(self) -> None:
        """Ask the database again for everybody."""
        self._forgotten += 1
        self._known.clear()


recent_logins: Final[RecentLogins[Any]] = RecentLogins()


def on_staff_changed(_fact: StaffChanged) -> None:
    """Somebody's login, roles or password changed in this process."""
    recent_logins.forget()
