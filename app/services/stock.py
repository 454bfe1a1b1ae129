"""Posting sales to the ledger, adjusting stock, proving the books."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from app.domain.errors import QuantityOutOfRange
from app.failpoints import failpoint
from app.models.checkout import Sale
from app.models.stock import StockAdjustment
from app.queries import locks, proof
from app.services import ledger, reports, stock_exceptions
from app.services.ledger import Entry

POST_BATCH = 50
_SALES: Final = cast(Table, Sale.__table__)
_POSTED: Final = (
    update(_SALES)
    .where(_SALES.c.id.in_(bindparam("sale_ids", expanding=True)))
    .values(posted_at=bindparam("now"))
)  # fmt: skip
INVARIANTS: Final = len(proof.INVARIANTS)


def post_sales(session: Session, sale_ids: Iterable[int] = (), *, now: datetime, limit: int = POST_BATCH) -> int:
    """Write the ledger rows of unposted sales, oldest first, and settle their reservations.

    `sale_ids` only says who asked: the table is the queue, so a lost, doubled or late message changes nothing.
    Returns how many sales were posted, at most `limit`.
    """
    claimed = locks.unposted_sales(session, limit=limit)
    if not claimed:
        return 0
    failpoint("stock.claimed")
    # Before the levels, as for a refund: a summary may hold the day, and tills must not wait for it too.
    # A sale that came late opens its day again.
    reports.reopen(session, {(sale.store_id, sale.business_date) for sale in claimed})
    sale_ids = [sale.id for sale in claimed]
    session.connection().execute(_POSTED, {"sale_ids": sale_ids, "now": now})
    ledger.book_sales(session, sale_ids, now=now)  # the levels last: all tills wait for them
    failpoint("stock.posted")
    return len(claimed)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The adjustment that was booked and the level after it."""

    adjustment_id: int
    on_hand: int
    available: int


def adjust(
    session: Session,
    *,
    store_id: int,
    product_id: int,
    quantity: int,
    reason: str,
    user_id: int | None,
    now: datetime,
    note: str = "",
) -> Adjusted:
    """Change stock for a reason that no sale or delivery explains: opening balance, waste, correction.

    Raises:
        QuantityOutOfRange: a change of nothing.
    """
    if quantity == 0:
        raise QuantityOutOfRange(quantity=quantity)
    document = StockAdjustment(
        store_id=store_id, product_id=product_id, quantity=quantity, reason=reason, note=note,
        user_id=user_id, adjusted_at=now,
    )  # fmt: skip
    session.add(document)
    session.flush()
    entry = Entry(store_id, product_id, reason, quantity, "adjustment", document.id, now)
    ledger.book(session, [entry], now=now)
    level = locks.stock_levels(session, store_id, [product_id])[product_id]
    if level.available < 0 or level.on_hand < 0:
        stock_exceptions.open_for(
            session, store_id=store_id, product_id=product_id, available=level.available, wanted=0, now=now,
            user_id=user_id, kind="adjusted_below_zero",
        )  # fmt: skip
    return Adjusted(document.id, level.on_hand, level.available)


def verify(session: Session, *, rest: Callable[[], object] = lambda: None) -> list[proof.Violation]:
    """Run every invariant of the books; an empty list is the proof. `rest` is called between two statements."""
    return [violation for number in range(INVARIANTS) for violation in prove(session, number, rest=rest)]


def prove(session: Session, number: int, *, rest: Callable[[], object]) -> list[proof.Violation]:
    """Run one of the `INVARIANTS` of the books, by its number."""
    return list(proof.violations(proof.Books(session, rest), proof.INVARIANTS[number]))
