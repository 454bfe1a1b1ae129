"""What a manager does with an order: change lines, approve, place, cancel."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.catalog import MAX_QUANTITY
from app.domain.errors import OrderState, OrderUnknown, QuantityOutOfRange
from app.domain.replenishment import NotWholePacks, OrderChanged, OrderLineUnknown, SeenLine, State, SupplierInactive
from app.models.catalog import Product, Supplier
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.queries import locks, receiving, stores
from app.services import audit, ledger

NAMED: Final = 3
"""So many products that differ are named; who sees the lines afterwards sees the others there."""


def locked(session: Session, order_id: int, *states: State) -> ReplenishmentOrder:
    """The order, locked, in one of `states`.

    Raises:
        OrderUnknown: no such order.
        OrderState: it is in another state.
    """
    order = locks.replenishment_order(session, order_id)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    if order.state not in states:
        raise OrderState(order_id=order_id, state=order.state)
    return order


def lines_of(session: Session, order: ReplenishmentOrder) -> list[ReplenishmentOrderLine]:
    """The order's lines as they are now."""
    statement = select(ReplenishmentOrderLine).where(ReplenishmentOrderLine.order_id == order.id)
    ordered = statement.order_by(ReplenishmentOrderLine.id).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def edit_line(session: Session, line_id: int, *, quantity: int, user_id: int, now: datetime) -> bool:
    """Order another quantity of a product; from then on top-ups leave the line alone.

    False when it is the quantity that is ordered already: nothing is changed then, and nothing noted.

    Raises:
        OrderLineUnknown: no such line.
        OrderState: the order is placed, closed or cancelled.
        NotWholePacks: nothing, or not a multiple of the product's pack.
        QuantityOutOfRange: absurdly much.
    """
    order_id = session.scalar(select(ReplenishmentOrderLine.order_id).where(ReplenishmentOrderLine.id == line_id))
    if order_id is None:
        raise OrderLineUnknown(lines=[line_id])
    order = locked(session, order_id, State.DRAFT, State.APPROVED)
    line = next((one for one in lines_of(session, order) if one.id == line_id), None)
    if line is None:
        raise OrderLineUnknown(lines=[line_id])
    if quantity == line.quantity:
        return False
    _check_quantity(session, line.product_id, quantity)
    before, line.quantity, line.is_edited = line.quantity, quantity, True
    line.reason = {**line.reason, "edited": quantity}
    details = {"line": line_id, "product": line.product_id, "quantity": [before, quantity]}
    _note(session, order, "line_edited", user_id, now, **details)
    return True


def _check_quantity(session: Session, product_id: int, quantity: int) -> None:
    pack_size = session.get_one(Product, product_id).pack_size
    if quantity > MAX_QUANTITY:
        raise QuantityOutOfRange(quantity=quantity, limit=MAX_QUANTITY)
    if quantity <= 0 or quantity % pack_size:
        raise NotWholePacks(quantity=quantity, pack_size=pack_size)


def approve(
    session: Session, order_id: int, *, seen: Collection[SeenLine] | None = None, user_id: int, now: datetime
) -> ReplenishmentOrder:
    """Agree to a draft: it stops changing by itself, later shortages go to a new draft.

    `seen` are the lines the manager was shown, None when there was nobody to show them to.

    Raises:
        OrderUnknown, OrderState: no such draft.
        OrderChanged: it has other lines by now.
        SupplierInactive: nothing new is ordered there.
    """
    order = locked(session, order_id, State.DRAFT)
    if seen is not None:
        _check_seen(session, order, set(seen))
    _check_supplier(session, order)
    order.state, order.draft_key = State.APPROVED, None
    order.approved_at, order.approved_by_id = now, user_id
    _note(session, order, "approved", user_id, now, lines=len(lines_of(session, order)))
    return order


def _check_seen(session: Session, order: ReplenishmentOrder, seen: set[SeenLine]) -> None:
    """Refuse what is not what was seen. The reasons may differ: their figures move with every sale."""
    rows = receiving.order_lines(session, order.id)
    lines = {SeenLine(row.product_id, row.quantity, row.unit_cost) for row in rows}
    if other := {line.product_id for line in lines ^ seen}:
        in_force = [asdict(line) for line in sorted(lines, key=lambda line: line.product_id)]
        raise OrderChanged(order_id=order.id, products=_names(session, other), lines=in_force)


def _names(session: Session, product_ids: Collection[int]) -> str:
    named = select(Product.name).where(Product.id.in_(product_ids)).order_by(Product.name).limit(NAMED)
    names = list(session.scalars(named))
    return ", ".join([*names, "…"] if len(names) < len(product_ids) else names)


def place(
    session: Session, order_id: int, *, seen: Collection[SeenLine] | None = None, user_id: int, now: datetime
) -> ReplenishmentOrder:
    """Say that the supplier has the order as it was `seen`; it is expected after the supplier's lead time.

    Raises:
        OrderUnknown, OrderState: no such approved order.
        OrderChanged: it has other lines by now.
        SupplierInactive: nothing new is ordered there.
    """
    order = locked(session, order_id, State.APPROVED)
    if seen is not None:
        _check_seen(session, order, set(seen))
    supplier = _check_supplier(session, order)
    today = business_date(now, stores.time_zones(session, [order.store_id])[order.store_id])
    order.state, order.placed_at, order.placed_by_id = State.PLACED, now, user_id
    order.expected_on = today + timedelta(days=supplier.lead_time_days)
    _note(session, order, "placed", user_id, now, expected_on=order.expected_on.isoformat())
    return order


def cancel(session: Session, order_id: int, *, user_id: int, now: datetime) -> ReplenishmentOrder:
    """Give an order up. What is still short is proposed afresh on a new draft.

    Raises:
        OrderUnknown: no such order.
        OrderState: it is closed, or part of it has come: then it is closed short instead.
    """
    order = locked(session, order_id, State.DRAFT, State.APPROVED, State.PLACED)
    lines = lines_of(session, order)
    if any(line.received for line in lines):
        raise OrderState(order_id=order_id, state=order.state)
    order.draft_key = None
    release(session, order, lines, State.CANCELLED, now=now)
    _note(session, order, "cancelled", user_id, now, lines=len(lines))
    return order


def release(
    session: Session, order: ReplenishmentOrder, lines: list[ReplenishmentOrderLine], state: State, *, now: datetime
) -> None:
    """End an order: nothing more comes on it, and what is short may be ordered again."""
    waiting = [line.product_id for line in lines if line.open_key is not None]
    order.state, order.closed_at = state, now
    for line in lines:
        line.open_key = None
    session.flush()
    if waiting:
        ledger.announce_changes(session, order.store_id, waiting)


def _check_supplier(session: Session, order: ReplenishmentOrder) -> Supplier:
    supplier = session.get_one(Supplier, order.supplier_id, populate_existing=True)
    if not supplier.is_active:
        raise SupplierInactive(supplier=supplier.name)
    return supplier


def _note(
    session: Session, order: ReplenishmentOrder, action: str, user_id: int, now: datetime, **details: Any
) -> None:
    session.flush()
    audit.record(
        session, user_id=user_id, action=f"order.{action}", subject_kind="replenishment_order", subject_id=order.id,
        details=details, now=now,
    )  # fmt: skip
