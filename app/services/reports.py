"""Daily summaries: what each product sold on a closed business day, counted from the receipts."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.models.reports import DailySales, SummarisedDay
from app.queries import locks
from app.queries import reports as report_queries

ALWAYS_AGAIN: Final = 3
"""So many of the last closed days are counted again by every run: cheap, and it heals what nobody thought of."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many products a day's summary holds, and what they brought in, less refunds."""

    products: int
    net: int


def summarise_day(
    session: Session, store_id: int, day: date, *, now: datetime, unless_since: datetime | None = None
) -> Summary | None:
    """Count a business day anew; running it again gives the same rows.

    Runs of one day wait for each other. With `unless_since`, a day that another run has summarised after that
    moment is left alone and gives None.
    """
    done_at = locks.summarised_day(session, store_id, day)
    if unless_since is not None and done_at is not None and done_at > unless_since:
        return None
    rows = report_queries.counted(session, store_id, day)
    session.execute(
        delete(DailySales).where(DailySales.store_id == store_id, DailySales.business_date == day),
        execution_options={"synchronize_session": False},
    )
    if rows:
        key = {"store_id": store_id, "business_date": day}
        session.execute(insert(DailySales), [key | asdict(row) for row in rows])
    _mark(session, {(store_id, day)}, now)
    return Summary(len(rows), sum(row.gross - row.refunded for row in rows))


def due_days(session: Session, *, now: datetime) -> list[tuple[int, date]]:
    """Store and day of everything to summarise: closed days without a summary that holds, and the last three."""
    return [
        (store_id, day)
        for store_id, zone in report_queries.time_zones(session).items()
        for day in report_queries.days_to_summarise(session, store_id, business_date(now, zone), always=ALWAYS_AGAIN)
    ]


def reopen(session: Session, days: Collection[tuple[int, date]]) -> None:
    """Say that something was booked on these business days: a summary of them no longer holds."""
    if days:
        _mark(session, days, None)


def reopen_days_of(session: Session, sale_ids: Collection[int]) -> None:
    """The same for the days of sales that are being posted: a sale that came late opens its day again."""
    reopen(session, report_queries.days_of_sales(session, sale_ids))


def _mark(session: Session, days: Collection[tuple[int, date]], summarised_at: datetime | None) -> None:
    session.execute(
        update(SummarisedDay).where(report_queries.is_one_of(days)).values(summarised_at=summarised_at),
        execution_options={"synchronize_session": False},
    )
