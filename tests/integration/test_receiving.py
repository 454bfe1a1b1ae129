"""A delivery is counted, compared and booked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.errors import OrderState, OrderUnknown, OverDelivery, QuantityOutOfRange
from app.domain.replenishment import NothingCounted, OrderLineUnknown, ReceiptUuidConflict
from app.models.catalog import Product
from app.models.receiving import GoodsReceipt, GoodsReceiptLine
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stock import StockMovement
from app.services import receiving, replenishment, replenishment_orders, stock
from app.services.receiving import Delivery
from tests.factories import NOON, Shop, level, make_product, make_shop, make_supplier


@dataclass(frozen=True)
class Ordered:
    """A placed order of 30 milk and 30 butter; 3 of each are on the shelf."""

    shop: Shop
    id: int
    milk: Product
    butter: Product
    milk_line: int
    butter_line: int


@pytest.fixture
def order(session: Session) -> Ordered:
    shop = make_shop(session)
    supplier = make_supplier(session)
    milk, butter = (
        make_product(
            session, shop, on_hand=3, safety_stock=12_000, pack_size=10_000, supplier_id=supplier.id, purchase_price=60
        )
        for _ in range(2)
    )
    replenishment.top_up(session, shop.store_id, [milk.id, butter.id], now=NOON)
    key = session.scalars(select(ReplenishmentOrder.id)).one()
    replenishment_orders.approve(session, key, user_id=shop.cashier.id, now=NOON)
    replenishment_orders.place(session, key, user_id=shop.cashier.id, now=NOON)
    ids = dict(session.execute(select(ReplenishmentOrderLine.product_id, ReplenishmentOrderLine.id)).all())
    return Ordered(shop, key, milk, butter, ids[milk.id], ids[butter.id])


def receive(
    session: Session, order: Ordered, counted: Mapping[int, int], *, uuid: UUID | None = None, **options: Any
) -> Delivery:
    """Book (line, pieces)."""
    return receiving.receive(
        session, order.id, uuid=uuid or uuid4(), counted={key: pieces * 1000 for key, pieces in counted.items()},
        user_id=order.shop.cashier.id, now=NOON, **({"accept_surplus": False} | options),
    )  # fmt: skip


def received(session: Session, order: Ordered) -> dict[int, tuple[int, bool]]:
    """(received, still open) by line."""
    rows = session.execute(
        select(ReplenishmentOrderLine.id, ReplenishmentOrderLine.received, ReplenishmentOrderLine.open_key)
    )
    return {row.id: (row.received, row.open_key is not None) for row in rows}


def nothing_changed(session: Session, order: Ordered) -> bool:
    booked = session.scalar(select(func.count()).select_from(GoodsReceipt))
    return booked == 0 and set(received(session, order).values()) == {(0, True)}


def test_a_full_delivery_raises_stock_through_the_ledger_and_closes_the_order(session: Session, order: Ordered) -> None:
    done = receive(session, order, {order.milk_line: 30, order.butter_line: 30})

    assert (done.order_state, done.is_new) == ("received", True)
    assert level(session, order.shop, order.milk) == (33_000, 0)
    movements = session.execute(
        select(StockMovement.product_id, StockMovement.quantity, StockMovement.source_kind)
        .where(StockMovement.kind == "receipt").order_by(StockMovement.id)
    ).all()  # fmt: skip
    assert movements == [(order.milk.id, 30_000, "receipt_line"), (order.butter.id, 30_000, "receipt_line")]
    assert stock.verify(session) == []


def test_the_receipt_keeps_what_was_expected_and_the_purchase_price(session: Session, order: Ordered) -> None:
    receive(session, order, {order.milk_line: 25})

    row = session.execute(select(GoodsReceiptLine.expected, GoodsReceiptLine.counted, GoodsReceiptLine.unit_cost)).one()
    assert row == (30_000, 25_000, 60)


def test_a_partial_delivery_leaves_the_rest_open(session: Session, order: Ordered) -> None:
    first = receive(session, order, {order.milk_line: 30, order.butter_line: 10})

    assert first.order_state == "placed"
    assert received(session, order) == {order.milk_line: (30_000, False), order.butter_line: (10_000, True)}
    second = receive(session, order, {order.butter_line: 20})
    assert second.order_state == "received"
    assert level(session, order.shop, order.butter) == (33_000, 0)
    assert stock.verify(session) == []


def test_a_surplus_is_asked_about_and_every_line_named(session: Session, order: Ordered) -> None:
    with pytest.raises(OverDelivery) as refusal:
        receive(session, order, {order.milk_line: 31, order.butter_line: 40})

    named = [(line["name"], line["expected"], line["counted"]) for line in refusal.value.details["lines"]]
    assert named == [(order.milk.name, 30_000, 31_000), (order.butter.name, 30_000, 40_000)]
    assert nothing_changed(session, order)


def test_an_accepted_surplus_is_booked(session: Session, order: Ordered) -> None:
    receive(session, order, {order.milk_line: 31, order.butter_line: 30}, accept_surplus=True)

    assert level(session, order.shop, order.milk) == (34_000, 0)
    assert stock.verify(session) == []


def test_the_same_uuid_books_once(session: Session, order: Ordered) -> None:
    uuid = uuid4()

    first = receive(session, order, {order.milk_line: 30, order.butter_line: 30}, uuid=uuid)
    again = receive(session, order, {order.milk_line: 30, order.butter_line: 30}, uuid=uuid)

    assert (again.receipt_id, again.is_new) == (first.receipt_id, False)
    assert level(session, order.shop, order.milk) == (33_000, 0)


def test_the_same_uuid_with_another_count_is_refused(session: Session, order: Ordered) -> None:
    uuid = uuid4()
    receive(session, order, {order.milk_line: 10}, uuid=uuid)

    with pytest.raises(ReceiptUuidConflict):
        receive(session, order, {order.milk_line: 11}, uuid=uuid)

    assert level(session, order.shop, order.milk) == (13_000, 0)


def test_a_closed_order_receives_nothing(session: Session, order: Ordered) -> None:
    receive(session, order, {order.milk_line: 30, order.butter_line: 30})

    with pytest.raises(OrderState):
        receive(session, order, {order.milk_line: 1}, accept_surplus=True)

    assert level(session, order.shop, order.milk) == (33_000, 0)


def test_an_unknown_order_is_named(session: Session, order: Ordered) -> None:
    with pytest.raises(OrderUnknown):
        receiving.receive(session, 4711, uuid=uuid4(), counted={1: 1000}, accept_surplus=False, user_id=1, now=NOON)


@pytest.mark.parametrize(
    ("pieces", "refusal"), [(-1, QuantityOutOfRange), (0.5, QuantityOutOfRange), (2_000_000, QuantityOutOfRange)]
)
def test_impossible_counts_are_refused(
    session: Session, order: Ordered, pieces: float, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        receive(session, order, {order.milk_line: pieces}, accept_surplus=True)  # type: ignore[dict-item]

    assert nothing_changed(session, order)


def test_a_line_of_another_order_is_refused(session: Session, order: Ordered) -> None:
    with pytest.raises(OrderLineUnknown) as refusal:
        receive(session, order, {order.milk_line: 1, 4711: 1})

    assert refusal.value.details == {"lines": [4711]}
    assert nothing_changed(session, order)


def test_a_delivery_of_nothing_is_refused(session: Session, order: Ordered) -> None:
    with pytest.raises(NothingCounted):
        receive(session, order, {order.milk_line: 0})

    assert nothing_changed(session, order)


def test_an_order_closed_short_gives_way_to_a_new_proposal(session: Session, order: Ordered) -> None:
    done = receive(session, order, {order.milk_line: 30, order.butter_line: 5}, close_short=True)

    assert done.order_state == "received"
    replenishment.top_up(session, order.shop.store_id, [order.milk.id, order.butter.id], now=NOON)
    draft = select(ReplenishmentOrderLine.product_id).where(ReplenishmentOrderLine.open_key.is_not(None))
    assert session.scalars(draft).all() == [order.butter.id]
    assert stock.verify(session) == []


def test_an_order_of_which_nothing_comes_can_be_closed(session: Session, order: Ordered) -> None:
    receiving.close_short(session, order.id, user_id=order.shop.cashier.id, now=NOON)

    assert received(session, order) == {order.milk_line: (0, False), order.butter_line: (0, False)}
    with pytest.raises(OrderState):
        receive(session, order, {order.milk_line: 30})


def test_an_order_that_has_come_in_part_cannot_be_cancelled(session: Session, order: Ordered) -> None:
    receive(session, order, {order.milk_line: 10})

    with pytest.raises(OrderState):
        replenishment_orders.cancel(session, order.id, user_id=order.shop.cashier.id, now=NOON)
