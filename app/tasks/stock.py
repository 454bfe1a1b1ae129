"""Posting sales to the ledger, and proving the books."""

import logging
import time
from collections.abc import Iterable
from typing import Final

import structlog

from app.clock import utc_now
from app.domain.events import SalesCompleted
from app.extensions import celery
from app.observability import POST_BATCH_SALES, POST_BATCH_SECONDS
from app.services import ops, stock
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only, transact

BATCH = 50
JOIN_S: Final = 0.02
"""How long a message to the worker waits for more sales: a message costs more than a sale."""
PROOF_S: Final = 60
"""How long one message may prove before the rest of the proof goes into the next."""
REST_S: Final = 0.2
"""The least time between two messages of a process: fewer messages, fuller batches. Only a busy shop waits for it.
Twice as long costs the worker less, but then so many batches follow one another that tills wait for their levels."""
MOST: Final = 1000
log = structlog.get_logger(__name__)
breaker = Breaker("stock")


@celery.task(name="stock.post_sales", soft_time_limit=30, time_limit=45)
def post_sales(sale_ids: list[int] | None = None) -> int:
    """Post the named sales and whatever else lags, batch by batch; how many were posted."""
    posted = 0
    while True:
        batch = _post_batch(sale_ids or ())
        posted += batch
        if batch < BATCH:
            break
    if posted:
        log.info("sales_posted", sales=posted, asked_for=sale_ids)
    return posted


def _post_batch(sale_ids: Iterable[int]) -> int:
    began = time.perf_counter()
    batch = transact(lambda session: stock.post_sales(session, sale_ids, now=utc_now(), limit=BATCH))
    if batch:
        POST_BATCH_SALES.observe(batch)
        POST_BATCH_SECONDS.observe(time.perf_counter() - began)
    return batch


@celery.task(name="stock.verify", soft_time_limit=780, time_limit=840)
def verify(done: int = 0, found: int = 0) -> int:
    """Run every invariant and note the outcome in the audit log; the number of violations.

    A proof that takes long goes on with the next invariant in a message of its own: what waits gets its turn.
    """
    began = time.monotonic()
    while done < stock.INVARIANTS:
        with read_only() as session:
            found += len(stock.prove(session, done, rest=session.rollback))
        done += 1
        if done < stock.INVARIANTS and time.monotonic() - began > PROOF_S:
            verify.apply_async(args=(done, found))
            return found
    transact(lambda session: ops.note_proof(session, violations=found, now=utc_now()))
    log.log(logging.ERROR if found else logging.INFO, "books_verified", violations=found)
    return found


def _send(sale_ids: list[int]) -> None:
    post_sales.apply_async(args=(sale_ids,), retry=False)


nudger = Nudger(_send, breaker, window_s=JOIN_S, rest_s=REST_S, most=MOST)


def on_sales_completed(fact: SalesCompleted) -> None:
    """Nudge a worker to post; never waits and never fails."""
    log.info("sales_stored", sale_ids=list(fact.sale_ids))
    nudger.nudge(fact.sale_ids)
