"""Methods of a line each, for comparison and for products nothing better is known of."""

import numpy as np

from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import WEEK

MONTH = 28


def seasonal_naive(panel: Panel) -> Numbers:
    """The last known demand of the same weekday, of the last four weeks; the recent mean where there is none."""
    level = moving_average(panel)[:, :1]
    week = np.repeat(level, WEEK, axis=1)
    recent = panel.demand[:, -MONTH:]
    for back in range(min(MONTH, recent.shape[1]), 0, -1):
        day = -back % WEEK
        known = ~np.isnan(recent[:, -back])
        week[known, day] = recent[known, -back]
    return np.tile(week, (1, -(-panel.horizon // WEEK)))[:, : panel.horizon]


def moving_average(panel: Panel) -> Numbers:
    """The mean of the last 28 days, of all days where none of those is known; zero where nothing is."""
    level = _mean(panel.demand[:, -MONTH:], _mean(panel.demand, np.zeros(len(panel.demand))))
    return np.repeat(level[:, None], panel.horizon, axis=1)


def _mean(values: Numbers, otherwise: Numbers) -> Numbers:
    known = (~np.isnan(values)).sum(axis=1)
    return np.where(known > 0, np.nansum(values, axis=1) / np.maximum(known, 1), otherwise)
