"""What was sold between two days, read from the summaries alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.models.catalog import Category, Product
from app.models.reports import DailyCashier, DailyHour, DailySales, SummarisedDay
from app.models.staff import User
from app.models.stock import Store
from app.queries.reports import EDITION, SUMS, ProductDay

MANY_PRODUCTS: Final = 20_000
"""From here on reading every product costs less than naming those that are wanted."""
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class ReportStore:
    """A store as reports need it: its clock decides the day, its currency what may be added up."""

    id: int
    code: str
    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ProductHead:
    """What a report calls a product, and its prices now."""

    id: int
    name: str
    sku: str
    unit: str
    category_id: int
    selling_price: int
    purchase_price: int


@dataclass(frozen=True, slots=True)
class DaySum:
    """One product on one day in all asked stores."""

    day: date
    sold: ProductDay
    open_minutes: int


def stores_of_currency(session: Session, currency: str) -> list[ReportStore]:
    """Active stores whose money may be added up."""
    rows = session.execute(
        select(Store.id, Store.code, Store.name, Store.currency, Store.time_zone)
        .where(Store.currency == currency, Store.is_active.is_(True))
        .order_by(Store.code)
    )
    return [ReportStore(*row) for row in rows]


def store(session: Session, store_id: int) -> ReportStore | None:
    """One store."""
    row = session.execute(
        select(Store.id, Store.code, Store.name, Store.currency, Store.time_zone).where(Store.id == store_id)
    ).one_or_none()
    return ReportStore(*row) if row else None


def days_that_hold(session: Session, store_id: int, first: date, last: date) -> set[date]:
    """Days of a short span whose summary holds."""
    return set(
        session.scalars(
            select(SummarisedDay.business_date).where(
                SummarisedDay.store_id == store_id,
                SummarisedDay.business_date.between(first, last),
                SummarisedDay.summarised_at.is_not(None),
                SummarisedDay.edition == EDITION,
            )
        )
    )


def _product_day(product_id: int, values: Any) -> ProductDay:
    *sums, is_promoted, minutes = values
    found = ProductDay(product_id, is_promoted=bool(is_promoted), out_of_stock_minutes=int(minutes))
    for name, value in zip(SUMS, sums, strict=True):
        setattr(found, name, int(value))
    return found


def _within(table: Any, store_id: int, period: Period) -> tuple[ColumnElement[bool], ...]:
    return table.store_id == store_id, table.business_date.between(period.first, period.last)


def days_of_product(session: Session, store_id: int, product_id: int, period: Period) -> list[DaySum]:
    """Each summarised day on which a product sold, came back or was missing."""
    columns = [getattr(DailySales, name) for name in SUMS]
    rows = session.execute(
        select(
            DailySales.business_date, func.coalesce(SummarisedDay.open_minutes, 0), *columns, DailySales.is_promoted,
            DailySales.out_of_stock_minutes,
        )
        .outerjoin(
            SummarisedDay,
            and_(
                SummarisedDay.store_id == DailySales.store_id,
                SummarisedDay.business_date == DailySales.business_date,
            ),
        )
        .where(DailySales.product_id == product_id, *_within(DailySales, store_id, period))
        .order_by(DailySales.business_date)
    )  # fmt: skip
    return [DaySum(row[0], _product_day(product_id, row[2:]), int(row[1])) for row in rows]


def category_days(session: Session, store_id: int, category_id: int, period: Period) -> list[tuple[date, ProductDay]]:
    """What a whole category sold on each summarised day."""
    sums = [func.sum(getattr(DailySales, name)) for name in SUMS]
    rows = session.execute(
        select(DailySales.business_date, *sums)
        .join(Product, Product.id == DailySales.product_id)
        .where(Product.category_id == category_id, *_within(DailySales, store_id, period))
        .group_by(DailySales.business_date)
        .order_by(DailySales.business_date)
    )
    return [(row[0], _product_day(0, (*row[1:], False, 0))) for row in rows]


@dataclass(frozen=True, slots=True)
class PartDay:
    """Takings of an hour or of a cashier on one day."""

    day: date
    key: int
    receipts: int
    lines: int
    gross: int
    refunds: int
    refunded: int


def hours(session: Session, store_id: int, period: Period) -> list[PartDay]:
    """Takings of every hour of every summarised day."""
    return _parts(session, DailyHour, DailyHour.hour, store_id, period)


def cashiers(session: Session, store_id: int, period: Period) -> list[PartDay]:
    """Takings of every cashier on every summarised day."""
    return _parts(session, DailyCashier, DailyCashier.cashier_id, store_id, period)


def hours_on(session: Session, store_id: int, days: Collection[date]) -> list[PartDay]:
    """The same for single days."""
    if not days:
        return []
    statement = _part_columns(DailyHour, DailyHour.hour).where(
        DailyHour.store_id == store_id, DailyHour.business_date.in_(sorted(days))
    )
    return [PartDay(*row) for row in session.execute(statement)]


def _parts(session: Session, table: Any, key: Any, store_id: int, period: Period) -> list[PartDay]:
    statement = _part_columns(table, key).where(*_within(table, store_id, period))
    return [PartDay(*row) for row in session.execute(statement)]


def _part_columns(table: Any, key: Any) -> Select[*tuple[Any, ...]]:
    return select(
        table.business_date, key, table.receipts, table.lines, table.gross, table.refunds, table.refunded
    ).order_by(table.business_date, key)


def heads(session: Session, product_ids: Collection[int] | None = None) -> dict[int, ProductHead]:
    """Names and prices of the named products, or of all."""
    wanted = true() if product_ids is None else Product.id.in_(product_ids)
    rows = session.execute(
        select(
            Product.id, Product.name, Product.sku, Product.unit, Product.category_id, Product.selling_price,
            Product.purchase_price,
        ).where(wanted)
    )  # fmt: skip
    return {row[0]: ProductHead(*row) for row in rows}


def categories_of(session: Session, product_ids: Collection[int]) -> dict[int, int]:
    """The category of each product; all of them at once when very many are asked for."""
    every = select(Product.id, Product.category_id)
    if len(product_ids) > MANY_PRODUCTS:
        return dict(session.execute(every).all())
    wanted, found = sorted(product_ids), dict[int, int]()
    for start in range(0, len(wanted), AT_ONCE):
        found |= dict(session.execute(every.where(Product.id.in_(wanted[start : start + AT_ONCE]))).all())
    return found


def category_names(session: Session) -> dict[int, str]:
    """Every category."""
    return dict(session.execute(select(Category.id, Category.name).order_by(Category.id)).all())


def staff_names(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """What to call the people behind the tills."""
    rows = session.execute(select(User.id, User.display_name, User.username).where(User.id.in_(user_ids)))
    return {row[0]: row[1] or row[2] for row in rows}


def last_summary(session: Session, store_id: int) -> datetime | None:
    """When a day of the store was last summarised."""
    return session.scalar(select(func.max(SummarisedDay.summarised_at)).where(SummarisedDay.store_id == store_id))
