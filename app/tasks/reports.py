"""Summaries of closed business days: every hour, whatever is due, in any store's time zone."""

from datetime import date

import structlog

from app.clock import utc_now
from app.domain.errors import Busy
from app.extensions import celery
from app.services import reports
from app.unit_of_work import read_only, transact

TRIES = 10
BUDGET_S = 20.0
log = structlog.get_logger(__name__)


@celery.task(name="reports.summarise_day")
def summarise_day(store_id: int, day: str) -> int:
    """Count one business day (YYYY-MM-DD) anew; how many products it sold."""
    wanted = date.fromisoformat(day)
    done = transact(
        lambda session: reports.summarise_day(session, store_id, wanted, now=utc_now()), tries=TRIES, budget_s=BUDGET_S
    )
    return done.products if done else 0


@celery.task(name="reports.summarise_days")
def summarise_days() -> int:
    """Summarise every day that is due; how many were. Runs that overlap share the days instead of doing them twice."""
    started = utc_now()
    with read_only() as session:
        due = reports.due_days(session, now=started)
    done = 0
    for store_id, day in due:
        try:
            summary = transact(
                lambda session, store_id=store_id, day=day: reports.summarise_day(  # type: ignore[misc]
                    session, store_id, day, now=utc_now(), unless_since=started
                ),
                tries=TRIES,
                budget_s=BUDGET_S,
            )
        except Busy:  # one day in the way of somebody else; the next run takes it up
            log.warning("day_not_summarised", store_id=store_id, day=day.isoformat())
            continue
        done += summary is not None
    return done
