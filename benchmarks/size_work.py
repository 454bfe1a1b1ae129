"""What workers do, timed in this process: what grows with a shop is the statements' share of it."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.clock import utc_now
from app.domain.checkout import BasketLine, NewSale
from app.domain.pricing import Tendered
from app.queries import ops as ops_queries
from app.queries import replenishment as replenishment_queries
from app.services import checkout, replenishment, reports, stock
from app.unit_of_work import read_only, transact
from benchmarks.baskets import Baskets
from benchmarks.size_questions import LINES, Site

GROUPS, GROUP = 10, 32
LOOKED_AT: Final = 50


def _posting(site: Site) -> float:
    """Post a burst: milliseconds a sale."""
    _post_all()
    source = Baskets(site.shop.prices, lines=LINES, seed=secrets.randbits(32))
    baskets = iter(source)
    for _group in range(GROUPS):
        sales = [_sale(site, source, next(baskets)) for _ in range(GROUP)]
        transact(lambda session, sales=sales: checkout.ring_up_all(session, sales, now=utc_now()))  # type: ignore[misc]
    return _timed(_post_all) / (GROUPS * GROUP)


def _post_all() -> None:
    while transact(lambda session: stock.post_sales(session, now=utc_now())):
        pass


def _sale(site: Site, source: Baskets, lines: list[tuple[int, int]]) -> NewSale:
    total = source.total(lines)
    return NewSale(
        uuid=UUID(source.uuid()), store_id=site.shop.store_id, till="B1", cashier_id=site.shop.cashier_id,
        lines=tuple(BasketLine(*line) for line in lines), payments=(Tendered("cash", total),), expected_total=total,
    )  # fmt: skip


def _summary_of_a_day(site: Site) -> float:
    day = date.fromisoformat(site.a_day)
    return _timed(
        lambda: transact(lambda session: reports.summarise_day(session, site.shop.store_id, day, now=utc_now()))
    )


def _days_due(_site: Site) -> float:
    def ask() -> None:
        with read_only() as session:
            reports.due_days(session, now=utc_now())

    return _timed(ask)


def _top_up(site: Site) -> float:
    """What a nudge makes a worker look at: the products of a few baskets."""
    wanted = list(site.shop.prices)[:LOOKED_AT]
    return _timed(
        lambda: transact(lambda session: replenishment.top_up(session, site.shop.store_id, wanted, now=utc_now()))
    )


def _sweep(_site: Site) -> float:
    """What the sweep looks at."""

    def ask() -> None:
        with read_only() as session:
            replenishment_queries.to_look_at(session)

    return _timed(ask)


def _state(_site: Site) -> float:
    """What every scrape of /metrics asks."""

    def ask() -> None:
        with read_only() as session:
            ops_queries.shop_state(session, now=utc_now())

    return _timed(ask)


def verify_s(site: Site) -> float:
    """Seconds to prove the books of the whole shop; a violation is an error of the filling."""
    found: list[object] = []

    def prove() -> None:
        with read_only() as session:
            found.extend(stock.verify(session))

    with site.app.app_context():
        _post_all()
        seconds = _timed(prove) / 1000
    if found:
        raise RuntimeError(f"the books do not agree: {found[:3]}")
    return seconds


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def run(site: Site, name: str) -> float:
    """One of `WORKS`, in milliseconds."""
    with site.app.app_context():
        return WORKS[name](site)


WORKS: Final[Mapping[str, Callable[[Site], float]]] = MappingProxyType(
    {
        "posting, a sale of a burst": _posting,
        "summary of one day": _summary_of_a_day,
        "days to summarise": _days_due,
        "replenishment, 50 products": _top_up,
        "replenishment, sweep of all": _sweep,
        "state for /metrics": _state,
    }
)
