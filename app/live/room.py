"""One store's streams: what is known of its products, the last frames, and who listens."""

import json
import queue
from collections import deque
from dataclasses import dataclass
from typing import Final

from app.live.changes import Change, Message

RING: Final = 64
QUEUE: Final = 2 * RING
MOST_IN_A_FRAME: Final = 2000
MOST_KNOWN: Final = 100_000
OLDEST_TICKET: Final = 10_000_000
"""Microseconds. A message is never this late: the clock of Redis was set back."""


class Listener:
    """One open stream. What is not fetched in time ends it: a slow page must not cost the others memory."""

    def __init__(self, store_id: int, size: int = QUEUE, *, till: str = "", seat: str = "") -> None:
        self.store_id = store_id
        self.till = till
        self.seat = seat
        self.is_dropped = False
        self._frames: queue.Queue[bytes] = queue.Queue(size)

    def offer(self, frame: bytes) -> bool:
        """Queue a frame; False when the queue is full."""
        try:
            self._frames.put_nowait(frame)
        except queue.Full:
            return False
        return True

    def next(self, patience_s: float) -> bytes | None:
        """The next frame, or None when none came in time."""
        try:
            return self._frames.get(timeout=patience_s)
        except queue.Empty:
            return None

    def drop(self) -> None:
        """Forget what waits; the stream ends with the next look at it."""
        self.is_dropped = True
        while self.next(0) is not None:
            pass
        self.offer(b"")


@dataclass(slots=True)
class Figures:
    """The newest figures of a product, each with the ticket it came with."""

    available: int | None = None
    available_at: int = 0
    price: int | None = None
    price_at: int = 0

    def take(self, change: Change, ticket: int) -> bool:
        """Adopt what is newer; whether anything a page shows is different now."""
        before = (self.available, self.price)
        if change.available is not None and _is_newer(ticket, self.available_at):
            self.available, self.available_at = change.available, ticket
        if _is_newer(ticket, self.price_at):
            self.price, self.price_at = change.price, ticket
        return before != (self.available, self.price)


def _is_newer(ticket: int, known: int) -> bool:
    return ticket >= known or known - ticket > OLDEST_TICKET


class Room:
    """One store. `name` stands in the ids of its events, so that ids of another life are recognised."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._number = 0
        self._figures: dict[int, Figures] = {}
        self._changed: set[int] = set()
        self._oldest: int | None = None
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self.listeners: set[Listener] = set()

    def take(self, message: Message) -> None:
        """Note what changed; it leaves with the next frame."""
        if len(self._figures) > MOST_KNOWN:
            self._figures.clear()
        for change in message.changes:
            figures = self._figures.setdefault(change.product_id, Figures())
            if figures.take(change, message.ticket):
                self._changed.add(change.product_id)
                self._oldest = min(self._oldest or message.ticket, message.ticket)

    def greeting(self, last_event_id: str) -> list[bytes]:
        """What a listener missed since `last_event_id`; when that is not known, the order to ask for everything."""
        name, _, number = last_event_id.rpartition("-")
        if name == self._name and number.isdecimal():
            missed = self._number - int(number)
            if 0 <= missed <= len(self._ring):
                return [frame for at, frame in self._ring if at > int(number)]
        return [self._frame("resync", "{}")]

    def at_till(self, till: str) -> list[Listener]:
        """The streams of the pages that are this till."""
        return [listener for listener in self.listeners if listener.till == till]

    @property
    def oldest(self) -> int | None:
        """The lowest ticket of what the next frame tells; None when there is nobody to tell, or nothing."""
        return self._oldest if self.listeners else None

    def flush(self) -> list[Listener]:
        """Send what changed as one frame to everybody; those who were too slow for it."""
        if not self._changed:
            return []
        self._number += 1
        frame = self._changes_frame()
        self._changed.clear()
        self._oldest = None
        self._ring.append((self._number, frame))
        return [listener for listener in self.listeners if not listener.offer(frame)]

    def _changes_frame(self) -> bytes:
        if len(self._changed) > MOST_IN_A_FRAME:
            # After an import each page asks for the few products it shows.
            return self._frame("resync", "{}")
        rows = [[key, self._figures[key].available, self._figures[key].price] for key in sorted(self._changed)]
        return self._frame("stock", json.dumps(rows, separators=(",", ":")))

    def _frame(self, event: str, data: str) -> bytes:
        return f"id: {self._name}-{self._number}\nevent: {event}\ndata: {data}\n\n".encode()
