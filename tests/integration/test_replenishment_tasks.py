"""Shortage becomes a message on its queue, and the tasks do what they say."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import select

from app.domain.events import StockFellBelowSafety
from app.extensions import celery
from app.models.replenishment import ReplenishmentOrderLine
from app.services import stock
from app.tasks import replenishment as tasks
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier
from tests.servers import wait_until

pytestmark = pytest.mark.usefixtures("app_context")
QUEUE = "shop:replenishment"


@pytest.fixture
def as_worker() -> Iterator[None]:
    """The setting that tells a worker from a till."""
    celery.conf.task_publish_retry = True
    yield
    celery.conf.task_publish_retry = False


def short_shop() -> tuple[Shop, Any]:
    with unit_of_work() as session:
        shop = make_shop(session)
        columns = {"safety_stock": 12_000, "pack_size": 10_000, "supplier_id": make_supplier(session).id}
        return shop, make_product(session, shop, on_hand=13, **columns)


def take(shop: Shop, product: Any, pieces: int) -> None:
    with unit_of_work() as session:
        stock.adjust(
            session, store_id=shop.store_id, product_id=product.id, quantity=-pieces * 1000, reason="waste",
            user_id=None, now=NOON,
        )  # fmt: skip


def ordered() -> list[tuple[int, int]]:
    with read_only() as session:
        rows = session.execute(select(ReplenishmentOrderLine.product_id, ReplenishmentOrderLine.quantity))
        return [(row.product_id, row.quantity) for row in rows]


def waiting(url: str) -> list[list[Any]]:
    """The arguments of the messages on the queue, the newest first; one of an earlier test may come late."""
    with redis.Redis.from_url(url) as client:
        found: Any = client.lrange(QUEUE, 0, -1)
    return [json.loads(base64.b64decode(json.loads(one)["body"]))[0] for one in found]


def test_the_task_orders_what_it_is_told_once() -> None:
    shop, milk = short_shop()
    take(shop, milk, 10)

    assert tasks.top_up(shop.store_id, [milk.id, milk.id]) == 1
    assert ordered() == [(milk.id, 30_000)]


def test_the_sweep_orders_what_lost_its_message() -> None:
    shop, milk = short_shop()
    take(shop, milk, 10)

    assert tasks.top_up_all() == 1
    assert ordered() == [(milk.id, 30_000)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_till_hands_the_shortage_to_the_queue_without_waiting(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither a failure nor a message of an earlier test stands before this one's.
    monkeypatch.setattr(tasks, "nudger", Nudger(tasks._send, Breaker("replenishment")))
    shop, milk = short_shop()

    take(shop, milk, 10)

    wait_until(lambda: [shop.store_id, [milk.id]] in waiting(redis_url))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_sends_the_shortage_itself(redis_url: str, as_worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "breaker", Breaker("replenishment"))
    tasks.on_stock_fell_below_safety(StockFellBelowSafety(7, (1, 2)))

    assert [7, [1, 2]] in waiting(redis_url)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_shortages_that_arrive_together_leave_as_one_message_per_store(redis_url: str) -> None:
    tasks._send([(71, 5), (72, 5), (71, 4), (71, 5)])

    assert [one for one in waiting(redis_url) if one[0] in (71, 72)] == [[72, [5]], [71, [4, 5]]]
