"""Questions of the empty-shelf radar: who was silent since when, what is open, how often it was right."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.forecast import ShelfCheck
from app.models.stock import StockLevel, StockMovement


def last_sales(session: Session, store_id: int, since: datetime) -> dict[int, datetime]:
    """The last sale of every product that has sold since a moment."""
    rows = session.execute(
        select(SaleLine.product_id, func.max(Sale.sold_at))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(Sale.store_id == store_id, Sale.sold_at >= since)
        .group_by(SaleLine.product_id)
    )
    return {row[0]: row[1] for row in rows}


def last_deliveries(session: Session, store_id: int, since: datetime) -> dict[int, datetime]:
    """When stock of a product last came or was corrected since a moment: before that the shelf may have been bare."""
    rows = session.execute(
        select(StockMovement.product_id, func.max(StockMovement.occurred_at))
        .where(
            StockMovement.store_id == store_id,
            StockMovement.occurred_at >= since,
            StockMovement.kind != "sale",
        )
        .group_by(StockMovement.product_id)
    )
    return {row[0]: row[1] for row in rows}


def looked_at(session: Session, store_id: int, since: datetime) -> set[int]:
    """Products that somebody looked at since a moment, and those that wait for it."""
    statement = select(ShelfCheck.product_id).where(
        ShelfCheck.store_id == store_id, (ShelfCheck.answered_at >= since) | ShelfCheck.open_key.is_not(None)
    )
    return set(session.scalars(statement))


def open_checks(session: Session) -> int:
    """How many wait for somebody to look, in all stores."""
    return session.scalar(select(func.count()).where(ShelfCheck.open_key.is_not(None))) or 0


def opened_since(session: Session, store_id: int, since: datetime) -> int:
    """How many were opened since a moment."""
    statement = select(func.count()).where(ShelfCheck.store_id == store_id, ShelfCheck.opened_at >= since)
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True)
class OnShelf:
    """What is known of a product that may stand on the shelf."""

    product_id: int
    unit: str
    selling_price: int
    available: int


def on_shelf(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, OnShelf]:
    """The named products with what the books say is there."""
    rows = session.execute(
        select(Product.id, Product.unit, Product.selling_price, StockLevel.on_hand - StockLevel.reserved)
        .join(StockLevel, StockLevel.product_id == Product.id)
        .where(StockLevel.store_id == store_id, Product.id.in_(product_ids))
    )
    return {row[0]: OnShelf(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Check:
    """A shelf to look at, or one that was looked at."""

    id: int
    store_id: int
    product_id: int
    name: str
    unit: str
    barcode: str | None
    shelf: str | None
    opened_at: datetime
    silent_since: datetime
    expected: int
    chance: int
    available: int
    value: int
    answer: str | None
    answered_at: datetime | None


def checks(session: Session, store_ids: Collection[int] | None, *, is_open: bool, limit: int = 200) -> list[Check]:
    """Shelves to look at, the most expensive first; or those already looked at, the newest first."""
    statement = (
        select(
            ShelfCheck.id, ShelfCheck.store_id, ShelfCheck.product_id, Product.name, Product.unit, Product.barcode,
            Product.shelf, ShelfCheck.opened_at, ShelfCheck.silent_since, ShelfCheck.expected, ShelfCheck.chance,
            ShelfCheck.available, ShelfCheck.value, ShelfCheck.answer, ShelfCheck.answered_at,
        )
        .join(Product, Product.id == ShelfCheck.product_id)
        .where(ShelfCheck.open_key.is_not(None) if is_open else ShelfCheck.open_key.is_(None))
        .order_by(*((ShelfCheck.value.desc(), ShelfCheck.id) if is_open else (ShelfCheck.id.desc(),)))
        .limit(limit)
    )  # fmt: skip
    if store_ids is not None:
        statement = statement.where(ShelfCheck.store_id.in_(store_ids))
    rows: Iterable[Any] = session.execute(statement)
    return [Check(*row) for row in rows]


def answers(session: Session, since: datetime) -> Mapping[int, dict[str, int]]:
    """How often each answer was given since a moment, by store."""
    rows = session.execute(
        select(ShelfCheck.store_id, ShelfCheck.answer, func.count())
        .where(ShelfCheck.answered_at >= since, ShelfCheck.answer.is_not(None))
        .group_by(ShelfCheck.store_id, ShelfCheck.answer)
    )
    found: dict[int, dict[str, int]] = {}
    for store_id, answer, count in rows:
        found.setdefault(store_id, {})[str(answer)] = count
    return found


def silent_again(session: Session, store_id: int) -> list[tuple[int, int, datetime]]:
    """Open checks of a store: id, product and since when nothing had sold."""
    rows = session.execute(
        select(ShelfCheck.id, ShelfCheck.product_id, ShelfCheck.silent_since).where(
            ShelfCheck.store_id == store_id, ShelfCheck.open_key.is_not(None)
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]
