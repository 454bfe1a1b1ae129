"""How a chunk of a run ends: with its forecasts stored, or given up; and the run with the last of its chunks.

Whoever calls these holds the run's lock.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.queries import forecast as questions
from app.queries import locks

PROBLEM: Final = 200
log = structlog.get_logger(__name__)


def store(
    session: Session,
    run: ForecastRun,
    product_ids: Collection[int],
    *,
    made: Sequence[Mapping[str, Any]],
    failed: Mapping[int, str],
) -> None:
    """Keep the newest forecast of each product; one that failed keeps the figures it had, beside the reason."""
    key = {"store_id": run.store_id, "run_id": run.id}
    good: list[dict[str, Any]] = [{**key, **row, "state": "ok"} for row in made]
    bad = [{**key, "product_id": one, "note": note, "state": questions.FAILED} for one, note in failed.items()]
    known = set(
        session.scalars(
            select(Forecast.product_id).where(Forecast.store_id == run.store_id, Forecast.product_id.in_(product_ids))
        )
    )
    if fresh := [{**_EMPTY, **row} for row in (*good, *bad) if row["product_id"] not in known]:
        session.execute(insert(Forecast), fresh)
    # One statement each: both kinds of rows name their own columns.
    for rows in (good, bad):
        if old := [row for row in rows if row["product_id"] in known]:
            session.execute(update(Forecast), old)


_EMPTY: Final[dict[str, Any]] = {
    "method": "", "first_day": None, "mean": [], "quantiles": {}, "cover": {}, "wape": None, "rmsse": None,
    "bias": None, "history_days": 0, "note": "",
}  # fmt: skip


def end(session: Session, run: ForecastRun, chunk: ForecastChunk, *, now: datetime) -> None:
    """Mark a chunk done, and the run when it was the last."""
    chunk.done_at = now
    session.flush()
    if not questions.to_do(session, run.id):
        run.open_key, run.finished_at = None, now
        run.failed = session.scalar(select(func.sum(ForecastChunk.failed)).where(ForecastChunk.run_id == run.id)) or 0


def give_up(session: Session, run: ForecastRun, chunk: ForecastChunk, *, now: datetime) -> None:
    """End a chunk without a forecast: its products are marked with the problem it met, the others go on."""
    chunk.problem = chunk.problem or questions.LOST
    store(session, run, chunk.product_ids, made=(), failed=dict.fromkeys(chunk.product_ids, chunk.problem))
    chunk.failed = len(chunk.product_ids)
    end(session, run, chunk, now=now)
    log.error("forecast_chunk_given_up", run_id=run.id, chunk=chunk.number, problem=chunk.problem)


def give_up_lost(session: Session, run_id: int, numbers: Sequence[int], *, now: datetime) -> None:
    """Give up chunks whose workers never came back, unless one did meanwhile."""
    run = locks.forecast_run(session, run_id)
    for number in numbers:
        chunk = session.get_one(ForecastChunk, (run_id, number), populate_existing=True)
        if chunk.done_at is None:
            give_up(session, run, chunk, now=now)
