"""How far sums of days strayed in the past year: what a lead time has to cover.

Two witnesses. The sums of two weeks around the level are what is asked for, but a year has few that do not overlap.
Single days around the mean of the year are many and remember the seasons, but know nothing of how days go together:
all products of a block tell that. Each needed more stock than the other in one shop; their mean is near the better one.
"""

from typing import Final

import numpy as np

from app.forecasting.panel import Numbers
from app.forecasting.shape import WEEK

SPAN: Final = 2 * WEEK
"""Days of a sum: about a lead time and a review together."""
YEAR: Final = 350
QUICK: Final = 0.05
SLOW: Final = 0.02
FIRST: Final = 8 * WEEK
OWN_SUMS: Final = 6.0
"""Sums at which a product's own spread counts as much as that of all products of its speed."""
USUAL_RATIO: Final = 35.0
"""Variance of a sum over the demand of a day where there is nothing to learn it from: 2.5 a day."""
LEAST: Final = 0.02
NEAREST: Final = 0.25
"""Share of the point forecast in the mean of a sum; the rest is the mean by the model, which errs elsewhere."""
OWN_DAYS: Final = 28.0
"""Days known at which single days count half of what they do after years."""


def expected(said: Numbers, mean: Numbers | None) -> Numbers:
    """The mean demand of each day: mostly the `mean` by the model, as far as there is one, beside what was `said`."""
    return said if mean is None else NEAREST * said + (1.0 - NEAREST) * mean


def unrest(demand: Numbers, quick: Numbers, slow: Numbers) -> Numbers:
    """Standard deviation of a sum of n days over the root of n, each product drawn to the median ratio of all.

    `quick` and `slow` are the smoothed levels before each day and after the last, products × (days + 1).
    """
    of_sums = _of_sums(demand, quick, slow)
    days, of_days = _of_days(demand[:, -YEAR:])
    ready = (days >= OWN_DAYS) & (of_days > 0)
    if not ready.any():
        return of_sums
    together = of_sums[ready].sum() / of_days[ready].sum()
    share = days / (days + OWN_DAYS) / 2
    return np.asarray((1.0 - share) * of_sums + share * together * of_days)


def _of_days(demand: Numbers) -> tuple[Numbers, Numbers]:
    """Known days of each product, and how far they strayed from their mean."""
    days = (~np.isnan(demand)).sum(axis=1).astype(np.float64)
    mean = np.nansum(demand, axis=1) / np.maximum(days, 1)
    around = np.nansum((demand - mean[:, None]) ** 2, axis=1)
    return days, np.sqrt(around / np.maximum(days, 1))


def _of_sums(demand: Numbers, quick: Numbers, slow: Numbers) -> Numbers:
    """The same from sums of two weeks around the level of their first morning."""
    starts = range(demand.shape[1] - SPAN, max(FIRST, demand.shape[1] - YEAR), -WEEK)
    sums = [demand[:, day : day + SPAN].sum(axis=1) - SPAN * quick[:, day] for day in starts]
    errors = np.stack(sums, axis=1) if sums else np.full((len(demand), 1), np.nan)
    count = (~np.isnan(errors)).sum(axis=1)
    squared, rate = np.nansum(errors**2, axis=1), np.maximum(slow[:, -1], LEAST)
    own = squared / np.maximum(count, 1) / rate
    ready = count >= OWN_SUMS
    ratio = float(np.median(own[ready])) if ready.sum() >= 10 else USUAL_RATIO
    variance = (squared + OWN_SUMS * ratio * rate) / (count + OWN_SUMS)
    return np.asarray(np.sqrt(variance / SPAN))
