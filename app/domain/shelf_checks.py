"""Has a product been silent for too long? What should have sold since its last sale, and how likely nothing is.

Sales of a day spread over its hours as the store's receipt lines do. How many are sold in some hours is counted by a
negative binomial distribution: days differ more than chance alone would have it (Poisson), by as much as the
quantiles of the forecast are wide. Without that width it is Poisson.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import exp, log1p
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.errors import ShopError
from app.domain.forecast import Outlook
from app.domain.quantity import ONE

UNLIKELY: Final = 0.002
"""So rarely a full shelf is silent so long: of five hundred products asked for, one."""
MILLION: Final = 1_000_000
LOOK_BACK: Final = timedelta(days=3)
"""A product without a sale in as many days counts as silent since then: older silence is no news."""
AN_HOUR: Final = 5
"""So many new shelves to look at in an hour; more would not be looked at."""
OPEN_PART: Final = 0.005
"""An hour with a smaller part of the day's trade is no opening hour."""
QUIET_AFTER: Final = timedelta(hours=20)
"""A shelf that somebody has looked at is not asked for again on the same day."""
PRECISION_OF: Final = timedelta(days=90)
"""How far back answers count when a store is told how often it was right to ask."""
_NINETY: Final = 1.2816


class Answer(StrEnum):
    """What somebody found on the shelf. `SOLD` is nobody's answer: it sold before anybody looked."""

    WAS_EMPTY = "was_empty"
    WAS_THERE = "was_there"
    MISPLACED = "misplaced"
    SOLD = "sold"


HITS: Final = (Answer.WAS_EMPTY, Answer.MISPLACED)
"""Answers for which it was right to ask."""


class ShelfCheckUnknown(ShopError):
    """No such shelf to look at in this store."""

    code = "shelf_check_unknown"


class ShelfCheckAnswered(ShopError):
    """Somebody has given another answer already; `answer` says which."""

    code = "shelf_check_answered"


@dataclass(frozen=True, slots=True)
class Silence:
    """A product that has not sold since `since`, though `expected` thousandths should have; `chance` of that."""

    product_id: int
    since: datetime
    expected: int
    chance: float


def is_open(profile: Sequence[float], hour: int) -> bool:
    """Whether the store usually sells in this hour of its clock."""
    return bool(profile) and profile[hour] >= OPEN_PART


def silence(
    outlook: Outlook, since: datetime, now: datetime, *, profile: Sequence[float], time_zone: str, unit_size: int = ONE
) -> Silence:
    """How unlikely it is that nothing of a product sold from `since` to `now`.

    `unit_size` is how much one customer takes, in thousandths: kilograms are bought by the portion.
    """
    parts = day_parts(since, now, profile, ZoneInfo(time_zone))
    expected, chance = 0.0, 1.0
    for day, part in parts.items():
        mean, spread = _mean(outlook, day) / unit_size, _extra_variance(outlook, day) / unit_size**2
        expected += mean * part
        chance *= _none_sold(mean * part, spread * part * part)
    return Silence(outlook.product_id, since, round(expected * unit_size), chance)


def day_parts(since: datetime, now: datetime, profile: Sequence[float], zone: ZoneInfo) -> dict[date, float]:
    """The part of each day's trade that lies between two moments."""
    found: dict[date, float] = {}
    at = since.astimezone(zone)
    end = now.astimezone(zone)
    while at < end:
        following = (at + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        until = min(following, end)
        part = profile[at.hour] * ((until - at).total_seconds() / 3600)
        found[at.date()] = found.get(at.date(), 0.0) + part
        at = until
    return found


def _mean(outlook: Outlook, day: date) -> float:
    place = (day - outlook.first_day).days
    # Days before the forecast are like the same weekday in it.
    while place < 0:
        place += 7
    return float(outlook.mean[place]) if place < len(outlook.mean) else 0.0


def _extra_variance(outlook: Outlook, day: date) -> float:
    """How much the variance of a day exceeds that of chance alone (Poisson), in thousandths squared."""
    values = outlook.quantiles.get("0.9", ())
    place = (day - outlook.first_day).days % 7
    if place >= len(values):
        return 0.0
    mean = outlook.mean[place]
    deviation = max(values[place] - mean, 0) / _NINETY
    return max(deviation * deviation - mean * ONE, 0.0)


def _none_sold(mean: float, extra: float) -> float:
    """The chance of no sale when `mean` are expected and the variance is `mean + extra`."""
    if mean <= 0:
        return 1.0
    if extra <= 0:
        return exp(-mean)
    size = mean * mean / extra
    return exp(-size * log1p(mean / size))


def worst(
    found: Sequence[Silence], value_an_hour: Mapping[int, int], *, most: int, unlikely: float = UNLIKELY
) -> list[Silence]:
    """The silences that are no accident, those first that cost most, at most `most` of them."""
    suspect = [one for one in found if one.chance <= unlikely]
    return sorted(suspect, key=lambda one: (-value_an_hour[one.product_id], one.product_id))[: max(most, 0)]


def precision(answers: Mapping[str, int]) -> float | None:
    """How often it was right to ask, of the shelves somebody looked at; None when nobody has."""
    looked = sum(count for name, count in answers.items() if name != Answer.SOLD)
    return sum(answers.get(name, 0) for name in HITS) / looked if looked else None
