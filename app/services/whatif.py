"""Replay past months with other settings, beside what really happened and what the present settings would have done.

Sales of days without stock say less than was wanted: there the demand is what the same weekday sold before, if more.
Forecasts are made afresh every other week from what was known on its first morning, by what the night's run uses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app import forecasting
from app.domain import replenishment as rule
from app.domain import whatif as domain
from app.domain.business_day import bounds
from app.domain.forecast import Outlook
from app.domain.quantity import ONE
from app.domain.replenishment import HISTORY_DAYS, Need
from app.domain.whatif import FIXED, Outcome, Settings
from app.forecasting import Series
from app.queries import stores
from app.queries import whatif as questions
from app.queries.whatif import Ordered
from app.services import forecast_fit, forecast_series

CHUNK: Final = 500
WEEK: Final = 7
REFIT: Final = 14
"""Days after which a replay forecasts afresh: learning from all products takes seconds, and months have many weeks."""
KINDS: Final = ("really", "fixed", "now", "what_if")
"""What is compared: what happened, the rule without a forecast, the settings of today, and those asked for."""
Outlooks = Mapping[int, Sequence[Outlook | None]]
"""For each product the forecasts of the first morning of every other week."""


@dataclass(frozen=True, slots=True)
class Material:
    """Some products with everything a replay reads, so that it runs without a database."""

    settings: Settings
    series: Sequence[Series]
    ordered: Mapping[int, Ordered]
    moved: Sequence[tuple[int, str, date, int]]


def read(session: Session, store_id: int, settings: Settings, product_ids: Sequence[int]) -> Material:
    """Everything about some products."""
    past = forecast_series.read(session, store_id, product_ids, today=settings.last + timedelta(days=1))
    zone = stores.time_zones(session, [store_id])[store_id]
    since = bounds(settings.first, zone)[0]
    return Material(
        settings, past.series, questions.ordered(session, store_id, product_ids),
        questions.moved(session, store_id, product_ids, since),
    )  # fmt: skip


def run(material: Material, *, holidays: frozenset[date], today: date) -> dict[str, Outcome]:
    """The outcome of each kind over all the products."""
    settings = material.settings
    found = {kind: Outcome() for kind in KINDS}
    methods = {None, settings.method} - {FIXED}
    said = {method: _forecasts(material.series, settings, method, holidays) for method in methods}
    for one in material.series:
        terms = material.ordered[one.key]
        demand = _demand(one, settings)
        if not sum(demand):
            continue
        changed = _with(terms, settings)
        chosen: Sequence[Outlook | None] = () if settings.method == FIXED else said[settings.method][one.key]
        found["really"].add(_really(one, terms, material, today))
        found["fixed"].add(_replayed(one, demand, terms, (), settings))
        found["now"].add(_replayed(one, demand, terms, said[None][one.key], settings))
        found["what_if"].add(_replayed(one, demand, changed, chosen, settings))
    return found


def _with(terms: Ordered, settings: Settings) -> Ordered:
    level = terms.service_level if settings.service_level is None else settings.service_level
    lead = terms.lead_time_days if settings.lead_time_days is None else settings.lead_time_days
    return replace(terms, service_level=level, lead_time_days=lead)


def _forecasts(
    series: Sequence[Series], settings: Settings, method: str | None, holidays: frozenset[date]
) -> dict[int, list[Outlook | None]]:
    found: dict[int, list[Outlook | None]] = {one.key: [] for one in series}
    day = settings.first
    while day <= settings.last:
        known = [_until(one, day) for one in series]
        said = forecasting.forecast_many(
            known, horizon=forecast_fit.HORIZON, holidays=holidays, method=method, today=day
        )
        for one in series:
            answer = said.get(one.key)
            found[one.key].append(None if answer is None else forecast_fit.outlook_of(answer))
        day += timedelta(days=REFIT)
    return found


def _until(one: Series, day: date) -> Series:
    """What was known on that morning: nothing of the days to come, neither sales nor prices."""
    count = max((day - one.first_day).days, 0)
    return replace(
        one,
        first_day=min(one.first_day, day),
        units=one.units[:count],
        in_stock=None if one.in_stock is None else one.in_stock[:count],
        price=None if one.price is None else one.price[:count],
        promoted=None if one.promoted is None else one.promoted[:count],
    )


def _demand(one: Series, settings: Settings) -> list[int]:
    """Thousandths wanted on each day of the replay."""
    offset = (settings.first - one.first_day).days
    days = (settings.last - settings.first).days + 1
    return [round(_wanted(one, place) * ONE) for place in range(offset, offset + days)]


def _wanted(one: Series, place: int) -> float:
    """What was wanted on a day: what sold, or on a day without stock what the same weekday usually sells."""
    sold = _sold(one, place)
    if one.in_stock is None or not 0 <= place < len(one.units) or one.in_stock[place]:
        return sold
    weekday = [_sold(one, back) for back in range(place - WEEK, place - 9 * WEEK, -WEEK) if back >= 0]
    full = [units for units in weekday if units > 0]
    return max(sold, sum(full) / len(weekday) if weekday else 0.0)


def _sold(one: Series, place: int) -> float:
    return (one.units[place] or 0.0) if 0 <= place < len(one.units) else 0.0


def _replayed(
    one: Series, demand: Sequence[int], terms: Ordered, outlooks: Sequence[Outlook | None], settings: Settings
) -> Outcome:
    """The product ordered by its forecasts, or without any by the mean of the last four weeks."""
    buyer = Buyer(one, terms, outlooks, settings)
    opening = max(buyer.target(0), terms.pack_size)
    return domain.replay(
        demand, buyer, opening=opening, lead_time_days=terms.lead_time_days, shelf_life_days=terms.shelf_life_days,
        cost=terms.purchase_price,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the shop would order on the evening of a day."""

    one: Series
    terms: Ordered
    outlooks: Sequence[Outlook | None]
    settings: Settings

    def __call__(self, place: int, stock: int) -> int:
        """Thousandths to order with so much on the shelf."""
        return rule.quantity_to_order(self._need(place, stock))

    def target(self, place: int) -> int:
        """The level to order up to."""
        return rule.target(self._need(place, 0))

    def _need(self, place: int, stock: int) -> Need:
        tomorrow = self.settings.first + timedelta(days=place + 1)
        terms, demand = self.terms, self._expected(place, tomorrow)
        proposed = None if demand is None else rule.proposed_safety(demand, terms.unit)
        sold = [_sold(self.one, at) for at in self._last_four_weeks(tomorrow)]
        return Need(
            available=stock, on_order=0, safety_stock=terms.safety_stock if proposed is None else proposed,
            sold=round(sum(sold) * ONE), days=len(sold), lead_time_days=terms.lead_time_days,
            pack_size=terms.pack_size, unit=terms.unit, demand=demand, minimum_order=terms.minimum_order,
        )  # fmt: skip

    def _expected(self, place: int, tomorrow: date) -> rule.Demand | None:
        outlook = self.outlooks[place // REFIT] if self.outlooks else None
        if outlook is None or not outlook.mean:
            return None
        return rule.demand_of(
            outlook, tomorrow, lead_time_days=self.terms.lead_time_days, service_level=self.terms.service_level,
            shelf_life_days=self.terms.shelf_life_days,
        )  # fmt: skip

    def _last_four_weeks(self, tomorrow: date) -> range:
        end = (tomorrow - self.one.first_day).days
        return range(max(end - HISTORY_DAYS, 0), max(end, 0))


def _really(one: Series, terms: Ordered, material: Material, today: date) -> Outcome:
    """What happened, read back from the stock of today along the ledger; lost sales are estimated."""
    settings = material.settings
    demand, offset = _demand(one, settings), (settings.first - one.first_day).days
    sold = [round(_sold(one, offset + place) * ONE) for place in range(len(demand))]
    by_day: dict[date, int] = {}
    done = Outcome(wanted=sum(demand), sold=sum(sold))
    for _product, kind, day, quantity in (row for row in material.moved if row[0] == one.key):
        by_day[day] = by_day.get(day, 0) + quantity
        if kind == questions.WASTE and settings.first <= day <= settings.last:
            done.wasted -= quantity
    left, day = terms.on_hand, max([today, *by_day])
    while day >= settings.first:
        if day <= settings.last:
            done.stock_days += max(left, 0)
            done.empty_days += left <= 0
        left, day = left - by_day.get(day, 0), day - timedelta(days=1)
    done.money_days = done.stock_days * terms.purchase_price // ONE
    done.waste_cost = done.wasted * terms.purchase_price // ONE
    return done


def all_in_parts(
    read_part: Callable[[Sequence[int]], Material],
    product_ids: Sequence[int],
    settings: Settings,
    *,
    holidays: frozenset[date],
    now: datetime,
) -> dict[str, Any]:
    """Replay any number of products part by part; the figures of each kind as they are kept and shown."""
    total = {kind: Outcome() for kind in KINDS}
    for place in range(0, len(product_ids), CHUNK):
        material = read_part(product_ids[place : place + CHUNK])
        for kind, outcome in run(material, holidays=holidays, today=now.date()).items():
            total[kind].add(outcome)
    days = (settings.last - settings.first).days + 1
    figures = {kind: outcome.figures(days, len(product_ids)) for kind, outcome in total.items()}
    return {"products": len(product_ids), "days": days, **figures}
