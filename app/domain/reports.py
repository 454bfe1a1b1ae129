"""Spans of business days, and what they are compared with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.domain.errors import DateRange

MOST_DAYS: Final = 400
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)
WEEK: Final = 7
FORTNIGHT: Final = 14


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def moved(self, days: int) -> "Period":
        """The same length, so many days later (earlier when negative)."""
        return Period(self.first + timedelta(days=days), self.last + timedelta(days=days))

    def previous(self) -> "Period":
        """As many days right before."""
        return self.moved(-self.days)

    def slices(self, days: int) -> "list[Period]":
        """The same days in parts of at most `days`."""
        firsts = [self.first + timedelta(days=count) for count in range(0, self.days, days)]
        return [Period(first, min(self.last, first + timedelta(days=days - 1))) for first in firsts]

    def fortnights(self) -> "list[date]":
        """The first days of the fortnights that lie in it whole."""
        first = fortnight_of(self.first + timedelta(days=FORTNIGHT - 1))
        count = ((self.last - first).days + 1) // FORTNIGHT
        return [first + timedelta(days=FORTNIGHT * place) for place in range(max(0, count))]

    def without(self, fortnights: Collection[date]) -> "list[Period]":
        """The days that lie in none of these fortnights, in whole spans."""
        found, day = [], self.first
        for first in sorted(fortnights):
            if first > day:
                found.append(Period(day, first - timedelta(days=1)))
            day = first + timedelta(days=FORTNIGHT)
        return [*found, Period(day, self.last)] if day <= self.last else found

    def same_weekdays(self) -> "Period":
        """The latest days before it that fall on the same weekdays."""
        return self.moved(-(-(-self.days // WEEK) * WEEK))


def fortnight_of(day: date) -> date:
    """The Monday with which the fortnight of a day begins; they are counted from the first Monday of the calendar."""
    return day - timedelta(days=(day.toordinal() - 1) % FORTNIGHT)


def period(first: date, last: date) -> Period:
    """The days from `first` to `last`.

    Raises:
        DateRange: in the wrong order, too many, or in another century.
    """
    if first > last or (last - first).days >= MOST_DAYS or first < EARLIEST or last > LATEST:
        raise DateRange(first=first.isoformat(), last=last.isoformat(), most_days=MOST_DAYS)
    return Period(first, last)


def share(part: int, whole: int) -> float | None:
    """`part` of `whole` in per cent with two decimals; None of nothing."""
    return round(100 * part / whole, 2) if whole else None
