"""Turning shortage into order lines within seconds; a sweep repairs messages that were lost."""

from collections.abc import Iterable, Iterator, Sequence

from app.clock import utc_now
from app.domain.events import StockFellBelowSafety
from app.extensions import celery
from app.queries import replenishment as replenishment_queries
from app.services import replenishment
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only, transact

BATCH = 200
TRIES = 10
BUDGET_S = 20.0
breaker = Breaker("replenishment")


@celery.task(name="replenishment.top_up")
def top_up(store_id: int, product_ids: list[int]) -> int:
    """Bring the draft orders of a store in line with the named products; how many lines changed."""
    return sum(_top_up(store_id, batch) for batch in _batches(sorted(set(product_ids))))


@celery.task(name="replenishment.top_up_all")
def top_up_all() -> int:
    """The same for everything that is short or drafted, in every store."""
    with read_only() as session:
        due = replenishment_queries.to_look_at(session)
    return sum(_top_up(store_id, batch) for store_id, products in due.items() for batch in _batches(products))


def _top_up(store_id: int, product_ids: Sequence[int]) -> int:
    done = transact(
        lambda session: replenishment.top_up(session, store_id, product_ids, now=utc_now()),
        tries=TRIES,
        budget_s=BUDGET_S,
    )
    return done.written + done.withdrawn


def _batches(product_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(product_ids), BATCH):
        yield product_ids[start : start + BATCH]


def _send(pairs: Iterable[tuple[int, int]]) -> None:
    for store_id, product_ids in _by_store(pairs).items():
        top_up.apply_async(args=(store_id, product_ids), retry=False)


def _by_store(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, set[int]] = {}
    for store_id, product_id in pairs:
        found.setdefault(store_id, set()).add(product_id)
    return {store_id: sorted(products) for store_id, products in found.items()}


nudger: Nudger[tuple[int, int]] = Nudger(_send, breaker)


def on_stock_fell_below_safety(fact: StockFellBelowSafety) -> None:
    """Nudge a worker to order. A till never waits for it; a worker sends at once and may try again."""
    if celery.conf.task_publish_retry:
        breaker.call(lambda: top_up.apply_async(args=(fact.store_id, list(fact.product_ids))))
    else:
        nudger.nudge((fact.store_id, product_id) for product_id in fact.product_ids)
