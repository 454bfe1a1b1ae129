"""What really happened to products on past days, and what was asked to be replayed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.models.catalog import Category, Product, Supplier
from app.models.forecast import WhatIf
from app.models.reports import DailySales
from app.models.staff import User
from app.models.stock import StockLevel, StockMovement, Store

WAITING: Final = "waiting"
LEASE: Final = timedelta(minutes=15)
"""Longer than the task of a replay may take: whoever claimed one so long ago is gone."""
WASTE: Final = "waste"
"""The kind of movement by which goods are thrown away."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What ordering knows of a product, as it is set now."""

    product_id: int
    unit: str
    on_hand: int
    safety_stock: int
    pack_size: int
    purchase_price: int
    minimum_order: int
    shelf_life_days: int | None
    lead_time_days: int
    service_level: int


def best_sellers(session: Session, store_id: int, first: date, last: date, limit: int) -> list[int]:
    """The products that brought in most on these days."""
    statement = (
        select(DailySales.product_id)
        .join(Product, Product.id == DailySales.product_id)
        .where(
            DailySales.store_id == store_id, DailySales.business_date.between(first, last),
            Product.is_stocked.is_(True),
        )
        .group_by(DailySales.product_id)
        .having(func.sum(DailySales.units) > 0)
        .order_by(func.sum(DailySales.gross).desc(), DailySales.product_id)
        .limit(limit)
    )  # fmt: skip
    return list(session.scalars(statement))


def ordered(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, Ordered]:
    """The named products; safety stock is the product's own: what ordering had before there were forecasts."""
    rows: Iterable[Any] = session.execute(
        select(
            Product.id, Product.unit, func.coalesce(StockLevel.on_hand, 0), Product.safety_stock, Product.pack_size,
            Product.purchase_price, Product.minimum_order, Product.shelf_life_days,
            func.coalesce(Supplier.lead_time_days, 0), Category.service_level,
        )
        .join(Category, Category.id == Product.category_id)
        .outerjoin(Supplier, Supplier.id == Product.supplier_id)
        .outerjoin(StockLevel, (StockLevel.product_id == Product.id) & (StockLevel.store_id == store_id))
        .where(Product.id.in_(product_ids))
    )  # fmt: skip
    return {row[0]: Ordered(*row) for row in rows}


def moved(
    session: Session, store_id: int, product_ids: Collection[int], since: datetime
) -> list[tuple[int, str, date, int]]:
    """Product, kind, day (UTC) and sum of everything booked since a moment."""
    day = func.date(StockMovement.occurred_at)
    rows = session.execute(
        select(StockMovement.product_id, StockMovement.kind, day, func.sum(StockMovement.quantity))
        .where(
            StockMovement.store_id == store_id,
            StockMovement.product_id.in_(product_ids),
            StockMovement.occurred_at >= since,
        )
        .group_by(StockMovement.product_id, StockMovement.kind, day)
    )
    return [(row[0], row[1], _day(row[2]), int(row[3])) for row in rows]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


@dataclass(frozen=True, slots=True)
class Asked:
    """A replay somebody asked for."""

    id: int
    store: str
    asked_by: str | None
    asked_at: datetime
    settings: dict[str, Any]
    state: str
    result: dict[str, Any] | None
    finished_at: datetime | None
    problem: str


def free(now: datetime) -> ColumnElement[bool]:
    """Whether no worker can be at work on a replay."""
    return or_(WhatIf.claimed_at.is_(None), WhatIf.claimed_at < now - LEASE)


def waiting(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Replays that nobody has ended, of those that are `which`."""
    return list(session.scalars(select(WhatIf.id).where(WhatIf.state == WAITING, *which).order_by(WhatIf.id)))


def left(session: Session, now: datetime) -> list[int]:
    """Replays asked for a while ago that nobody is at work on: their message was lost, or their worker."""
    return waiting(session, WhatIf.asked_at < now - LEASE, free(now))


def newest(session: Session, *, limit: int = 20, id_: int | None = None) -> list[Asked]:
    """The newest replays of all stores, or the one named."""
    statement = (
        select(
            WhatIf.id, Store.name, User.display_name, WhatIf.asked_at, WhatIf.settings, WhatIf.state, WhatIf.result,
            WhatIf.finished_at, WhatIf.problem,
        )
        .join(Store, Store.id == WhatIf.store_id)
        .outerjoin(User, User.id == WhatIf.asked_by_id)
        .order_by(WhatIf.id.desc())
        .limit(limit)
    )  # fmt: skip
    if id_ is not None:
        statement = statement.where(WhatIf.id == id_)
    rows: Iterable[Any] = session.execute(statement)
    return [Asked(*row) for row in rows]
