"""The quantiles of the first 1, 2, 3 … days together, all at once: what ordering asks of every product every night."""

from collections.abc import Sequence

import numpy as np

from app.forecasting.series import LEVELS, Forecast
from app.forecasting.spread import _deviation, _reach, gamma_quantile


def lead_time_quantiles(forecast: Forecast, days: int, levels: Sequence[float] = LEVELS) -> dict[float, list[float]]:
    """`lead_time_quantile` of every number of days up to `days`, by level."""
    if days <= 0 or not forecast.mean:
        return {level: [0.0] * max(days, 0) for level in levels}
    deviation = _reach(forecast.deviation or _deviation(forecast.mean, forecast.quantiles), days)
    mean, alone = np.cumsum(_reach(forecast.mean, days)), np.cumsum(deviation**2)
    spread = np.sqrt(alone + forecast.correlation * (np.cumsum(deviation) ** 2 - alone))
    return {level: gamma_quantile(mean, spread, level).tolist() for level in levels}
