"""Figures of the back office's start page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.checkout import Refund, Sale
from app.models.replenishment import ReplenishmentOrder
from app.models.stock import StockException, StockLevel, Store
from app.queries.replenishment import effective_safety, has_active_supplier, levels_below_safety

OPEN_STATES = ("draft", "approved", "placed")


@dataclass(frozen=True, slots=True)
class Takings:
    """Sales and refunds of a business day, in minor units."""

    sales: int
    total: int
    refunds: int
    refunded: int


@dataclass(frozen=True, slots=True)
class Unposted:
    """Sales the ledger does not have yet, and since when the oldest waits."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ShortRow:
    """A level below its safety stock."""

    store_id: int
    product_id: int
    store: str
    name: str
    unit: str
    available: int
    safety: int


@dataclass(frozen=True, slots=True)
class Shortages:
    """How many levels are below their safety stock, how many of them nobody can deliver, and the worst."""

    below: int
    nobody_delivers: int
    shortest: tuple[ShortRow, ...]


def _in(column: Any, stores: Collection[int] | None) -> ColumnElement[bool]:
    return true() if stores is None else column.in_(stores)


def takings(session: Session, stores: Collection[int] | None, day: date) -> Takings:
    """What the stores took on `day` (None: all stores)."""
    sales = session.execute(
        select(func.count(), func.coalesce(func.sum(Sale.total), 0)).where(
            Sale.business_date == day, _in(Sale.store_id, stores)
        )
    ).one()
    refunds = session.execute(
        select(func.count(), func.coalesce(func.sum(Refund.total), 0)).where(
            Refund.business_date == day, _in(Refund.store_id, stores)
        )
    ).one()
    return Takings(sales[0], int(sales[1]), refunds[0], int(refunds[1]))


def unposted(session: Session, stores: Collection[int] | None) -> Unposted:
    """Sales that wait for the ledger."""
    row = session.execute(
        select(func.count(), func.min(Sale.sold_at)).where(Sale.posted_at.is_(None), _in(Sale.store_id, stores))
    ).one()
    return Unposted(row[0], row[1])


def shortages(session: Session, stores: Collection[int] | None, limit: int) -> Shortages:
    """Levels below their safety stock: how many, and the `limit` that lack most.

    One question for all of it: it reads every level of the stores.
    """
    available = StockLevel.on_hand - StockLevel.reserved
    nobody = and_(~has_active_supplier(), Store.is_active.is_(True))
    rows = session.execute(
        levels_below_safety()
        .add_columns(
            Store.name, Product.name, Product.unit, available, effective_safety(), func.count().over(),
            func.sum(case((nobody, 1), else_=0)).over(),
        )
        .where(_in(StockLevel.store_id, stores))
        .order_by(None)
        .order_by((available - effective_safety()), StockLevel.product_id)
        .limit(limit)
    ).all()  # fmt: skip
    if not rows:
        return Shortages(0, 0, ())
    return Shortages(int(rows[0][-2]), int(rows[0][-1]), tuple(ShortRow(*row[:-2]) for row in rows))


def open_orders(session: Session, stores: Collection[int] | None) -> dict[str, int]:
    """How many orders are in each open state."""
    rows = session.execute(
        select(ReplenishmentOrder.state, func.count())
        .where(ReplenishmentOrder.state.in_(OPEN_STATES), _in(ReplenishmentOrder.store_id, stores))
        .group_by(ReplenishmentOrder.state)
    )
    return {str(row[0]): int(row[1]) for row in rows}


def open_exceptions(session: Session, stores: Collection[int] | None) -> int:
    """How many exceptions wait for somebody to look."""
    return (
        session.scalar(
            select(func.count())
            .select_from(StockException)
            .where(StockException.open_key.is_not(None), _in(StockException.store_id, stores))
        )
        or 0
    )
