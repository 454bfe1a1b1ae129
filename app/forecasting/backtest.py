"""Rolling origins: what each method would have said in past weeks, beside what came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import WEEK

ORIGINS: Final = 8
LEAST_TRAINING: Final = 4 * WEEK
Method = Callable[[Panel], Numbers]


@dataclass(frozen=True, slots=True)
class Backtest:
    """`actual` and each method's `said`: products × origins × days of the week ahead; NaN where not comparable."""

    actual: Numbers
    said: Mapping[str, Numbers]


def backtest(panel: Panel, methods: Mapping[str, Method], origins: int = ORIGINS) -> Backtest:
    """The last weeks of history, each forecast from what was known on its first morning."""
    starts = [panel.days - WEEK * back for back in range(origins, 0, -1) if panel.days - WEEK * back >= LEAST_TRAINING]
    shape = (len(panel.demand), len(starts), WEEK)
    actual = np.full(shape, np.nan)
    said = {name: np.full(shape, np.nan) for name in methods}
    for place, start in enumerate(starts):
        past = panel.until(start, WEEK)
        ready = past.history_days >= LEAST_TRAINING
        actual[ready, place] = panel.demand[ready, start : start + WEEK]
        for name, method in methods.items():
            said[name][:, place] = method(past)
    return Backtest(actual, said)


def wape(actual: Numbers, said: Numbers) -> Numbers:
    """Absolute error over demand for each product; NaN where nothing was sold."""
    known = ~np.isnan(actual)
    error = np.where(known, np.abs(said - actual), 0.0).sum(axis=(1, 2))
    return _over(error, np.nansum(actual, axis=(1, 2)))


def bias(actual: Numbers, said: Numbers) -> Numbers:
    """Signed error over demand for each product: positive says too much; NaN where nothing was sold."""
    known = ~np.isnan(actual)
    return _over(np.where(known, said - actual, 0.0).sum(axis=(1, 2)), np.nansum(actual, axis=(1, 2)))


def rmsse(actual: Numbers, said: Numbers, demand: Numbers) -> Numbers:
    """Root of the squared error over that of "the same as yesterday" within the history (as in the M5 competition)."""
    known = ~np.isnan(actual)
    squared = _over(np.where(known, (said - actual) ** 2, 0.0).sum(axis=(1, 2)), known.sum(axis=(1, 2)))
    steps = np.diff(demand, axis=1) ** 2
    naive = _over(np.nansum(steps, axis=1), (~np.isnan(steps)).sum(axis=1))
    return np.asarray(np.sqrt(_over(squared, naive)))


def _over(top: Numbers, bottom: Numbers) -> Numbers:
    return np.asarray(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0))
