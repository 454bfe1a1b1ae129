"""Orders as the phone shows them: what is to come, and what has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.quantity import ONE
from app.models.catalog import Product, Supplier
from app.models.receiving import GoodsReceipt
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stock import Store


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with how many lines it has and what it costs."""

    id: int
    state: str
    supplier: str
    store: str
    expected_on: date | None
    lines: int
    total_cost: int


def orders(
    session: Session,
    store_ids: Collection[int] | None,
    *,
    state: str | None = None,
    order_id: int | None = None,
    limit: int = 100,
) -> list[OrderRow]:
    """Orders of the stores (None: all), what is expected first at the top, else the newest."""
    cost = func.coalesce(func.sum(ReplenishmentOrderLine.quantity * ReplenishmentOrderLine.unit_cost), 0)
    statement = (
        select(
            ReplenishmentOrder.id, ReplenishmentOrder.state, Supplier.name, Store.name, ReplenishmentOrder.expected_on,
            func.count(ReplenishmentOrderLine.id), cost,
        )
        .join(Supplier, Supplier.id == ReplenishmentOrder.supplier_id)
        .join(Store, Store.id == ReplenishmentOrder.store_id)
        .outerjoin(ReplenishmentOrderLine, ReplenishmentOrderLine.order_id == ReplenishmentOrder.id)
        .group_by(
            ReplenishmentOrder.id, ReplenishmentOrder.state, Supplier.name, Store.name, ReplenishmentOrder.expected_on
        )
        .order_by(func.coalesce(ReplenishmentOrder.expected_on, date.max), ReplenishmentOrder.id.desc())
        .limit(limit)
    )  # fmt: skip
    if store_ids is not None:
        statement = statement.where(ReplenishmentOrder.store_id.in_(store_ids))
    if state is not None:
        statement = statement.where(ReplenishmentOrder.state == state)
    if order_id is not None:
        statement = statement.where(ReplenishmentOrder.id == order_id)
    return [OrderRow(*row[:6], int(row[6]) // ONE) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """A line of an order; `reason` holds the figures of its sentence."""

    id: int
    product_id: int
    name: str
    barcode: str | None
    unit: str
    pack_size: int
    quantity: int
    received: int
    unit_cost: int
    reason: dict[str, Any]


def order_lines(session: Session, order_id: int) -> list[OrderLineRow]:
    """The lines of an order."""
    rows = session.execute(
        select(
            ReplenishmentOrderLine.id, ReplenishmentOrderLine.product_id, Product.name, Product.barcode, Product.unit,
            Product.pack_size, ReplenishmentOrderLine.quantity, ReplenishmentOrderLine.received,
            ReplenishmentOrderLine.unit_cost, ReplenishmentOrderLine.reason,
        )
        .join(Product, Product.id == ReplenishmentOrderLine.product_id)
        .where(ReplenishmentOrderLine.order_id == order_id)
        .order_by(ReplenishmentOrderLine.id)
    )  # fmt: skip
    return [OrderLineRow(*row) for row in rows]


def receipts(session: Session, order_id: int) -> list[UUID]:
    """The deliveries of an order that are booked."""
    statement = select(GoodsReceipt.uuid).where(GoodsReceipt.order_id == order_id).order_by(GoodsReceipt.id)
    return list(session.scalars(statement))
