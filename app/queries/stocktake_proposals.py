"""What a store may count today, and how right its counts have been."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.domain.stocktake_proposals import SOLD_DAYS, Candidate
from app.models.catalog import Product
from app.models.reports import DailySales
from app.models.stock import StockException, StockLevel
from app.models.stocktake import Stocktake, StocktakeLine


def candidates(session: Session, store_id: int, *, today: date, now: datetime) -> list[Candidate]:
    """Every stocked product of the store that is not being counted; the most urgent first."""
    rows = session.execute(_candidates(store_id, today))
    found = [_candidate(row, now) for row in rows]
    return sorted(found, key=lambda one: (-one.score, one.product_id))


def _candidate(row: Any, now: datetime) -> Candidate:
    *known, sold, counted_at, is_questioned = row
    values: tuple[Any, ...] = (*known, int(sold), _days(counted_at, now), bool(is_questioned))
    return Candidate(*values)


def _days(counted_at: datetime | None, now: datetime) -> int | None:
    return None if counted_at is None else max((now - counted_at).days, 0)


def _candidates(store_id: int, today: date) -> Select[*tuple[Any, ...]]:
    sold, counted = _sold(store_id, today).subquery(), _counted(store_id).subquery()
    asked = select(StockException.product_id).where(
        StockException.store_id == store_id, StockException.open_key.is_not(None)
    )
    being_counted = (
        select(StocktakeLine.product_id)
        .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
        .where(Stocktake.store_id == store_id, StocktakeLine.open_key.is_not(None))
    )
    worth = func.coalesce(func.nullif(Product.purchase_price, 0), Product.selling_price)
    return (
        select(
            Product.id, Product.name, Product.shelf, Product.category_id, Product.unit,
            StockLevel.on_hand - StockLevel.reserved, worth, func.coalesce(sold.c.quantity, 0), counted.c.counted_at,
            case((Product.id.in_(asked), 1), else_=0),
        )
        .join(StockLevel, and_(StockLevel.product_id == Product.id, StockLevel.store_id == store_id))
        .outerjoin(sold, sold.c.product_id == Product.id)
        .outerjoin(counted, counted.c.product_id == Product.id)
        .where(Product.is_stocked.is_(True), Product.is_archived.is_(False), Product.id.not_in(being_counted))
    )  # fmt: skip


def _sold(store_id: int, today: date) -> Select[*tuple[Any, ...]]:
    return (
        select(DailySales.product_id, func.sum(DailySales.units - DailySales.returned).label("quantity"))
        .where(DailySales.store_id == store_id, DailySales.business_date >= today - timedelta(days=SOLD_DAYS))
        .group_by(DailySales.product_id)
    )


def _counted(store_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(StocktakeLine.product_id, func.max(StocktakeLine.counted_at).label("counted_at"))
        .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
        .where(
            Stocktake.store_id == store_id, Stocktake.state == "posted", StocktakeLine.counted.is_not(None),
        )
        .group_by(StocktakeLine.product_id)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right the books were where they were counted: lines, and value in minor units."""

    stocktakes: int
    lines: int
    right: int
    book_value: int
    variance_value: int

    @property
    def of_lines(self) -> float | None:
        """Lines without a variance, in percent; None: nothing was counted."""
        return 100 * self.right / self.lines if self.lines else None

    @property
    def of_value(self) -> float | None:
        """Value that was where the books have it, in percent, never below nothing."""
        return max(0.0, 100 - 100 * self.variance_value / self.book_value) if self.book_value else None


def accuracy(session: Session, stores: Collection[int] | None, *, since: datetime) -> Accuracy:
    """Of all counts posted since then in the stores (None: all)."""
    statement = select(
        func.count(), *(func.coalesce(func.sum(column), 0) for column in (
            Stocktake.lines_counted, Stocktake.lines_right, Stocktake.book_value, Stocktake.variance_value,
        ))
    ).where(Stocktake.posted_at >= since)  # fmt: skip
    if stores is not None:
        statement = statement.where(Stocktake.store_id.in_(stores))
    return Accuracy(*(int(one) for one in session.execute(statement).one()))
