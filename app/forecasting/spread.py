"""From a mean and a standard deviation to quantiles of a day and of a sum of days."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from app.forecasting.panel import Numbers
from app.forecasting.series import Forecast

_TINY = 1e-9


def gamma_quantile(mean: Numbers, deviation: Numbers, level: float) -> Numbers:
    """Quantile of a gamma distribution: never negative, skewed as demand is, normal where the mean is large."""
    mean, deviation = np.maximum(mean, _TINY), np.maximum(deviation, _TINY)
    shape = np.clip((mean / deviation) ** 2, 1e-3, 1e6)
    found = special.gammaincinv(shape, level) * mean / shape
    return np.asarray(np.where(mean <= _TINY, 0.0, np.nan_to_num(found)))


def lead_time_quantile(forecast: Forecast, days: int, level: float) -> float:
    """Demand of the first `days` days together that is exceeded with probability 1 - `level`.

    Days beyond the horizon are like the last week of it. Errors of neighbouring days go together, by the
    `correlation` measured in the backtest: the sum spreads more than that of independent days.
    """
    if days <= 0 or not forecast.mean:
        return 0.0
    mean = _reach(forecast.mean, days)
    deviation = _reach(forecast.deviation or _deviation(forecast.mean, forecast.quantiles), days)
    alone = float((deviation**2).sum())
    together = float(deviation.sum()) ** 2 - alone
    spread = math.sqrt(alone + forecast.correlation * together)
    return float(gamma_quantile(np.array([mean.sum()]), np.array([spread]), level)[0])


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
