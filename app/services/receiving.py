"""A delivery at the door: counted, compared with the order, booked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalog import MAX_QUANTITY
from app.domain.errors import OverDelivery, QuantityOutOfRange
from app.domain.quantity import Unit, is_whole
from app.domain.replenishment import NothingCounted, OrderLineUnknown, ReceiptUuidConflict, State
from app.models.catalog import Product
from app.models.receiving import GoodsReceipt, GoodsReceiptLine
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.services import audit, ledger, replenishment_orders
from app.services.ledger import Entry

Line = ReplenishmentOrderLine


@dataclass(frozen=True, slots=True)
class Delivery:
    """A booked delivery; `is_new` False: this UUID had been booked before, nothing changed now."""

    receipt_id: int
    order_id: int
    order_state: str
    is_new: bool


def receive(
    session: Session,
    order_id: int,
    *,
    uuid: UUID,
    counted: Mapping[int, int],
    accept_surplus: bool,
    user_id: int,
    now: datetime,
    note: str = "",
    close_short: bool = False,
) -> Delivery:
    """Book what was counted, by order line, into stock; part of an order may come, the rest later.

    The order closes when every line is complete, or when `close_short` says that nothing more will come.
    Lines that are not named in `counted` have not come yet.

    Raises:
        OrderUnknown, OrderState: no such placed order.
        NothingCounted: nothing at all came and the order stays open.
        OrderLineUnknown: lines of another order; names all.
        QuantityOutOfRange: negative, absurd or part of a piece; names all.
        OverDelivery: more than is still to come, and nobody said that the surplus is kept; names all.
        ReceiptUuidConflict: the UUID stands for another delivery.
    """
    order = replenishment_orders.locked(session, order_id, *State)
    if known := session.scalars(select(GoodsReceipt).where(GoodsReceipt.uuid == uuid)).one_or_none():
        return _again(session, known, order, counted)
    replenishment_orders.locked(session, order_id, State.PLACED)
    lines = {line.id: line for line in replenishment_orders.lines_of(session, order)}
    _check(session, lines, counted, accept_surplus=accept_surplus, may_be_nothing=close_short)
    receipt = _book(session, order, lines, counted, uuid=uuid, user_id=user_id, now=now, note=note)
    if close_short or all(line.received >= line.quantity for line in lines.values()):
        replenishment_orders.release(session, order, list(lines.values()), State.RECEIVED, now=now)
    _note(session, order, user_id, now, receipt=receipt.id, counted=sum(counted.values()), closed=close_short)
    return Delivery(receipt.id, order.id, str(order.state), is_new=True)


def close_short(session: Session, order_id: int, *, user_id: int, now: datetime, note: str = "") -> None:
    """End an order of which nothing more will come; what is still short is proposed afresh.

    Raises:
        OrderUnknown, OrderState: no such placed order.
    """
    order = replenishment_orders.locked(session, order_id, State.PLACED)
    lines = replenishment_orders.lines_of(session, order)
    replenishment_orders.release(session, order, lines, State.RECEIVED, now=now)
    _note(session, order, user_id, now, closed=True, note=note)


def _again(session: Session, known: GoodsReceipt, order: ReplenishmentOrder, counted: Mapping[int, int]) -> Delivery:
    rows = session.execute(
        select(GoodsReceiptLine.order_line_id, GoodsReceiptLine.counted).where(GoodsReceiptLine.receipt_id == known.id)
    )
    if known.order_id != order.id or dict(rows.all()) != dict(counted):
        raise ReceiptUuidConflict(uuid=str(known.uuid))
    return Delivery(known.id, order.id, str(order.state), is_new=False)


def _check(
    session: Session,
    lines: Mapping[int, Line],
    counted: Mapping[int, int],
    *,
    accept_surplus: bool,
    may_be_nothing: bool,
) -> None:
    if not any(counted.values()) and not may_be_nothing:
        raise NothingCounted
    if foreign := sorted(counted.keys() - lines.keys()):
        raise OrderLineUnknown(lines=foreign)
    products = _products(session, [lines[key] for key in counted])
    wrong = [
        _named(lines[key], products, quantity)
        for key, quantity in counted.items()
        if not 0 <= quantity <= MAX_QUANTITY
        or (products[lines[key].product_id][1] == Unit.PIECE and not is_whole(quantity))
    ]
    if wrong:
        raise QuantityOutOfRange(lines=wrong)
    beyond = [
        _named(lines[key], products, quantity) for key, quantity in counted.items() if quantity > _expected(lines[key])
    ]
    if beyond and not accept_surplus:
        raise OverDelivery(lines=beyond)


def _products(session: Session, lines: Sequence[Line]) -> dict[int, tuple[str, str]]:
    """Name and unit by product."""
    wanted = Product.id.in_([line.product_id for line in lines])
    return {
        row.id: (row.name, row.unit)
        for row in session.execute(select(Product.id, Product.name, Product.unit).where(wanted))
    }


def _named(line: Line, products: Mapping[int, tuple[str, str]], quantity: int) -> dict[str, Any]:
    return {
        "order_line_id": line.id, "product_id": line.product_id, "name": products[line.product_id][0],
        "expected": _expected(line), "counted": quantity,
    }  # fmt: skip


def _expected(line: Line) -> int:
    """What is still to come."""
    return max(line.quantity - line.received, 0)


def _book(
    session: Session,
    order: ReplenishmentOrder,
    lines: Mapping[int, Line],
    counted: Mapping[int, int],
    *,
    uuid: UUID,
    user_id: int,
    now: datetime,
    note: str,
) -> GoodsReceipt:
    """Write the delivery, its stock and what the order lines have received by now."""
    receipt = GoodsReceipt(
        uuid=uuid, order_id=order.id, store_id=order.store_id, received_at=now, received_by_id=user_id, note=note
    )
    receipt.lines = [
        GoodsReceiptLine(
            order_line_id=key, product_id=lines[key].product_id, expected=_expected(lines[key]), counted=quantity,
            unit_cost=lines[key].unit_cost,
        )
        for key, quantity in sorted(counted.items())
    ]  # fmt: skip
    session.add(receipt)
    for key, quantity in counted.items():
        line = lines[key]
        line.received += quantity
        if line.received >= line.quantity:
            line.open_key = None
    session.flush()
    ledger.book(session, _entries(receipt, now), now=now)
    return receipt


def _entries(receipt: GoodsReceipt, now: datetime) -> list[Entry]:
    return [
        Entry(receipt.store_id, line.product_id, "receipt", line.counted, "receipt_line", line.id, now)
        for line in receipt.lines
        if line.counted
    ]


def _note(session: Session, order: ReplenishmentOrder, user_id: int, now: datetime, **details: Any) -> None:
    audit.record(
        session, user_id=user_id, action="order.received", subject_kind="replenishment_order", subject_id=order.id,
        details=details, now=now,
    )  # fmt: skip
    session.flush()
