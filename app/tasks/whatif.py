"""Replays of the past, in the queue of the forecasts."""

from datetime import timedelta
from typing import Final

import structlog

from app import forecast_work
from app.clock import utc_now
from app.domain.events import WhatIfAsked
from app.extensions import celery
from app.services import whatif_asked
from app.tasks.publisher import Breaker
from app.unit_of_work import read_only, transact

breaker = Breaker("what_if")
LOST_AFTER: Final = timedelta(minutes=15)
"""Longer than a task may take: whoever had it is gone."""
log = structlog.get_logger(__name__)


@celery.task(name="forecast.what_if", soft_time_limit=780, time_limit=840)
def what_if(whatif_id: int) -> bool:
    """Work off a replay somebody has asked for; False when it was done before."""
    with read_only() as session:
        wanted = whatif_asked.waiting(session, whatif_id)
    if wanted is None:
        return False
    store_id, kept = wanted
    try:
        result = forecast_work.replay(store_id, whatif_asked.settings_of(kept), products=kept["products"])
    except Exception:
        # Whoever asked must see that it will not come.
        transact(lambda session: whatif_asked.finish(session, whatif_id, None, now=utc_now()))
        log.exception("what_if_failed", whatif_id=whatif_id)
        return False
    transact(lambda session: whatif_asked.finish(session, whatif_id, result, now=utc_now()))
    return True


@celery.task(name="forecast.what_ifs_left")
def what_ifs_left() -> int:
    """Hand out again what was asked for and never came; how many there were."""
    with read_only() as session:
        left = whatif_asked.left_waiting(session, utc_now() - LOST_AFTER)
    for whatif_id in left:
        what_if.apply_async((whatif_id,), expires=LOST_AFTER.total_seconds())
    return len(left)


def on_what_if_asked(fact: WhatIfAsked) -> None:
    """Hand a replay to a worker; whoever asked never waits for the queue."""
    breaker.call(lambda: what_if.apply_async((fact.whatif_id,), retry=False))
