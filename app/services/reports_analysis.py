"""Categories and products between two days: amounts, shares, and what they are compared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.domain.reports import Period, share
from app.queries import reports_period as questions
from app.queries import reports_sums
from app.queries.reports_sums import Kept, Sold, Which
from app.services import reports_period as periods
from app.services.reports_period import Scope

FIGURES = ["units", "net", "cost", "margin"]
FEW = 2000
"""For more names than these the whole table is read."""
Names = Mapping[int, tuple[str, str | None]]


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
    frames = _frames(period, lambda one, back: periods.categories(session, where, one, now=now, back=back))
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
    kept = {} if limit is None else _summaries(session, where, period, now)
    if limit is None or not kept:
        table = _counted(session, where, period, now, category_id, limit)
    else:
        table = _best(session, period, kept, category_id, limit)
    heads = questions.heads(session, _some(table))
    return _analysis(period, table, {key: (head.name, head.unit) for key, head in heads.items()})


def _counted(
    session: Session, where: Scope, period: Period, now: datetime, category_id: int | None, limit: int | None
) -> _Table:
    """Of every product that was sold."""
    which = Which(category_id)
    frames = _frames(period, lambda one, back: periods.products(session, where, one, now=now, which=which, back=back))
    joined = _joined(frames)
    joined = joined[joined.index.isin(frames["now"].index)]
    table = _Table(joined.iloc[:limit], _total(frames), len(joined), {})
    flags = Which(category_id, _some(table), flags=True)
    return replace(table, sold=periods.products(session, where, period, now=now, which=flags)) if len(joined) else table


def _best(
    session: Session, period: Period, kept: Mapping[Period, Sequence[Kept]], category_id: int | None, limit: int
) -> _Table:
    """The same found by the database: for a list of fifty it need not hand over thousands of products."""
    which = Which(category_id)
    best = reports_sums.best(session, kept[period], replace(which, flags=True), limit)
    named = Which(product_ids=best.keys())
    rows = {one: best if one == period else reports_sums.by_product(session, kept[one], named) for one in kept}
    total = {one: {0: reports_sums.total(session, kept[one], which)} for one in kept}
    return _Table(
        _joined(_by_name(period, {one: _frame(sold) for one, sold in rows.items()})),
        _total(_by_name(period, {one: _frame(whole) for one, whole in total.items()})),
        reports_sums.count(session, kept[period], which), best,
    )  # fmt: skip


def _summaries(session: Session, where: Scope, period: Period, now: datetime) -> dict[Period, Sequence[Kept]]:
    """The summaries of the period and of those it is compared with; of none of them if some are not there yet."""
    found = {one: periods.summaries(session, where, one, now=now) for one in _periods(period)}
    return {one: kept for one, kept in found.items() if kept} if all(found.values()) else {}


def _periods(period: Period) -> set[Period]:
    # Whole weeks are compared with the same days either way.
    return {period, period.previous(), period.same_weekdays()}


def _by_name(period: Period, found: Mapping[Period, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {"now": found[period], "previous": found[period.previous()], "weekdays": found[period.same_weekdays()]}


def _some(table: _Table) -> set[int] | None:
    return {int(key) for key in table.shown.index} if len(table.shown) < FEW else None


def _frames(period: Period, ask: Callable[[Period, int], Mapping[int, Sold]]) -> dict[str, pd.DataFrame]:
    """The figures of the period and of those it is compared with, a frame each; `ask` is told how far back."""
    return _by_name(period, {one: _frame(ask(one, (period.first - one.first).days)) for one in _periods(period)})


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
    whole = _row({0: ("", None)}, {}, {"key": 0, **table.total}, table.total)
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
