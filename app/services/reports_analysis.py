"""Categories and products between two days: amounts, shares, and what they are compared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.domain.reports import Period, share
from app.queries import reports_best
from app.queries import reports_period as questions
from app.queries.reports_sums import Sold, Which
from app.services import reports_period as periods
from app.services.reports_period import Pieces, Scope

FIGURES = ["units", "net", "cost", "margin"]
ALL = 0
"""Stands for the number of a product in the total."""
FEW = 2000
"""So many rows are asked for by name, and sorted by the database; for more the whole table is read."""
SORTED = 150
"""Summaries of one product that one statement reads: four weeks of five stores, or a year of two in fortnights."""
Names = Mapping[int, tuple[str, str | None]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was sold less what came back: thousandths, minor units; shares in per cent of the whole report."""

    units: int
    net: int
    cost: int
    margin: int
    share_units: float | None
    share_net: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The same of earlier days, without shares."""

    units: int
    net: int
    margin: int


@dataclass(frozen=True, slots=True)
class Row:
    """A category or a product; `unit` None: goods of several units."""

    id: int
    name: str
    unit: str | None
    figures: Figures
    previous: Compared
    weekdays: Compared
    is_promoted: bool = False
    out_of_stock_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """The rows by amount, the greatest first; how many there are, and all of them together."""

    period: Period
    previous: Period
    weekdays: Period
    rows: tuple[Row, ...]
    row_count: int
    total: Row


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows that are shown, in their order; the sums of all rows by the same columns, and how many there are.

    `sold` has the offers and hours without stock of the shown rows.
    """

    shown: pd.DataFrame
    total: Mapping[str, int]
    count: int
    sold: Mapping[int, Sold]


def categories(session: Session, where: Scope, period: Period, *, now: datetime, limit: int | None = None) -> Analysis:
    """Every category that sold anything in the period or in those it is compared with."""
    frames = _frames(
        period, _asked(period, lambda one, back: periods.categories(session, where, one, now=now, back=back))
    )
    joined = _joined(frames)
    table = _Table(joined.iloc[:limit], _total(frames), len(joined), {})
    return _analysis(period, table, {key: (name, None) for key, name in questions.category_names(session).items()})


def products(
    session: Session,
    where: Scope,
    period: Period,
    *,
    now: datetime,
    category_id: int | None = None,
    limit: int | None = None,
) -> Analysis:
    """Every product (of a category) that sold anything in the period; rows of the first `limit` alone.

    All together are compared with all that was sold before, whether or not it sold in the period.

    Raises:
        RowUnknown: no such category.
    """
    if category_id is not None and category_id not in questions.category_names(session):
        raise RowUnknown(category_id=category_id)
    table = None
    if limit is not None and limit < FEW:
        table = _best(session, where, period, now, category_id, limit)
    table = table or _counted(session, where, period, now, category_id, limit)
    heads = questions.heads(session, _some(table))
    return _analysis(period, table, {key: (head.name, head.unit) for key, head in heads.items()})


def _counted(
    session: Session, where: Scope, period: Period, now: datetime, category_id: int | None, limit: int | None
) -> _Table:
    """Of every product that was sold."""
    which = Which(category_id)

    def ask(one: Period, back: int) -> Mapping[int, Sold]:
        return periods.products(session, where, one, now=now, which=which, back=back)

    frames = _frames(period, _asked(period, ask))
    joined = _joined(frames)
    joined = joined[joined.index.isin(frames["now"].index)]
    table = _Table(joined.iloc[:limit], _total(frames), len(joined), {})
    if joined.empty:
        return table
    flags = Which(category_id, _some(table), flags=True)
    return replace(table, sold=periods.products(session, where, period, now=now, which=flags))


def _best(
    session: Session, where: Scope, period: Period, now: datetime, category_id: int | None, limit: int
) -> _Table | None:
    """The same with what is summarised sorted and added up by the database: fifty rows are not made of thousands.

    None: there is too much for one statement.
    """

    def ask(one: Period, back: int) -> Pieces:
        return periods.pieces(session, where, one, now=now, category_id=category_id, back=back)

    asked = _asked(period, ask)
    if max(one.summaries for one in asked.values()) > SORTED:
        return None
    live = asked[period].live
    best = reports_best.best(session, asked[period].kept, category_id, limit, live.keys())
    sold = periods.together([best.rows, live])
    first = sorted(sold, key=lambda key: (-sold[key].net, key))[:limit]
    rows = {period: {key: sold[key] for key in first}}
    total = {period: {ALL: reduce(Sold.plus, live.values(), best.total)}}
    for one in asked.keys() - {period}:
        both = periods.together([reports_best.named(session, asked[one].kept, first), asked[one].live])
        rows[one] = {key: both[key] for key in first if key in both}
        kept = reports_best.total(session, asked[one].kept, category_id)
        total[one] = {ALL: reduce(Sold.plus, asked[one].live.values(), kept)}
    count = best.count + len(live.keys() - best.rows.keys())
    return _Table(_joined(_frames(period, rows)), _total(_frames(period, total)), count, rows[period])


def _some(table: _Table) -> set[int] | None:
    return {int(key) for key in table.shown.index} if len(table.shown) < FEW else None


def _asked(period: Period, ask: Callable[[Period, int], T]) -> dict[Period, T]:
    """The answers for the period and for those it is compared with; `ask` is told how far back."""
    # Whole weeks are compared with the same days either way.
    every = {period, period.previous(), period.same_weekdays()}
    return {one: ask(one, (period.first - one.first).days) for one in every}


def _frames(period: Period, found: Mapping[Period, Mapping[int, Sold]]) -> dict[str, pd.DataFrame]:
    """The figures of the period and of those it is compared with, a frame each."""
    frames = {one: _frame(rows) for one, rows in found.items()}
    return {"now": frames[period], "previous": frames[period.previous()], "weekdays": frames[period.same_weekdays()]}


def _frame(rows: Mapping[int, Sold]) -> pd.DataFrame:
    data = [(key, row.units, row.net, row.cost, row.net - row.cost) for key, row in rows.items()]
    return pd.DataFrame(data, columns=["key", *FIGURES], dtype="int64").set_index("key")


def _joined(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What is in any of them, by amount, the greatest first."""
    table = frames["now"].join([frames[name].add_prefix(f"{name}_") for name in ("previous", "weekdays")], how="outer")
    table = table.reindex(columns=_columns()).fillna(0).astype("int64").rename_axis(None)
    return table.assign(key=table.index).sort_values(["net", "key"], ascending=[False, True])


def _total(frames: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    sums = {("" if name == "now" else f"{name}_"): frame.sum() for name, frame in frames.items()}
    return {f"{prefix}{name}": int(one[name]) for prefix, one in sums.items() for name in FIGURES}


def _analysis(period: Period, table: _Table, names: Names) -> Analysis:
    rows = tuple(_row(names, table.sold, one, table.total) for one in table.shown.to_dict("records"))
    whole = _row({ALL: ("", None)}, {}, {"key": ALL, **table.total}, table.total)
    return Analysis(period, period.previous(), period.same_weekdays(), rows, table.count, whole)


def _columns() -> list[str]:
    return [f"{prefix}{name}" for prefix in ("", "previous_", "weekdays_") for name in FIGURES]


def _row(names: Names, sold: Mapping[int, Sold], one: Mapping[Any, Any], whole: Any) -> Row:
    key = int(one["key"])
    name, unit = names.get(key, (f"#{key}", None))
    figures = Figures(
        int(one["units"]), int(one["net"]), int(one["cost"]), int(one["margin"]),
        share(int(one["units"]), int(whole["units"])), share(int(one["net"]), int(whole["net"])),
    )  # fmt: skip
    of = sold.get(key)
    return Row(
        key, name, unit, figures, _compared(one, "previous_"), _compared(one, "weekdays_"),
        bool(of and of.is_promoted), of.out_of_stock_minutes if of else 0,
    )  # fmt: skip


def _compared(one: Mapping[Any, Any], prefix: str) -> Compared:
    return Compared(int(one[f"{prefix}units"]), int(one[f"{prefix}net"]), int(one[f"{prefix}margin"]))
