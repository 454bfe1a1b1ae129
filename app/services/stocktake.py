"""A counting session begins, or is given up."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.stocktake import Kind, State
from app.domain.stocktake_refusals import (
    NothingToCount,
    StocktakeClosed,
    StocktakeOverlaps,
    StocktakeUnknown,
    StocktakeUuidConflict,
    TooManyToCount,
)
from app.models.stocktake import Stocktake, StocktakeLine
from app.queries import locks
from app.queries import stocktake as questions
from app.services import audit

MAX_PRODUCTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a session covers: a category, a shelf or a list of products."""

    kind: Kind
    category_id: int | None = None
    shelf: str | None = None
    product_ids: tuple[int, ...] | None = None

    @property
    def request_hash(self) -> str:
        """The same for the same request."""
        what = [self.kind.value, self.category_id, self.shelf, sorted(self.product_ids or ())]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """A session; `is_new` False: this UUID had opened it before."""

    stocktake_id: int
    is_new: bool


def open_session(session: Session, *, uuid: UUID, store_id: int, scope: Scope, user_id: int, now: datetime) -> Opened:
    """Begin to count.

    Raises:
        StocktakeUuidConflict: the UUID stands for another session.
        NothingToCount, TooManyToCount: no stocked product is there, or more than one session takes.
        StocktakeOverlaps: some of the products are being counted in another session.
    """
    if known := _known(session, uuid, scope, store_id):
        return known
    products = questions.to_count(
        session, category_id=scope.category_id, shelf=scope.shelf, product_ids=scope.product_ids
    )
    try:
        _check(session, store_id, products)
    except StocktakeOverlaps:
        # The products may be those of this very request, sent twice: the other was quicker.
        if known := _known(session, uuid, scope, store_id):
            return known
        raise
    row = Stocktake(
        uuid=uuid, request_hash=scope.request_hash, store_id=store_id, kind=scope.kind.value,
        category_id=scope.category_id, shelf=scope.shelf, state=State.OPEN.value, opened_at=now, opened_by_id=user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.execute(insert(StocktakeLine), [_line(row.id, store_id, product_id) for product_id in products])
    note(session, row, "opened", user_id, now, kind=row.kind, products=len(products))
    return Opened(row.id, is_new=True)


def _known(session: Session, uuid: UUID, scope: Scope, store_id: int) -> Opened | None:
    row = session.scalars(select(Stocktake).where(Stocktake.uuid == uuid)).one_or_none()
    if row is None:
        return None
    if (row.request_hash, row.store_id) != (scope.request_hash, store_id):
        raise StocktakeUuidConflict(uuid=str(uuid))
    return Opened(row.id, is_new=False)


def _check(session: Session, store_id: int, products: Collection[int]) -> None:
    if not products:
        raise NothingToCount
    if len(products) > MAX_PRODUCTS:
        raise TooManyToCount(limit=MAX_PRODUCTS, products=len(products))
    other = questions.overlapping(session, [open_key(store_id, product_id) for product_id in products])
    if other is not None:
        raise StocktakeOverlaps(stocktake_id=other[0], products=other[1])


def _line(stocktake_id: int, store_id: int, product_id: int) -> dict[str, Any]:
    return {"stocktake_id": stocktake_id, "product_id": product_id, "open_key": open_key(store_id, product_id)}


def open_key(store_id: int, product_id: int) -> str:
    """What makes a product being counted the only one of its kind in its store: a second session is refused."""
    return f"{store_id}:{product_id}"


def cancel(
    session: Session, stocktake_id: int, *, store_ids: Collection[int] | None, user_id: int, now: datetime
) -> None:
    """Give a session up; nothing is booked. Giving it up again changes nothing.

    Raises:
        StocktakeUnknown: no such session there.
        StocktakeClosed: it is posted.
    """
    row = locked(session, stocktake_id, store_ids)
    if row.state == State.POSTED:
        raise StocktakeClosed(state=row.state)
    if row.state == State.CANCELLED:
        return
    row.state, row.cancelled_at = State.CANCELLED.value, now
    release(session, row)
    note(session, row, "cancelled", user_id, now)


def locked(session: Session, stocktake_id: int, store_ids: Collection[int] | None) -> Stocktake:
    """The session, locked.

    Raises:
        StocktakeUnknown: there is none, or in none of the stores (None: all stores).
    """
    row = locks.stocktake(session, stocktake_id)
    if row is None or (store_ids is not None and row.store_id not in store_ids):
        raise StocktakeUnknown(stocktake_id=stocktake_id)
    return row


def lines_of(session: Session, row: Stocktake) -> list[StocktakeLine]:
    """The lines as they are now, by product."""
    statement = select(StocktakeLine).where(StocktakeLine.stocktake_id == row.id)
    ordered = statement.order_by(StocktakeLine.product_id).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def release(session: Session, row: Stocktake) -> None:
    """Let the products be counted in another session."""
    for line in lines_of(session, row):
        line.open_key, line.needs_recount = None, False
    session.flush()


def note(session: Session, row: Stocktake, action: str, user_id: int, now: datetime, **details: Any) -> None:
    """Say in the audit log what was done with a session."""
    session.flush()
    audit.record(
        session, user_id=user_id, action=f"stocktake.{action}", subject_kind="stocktake", subject_id=row.id,
        details=details, now=now,
    )  # fmt: skip
    session.flush()
