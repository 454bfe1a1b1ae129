"""Many series side by side: one row a product, one column a day, the last column of history is yesterday."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.forecasting.series import Series

LONGEST_HISTORY: Final = 731
"""Older days say little of next week and cost as much."""
MOST_UNITS: Final = 1e7
"""More than any shop sells of anything in a day; keeps every square finite."""
OUTLIER: Final = 4.0
"""A day beyond this many times the third best one is somebody's party, not the trade."""

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Panel:
    """The series as matrices; `demand` is NaN where nothing is known or the shelf was empty.

    `demand` and `sold_out` hold history only; `price` (relative to the usual one), `promoted` and `holiday` reach on
    over the horizon, NaN or False where there is no plan. Column `j` is the day `first_day + j`.
    """

    first_day: date
    demand: Numbers
    sold_out: Flags
    price: Numbers
    promoted: Flags
    holiday: Flags
    group: NDArray[np.int64]
    planned: bool = False
    """Whether prices and promotions of days to come are known."""

    @property
    def days(self) -> int:
        """Days of history, also the column of the first day to forecast."""
        return int(self.demand.shape[1])

    @property
    def horizon(self) -> int:
        """Days to forecast."""
        return len(self.holiday) - self.days

    @property
    def history_days(self) -> NDArray[np.int64]:
        """Days with a known demand, for each series."""
        return np.asarray((~np.isnan(self.demand)).sum(axis=1), dtype=np.int64)

    @property
    def whole(self) -> Flags:
        """Products of which whole pieces only were ever sold."""
        return np.asarray((np.nan_to_num(self.demand) % 1.0 == 0.0).all(axis=1))

    def rows(self, chosen: NDArray[np.int64]) -> "Panel":
        """Some of the series only."""
        return Panel(
            self.first_day, self.demand[chosen], self.sold_out[chosen], self.price[chosen], self.promoted[chosen],
            self.holiday, self.group[chosen], self.planned,
        )  # fmt: skip

    def until(self, day: int, horizon: int) -> "Panel":
        """What was known on the morning of column `day`; the plan of the days after it included."""
        end = day + horizon
        return Panel(
            self.first_day, self.demand[:, :day], self.sold_out[:, :day], self.price[:, :end],
            self.promoted[:, :end], self.holiday[:end], self.group, self.planned,
        )  # fmt: skip


def panel_of(series: Sequence[Series], *, horizon: int, holidays: frozenset[date], today: date) -> Panel:
    """Lay the series side by side; days from `today` on are no history, whoever wrote them."""
    begun = min((one.first_day for one in series if len(one.units)), default=today)
    days = min(max((today - begun).days, 1), LONGEST_HISTORY)
    first_day = today - timedelta(days=days)
    width = days + horizon
    units, price, promoted, in_stock = (np.full((len(series), width), np.nan) for _ in range(4))
    for row, one in enumerate(series):
        offset = (one.first_day - first_day).days
        _lay(units[row], one.units, offset)
        _lay(price[row], one.price, offset)
        _lay(promoted[row], one.promoted, offset)
        _lay(in_stock[row], one.in_stock, offset)
    names = sorted({one.group for one in series})
    sold_out = in_stock[:, :days] == 0
    return Panel(
        first_day=first_day,
        demand=np.where(sold_out, np.nan, without_outliers(units[:, :days])),
        sold_out=sold_out,
        price=relative(price, days),
        promoted=promoted == 1,
        holiday=np.array([first_day + timedelta(days=day) in holidays for day in range(width)]),
        group=np.array([names.index(one.group) for one in series], dtype=np.int64),
        planned=bool((~np.isnan(price[:, days:])).any() or (promoted[:, days:] == 1).any()),
    )


def _lay(row: Numbers, values: Sequence[float | None] | None, offset: int) -> None:
    """Write values into their days; what lies before or after the row falls off."""
    if values is None:
        return
    seen = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    seen[~np.isfinite(seen)] = np.nan
    begin, end = max(offset, 0), min(offset + len(seen), len(row))
    if begin < end:
        row[begin:end] = seen[begin - offset : end - offset]


def without_outliers(units: Numbers) -> Numbers:
    """Days of more returns than sales count as nothing sold, single huge days as a good day."""
    units = np.clip(units, 0.0, MOST_UNITS)
    if units.shape[1] < 3:
        return units
    third = np.sort(np.nan_to_num(units, nan=0.0), axis=1)[:, -3]
    most = np.where(third > 0, OUTLIER * third, np.inf)
    return np.minimum(units, most[:, None])


def relative(price: Numbers, days: int) -> Numbers:
    """Prices as parts of each product's usual (median) price, NaN where unknown."""
    price = np.where(price > 0, np.clip(price, 1e-6, 1e9), np.nan)
    usual = np.full(len(price), np.nan)
    known = ~np.isnan(price[:, :days]).all(axis=1)
    usual[known] = np.nanmedian(price[known, :days], axis=1)
    return np.asarray(np.clip(price / usual[:, None], 0.1, 10.0))
