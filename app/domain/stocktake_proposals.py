"""What to count today: where a wrong figure costs most and is most likely.

score = value × sales × days × questions, each so that none of them alone is nothing: what stands there is worth at
least 1, sells at least 0.1 a day, was counted at least a day ago (a year when never), and an open question about shelf
and books counts ten times. Days go in steps, which every database can compare without an arithmetic of dates of its
own. The order of the list is all the score is for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.domain import money
from app.domain.quantity import ONE, Unit

SOLD_DAYS: Final = 28
STEPS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
"""Days since a count as the score knows them: the last step that is reached, the first for a count of today."""
NEVER: Final = STEPS[-1]
SLOWEST: Final = 0.1
QUESTION: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that may be counted: what stands there by the books (thousandths), its cost, what it sold of late."""

    product_id: int
    name: str
    shelf: str | None
    category_id: int
    unit: str
    available: int
    unit_cost: int
    sold: int
    days_since_count: int | None
    is_questioned: bool

    @property
    def stock_value(self) -> int:
        """What stands there is worth, in minor units."""
        return max(self.available, 0) * self.unit_cost // ONE

    @property
    def score(self) -> int:
        """How much it should be counted; see the head of this file."""
        worth = 1 + self.stock_value / 100
        sells = SLOWEST + max(self.sold, 0) / ONE / SOLD_DAYS
        return round(worth * sells * step(self.days_since_count) * (QUESTION if self.is_questioned else 1))


def step(days_since_count: int | None) -> int:
    """The step of a number of days; None: it was never counted."""
    if days_since_count is None:
        return NEVER
    return max((one for one in STEPS if one <= days_since_count), default=STEPS[0])


def _(text: str) -> str:
    """Mark a text for the translators; the caller translates."""
    return text


QUESTIONED: Final = _("Shelf and books disagree")
WORTH: Final = _("stock worth %(worth)s")
SELLS: Final = _("sells %(daily)s a day")
COUNTED: Final = _("counted %(days)s days ago")
COUNTED_TODAY: Final = _("counted today")
COUNTED_YESTERDAY: Final = _("counted yesterday")
NEVER_COUNTED: Final = _("never counted")
JOIN: Final = _(", ")


def why(candidate: Candidate, currency: str, translate: Callable[[str], str] = str, *, with_worth: bool = True) -> str:
    """Why the product stands on the list, in the language of `translate` (English without one).

    Who counts gets it without the worth: whoever knows what a product costs could work out what the books say.
    """
    figures = {
        "worth": f"{money.as_text(candidate.stock_value)} {currency}",
        "daily": _daily(candidate),
        "days": str(candidate.days_since_count),
    }
    parts = [QUESTIONED] if candidate.is_questioned else []
    parts += [WORTH] if with_worth else []
    parts += [SELLS, _counted(candidate.days_since_count)]
    text = translate(JOIN).join(translate(part) % figures for part in parts)
    return text[:1].upper() + text[1:]


def _counted(days: int | None) -> str:
    if days is None:
        return NEVER_COUNTED
    return {0: COUNTED_TODAY, 1: COUNTED_YESTERDAY}.get(days, COUNTED)


def _daily(candidate: Candidate) -> str:
    rate = Decimal(max(candidate.sold, 0)) / (SOLD_DAYS * ONE)
    text = f"{rate.quantize(Decimal('0.1'), ROUND_HALF_UP)}"
    return f"{text} kg" if candidate.unit == Unit.KG else text
