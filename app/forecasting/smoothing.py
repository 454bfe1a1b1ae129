"""Exponential smoothing of many rows at once, days nothing is known of skipped."""

import numpy as np

from app.forecasting.panel import Numbers


def smoothed(values: Numbers, weight: float) -> Numbers:
    """The level before each day and, in one column more, after the last; zero until a row knows anything.

    The start is the mean so far until that mean would count less than `weight`, so the first day is no anchor.
    """
    rows, days = values.shape
    level, seen, found = np.zeros(rows), np.zeros(rows), np.zeros((rows, days + 1))
    for day, column in enumerate(values.T):
        known = ~np.isnan(column)
        seen += known
        step = np.maximum(weight, 1.0 / np.maximum(seen, 1.0))
        level = np.where(known, level + step * (np.nan_to_num(column) - level), level)
        found[:, day + 1] = level
    return found


def recent_mean(values: Numbers, days: int) -> Numbers:
    """The mean of the `days` known days before each day, NaN where none is known; one column more than `values`."""
    known = ~np.isnan(values)
    total = _window(np.where(known, values, 0.0), days)
    count = _window(known.astype(np.float64), days)
    return np.asarray(np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0))


def _window(values: Numbers, days: int) -> Numbers:
    """Sums of the last `days` columns before each column."""
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    ago = np.maximum(np.arange(total.shape[1]) - days, 0)
    return np.asarray(total - total[:, ago])
