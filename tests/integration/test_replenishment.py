"""Shortage becomes an order line: when, how much, on which order, and when it goes again."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.events import StockFellBelowSafety
from app.models.catalog import Product, Supplier
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.reports import DailySales, SummarisedDay
from app.models.stock import StockLevel
from app.queries import back_office
from app.queries import replenishment as questions
from app.services import checkout, replenishment, replenishment_orders, stock
from tests.factories import NOON, Shop, basket, make_product, make_shop, make_supplier

TODAY = date(2026, 3, 2)


def make_short(
    session: Session, shop: Shop, *, on_hand: int = 3, supplier: Supplier | None = None, **columns: Any
) -> Product:
    """A product below its safety stock of 12, delivered by tens."""
    supplier = supplier or make_supplier(session)
    defaults = {"safety_stock": 12_000, "pack_size": 10_000, "supplier_id": supplier.id, "purchase_price": 60}
    return make_product(session, shop, on_hand=on_hand, **(defaults | columns))


def top_up(session: Session, shop: Shop, *products: Product) -> replenishment.ToppedUp:
    return replenishment.top_up(session, shop.store_id, [product.id for product in products], now=NOON)


def lines(session: Session) -> list[tuple[int, int, str]]:
    """(product, quantity, state of its order) of every line."""
    rows = session.execute(
        select(ReplenishmentOrderLine.product_id, ReplenishmentOrderLine.quantity, ReplenishmentOrder.state)
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .order_by(ReplenishmentOrderLine.id)
    )
    return [(row.product_id, row.quantity, row.state) for row in rows]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def order_id(session: Session, state: str = "draft") -> int:
    return session.scalars(select(ReplenishmentOrder.id).where(ReplenishmentOrder.state == state)).one()


def line_id(session: Session) -> int:
    return session.scalars(select(ReplenishmentOrderLine.id)).one()


def approve(session: Session, shop: Shop) -> int:
    return replenishment_orders.approve(session, order_id(session), user_id=shop.cashier.id, now=NOON).id


def move_stock(session: Session, shop: Shop, product: Product, pieces: int) -> None:
    stock.adjust(
        session, store_id=shop.store_id, product_id=product.id, quantity=pieces * 1000, reason="correction",
        user_id=None, now=NOON,
    )  # fmt: skip


def record_sales(session: Session, shop: Shop, product: Product, *, days: int, a_day: int) -> None:
    for back in range(1, days + 1):
        day = TODAY - timedelta(days=back)
        session.add(SummarisedDay(store_id=shop.store_id, business_date=day, summarised_at=NOON))
        session.add(DailySales(store_id=shop.store_id, business_date=day, product_id=product.id, units=a_day * 1000))
    session.flush()


def test_a_shortage_becomes_a_line_of_whole_packs_with_its_reason(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)

    done = top_up(session, shop, milk)

    assert done == replenishment.ToppedUp(written=1)
    row = session.execute(select(ReplenishmentOrderLine.__table__)).one()
    assert (row.quantity, row.unit_cost, row.open_key) == (30_000, 60, f"{shop.store_id}:{milk.id}")
    assert row.reason == {
        "unit": "piece", "sold": 0, "days": 0, "available": 3_000, "on_order": 0, "safety_stock": 12_000,
        "lead_time_days": 2, "review_days": 3, "target": 24_000, "pack_size": 10_000, "quantity": 30_000,
    }  # fmt: skip


def test_the_last_four_weeks_decide_the_target(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    record_sales(session, shop, milk, days=40, a_day=5)

    top_up(session, shop, milk)

    reason = session.scalars(select(ReplenishmentOrderLine.reason)).one()
    assert (reason["sold"], reason["days"], reason["target"]) == (140_000, 28, 37_000)


def test_a_young_shop_divides_by_the_days_it_has(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    record_sales(session, shop, milk, days=4, a_day=5)

    top_up(session, shop, milk)

    reason = session.scalars(select(ReplenishmentOrderLine.reason)).one()
    assert (reason["sold"], reason["days"], reason["target"]) == (20_000, 4, 37_000)


def test_running_it_twice_changes_nothing(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)

    top_up(session, shop, milk)
    top_up(session, shop, milk)

    assert lines(session) == [(milk.id, 30_000, "draft")]


def test_further_sales_make_the_line_grow(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)

    move_stock(session, shop, milk, -10)
    top_up(session, shop, milk)

    assert lines(session) == [(milk.id, 40_000, "draft")]


def test_a_proposal_goes_when_the_shortage_is_over_and_takes_its_empty_draft_along(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)

    move_stock(session, shop, milk, 9)
    done = top_up(session, shop, milk)

    assert done == replenishment.ToppedUp(withdrawn=1)
    assert (count(session, ReplenishmentOrder), count(session, ReplenishmentOrderLine)) == (0, 0)


def test_one_draft_per_supplier_gathers_its_products(session: Session) -> None:
    shop = make_shop(session)
    dairy, bakery = make_supplier(session), make_supplier(session)
    milk, butter = (make_short(session, shop, supplier=dairy) for _ in range(2))
    bread = make_short(session, shop, supplier=bakery)

    top_up(session, shop, milk, bread)
    top_up(session, shop, butter)

    orders = session.execute(
        select(ReplenishmentOrder.supplier_id, func.count(ReplenishmentOrderLine.id))
        .join(ReplenishmentOrderLine, ReplenishmentOrderLine.order_id == ReplenishmentOrder.id)
        .group_by(ReplenishmentOrder.supplier_id)
    ).all()
    assert sorted(orders) == [(dairy.id, 2), (bakery.id, 1)]


def test_a_line_moves_when_the_product_gets_another_supplier(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)
    milk.supplier_id = make_supplier(session).id
    session.flush()

    top_up(session, shop, milk)

    assert lines(session) == [(milk.id, 30_000, "draft")]
    assert session.scalars(select(ReplenishmentOrder.supplier_id)).all() == [milk.supplier_id]


@pytest.mark.parametrize("state", ["approved", "placed"])
def test_what_is_firmly_ordered_is_not_ordered_again(session: Session, state: str) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)
    approve(session, shop)
    if state == "placed":
        replenishment_orders.place(session, order_id(session, "approved"), user_id=shop.cashier.id, now=NOON)

    move_stock(session, shop, milk, -50)
    done = top_up(session, shop, milk)

    assert done == replenishment.ToppedUp()
    assert lines(session) == [(milk.id, 30_000, state)]


def test_a_shortage_after_approval_opens_a_new_draft(session: Session) -> None:
    shop = make_shop(session)
    dairy = make_supplier(session)
    milk, butter = (make_short(session, shop, supplier=dairy) for _ in range(2))
    top_up(session, shop, milk)
    approve(session, shop)

    top_up(session, shop, milk, butter)

    assert lines(session) == [(milk.id, 30_000, "approved"), (butter.id, 30_000, "draft")]


@pytest.mark.parametrize("columns", [{"is_archived": True}, {"is_stocked": False}, {"supplier_id": None}])
def test_what_cannot_be_ordered_is_left_alone(session: Session, columns: dict[str, Any]) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop, **columns)

    top_up(session, shop, milk)

    assert (count(session, ReplenishmentOrder), count(session, ReplenishmentOrderLine)) == (0, 0)


def test_shortages_that_nobody_delivers_are_counted_for_the_manager_and_break_no_invariant(session: Session) -> None:
    shop = make_shop(session)
    make_short(session, shop, supplier_id=None)
    make_short(session, shop, supplier=make_supplier(session, is_active=False))
    make_short(session, shop)

    assert back_office.shortages(session, None, 1).nobody_delivers == 2
    assert back_office.shortages(session, [shop.store_id], 1).nobody_delivers == 2
    assert back_office.shortages(session, [], 1).nobody_delivers == 0
    assert questions.shortages_without_order(session) == 1
    assert [one.invariant for one in stock.verify(session)] == ["shortage_is_on_order"]


def test_the_sweep_finds_what_is_short_and_what_is_drafted(session: Session) -> None:
    shop = make_shop(session)
    milk, butter = make_short(session, shop), make_short(session, shop)
    make_product(session, shop, on_hand=50)
    top_up(session, shop, milk)
    move_stock(session, shop, milk, 50)

    assert questions.to_look_at(session) == {shop.store_id: [milk.id, butter.id]}


def test_a_posted_sale_that_leaves_too_little_says_so(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop, on_hand=13)
    checkout.ring_up(session, basket(shop, (milk, 2)), now=NOON)

    stock.post_sales(session, now=NOON)

    assert StockFellBelowSafety(shop.store_id, (milk.id,)) in waiting(session)


def test_posting_knows_in_which_store_a_product_is_short(session: Session) -> None:
    one, other = make_shop(session), make_shop(session)
    milk = make_short(session, one, on_hand=13)
    move_stock(session, other, milk, 50)
    bread = make_product(session, other, on_hand=9)
    session.get_one(StockLevel, (other.store_id, bread.id)).safety_stock = 8_000
    session.flush()
    for shop, product in ((other, milk), (other, bread), (one, milk)):
        checkout.ring_up(session, basket(shop, (product, 2)), now=NOON)

    stock.post_sales(session, now=NOON)

    assert [fact for fact in waiting(session) if isinstance(fact, StockFellBelowSafety)][-2:] == [
        StockFellBelowSafety(one.store_id, (milk.id,)),
        StockFellBelowSafety(other.store_id, (bread.id,)),
    ]


def test_the_books_hold_once_the_shortage_is_on_order(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop, on_hand=13)
    checkout.ring_up(session, basket(shop, (milk, 2)), now=NOON)
    stock.post_sales(session, now=NOON)

    top_up(session, shop, milk)

    assert stock.verify(session) == []
