"""Shelf and books disagree: open one task to count, close it when somebody has looked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.stock import StockException


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
