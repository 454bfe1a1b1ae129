"""Fortnights of daily sales summed up, so that a report of a year reads thirty rows a product instead of four hundred.

A sum holds until one of its days is summarised again: that transaction says so itself, under the lock that summing up
takes too. So what reports read is never older than the days, and no clock has to agree with another.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.reports import FORTNIGHT, Period, fortnight_of
from app.models.reports import DailySales, FortnightSales
from app.queries import locks, reports_sums
from app.queries import reports as report_queries


def due(session: Session, *, now: datetime, settled: int = 3) -> list[tuple[int, date]]:
    """Store and first day of every fortnight whose sums do not hold; not before all its days stay as they are."""
    found = []
    for store_id, zone in report_queries.time_zones(session).items():
        oldest = reports_sums.first_summarised(session, store_id)
        last = business_date(now, zone) - timedelta(days=settled + 1)
        if oldest is None or fortnight_of(oldest) > last:
            continue
        firsts = Period(fortnight_of(oldest), last).fortnights()
        done = set(reports_sums.summed(session, store_id, firsts)) - reports_sums.outdated(session, store_id, firsts)
        found += [(store_id, first) for first in firsts if first not in done]
    return found


def sum_up(session: Session, store_id: int, first: date, *, now: datetime) -> bool:
    """Sum a fortnight up anew; False when somebody else has done so meanwhile."""
    mark = locks.fortnight(session, store_id, first)
    if mark.summed_at is not None and not reports_sums.outdated(session, store_id, [first]):
        return False
    session.execute(
        delete(FortnightSales).where(FortnightSales.store_id == store_id, FortnightSales.first_day == first),
        execution_options={"synchronize_session": False},
    )
    days = (
        select(
            literal(store_id), literal(first), DailySales.product_id, *reports_sums.net_columns(),
            *reports_sums.flag_columns(DailySales),
        )
        .where(
            DailySales.store_id == store_id,
            DailySales.business_date.between(first, first + timedelta(days=FORTNIGHT - 1)),
        )
        .group_by(DailySales.product_id)
    )  # fmt: skip
    names = [column.name for column in FortnightSales.__table__.columns]
    session.execute(insert(FortnightSales).from_select(names, days))
    mark.summed_at = now
    return True


def reopen(session: Session, store_id: int, day: date) -> None:
    """Say that a day was summarised (again): the sums of its fortnight no longer hold."""
    locks.fortnight(session, store_id, fortnight_of(day)).summed_at = None
