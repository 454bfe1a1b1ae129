"""The forecast for most products: the pooled model between the weekday shape and the quantile near the median.

Shape times level is right in total and slow to be fooled; the model knows the calendar, promotions and what lies
below; the middle comes nearest on most days. Their mean is put to the total of the first, the least biased of them
on every sample, so that the shop as a whole gets neither too much nor too little. The level of that total is a quick
one: what is noise in one product evens out over many, and a shop that loses trade should be believed within a month.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.forecasting.boosting import Boosted, fit
from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import WEEK, weekday_shape, weekday_shapes

WEIGHTS: Final = (0.03, 0.05, 0.1, 0.2)
"""Smoothing of the level: slow for noise, quick for change."""
TRIED_ON: Final = 8
TOTAL: Final = 0.07
"""Least smoothing of the level of the total."""
MIDDLE: Final = 0.9
"""Share of the middle where it has the total of the means; the more it had to be scaled up to it, the less: in a shop
of slow movers it says nothing for most products, and scaled it would give the few fast ones all that they lack."""


@dataclass(frozen=True, slots=True)
class Blend:
    """A level's smoothing and, where there was enough to learn from, a fitted model."""

    weight: float
    model: Boosted | None

    def __call__(self, panel: Panel) -> Numbers:
        """Mean demand of each product (rows) and day of the horizon (columns)."""
        if self.model is None:
            return weekday_shape(panel, self.weight)
        base, mean, middle = self.model.predict(panel)
        share = MIDDLE / max(self.model.scale, 1.0)
        said = share * middle + (1.0 - share) * (base + mean) / 2
        total = weekday_shape(panel, max(self.weight, TOTAL)).sum()
        return np.asarray(said * np.clip(total / max(said.sum(), 1e-9), 0.5, 2.0))

    def beside(self, panel: Panel) -> tuple[Numbers, Numbers] | None:
        """The mean and the quantile 0.9 of each product and day by the model, None without one."""
        return self.model.predict_beside(panel) if self.model else None


def learn(panel: Panel, *, band: bool) -> Blend:
    """Choose the smoothing by the last weeks of `panel`, then fit the model, for a band as well if that is wanted."""
    weight = best_weight(panel)
    return Blend(weight, fit(panel, weight, band=band))


def best_weight(panel: Panel) -> float:
    """The smoothing with the least squared error in the last weeks, each product counting by its own scale."""
    starts = [panel.days - WEEK * back for back in range(1, TRIED_ON + 1) if panel.days - WEEK * back >= 8 * WEEK]
    if not starts:
        return 0.1
    scale = np.nanmean(np.where(np.isnan(panel.demand).all(axis=1, keepdims=True), 0.0, panel.demand), axis=1) + 0.1
    errors = dict.fromkeys(WEIGHTS, 0.0)
    for start in starts:
        past, came = panel.until(start, WEEK), panel.demand[:, start : start + WEEK]
        for weight, said in zip(WEIGHTS, weekday_shapes(past, WEIGHTS), strict=True):
            squared = (said - came) ** 2
            errors[weight] += float(np.nansum(squared / scale[:, None]))
    return min(errors, key=errors.__getitem__)
