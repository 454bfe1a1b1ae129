"""The night's forecasts: who may begin, and one chunk after the other by every worker of the queue."""

from typing import Final

import structlog

from app import forecast_work
from app.clock import utc_now
from app.domain.errors import Busy
from app.extensions import celery
from app.queries import forecast as questions
from app.services import forecast
from app.services.forecast import Started
from app.unit_of_work import read_only, transact

TRIES: Final = 10
BUDGET_S: Final = 20.0
CALL_EXPIRES_S: Final = 86_400.0
RESENT_EXPIRES_S: Final = 60.0
log = structlog.get_logger(__name__)


@celery.task(name="forecast.run_due")
def run_due() -> int:
    """Begin a run for every shop whose night is summarised; how many were begun."""
    with read_only() as session:
        due = forecast.due(session, now=utc_now())
    return sum(_begin(store_id).is_new for store_id in due)


@celery.task(name="forecast.run")
def run(store_id: int, method: str | None = None) -> int:
    """Forecast one store now; the number of the run, which may be one that is already at work."""
    forecast_work.check_method(method)
    return _begin(store_id, method).run_id


def _begin(store_id: int, method: str | None = None) -> Started:
    """Start or join a run, and ask for as many workers as a new one has chunks."""
    started = transact(
        lambda session: forecast.start(session, store_id, now=utc_now(), method=method), tries=TRIES, budget_s=BUDGET_S
    )
    if started.is_new:
        _call_workers(started.run_id, started.chunks)
    return started


@celery.task(name="forecast.resume")
def resume() -> int:
    """Ask again for workers of runs that are not done: messages and machines get lost, rows do not."""
    with read_only() as session:
        left = {run_id: questions.to_do(session, run_id) for run_id in questions.open_runs(session)}
    for run_id, chunks in left.items():
        _call_workers(run_id, chunks, expires=RESENT_EXPIRES_S)
    return sum(left.values())


def _call_workers(run_id: int, chunks: int, expires: float = CALL_EXPIRES_S) -> None:
    for _number in range(chunks):
        work.apply_async((run_id,), expires=expires)


@celery.task(name="forecast.work", soft_time_limit=480, time_limit=540)
def work(run_id: int) -> bool:
    """Do one chunk of a run and ask for the next; False when there was none to do.

    One process of a host at a time: the others go on ordering and summarising.
    """
    try:
        is_done = forecast_work.do_next(run_id, one_a_host=True)
    except Busy:  # the chunk stays claimed for a while; `resume` brings it back
        log.warning("forecast_chunk_put_off", run_id=run_id)
        return False
    if is_done:
        with read_only() as session:
            left = questions.to_do(session, run_id)
        _call_workers(run_id, min(left, 1))
    return is_done
