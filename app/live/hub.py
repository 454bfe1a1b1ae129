"""From the messages of Redis to the listeners of each store."""

import secrets
import threading
import time
from collections.abc import Iterable
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from app.live.changes import Message
from app.live.room import Listener, Room
from app.live.scans import TillScan
from app.observability import FAST, OWN

MOST_LISTENERS: Final = 5000
# There is one process of streams: what it said last is true.
STREAMS: Final = Gauge("aisle_live_streams", "Open event streams", multiprocess_mode="mostrecent", registry=OWN)
LIVE: Final = Gauge(
    "aisle_live_subscribed", "1 while the changes arrive from Redis", multiprocess_mode="mostrecent", registry=OWN
)
SEEN_AT: Final = Gauge(
    "aisle_live_seen_seconds", "When changes could last arrive (Unix)", multiprocess_mode="max", registry=OWN
)
DELAY: Final = Histogram(
    "aisle_live_delay_seconds", "From reading new figures after a commit to sending them to the pages of a store",
    buckets=FAST, registry=OWN,
)  # fmt: skip
DROPPED: Final = Counter(
    "aisle_live_dropped_total", "Event streams ended because their page was too slow", registry=OWN
)


class Hub:
    """All stores. Streams are open only while changes arrive: an open stream is a promise to be current."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rooms: dict[int, Room] = {}
        self._epoch = ""
        self._open = 0

    @property
    def is_live(self) -> bool:
        """Whether changes arrive."""
        return self._epoch != ""

    def begin(self) -> None:
        """Changes arrive from now on; nothing is known of the time before."""
        with self._lock:
            self._epoch = secrets.token_hex(4)
            self._end_all()
        LIVE.set(1)

    def lost(self) -> None:
        """Changes no longer arrive: every page goes back to asking."""
        with self._lock:
            self._epoch = ""
            self._end_all()
        LIVE.set(0)

    def join(self, store_id: int, last_event_id: str = "", *, till: str = "", seat: str = "") -> Listener | None:
        """Open a stream that goes on after `last_event_id`; None when there can be none now."""
        with self._lock:
            if not self.is_live or self._open >= MOST_LISTENERS:
                return None
            room = self._rooms.setdefault(store_id, Room(f"{self._epoch}-{store_id}"))
            listener = Listener(store_id, till=till, seat=seat)
            for frame in room.greeting(last_event_id):
                listener.offer(frame)
            room.listeners.add(listener)
            self._count(1)
            return listener

    def leave(self, listener: Listener) -> None:
        """A stream has ended; saying so twice is no error."""
        with self._lock:
            self._remove(listener)

    def take(self, message: Message) -> None:
        """Note a message for the next frame of its store."""
        if message.follows_gap:
            self.begin()
        with self._lock:
            for room in self._rooms_of(message):
                room.take(message)

    def scan(self, scan: TillScan) -> int:
        """Hand a scan to the page of its till; how many computers show that till.

        Nobody gets it when there are several: the goods lie before one of them.
        """
        with self._lock:
            room = self._rooms.get(scan.store_id)
            pages = room.at_till(scan.till) if room else []
            seats = len({page.seat for page in pages})
            if seats == 1:
                for page in pages:
                    page.offer(scan.frame())
            return seats

    def flush(self) -> None:
        """Send one frame to every store where something changed."""
        with self._lock:
            if self.is_live:
                SEEN_AT.set(time.time())
            for room in self._rooms.values():
                _note_delay(room.oldest)
                for slow in room.flush():
                    DROPPED.inc()
                    self._remove(slow)
                    slow.drop()

    def _rooms_of(self, message: Message) -> Iterable[Room]:
        if message.store_id is None:
            return self._rooms.values()
        # Where nobody has ever listened nothing is kept.
        return [room] if (room := self._rooms.get(message.store_id)) else []

    def _end_all(self) -> None:
        for room in self._rooms.values():
            for listener in list(room.listeners):
                self._remove(listener)
                listener.drop()
        self._rooms.clear()

    def _remove(self, listener: Listener) -> None:
        room = self._rooms.get(listener.store_id)
        if room and listener in room.listeners:
            room.listeners.discard(listener)
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        STREAMS.set(self._open)


def _note_delay(ticket: int | None) -> None:
    # A ticket is the time of Redis; the clocks of two machines may differ a little.
    if ticket is not None:
        DELAY.observe(max(0.0, time.time() - ticket / 1_000_000))
