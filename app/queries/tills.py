"""Enrolled tills and the PINs typed at them."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.staff import EnrolledTill, Pin


@dataclass(frozen=True, slots=True)
class TillRow:
    """A browser that is a till of the shop."""

    id: int
    store_id: int
    till: str


@dataclass(frozen=True, slots=True)
class PinRow:
    """What is stored of somebody's PIN."""

    hash: str
    must_change: bool


def hash_of(secret: str) -> str:
    """What is stored of a till's secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def of_secret(session: Session, secret: str) -> TillRow | None:
    """The till with this secret."""
    wanted = select(EnrolledTill.id, EnrolledTill.store_id, EnrolledTill.till)
    row = session.execute(wanted.where(EnrolledTill.secret_hash == hash_of(secret))).one_or_none()
    return TillRow(*row) if row is not None else None


def pin_of(session: Session, user_id: int) -> PinRow | None:
    """The user's PIN, when there is one."""
    row = session.execute(select(Pin.hash, Pin.must_change).where(Pin.user_id == user_id)).one_or_none()
    return PinRow(*row) if row is not None else None
