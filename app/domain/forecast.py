"""What a forecast expects of one product in one store, and what follows from it for several days together.

All quantities are thousandths. Days after the last one that was forecast are like its last week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Final

HISTORY: Final = timedelta(days=730)
"""So far back sales are read: two years show every season twice."""
HOLDS_FOR: Final = timedelta(days=7)
"""An older forecast is not believed any more: ordering goes back to what was sold lately."""
WEEK: Final = 7
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Outlook:
    """A stored forecast. `mean` is one figure a day; `cover` the demand of the first 1, 2, 3 … days by level."""

    product_id: int
    method: str
    first_day: date
    mean: Sequence[int]
    quantiles: Mapping[str, Sequence[int]]
    cover: Mapping[str, Sequence[int]]
    wape: float | None = None
    history_days: int = 0
    note: str = ""
    is_failed: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether anybody should still act on it."""
        return bool(self.mean) and day - HOLDS_FOR <= self.first_day <= day


def expected(outlook: Outlook, first: date, days: int) -> int:
    """The mean demand of `days` days from `first` on."""
    offset = max((first - outlook.first_day).days, 0)
    return sum(_on(outlook.mean, place) for place in range(offset, offset + days))


def needed(outlook: Outlook, first: date, days: int, level: float) -> int:
    """The demand of those days that is exceeded with probability 1 − `level` only.

    Between the levels that were stored it is read off along the normal curve; a forecast of some days ago keeps
    the width it had for as many days. Never less than the mean of them for a level of one half or more.
    """
    if days <= 0:
        return 0
    mean, width = expected(outlook, first, days), _above_median(outlook, days, level)
    begun = expected(outlook, outlook.first_day, days)
    middle = _reach(outlook.cover.get("0.5", ()), outlook.mean, days, begun)
    found = round(mean + (middle - begun) + width)
    return max(found, mean if level >= 0.5 else 0, 0)


def _above_median(outlook: Outlook, days: int, level: float) -> float:
    """How far the quantile lies above the median; beyond the days stored it grows with the root of their number."""
    stored = max((len(values) for values in outlook.cover.values()), default=0)
    if not stored:
        return 0.0
    place = min(days, stored) - 1
    known = sorted((float(name), values[place]) for name, values in outlook.cover.items())
    middle = next((value for name, value in known if name == 0.5), known[0][1])
    curve = [(_NORMAL.inv_cdf(name), value - middle) for name, value in known]
    return _along(curve, _NORMAL.inv_cdf(min(max(level, 0.001), 0.9995))) * sqrt(days / (place + 1))


def _along(curve: Sequence[tuple[float, int]], at: float) -> float:
    """The broken line through the points, the first and last piece drawn on."""
    if len(curve) == 1:
        return float(curve[0][1])
    after = next((place for place, (x, _y) in enumerate(curve) if x >= at), len(curve) - 1)
    (x0, y0), (x1, y1) = curve[max(after, 1) - 1], curve[max(after, 1)]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _reach(values: Sequence[int], mean: Sequence[int], days: int, begun: int) -> int:
    """The median of the first `days` days; beyond those stored the mean goes on."""
    if not values:
        return begun
    if days <= len(values):
        return values[days - 1]
    return values[-1] + sum(_on(mean, place) for place in range(len(values), days))


def _on(mean: Sequence[int], place: int) -> int:
    if place < len(mean):
        return mean[place]
    week = mean[-WEEK:]
    return week[(place - len(mean)) % len(week)] if week else 0
