"""How quickly the level of a product moves, by its own weeks.

One smoothing for the whole shop believes a product that wins or loses its trade within weeks too late. Of several, each
counts by how likely it makes the weeks of this product, newer ones more: with normal errors of unknown spread that is
the sum of their squares to the power of minus half their number.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from app.forecasting.panel import Numbers
from app.forecasting.shape import WEEK

YEAR: Final = 364
EARLIEST: Final = 56
"""Days before the first week that is asked."""
LEAST_KNOWN: Final = 28
"""Days a product must be known before a week of it is asked."""
HALF_LIFE: Final = 8
"""Weeks after which a week counts half."""
OWN: Final = 0.5
"""Share of the product's own pace, the shop's having the rest: all of it was worse, a third nearly as good."""
LITTLE: Final = 0.3
"""Added to both levels, so that nothing near zero moves by much."""


def own_pace(flat: Numbers, levels: Mapping[float, Numbers], usual: Numbers) -> Numbers:
    """A factor for each product: where its own pace puts the `usual` level, products × (days + 1) as the `levels`.

    `flat` is demand without its weekdays, `levels` are smoothed from it with different weights.
    """
    days = flat.shape[1]
    starts = np.arange(days - WEEK, max(EARLIEST - 1, days - YEAR), -WEEK)
    weeks = flat[:, starts[:, None] + np.arange(WEEK)]
    known = (~np.isnan(weeks)).sum(axis=2)
    came = np.nansum(weeks, axis=2) / np.maximum(known, 1)
    before = np.cumsum(~np.isnan(flat), axis=1)[:, starts - 1]
    counts = np.where((known > 0) & (before >= LEAST_KNOWN), 0.5 ** (np.arange(len(starts)) / HALF_LIFE), 0.0)
    number = counts.sum(axis=1)
    error = np.stack([(counts * (came - one[:, starts]) ** 2).sum(axis=1) for one in levels.values()])
    error = np.maximum(error, 1e-9)
    likely = (error / error.min(axis=0)) ** (-number / 2.0)
    own = (likely * np.stack([one[:, -1] for one in levels.values()])).sum(axis=0) / likely.sum(axis=0)
    moved = (own + LITTLE) / (usual[:, -1] + LITTLE)
    return np.where(number > 0, moved**OWN, 1.0)
