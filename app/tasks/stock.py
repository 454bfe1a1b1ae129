"""Posting sales to the ledger, and proving the books."""

from app.clock import utc_now
from app.domain.events import SalesCompleted
from app.extensions import celery
from app.services import stock
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only, transact

BATCH = 50
breaker = Breaker()


@celery.task(name="stock.post_sales", soft_time_limit=30, time_limit=45)
def post_sales(sale_ids: list[int] | None = None) -> int:
    """Post the named sales and whatever else lags, batch by batch; how many were posted."""
    posted = 0
    while True:
        batch = transact(lambda session: stock.post_sales(session, sale_ids or (), now=utc_now(), limit=BATCH))
        posted += batch
        if batch < BATCH:
            return posted


@celery.task(name="stock.verify")
def verify() -> int:
    """Run every invariant; the number of violations."""
    with read_only() as session:
        return len(stock.verify(session))


def _send(sale_ids: list[int]) -> None:
    post_sales.apply_async(args=(sale_ids,), retry=False)


nudger = Nudger(_send, breaker)


def on_sales_completed(fact: SalesCompleted) -> None:
    """Nudge a worker to post; never waits and never fails."""
    nudger.nudge(fact.sale_ids)
