"""Which baskets are set aside in a store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine
from app.models.checkout import ParkedBasket
from app.models.staff import User


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket set aside; its lines carry no prices: they are asked for again when it is resumed."""

    uuid: UUID
    label: str
    parked_by: str
    parked_at: datetime
    lines: tuple[BasketLine, ...]
    is_resumed: bool


def _parked(store_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ParkedBasket.uuid, ParkedBasket.label, User.display_name, ParkedBasket.parked_at, ParkedBasket.lines,
            ParkedBasket.resumed_at,
        )
        .join(User, User.id == ParkedBasket.parked_by_id)
        .where(ParkedBasket.store_id == store_id)
    )  # fmt: skip


def _row(row: Row[*tuple[Any, ...]]) -> Parked:
    lines = tuple(BasketLine(**line) for line in row.lines)
    return Parked(row.uuid, row.label, row.display_name, row.parked_at, lines, row.resumed_at is not None)


def waiting(session: Session, store_id: int) -> list[Parked]:
    """The baskets nobody has taken yet, oldest first; at most 200."""
    statement = _parked(store_id).where(ParkedBasket.resumed_at.is_(None)).order_by(ParkedBasket.id).limit(200)
    return [_row(row) for row in session.execute(statement)]


def by_uuid(session: Session, store_id: int, uuid: UUID) -> Parked | None:
    """One basket of the store, taken or not."""
    row = session.execute(_parked(store_id).where(ParkedBasket.uuid == uuid)).one_or_none()
    return None if row is None else _row(row)


def store_of(session: Session, uuid: UUID) -> int | None:
    """The store whose basket the UUID stands for."""
    return session.scalar(select(ParkedBasket.store_id).where(ParkedBasket.uuid == uuid))
