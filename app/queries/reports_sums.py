"""Sums of many days by product or by category: whole fortnights where they hold, single days where not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, cast, func, or_, select, union_all
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


def by_product(
    session: Session, store_id: int, firsts: Sequence[date], spans: Sequence[Period], which: Which
) -> dict[int, Sold]:
    """What every product (of those that are asked for) sold in these fortnights and spans of days, by id."""
    parts = _parts(store_id, firsts, spans, which)
    statement = parts[0]
    if len(parts) > 1:
        whole = union_all(*parts).subquery()
        more = flag_columns(whole.c) if which.flags else ()
        statement = select(whole.c.product_id, *added(whole), *more).group_by(whole.c.product_id)
    rows: Iterable[Any] = session.execute(statement)
    if which.flags:
        return {row[0]: Sold(row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows}
    return {row[0]: Sold(*row[1:]) for row in rows}


def by_category(session: Session, store_id: int, firsts: Sequence[date], spans: Sequence[Period]) -> dict[int, Sold]:
    """The same by category, as products belong to them now; without offers and hours without stock."""
    if not firsts and sum(one.days for one in spans) == 1:
        # Of a single day each product has one row: there is nothing to be added up before.
        days = select(Product.category_id, *net_columns()).join(DailySales, DailySales.product_id == Product.id)
        statement = days.where(*_of_days(store_id, spans))
    else:
        # Products first: joined to every single day, the catalogue would be looked up millions of times.
        whole = union_all(*_parts(store_id, firsts, spans, Which())).subquery()
        statement = select(Product.category_id, *added(whole)).join(whole, whole.c.product_id == Product.id)
    rows: Iterable[Any] = session.execute(statement.group_by(Product.category_id))
    return {row[0]: Sold(*row[1:]) for row in rows}


def _parts(
    store_id: int, firsts: Sequence[date], spans: Sequence[Period], which: Which
) -> list[Select[*tuple[Any, ...]]]:
    found = []
    if firsts:
        of = FortnightSales
        chosen = of.store_id == store_id, of.first_day.in_(firsts)
        found.append(_grouped(of, fortnight_columns(), chosen, which))
    if spans:
        found.append(_grouped(DailySales, net_columns(), _of_days(store_id, spans), which))
    return found


def _of_days(store_id: int, spans: Sequence[Period]) -> tuple[ColumnElement[bool], ...]:
    days = or_(*(DailySales.business_date.between(one.first, one.last) for one in spans))
    return DailySales.store_id == store_id, days


def net_columns() -> tuple[ColumnElement[int], ...]:
    """Of single days: what was sold less what came back."""
    return (
        _sum(DailySales.units - DailySales.returned, "units"), _sum(DailySales.gross - DailySales.refunded, "net"),
        _sum(DailySales.cost - DailySales.returned_cost, "cost"),
    )  # fmt: skip


def fortnight_columns() -> tuple[ColumnElement[int], ...]:
    """The same of fortnights."""
    of = FortnightSales
    return _sum(of.units, "units"), _sum(of.net, "net"), _sum(of.cost, "cost")


def flag_columns(of: Any) -> tuple[ColumnElement[Any], ...]:
    """Whether any of it was on offer, and the minutes it was missing."""
    return (
        func.max(of.is_promoted).label("is_promoted"),
        _sum(of.out_of_stock_minutes, "out_of_stock_minutes"),
    )


def _grouped(of: Any, columns: Sequence[Any], where: Sequence[Any], which: Which) -> Select[*tuple[Any, ...]]:
    more = flag_columns(of) if which.flags else ()
    statement = select(of.product_id.label("product_id"), *columns, *more).where(*where).group_by(of.product_id)
    if which.product_ids is not None:
        statement = statement.where(of.product_id.in_(which.product_ids))
    if which.category_id is None:
        return statement
    return statement.join(Product, Product.id == of.product_id).where(Product.category_id == which.category_id)


def added(whole: Subquery) -> tuple[ColumnElement[int], ...]:
    """Sums of several parts, added up again."""
    return tuple(_sum(whole.c[name], name) for name in FIGURES)


def _sum(value: Any, name: str) -> ColumnElement[int]:
    # A sum is a decimal number in MySQL: ten thousand of them are slow to read.
    return cast(func.sum(value), BigInteger).label(name)


def first_summarised(session: Session, store_id: int) -> date | None:
    """The oldest day of a store that has a summary."""
    return session.scalar(select(func.min(SummarisedDay.business_date)).where(SummarisedDay.store_id == store_id))
