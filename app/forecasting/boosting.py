"""One gradient-boosted model over all products: what the weekday shape times the level leaves over.

The target is demand over base with the base as weight; with the Poisson loss that is a Poisson model with an offset,
so totals stay right. The second model aims at a quantile a little above the median: days of most products lie below
their mean and one big day above it, and the absolute error is least near the median. Scaled to the total of the past
half year it says too much or too little for nobody on the whole. The third aims at a high quantile: how wide the band
of a product is on that very day, which its past errors alone do not tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.forecasting.features import EARLIEST, REACH, History
from app.forecasting.panel import Numbers, Panel

MOST_ROWS: Final = 150_000
LEAST_ROWS: Final = 4_000
EVERY: Final = 5
"""Days between the mornings learned from: prime to the week, so every weekday comes."""
LONGEST_MEMORY: Final = 364
TOWARDS_MEDIAN: Final = 0.6
HIGH: Final = 0.9
MODEL: Final[dict[str, Any]] = {
    "num_leaves": 15, "learning_rate": 0.06, "min_data_in_leaf": 150, "lambda_l2": 10.0, "feature_fraction": 0.6,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 0, "deterministic": True, "verbose": -1,
    "num_threads": 1,
}  # fmt: skip
"""One thread: the workers are as many as the cores, and waiting threads of OpenMP eat what others need."""
ROUNDS: Final = 90


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted model; `scale` puts the total of the middle right, `high` is there where a band was asked for."""

    mean: Any
    middle: Any
    high: Any | None
    scale: float
    base_weight: float

    def predict(self, panel: Panel) -> tuple[Numbers, Numbers, Numbers]:
        """Base, mean and scaled middle of each product (rows) and day of the horizon (columns)."""
        base, (mean, middle) = self._said(panel, [self.mean, self.middle])
        return base, mean, middle * self.scale

    def predict_beside(self, panel: Panel) -> tuple[Numbers, Numbers] | None:
        """The mean and the quantile `HIGH` of each product and day; None where the latter was not fitted."""
        if not self.high:
            return None
        mean, high = self._said(panel, [self.mean, self.high])[1]
        return mean, high

    def _said(self, panel: Panel, models: Sequence[Any]) -> tuple[Numbers, list[Numbers]]:
        """The base and what each model makes of it, each product at its own pace."""
        history, shape = History.of(panel, self.base_weight), (len(panel.demand), panel.horizon)
        rows, ahead = (grid.ravel() for grid in np.indices(shape))
        base = history.base(rows, panel.days, ahead)
        features = history.features(rows, panel.days, ahead)
        base = base * history.pace()[rows]
        said = [base * np.maximum(model.predict(features), 0.0) for model in models]
        return base.reshape(shape), [one.reshape(shape) for one in said]


def fit(panel: Panel, base_weight: float, *, band: bool) -> Boosted | None:
    """Learn from all mornings of the last year, the high quantile if a `band` is wanted; None if they are too few."""
    booster = _booster()
    sample = _sample(panel, base_weight) if booster else None
    if booster is None or sample is None:
        return None
    features, base, target = sample
    data = booster.Dataset(features, target / base, weight=base, params={"max_bin": MODEL["max_bin"], "verbose": -1})
    mean = booster.train({**MODEL, "objective": "poisson"}, data, ROUNDS)
    middle = booster.train({**MODEL, "objective": "quantile", "alpha": TOWARDS_MEDIAN}, data, ROUNDS)
    high = booster.train({**MODEL, "objective": "quantile", "alpha": HIGH}, data, ROUNDS) if band else None
    late = slice(len(target) // 2, None)
    said = float((base[late] * middle.predict(features[late])).sum())
    return Boosted(mean, middle, high, float(target[late].sum()) / max(said, 1e-9), base_weight)


@cache
def _booster() -> ModuleType | None:
    """LightGBM, or None on a machine without the OpenMP library it is linked to; loaded where it is first used."""
    try:
        return import_module("lightgbm")
    except (ImportError, OSError):
        return None


def _sample(panel: Panel, base_weight: float) -> tuple[NDArray[np.float32], Numbers, Numbers] | None:
    """Lines of features with base and demand, the oldest first; a fixed random part where there are very many."""
    ending = Panel(
        panel.first_day, panel.demand, panel.sold_out, panel.price[:, : panel.days], panel.promoted[:, : panel.days],
        panel.holiday[: panel.days], panel.group, panel.planned,
    )  # fmt: skip
    history = History.of(ending, base_weight)
    mornings = range(max(EARLIEST, panel.days - LONGEST_MEMORY), panel.days - 1)[::-EVERY][::-1]
    count = len(panel.demand)
    if not mornings or count * len(mornings) * REACH < LEAST_ROWS:
        return None
    part = min(1.0, MOST_ROWS / (count * len(mornings) * REACH))
    random = np.random.default_rng(0)
    features, base, target = [], [], []
    for morning in mornings:
        reach = min(REACH, panel.days - morning)
        rows, ahead = (grid.ravel() for grid in np.indices((count, reach)))
        demand = panel.demand[rows, morning + ahead]
        use = ~np.isnan(demand) & (history.known_days[rows, morning] >= 28) & (random.random(len(rows)) < part)
        if use.any():
            features.append(history.features(rows[use], morning, ahead[use]))
            base.append(history.base(rows[use], morning, ahead[use]))
            target.append(demand[use])
    if sum(map(len, target)) < LEAST_ROWS or not any(one.any() for one in target):
        return None
    return np.concatenate(features), np.concatenate(base), np.concatenate(target)
