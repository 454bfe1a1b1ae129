"""How long goods may still stand on the shelf, told from what came and when: no lot is ever recorded.

Goods leave first in, first out, as shelves are filled from behind; so what is left came with the latest arrivals.
A day of arrival counts as the first of the shelf life, as in the replay of other settings (`domain.whatif`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WARNING_DAYS: Final = 3
"""So many days before its life ends stock counts as expiring."""
WARNING_SHARE: Final = 10
"""Or a tenth of its life before, where that is earlier: more than three days' sales of tins may have to be sold."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Goods that came together, as far as they are still there; `last_day`: the last on which they may be sold."""

    quantity: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Risk:
    """What expires soon or has expired, in thousandths.

    `past` of `quantity` is past its life already; `sell_by` is the first last day of the rest (None: no rest), `left`
    what will probably be left over of all of it.
    """

    quantity: int
    past: int
    sell_by: date | None
    left: int


def warning_days(shelf_life: int) -> int:
    """How many days before its end, that day included; never so many that what came today would be about to expire."""
    return min(max(WARNING_DAYS, shelf_life // WARNING_SHARE), shelf_life - 1)


def batches(on_hand: int, arrivals: Iterable[tuple[date, int]], *, shelf_life: int, today: date) -> list[Batch]:
    """What is on hand by the day it came, the oldest first. What no arrival explains is past its life.

    `arrivals` must reach back over the whole shelf life, and may go further back.
    """
    found: list[Batch] = []
    for day, quantity in sorted(arrivals, reverse=True):
        if on_hand > 0 and quantity > 0:
            found.append(Batch(min(on_hand, quantity), day + timedelta(days=shelf_life - 1)))
            on_hand -= quantity
    if on_hand > 0:
        found.append(Batch(on_hand, today - timedelta(days=1)))
    return found[::-1]


def risk(stock: Sequence[Batch], *, shelf_life: int, today: date, sold: int, days: int, step: int) -> Risk:
    """What of `stock` (oldest first) expires soon, when `sold` were sold in `days` days and none of it is thrown away.

    What is past its life is left over; of the rest what is not sold by its last day. `step`: the least that is sold.
    """
    last = today + timedelta(days=warning_days(shelf_life))
    soon = [one for one in stock if today <= one.last_day < last]
    past = sum(one.quantity for one in stock if one.last_day < today)
    gone = 0
    for one in soon:
        demand = sold * ((one.last_day - today).days + 1) // (days * step) * step
        gone += max(0, min(one.quantity, demand - gone))
    quantity = past + sum(one.quantity for one in soon)
    return Risk(quantity, past, soon[0].last_day if soon else None, quantity - gone)
