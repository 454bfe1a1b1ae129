"""What to count today: chosen, ordered and cut off by the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.stocktake_proposals import Candidate
from app.models.reports import DailySales
from app.models.stock import StockException, StockLevel
from app.queries import stocktake_proposals
from tests.counting_desk import begin
from tests.factories import NOON, Shop, make_product, make_shop


def proposed(session: Session, shop: Shop, limit: int) -> list[Candidate]:
    return stocktake_proposals.candidates(
        session, shop.store_id, today=NOON.date(), now=NOON + timedelta(days=9), limit=limit
    )


@contextmanager
def rows_sent(session: Session) -> Iterator[list[int]]:
    """How many rows the database has for each statement meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    connection, found = session.connection(), list[int]()
    event.listen(connection, "after_cursor_execute", note)
    yield found
    event.remove(connection, "after_cursor_execute", note)
    found.extend(len(connection.exec_driver_sql(*one).fetchall()) for one in sent)


def mixed(session: Session, shop: Shop) -> None:
    """Products of which each is urgent for another reason, and some that are not."""
    goods = [
        make_product(session, shop, on_hand=pieces, purchase_price=cost)
        for pieces, cost in ((90, 600), (30, 10), (500, 40), (1, 900), (4, 100), (200, 0), (7, 7), (60, 350))
    ]
    sold_beyond_books = session.get_one(StockLevel, (shop.store_id, goods[4].id))
    sold_beyond_books.on_hand = -4000
    counting = begin(session, shop, *goods[2:4])
    for product, pieces in zip(goods[2:4], (500, 1), strict=True):
        counting.count(product, pieces)
    counting.close()
    counting.approve()
    session.add_all(
        DailySales(store_id=shop.store_id, business_date=NOON.date(), product_id=product.id, units=sold * 1000)
        for product, sold in zip(goods, (0, 900, 400, 3, 60, 0, 5000, 28), strict=True)
    )
    session.add(
        StockException(
            store_id=shop.store_id, product_id=goods[6].id, open_key=f"{shop.store_id}:{goods[6].id}", opened_at=NOON
        )
    )
    session.flush()


def test_the_database_orders_as_the_score_does(session: Session) -> None:
    shop = make_shop(session)
    mixed(session, shop)

    found = proposed(session, shop, limit=50)

    assert len({one.score for one in found}) == 8
    assert [one.product_id for one in found] == [
        one.product_id for one in sorted(found, key=lambda one: (-one.score, one.product_id))
    ]


def test_no_more_rows_leave_the_database_than_are_shown(session: Session) -> None:
    shop = make_shop(session)
    mixed(session, shop)
    everything = proposed(session, shop, limit=50)

    with rows_sent(session) as sent:
        found = proposed(session, shop, limit=3)

    assert found == everything[:3]
    assert sent == [3]


@pytest.mark.parametrize(("days", "step"), [(0, 1), (1, 1), (6, 5), (7, 7), (364, 270), (365, 365), (4000, 365)])
def test_the_time_since_a_count_goes_in_the_same_steps_in_both(session: Session, days: int, step: int) -> None:
    shop = make_shop(session)
    old, never = (make_product(session, shop, on_hand=100, purchase_price=100) for _ in range(2))
    counting = begin(session, shop, old)
    counting.count(old, 100)
    counting.close()
    counting.approve()

    found = stocktake_proposals.candidates(
        session, shop.store_id, today=NOON.date(), now=NOON + timedelta(days=days, minutes=5), limit=2
    )

    assert {one.product_id: one.score for one in found} == {
        old.id: round(101 * 0.1 * step), never.id: round(101 * 0.1 * 365),
    }  # fmt: skip
    assert [one.product_id for one in found] == ([old.id, never.id] if step == 365 else [never.id, old.id])


def test_what_is_being_counted_or_was_counted_lately_is_proposed_last_or_not_at_all(session: Session) -> None:
    shop = make_shop(session)
    goods = [make_product(session, shop, on_hand=100, purchase_price=100) for _ in range(4)]
    counted = begin(session, shop, goods[0])
    counted.count(goods[0], 100)
    counted.close()
    counted.approve()
    begin(session, shop, goods[1])
    session.add(DailySales(store_id=shop.store_id, business_date=NOON.date(), product_id=goods[3].id, units=28_000))
    session.flush()

    found = stocktake_proposals.candidates(
        session, shop.store_id, today=NOON.date(), now=NOON + timedelta(days=3), limit=9
    )

    assert [(one.product_id, one.days_since_count) for one in found] == [
        (goods[3].id, None), (goods[2].id, None), (goods[0].id, 2),
    ]  # fmt: skip
