"""From summaries of days to the series that forecasting reads, and back to rows of the database.

Forecasting thinks in pieces and kilograms, the database in thousandths.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from statistics import median
from typing import Final

from sqlalchemy.orm import Session

from app.domain.forecast import HISTORY
from app.domain.quantity import ONE
from app.forecasting import Series
from app.queries import forecast_series
from app.queries.forecast_series import Day, Head

MISSING_PART: Final = 0.25
"""A shelf that was empty for more of the opening time than this sold less than was wanted."""
CLOSED_BELOW: Final = 10
"""Products that together sell so many pieces a day and on some day not one: the shop was closed."""


@dataclass(frozen=True, slots=True)
class Past:
    """Products of one store with their days, read and ready to be forecast without a database."""

    series: Sequence[Series]
    heads: dict[int, Head] = field(default_factory=dict)


def read(session: Session, store_id: int, product_ids: Collection[int], *, today: date) -> Past:
    """The last two years of each product, up to yesterday."""
    first, last = today - HISTORY, today - timedelta(days=1)
    rows = forecast_series.days(session, store_id, product_ids, first, last)
    known = forecast_series.summarised(session, store_id, first, last) - closed(rows)
    minutes = forecast_series.open_minutes(session, store_id, first, last)
    heads = forecast_series.heads(session, product_ids)
    by_product = {key: list(days) for key, days in groupby(rows, key=attrgetter("product_id"))}
    found = [_series(heads[key], by_product.get(key, []), known, minutes, today) for key in product_ids if key in heads]
    return Past(found, heads)


def closed(rows: Iterable[Day]) -> set[date]:
    """Days between the first and the last on which none of these products sold, where usually many do."""
    sold: dict[date, int] = {}
    for row in rows:
        sold[row.day] = sold.get(row.day, 0) + max(row.units, 0)
    if not sold or median(sold.values()) < CLOSED_BELOW * ONE:
        return set()
    span = (max(sold) - min(sold)).days
    every = (min(sold) + timedelta(days=place) for place in range(span + 1))
    return {day for day in every if not sold.get(day)}


def _series(head: Head, rows: Sequence[Day], known: Collection[date], minutes: int, today: date) -> Series:
    """One product; a day of the shop without a row is a day on which nothing sold."""
    if not rows:
        return Series(head.product_id, today, [], group=head.category)
    first = rows[0].day
    by_day = {row.day: row for row in rows}
    days = [first + timedelta(days=place) for place in range((today - first).days)]
    lasted = [not _was_missing(by_day.get(day), minutes) for day in days]
    return Series(
        key=head.product_id,
        first_day=first,
        units=[_units(by_day.get(day)) if day in known else None for day in days],
        in_stock=None if all(lasted) else lasted,
        price=_prices([by_day.get(day) for day in days]),
        promoted=[(row := by_day.get(day)) is not None and row.is_promoted for day in days],
        group=head.category,
    )


def _units(row: Day | None) -> float:
    return 0.0 if row is None else max(row.sold, 0) / ONE


def _was_missing(row: Day | None, minutes: int) -> bool:
    return row is not None and minutes > 0 and row.out_minutes > MISSING_PART * minutes


def _prices(rows: Sequence[Day | None]) -> list[float | None]:
    """What was paid for one on each day; the last known price on days without a sale."""
    found: list[float | None] = []
    last: float | None = None
    for row in rows:
        if row is not None and row.units > 0:
            last = row.gross / row.units
        found.append(last)
    return found
