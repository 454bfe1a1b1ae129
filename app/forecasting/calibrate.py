"""How far demand strayed from what was said, learned from weeks no model had seen, and quantiles made of it.

Each product has a variance in proportion to its mean, drawn to that of products of its size. In units of that
deviation the errors of all products of one size are pooled: their quantiles are the band. Slow and fast movers get
the shape that is theirs without anybody naming a distribution; a gamma distribution speaks where little is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.forecasting.boosting import HIGH
from app.forecasting.panel import Flags, Numbers
from app.forecasting.series import LEAST_HISTORY, LEVELS
from app.forecasting.smoothing import smoothed
from app.forecasting.spread import gamma_quantile

BINS: Final = 12
PER_BIN: Final = 400
"""Errors a size class needs before its quantiles count more than those of the gamma distribution."""
OWN_DAYS: Final = 60.0
"""Days at which a product's own spread counts as much as that of its size."""
LEAST_MEAN: Final = 0.02
MOST_PAIRS: Final = 42.0
"""One week of one product counts for no more than seven days that all err by one deviation."""
YEAR: Final = 364
MEDIAN: Final = 0.5
LEAST_WIDTH: Final = 1e-6
FURTHEST: Final = (0.4, 2.5)
"""How far another opinion of the width is heard, in parts of it."""
SLOW: Final = 0.05
OWN_YEAR: Final = 0.2
"""Share of the product's own year in the quantiles it speaks of: a tenth to three tenths were about as good."""


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

    def quantiles(
        self, mean: Numbers, high: Numbers | None, whole: Flags, year: Mapping[float, Numbers] | None = None
    ) -> dict[float, Numbers]:
        """Quantiles of each product and day, never negative, each at least the one below.

        `high` is another opinion of the quantile 0.9: it widens or narrows the upper half of the band half way. `year`
        is what the product's own year says of some quantiles, NaN where nothing. Of `whole` products the quantiles are
        whole, too: nobody buys two pieces and a half.
        """
        own = self._own(mean)
        if high is not None:
            own = _half_way(own, mean, high)
        for level, one in (year or {}).items():
            own[level] = own[level] + OWN_YEAR * np.nan_to_num(one - own[level])
        found, floor = {}, np.zeros_like(mean)
        for level in LEVELS:
            floor = np.maximum(floor, np.where(whole[:, None], np.floor(own[level] + 0.5), own[level]))
            found[level] = floor
        return found

    def _own(self, mean: Numbers) -> dict[float, Numbers]:
        """What the past errors of the product and of those of its size say."""
        deviation = self.deviation(mean)
        size = np.log(np.maximum(mean, LEAST_MEAN))
        trust = np.interp(size, self.edges, self.weight)
        found = {}
        for place, level in enumerate(LEVELS):
            learned = mean + deviation * np.interp(size, self.edges, self.scores[:, place])
            textbook = gamma_quantile(mean, deviation, level)
            found[level] = trust * learned + (1.0 - trust) * textbook
        return found


def _half_way(own: Mapping[float, Numbers], mean: Numbers, high: Numbers) -> dict[float, Numbers]:
    """The band above the median, as wide as its own quantile 0.9 and `high` say on average."""
    width = np.maximum(own[HIGH] - mean, LEAST_WIDTH)
    wider = (1.0 + np.clip((high - mean) / width, *FURTHEST)) / 2
    return {level: one if level <= MEDIAN else mean + (one - mean) * wider for level, one in own.items()}


def spread(actual: Numbers, said: Numbers, demand: Numbers) -> Spread:
    """Learn from a backtest: products × origins × days, NaN where nothing is known.

    Eight weeks tell what a size class does, not what one product does: its own share of the spread comes from the
    days of the last year around its smoothed level.
    """
    known = ~np.isnan(actual)
    mean = np.where(known, np.maximum(said, LEAST_MEAN), 0.0)
    squared = np.where(known, (said - actual) ** 2, 0.0)
    factor = _factor(squared, mean, known, demand[:, -YEAR:])
    error = np.where(known, actual - said, 0.0)
    deviation = np.sqrt(mean * factor[:, None, None])
    edges, scores, weight = _pooled(np.log(mean[known]), error[known] / deviation[known])
    score = np.divide(error, deviation, out=np.zeros_like(error), where=known)
    return Spread(factor, edges, scores, weight, _correlation(score))


def _factor(squared: Numbers, mean: Numbers, known: Numbers, demand: Numbers) -> Numbers:
    """Variance over mean of each product, drawn to the power law that all products follow together."""
    level = smoothed(demand, SLOW)[:, :-1]
    seen = ~np.isnan(demand)
    days, rate = seen.sum(axis=1), np.where(seen, level, 0.0).sum(axis=1)
    around = np.nansum((demand - level) ** 2, axis=1)
    own = np.divide(around, rate, out=np.ones(len(days)), where=rate > 0)
    size = np.log(np.maximum(np.divide(rate, days, out=np.zeros(len(days)), where=days > 0), LEAST_MEAN))
    use = (days >= LEAST_HISTORY) & (own > 0)
    pooled = np.full(len(days), 1.5)
    if use.sum() >= 20 and np.ptp(size[use]) > 0.5:
        slope, start = np.polyfit(size[use], np.log(own[use]), 1)
        pooled = np.exp(np.clip(slope, 0.0, 1.0) * size + start)
    found = np.exp((days * np.log(np.maximum(own, 1e-6)) + OWN_DAYS * np.log(pooled)) / (days + OWN_DAYS))
    expected = float((mean * found[:, None, None])[known].sum())
    right = float(squared[known].sum()) / expected if expected > 0 else 1.0
    return np.asarray(np.clip(found * np.clip(right, 0.5, 2.0), 0.3, 1e6))


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


def _correlation(score: Numbers) -> float:
    """Correlation of the errors of two days of one week, each product counting alike."""
    pairs = (np.abs(score) > 0).sum(axis=2)
    together = np.clip(score.sum(axis=2) ** 2 - (score**2).sum(axis=2), -MOST_PAIRS, MOST_PAIRS).sum()
    expected = (pairs * (pairs - 1)).sum()
    return float(np.clip(together / expected, 0.0, 0.5)) if expected > 0 else 0.1
