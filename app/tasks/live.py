"""Telling open pages of new stock and prices: read once after the commit, published from a background thread.

A till never waits for it. When Redis is away nothing is published (counted), and the next message that gets
through says that some were lost.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session

from app.domain.events import ProductChanged, StockChanged
from app.extensions import AppTask
from app.live.changes import Change, Message, channel
from app.queries import catalog
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only

WINDOW_S: Final = 0.4
MOST: Final = 100
"""Facts worked on together."""
MOST_PRODUCTS: Final = 2000
"""In a message: pages need not take a whole price list at once."""
PATIENCE_S: Final = 0.25
Changed = tuple[int | None, tuple[int, ...]]
"""A store, or None for every store, and products."""


class Connection:
    """The way to Redis for messages that must not wait: short time-outs, no second try, one for each process."""

    def __init__(self) -> None:
        self._connected: tuple[str, int, redis.Redis] | None = None

    def to(self, url: str) -> "redis.Redis":
        """A client for `url`."""
        if self._connected is None or self._connected[:2] != (url, os.getpid()):
            client = redis.Redis.from_url(
                url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, retry=Retry(NoBackoff(), 0)
            )
            self._connected = (url, os.getpid(), client)
        return self._connected[2]


class LivePublisher:
    """Publishes the present figures of products; remembers when something could not be published."""

    def __init__(self) -> None:
        self._missed = False
        self._connection = Connection()

    def send(self, changed: Iterable[Changed]) -> None:
        """Read and publish; raises what the database or Redis raise."""
        app = AppTask.flask_app
        if app is None:
            return
        try:
            with app.app_context():
                self._publish(self._connection.to(app.config["SETTINGS"].redis_url), changed)
        except Exception:
            self._missed = True
            raise

    def _publish(self, client: "redis.Redis", changed: Iterable[Changed]) -> None:
        ticket = _ticket(client)
        with client.pipeline(transaction=False) as pipe:
            for store_id, changes in _figures(changed):
                message = Message(store_id, ticket, changes, follows_gap=self._missed)
                pipe.publish(channel(client, store_id), message.encode())
                self._missed = False
            pipe.execute()


def _ticket(client: "redis.Redis") -> int:
    """The time of Redis in microseconds: one clock for all processes, read before the figures are."""
    seconds, micros = client.time()
    return int(seconds) * 1_000_000 + int(micros)


def _figures(changed: Iterable[Changed]) -> Iterator[tuple[int | None, tuple[Change, ...]]]:
    by_store: dict[int | None, set[int]] = defaultdict(set)
    for store_id, product_ids in changed:
        by_store[store_id].update(product_ids)
    with read_only() as session:
        for store_id, products in by_store.items():
            for wanted in _pieces(sorted(products)):
                yield store_id, _changes(session, store_id, wanted)


def _pieces(product_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (product_ids[start : start + MOST_PRODUCTS] for start in range(0, len(product_ids), MOST_PRODUCTS))


def _changes(session: Session, store_id: int | None, product_ids: Sequence[int]) -> tuple[Change, ...]:
    if store_id is None:
        prices = catalog.prices(session, product_ids)
        return tuple(Change(product_id, None, price) for product_id, price in prices.items())
    rows = catalog.availability(session, store_id, product_ids)
    return tuple(Change(row.product_id, row.available, row.price) for row in rows)


breaker = Breaker("live")
publisher = LivePublisher()
nudger: Nudger[Changed] = Nudger(publisher.send, breaker, window_s=WINDOW_S, most=MOST)


def on_stock_changed(fact: StockChanged) -> None:
    """Let the store's pages know soon; never waits and never fails."""
    nudger.nudge([(fact.store_id, fact.product_ids)])


def on_product_changed(fact: ProductChanged) -> None:
    """Let the pages of every store know the price soon; never waits and never fails."""
    nudger.nudge([(None, fact.product_ids)])
