"""What lies on the shelves, what it is worth, and what went without being sold."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.reports import DailySales
from app.models.stock import StockLevel, StockMovement

SOLD_OR_BOUGHT: Final = ("sale", "return", "receipt", "opening")
"""Every other kind of movement is a loss or a find."""


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of one product."""

    product_id: int
    name: str
    unit: str
    category_id: int
    on_hand: int
    available: int
    purchase_price: int
    selling_price: int


@dataclass(frozen=True, slots=True)
class LossRow:
    """Movements of one kind and product; `value` is at the purchase price of now, in thousandths of a minor unit."""

    kind: str
    product_id: int
    movements: int
    quantity: int
    value: int


def sold_since(session: Session, store_id: int, product_ids: Collection[int], day: date) -> set[int]:
    """Which of these products sold since that day; each is looked up until its first sale is found."""
    sells = exists().where(
        DailySales.product_id == Product.id, DailySales.business_date >= day, DailySales.store_id == store_id,
        DailySales.units > 0,
    )  # fmt: skip
    return set(session.scalars(select(Product.id).where(Product.id.in_(product_ids), sells)))


def stock(session: Session, store_id: int) -> list[StockRow]:
    """Every product that the store has or owes."""
    rows = session.execute(
        select(
            Product.id, Product.name, Product.unit, Product.category_id, StockLevel.on_hand,
            StockLevel.on_hand - StockLevel.reserved, Product.purchase_price, Product.selling_price,
        )
        .join(Product, Product.id == StockLevel.product_id)
        .where(StockLevel.store_id == store_id, StockLevel.on_hand != 0, Product.is_stocked.is_(True))
        .order_by(Product.id)
    )  # fmt: skip
    return [StockRow(*row) for row in rows]


def available(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, int]:
    """What may be sold of each named product."""
    rows = session.execute(
        select(StockLevel.product_id, StockLevel.on_hand - StockLevel.reserved).where(
            StockLevel.store_id == store_id, StockLevel.product_id.in_(product_ids)
        )
    )
    return {row[0]: int(row[1]) for row in rows}


def kinds(session: Session) -> list[str]:
    """Every kind of movement that is neither sold nor bought; read along an index, not from the rows."""
    found: list[str] = []
    while (
        kind := session.scalar(
            select(func.min(StockMovement.kind)).where(StockMovement.kind > (found[-1] if found else ""))
        )
    ) is not None:
        found.append(kind)
    return [kind for kind in found if kind not in SOLD_OR_BOUGHT]


def losses(session: Session, store_id: int, start: datetime, end: datetime) -> list[LossRow]:
    """What the ledger booked for other reasons than buying and selling, by kind and product."""
    wanted = kinds(session)
    if not wanted:
        return []
    rows = session.execute(
        select(
            StockMovement.kind, StockMovement.product_id, func.count(), func.sum(StockMovement.quantity),
            func.sum(StockMovement.quantity * func.coalesce(Product.purchase_price, 0)),
        )
        .outerjoin(Product, Product.id == StockMovement.product_id)
        .where(
            StockMovement.kind.in_(wanted), StockMovement.store_id == store_id, StockMovement.occurred_at >= start,
            StockMovement.occurred_at < end,
        )
        .group_by(StockMovement.kind, StockMovement.product_id)
    )  # fmt: skip
    return [LossRow(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows]
