"""What a store may count today, and how right its counts have been."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from app.domain.quantity import ONE
from app.domain.stocktake_proposals import NEVER, QUESTION, SLOWEST, SOLD_DAYS, STEPS, Candidate
from app.models.catalog import Product
from app.models.reports import DailySales
from app.models.stock import StockException, StockLevel
from app.models.stocktake import Stocktake, StocktakeLine


def candidates(session: Session, store_id: int, *, today: date, now: datetime, limit: int) -> list[Candidate]:
    """The most urgent stocked products of the store that are not being counted, in their order."""
    rows = session.execute(_candidates(store_id, today, now).limit(limit))
    return [_candidate(row, now) for row in rows]


def _candidate(row: Any, now: datetime) -> Candidate:
    *known, sold, counted_at, is_questioned = row
    values: tuple[Any, ...] = (*known, int(sold), _days(counted_at, now), bool(is_questioned))
    return Candidate(*values)


def _days(counted_at: datetime | None, now: datetime) -> int | None:
    return None if counted_at is None else max((now - counted_at).days, 0)


def _candidates(store_id: int, today: date, now: datetime) -> Select[*tuple[Any, ...]]:
    sold, counted = _sold(store_id, today).subquery(), _counted(store_id).subquery()
    asked = select(StockException.product_id).where(
        StockException.store_id == store_id, StockException.open_key.is_not(None)
    )
    being_counted = (
        select(StocktakeLine.product_id)
        .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
        .where(Stocktake.store_id == store_id, StocktakeLine.open_key.is_not(None))
    )
    available = StockLevel.on_hand - StockLevel.reserved
    unit_cost = func.coalesce(func.nullif(Product.purchase_price, 0), Product.selling_price)
    units, is_questioned = func.coalesce(sold.c.quantity, 0), case((Product.id.in_(asked), 1), else_=0)
    score = _worth(available, unit_cost) * _sells(units) * _step(counted.c.counted_at, now)
    return (
        select(
            Product.id, Product.name, Product.shelf, Product.category_id, Product.unit,
            available, unit_cost, units, counted.c.counted_at, is_questioned,
        )
        .join(StockLevel, and_(StockLevel.product_id == Product.id, StockLevel.store_id == store_id))
        .outerjoin(sold, sold.c.product_id == Product.id)
        .outerjoin(counted, counted.c.product_id == Product.id)
        .where(Product.is_stocked.is_(True), Product.is_archived.is_(False), Product.id.not_in(being_counted))
        .order_by((score * (1 + (QUESTION - 1) * is_questioned)).desc(), Product.id)
    )  # fmt: skip


def _worth(available: ColumnElement[int], unit_cost: ColumnElement[int]) -> ColumnElement[Any]:
    # A float first: thousandths times minor units may be more than the largest integer.
    return 1 + _not_negative(available) * literal(0.01 / ONE) * unit_cost


def _sells(units: ColumnElement[int]) -> ColumnElement[Any]:
    return SLOWEST + _not_negative(units) * literal(1 / (ONE * SOLD_DAYS))


def _step(counted_at: ColumnElement[datetime], now: datetime) -> ColumnElement[int]:
    reached = ((counted_at <= now - timedelta(days=one), one) for one in reversed(STEPS))
    return case((counted_at.is_(None), NEVER), *reached, else_=STEPS[0])


def _not_negative(figure: ColumnElement[int]) -> ColumnElement[int]:
    return case((figure > 0, figure), else_=0)


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
