"""Questions about stores."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.models.stock import Store


@dataclass(frozen=True, slots=True)
class StoreHead:
    """What a receipt says of its store; the time zone decides the business day."""

    id: int
    code: str
    name: str
    address: str
    currency: str
    time_zone: str


_c = Store.__table__.c
_HEADS: Final = select(_c.id, _c.code, _c.name, _c.address, _c.currency, _c.time_zone).where(
    _c.id.in_(bindparam("ids", expanding=True))
)


def heads(session: Session, store_ids: Collection[int]) -> dict[int, StoreHead]:
    """The named stores, by id."""
    rows = session.connection().execute(_HEADS, {"ids": list(store_ids)})
    return {row.id: StoreHead(*row) for row in rows}


def time_zones(session: Session, store_ids: Collection[int]) -> dict[int, str]:
    """The time zone of each store: it decides the business day."""
    return {store_id: head.time_zone for store_id, head in heads(session, store_ids).items()}
