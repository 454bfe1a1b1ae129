"""The arithmetic of a count: what the books say of its moment, and which of several counts holds.

A shop sells while it counts. A figure counted at time T therefore says something about T and nothing else: it is
compared with what must have been there at T by the books,

    level(T) = (on hand − reserved) now − Σ of everything that happened to the goods after T,

and the variance of T is what has to be put right whenever that is booked: what happened after T happened to both.
Goods leave at `sold_at`, whether the sale is posted by now or not; everything else happens at the `occurred_at` of its
movement.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median_low
from typing import Final

from app.domain.quantity import ONE, Unit

CLOCK_TOLERANCE: Final = timedelta(seconds=5)
"""How far a phone's clock may be off (and a request on its way) before its time is put right."""
OLDEST: Final = timedelta(days=7)
OUTLIER_PERCENT: Final = 20
MAX_ROUNDS: Final = 3
KG_PERCENT: Final = 1
"""Scales, trays and dripping: a weighed product this near to the books counts as right (its variance is booked)."""
CORRECTIONS: Final = frozenset({"correction", "found", "theft", "opening"})
"""Movements that say the books were wrong; nothing happened to the goods when they were booked."""


class State(StrEnum):
    """The life of a counting session."""

    OPEN = "open"
    COUNTED = "counted"
    POSTED = "posted"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What a session covers."""

    CATEGORY = "category"
    SHELF = "shelf"
    LIST = "list"


class Place(StrEnum):
    """Where in the store goods stand: customers take them from the shelf, deliveries come to the back."""

    SHELF = "shelf"
    BACK = "back"


class Reason(StrEnum):
    """Why shelf and books disagree, as the approver sees it."""

    UNKNOWN = "unknown"
    THEFT = "theft"
    WASTE = "waste"
    RECEIVING = "receiving"
    CHECKOUT = "checkout"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was counted; doubtful when the phone's clock could not be believed."""

    at: datetime
    is_doubtful: bool = False


def moment(said_at: datetime, sent_at: datetime | None, *, now: datetime, opened_at: datetime) -> Moment:
    """The moment of a count in the server's time.

    `said_at` is when it was counted and `sent_at` when it is sent, both by the phone's clock: their difference is
    right even when the clock is not. Without `sent_at` the clock is believed within its limits.
    """
    is_off = sent_at is not None and abs(now - sent_at) > CLOCK_TOLERANCE
    age = sent_at - said_at if is_off and sent_at is not None else now - said_at
    if not -CLOCK_TOLERANCE <= age <= OLDEST:
        return Moment(now, is_doubtful=True)
    at = now - age
    if at < opened_at:
        return Moment(opened_at, is_doubtful=opened_at - at > CLOCK_TOLERANCE)
    return Moment(min(at, now))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to the goods: what came (+) or went (−) when, and at which place."""

    at: datetime
    quantity: int
    place: str = Place.SHELF
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """A product in a store: its level now (on hand − reserved), and what changed it lately."""

    level: int = 0
    changes: tuple[Change, ...] = ()

    def at(self, moment: datetime) -> int:
        """The level at `moment`."""
        return self.level - sum(change.quantity for change in self.changes if change.at > moment)


@dataclass(frozen=True, slots=True)
class Part:
    """One counter's figure for one place."""

    quantity: int
    at: datetime
    place: str = Place.SHELF
    is_moment_doubtful: bool = False
    counter_id: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """All parts of one round beside the books. `is_outdated`: the books were corrected by hand after some of it."""

    round: int
    counted: int
    variance: int
    at: datetime
    is_moment_doubtful: bool = False
    is_outdated: bool = False

    @property
    def book(self) -> int:
        """What the books say of the moments of the parts."""
        return self.counted - self.variance


def finding(round_: int, parts: Sequence[Part], history: History) -> Finding:
    """Put the parts of a round together.

    Each change is judged at the moment of the place where it happened: a sale before the shelf was counted is in the
    count, one after it is not, whenever the store room was counted. Where a place has several parts and something
    happened between them, nobody knows which part it concerned: the books of that moment are a range, and only what
    the range cannot explain is a variance.
    """
    low = high = history.level
    for change in history.changes:
        moments = [part.at for part in parts if part.place == change.place] or [part.at for part in parts]
        if change.at > max(moments):
            low, high = low - change.quantity, high - change.quantity
        elif change.at > min(moments):
            low, high = low - max(change.quantity, 0), high - min(change.quantity, 0)
    counted, seen = sum(part.quantity for part in parts), sorted(part.at for part in parts)
    return Finding(
        round_, counted, _beyond(counted, low, high), seen[-1],
        is_moment_doubtful=any(part.is_moment_doubtful for part in parts),
        is_outdated=any(change.is_correction and change.at > seen[0] for change in history.changes),
    )  # fmt: skip


def _beyond(counted: int, low: int, high: int) -> int:
    """How far `counted` lies outside the range."""
    return min(counted - low, 0) + max(counted - high, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a variance is too much to be believed at once: `value` in minor units at `unit_cost` a piece or kg."""

    unit: str
    unit_cost: int
    value: int

    def is_outlier(self, found: Finding) -> bool:
        """Whether somebody has to count again before it is booked."""
        if found.is_moment_doubtful and found.variance:
            return True
        share = abs(found.variance) * 100 > max(found.book, 0) * OUTLIER_PERCENT
        return share or value(found.variance, self.unit_cost) > self.value

    def is_right(self, found: Finding) -> bool:
        """Whether shelf and books agree."""
        return abs(found.variance) <= _allowed(max(found.counted, found.book), self.unit)


def value(quantity: int, unit_cost: int) -> int:
    """What a quantity is worth, without its sign, in minor units."""
    return abs(quantity) * unit_cost // ONE


def agree(first: Finding, second: Finding, unit: str) -> bool:
    """Whether two rounds found the same: to the piece, or to one in a hundred when weighed."""
    return abs(first.variance - second.variance) <= _allowed(max(first.counted, second.counted), unit)


def _allowed(counted: int, unit: str) -> int:
    return counted * KG_PERCENT // 100 if unit == Unit.KG else 0


def covers(places: Collection[str], of_first_round: Collection[str]) -> bool:
    """Whether a recount has been everywhere the product was counted before: half of it says nothing."""
    return set(places) >= set(of_first_round)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which finding of a line holds; None: nothing was counted, or nothing that can be believed."""

    finding: Finding | None
    needs_recount: bool


def outcome(findings: Sequence[Finding], limits: Limits) -> Outcome:
    """Decide between the rounds of a line, oldest first.

    One count holds when it is no outlier. A second holds when it is none either, or confirms the first. Else a third
    is needed: it holds when it is no outlier or confirms one of the others; and if all three disagree, the middle
    one holds: one wrong figure, whichever it is, cannot move it far. Findings that a correction by hand has
    overtaken do not count.
    """
    good = [one for one in findings if not one.is_outdated]
    if not good:
        return Outcome(None, needs_recount=bool(findings))
    last = good[-1]
    if not limits.is_outlier(last) or any(agree(last, one, limits.unit) for one in good[:-1]):
        return Outcome(last, needs_recount=False)
    if len(good) < MAX_ROUNDS:
        return Outcome(last, needs_recount=True)
    middle = median_low(one.variance for one in good[-MAX_ROUNDS:])
    return Outcome(next(one for one in reversed(good) if one.variance == middle), needs_recount=False)
