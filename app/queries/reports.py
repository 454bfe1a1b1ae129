"""What a business day sold, counted from the receipts; and which days still have to be counted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.domain.money import divide_half_up
from app.domain.quantity import ONE
from app.models.checkout import Refund, RefundLine, Sale, SaleLine
from app.models.reports import SummarisedDay
from app.models.stock import Store

EDITION: Final = 1
"""Of the summaries that are written now; days of an older one lack columns and are counted again."""

SUMS: Final = ("units", "returned", "gross", "refunded", "cost", "returned_cost")
"""What is added up, of `ProductDay` and of its table."""


@dataclass(slots=True)
class ProductDay:
    """What one product sold and what came back on one day.

    `cost` is the purchase price of what was sold, `returned_cost` of what went back to the shelf.
    """

    product_id: int
    units: int = 0
    returned: int = 0
    gross: int = 0
    refunded: int = 0
    cost: int = 0
    returned_cost: int = 0
    is_promoted: bool = False
    out_of_stock_minutes: int = 0

    def add(self, other: "ProductDay") -> None:
        """Add what another day or store sold."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.is_promoted = self.is_promoted or other.is_promoted
        self.out_of_stock_minutes += other.out_of_stock_minutes

    @property
    def net(self) -> int:
        """What was taken less what was given back."""
        return self.gross - self.refunded

    @property
    def margin(self) -> int:
        """Net less what the goods had cost; goods that were thrown away stay paid for."""
        return self.net - self.cost + self.returned_cost


def counted(session: Session, store_id: int, day: date, *, until: datetime | None = None) -> list[ProductDay]:
    """The day (up to a moment of it) counted anew from sales and refunds, by product."""
    sold = [Sale.store_id == store_id, Sale.business_date == day]
    returned = [Refund.store_id == store_id, Refund.business_date == day]
    if until is not None:
        sold.append(Sale.sold_at <= until)
        returned.append(Refund.refunded_at <= until)
    found: dict[int, ProductDay] = {}
    for row in session.execute(_sold().where(*sold)):
        cost = divide_half_up(int(row.cost), ONE)
        found[row.product_id] = ProductDay(row.product_id, units=int(row.units), gross=int(row.gross), cost=cost)
    for row in session.execute(_returned().where(*returned)):
        product = found.setdefault(row.product_id, ProductDay(row.product_id))
        product.returned, product.refunded = int(row.units), int(row.amount)
        product.returned_cost = divide_half_up(int(row.cost), ONE)
    return [found[key] for key in sorted(found)]


def _sold() -> Select[*tuple[Any, ...]]:
    return (
        select(
            SaleLine.product_id, func.sum(SaleLine.quantity).label("units"), func.sum(SaleLine.total).label("gross"),
            func.sum(SaleLine.unit_cost * SaleLine.quantity).label("cost"),
        )
        .join(Sale, Sale.id == SaleLine.sale_id)
        .group_by(SaleLine.product_id)
    )  # fmt: skip


def _returned() -> Select[*tuple[Any, ...]]:
    return (
        select(
            RefundLine.product_id, func.sum(RefundLine.quantity).label("units"),
            func.sum(RefundLine.amount).label("amount"), func.sum(shelf_cost()).label("cost"),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, SaleLine.id == RefundLine.sale_line_id)
        .group_by(RefundLine.product_id)
    )  # fmt: skip


def shelf_cost() -> ColumnElement[int]:
    """Of a refund line: what the goods that went back to the shelf had cost."""
    return case((RefundLine.destination == "shelf", SaleLine.unit_cost * RefundLine.quantity), else_=0)


def first_day(session: Session, store_id: int) -> date | None:
    """The first business day on which a store sold anything."""
    return session.scalar(select(func.min(Sale.business_date)).where(Sale.store_id == store_id))


def summarised_days(session: Session, store_id: int) -> set[date]:
    """The days of a store whose summary holds and lacks nothing."""
    return set(
        session.scalars(
            select(SummarisedDay.business_date).where(
                SummarisedDay.store_id == store_id,
                SummarisedDay.summarised_at.is_not(None),
                SummarisedDay.edition == EDITION,
            )
        )
    )


def days_to_summarise(session: Session, store_id: int, today: date, *, always: int) -> list[date]:
    """Closed days of a store without a summary that holds, oldest first; the last `always` days in any case."""
    first = first_day(session, store_id)
    if first is None:
        return []
    done = summarised_days(session, store_id)
    every = [first + timedelta(days=count) for count in range((today - first).days)]
    return [day for day in every if day not in done or day >= today - timedelta(days=always)]


def time_zones(session: Session) -> dict[int, str]:
    """The time zone of every store."""
    return dict(session.execute(select(Store.id, Store.time_zone).order_by(Store.id)).all())


def is_one_of(days: Collection[tuple[int, date]]) -> Any:
    """A condition on summarised days: store and date are one of `days`."""
    # No row constructor: for a single pair MariaDB walks through the whole table.
    return or_(
        *(
            and_(SummarisedDay.store_id == store_id, SummarisedDay.business_date == day)
            for store_id, day in sorted(days)
        )
    )
