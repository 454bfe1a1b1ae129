"""Replays of the past, in the queue of the forecasts."""

import structlog

from app import forecast_work
from app.clock import utc_now
from app.extensions import celery
from app.services import whatif_asked
from app.unit_of_work import read_only, transact

log = structlog.get_logger(__name__)


@celery.task(name="forecast.what_if")
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
