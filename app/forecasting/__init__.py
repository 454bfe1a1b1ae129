"""Numbers in, numbers out: the past sales of products become the distribution of their next days."""

from app.forecasting.forecast import forecast_many
from app.forecasting.methods import METHODS
from app.forecasting.series import LEAST_HISTORY, LEVELS, Forecast, HorizonOutOfRange, MethodUnknown, Series
from app.forecasting.spread import lead_time_quantile

__all__ = [
    "LEAST_HISTORY", "LEVELS", "METHODS", "Forecast", "HorizonOutOfRange", "MethodUnknown", "Series", "forecast_many",
    "lead_time_quantile",
]  # fmt: skip
