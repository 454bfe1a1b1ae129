"""What goes into a forecast and what comes out; natural units (pieces, kilograms), days of the shop's calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.domain.errors import ShopError

LEVELS: Final = (0.5, 0.8, 0.9, 0.95, 0.975)
"""The quantiles every forecast carries."""
LEAST_HISTORY: Final = 28
"""Days of record a method needs before its word counts for more than the products around it."""
LONGEST_HORIZON: Final = 400
"""Days ahead; a year and a month is as far as a date range goes anywhere in the shop."""


class HorizonOutOfRange(ShopError):
    """`horizon` days ahead cannot be forecast: between `least` and `most`."""

    code = "horizon_out_of_range"


class MethodUnknown(ShopError):
    """No method of that name; `known` lists them."""

    code = "forecast_method_unknown"


@dataclass(frozen=True, slots=True)
class Series:
    """The days of one product in one store, the oldest first.

    `units` are sales less returns; None where nothing is known (closed, no record). `in_stock` is False on a day on
    which the product ran out: its sales are then less than was wanted. `price` and `promoted` may be longer than
    `units`: what they say of days to come is the plan. `group` names the products it is learned with.
    """

    key: int
    first_day: date
    units: Sequence[float | None]
    in_stock: Sequence[bool] | None = None
    price: Sequence[float | None] | None = None
    promoted: Sequence[bool] | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The demand of each day from `first_day` on; finite and never negative, each quantile at least the one below.

    `wape`, `rmsse` and `bias` are those of the backtest of this product, None where it could not be made; `deviation`
    is the standard deviation of each day and `correlation` that of the errors of two days. For sums of days: `expected`
    is the mean demand of each (`mean` is what comes nearest), `usual` that a day over some months, and `unrest` the
    standard deviation of the sum of n days over the root of n.
    `note` says why a fallback speaks, and is empty otherwise.
    """

    key: int
    method: str
    first_day: date
    mean: list[float]
    quantiles: Mapping[float, list[float]]
    wape: float | None = None
    rmsse: float | None = None
    bias: float | None = None
    history_days: int = 0
    note: str = ""
    deviation: list[float] = field(default_factory=list)
    correlation: float = 0.0
    usual: float = 0.0
    unrest: float = 0.0
    expected: list[float] = field(default_factory=list)
