"""What was sold between two days: summaries of closed days, and what is not summarised yet read live and added."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.business_day import business_date, days_before
from app.domain.errors import StoreUnknown
from app.domain.reports import Period
from app.queries import reports as report_queries
from app.queries import reports_day, reports_period, reports_sums
from app.queries.reports import ProductDay
from app.queries.reports_best import Kept
from app.queries.reports_period import DaySum, PartDay, ReportStore
from app.queries.reports_sums import Sold, Which
from app.services import reports_day as shaping
from app.services.reports import ALWAYS_AGAIN

ALL_STORES = 0
ALL = Which()
SLICE = 70
"""Days that one statement adds up: a year at once would take longer than the web waits for an answer."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The stores of a report; they share a currency."""

    stores: tuple[ReportStore, ...]
    home: ReportStore

    @property
    def currency(self) -> str:
        """Of every amount in the report."""
        return self.home.currency

    def today(self, now: datetime) -> date:
        """The business day of the home store."""
        return business_date(now, self.home.time_zone)


def scope(session: Session, home_id: int, wanted: int | None) -> Scope:
    """The store that is asked for (None: the home store, 0: all that share its currency).

    Raises:
        StoreUnknown: there is no such store.
    """
    home = reports_period.store(session, home_id if wanted in (None, ALL_STORES) else int(wanted or 0))
    if home is None:
        raise StoreUnknown(store_id=wanted)
    if wanted == ALL_STORES:
        return Scope(tuple(reports_period.stores_of_currency(session, home.currency)), home)
    return Scope((home,), home)


@dataclass(frozen=True, slots=True)
class Split:
    """A period of one store: days whose summaries are read, and days that are read live, up to a moment or whole."""

    kept: Period | None
    live: tuple[tuple[date, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Of a period: the summaries of all stores, and what was sold on days without, by product."""

    kept: tuple[Kept, ...]
    live: Mapping[int, Sold]

    @property
    def summaries(self) -> int:
        """How many there may be of one product."""
        return sum(one.summaries for one in self.kept)


def split_so_far(session: Session, store: ReportStore, period: Period, now: datetime, back: int) -> Split:
    """A period that is compared with the one `back` days later: no further than that one has come by `now`."""
    reached = business_date(now, store.time_zone) - timedelta(days=back)
    if back <= 0 or period.last < reached:
        return split(session, store, period, now)
    before = Period(period.first, reached - timedelta(days=1))
    whole = split(session, store, before, now) if before.days > 0 else Split(None, ())
    part = (reached, days_before(now, back, store.time_zone))
    return Split(whole.kept, (*whole.live, part) if reached in period else whole.live)


def split(session: Session, store: ReportStore, period: Period, now: datetime) -> Split:
    """Today is always live, and so is yesterday until its summary is there."""
    today = business_date(now, store.time_zone)
    oldest = today - timedelta(days=ALWAYS_AGAIN)
    hold = reports_period.days_that_hold(session, store.id, oldest, today) if period.last >= oldest else set()
    recent = [oldest + timedelta(days=count) for count in range(ALWAYS_AGAIN + 1)]
    live_from = next(day for day in recent if day == today or day not in hold)
    last_kept = min(period.last, live_from - timedelta(days=1))
    kept = Period(period.first, last_kept) if last_kept >= period.first else None
    return Split(kept, tuple((day, None) for day in recent if day >= live_from and day in period))


def products(
    session: Session, where: Scope, period: Period, *, now: datetime, which: Which = ALL, back: int = 0
) -> dict[int, Sold]:
    """What every product (of those that are asked for) sold, in all stores together; `back`: see `split_so_far`."""
    parts: list[Mapping[int, Sold]] = []
    for store in where.stores:
        days = split_so_far(session, store, period, now, back)
        for firsts, spans in _summed(session, store.id, days.kept):
            parts.append(reports_sums.by_product(session, store.id, firsts, spans, which))
        parts += _live(session, store, days, which)
    return together(parts)


def pieces(
    session: Session, where: Scope, period: Period, *, now: datetime, category_id: int | None, back: int = 0
) -> Pieces:
    """The same (of a category), with nothing read of what is summarised; `back`: see `split_so_far`."""
    found, parts = list[Kept](), list[Mapping[int, Sold]]()
    for store in where.stores:
        days = split_so_far(session, store, period, now, back)
        if days.kept is not None:
            summed = reports_sums.summed(session, store.id, days.kept.fortnights())
            found.append(Kept(store.id, summed, days.kept.without(summed)))
        parts += _live(session, store, days, Which(category_id))
    return Pieces(tuple(found), together(parts))


def _live(session: Session, store: ReportStore, days: Split, which: Which) -> Iterator[dict[int, Sold]]:
    for day, until in days.live:
        rows = report_queries.counted(session, store.id, day, until=until)
        yield {row.product_id: _sold(row) for row in _of(session, rows, which)}


def _of(session: Session, rows: list[ProductDay], which: Which) -> list[ProductDay]:
    if which.product_ids is not None:
        rows = [row for row in rows if row.product_id in which.product_ids]
    if which.category_id is None:
        return rows
    of = reports_period.categories_of(session, [row.product_id for row in rows])
    return [row for row in rows if of.get(row.product_id) == which.category_id]


def categories(session: Session, where: Scope, period: Period, *, now: datetime, back: int = 0) -> dict[int, Sold]:
    """What every category sold, by id, in all stores of the scope together; `back`: see `split_so_far`."""
    parts: list[Mapping[int, Sold]] = []
    for store in where.stores:
        days = split_so_far(session, store, period, now, back)
        for firsts, spans in _summed(session, store.id, days.kept):
            parts.append(reports_sums.by_category(session, store.id, firsts, spans))
        for day, until in days.live:
            rows = report_queries.counted(session, store.id, day, until=until)
            of = reports_period.categories_of(session, [row.product_id for row in rows])
            parts += [{of[row.product_id]: _sold(row)} for row in rows]
    return together(parts)


def _summed(session: Session, store_id: int, kept: Period | None) -> Iterator[tuple[list[date], list[Period]]]:
    """Fortnights and days to be added up by one statement each."""
    if kept is None:
        return
    firsts, batch = reports_sums.summed(session, store_id, kept.fortnights()), list[Period]()
    for span in [part for whole in kept.without(firsts) for part in whole.slices(SLICE)]:
        if sum(one.days for one in batch) + span.days > SLICE:
            yield firsts, batch
            firsts, batch = [], []
        batch.append(span)
    if firsts or batch:
        yield firsts, batch


def _sold(row: ProductDay) -> Sold:
    return Sold(
        row.units - row.returned, row.net, row.cost - row.returned_cost, row.is_promoted, row.out_of_stock_minutes
    )


def together(parts: Sequence[Mapping[int, Sold]]) -> dict[int, Sold]:
    """All of them added up."""
    found = dict(parts[0]) if parts else {}
    for part in parts[1:]:
        for key, one in part.items():
            found[key] = one.plus(found[key]) if key in found else one
    return found


def product_days(session: Session, where: Scope, product_id: int, period: Period, *, now: datetime) -> list[DaySum]:
    """One product day by day, the stores of the scope together."""
    found: dict[date, DaySum] = {}
    for store in where.stores:
        parts = split(session, store, period, now)
        rows = reports_period.days_of_product(session, store.id, product_id, parts.kept) if parts.kept else []
        for day, _until in parts.live:
            sold = [one for one in report_queries.counted(session, store.id, day) if one.product_id == product_id]
            rows += [DaySum(day, one, 0) for one in sold]
        for row in rows:
            kept = found.setdefault(row.day, DaySum(row.day, ProductDay(product_id), 0))
            kept.sold.add(row.sold)
            found[row.day] = replace(kept, open_minutes=kept.open_minutes + row.open_minutes)
    return [found[day] for day in sorted(found)]


def hours(session: Session, where: Scope, period: Period, *, now: datetime) -> list[PartDay]:
    """Takings of every hour of every day, the stores together."""
    return _parts(session, where, period, now, reports_period.hours, lambda store: shaping.by_hour(store.time_zone))


def cashiers(session: Session, where: Scope, period: Period, *, now: datetime) -> list[PartDay]:
    """Takings of every cashier on every day."""
    return _parts(session, where, period, now, reports_period.cashiers, lambda _store: shaping.by_cashier)


def _parts(
    session: Session,
    where: Scope,
    period: Period,
    now: datetime,
    kept: Callable[[Session, int, Period], list[PartDay]],
    key: Callable[[ReportStore], Callable[[reports_day.Receipt], int]],
) -> list[PartDay]:
    found: dict[tuple[date, int], shaping.Takings] = defaultdict(shaping.Takings)
    for store in where.stores:
        parts = split(session, store, period, now)
        rows = kept(session, store.id, parts.kept) if parts.kept else []
        for day, _until in parts.live:
            rows += live_parts(session, store.id, day, key(store))
        for row in rows:
            found[row.day, row.key].add(row)
    return [
        PartDay(*place, one.receipts, one.lines, one.gross, one.refunds, one.refunded)
        for place, one in sorted(found.items())
    ]


def live_parts(session: Session, store_id: int, day: date, key: Callable[[reports_day.Receipt], int]) -> list[PartDay]:
    """The takings of a day straight from its receipts."""
    sales, refunds = reports_day.receipts(session, store_id, day), reports_day.refunds(session, store_id, day)
    return [
        PartDay(day, place, one.receipts, one.lines, one.gross, one.refunds, one.refunded)
        for place, one in shaping.takings(sales, refunds, key).items()
    ]
