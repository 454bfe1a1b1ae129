"""The business day of a moment: the calendar day on the store's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def business_date(moment: datetime, time_zone: str) -> date:
    """The store's day at `moment` (aware); the one place where UTC becomes a day."""
    if moment.tzinfo is None:
        raise ValueError("moment must be aware")
    return moment.astimezone(ZoneInfo(time_zone)).date()


def days_before(moment: datetime, days: int, time_zone: str) -> datetime:
    """The same time on the store's clock so many days earlier, in UTC."""
    return (moment.astimezone(ZoneInfo(time_zone)) - timedelta(days=days)).astimezone(UTC)


def bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """UTC start (inclusive) and end (exclusive) of `day` in `time_zone`, correct over clock changes."""
    zone = ZoneInfo(time_zone)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)
