"""The way to the event streams, what the page may then do, and what leaves for them after a commit."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from app.domain.events import ProductChanged
from app.extensions import AppTask
from app.live import passes
from app.live.changes import Change, Message, pattern
from app.live.passes import Pass
from app.services import checkout
from app.tasks import live
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import unit_of_work
from tests.databases import TEST_SECRETS, Database, new_app
from tests.factories import NOON, basket, make_product, make_shop
from tests.servers import wait_until
from tests.web.till import open_till

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def messages(app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What is published; call it for everything that has come so far."""
    # What an earlier test left behind, a failure or a message still on its way, is not this one's.
    fresh: Nudger[live.Changed] = Nudger(live.LivePublisher().send, Breaker("live"), window_s=0.01)
    monkeypatch.setattr(live, "nudger", fresh)
    # A test before may have made an application of its own, on a database that is gone.
    monkeypatch.setattr(AppTask, "flask_app", app)
    with redis.Redis.from_url(redis_url) as client, client.pubsub() as pubsub:
        pubsub.psubscribe(pattern(client))
        heard: list[Message] = []

        def listen() -> list[Message]:
            while message := pubsub.get_message(ignore_subscribe_messages=True, timeout=0.01):
                heard.append(Message.decode(message["channel"], message["data"]))
            return heard

        wait_until(lambda: pubsub.get_message(timeout=1) is not None)
        yield listen


def test_behind_a_proxy_the_streams_are_at_the_shops_own_address(app: Flask, redis_url: str) -> None:
    till = open_till(app)

    way_in = till.get("/api/live").get_json()

    assert way_in["url"] == "/events"
    assert passes.read(TEST_SECRETS["secret_key"], way_in["token"]) == Pass(till.shop.store_id, "http://localhost")
    assert "connect-src 'self';" in till.get("/checkout").headers["Content-Security-Policy"]


def test_beside_the_shop_the_streams_are_at_the_host_the_page_came_from(database: Database, redis_url: str) -> None:
    till = open_till(new_app(database.url, sse_port=8001))

    way_in = till.get("/api/live", base_url="http://192.168.1.5:8000").get_json()
    page = till.get("/checkout", base_url="http://192.168.1.5:8000")

    assert way_in["url"] == "http://192.168.1.5:8001/events"
    assert passes.read(TEST_SECRETS["secret_key"], way_in["token"]) == Pass(
        till.shop.store_id, "http://192.168.1.5:8000"
    )
    assert "connect-src 'self' http://192.168.1.5:8001;" in page.headers["Content-Security-Policy"]


def test_a_page_that_is_a_till_gets_a_pass_for_its_scans(app: Flask, redis_url: str) -> None:
    till = open_till(app)

    def granted(query: str) -> tuple[str, str]:
        found = passes.read(TEST_SECRETS["secret_key"], till.get(f"/api/live?{query}").get_json()["token"])
        assert found is not None
        assert found.store_id == till.shop.store_id
        return found.till, found.seat

    assert granted("till=1&seat=3f-a") == ("T1", "3f-a")
    assert granted("till=1") == ("", "")
    assert [till.get(f"/api/live?{query}").status_code for query in ("till=a+b", "seat=%00", "floor=1")] == [422] * 3


def test_a_sale_publishes_the_stock_as_it_is_after_the_commit(app: Flask, messages: Any) -> None:
    with app.app_context():
        with unit_of_work() as session:
            shop = make_shop(session)
            milk = make_product(session, shop, on_hand=10, price=100)
        with unit_of_work() as session:
            checkout.ring_up(session, basket(shop, (milk, 3)), now=NOON)

    # The opening balance may have left before, as a message of its own, or have been read after the sale.
    after = (Change(milk.id, 7000, 100),)
    wait_until(lambda: after in [one.changes for one in messages()])
    assert {one.store_id for one in messages() if one.changes == after} == {shop.store_id}


def test_a_changed_price_is_published_for_every_store(app: Flask, messages: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        milk = make_product(session, price=250)

    live.on_product_changed(ProductChanged((milk.id,)))

    wait_until(lambda: bool([one for one in messages() if one.store_id is None]))
    assert [one.changes for one in messages() if one.store_id is None] == [(Change(milk.id, None, 250),)]


def test_a_price_list_is_published_piece_by_piece(app: Flask, messages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_PRODUCTS", 2)
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        one, two, three = (make_product(session).id for _ in range(3))

    live.LivePublisher().send([(shop.store_id, (one, three)), (None, (one, two, three)), (shop.store_id, (two,))])

    wait_until(lambda: len(messages()) == 4)
    assert [(message.store_id, [change.product_id for change in message.changes]) for message in messages()] == [
        (shop.store_id, [one, two]), (shop.store_id, [three]), (None, [one, two]), (None, [three]),
    ]  # fmt: skip


def test_what_follows_a_failure_says_that_messages_were_lost(database: Database, messages: Any) -> None:
    publisher = live.LivePublisher()
    away = new_app(database.url, redis_url="redis://127.0.0.1:1/0")
    with away.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session)
    with pytest.raises(redis.ConnectionError):
        publisher.send([(shop.store_id, (milk.id,))])

    new_app(database.url)
    for _ in range(2):
        publisher.send([(shop.store_id, (milk.id,))])

    wait_until(lambda: len(messages()) == 2)
    assert [one.follows_gap for one in messages()] == [True, False]
