"""The weekday shape of a group of products times each product's smoothed level.

One product sells too little for its own weekday shape to be more than noise; hundreds of neighbours together show it.
A product's own shape counts by what it sells, towards that of its group, and the group's towards that of all.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.forecasting.panel import Numbers, Panel
from app.forecasting.smoothing import smoothed

WEEK: Final = 7
SHAPE_DAYS: Final = 52 * WEEK
"""Shapes are learned from a year: half a year was measurably noisier."""
OWN_UNITS: Final = 1_000.0
"""Units sold in that time at which a product's own shape counts as much as its group's."""
GROUP_UNITS: Final = 2_000.0


def weekdays(panel: Panel, count: int) -> NDArray[np.int64]:
    """The weekday of the first `count` columns, 0 = Monday."""
    return (panel.first_day.weekday() + np.arange(count)) % WEEK


def shapes(panel: Panel) -> Numbers:
    """A factor for each product and weekday, 1 on average."""
    recent = panel.demand[:, -SHAPE_DAYS:]
    days = weekdays(panel, panel.days)[-SHAPE_DAYS:]
    total = np.stack([np.nansum(recent[:, days == day], axis=1) for day in range(WEEK)], axis=1)
    seen = np.stack([(~np.isnan(recent[:, days == day])).sum(axis=1) for day in range(WEEK)], axis=1)
    rate = total.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    expected = rate[:, None] * seen
    shape_of_all = _towards(np.ones(WEEK), total.sum(axis=0), expected.sum(axis=0), GROUP_UNITS)
    groups = int(panel.group.max(initial=0)) + 1
    group_total, group_expected = np.zeros((groups, WEEK)), np.zeros((groups, WEEK))
    np.add.at(group_total, panel.group, total)
    np.add.at(group_expected, panel.group, expected)
    shape_of_group = _towards(shape_of_all, group_total, group_expected, GROUP_UNITS)
    return _towards(shape_of_group[panel.group], total, expected, OWN_UNITS)


def _towards(prior: Numbers, total: Numbers, expected: Numbers, units: float) -> Numbers:
    """Sold over expected of each weekday, drawn to `prior` with the weight of `units` a week; the mean is 1."""
    found = (total + prior * units / WEEK) / (expected + units / WEEK)
    return np.asarray(found / found.mean(axis=-1, keepdims=True))


def weekday_shape(panel: Panel, weight: float = 0.07) -> Numbers:
    """Mean demand of each product (rows) and day of the horizon (columns)."""
    return weekday_shapes(panel, [weight])[0]


def weekday_shapes(panel: Panel, weights: Sequence[float]) -> list[Numbers]:
    """The same for several weights of smoothing."""
    days = weekdays(panel, panel.days + panel.horizon)
    factor = np.maximum(shapes(panel)[:, days], 0.05)
    flat, ahead = panel.demand / factor[:, : panel.days], factor[:, panel.days :]
    return [smoothed(flat, weight)[:, -1][:, None] * ahead for weight in weights]
