"""How far sums of days strayed from the level in the past year: what a lead time has to cover."""

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


def unrest(demand: Numbers, quick: Numbers, slow: Numbers) -> Numbers:
    """Standard deviation of a sum of n days over the root of n, each product drawn to the median ratio of all.

    `quick` and `slow` are the smoothed levels before each day and after the last, products × (days + 1).
    """
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
