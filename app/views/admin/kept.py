"""Figures that take long are kept for a while, so that asking for them never takes more than a twentieth of the time.

In a shop of a few thousand products they are quick and therefore always those of now.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

QUICK_S: Final = 0.05
"""What takes no longer than this is asked for every time."""
TIMES: Final = 20
MOST_S: Final = 30.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """An answer, and until when it is good."""

    value: T
    until: float


class KeptFigures(Generic[T]):
    """Answers by key; while one thread asks anew, the others get what is there."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[Hashable, Kept[T]] = {}
        self._asking: set[Hashable] = set()

    def get(self, key: Hashable, ask: Callable[[], T]) -> Kept[T]:
        """What is kept under `key`, or what `ask` says now."""
        with self._lock:
            found = self._found.get(key)
            if found is not None and self._clock() < found.until + (MOST_S if key in self._asking else 0):
                return found
            self._asking.add(key)
        try:
            return self._ask(key, ask)
        finally:
            with self._lock:
                self._asking.discard(key)

    def _ask(self, key: Hashable, ask: Callable[[], T]) -> Kept[T]:
        begun = self._clock()
        value = ask()
        took = self._clock() - begun
        kept = Kept(value, self._clock() + min(took * TIMES, MOST_S))
        with self._lock:
            self._found.pop(key, None)
            if took > QUICK_S:
                self._found[key] = kept
        return kept
