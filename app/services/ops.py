"""Signs of life, and what proofs of the books found."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.models.reports import Heartbeat
from app.queries.ops import PROVED
from app.services import audit

FORGOTTEN_AFTER: Final = timedelta(days=1)


def seen(session: Session, roles: Collection[str], *, host: str, now: datetime) -> None:
    """Note that `roles` are alive on `host`, and forget who has been away for a day."""
    for role in sorted(roles):
        here = (Heartbeat.role == role, Heartbeat.host == host)
        changed = session.execute(update(Heartbeat).where(*here).values(seen_at=now))
        if changed.rowcount == 0:  # type: ignore[attr-defined]
            session.execute(insert(Heartbeat).values(role=role, host=host, seen_at=now))
    session.execute(delete(Heartbeat).where(Heartbeat.seen_at < now - FORGOTTEN_AFTER))


def note_proof(session: Session, *, violations: int, now: datetime) -> None:
    """Keep when the books were proved and how many violations that found."""
    kind, name = PROVED
    audit.record(
        session, user_id=None, action="books_proved", subject_kind=kind, subject_id=name,
        details={"violations": violations}, now=now,
    )  # fmt: skip
