"""Summaries of closed business days: every hour, whatever is due, in any store's time zone."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Final

import structlog
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.errors import Busy
from app.extensions import celery
from app.services import reports, reports_fortnights
from app.services.reports_day import Missing
from app.unit_of_work import read_only, transact

TRIES = 10
BUDGET_S = 20.0
BLOCK: Final = 62
"""Days for which the ledger is walked through at once."""
ENOUGH_S: Final = 180.0
"""Of one run; a task may take 240 s."""
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
    """Summarise every day that is due; how many were. Runs that overlap share the days instead of doing them twice.

    A backlog is worked off from its newest days backwards; what is not reached within `ENOUGH_S` is the next run's.
    """
    started, ends = utc_now(), time.monotonic() + ENOUGH_S
    with read_only() as session:
        due = reports.due_days(session, now=started)
    done = 0
    for block in _blocks(due):
        with read_only() as session:
            missing = reports.hours_without_stock(session, block)
        for store_id, day in block:
            if time.monotonic() > ends:
                log.warning("days_left_for_the_next_run", first=day.isoformat())
                return done
            done += _summarise(store_id, day, started, missing[store_id])
    _sum_up_fortnights(ends)
    return done


def _sum_up_fortnights(ends: float) -> None:
    with read_only() as session:
        due = reports_fortnights.due(session, now=utc_now(), settled=reports.ALWAYS_AGAIN)
    for store_id, first in due:
        if time.monotonic() > ends:
            log.warning("fortnights_left_for_the_next_run", first=first.isoformat())
            return
        try:
            transact(_summing_up(store_id, first), tries=TRIES, budget_s=BUDGET_S)
        except Busy:  # reports read its days one by one until the next run
            log.warning("fortnight_not_summed_up", store_id=store_id, first=first.isoformat())


def _summing_up(store_id: int, first: date) -> Callable[[Session], bool]:
    return lambda session: reports_fortnights.sum_up(session, store_id, first, now=utc_now())


def _blocks(due: Sequence[tuple[int, date]]) -> Iterator[list[tuple[int, date]]]:
    """The days in blocks, the newest first; within a block the oldest first, as its prices are usual for the next."""
    by_day = sorted(due, key=itemgetter(1))
    for end in range(len(by_day), 0, -BLOCK):
        yield by_day[max(0, end - BLOCK) : end]


def _summarise(store_id: int, day: date, started: datetime, missing: Missing) -> int:
    try:
        summary = transact(
            lambda session: reports.summarise_day(
                session, store_id, day, now=utc_now(), unless_since=started, missing=missing
            ),
            tries=TRIES,
            budget_s=BUDGET_S,
        )
    except Busy:  # one day in the way of somebody else; the next run takes it up
        log.warning("day_not_summarised", store_id=store_id, day=day.isoformat())
        return 0
    return summary is not None
