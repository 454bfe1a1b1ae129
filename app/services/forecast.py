"""A night's forecast of one store: cut into chunks, taken by whoever is free, stored chunk by chunk.

The rows say what is done. Messages, workers and machines may come and go: whatever was not stored is done again, and
what was stored is not. No transaction is open while a chunk is fitted: `claim`, then read, then fit, then `save`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.forecast import HISTORY
from app.models.forecast import ForecastChunk, ForecastRun
from app.queries import forecast as questions
from app.queries import locks, stores
from app.services import forecast_chunks, forecast_safety

if TYPE_CHECKING:  # statistics take memory and time: who only begins a run does without
    from app.services.forecast_fit import Fitted

CHUNK: Final = 1000
"""Products are learned from together; more would not fit into a task's time on a busy machine."""
MOST_ATTEMPTS: Final = 3
"""Whoever dies of a chunk so often will die of it again; its products keep what was forecast the night before."""
LEASE: Final = timedelta(minutes=10)
"""More than the time a task may take: whoever claimed a chunk that long ago is dead, or as good as."""


@dataclass(frozen=True, slots=True)
class Started:
    """The run that now covers the store, and whether it is a new one."""

    run_id: int
    chunks: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """Products to forecast, and for which day on."""

    run_id: int
    number: int
    store_id: int
    first_day: date
    method: str | None
    product_ids: tuple[int, ...]
    attempt: int


def start(session: Session, store_id: int, *, now: datetime, method: str | None = None) -> Started:
    """Begin a run for everything a store sells; a run that is at work is joined instead of doubled."""
    if (at_work := questions.open_run(session, store_id)) is not None:
        return Started(at_work, questions.to_do(session, at_work), is_new=False)
    today = business_date(now, stores.time_zones(session, [store_id])[store_id])
    products = questions.products_to_forecast(session, store_id, today - HISTORY)
    parts = [products[place : place + CHUNK] for place in range(0, len(products), CHUNK)]
    run = ForecastRun(
        store_id=store_id, first_day=today, open_key=str(store_id) if parts else None, method=method,
        products=len(products), started_at=now, finished_at=None if parts else now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    if parts:
        rows = [{"run_id": run.id, "number": place, "product_ids": part} for place, part in enumerate(parts)]
        session.execute(insert(ForecastChunk), rows)
    return Started(run.id, len(parts), is_new=True)


def due(session: Session, *, now: datetime) -> list[int]:
    """Shops whose last closed day is summarised and whose next days nobody has forecast yet."""
    found = []
    for store_id, zone in questions.shops(session):
        today = business_date(now, zone)
        if questions.is_summarised(session, store_id, today - timedelta(days=1)) and not questions.has_run(
            session, store_id, today
        ):
            found.append(store_id)
    return found


def claim(session: Session, run_id: int, *, by: str, gone: Collection[str] = (), now: datetime) -> Claimed | None:
    """Take the next chunk that nobody is at work on, those never tried first; None when there is none left to take.

    One that was tried too often already is given up instead.
    """
    free = questions.free(since=now - LEASE, gone=gone)
    if numbers := questions.hopeless(session, run_id, free=free, attempts=MOST_ATTEMPTS):
        forecast_chunks.give_up_lost(session, run_id, numbers, now=now)
    for attempts in range(MOST_ATTEMPTS):
        if (chunk := locks.forecast_chunk(session, run_id, free=free, attempts=attempts)) is not None:
            chunk.claimed_at, chunk.claimed_by, chunk.attempts = now, by, attempts + 1
            return _claimed(session.get_one(ForecastRun, run_id), chunk)
    return None


def _claimed(run: ForecastRun, chunk: ForecastChunk) -> Claimed:
    return Claimed(
        run.id, chunk.number, run.store_id, run.first_day, run.method, tuple(chunk.product_ids), chunk.attempts
    )


def claimants(session: Session, *, now: datetime) -> set[str]:
    """Everybody who claims to be at work on a chunk of any run."""
    statement = select(ForecastChunk.claimed_by).where(
        ForecastChunk.done_at.is_(None), ForecastChunk.claimed_at >= now - LEASE
    )
    return {name for name in session.scalars(statement) if name}


def save(session: Session, claimed: Claimed, fitted: "Fitted", *, now: datetime) -> bool:
    """Store a chunk's forecasts, propose safety stocks by them, and end the run with its last chunk.

    Returns False, having stored nothing, when somebody else has done the chunk meanwhile.
    """
    run = locks.forecast_run(session, claimed.run_id)
    chunk = session.get_one(ForecastChunk, (claimed.run_id, claimed.number), populate_existing=True)
    if chunk.done_at is not None:
        return False
    forecast_chunks.store(session, run, claimed.product_ids, made=fitted.made, failed=fitted.failed)
    forecast_safety.propose(session, claimed.store_id, claimed.product_ids, now=now)
    chunk.failed, chunk.amounts, chunk.problem = len(fitted.failed), list(fitted.amounts), ""
    forecast_chunks.end(session, run, chunk, now=now)
    return True


def put_back(session: Session, claimed: Claimed, *, problem: str, now: datetime) -> None:
    """Let go of a chunk that something went wrong with: to be tried again, or given up when that was the last try."""
    run = locks.forecast_run(session, claimed.run_id)
    chunk = session.get_one(ForecastChunk, (claimed.run_id, claimed.number), populate_existing=True)
    if chunk.done_at is not None or chunk.attempts != claimed.attempt:
        return
    chunk.problem = problem[: forecast_chunks.PROBLEM]
    if chunk.attempts >= MOST_ATTEMPTS:
        forecast_chunks.give_up(session, run, chunk, now=now)
    else:
        chunk.claimed_at = chunk.claimed_by = None
