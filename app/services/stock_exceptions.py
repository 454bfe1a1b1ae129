"""Shelf and books disagree: open one task to count, close it when somebody has looked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.domain.errors import ShopError
from app.models.stock import StockException
from app.queries import locks
from app.services import audit


class StillShort(ShopError):
    """Available stock is still negative: nothing has been put right yet."""

    code = "still_short"


def open_for(
    session: Session,
    *,
    store_id: int,
    product_id: int,
    available: int,
    wanted: int,
    now: datetime,
    user_id: int | None,
    sale_id: int | None = None,
    kind: str = "sold_beyond_books",
) -> None:
    """Open an exception, or leave the one that is open; the caller holds the level's lock."""
    open_key = f"{store_id}:{product_id}"
    if session.scalar(select(StockException.id).where(StockException.open_key == open_key)) is not None:
        return
    session.add(
        StockException(
            store_id=store_id, product_id=product_id, kind=kind, open_key=open_key, sale_id=sale_id,
            wanted=wanted, available=available, opened_at=now, opened_by_id=user_id,
        )
    )  # fmt: skip
    session.flush()


def resolve(session: Session, exception_id: int, *, note: str, user_id: int, now: datetime) -> StockException:
    """Close an exception after somebody looked; closing a closed one changes nothing.

    Raises:
        RowUnknown: no such exception.
        StillShort: the books still promise more than they have: count and adjust first.
    """
    exception = session.get(StockException, exception_id, with_for_update=True)
    if exception is None:
        raise RowUnknown(exception_id=exception_id)
    if exception.open_key is None:
        return exception
    level = locks.stock_levels(session, exception.store_id, [exception.product_id])[exception.product_id]
    if level.available < 0 or level.on_hand < 0:
        raise StillShort(available=level.available)
    exception.open_key, exception.resolved_at, exception.resolved_by_id = None, now, user_id
    exception.note = note
    audit.record(
        session, user_id=user_id, action="stock.exception_resolved", subject_kind="stock_exception",
        subject_id=exception_id, details={"note": note}, now=now,
    )  # fmt: skip
    session.flush()
    return exception
