"""What the summary of a business day needs beside the sums per product: receipts, usual prices, the shelf's balance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.checkout import Refund, Sale, SaleLine
from app.models.reports import DailySales, SummarisedDay
from app.models.stock import StockLevel, StockMovement
from app.queries.reports import EDITION

USUAL_DAYS: Final = 28
"""The days before, by which a price is usual and a product is one that the store sells."""

BY_TIME: Final = "FORCE INDEX (ix_stock_movements_occurred_at)"
"""For the sake of the grouping the database would rather walk through all that the store has ever moved."""
RECENT: Final = timedelta(days=28)
"""Longer ago all that the other stores of a chain have moved since would be more."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sale, or with `lines` 0 a refund, as the takings of an hour and of a cashier see it."""

    at: datetime
    cashier_id: int
    amount: int
    lines: int = 0


def receipts(session: Session, store_id: int, day: date) -> list[Receipt]:
    """Every sale of a business day."""
    rows = session.execute(
        select(Sale.sold_at, Sale.cashier_id, Sale.total, func.count(SaleLine.id))
        .outerjoin(SaleLine, SaleLine.sale_id == Sale.id)
        .where(Sale.store_id == store_id, Sale.business_date == day)
        .group_by(Sale.id, Sale.sold_at, Sale.cashier_id, Sale.total)
    )
    return [Receipt(*row) for row in rows]


def refunds(session: Session, store_id: int, day: date) -> list[Receipt]:
    """Every refund of a business day."""
    rows = session.execute(
        select(Refund.refunded_at, Refund.cashier_id, Refund.total).where(
            Refund.store_id == store_id, Refund.business_date == day
        )
    )
    return [Receipt(*row) for row in rows]


def opening_hours(session: Session, store_id: int, first: date, last: date) -> dict[date, tuple[datetime, datetime]]:
    """The first and the last receipt of every business day that has one."""
    rows = session.execute(
        select(Sale.business_date, func.min(Sale.sold_at), func.max(Sale.sold_at))
        .where(Sale.store_id == store_id, Sale.business_date.between(first, last))
        .group_by(Sale.business_date)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def usual_prices(session: Session, store_id: int, day: date) -> dict[int, float]:
    """Minor units per thousandth that each product brought on an average day of the four weeks before."""
    rows = session.execute(
        select(DailySales.product_id, func.avg(DailySales.gross * 1.0 / DailySales.units))
        .where(DailySales.store_id == store_id, _before(day), DailySales.units > 0)
        .group_by(DailySales.product_id)
    )
    return {row[0]: float(row[1]) for row in rows}


def sellers(session: Session, store_id: int, day: date, product_ids: Collection[int]) -> set[int]:
    """Which of these products sold in the four weeks before."""
    if not product_ids:
        return set()
    return set(
        session.scalars(
            select(DailySales.product_id)
            .where(
                DailySales.store_id == store_id, _before(day), DailySales.units > 0,
                DailySales.product_id.in_(product_ids),
            )
            .distinct()
        )
    )  # fmt: skip


def _before(day: date) -> ColumnElement[bool]:
    return DailySales.business_date.between(day - timedelta(days=USUAL_DAYS), day - timedelta(days=1))


def kept_gaps(session: Session, store_id: int, days: Collection[date]) -> dict[date, dict[int, int]]:
    """Minutes without stock by product, of those of the days whose summary knows them."""
    known = session.scalars(
        select(SummarisedDay.business_date).where(
            SummarisedDay.store_id == store_id,
            SummarisedDay.business_date.in_(sorted(days)),
            SummarisedDay.edition == EDITION,
        )
    )
    found: dict[date, dict[int, int]] = {day: {} for day in known}
    rows = session.execute(
        select(DailySales.business_date, DailySales.product_id, DailySales.out_of_stock_minutes).where(
            DailySales.store_id == store_id,
            DailySales.business_date.in_(sorted(found)),
            DailySales.out_of_stock_minutes > 0,
        )
    )
    for day, product_id, minutes in rows:
        found[day][product_id] = minutes
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What the ledger did to a product within a span of time: the sum, and the part of it that went out."""

    total: int
    out: int


def balances(session: Session, store_id: int, moment: datetime) -> dict[int, int]:
    """What was on hand of every product at `moment`: what is there now without what the ledger did since.

    One statement, so that what is posted meanwhile is in both parts or in none.
    """
    moved = (
        select(StockMovement.product_id, func.sum(StockMovement.quantity).label("quantity"))
        .where(StockMovement.store_id == store_id, StockMovement.occurred_at >= moment)
        .group_by(StockMovement.product_id)
    )
    if utc_now() - moment < RECENT:
        moved = moved.with_hint(StockMovement, BY_TIME, "mysql").with_hint(StockMovement, BY_TIME, "mariadb")
    since = moved.subquery()
    rows = session.execute(
        select(StockLevel.product_id, StockLevel.on_hand - func.coalesce(since.c.quantity, 0))
        .outerjoin(since, since.c.product_id == StockLevel.product_id)
        .where(StockLevel.store_id == store_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def changes(session: Session, store_id: int, start: datetime, end: datetime) -> dict[int, Change]:
    """What the ledger did to each product from `start` to before `end`."""
    out = case((StockMovement.quantity < 0, StockMovement.quantity), else_=0)
    rows = session.execute(
        select(StockMovement.product_id, func.sum(StockMovement.quantity), func.sum(out))
        .where(StockMovement.store_id == store_id, StockMovement.occurred_at >= start, StockMovement.occurred_at < end)
        .group_by(StockMovement.product_id)
    )
    return {row[0]: Change(int(row[1]), int(row[2])) for row in rows}


def movements(
    session: Session, store_id: int, start: datetime, end: datetime, product_ids: Collection[int]
) -> dict[int, list[tuple[datetime, int]]]:
    """When each of these products came or went, and how many, in order."""
    found: dict[int, list[tuple[datetime, int]]] = {key: [] for key in product_ids}
    if not found:
        return found
    rows = session.execute(
        select(StockMovement.product_id, StockMovement.occurred_at, StockMovement.quantity)
        .where(
            StockMovement.store_id == store_id, StockMovement.occurred_at >= start, StockMovement.occurred_at < end,
            StockMovement.product_id.in_(product_ids),
        )
        .order_by(StockMovement.occurred_at, StockMovement.id)
    )  # fmt: skip
    for product_id, at, quantity in rows:
        found[product_id].append((at, quantity))
    return found
