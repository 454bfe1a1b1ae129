"""From a mean and a standard deviation to quantiles of a day and of a sum of days."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy import special

from app.forecasting.panel import Numbers
from app.forecasting.series import Forecast

_TINY = 1e-9
USUAL_SHARE: Final = 0.3
"""From nothing to a half all did; less served a steady shop better, more one of promotions."""


def gamma_quantile(mean: Numbers, deviation: Numbers, level: float) -> Numbers:
    """Quantile of a gamma distribution: never negative, skewed as demand is, normal where the mean is large."""
    mean, deviation = np.maximum(mean, _TINY), np.maximum(deviation, _TINY)
    shape = np.clip((mean / deviation) ** 2, 1e-3, 1e6)
    found = special.gammaincinv(shape, level) * mean / shape
    return np.asarray(np.where(mean <= _TINY, 0.0, np.nan_to_num(found)))


def lead_time_quantile(forecast: Forecast, days: int, level: float) -> float:
    """Demand of the first `days` days together that is exceeded with probability 1 - `level`.

    The mean is that of `expected`, not the point forecast, which lies below it for slow movers: what comes nearest on
    most days is too little for all of them. A part of it is the usual demand: a level that has just fallen comes back
    more often than it stays, and an order that believes it starves the shelf. The spread is that of the product's own
    past sums of days, which hold what single days do not show: levels that drift. A normal tail, because a skewed one
    with a mean near zero keeps no stock at all. Days beyond the horizon are like the last week of it.
    """
    if days <= 0 or not forecast.mean:
        return 0.0
    return float(sums_quantiles(forecast, days, level)[-1])


def sums_quantiles(forecast: Forecast, days: int, level: float) -> Numbers:
    """The same of the first 1, 2, 3 … `days` days."""
    mean, count = np.cumsum(_reach(forecast.expected or forecast.mean, days)), np.arange(1, days + 1)
    if forecast.unrest > 0.0:
        centre = (1.0 - USUAL_SHARE) * mean + USUAL_SHARE * count * forecast.usual
        return np.asarray(np.maximum(centre + special.ndtri(level) * forecast.unrest * np.sqrt(count), 0.0))
    deviation = _reach(forecast.deviation or _deviation(forecast.mean, forecast.quantiles), days)
    alone = np.cumsum(deviation**2)
    spread = np.sqrt(alone + forecast.correlation * (np.cumsum(deviation) ** 2 - alone))
    return gamma_quantile(mean, spread, level)


def _reach(values: Sequence[float], days: int) -> Numbers:
    """The first `days` values; the last week again and again where there are fewer."""
    known = np.asarray(values, dtype=np.float64)
    week = known[-7:]
    more = max(days - len(known), 0)
    return np.concatenate([known, np.resize(week, more)])[:days]


def _deviation(mean: Sequence[float], quantiles: Mapping[float, list[float]]) -> list[float]:
    """A standard deviation for forecasts that were kept without one, from their highest quantile."""
    highest = max(quantiles, default=None)
    if highest is None:
        return [math.sqrt(one) for one in mean]
    width = float(special.ndtri(highest))
    return [max(q - m, 0.0) / width for q, m in zip(quantiles[highest], mean, strict=True)]
