"""What a manager does with a proposed order: lines changed, approved, placed, cancelled; steps out of turn refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.errors import OrderState, OrderUnknown, QuantityOutOfRange
from app.domain.events import StockFellBelowSafety
from app.domain.replenishment import NotWholePacks, OrderLineUnknown, SupplierInactive
from app.models.replenishment import ReplenishmentOrderLine
from app.models.staff import AuditEntry
from app.services import replenishment_orders
from tests.factories import NOON, Shop, make_shop, make_supplier
from tests.integration.test_replenishment import (
    TODAY,
    approve,
    line_id,
    lines,
    make_short,
    move_stock,
    order_id,
    top_up,
)


def edit(session: Session, shop: Shop, pieces: int) -> bool:
    return replenishment_orders.edit_line(
        session, line_id(session), quantity=pieces * 1000, user_id=shop.cashier.id, now=NOON
    )


def test_an_edited_line_stays_as_the_manager_left_it(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)

    edit(session, shop, 20)
    move_stock(session, shop, milk, -50)
    top_up(session, shop, milk)
    move_stock(session, shop, milk, 100)
    top_up(session, shop, milk)

    assert lines(session) == [(milk.id, 20_000, "draft")]
    assert session.scalars(select(ReplenishmentOrderLine.reason)).one()["edited"] == 20_000
    assert session.scalars(select(AuditEntry.action)).all() == ["order.line_edited"]


def test_a_line_saved_as_it_was_is_not_changed_by_hand(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)

    is_changed = edit(session, shop, 30)
    move_stock(session, shop, milk, -50)
    top_up(session, shop, milk)

    line = session.scalars(select(ReplenishmentOrderLine)).one()
    assert (is_changed, line.is_edited, "edited" in line.reason) == (False, False, False)
    assert line.quantity == 80_000
    assert session.scalars(select(AuditEntry)).all() == []


def test_an_old_quantity_may_stay_when_packs_are_another_size_now(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)
    milk.pack_size = 7_000

    assert edit(session, shop, 30) is False


@pytest.mark.parametrize("pieces", [0, -10, 15])
def test_a_line_is_whole_packs(session: Session, pieces: int) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)

    with pytest.raises(NotWholePacks) as refusal:
        edit(session, shop, pieces)

    assert refusal.value.details == {"quantity": pieces * 1000, "pack_size": 10_000}
    assert lines(session) == [(milk.id, 30_000, "draft")]


def test_a_line_has_a_limit(session: Session) -> None:
    shop = make_shop(session)
    top_up(session, shop, make_short(session, shop))

    with pytest.raises(QuantityOutOfRange):
        edit(session, shop, 1_000_010)


def test_a_line_that_is_gone_cannot_be_edited(session: Session) -> None:
    shop = make_shop(session)

    with pytest.raises(OrderLineUnknown):
        replenishment_orders.edit_line(session, 4711, quantity=1000, user_id=shop.cashier.id, now=NOON)


def test_an_order_is_approved_placed_and_expected_after_the_lead_time(session: Session) -> None:
    shop = make_shop(session)
    top_up(session, shop, make_short(session, shop))

    key = approve(session, shop)
    order = replenishment_orders.place(session, key, user_id=shop.cashier.id, now=NOON)

    assert (order.state, order.expected_on, order.draft_key) == ("placed", TODAY + timedelta(days=2), None)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "order.approved",
        "order.placed",
    ]


def test_steps_out_of_turn_are_refused(session: Session) -> None:
    shop = make_shop(session)
    top_up(session, shop, make_short(session, shop))
    user = shop.cashier.id
    draft = order_id(session)

    with pytest.raises(OrderState):
        replenishment_orders.place(session, draft, user_id=user, now=NOON)
    approve(session, shop)
    with pytest.raises(OrderState):
        replenishment_orders.approve(session, draft, user_id=user, now=NOON)
    replenishment_orders.place(session, draft, user_id=user, now=NOON)
    with pytest.raises(OrderState):
        edit(session, shop, 20)
    with pytest.raises(OrderUnknown):
        replenishment_orders.approve(session, 4711, user_id=user, now=NOON)


def test_nothing_new_is_ordered_from_an_inactive_supplier(session: Session) -> None:
    shop = make_shop(session)
    supplier = make_supplier(session)
    top_up(session, shop, make_short(session, shop, supplier=supplier))
    supplier.is_active = False
    session.flush()

    with pytest.raises(SupplierInactive) as refusal:
        approve(session, shop)

    assert refusal.value.details == {"supplier": supplier.name}


def test_a_cancelled_order_lets_its_shortage_be_ordered_again(session: Session) -> None:
    shop = make_shop(session)
    milk = make_short(session, shop)
    top_up(session, shop, milk)
    key = approve(session, shop)

    replenishment_orders.cancel(session, key, user_id=shop.cashier.id, now=NOON)

    assert StockFellBelowSafety(shop.store_id, (milk.id,)) in waiting(session)
    top_up(session, shop, milk)
    assert lines(session) == [(milk.id, 30_000, "cancelled"), (milk.id, 30_000, "draft")]
