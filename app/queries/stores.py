"""Questions about stores."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.stock import Store


def time_zones(session: Session, store_ids: Collection[int]) -> dict[int, str]:
    """The time zone of each store: it decides the business day."""
    return dict(session.execute(select(Store.id, Store.time_zone).where(Store.id.in_(store_ids))).all())
