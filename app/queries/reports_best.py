"""The best sellers of summarised days and what all products sold on them, each found by one statement."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, desc, false, func, or_, select
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.models.catalog import Product
from app.models.reports import DailySales
from app.queries.reports_sums import Sold, flag_columns, net_columns


class StoreDays(NamedTuple):
    """Summarised days of one store."""

    store_id: int
    period: Period


def best(
    session: Session, days: Sequence[StoreDays], category_id: int | None, limit: int, also: Collection[int] = ()
) -> dict[int, Sold]:
    """The `limit` products with the greatest net amount, of equal ones the older, besides those of `also`, by id."""
    statement = _by_product(days, category_id)
    if also:
        statement = statement.order_by(DailySales.product_id.in_(also).desc())
    return _read(session, statement.order_by(desc("net"), DailySales.product_id).limit(limit + len(also)))


def named(session: Session, days: Sequence[StoreDays], product_ids: Collection[int]) -> dict[int, Sold]:
    """What these products sold, by id."""
    return _read(session, _by_product(days, None).where(DailySales.product_id.in_(product_ids)))


def count(session: Session, days: Sequence[StoreDays], category_id: int | None) -> int:
    """How many products have a summary of any of these days."""
    return session.scalar(_of(select(func.count(DailySales.product_id.distinct())), days, category_id)) or 0


def total(session: Session, days: Sequence[StoreDays], category_id: int | None) -> Sold:
    """All that was sold (of a category)."""
    units, net, cost = session.execute(_of(select(*net_columns()), days, category_id)).one()
    return Sold(units or 0, net or 0, cost or 0)


def _by_product(days: Sequence[StoreDays], category_id: int | None) -> Select[*tuple[Any, ...]]:
    columns = select(DailySales.product_id, *net_columns(), *flag_columns(DailySales))
    return _of(columns, days, category_id).group_by(DailySales.product_id)


def _of(
    columns: Select[*tuple[Any, ...]], days: Sequence[StoreDays], category_id: int | None
) -> Select[*tuple[Any, ...]]:
    statement = columns.where(or_(false(), *map(_is_one_of, days)))
    if category_id is None:
        return statement
    return statement.join(Product, Product.id == DailySales.product_id).where(Product.category_id == category_id)


def _is_one_of(days: StoreDays) -> ColumnElement[bool]:
    return and_(
        DailySales.store_id == days.store_id, DailySales.business_date.between(days.period.first, days.period.last)
    )


def _read(session: Session, statement: Select[*tuple[Any, ...]]) -> dict[int, Sold]:
    rows: Iterable[Any] = session.execute(statement)
    return {row[0]: Sold(row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows}
