"""The one subscription of the stream server, kept up for ever."""

import threading
import time
from typing import Any, Final

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.live import scans
from app.live.changes import Message, pattern
from app.live.hub import Hub

PATIENCE_S: Final = 5
EVERY_S: Final = 0.2
log = structlog.get_logger(__name__)


class Feed:
    """Brings messages to `hub` and lets it speak five times a second."""

    def __init__(self, hub: Hub, redis_url: str) -> None:
        self._hub = hub
        self._client = redis.Redis.from_url(
            redis_url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            health_check_interval=PATIENCE_S,
            # Whoever connects again unseen loses messages unseen.
            retry=Retry(NoBackoff(), 0),
        )

    def start(self) -> None:
        """Work in the background from now on."""
        for work in (self._listen, self._speak):
            threading.Thread(target=work, name=f"live{work.__name__}", daemon=True).start()

    def _speak(self) -> None:
        while True:
            time.sleep(EVERY_S)
            self._hub.flush()

    def _listen(self) -> None:
        while True:
            try:
                self._subscribe()
            except (redis.RedisError, OSError) as error:
                log.warning("live_feed_lost", reason=str(error)[:200])
            self._hub.lost()
            time.sleep(1)

    def _subscribe(self) -> None:
        with self._client.pubsub() as pubsub:  # type: ignore[no-untyped-call]
            pubsub.psubscribe(pattern(self._client), scans.pattern(self._client))
            while True:
                # The time-out lets the health check notice a Redis that is silent because it is frozen.
                self._handle(pubsub.get_message(timeout=1))

    def _handle(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        if message["type"] == "psubscribe":
            self._hub.begin()
        elif message["type"] == "pmessage":
            try:
                self._take(message["channel"], message["data"])
            except (ValueError, KeyError, TypeError):
                log.exception("live_message_not_understood")

    def _take(self, channel: bytes, data: bytes) -> None:
        if scans.is_scan(self._client, channel):
            scan = scans.TillScan.decode(channel, data)
            scans.answer(self._client, scan, self._hub.scan(scan))
        else:
            self._hub.take(Message.decode(channel, data))
