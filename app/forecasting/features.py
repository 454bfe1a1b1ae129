"""What the pooled model sees of a product on the morning of a day, for a day to come.

Everything is relative to the product's own base (weekday shape times level), so that a slow and a fast product teach
each other, and everything is known on that morning.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.forecasting.pace import own_pace
from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import WEEK, shapes, weekdays
from app.forecasting.smoothing import recent_mean, smoothed

LEVELS: Final = (0.02, 0.05, 0.1, 0.3)
FAR: Final = 8
"""Days to a holiday beyond which its distance says nothing."""
REACH: Final = 14
"""Days ahead that are learned; farther days are like the second week."""
EARLIEST: Final = 56
"""Days before the first morning to learn from."""
UNKNOWN: Final = -9.0
"""Stands for a missing figure, apart from every real one."""
Indices = NDArray[np.int64]
_LITTLE: Final = 0.3


@dataclass(frozen=True, slots=True)
class History:
    """What features are made of, for every morning at once; matrices of products × (days + 1)."""

    panel: Panel
    base_weight: float
    factor: Numbers
    level: dict[float, Numbers]
    week: Numbers
    month: Numbers
    quiet: dict[int, Numbers]
    idle: Numbers
    swing: Numbers
    known_days: Numbers
    promoted: dict[int, Numbers]
    price: Numbers
    trend: Numbers
    group_trend: Numbers
    calendar: Numbers

    @classmethod
    def of(cls, panel: Panel, base_weight: float) -> "History":
        """Prepare `panel`; `base_weight` is the smoothing of the level that serves as base."""
        demand, days = panel.demand, panel.days
        factor = np.maximum(shapes(panel)[:, weekdays(panel, days + panel.horizon)], 0.05)
        flat = demand / factor[:, :days]
        week, month = recent_mean(flat, WEEK), recent_mean(flat, 4 * WEEK)
        variance = recent_mean(flat**2, 4 * WEEK) - month**2
        zero = np.where(np.isnan(demand), np.nan, (demand == 0).astype(np.float64))
        promoted = panel.promoted[:, :days].astype(np.float64)
        everything = np.zeros(len(demand), dtype=np.int64)
        return cls(
            panel=panel,
            base_weight=base_weight,
            factor=factor,
            level={weight: smoothed(flat, weight) for weight in {*LEVELS, base_weight}},
            week=week,
            month=month,
            quiet={span: recent_mean(zero, span) for span in (7, 28, 84)},
            idle=_idle(demand),
            swing=np.sqrt(np.maximum(variance, 0.0)),
            known_days=_counted(~np.isnan(demand)),
            promoted={span: recent_mean(promoted, span) for span in (7, 28)},
            price=_last_known(panel.price[:, :days]),
            trend=_trend(flat, everything),
            group_trend=_trend(flat, panel.group),
            calendar=_calendar(panel),
        )

    def base(self, rows: Indices, morning: int, ahead: Indices) -> Numbers:
        """Weekday shape times level, what the model corrects."""
        level = np.maximum(self.level[self.base_weight][rows, morning], 0.01)
        return np.asarray(level * self.factor[rows, morning + ahead])

    def pace(self) -> Numbers:
        """What the own pace of each product makes of its level on the last morning: a factor."""
        flat = self.panel.demand / self.factor[:, : self.panel.days]
        return own_pace(flat, {weight: self.level[weight] for weight in LEVELS}, self.level[self.base_weight])

    def features(self, rows: Indices, morning: int, ahead: Indices) -> NDArray[np.float32]:
        """One line for each product of `rows` and days `ahead` of `morning` (0 = that day itself)."""
        of_product = self._of_product(morning)[rows]
        target = morning + ahead
        same_day = [morning - WEEK * back + ahead % WEEK for back in (1, 2, 3, 4)]
        level = np.maximum(self.level[self.base_weight][rows, morning], 0.01)
        factor = self.factor[rows, target]
        past = np.stack([self.panel.demand[rows, day] for day in same_day], axis=1)
        known = ~np.isnan(past)
        count = known.sum(axis=1)
        mean = np.where(count > 0, np.nansum(past, axis=1) / np.maximum(count, 1), np.nan)
        price = np.nan_to_num(self.panel.price[rows, target], nan=1.0)
        plan = [price, self.panel.promoted[rows, target]] if self.panel.planned else []
        near = np.where(ahead < REACH, ahead, REACH - WEEK + ahead % WEEK)
        of_day = [
            near, self.calendar[target], _ratio(past[:, 0] / factor, level), _ratio(mean / factor, level), factor,
            *plan,
        ]  # fmt: skip
        return np.nan_to_num(np.column_stack([of_product, *of_day]).astype(np.float32), nan=UNKNOWN)

    def _of_product(self, morning: int) -> Numbers:
        level = np.maximum(self.level[self.base_weight][:, morning], 0.01)
        logs = [self.level[weight][:, morning] for weight in LEVELS]
        logs += [self.week[:, morning], self.month[:, morning]]
        columns = [np.log(level), *(_ratio(one, level) for one in logs)]
        columns += [one[:, morning] for one in self.quiet.values()]
        columns += [self.idle[:, morning], self.swing[:, morning] / (level + _LITTLE)]
        columns += [
            np.minimum(self.known_days[:, morning], 200.0),
            self.trend[:, morning],
            self.group_trend[:, morning],
        ]
        columns += [one[:, morning] for one in self.promoted.values()]
        return np.column_stack([*columns, np.nan_to_num(self.price[:, morning], nan=1.0)])


def _ratio(values: Numbers, level: Numbers) -> Numbers:
    """Log of values over the level, calm near zero."""
    return np.asarray(np.log((values + _LITTLE) / (level + _LITTLE)))


def _counted(flags: NDArray[np.bool_]) -> Numbers:
    return np.concatenate([np.zeros((len(flags), 1)), np.cumsum(flags, axis=1)], axis=1)


def _idle(demand: Numbers) -> Numbers:
    """Days since something was sold last, before each day."""
    days = np.arange(1, demand.shape[1] + 1)
    last = np.maximum.accumulate(np.where(demand > 0, days, 0), axis=1)
    idle = np.minimum(days - last, 60)
    return np.concatenate([np.zeros((len(demand), 1)), idle], axis=1).astype(np.float64)


def _last_known(values: Numbers) -> Numbers:
    """The newest known value before each day, NaN before the first."""
    columns = np.arange(1, values.shape[1] + 1)
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, columns), axis=1)
    padded = np.concatenate([np.full((len(values), 1), np.nan), values], axis=1)
    found = np.take_along_axis(padded, last, axis=1)
    return np.concatenate([np.full((len(values), 1), np.nan), found], axis=1)


def _trend(flat: Numbers, group: Indices) -> Numbers:
    """Log of a group's last week over its last four, before each day, one row a product."""
    total = np.zeros((int(group.max(initial=0)) + 1, flat.shape[1]))
    np.add.at(total, group, np.nan_to_num(flat))
    week, month = recent_mean(total, WEEK), recent_mean(total, 4 * WEEK)
    return np.asarray(np.log((np.nan_to_num(week) + 1.0) / (np.nan_to_num(month) + 1.0))[group])


def _calendar(panel: Panel) -> Numbers:
    """Weekday, day of the month, whether a holiday, days to the next one and since the last; one line a day."""
    count = panel.days + panel.horizon
    to_next, since_last = (np.full(count, float(FAR)) for _ in range(2))
    for day in np.flatnonzero(panel.holiday):
        for distance in range(FAR):
            if day >= distance:
                to_next[day - distance] = min(to_next[day - distance], distance)
            if day + distance < count:
                since_last[day + distance] = min(since_last[day + distance], distance)
    first = np.datetime64(panel.first_day, "D") + np.arange(count)
    of_month = (first - first.astype("datetime64[M]")).astype(np.float64) + 1.0
    return np.column_stack([weekdays(panel, count), of_month, panel.holiday, to_next, since_last])
