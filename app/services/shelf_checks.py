"""The empty-shelf radar: what should have sold by now and has not becomes a shelf to look at; the answers come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain import shelf_checks as rule
from app.domain.business_day import bounds, business_date
from app.domain.forecast import Outlook
from app.domain.quantity import ONE, Unit
from app.domain.shelf_checks import Answer, ShelfCheckAnswered, ShelfCheckUnknown, Silence
from app.models.forecast import ShelfCheck
from app.queries import forecast, locks, stores
from app.queries import shelf_checks as questions
from app.queries.shelf_checks import OnShelf
from app.services import audit, stock_exceptions

EMPTY: Final = "shelf_empty"
"""The kind of stock exception that an empty shelf opens: the books have some, somebody should count."""
PORTION: Final = 250
"""Thousandths of a kilogram one customer takes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look around a store has found: silences that are no accident, and when everything last sold."""

    silences: Sequence[Silence]
    shelf: Mapping[int, OnShelf]
    values: Mapping[int, int]
    sold: Mapping[int, datetime]


def look(session: Session, store_id: int, *, now: datetime) -> Found:
    """Look for what should have sold by now and has not. Only reads: with thousands of products it takes seconds."""
    zone = stores.time_zones(session, [store_id])[store_id]
    today = business_date(now, zone)
    start = bounds(today - rule.LOOK_BACK, zone)[0]
    sold = questions.last_sales(session, store_id, start)
    profile = forecast.hourly_profile(session, store_id, today)
    if not rule.is_open(profile, now.astimezone(ZoneInfo(zone)).hour):
        return Found((), {}, {}, sold)
    since = latest(sold, questions.last_deliveries(session, store_id, start))
    outlooks = _asked_for(session, store_id, today, now)
    shelf = questions.on_shelf(session, store_id, outlooks.keys())
    silences = [
        rule.silence(
            outlooks[key], max(since.get(key, start), start), now, profile=profile, time_zone=zone,
            unit_size=ONE if one.unit == Unit.PIECE else PORTION,
        )
        for key, one in shelf.items()
    ]  # fmt: skip
    hours = sum(part >= rule.OPEN_PART for part in profile)
    values = {key: _an_hour(outlooks[key], one, hours) for key, one in shelf.items()}
    return Found(rule.worst(silences, values, most=rule.AN_HOUR), shelf, values, sold)


def keep(session: Session, store_id: int, found: Found, *, now: datetime) -> int:
    """Open checks for what was found, at most so many an hour, and close those that have sold; how many were opened."""
    _settle(session, store_id, found.sold, now)
    room = rule.AN_HOUR - questions.opened_since(session, store_id, now - timedelta(hours=1))
    # Asked again: another worker may have looked around at the same time.
    busy = questions.looked_at(session, store_id, now - rule.QUIET_AFTER)
    fresh = [one for one in found.silences if one.product_id not in busy][: max(room, 0)]
    return _open(session, store_id, fresh, found, now)


def _asked_for(session: Session, store_id: int, today: date, now: datetime) -> dict[int, Outlook]:
    """Forecasts of what may stand on the shelf and what nobody has looked at today."""
    busy = questions.looked_at(session, store_id, now - rule.QUIET_AFTER)
    known = forecast.selling_outlooks(session, store_id)
    return {key: one for key, one in known.items() if key not in busy and one.holds_on(today)}


def latest(*parts: Mapping[int, datetime]) -> dict[int, datetime]:
    """The latest moment of each product in any of the parts."""
    found: dict[int, datetime] = {}
    for key, moment in chain.from_iterable(part.items() for part in parts):
        found[key] = max(moment, found.get(key, moment))
    return found


def _an_hour(outlook: Outlook, on_shelf: OnShelf, open_hours: int) -> int:
    """What an hour of a product brings in, in minor units."""
    week = outlook.mean[:7]
    return sum(week) * on_shelf.selling_price // (ONE * max(len(week) * open_hours, 1))


def _open(session: Session, store_id: int, silences: Sequence[Silence], found: Found, now: datetime) -> int:
    session.add_all(
        ShelfCheck(
            store_id=store_id, product_id=one.product_id, open_key=f"{store_id}:{one.product_id}", opened_at=now,
            silent_since=one.since, expected=one.expected, chance=round(one.chance * rule.MILLION),
            available=found.shelf[one.product_id].available, value=found.values[one.product_id],
        )
        for one in silences
    )  # fmt: skip
    session.flush()
    return len(silences)


def _settle(session: Session, store_id: int, sold: Mapping[int, datetime], now: datetime) -> None:
    """Close what has sold since it fell silent: somebody has filled the shelf, or it was only a slow hour."""
    for check_id, product_id, silent_since in questions.silent_again(session, store_id):
        if product_id in sold and sold[product_id] > silent_since:
            check = locks.shelf_check(session, check_id)
            if check is not None and check.open_key is not None:
                check.open_key, check.answer, check.answered_at = None, Answer.SOLD.value, now
    session.flush()


def answer(
    session: Session, check_id: int, said: Answer, *, store_ids: frozenset[int] | None, user_id: int, now: datetime
) -> ShelfCheck:
    """Note what somebody found. An empty shelf opens a stock exception; the same answer again changes nothing.

    Raises:
        ShelfCheckUnknown: no such shelf to look at in these stores.
        ShelfCheckAnswered: somebody has found something else before.
    """
    check = locks.shelf_check(session, check_id)
    if check is None or (store_ids is not None and check.store_id not in store_ids):
        raise ShelfCheckUnknown(check_id=check_id)
    if check.answer == said.value:
        return check
    if check.open_key is None:
        raise ShelfCheckAnswered(check_id=check_id, answer=check.answer)
    check.open_key, check.answer, check.answered_at, check.answered_by_id = None, said.value, now, user_id
    if said is Answer.WAS_EMPTY:
        _ask_for_a_count(session, check, user_id=user_id, now=now)
    session.flush()
    audit.record(
        session, user_id=user_id, action="stock.shelf_looked_at", subject_kind="shelf_check", subject_id=check_id,
        details={"product": check.product_id, "answer": said.value}, now=now,
    )  # fmt: skip
    return check


def _ask_for_a_count(session: Session, check: ShelfCheck, *, user_id: int, now: datetime) -> None:
    level = locks.stock_levels(session, check.store_id, [check.product_id])[check.product_id]
    stock_exceptions.open_for(
        session, store_id=check.store_id, product_id=check.product_id, available=level.available, wanted=0, now=now,
        user_id=user_id, kind=EMPTY,
    )  # fmt: skip
