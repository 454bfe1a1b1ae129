"""Replays of the past, in the queue of the forecasts."""

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from app import forecast_work
from app.clock import utc_now
from app.domain.events import WhatIfAsked
from app.extensions import celery
from app.queries import whatif as questions
from app.services import whatif_asked
from app.tasks.publisher import Breaker
from app.unit_of_work import read_only, transact

breaker = Breaker("what_if")
log = structlog.get_logger(__name__)


@celery.task(name="forecast.what_if", soft_time_limit=780, time_limit=840)
def what_if(whatif_id: int) -> bool:
    """Work off a replay somebody has asked for; False when it is done, another worker has it, or it cannot be done."""
    wanted = transact(lambda session: whatif_asked.claim(session, whatif_id, now=utc_now()))
    if wanted is None:
        return False
    store_id, kept = wanted
    try:
        result = forecast_work.replay(store_id, whatif_asked.settings_of(kept), products=kept["products"])
    except SoftTimeLimitExceeded:
        _fail(whatif_id, whatif_asked.TOO_LONG)
        return False
    except Exception:
        _fail(whatif_id, whatif_asked.ERROR)
        return False
    transact(lambda session: whatif_asked.finish(session, whatif_id, result, now=utc_now()))
    return True


def _fail(whatif_id: int, problem: str) -> None:
    # Whoever asked must see that it will not come.
    log.exception("what_if_failed", whatif_id=whatif_id, problem=problem)
    transact(lambda session: whatif_asked.fail(session, whatif_id, problem, now=utc_now()))


@celery.task(name="forecast.what_ifs_left")
def what_ifs_left() -> int:
    """Hand out again what was asked for and never came, give up what never will; how many were handed out."""
    now = utc_now()
    for whatif_id in transact(lambda session: whatif_asked.give_up_lost(session, now=now)):
        log.error("what_if_given_up", whatif_id=whatif_id)
    with read_only() as session:
        left = questions.left(session, now)
    for whatif_id in left:
        what_if.apply_async((whatif_id,), expires=questions.LEASE.total_seconds())
    return len(left)


def on_what_if_asked(fact: WhatIfAsked) -> None:
    """Hand a replay to a worker; whoever asked never waits for the queue."""
    breaker.call(lambda: what_if.apply_async((fact.whatif_id,), retry=False))
