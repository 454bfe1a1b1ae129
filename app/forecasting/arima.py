"""ARIMA by statsmodels, one product at a time: the baseline others are measured by."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from statsmodels.tsa.arima.model import ARIMA

from app.forecasting.panel import Numbers, Panel
from app.forecasting.simple import moving_average


def arima700(panel: Panel) -> Numbers:
    """ARIMA(7,0,0), fitted by maximum likelihood to each series; the recent mean where that fails."""
    return arima700_with_deviation(panel)[0]


def arima700_with_deviation(panel: Panel) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of each day."""
    return _each(panel, {"order": (7, 0, 0)})


def _each(panel: Panel, model: Mapping[str, Any]) -> tuple[Numbers, Numbers]:
    """Fit `model` to every series with more than three known weeks."""
    mean = moving_average(panel)
    deviation = np.sqrt(mean)
    for row, values in enumerate(panel.demand):
        begun = np.flatnonzero(~np.isnan(values))
        if len(begun) > 3 * 7:
            mean[row], deviation[row] = _fit(model, values[begun[0] :], mean[row], deviation[row])
    return mean, deviation


def _fit(model: Mapping[str, Any], values: Numbers, mean: Numbers, deviation: Numbers) -> tuple[Numbers, Numbers]:
    """What one model says, or what was known before where it fails."""
    if np.nanmax(values) == np.nanmin(values):
        return mean, deviation
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = ARIMA(values, **model).fit().get_forecast(len(mean))
        except (np.linalg.LinAlgError, ValueError):
            return mean, deviation
    centre, width = np.asarray(found.predicted_mean), np.asarray(found.se_mean)
    if not (np.isfinite(centre).all() and np.isfinite(width).all()):
        return mean, deviation
    return np.maximum(centre, 0.0), width


def seasonal_arima(panel: Panel) -> Numbers:
    """ARIMA(1,0,1)(0,1,1) with a season of a week, one product at a time."""
    return _each(panel, {"order": (1, 0, 1), "seasonal_order": (0, 1, 1, 7)})[0]
