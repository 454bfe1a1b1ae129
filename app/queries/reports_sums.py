"""Sums of many days by product or by category: whole fortnights where they hold, single days where not."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, cast, desc, func, or_, select, union, union_all
from sqlalchemy.orm import Session

from app.domain.reports import Period, fortnight_of
from app.models.catalog import Product
from app.models.reports import DailySales, FortnightSales, SummarisedDay, SummedFortnight

FIGURES: Final = ("units", "net", "cost")


class Sold(NamedTuple):
    """What was sold less what came back: thousandths, minor units, and the purchase price of what stayed sold."""

    units: int = 0
    net: int = 0
    cost: int = 0
    is_promoted: bool = False
    out_of_stock_minutes: int = 0

    @property
    def margin(self) -> int:
        """Net less what the goods had cost."""
        return self.net - self.cost

    def plus(self, other: "Sold") -> "Sold":
        """Together with what another day or store sold."""
        return Sold(
            self.units + other.units, self.net + other.net, self.cost + other.cost,
            self.is_promoted or other.is_promoted, self.out_of_stock_minutes + other.out_of_stock_minutes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """Summaries of one store: of whole fortnights, named by their first days, and of the single days of spans."""

    store_id: int
    firsts: Sequence[date]
    spans: Sequence[Period]

    @property
    def summaries(self) -> int:
        """How many of them a statement reads, of every product."""
        return len(self.firsts) + sum(one.days for one in self.spans)


@dataclass(frozen=True, slots=True)
class Which:
    """Products that are asked for: of a category, or named, or all; `flags`: also offers and hours without stock."""

    category_id: int | None = None
    product_ids: Collection[int] | None = None
    flags: bool = False


def summed(session: Session, store_id: int, firsts: Collection[date]) -> list[date]:
    """Those of the fortnights whose sums hold."""
    if not firsts:
        return []
    statement = select(SummedFortnight.first_day).where(
        SummedFortnight.store_id == store_id,
        SummedFortnight.first_day.between(min(firsts), max(firsts)),
        SummedFortnight.summed_at.is_not(None),
    )
    return [first for first in session.scalars(statement) if first in set(firsts)]


def outdated(session: Session, store_id: int, firsts: Collection[date]) -> set[date]:
    """Those of the fortnights that have a day which was summarised after them, by a version that did not say so."""
    if not firsts:
        return set()
    marks = select(SummedFortnight.first_day, SummedFortnight.summed_at).where(
        SummedFortnight.store_id == store_id, SummedFortnight.first_day.in_(firsts)
    )
    summed_at = {first: at for first, at in session.execute(marks) if at is not None}
    days = session.execute(
        select(SummarisedDay.business_date, SummarisedDay.summarised_at).where(
            SummarisedDay.store_id == store_id, SummarisedDay.business_date >= min(firsts)
        )
    )
    found = ((fortnight_of(day), at) for day, at in days if at is not None)
    return {first for first, at in found if first in summed_at and at > summed_at[first]}


def by_product(session: Session, kept: Sequence[Kept], which: Which) -> dict[int, Sold]:
    """What every product (of those that are asked for) sold in all of these days together, by id."""
    rows: Iterable[Any] = session.execute(_together(kept, which))
    if which.flags:
        return {row[0]: Sold(row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows}
    return {row[0]: Sold(*row[1:]) for row in rows}


def best(session: Session, kept: Sequence[Kept], which: Which, limit: int) -> dict[int, Sold]:
    """The first `limit` of the same by net amount, the greatest first; of equal ones the older product."""
    statement = _together(kept, which).order_by(desc("net"), "product_id").limit(limit)
    rows: Iterable[Any] = session.execute(statement)
    return {row[0]: Sold(*row[1:]) for row in rows}


def count(session: Session, kept: Sequence[Kept], which: Which) -> int:
    """How many products `by_product` would name."""
    named = [_chosen(select(part.of.product_id), part, which).distinct() for part in _parts(kept)]
    every = union(*named).subquery() if len(named) > 1 else named[0].subquery()
    return session.scalar(select(func.count()).select_from(every)) or 0


def total(session: Session, kept: Sequence[Kept], which: Which) -> Sold:
    """All that these products sold together; without offers and hours without stock."""
    parts = [_chosen(select(*part.columns), part, which) for part in _parts(kept)]
    whole = Sold()
    rows: Iterable[Any] = session.execute(union_all(*parts))
    for units, net, cost in rows:
        whole = whole.plus(Sold(units or 0, net or 0, cost or 0))
    return whole


def by_category(session: Session, kept: Kept) -> dict[int, Sold]:
    """The same by category, as products belong to them now; without offers and hours without stock."""
    # Products first: joined to every single day, the catalogue would be looked up millions of times.
    whole = union_all(*(_grouped(part, Which()) for part in _parts([kept]))).subquery()
    rows: Iterable[Any] = session.execute(
        select(Product.category_id, *_added(whole))
        .join(whole, whole.c.product_id == Product.id)
        .group_by(Product.category_id)
    )
    return {row[0]: Sold(*row[1:]) for row in rows}


class _Part(NamedTuple):
    """A table with sums of one store, the rows that are meant, and what is added up of them."""

    of: Any
    columns: tuple[ColumnElement[int], ...]
    where: tuple[ColumnElement[bool], ...]


def _parts(kept: Sequence[Kept]) -> Iterator[_Part]:
    for one in kept:
        if one.firsts:
            of = FortnightSales
            columns = (_sum(of.units, "units"), _sum(of.net, "net"), _sum(of.cost, "cost"))
            yield _Part(of, columns, (of.store_id == one.store_id, of.first_day.in_(one.firsts)))
        if one.spans:
            days = or_(*(DailySales.business_date.between(span.first, span.last) for span in one.spans))
            yield _Part(DailySales, net_columns(), (DailySales.store_id == one.store_id, days))


def _together(kept: Sequence[Kept], which: Which) -> Select[*tuple[Any, ...]]:
    parts = [_grouped(part, which) for part in _parts(kept)]
    if len(parts) == 1:
        return parts[0]
    whole = union_all(*parts).subquery()
    more = _flags(whole) if which.flags else ()
    return select(whole.c.product_id, *_added(whole), *more).group_by(whole.c.product_id)


def net_columns() -> tuple[ColumnElement[int], ...]:
    """Of single days: what was sold less what came back."""
    return (
        _sum(DailySales.units - DailySales.returned, "units"), _sum(DailySales.gross - DailySales.refunded, "net"),
        _sum(DailySales.cost - DailySales.returned_cost, "cost"),
    )  # fmt: skip


def flag_columns(of: Any) -> tuple[ColumnElement[Any], ...]:
    """Whether any of it was on offer, and the minutes it was missing."""
    return (
        func.max(of.is_promoted).label("is_promoted"),
        _sum(of.out_of_stock_minutes, "out_of_stock_minutes"),
    )


def _grouped(part: _Part, which: Which) -> Select[*tuple[Any, ...]]:
    more = flag_columns(part.of) if which.flags else ()
    named = part.of.product_id.label("product_id")
    return _chosen(select(named, *part.columns, *more).group_by(part.of.product_id), part, which)


def _chosen(statement: Select[*tuple[Any, ...]], part: _Part, which: Which) -> Select[*tuple[Any, ...]]:
    statement = statement.where(*part.where)
    if which.product_ids is not None:
        statement = statement.where(part.of.product_id.in_(which.product_ids))
    if which.category_id is None:
        return statement
    return statement.join(Product, Product.id == part.of.product_id).where(Product.category_id == which.category_id)


def _added(whole: Subquery) -> tuple[ColumnElement[int], ...]:
    return tuple(_sum(whole.c[name], name) for name in FIGURES)


def _flags(whole: Subquery) -> tuple[ColumnElement[Any], ...]:
    return func.max(whole.c.is_promoted), _sum(whole.c.out_of_stock_minutes, "out_of_stock_minutes")


def _sum(value: Any, name: str) -> ColumnElement[int]:
    # A sum is a decimal number in MySQL: ten thousand of them are slow to read.
    return cast(func.sum(value), BigInteger).label(name)


def first_summarised(session: Session, store_id: int) -> date | None:
    """The oldest day of a store that has a summary."""
    return session.scalar(select(func.min(SummarisedDay.business_date)).where(SummarisedDay.store_id == store_id))
