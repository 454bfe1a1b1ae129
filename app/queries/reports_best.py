"""The best sellers of summarised days and what all products sold on them, each found by one statement."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.models.catalog import Product
from app.models.reports import DailySales, FortnightSales
from app.queries.reports_sums import FIGURES, Sold, added, flag_columns, fortnight_columns, net_columns


@dataclass(frozen=True, slots=True)
class Kept:
    """Summaries of one store: of whole fortnights, by their first days, and of the single days of spans."""

    store_id: int
    firsts: Sequence[date]
    spans: Sequence[Period]

    @property
    def summaries(self) -> int:
        """How many there may be of one product."""
        return len(self.firsts) + sum(one.days for one in self.spans)


@dataclass(frozen=True, slots=True)
class Best:
    """Some products by id, how many there are in all, and what all of them sold."""

    rows: dict[int, Sold]
    count: int
    total: Sold


def best(
    session: Session, kept: Sequence[Kept], category_id: int | None, limit: int, also: Collection[int] = ()
) -> Best:
    """Those of `also`, and the `limit` others (or more) with the greatest net amount, of equal ones the older."""
    every = _by_product(kept, category_id, None).subquery()
    sums = (func.sum(every.c[name]).over() for name in FIGURES)
    order = [every.c.net.desc(), every.c.product_id]
    if also:
        order.insert(0, every.c.product_id.in_(also).desc())
    statement = select(every, func.count().over(), *sums).order_by(*order).limit(limit + len(also))
    rows = session.execute(statement).all()
    if not rows:
        return Best({}, 0, Sold())
    count, units, net, cost = map(int, rows[0][-4:])  # the same beside every row
    return Best({row[0]: _sold(row) for row in rows}, count, Sold(units, net, cost))


def named(session: Session, kept: Sequence[Kept], product_ids: Collection[int]) -> dict[int, Sold]:
    """What these products sold, by id."""
    return {row[0]: _sold(row) for row in session.execute(_by_product(kept, None, product_ids))}


def total(session: Session, kept: Sequence[Kept], category_id: int | None) -> Sold:
    """All that was sold (of a category)."""
    whole = Sold()
    sums = [_of(select(*part.columns), part, category_id) for part in _parts(kept)]
    rows: Iterable[Any] = session.execute(union_all(*sums))
    for units, net, cost in rows:
        whole = whole.plus(Sold(units or 0, net or 0, cost or 0))
    return whole


class _Part(NamedTuple):
    """A table of summaries, those that are meant, and what is added up of them."""

    of: Any
    columns: tuple[ColumnElement[int], ...]
    where: ColumnElement[bool]


def _parts(kept: Sequence[Kept]) -> list[_Part]:
    firsts, days = FortnightSales, DailySales
    whole = [and_(firsts.store_id == one.store_id, firsts.first_day.in_(one.firsts)) for one in kept if one.firsts]
    single = [
        and_(days.store_id == one.store_id, days.business_date.between(span.first, span.last))
        for one in kept
        for span in one.spans
    ]
    found = [_Part(firsts, fortnight_columns(), or_(*whole))] if whole else []
    return [*found, _Part(days, net_columns(), or_(false(), *single))] if single or not found else found


def _by_product(
    kept: Sequence[Kept], category_id: int | None, product_ids: Collection[int] | None
) -> Select[*tuple[Any, ...]]:
    parts = [_grouped(part, category_id, product_ids) for part in _parts(kept)]
    if len(parts) == 1:
        return parts[0]
    whole = union_all(*parts).subquery()
    return select(whole.c.product_id, *added(whole), *flag_columns(whole.c)).group_by(whole.c.product_id)


def _grouped(part: _Part, category_id: int | None, product_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    columns = select(part.of.product_id, *part.columns, *flag_columns(part.of))
    statement = _of(columns, part, category_id).group_by(part.of.product_id)
    return statement if product_ids is None else statement.where(part.of.product_id.in_(product_ids))


def _of(columns: Select[*tuple[Any, ...]], part: _Part, category_id: int | None) -> Select[*tuple[Any, ...]]:
    statement = columns.where(part.where)
    if category_id is None:
        return statement
    return statement.join(Product, Product.id == part.of.product_id).where(Product.category_id == category_id)


def _sold(row: Any) -> Sold:
    return Sold(row[1], row[2], row[3], bool(row[4]), row[5])
