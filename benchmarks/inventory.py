"""What a forecast is worth: stock and fill rate of a shop that orders by it; lost sales, one review a week."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
WEEK = 7
LEAD_TIMES = (2, 3, 4, 5, 6, 7)
"""Days from order to shelf, by turns over the products: what fresh, dry and central deliveries take."""
WARM_UP = 2
"""Weeks in which the first stock runs down to what the rule really keeps."""
AIM = 0.975
Target = Callable[[int, float], Numbers]


@dataclass(frozen=True, slots=True)
class Result:
    """Share of the demand that was served, and the stock in days of demand."""

    fill: float
    stock_days: float


def lead_times(count: int) -> NDArray[np.int64]:
    """The lead time of each product."""
    return np.resize(np.array(LEAD_TIMES), count)


def simulate(demand: Numbers, origins: Sequence[int], up_to: Mapping[int, Numbers]) -> Result:
    """Order up to the level of each review morning, sell what is there, lose what is not."""
    lead = lead_times(len(demand))
    stock, arriving = np.round(up_to[origins[0]]), np.zeros((len(demand), demand.shape[1] + 2 * WEEK))
    rows, served, wanted, kept, days = np.arange(len(demand)), 0.0, 0.0, 0.0, 0
    for place, origin in enumerate(origins):
        position = stock + arriving[:, origin:].sum(axis=1)
        arriving[rows, origin + lead] += np.maximum(np.round(up_to[origin]) - position, 0.0)
        for day in range(origin, origin + WEEK):
            stock = stock + arriving[:, day]
            arriving[:, day] = 0.0
            today = np.nan_to_num(demand[:, day])
            sold = np.minimum(stock, today)
            stock = stock - sold
            if place >= min(WARM_UP, len(origins) - 1):
                served, wanted, kept, days = served + sold.sum(), wanted + today.sum(), kept + stock.sum(), days + 1
    return Result(served / wanted, kept / wanted)


def curve(demand: Numbers, origins: Sequence[int], target: Target, settings: Sequence[float]) -> list[Result]:
    """One simulation a setting; `target(origin, setting)` gives the levels of that morning."""
    return [simulate(demand, origins, {one: target(one, setting) for one in origins}) for setting in settings]


def stock_at(results: Sequence[Result], fill: float = AIM) -> float | None:
    """Days of stock for that fill rate, between the two nearest settings; None where no setting reaches it."""
    ordered = sorted(results, key=lambda one: one.fill)
    if not ordered[0].fill <= fill <= ordered[-1].fill:
        return None
    return float(np.interp(fill, [one.fill for one in ordered], [one.stock_days for one in ordered]))
