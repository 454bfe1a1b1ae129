"""Who was asked for a moment ago: a till's requests follow each other too fast to ask the database every time.

A login that ends or changes is forgotten at once in the process that did it and after a second in all others.
"""

import time
from collections.abc import Callable
from typing import Final

from app.domain.events import StaffChanged
from app.queries.staff import StaffRow

KEEP_S: Final = 1.0
MOST: Final = 5000
Key = tuple[str, str]


class RecentLogins:
    """Rows of logged-in staff by session id and uniquifier, for `keep_s` seconds. Refusals are not kept."""

    def __init__(self, keep_s: float = KEEP_S, clock: Callable[[], float] = time.time) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._rows: dict[Key, tuple[float, StaffRow]] = {}

    def get(self, key: Key, load: Callable[[], StaffRow | None]) -> StaffRow | None:
        """The row of `key`, from `load` when it is not known or too old."""
        now = self._clock()
        known = self._rows.get(key)
        # Between, not before: a clock that is set back must not keep anybody in.
        if known is not None and known[0] <= now < known[0] + self._keep_s:
            return known[1]
        row = load()
        if row is None:
            self._rows.pop(key, None)
            return None
        if len(self._rows) >= MOST:
            self._rows.clear()
        self._rows[key] = (now, row)
        return row

    def forget(self) -> None:
        """Ask the database again for everybody."""
        self._rows.clear()


recent_logins: Final = RecentLogins()


def on_staff_changed(_fact: StaffChanged) -> None:
    """Somebody's login, roles or password changed in this process."""
    recent_logins.forget()
