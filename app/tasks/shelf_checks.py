"""The empty-shelf radar, twice an hour in every shop."""

import structlog

from app.clock import utc_now
from app.domain.errors import Busy
from app.extensions import celery
from app.queries import forecast as questions
from app.services import shelf_checks
from app.unit_of_work import read_only, transact

log = structlog.get_logger(__name__)


@celery.task(name="reports.look_at_shelves")
def look_at_shelves() -> int:
    """Open a check for what should have sold by now and has not; how many were opened."""
    with read_only() as session:
        shops = questions.shops(session)
    return sum(_look(store_id) for store_id, _zone in shops)


def _look(store_id: int) -> int:
    with read_only() as session:
        found = shelf_checks.look(session, store_id, now=utc_now())
    try:
        opened = transact(lambda session: shelf_checks.keep(session, store_id, found, now=utc_now()))
    except Busy:  # the next run looks again
        log.warning("shelves_not_looked_at", store_id=store_id)
        return 0
    if opened:
        log.info("shelves_to_look_at", store_id=store_id, opened=opened)
    return opened
