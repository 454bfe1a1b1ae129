"""What the shop tells the process of event streams over Redis: new figures of products, numbered by a ticket."""

import json
from dataclasses import dataclass
from typing import Any, Final

import redis

EVERY_STORE: Final = "all"


@dataclass(frozen=True, slots=True)
class Change:
    """The figures of a product now; `available` None: only the price is spoken of."""

    product_id: int
    available: int | None
    price: int


@dataclass(frozen=True, slots=True)
class Message:
    """Changes in one store, or in every store (None).

    `ticket` was drawn before the figures were read: of two messages the higher ticket is right, whichever comes
    last. `follows_gap` says that messages before this one were lost.
    """

    store_id: int | None
    ticket: int
    changes: tuple[Change, ...]
    follows_gap: bool = False

    def encode(self) -> str:
        """The message as text for Redis."""
        rows = [[one.product_id, one.available, one.price] for one in self.changes]
        return json.dumps({"ticket": self.ticket, "gap": self.follows_gap, "changes": rows}, separators=(",", ":"))

    @classmethod
    def decode(cls, channel: bytes, text: bytes) -> "Message":
        """The message that came on `channel`; ValueError, KeyError or TypeError when it is none of ours."""
        store = channel.decode().rpartition(":")[2]
        body: dict[str, Any] = json.loads(text)
        changes = tuple(Change(*row) for row in body["changes"])
        return cls(None if store == EVERY_STORE else int(store), int(body["ticket"]), changes, bool(body["gap"]))


def channel(client: "redis.Redis", store_id: int | None) -> str:
    """Where changes of a store are published."""
    return f"{prefix(client, 'live')}{EVERY_STORE if store_id is None else store_id}"


def pattern(client: "redis.Redis") -> str:
    """What to subscribe to for every store."""
    return f"{prefix(client, 'live')}*"


def prefix(client: "redis.Redis", kind: str) -> str:
    """How the channels of a kind begin: Redis keeps its numbered databases apart, but not their channels."""
    return f"aisle:{client.connection_pool.connection_kwargs.get('db', 0)}:{kind}:"
