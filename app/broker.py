"""What waits at the broker. Redis only: RabbitMQ shows its queues by itself."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

import redis
from kombu.transport import redis as kombu_redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.extensions import SENT_AT, celery

PATIENCE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of a queue that no worker has taken yet, and the age of the oldest."""

    queue: str
    messages: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Broker:
    """One look at all queues; `unacked` counts what workers have taken and not finished."""

    queues: tuple[Waiting, ...]
    unacked: int


class CalmQoS(kombu_redis.QoS):
    """Kombu's list of messages that were taken and not finished, which survives the end of its connection.

    Closing a connection that broke, Kombu would hand them back through it, fails over the client that is gone already,
    and the worker ends ("Unrecoverable error"). Redis gives them out again after the visibility timeout; a lost nudge
    is made good by the next run over its table.
    """

    def restore_unacked(self, client: Any = None) -> None:
        """Hand the messages back while there is a way."""
        if self.channel.connection.client is not None:
            super().restore_unacked(client)
        elif self._delivered:
            self._delivered.clear()


def outlive_redis() -> None:
    """Let the workers of this process go on when Redis dies under them."""
    kombu_redis.Channel.QoS = CalmQoS


def is_redis() -> bool:
    """Whether this installation's broker can be asked."""
    return str(celery.conf.broker_url).startswith(("redis", "unix"))


def look() -> Broker | None:
    """All queues of the shop, or None when Redis does not answer."""
    prefix = celery.conf.broker_transport_options.get("global_keyprefix", "")
    names = [queue.name for queue in celery.conf.task_queues]
    try:
        with _client() as client, client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.llen(prefix + name)
                pipe.lindex(prefix + name, -1)
            pipe.hlen(f"{prefix}unacked")
            *found, unacked = pipe.execute()
    except redis.RedisError:
        return None
    pairs = zip(names, found[::2], found[1::2], strict=True)
    return Broker(tuple(Waiting(name, length, _age(oldest)) for name, length, oldest in pairs), unacked)


def _client() -> "redis.Redis":
    return redis.Redis.from_url(
        celery.conf.broker_url,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )


def _age(message: bytes | None) -> float:
    if message is None:
        return 0.0
    headers: dict[str, Any] = json.loads(message).get("headers") or {}
    sent_at = headers.get(SENT_AT)
    return max(0.0, time.time() - sent_at) if isinstance(sent_at, int | float) else 0.0
