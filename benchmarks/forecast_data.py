"""Daily sales files as series; one row a product and day, `units`, and what else is known of it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.forecasting import Series

KEYS = ("series_id", "product_id")
GROUPS = ("dept", "department", "first_category_id", "cat")
PROMOTED_BELOW = 0.95


@dataclass(frozen=True, slots=True)
class DailySales:
    """The file as a matrix of products × days (NaN before a product was sold) and the same as series."""

    name: str
    first_day: date
    units: NDArray[np.float64]
    series: list[Series]
    holidays: frozenset[date]

    def until(self, day: int) -> list[Series]:
        """What was known on the morning of column `day`: nothing of the days after, no plan either."""
        return [
            Series(
                one.key, one.first_day, one.units[:day], group=one.group,
                price=one.price[:day] if one.price else None, promoted=one.promoted[:day] if one.promoted else None,
            )
            for one in self.series
        ]  # fmt: skip


def files(path: Path) -> list[Path]:
    """The file itself, or the daily sales in the folder whose demand is not hidden by empty shelves."""
    return [path] if path.is_file() else sorted(path.glob("*_daily_item_sales.csv*"))


def read(path: Path, most: int | None = None) -> DailySales:
    """Read one file; its first `most` products only, if that is said."""
    rows = pd.read_csv(path, parse_dates=["date"], dtype=dict.fromkeys((*KEYS, *GROUPS), str))
    key = next(one for one in KEYS if one in rows)
    names = list(dict.fromkeys(rows[key]))[:most]
    group = _groups(path, rows, key)

    def wide(column: str) -> NDArray[np.float64]:
        table = rows.pivot_table(index=key, columns="date", values=column, aggfunc="sum", min_count=1)
        days = pd.date_range(rows["date"].min(), rows["date"].max())
        return np.asarray(table.reindex(index=names, columns=days).to_numpy(dtype=float))

    units = wide("units")
    priced = {"sales_value", "regular_value"} <= set(rows)
    paid, regular = (wide("sales_value"), wide("regular_value")) if priced else (units, units)
    first_day = rows["date"].min().date()
    series = []
    for row, name in enumerate(names):
        price = np.where(units[row] > 0, paid[row] / np.maximum(units[row], 1.0), np.nan)
        series.append(
            Series(
                row, first_day, _known(units[row]), group=group.get(name, ""),
                price=_known(price) if priced else None,
                promoted=(paid[row] < PROMOTED_BELOW * regular[row]).tolist() if priced else None,
            )
        )  # fmt: skip
    years = range(first_day.year, rows["date"].max().year + 2)
    return DailySales(
        path.name.partition(".")[0], first_day, units, series, frozenset(holidays.country_holidays("US", years=years))
    )


def _groups(path: Path, rows: pd.DataFrame, key: str) -> dict[str, str]:
    """The group of each product: from the file, or from the list of products beside it."""
    column = next((one for one in GROUPS if one in rows), None)
    if column:
        return dict(zip(rows[key], rows[column], strict=True))
    beside = path.with_name(path.name.replace("daily_item_sales", "products"))
    if beside == path or not beside.exists():
        return {}
    products = pd.read_csv(beside, dtype=str)
    return dict(zip(products[key], products["department"].fillna(""), strict=True))


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in values]
