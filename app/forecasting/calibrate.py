"""How far demand strayed from what was said, learned from weeks no model had seen, and quantiles made of it.

Each product has a variance in proportion to its mean, drawn to that of products of its size. In units of that
deviation the errors of all products of one size are pooled: their quantiles are the band. Slow and fast movers get
the shape that is theirs without anybody naming a distribution; a gamma distribution speaks where little is known.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.forecasting.panel import Numbers
from app.forecasting.series import LEVELS
from app.forecasting.spread import gamma_quantile

BINS: Final = 12
PER_BIN: Final = 400
"""Errors a size class needs before its quantiles count more than those of the gamma distribution."""
OWN_DAYS: Final = 60.0
"""Days at which a product's own spread counts as much as that of its size."""
LEAST_MEAN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Spread:
    """What the backtest says of uncertainty: `factor` is variance over mean of each product."""

    factor: Numbers
    edges: Numbers
    scores: Numbers
    weight: Numbers
    correlation: float

    def deviation(self, mean: Numbers) -> Numbers:
        """Standard deviation of each day."""
        return np.asarray(np.sqrt(np.maximum(mean, LEAST_MEAN) * self.factor[:, None]))

    def quantiles(self, mean: Numbers) -> dict[float, Numbers]:
        """Quantiles of each product and day, never negative, each at least the one below."""
        deviation = self.deviation(mean)
        size = np.log(np.maximum(mean, LEAST_MEAN))
        trust = np.interp(size, self.edges, self.weight)
        found, floor = {}, np.zeros_like(mean)
        for place, level in enumerate(LEVELS):
            learned = mean + deviation * np.interp(size, self.edges, self.scores[:, place])
            textbook = gamma_quantile(mean, deviation, level)
            floor = np.maximum(floor, trust * learned + (1.0 - trust) * textbook)
            found[level] = floor
        return found


def spread(actual: Numbers, said: Numbers) -> Spread:
    """Learn from a backtest: products × origins × days, NaN where nothing is known."""
    known = ~np.isnan(actual)
    mean = np.where(known, np.maximum(said, LEAST_MEAN), 0.0)
    squared = np.where(known, (said - actual) ** 2, 0.0)
    factor = _factor(squared, mean, known)
    error = np.where(known, actual - said, 0.0)
    deviation = np.sqrt(mean * factor[:, None, None])
    edges, scores, weight = _pooled(np.log(mean[known]), error[known] / deviation[known])
    return Spread(factor, edges, scores, weight, _correlation(error, deviation))


def _factor(squared: Numbers, mean: Numbers, known: Numbers) -> Numbers:
    """Variance over mean of each product, drawn to the power law that all products follow together."""
    days, rate = known.sum(axis=(1, 2)), mean.sum(axis=(1, 2))
    own = np.divide(squared.sum(axis=(1, 2)), rate, out=np.ones(len(days)), where=rate > 0)
    level = np.log(np.divide(rate, days, out=np.full(len(days), LEAST_MEAN), where=days > 0))
    use = (days > 0) & (own > 0)
    pooled = np.full(len(days), 1.5)
    if use.sum() >= 20 and np.ptp(level[use]) > 0.5:
        slope, start = np.polyfit(level[use], np.log(own[use]), 1)
        residual = np.exp(np.log(own[use]) - slope * level[use] - start).mean()
        pooled = np.exp(np.clip(slope, 0.0, 1.0) * level + start) * residual
    return np.asarray(np.clip((days * own + OWN_DAYS * pooled) / (days + OWN_DAYS), 0.3, 1e6))


def _pooled(size: Numbers, score: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Middle of each size class, its quantiles in deviations, and how far they are to be believed."""
    if not len(size):
        return np.zeros(1), np.zeros((1, len(LEVELS))), np.zeros(1)
    order = np.argsort(size, kind="stable")
    parts = np.array_split(order, max(1, min(BINS, len(order) // PER_BIN)))
    edges = np.array([np.median(size[part]) for part in parts])
    scores = np.array([np.quantile(score[part], LEVELS) for part in parts])
    weight = np.array([len(part) / (len(part) + PER_BIN / 2) for part in parts])
    return edges, scores, weight


def _correlation(error: Numbers, deviation: Numbers) -> float:
    """Correlation of the errors of two days of one week, over all products."""
    if not error.size:
        return 0.1
    together = (error.sum(axis=2) ** 2 - (error**2).sum(axis=2)).sum()
    expected = (deviation.sum(axis=2) ** 2 - (deviation**2).sum(axis=2)).sum()
    return float(np.clip(together / expected, 0.0, 0.9)) if expected > 0 else 0.1
