"""Replay past days of one product with some way of ordering: what sold, what was missed, what lay about, what spoiled.

A day: what is due arrives in the morning, what is past its shelf life is thrown away, customers take what they want as
long as there is some (what is missing is lost, not waited for), and in the evening the shop orders. As in the shop
itself a product has one order under way at a time. Quantities are thousandths.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final

from app.domain.errors import ShopError
from app.domain.quantity import ONE

MOST_DAYS: Final = 400
MOST_LEAD_DAYS: Final = 60
LEAST_LEVEL: Final = 500
MOST_LEVEL: Final = 999
FIXED: Final = "fixed"
"""The method that forecasts nothing: safety stock and the mean of the last four weeks."""


class WhatIfSettings(ShopError):
    """A setting nobody can order by; `field` says which, `least` and `most` what is possible."""

    code = "what_if_settings"


@dataclass(frozen=True, slots=True)
class Settings:
    """What to replay: the days, and what should have been different. None: as it is set now."""

    first: date
    last: date
    service_level: int | None = None
    lead_time_days: int | None = None
    method: str | None = None

    def check(self, today: date) -> None:
        """Refuse days that are not past, or too many, and settings out of range.

        Raises:
            WhatIfSettings: names the first that is wrong.
        """
        if not self.first <= self.last < today:
            yesterday = today - timedelta(days=1)
            raise WhatIfSettings(field="to", least=self.first.isoformat(), most=yesterday.isoformat())
        _between("days", (self.last - self.first).days + 1, 7, MOST_DAYS)
        _between("service_level", self.service_level, LEAST_LEVEL, MOST_LEVEL)
        _between("lead_time", self.lead_time_days, 0, MOST_LEAD_DAYS)


def _between(field: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise WhatIfSettings(field=field, least=least, most=most)


@dataclass(slots=True)
class Outcome:
    """What became of some products: thousandths, thousandths × days, and minor units (× days for `money_days`)."""

    wanted: int = 0
    sold: int = 0
    stock_days: int = 0
    money_days: int = 0
    wasted: int = 0
    waste_cost: int = 0
    empty_days: int = 0
    orders: int = 0

    def add(self, other: "Outcome") -> None:
        """Another product's outcome on top."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def figures(self, days: int, products: int) -> dict[str, Any]:
        """What people compare: the part of demand that was served, mean stock in units and money, waste."""
        return {
            "fill": round(self.sold / self.wanted, 4) if self.wanted else None,
            "lost": self.wanted - self.sold,
            "stock": self.stock_days // max(days, 1),
            "money": self.money_days // max(days, 1),
            "stock_days": round(self.stock_days / self.wanted, 2) if self.wanted else None,
            "wasted": self.wasted,
            "waste_cost": self.waste_cost,
            "empty": round(self.empty_days / max(days * products, 1), 4),
            "orders": self.orders,
        }


Decide = Callable[[int, int], int]
"""Given the place of the day and the stock of its evening: thousandths to order."""


def replay(
    demand: Sequence[int], decide: Decide, *, opening: int, lead_time_days: int, shelf_life_days: int | None, cost: int
) -> Outcome:
    """Live through the days; `cost` is the purchase price of one, in minor units."""
    done = Outcome(wanted=sum(demand))
    shelf: list[list[int]] = [[0, opening]]
    coming: tuple[int, int] | None = None
    for place, wanted in enumerate(demand):
        if coming is not None and coming[0] <= place:
            shelf.append([place, coming[1]])
            coming = None
        done.wasted += _throw_away(shelf, place, shelf_life_days)
        sold = _take(shelf, wanted)
        left = sum(quantity for _came, quantity in shelf)
        done.sold += sold
        done.stock_days += left
        done.empty_days += left <= 0
        if coming is None and (quantity := decide(place, left)) > 0:
            coming = (place + max(lead_time_days, 1), quantity)
            done.orders += 1
    done.money_days, done.waste_cost = done.stock_days * cost // ONE, done.wasted * cost // ONE
    return done


def _throw_away(shelf: list[list[int]], today: int, shelf_life_days: int | None) -> int:
    if shelf_life_days is None:
        return 0
    old = [batch for batch in shelf if today - batch[0] >= shelf_life_days]
    shelf[:] = [batch for batch in shelf if batch not in old]
    return sum(batch[1] for batch in old)


def _take(shelf: list[list[int]], wanted: int) -> int:
    """Sell the oldest first; how much there was."""
    left = wanted
    while left > 0 and shelf:
        taken = min(shelf[0][1], left)
        shelf[0][1] -= taken
        left -= taken
        if shelf[0][1] <= 0:
            shelf.pop(0)
    return wanted - left
