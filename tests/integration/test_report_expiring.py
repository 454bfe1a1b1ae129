"""Expiring stock from deliveries, sales, counts and shelf life, exactly as booked."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine, NewSale
from app.domain.pricing import PriceTag, Tendered, line_total
from app.domain.refunds import NewRefund, ReturnedLine
from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.reports import DailySales
from app.services import checkout, receiving, refunds, reports_period, stock
from app.services.reports_expiring import Perishing, expiring
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier

TODAY = NOON.date()


def days_ago(count: int) -> datetime:
    return NOON - timedelta(days=count)


def march(day: int) -> date:
    return date(2026, 3, day)


def deliver(session: Session, shop: Shop, product: Product, quantity: int, *, at: datetime) -> None:
    """Order, place and receive so many thousandths."""
    order = ReplenishmentOrder(
        store_id=shop.store_id, supplier_id=make_supplier(session).id, state="placed", created_at=at, placed_at=at
    )
    session.add(order)
    session.flush()
    line = ReplenishmentOrderLine(
        order_id=order.id, product_id=product.id, quantity=quantity, reason={},
        open_key=f"{shop.store_id}:{product.id}",
    )  # fmt: skip
    session.add(line)
    session.flush()
    receiving.receive(
        session, order.id, uuid=uuid4(), counted={line.id: quantity}, user_id=shop.cashier.id, now=at,
        accept_surplus=False,
    )  # fmt: skip


def sell(session: Session, shop: Shop, product: Product, quantity: int, *, at: datetime = NOON) -> int:
    due = line_total(quantity, PriceTag(product.selling_price))
    sale = NewSale(
        uuid=uuid4(), store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=(BasketLine(product.id, quantity),), payments=(Tendered("cash", due),), expected_total=due,
    )  # fmt: skip
    return checkout.ring_up(session, sale, now=at).sale_id


def adjust(session: Session, shop: Shop, product: Product, quantity: int, reason: str, at: datetime) -> None:
    stock.adjust(
        session, store_id=shop.store_id, product_id=product.id, quantity=quantity, reason=reason, user_id=None, now=at
    )


def milk_of(session: Session, **columns: Any) -> Product:
    asked: dict[str, Any] = {"name": "Milk", "shelf_life_days": 7, "purchase_price": 60}
    return make_product(session, **(asked | columns))


def ask(session: Session, shop: Shop, store: int | None = None) -> Perishing:
    session.flush()
    return expiring(session, reports_period.scope(session, shop.store_id, store), now=NOON)


def figures(found: Perishing) -> list[tuple[Any, ...]]:
    return [(one.name, one.available, one.quantity, one.past, one.left, one.value, one.sell_by) for one in found.rows]


def test_the_older_of_two_deliveries_is_sold_first(session: Session) -> None:
    shop = make_shop(session)
    milk = milk_of(session)
    deliver(session, shop, milk, 10_000, at=days_ago(5))
    deliver(session, shop, milk, 6_000, at=days_ago(1))
    sell(session, shop, milk, 7_000)

    # Three of the first ten are left; they came on 25 February and may stand seven days.
    assert figures(ask(session, shop)) == [("Milk", 9_000, 3_000, 0, 3_000, 180, march(3))]


@pytest.mark.parametrize(("age", "past", "quantity"), [(3, 0, 0), (4, 0, 5_000), (6, 0, 5_000), (7, 5_000, 5_000)])
def test_it_may_be_sold_on_as_many_days_as_it_keeps(session: Session, age: int, past: int, quantity: int) -> None:
    shop = make_shop(session)
    milk = milk_of(session)
    deliver(session, shop, milk, 5_000, at=days_ago(age))

    found = ask(session, shop)

    assert sum(one.quantity for one in found.rows) == quantity
    assert (found.past_value, found.value) == (past * 60 // 1000, quantity * 60 // 1000)


def test_an_opening_balance_is_new_on_its_day(session: Session) -> None:
    shop = make_shop(session)
    fresh, old = milk_of(session), milk_of(session, name="Old")
    adjust(session, shop, fresh, 5_000, "opening", days_ago(1))
    adjust(session, shop, old, 5_000, "opening", days_ago(9))

    assert figures(ask(session, shop)) == [("Old", 5_000, 5_000, 5_000, 5_000, 300, None)]


def test_a_count_changes_how_many_and_not_how_old(session: Session) -> None:
    shop = make_shop(session)
    short, over = milk_of(session, name="Short"), milk_of(session, name="Over")
    for product in (short, over):
        deliver(session, shop, product, 4_000, at=days_ago(5))
        deliver(session, shop, product, 4_000, at=days_ago(1))
    adjust(session, shop, short, -3_000, "count", NOON)
    adjust(session, shop, over, 1_000, "count", NOON)

    # What is found had been there all along, so nobody knows since when: it counts as past its life.
    assert figures(ask(session, shop)) == [
        ("Over", 9_000, 5_000, 1_000, 5_000, 300, march(3)), ("Short", 5_000, 1_000, 0, 1_000, 60, march(3)),
    ]  # fmt: skip


def test_goods_that_come_back_keep_their_age(session: Session) -> None:
    shop = make_shop(session)
    milk = milk_of(session)
    deliver(session, shop, milk, 4_000, at=days_ago(5))
    deliver(session, shop, milk, 4_000, at=days_ago(1))
    sale_id = sell(session, shop, milk, 4_000)
    stock.post_sales(session, now=NOON)
    assert figures(ask(session, shop)) == []

    sale = session.get_one(Sale, sale_id)
    line_id = session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale_id)).one()
    refunds.refund(
        session,
        NewRefund(
            uuid=uuid4(), sale_uuid=sale.uuid, store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
            lines=(ReturnedLine(line_id, 1_000, "shelf"),), reason="wrong",
        ),
        now=NOON,
    )  # fmt: skip

    assert figures(ask(session, shop)) == [("Milk", 5_000, 1_000, 0, 1_000, 60, march(3))]


def test_weighed_goods_are_exact_to_the_gram(session: Session) -> None:
    shop = make_shop(session)
    ham = milk_of(session, name="Ham", unit="kg", purchase_price=899)
    deliver(session, shop, ham, 2_345, at=days_ago(5))
    sell(session, shop, ham, 111)

    assert figures(ask(session, shop)) == [("Ham", 2_234, 2_234, 0, 2_234, 2008, march(3))]


def test_what_keeps_for_ever_or_is_not_there_is_not_asked_about(session: Session) -> None:
    shop = make_shop(session)
    salt, gone, service = (
        milk_of(session, name="Salt", shelf_life_days=None), milk_of(session, name="Gone"),
        milk_of(session, name="Service", is_stocked=False),
    )  # fmt: skip
    for product in (salt, gone, service):
        deliver(session, shop, product, 4_000, at=days_ago(300))
    adjust(session, shop, gone, -4_000, "waste", NOON)

    found = ask(session, shop)

    assert (figures(found), found.perishables) == ([], 0)


def test_long_lives_are_followed_further_back_than_four_weeks(session: Session) -> None:
    shop = make_shop(session)
    tins = milk_of(session, name="Tins", shelf_life_days=100)
    deliver(session, shop, tins, 9_000, at=days_ago(120))
    deliver(session, shop, tins, 5_000, at=days_ago(95))
    deliver(session, shop, tins, 8_000, at=days_ago(29))
    deliver(session, shop, tins, 1_000, at=days_ago(28))
    deliver(session, shop, tins, 2_000, at=days_ago(3))
    adjust(session, shop, tins, -6_000, "waste", NOON)

    # 19 are left: 2 + 1 + 8 + 5 came within the hundred days, three before; a tenth of the life is ten days.
    assert figures(ask(session, shop)) == [("Tins", 19_000, 8_000, 3_000, 8_000, 480, march(6))]


def test_left_over_is_what_four_weeks_of_sales_would_not_sell_in_time(session: Session) -> None:
    shop = make_shop(session)
    milk = milk_of(session)
    deliver(session, shop, milk, 9_000, at=days_ago(5))
    for count, units in ((1, 30_000), (28, 30_000), (29, 900_000)):
        session.add(
            DailySales(
                store_id=shop.store_id, product_id=milk.id, business_date=TODAY - timedelta(days=count), units=units,
                returned=2_000, gross=0, refunded=0, cost=0,
            )
        )  # fmt: skip

    # 56 in 28 days are two a day; today and tomorrow remain.
    assert figures(ask(session, shop)) == [("Milk", 9_000, 9_000, 0, 5_000, 540, march(3))]


def test_each_store_has_its_own_deliveries_and_all_are_added_up(session: Session) -> None:
    shop, other, abroad = make_shop(session), make_shop(session), make_shop(session, currency="CNY")
    milk, cream = milk_of(session), milk_of(session, name="Cream", purchase_price=500)
    deliver(session, shop, milk, 4_000, at=days_ago(9))
    deliver(session, other, milk, 4_000, at=days_ago(6))
    deliver(session, other, cream, 1_000, at=days_ago(5))
    deliver(session, abroad, milk, 4_000, at=days_ago(5))

    alone, together = ask(session, shop), ask(session, shop, 0)

    assert figures(alone) == [("Milk", 4_000, 4_000, 4_000, 4_000, 240, None)]
    assert figures(together) == [
        ("Cream", 1_000, 1_000, 0, 1_000, 500, march(3)), ("Milk", 8_000, 8_000, 4_000, 8_000, 480, march(2)),
    ]  # fmt: skip
    assert (together.value, together.past_value, together.perishables) == (980, 240, 2)


def test_what_came_to_another_store_makes_nothing_fresh_here(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session)
    butter, tins = milk_of(session, name="Butter"), milk_of(session, name="Tins", shelf_life_days=100)
    adjust(session, shop, butter, 1_000, "opening", days_ago(9))
    adjust(session, other, butter, 1_000, "opening", days_ago(1))
    deliver(session, shop, tins, 2_000, at=days_ago(120))
    deliver(session, other, tins, 2_000, at=days_ago(40))

    assert figures(ask(session, shop)) == [
        ("Tins", 2_000, 2_000, 2_000, 2_000, 120, None), ("Butter", 1_000, 1_000, 1_000, 1_000, 60, None),
    ]  # fmt: skip
    assert figures(ask(session, other)) == []


def test_the_day_of_arrival_is_that_of_the_store(session: Session) -> None:
    shop = make_shop(session, time_zone="Asia/Shanghai")
    milk = milk_of(session)
    # 16:30 UTC on 23 February is already the 24th in Shanghai: today is the sixth day after, the last.
    deliver(session, shop, milk, 4_000, at=datetime(2026, 2, 23, 16, 30, tzinfo=NOON.tzinfo))

    assert figures(ask(session, shop)) == [("Milk", 4_000, 4_000, 0, 4_000, 240, march(2))]
