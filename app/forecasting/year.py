"""How far up days of a product went in its own year: a third opinion of its highest quantiles.

What the pooled errors and the model say holds for products like it; how its very best days look, whether a dozen
is bought at once or a second piece now and then, is its own. A year is enough to see it, and too little to be sure.
"""

from typing import Final

import numpy as np

from app.forecasting.panel import Numbers, Panel
from app.forecasting.series import LEAST_HISTORY, LEVELS
from app.forecasting.shape import shapes, weekdays
from app.forecasting.smoothing import smoothed

YEAR: Final = 364
LEVEL: Final = 0.05
FAR: Final = tuple(level for level in LEVELS if level > 0.8)
"""Nearer the middle it was worse than the other two on one sample."""


def highest(panel: Panel) -> dict[float, Numbers]:
    """The quantiles `FAR` of each product and day of the horizon, NaN for products that are too young."""
    factor = np.maximum(shapes(panel)[:, weekdays(panel, panel.days + panel.horizon)], 0.05)
    flat = panel.demand / factor[:, : panel.days]
    level = smoothed(flat, LEVEL)
    over = (flat - level[:, :-1])[:, -YEAR:]
    ready = (~np.isnan(over)).sum(axis=1) >= LEAST_HISTORY
    beyond = np.full((len(FAR), len(over)), np.nan)
    if ready.any():
        beyond[:, ready] = np.nanquantile(over[ready], FAR, axis=1)
    ahead = factor[:, panel.days :]
    return {name: np.maximum((level[:, -1] + one)[:, None] * ahead, 0.0) for name, one in zip(FAR, beyond, strict=True)}
