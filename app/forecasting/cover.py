"""The quantiles of the first 1, 2, 3 … days together, all at once: what ordering asks of every product every night."""

from collections.abc import Sequence

from app.forecasting.series import LEVELS, Forecast
from app.forecasting.spread import sums_quantiles


def lead_time_quantiles(forecast: Forecast, days: int, levels: Sequence[float] = LEVELS) -> dict[float, list[float]]:
    """`lead_time_quantile` of every number of days up to `days`, by level."""
    if days <= 0 or not forecast.mean:
        return {level: [0.0] * max(days, 0) for level in levels}
    return {level: sums_quantiles(forecast, days, level).tolist() for level in levels}
