"""News of stock over Redis: what is said after a commit, and how far a listener may be relied upon."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.events import LevelNow, LevelsChanged
from app.extensions import AppTask
from app.live.news import ANYTHING, Listener, News, channel
from app.models.stock import StockLevel
from app.services import checkout, stock
from app.tasks import news
from tests.factories import NOON, basket, make_product, make_shop
from tests.servers import Valkey, wait_until

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MILK, BREAD = LevelNow(7, 10_000, 0, 1), LevelNow(8, 5_000, 1_000, 3)


NEWER = MILK._replace(reserved=2_000, revision=3)


def told(store_id: int, level: LevelNow) -> LevelsChanged:
    return LevelsChanged(store_id, (level,))


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


class Ear:
    """A listener and what it has heard; its clock can be set ahead."""

    def __init__(self, url: str) -> None:
        self.heard: list[News] = []
        self.ahead_s = 0.0
        self.listener = Listener(url, self.heard.append, clock=lambda: time.monotonic() + self.ahead_s)
        self.listener.start()

    def is_current(self) -> bool:
        return self.listener.is_current


@pytest.fixture
def ear(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    # On a busy machine a Redis that is there may be silent for long.
    monkeypatch.setattr("app.live.news.SILENT_S", 120)
    monkeypatch.setattr("app.live.news.PATIENCE_S", 60)
    ear = Ear(f"{valkey.url}/0")
    wait_until(ear.is_current)
    yield ear
    ear.listener.end()


def publish(valkey: Valkey, one: News) -> None:
    with redis.Redis.from_url(f"{valkey.url}/0") as client:
        client.publish(channel(client), one.encode())


def test_what_is_said_is_heard_as_it_was_said(valkey: Valkey, ear: Ear) -> None:
    publish(valkey, News(3, (MILK, BREAD)))
    publish(valkey, ANYTHING)

    wait_until(lambda: len(ear.heard) == 3)
    assert ear.heard == [ANYTHING, News(3, (MILK, BREAD)), ANYTHING]


def test_a_redis_that_freezes_is_relied_upon_for_a_second_at_most(valkey: Valkey, ear: Ear) -> None:
    valkey.freeze()
    try:
        ear.ahead_s += 1
        assert not ear.is_current()
    finally:
        valkey.thaw()

    wait_until(ear.is_current)


def test_after_a_lost_connection_anything_may_have_changed(valkey: Valkey, ear: Ear) -> None:
    valkey.stop()
    wait_until(lambda: not ear.is_current())

    valkey.start()

    wait_until(ear.is_current)
    assert ear.heard == [ANYTHING, ANYTHING]


def test_a_message_of_somebody_else_makes_everything_be_asked_again(valkey: Valkey, ear: Ear) -> None:
    with redis.Redis.from_url(f"{valkey.url}/0") as client:
        client.publish(channel(client), "hello")

    wait_until(lambda: len(ear.heard) == 2)
    wait_until(ear.is_current)
    assert ear.heard == [ANYTHING, ANYTHING]


@SQLITE
def test_levels_that_wait_together_are_said_once_by_their_newest(
    app: Flask, valkey: Valkey, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = publisher_to(app, valkey, monkeypatch)

    publisher.send([told(3, MILK), told(3, NEWER), told(3, MILK), told(4, BREAD)])

    wait_until(lambda: len(ear.heard) == 3)
    assert ear.heard[1:] == [News(3, (NEWER,)), News(4, (BREAD,))]


@SQLITE
def test_after_something_could_not_be_said_anything_may_have_changed(
    app: Flask, valkey: Valkey, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = publisher_to(app, valkey, monkeypatch)
    valkey.stop()
    with pytest.raises(redis.RedisError):
        publisher.send([told(3, MILK)])
    valkey.start()
    wait_until(ear.is_current)
    ear.heard.clear()

    publisher.send([told(3, BREAD)])
    publisher.send([told(3, BREAD)])

    wait_until(lambda: len(ear.heard) == 2)
    assert ear.heard == [ANYTHING, News(3, (BREAD,))]


@SQLITE
def test_whatever_keeps_something_from_being_said_anything_may_have_changed(
    app: Flask, valkey: Valkey, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = publisher_to(app, valkey, monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(News, "encode", lambda _self: "\ud800".encode())
        with pytest.raises(UnicodeEncodeError):
            publisher.send([told(3, MILK)])

    publisher.send([told(3, BREAD)])

    wait_until(lambda: len(ear.heard) == 2)
    assert ear.heard[1:] == [ANYTHING]


def publisher_to(app: Flask, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> news.NewsPublisher:
    settings = app.config["SETTINGS"].model_copy(update={"redis_url": f"{valkey.url}/0"})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setattr(AppTask, "flask_app", app)
    return news.NewsPublisher()


def test_a_sale_and_its_posting_tell_the_levels_as_the_database_has_them(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    before = row(session, shop.store_id, milk.id).revision

    checkout.ring_up(session, basket(shop, (milk, 3)), now=NOON)
    sold = row(session, shop.store_id, milk.id)
    stock.post_sales(session, now=NOON)
    posted = row(session, shop.store_id, milk.id)

    told = [one for fact in waiting(session) if isinstance(fact, LevelsChanged) for one in fact.levels][-2:]
    assert told == [sold, posted]
    assert sold == LevelNow(milk.id, 10_000, 3_000, before + 1)
    assert posted == LevelNow(milk.id, 7_000, 0, before + 2)


def test_each_product_of_a_batch_changes_by_what_was_sold_of_it(session: Session) -> None:
    shop = make_shop(session)
    milk, bread, butter, salt = (make_product(session, shop, on_hand=10) for _ in range(4))
    checkout.ring_up(session, basket(shop, (milk, 3), (bread, 3), (butter, 5)), now=NOON)
    checkout.ring_up(session, basket(shop, (milk, 1)), now=NOON)

    stock.post_sales(session, now=NOON)

    levels = [row(session, shop.store_id, product.id) for product in (milk, bread, butter)]
    told = [fact for fact in waiting(session) if isinstance(fact, LevelsChanged)]
    assert [(level.on_hand, level.reserved) for level in levels] == [(6_000, 0), (7_000, 0), (5_000, 0)]
    assert told[-1] == LevelsChanged(shop.store_id, tuple(levels))
    assert row(session, shop.store_id, salt.id)[1:3] == (10_000, 0)


def row(session: Session, store_id: int, product_id: int) -> LevelNow:
    found = session.get_one(StockLevel, (store_id, product_id), populate_existing=True)
    return LevelNow(product_id, found.on_hand, found.reserved, found.revision)
