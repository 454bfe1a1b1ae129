"""Prices a manager probably did not mean."""

from typing import Final

STEEP_RISE: Final = 10
"""A price this many times the old one (+900 %) is more often a slip of the finger than a decision."""


def doubts(*, price: int, cost: int, old_price: int | None = None) -> tuple[str, ...]:
    """Why `price` (minor units) should be confirmed by a person; empty when nothing is odd."""
    found = []
    if price < cost:
        found.append("below_cost")
    if old_price is not None and price > old_price * STEEP_RISE:
        found.append("steep_rise")
    return tuple(found)
