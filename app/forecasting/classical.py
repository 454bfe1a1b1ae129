"""The methods of the textbooks, for many products at once; each product gets the parameters that fit its past best.

ETS(A,N,A) and the notation: Hyndman, Koehler, Ord, Snyder: Forecasting with Exponential Smoothing (2008). Theta:
Assimakopoulos and Nikolopoulos (2000). Croston (1972), SBA: Syntetos and Boylan (2005), TSB: Teunter, Syntetos and
Babai (2011).
"""

from itertools import product
from typing import Final

import numpy as np

from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import WEEK, weekdays
from app.forecasting.smoothing import smoothed

LEVEL_WEIGHTS: Final = (0.05, 0.1, 0.2)
SEASON_WEIGHTS: Final = (0.02, 0.1)
MEMORY: Final = 364
INTERMITTENT_WEIGHT: Final = 0.1


def ets(panel: Panel) -> Numbers:
    """Level and additive weekday season, both smoothed exponentially, no trend: ETS(A,N,A)."""
    demand = panel.demand[:, -MEMORY:]
    days = weekdays(panel, panel.days + panel.horizon)
    past, ahead = days[panel.days - demand.shape[1] : panel.days], days[panel.days :]
    least, found = np.full(len(demand), np.inf), np.zeros((len(demand), panel.horizon))
    for level_weight, season_weight in product(LEVEL_WEIGHTS, SEASON_WEIGHTS):
        level, season, error = _smooth_season(demand, past, level_weight, season_weight)
        better = error < least
        least = np.where(better, error, least)
        found[better] = (level[:, None] + season[:, ahead])[better]
    return np.maximum(found, 0.0)


def _smooth_season(
    demand: Numbers, days: np.ndarray[tuple[int], np.dtype[np.int64]], level_weight: float, season_weight: float
) -> tuple[Numbers, Numbers, Numbers]:
    """Last level, last season of each weekday and the sum of squared errors of one day ahead."""
    start = demand[:, : 4 * WEEK]
    known = ~np.isnan(start)
    level = np.nansum(start, axis=1) / np.maximum(known.sum(axis=1), 1)
    season, error = np.zeros((len(demand), WEEK)), np.zeros(len(demand))
    for day, column in zip(days, demand.T, strict=True):
        seen = ~np.isnan(column)
        surprise = np.where(seen, np.nan_to_num(column) - level - season[:, day], 0.0)
        error += surprise**2
        level = level + level_weight * surprise
        season[:, day] += season_weight * surprise
    return level, season, error


def theta(panel: Panel) -> Numbers:
    """Half the line of the trend, half a smoothed level, times the product's own weekday index."""
    demand = panel.demand[:, -MEMORY:]
    days = weekdays(panel, panel.days + panel.horizon)
    past, ahead = days[panel.days - demand.shape[1] : panel.days], days[panel.days :]
    index = _own_index(demand, past)
    flat = demand / index[:, past]
    level = _best_level(flat)
    drift = _slope(flat)[:, None] / 2 * np.arange(1, panel.horizon + 1)
    return np.maximum((level[:, None] + drift) * index[:, ahead], 0.0)


def _own_index(demand: Numbers, days: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Numbers:
    """Mean of each weekday over the mean of all, by the product's own days."""
    known = ~np.isnan(demand)
    mean = np.nansum(demand, axis=1) / np.maximum(known.sum(axis=1), 1)
    index = np.ones((len(demand), WEEK))
    for day in range(WEEK):
        these = days == day
        own = np.nansum(demand[:, these], axis=1) / np.maximum(known[:, these].sum(axis=1), 1)
        index[:, day] = np.divide(own, mean, out=np.ones_like(mean), where=mean > 0)
    return np.clip(index, 0.1, 10.0)


def _best_level(flat: Numbers) -> Numbers:
    """The last level under the weight with the least squared error of one day ahead."""
    levels = [smoothed(flat, weight) for weight in LEVEL_WEIGHTS]
    errors = np.stack([np.nansum((flat - level[:, :-1]) ** 2, axis=1) for level in levels])
    last = np.stack([level[:, -1] for level in levels])
    return np.asarray(np.take_along_axis(last, errors.argmin(axis=0)[None], axis=0)[0])


def _slope(flat: Numbers) -> Numbers:
    """Units a day by least squares over the known days."""
    known = ~np.isnan(flat)
    count = np.maximum(known.sum(axis=1), 1)
    time = np.arange(flat.shape[1], dtype=np.float64)
    time_off = np.where(known, time - (known * time).sum(axis=1, keepdims=True) / count[:, None], 0.0)
    return np.asarray((time_off * np.nan_to_num(flat)).sum(axis=1) / np.maximum((time_off**2).sum(axis=1), 1.0))


def croston(panel: Panel) -> Numbers:
    """Smoothed size of a selling day over the smoothed days between two of them."""
    return _flat(_size_and_interval(panel), panel.horizon)


def sba(panel: Panel) -> Numbers:
    """Croston's rate without its known bias upwards."""
    return croston(panel) * (1.0 - INTERMITTENT_WEIGHT / 2)


def tsb(panel: Panel) -> Numbers:
    """Smoothed size of a selling day times the smoothed probability of one: fades where nothing is sold any more."""
    size = smoothed(np.where(panel.demand > 0, panel.demand, np.nan), INTERMITTENT_WEIGHT)[:, -1]
    sold = np.where(np.isnan(panel.demand), np.nan, (panel.demand > 0).astype(np.float64))
    return _flat(size * smoothed(sold, INTERMITTENT_WEIGHT / 2)[:, -1], panel.horizon)


def _size_and_interval(panel: Panel) -> Numbers:
    size, interval, since, seen = (np.zeros(len(panel.demand)) for _ in range(4))
    for column in panel.demand.T:
        since += ~np.isnan(column)
        sold = column > 0
        seen += sold
        step = np.maximum(INTERMITTENT_WEIGHT, 1.0 / np.maximum(seen, 1.0))
        size = np.where(sold, size + step * (np.nan_to_num(column) - size), size)
        interval = np.where(sold, interval + step * (since - interval), interval)
        since = np.where(sold, 0.0, since)
    return np.divide(size, interval, out=np.zeros_like(size), where=interval > 0)


def _flat(rate: Numbers, horizon: int) -> Numbers:
    return np.repeat(rate[:, None], horizon, axis=1)
