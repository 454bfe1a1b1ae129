"""Categories and products between two days: amounts, shares, and what they are compared with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.domain.reports import Period, share
from app.queries import reports_period as questions
from app.queries.reports_sums import Sold, Which
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


def categories(session: Session, where: Scope, period: Period, *, now: datetime, limit: int | None = None) -> Analysis:
    """Every category that sold anything in the period or in those it is compared with."""
    frames = _frames(period, lambda one, back: periods.categories(session, where, one, now=now, back=back))
    names = {key: (name, None) for key, name in questions.category_names(session).items()}
    return _analysis(period, frames, lambda _keys: names, lambda _keys: {}, limit)


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

    Raises:
        RowUnknown: no such category.
    """
    if category_id is not None and category_id not in questions.category_names(session):
        raise RowUnknown(category_id=category_id)

    def ask(one: Period, back: int) -> Mapping[int, Sold]:
        return periods.products(session, where, one, now=now, which=Which(category_id), back=back)

    def flags(keys: Collection[int]) -> Mapping[int, Sold]:
        shown = Which(category_id, keys if len(keys) < FEW else None, flags=True)
        return periods.products(session, where, period, now=now, which=shown)

    def names(keys: Collection[int]) -> Names:
        heads = questions.heads(session, keys if len(keys) < FEW else None)
        return {key: (heads[key].name, heads[key].unit) for key in keys if key in heads}

    frames = _frames(period, ask)
    frames = {name: frame[frame.index.isin(frames["now"].index)] for name, frame in frames.items()}
    return _analysis(period, frames, names, flags, limit)


def _frames(period: Period, ask: Callable[[Period, int], Mapping[int, Sold]]) -> dict[str, pd.DataFrame]:
    """The figures of the period and of those it is compared with, a frame each; `ask` is told how far back."""
    asked = {"now": period, "previous": period.previous(), "weekdays": period.same_weekdays()}
    # Whole weeks are compared with the same days either way.
    found = {one: _frame(ask(one, (period.first - one.first).days)) for one in set(asked.values())}
    return {name: found[one] for name, one in asked.items()}


def _frame(rows: Mapping[int, Sold]) -> pd.DataFrame:
    data = [(key, row.units, row.net, row.cost, row.net - row.cost) for key, row in rows.items()]
    return pd.DataFrame(data, columns=["key", *FIGURES], dtype="int64").set_index("key")


def _analysis(
    period: Period,
    frames: Mapping[str, pd.DataFrame],
    names_of: Callable[[Collection[int]], Names],
    flags_of: Callable[[Collection[int]], Mapping[int, Sold]],
    limit: int | None,
) -> Analysis:
    whole = frames["now"].sum()
    table = frames["now"].join([frames[name].add_prefix(f"{name}_") for name in ("previous", "weekdays")], how="outer")
    table = table.reindex(columns=_columns()).fillna(0).astype("int64").rename_axis(None)
    table = table.assign(key=table.index).sort_values(["net", "key"], ascending=[False, True])
    shown = table.head(len(table) if limit is None else limit)
    keys = {int(key) for key in shown.index}
    names, sold = names_of(keys), flags_of(keys) if keys else {}
    rows = tuple(_row(names, sold, one, whole) for one in shown.to_dict("records"))
    total = {"key": 0} | {str(name): int(value) for name, value in table.drop(columns="key").sum().items()}
    return Analysis(
        period, period.previous(), period.same_weekdays(), rows, len(table), _row({0: ("", None)}, {}, total, whole)
    )


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
