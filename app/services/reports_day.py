"""The parts of a day's summary that are not plain sums: takings by hour and cashier, offers, hours without stock."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.business_day import bounds
from app.queries import reports_day
from app.queries.reports import ProductDay
from app.queries.reports_day import Receipt

PROMOTED_BELOW: Final = 0.95
"""Of its usual price: less than that is an offer, however it came about."""
Missing = Mapping[date, Mapping[int, int]]
"""Minutes that a product was missing while the store sold, by day and product."""


@dataclass(slots=True)
class Takings:
    """Receipts and refunds of an hour or of a cashier."""

    receipts: int = 0
    lines: int = 0
    gross: int = 0
    refunds: int = 0
    refunded: int = 0

    def add(self, other: Any) -> None:
        """Add what another hour, day or store took."""
        for name in ("receipts", "lines", "gross", "refunds", "refunded"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def takings(sales: Iterable[Receipt], refunds: Iterable[Receipt], key: Callable[[Receipt], int]) -> dict[int, Takings]:
    """Receipts and refunds added up by `key`."""
    found: dict[int, Takings] = {}
    for sale in sales:
        row = found.setdefault(key(sale), Takings())
        row.receipts, row.lines, row.gross = row.receipts + 1, row.lines + sale.lines, row.gross + sale.amount
    for refund in refunds:
        row = found.setdefault(key(refund), Takings())
        row.refunds, row.refunded = row.refunds + 1, row.refunded + refund.amount
    return dict(sorted(found.items()))


def by_hour(zone: str) -> Callable[[Receipt], int]:
    """The hour of a receipt on the store's own clock."""
    local = ZoneInfo(zone)
    return lambda receipt: receipt.at.astimezone(local).hour


def by_cashier(receipt: Receipt) -> int:
    """Who stood at the till."""
    return receipt.cashier_id


def mark_promoted(rows: Iterable[ProductDay], usual: Mapping[int, float]) -> None:
    """Flag what was sold clearly below its usual price."""
    for row in rows:
        price = usual.get(row.product_id)
        row.is_promoted = bool(price and row.units and row.gross / row.units < PROMOTED_BELOW * price)


def missing(session: Session, store_id: int, zone: str, days: Collection[date]) -> dict[date, dict[int, int]]:
    """Minutes that the books say each product was gone while the store sold, on each of `days`.

    Walks back from what is on the shelf now, so that the ledger is read once, however many days there are.
    """
    if not days:
        return {}
    hours = reports_day.opening_hours(session, store_id, min(days), max(days))
    found: dict[date, dict[int, int]] = {}
    at, balance = bounds(max(days), zone)[1], None
    for day in sorted(days, reverse=True):
        start, end = bounds(day, zone)
        balance = _back(session, store_id, balance, end, at)
        inside = reports_day.changes(session, store_id, start, end)
        at, before = start, {key: left - inside[key].total if key in inside else left for key, left in balance.items()}
        short = [key for key, left in before.items() if left + (inside[key].out if key in inside else 0) <= 0]
        if day in hours:
            steps = reports_day.movements(session, store_id, start, end, [key for key in short if key in inside])
            found[day] = _listed(session, store_id, day, _gaps(short, before, steps, *hours[day]), inside)
        balance = before
    return found


def _back(
    session: Session, store_id: int, balance: dict[int, int] | None, end: datetime, at: datetime
) -> dict[int, int]:
    """What was on hand at `end`, known what it was at the later moment `at`."""
    if balance is None:
        return reports_day.balances(session, store_id, end)
    if end < at:
        for key, change in reports_day.changes(session, store_id, end, at).items():
            balance[key] = balance.get(key, 0) - change.total
    return balance


def _gaps(
    short: Iterable[int],
    before: Mapping[int, int],
    steps: Mapping[int, Sequence[tuple[datetime, int]]],
    opened: datetime,
    closed: datetime,
) -> dict[int, int]:
    found = {key: minutes_without(before[key], steps.get(key, ()), opened, closed) for key in short}
    return {key: minutes for key, minutes in found.items() if minutes}


def _listed(session: Session, store_id: int, day: date, gaps: dict[int, int], moved: Collection[int]) -> dict[int, int]:
    """Without what the store does not sell (any more): no movement that day, and no sale in the weeks before."""
    idle = [key for key in gaps if key not in moved]
    kept = reports_day.sellers(session, store_id, day, idle)
    return {key: minutes for key, minutes in gaps.items() if key in moved or key in kept}


def minutes_without(left: int, steps: Sequence[tuple[datetime, int]], opened: datetime, closed: datetime) -> int:
    """Minutes between `opened` and `closed` with nothing on hand, beginning with `left` and changed by `steps`."""
    seconds, since = 0.0, opened
    for at, quantity in steps:
        moment = min(max(at, opened), closed)
        if left <= 0:
            seconds += (moment - since).total_seconds()
        since, left = moment, left + quantity
    if left <= 0:
        seconds += (closed - since).total_seconds()
    return round(seconds / 60)
