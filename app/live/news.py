"""News of stock and catalogue for every web process, over Redis, so that what it remembers of products is never old.

Redis promises neither that a message arrives nor that a silent connection lives. So a listener relies on what it has
heard only while Redis has answered it lately *on the same connection*: an answer there proves that everything said
before it has come. Messages may overtake each other: of two levels the one of the higher revision is newer.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.domain.events import LevelNow
from app.live.changes import prefix

ASK_EVERY_S: Final = 0.2
TRUST_S: Final = 1.0
"""How long an answer of Redis vouches for what is remembered: within this time a change is known to everybody."""
PATIENCE_S: Final = 1.0
SILENT_S: Final = 5.0
"""After this without a word a connection is given up."""
AGAIN_S: Final = 1.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Stock levels of a store as they are now; `store_id` None: anything may have changed, everywhere."""

    store_id: int | None
    levels: tuple[LevelNow, ...] = ()

    def encode(self) -> str:
        """The message as text for Redis."""
        return json.dumps([self.store_id, self.levels], separators=(",", ":"))

    @classmethod
    def decode(cls, text: bytes) -> "News":
        """The message behind a text; ValueError or TypeError when it is none of ours."""
        store_id, levels = json.loads(text)
        return cls(store_id, tuple(LevelNow(*row) for row in levels))


ANYTHING: Final = News(None)


def channel(client: "redis.Redis") -> str:
    """Where news are published."""
    return f"{prefix(client, 'news')}stock"


class Listener:
    """Hears news in a thread of its own, and knows how far they can be relied upon.

    `hear` is called with every message, and with `ANYTHING` whenever messages may have been missed.
    """

    def __init__(
        self, redis_url: str, hear: Callable[[News], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = redis.Redis.from_url(
            redis_url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            # Whoever connects again unseen loses messages unseen.
            retry=Retry(NoBackoff(), 0),
        )
        self._hear = hear
        self._clock = clock
        self._trusted_until = float("-inf")
        self._is_lost = False
        self._is_ended = threading.Event()

    @property
    def is_current(self) -> bool:
        """Whether every change older than a second is known."""
        return self._clock() < self._trusted_until

    def start(self) -> None:
        """Listen in the background from now on."""
        threading.Thread(target=self._listen, name="stock-news", daemon=True).start()

    def end(self) -> None:
        """Stop listening soon."""
        self._is_ended.set()

    def _listen(self) -> None:
        while not self._is_ended.is_set():
            try:
                self._subscribe()
            except (redis.RedisError, OSError) as error:
                if not self._is_lost:  # said once, not every second of an outage
                    log.warning("stock_news_lost", reason=str(error)[:200])
                self._is_lost = True
            except Exception:
                log.exception("stock_news_not_understood")
            self._trusted_until = float("-inf")
            self._is_ended.wait(AGAIN_S)

    def _subscribe(self) -> None:
        with self._client.pubsub() as pubsub:  # type: ignore[no-untyped-call]
            pubsub.subscribe(channel(self._client))
            asked, heard = float("-inf"), self._clock()
            while not self._is_ended.is_set():
                now = self._clock()
                if now >= asked + ASK_EVERY_S:
                    asked = now
                    pubsub.ping(repr(now))
                message = pubsub.get_message(timeout=ASK_EVERY_S)
                if message is not None:
                    heard = now
                    self._handle(message)
                elif now > heard + SILENT_S:
                    raise TimeoutError("Redis is silent")

    def _handle(self, message: dict[str, Any]) -> None:
        if message["type"] == "message":
            self._hear(News.decode(message["data"]))
        elif message["type"] == "subscribe":
            self._hear(ANYTHING)
        elif message["type"] == "pong":
            self._trusted_until = float(message["data"]) + TRUST_S
            self._is_lost = False
