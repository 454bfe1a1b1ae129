"""Which method speaks for a product: the blend, unless another was clearly nearer week after week."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.forecasting.backtest import Backtest
from app.forecasting.panel import Numbers

MARGIN: Final = 0.12
"""The best of many methods is lucky by some percent; less than this is no reason to leave the blend."""
LEAST_WON: Final = 0.75
"""Share of the weeks in which it must have been nearer."""
LEAST_WEEKS: Final = 4


def choose(past: Backtest, names: Sequence[str]) -> NDArray[np.int64]:
    """For each product the place in `names` of the method to believe; the first is the one to beat."""
    errors = np.stack([_weekly(past.actual, past.said[name]) for name in names])
    products = errors.shape[1]
    if not errors.shape[2]:
        return np.zeros(products, dtype=np.int64)
    weeks = (~np.isnan(past.actual)).any(axis=2).sum(axis=1)
    won = (errors < errors[0]).sum(axis=2)
    total = errors.sum(axis=2)
    clearly = (total < (1.0 - MARGIN) * total[0]) & (won >= LEAST_WON * weeks) & (weeks >= LEAST_WEEKS)
    contest = np.where(clearly, total, np.inf)
    contest[0] = np.where(clearly.any(axis=0), np.inf, 0.0)
    return np.asarray(contest.argmin(axis=0))


def shares(past: Backtest, names: Sequence[str], chosen: NDArray[np.int64]) -> Numbers:
    """How much of the say the chosen method of each product has, the first having the rest: by their squared errors.

    Part of what makes the best of many methods the best is luck, so the mean of both is nearer than either; a rival
    that was never wrong has it all.
    """
    errors = np.stack([_weekly(past.actual, past.said[name]).sum(axis=1) for name in names])
    first, other = errors[0], errors[chosen, np.arange(len(chosen))]
    return np.asarray(np.divide(first, first + other, out=np.full(len(first), 0.5), where=first + other > 0))


def together(said: Numbers, chosen: NDArray[np.int64], share: Numbers) -> Numbers:
    """What is said of each product, from `said` (methods × products × …): the chosen method with its share."""
    other = said[chosen, np.arange(len(chosen))]
    weight = share.reshape(-1, *[1] * (other.ndim - 1))
    return np.asarray((1.0 - weight) * said[0] + weight * other)


def _weekly(actual: Numbers, said: Numbers) -> Numbers:
    """Squared error of each product and week, the least that serves absolute errors as well."""
    known = ~np.isnan(actual)
    return np.asarray(np.where(known, (said - actual) ** 2, 0.0).sum(axis=2))
