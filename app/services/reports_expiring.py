"""Stock that must be sold soon or may not be sold any more, as an estimate: first in, first out, by what came when."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Final

from sqlalchemy.orm import Session

from app.domain.business_day import bounds, business_date
from app.domain.money import divide_half_up
from app.domain.quantity import ONE, Unit
from app.domain.shelf_life import Batch, Risk, batches, risk
from app.queries import replenishment
from app.queries import reports_expiring as questions
from app.queries.reports_expiring import Arrival, Perishable
from app.queries.reports_period import ReportStore
from app.services.reports_period import Scope
from app.services.reports_shelf import COVER_DAYS

RECENT: Final = 28
"""Everything delivered in so many days is read at once: it explains nearly all stock of what does not keep long."""
FURTHER: Final = 4
"""So many times as far back is read next, of the products that this does not explain."""
Arrivals = dict[int, list[tuple[date, int]]]
"""Day and quantity of what came, by product."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """A product that expires soon: `quantity` of what is `available`, `past` of it already; `value` at purchase price.

    `sell_by` None: all of it is past its life. `left`: what will probably be left over at the pace of four weeks.
    """

    product_id: int
    name: str
    unit: str
    available: int
    quantity: int
    past: int
    left: int
    value: int
    past_value: int
    sell_by: date | None


@dataclass(frozen=True, slots=True)
class Perishing:
    """What expires, the greatest value first; `perishables`: how many products in stock have a shelf life at all."""

    value: int
    past_value: int
    perishables: int
    rows: tuple[Expiring, ...]


def expiring(session: Session, where: Scope, *, now: datetime) -> Perishing:
    """What the stores should sell before long, or take off the shelf. Each store's own deliveries say how old it is."""
    found: dict[int, Expiring] = {}
    known: set[int] = set()
    for store in where.stores:
        stock = questions.perishables(session, store.id)
        known |= {one.product_id for one in stock}
        for row in _of_store(session, store, stock, business_date(now, store.time_zone)) if stock else ():
            found[row.product_id] = _added(found[row.product_id], row) if row.product_id in found else row
    rows = sorted(found.values(), key=lambda one: (-one.value, one.product_id))
    return Perishing(sum(one.value for one in rows), sum(one.past_value for one in rows), len(known), tuple(rows))


def _of_store(session: Session, store: ReportStore, stock: Sequence[Perishable], today: date) -> list[Expiring]:
    came = _arrivals(session, store, stock, today)
    aged = {
        one.product_id: batches(one.available, came[one.product_id], shelf_life=one.shelf_life, today=today)
        for one in stock
    }
    # Only what is at risk is set beside its sales.
    at_risk = [one for one in stock if _risk(one, aged[one.product_id], today, 0).quantity]
    sold = _sold(session, store.id, [one.product_id for one in at_risk], today)
    return [_row(one, _risk(one, aged[one.product_id], today, sold.get(one.product_id, 0))) for one in at_risk]


def _risk(one: Perishable, stock: Sequence[Batch], today: date, sold: int) -> Risk:
    step = ONE if one.unit == Unit.PIECE else 1
    return risk(stock, shelf_life=one.shelf_life, today=today, sold=sold, days=COVER_DAYS, step=step)


def _arrivals(session: Session, store: ReportStore, stock: Sequence[Perishable], today: date) -> Arrivals:
    """What came within each product's life; further back is read only of what the weeks after do not explain."""
    found: Arrivals = defaultdict(list)
    days = lru_cache(maxsize=None)(partial(business_date, time_zone=store.time_zone))

    def note(arrivals: Iterable[Arrival]) -> None:
        for one in arrivals:
            found[one.product_id].append((days(one.at), one.quantity))

    def unexplained(of: Sequence[Perishable], back: int) -> list[Perishable]:
        known = {one.product_id: sum(quantity for _day, quantity in found[one.product_id]) for one in of}
        return [one for one in of if one.shelf_life > back and known[one.product_id] < one.available]

    back, since = RECENT, _start(store, today, RECENT)
    note(questions.deliveries(session, store.id, since))
    if older := unexplained(stock, 0):
        longest = _start(store, today, max(one.shelf_life for one in older))
        note(questions.openings(session, store.id, [one.product_id for one in older], longest))
    while older := unexplained(older, back):
        back, until, since = back * FURTHER, since, _start(store, today, back * FURTHER)
        note(questions.deliveries_of(session, store.id, [one.product_id for one in older], since, until))
    return found


def _start(store: ReportStore, today: date, days: int) -> datetime:
    return bounds(today - timedelta(days=days), store.time_zone)[0]


def _sold(session: Session, store_id: int, product_ids: Collection[int], today: date) -> dict[int, int]:
    first, last = today - timedelta(days=COVER_DAYS), today - timedelta(days=1)
    return replenishment.sold_between(session, store_id, product_ids, first=first, last=last) if product_ids else {}


def _row(one: Perishable, at_risk: Risk) -> Expiring:
    return Expiring(
        one.product_id, one.name, one.unit, one.available, at_risk.quantity, at_risk.past, at_risk.left,
        _worth(at_risk.quantity, one), _worth(at_risk.past, one), at_risk.sell_by,
    )  # fmt: skip


def _worth(quantity: int, of: Perishable) -> int:
    return divide_half_up(quantity * of.purchase_price, ONE)


def _added(one: Expiring, other: Expiring) -> Expiring:
    days = [day for day in (one.sell_by, other.sell_by) if day]
    return replace(
        one, available=one.available + other.available, quantity=one.quantity + other.quantity,
        past=one.past + other.past, left=one.left + other.left, value=one.value + other.value,
        past_value=one.past_value + other.past_value, sell_by=min(days, default=None),
    )  # fmt: skip
