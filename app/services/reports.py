"""Daily summaries: what each product sold on a closed business day, counted from the receipts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.models.reports import DailyCashier, DailyHour, DailySales, SummarisedDay
from app.queries import locks, reports_day
from app.queries import reports as report_queries
from app.queries.reports import EDITION, ProductDay
from app.services import reports_day as shaping
from app.services import reports_fortnights
from app.services.reports_day import Missing

ALWAYS_AGAIN: Final = 3
"""So many of the last closed days are counted again by every run: cheap, and it heals what nobody thought of."""

SETTLES_IN: Final = timedelta(minutes=5)
"""After midnight: a receipt or refund of the last second may still be on its way into the books, and no request takes
so long."""

WALKED_BACK: Final = timedelta(days=35)
"""So far back the ledger is read again for the hours without stock of a day that was summarised before."""

_DAYS: Final = cast(Table, SummarisedDay.__table__)
# Built once and run on the connection: every batch of posted sales does it.
_REOPEN: Final = (
    update(_DAYS)
    .where(_DAYS.c.store_id == bindparam("of_store"), _DAYS.c.business_date == bindparam("day"))
    .values(summarised_at=None)
)


@dataclass(frozen=True, slots=True)
class Summary:
    """How many products a day's summary holds, and what they brought in, less refunds."""

    products: int
    net: int


def summarise_day(
    session: Session,
    store_id: int,
    day: date,
    *,
    now: datetime,
    unless_since: datetime | None = None,
    missing: Missing | None = None,
) -> Summary | None:
    """Count a business day anew; running it again gives the same rows.

    Runs of one day wait for each other. With `unless_since`, a day that another run has summarised after that
    moment is left alone and gives None. `missing` spares the walk through the ledger (`hours_without_stock`).
    """
    done_at = locks.summarised_day(session, store_id, day)
    if unless_since is not None and done_at is not None and done_at > unless_since:
        return None
    zone = report_queries.time_zones(session)[store_id]
    if missing is None:
        missing = shaping.missing(session, store_id, zone, [day])
    rows = _products(session, store_id, day, missing.get(day, {}))
    sales = reports_day.receipts(session, store_id, day)
    refunds = reports_day.refunds(session, store_id, day)
    _replace(session, DailySales, store_id, day, [asdict(row) for row in rows])
    hours = shaping.takings(sales, refunds, shaping.by_hour(zone))
    _replace(session, DailyHour, store_id, day, [{"hour": hour} | asdict(one) for hour, one in hours.items()])
    cashiers = shaping.takings(sales, refunds, shaping.by_cashier)
    _replace(session, DailyCashier, store_id, day, [{"cashier_id": key} | asdict(one) for key, one in cashiers.items()])
    _mark(session, {(store_id, day)}, now, edition=EDITION, open_minutes=_open_minutes(sales))
    reports_fortnights.reopen(session, store_id, day)
    return Summary(sum(1 for row in rows if row.units or row.returned), sum(row.net for row in rows))


def hours_without_stock(session: Session, days: Collection[tuple[int, date]]) -> dict[int, dict[date, dict[int, int]]]:
    """Minutes without stock, by store, day and product: for many days one walk through the ledger of each store.

    A day that was opened again weeks later keeps the minutes it has: a late sale is no reason to read years.
    """
    zones = report_queries.time_zones(session)
    per_store: dict[int, set[date]] = defaultdict(set)
    for store_id, day in days:
        per_store[store_id].add(day)
    found = {}
    for store_id, wanted in per_store.items():
        old = {day for day in wanted if day < max(wanted) - WALKED_BACK}
        kept = reports_day.kept_gaps(session, store_id, old) if old else {}
        found[store_id] = kept | shaping.missing(session, store_id, zones[store_id], wanted - kept.keys())
    return found


def _products(session: Session, store_id: int, day: date, missing: Mapping[int, int]) -> list[ProductDay]:
    found = {row.product_id: row for row in report_queries.counted(session, store_id, day)}
    shaping.mark_promoted(found.values(), reports_day.usual_prices(session, store_id, day))
    for product_id, minutes in missing.items():
        found.setdefault(product_id, ProductDay(product_id)).out_of_stock_minutes = minutes
    return [found[key] for key in sorted(found)]


def _open_minutes(sales: Collection[reports_day.Receipt]) -> int:
    moments = [sale.at for sale in sales]
    return round((max(moments) - min(moments)).total_seconds() / 60) if moments else 0


def _replace(session: Session, table: Any, store_id: int, day: date, rows: Collection[dict[str, Any]]) -> None:
    session.execute(
        delete(table).where(table.store_id == store_id, table.business_date == day),
        execution_options={"synchronize_session": False},
    )
    if rows:
        key = {"store_id": store_id, "business_date": day}
        session.execute(insert(table), [key | row for row in rows])


def due_days(session: Session, *, now: datetime) -> list[tuple[int, date]]:
    """Store and day of everything to summarise: closed days without a summary that holds, and the last three."""
    settled = now - SETTLES_IN
    return [
        (store_id, day)
        for store_id, zone in report_queries.time_zones(session).items()
        for day in report_queries.days_to_summarise(
            session, store_id, business_date(settled, zone), always=ALWAYS_AGAIN
        )
    ]


def reopen(session: Session, days: Collection[tuple[int, date]]) -> None:
    """Say that something was booked on these business days: a summary of them no longer holds."""
    if days:
        named = [{"of_store": store_id, "day": day} for store_id, day in sorted(days)]
        session.connection().execute(_REOPEN, named)


def _mark(session: Session, days: Collection[tuple[int, date]], summarised_at: datetime, **columns: int) -> None:
    session.execute(
        update(SummarisedDay).where(report_queries.is_one_of(days)).values(summarised_at=summarised_at, **columns),
        execution_options={"synchronize_session": False},
    )
