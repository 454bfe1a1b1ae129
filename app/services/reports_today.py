"""Today against what was to be expected, hour by hour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.money import divide_half_up
from app.queries import reports_period as questions
from app.queries import reports_today
from app.queries.reports_period import PartDay, ReportStore
from app.services import reports_day as shaping
from app.services import reports_period as periods
from app.services.reports_period import Scope

SAME_WEEKDAYS: Final = 8
Source = Literal["forecast", "weekdays", "none"]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: what was taken less refunds, and what was expected."""

    hour: int
    net: int
    receipts: int
    expected: int


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far. `expected_by_now` counts the part of the current hour that is over."""

    day: date
    hours: tuple[Hour, ...]
    gross: int
    refunded: int
    receipts: int
    lines: int
    refunds: int
    expected: int
    expected_by_now: int
    expected_from: Source


def today(session: Session, where: Scope, *, now: datetime) -> Today:
    """Takings of the stores of a scope by their own clocks, beside what their forecast or their weekdays say."""
    taken: list[PartDay] = []
    expected: Counter[int] = Counter()
    sources: set[Source] = set()
    for store in where.stores:
        day = business_date(now, store.time_zone)
        taken += periods.live_parts(session, store.id, day, shaping.by_hour(store.time_zone))
        usual, source = _expected(session, store, day)
        expected.update(usual)
        sources.add(source)
    return _today(where, now, taken, expected, _common(sources))


def _common(sources: set[Source]) -> Source:
    return next((one for one in ("weekdays", "forecast") if one in sources), "none")


def _expected(session: Session, store: ReportStore, day: date) -> tuple[dict[int, int], Source]:
    """Minor units by hour: the forecast of the day spread like the same weekdays', or those alone."""
    before = [day - timedelta(days=7 * count) for count in range(1, SAME_WEEKDAYS + 1)]
    usual = usual_hours(questions.hours_on(session, store.id, before))
    forecast = reports_today.expected_takings(session, store.id, day)
    whole = sum(usual.values())
    if forecast is None or whole <= 0:
        return usual, "weekdays" if usual else "none"
    return {hour: divide_half_up(amount * forecast, whole) for hour, amount in usual.items()}, "forecast"


def usual_hours(rows: Sequence[PartDay]) -> dict[int, int]:
    """What an average day took in each hour; a day on which the store was closed is none."""
    days = {row.day for row in rows if row.receipts}
    sums: Counter[int] = Counter()
    for row in rows:
        sums[row.key] += row.gross - row.refunded
    return {hour: divide_half_up(max(0, amount), len(days)) for hour, amount in sorted(sums.items())} if days else {}


def _today(where: Scope, now: datetime, taken: Sequence[PartDay], expected: Counter[int], source: Source) -> Today:
    by_hour: dict[int, shaping.Takings] = {}
    for row in taken:
        by_hour.setdefault(row.key, shaping.Takings()).add(row)
    hours = tuple(
        Hour(hour, one.gross - one.refunded, one.receipts, expected[hour])
        for hour in range(24)
        if (one := by_hour.get(hour, shaping.Takings())) and (hour in by_hour or expected[hour])
    )
    whole = shaping.Takings()
    for one in by_hour.values():
        whole.add(one)
    clock = now.astimezone(ZoneInfo(where.home.time_zone))
    so_far = sum(amount for hour, amount in expected.items() if hour < clock.hour)
    so_far += expected[clock.hour] * clock.minute // 60
    return Today(
        where.today(now), hours, whole.gross, whole.refunded, whole.receipts, whole.lines, whole.refunds,
        sum(expected.values()), so_far, source,
    )  # fmt: skip
