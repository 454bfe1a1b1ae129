"""Setting a basket aside and taking it up again, at any till of the store, once."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine, check_size
from app.domain.errors import AlreadyResumed, ParkedUnknown, ParkedUuidConflict
from app.models.checkout import ParkedBasket
from app.queries import parked_baskets
from app.queries.parked_baskets import Parked


def park(
    session: Session,
    uuid: UUID,
    *,
    store_id: int,
    lines: tuple[BasketLine, ...],
    label: str,
    user_id: int,
    now: datetime,
) -> tuple[Parked, bool]:
    """Set a basket aside; (basket, whether it is new). The same UUID and lines again changes nothing.

    Raises:
        InvalidBasket: empty or too long.
        ParkedUuidConflict: the UUID stands for another basket, or for one of another store.
    """
    check_size(lines)
    home = parked_baskets.store_of(session, uuid)
    known = parked_baskets.by_uuid(session, store_id, uuid)
    if home not in (None, store_id) or (known is not None and known.lines != lines):
        raise ParkedUuidConflict(uuid=str(uuid))
    if known is None:
        session.add(
            ParkedBasket(
                uuid=uuid, store_id=store_id, label=label, lines=[asdict(line) for line in lines],
                parked_by_id=user_id, parked_at=now,
            )
        )  # fmt: skip
        session.flush()
    return _existing(session, store_id, uuid), known is None


def resume(session: Session, uuid: UUID, *, store_id: int, user_id: int, now: datetime) -> Parked:
    """Take a basket; only the first till gets it.

    Raises:
        ParkedUnknown: no such basket in this store.
        AlreadyResumed: another till took it.
    """
    taken = session.execute(
        update(ParkedBasket)
        .where(ParkedBasket.uuid == uuid, ParkedBasket.store_id == store_id, ParkedBasket.resumed_at.is_(None))
        .values(resumed_at=now, resumed_by_id=user_id),
        execution_options={"synchronize_session": False},
    )
    basket = _existing(session, store_id, uuid)
    if cast("CursorResult[Any]", taken).rowcount == 0:
        raise AlreadyResumed(uuid=str(uuid))
    return basket


def _existing(session: Session, store_id: int, uuid: UUID) -> Parked:
    found = parked_baskets.by_uuid(session, store_id, uuid)
    if found is None:
        raise ParkedUnknown(uuid=str(uuid))
    return found
