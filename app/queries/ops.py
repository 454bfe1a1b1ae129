"""The state of the shop as ops see it: what waits, what was proved, and who is alive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.models.checkout import Sale
from app.models.reports import Heartbeat, SummarisedDay
from app.models.staff import AuditEntry
from app.queries import back_office, stocktake_proposals

ALIVE_FOR: Final = timedelta(seconds=90)
ACCURACY_OF: Final = timedelta(days=90)
PROVED: Final = ("books", "proof")
"""Subject of the audit entry that a proof of the books leaves."""
SERVER_FIGURES: Final = (
    "Threads_connected", "Threads_running", "Questions", "Com_commit", "Com_rollback", "Innodb_row_lock_waits",
    "Innodb_row_lock_time", "Innodb_buffer_pool_reads", "Innodb_buffer_pool_read_requests", "Slow_queries",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """When the books were last proved, and how many violations that found."""

    at: datetime
    violations: int


@dataclass(frozen=True, slots=True)
class Alive:
    """A role: when it was last seen anywhere, and on how many hosts it is now."""

    role: str
    seen_at: datetime
    hosts: int


@dataclass(frozen=True, slots=True)
class ShopState:
    """Everything that one look at the database tells."""

    unposted: back_office.Unposted
    last_sale_id: int
    exceptions: int
    accuracy: stocktake_proposals.Accuracy
    proof: Proof | None
    summarised_at: datetime | None
    alive: tuple[Alive, ...]


def shop_state(session: Session, *, now: datetime) -> ShopState:
    """A handful of short questions, cheap enough for every scrape."""
    return ShopState(
        unposted=back_office.unposted(session, None),
        last_sale_id=session.scalar(select(func.max(Sale.id))) or 0,
        exceptions=back_office.open_exceptions(session, None),
        accuracy=stocktake_proposals.accuracy(session, None, since=now - ACCURACY_OF),
        proof=last_proof(session),
        summarised_at=session.scalar(select(func.max(SummarisedDay.summarised_at))),
        alive=_alive(session, now),
    )


def newest_sign_of_life(session: Session) -> datetime | None:
    """When anybody was last seen, as far as this database knows: the age of a replica."""
    return session.scalar(select(func.max(Heartbeat.seen_at)))


def last_proof(session: Session) -> Proof | None:
    """When the books were last proved, and what that found."""
    kind, name = PROVED
    entry = session.execute(
        select(AuditEntry.at, AuditEntry.details)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == name)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return None if entry is None else Proof(entry.at, int(entry.details["violations"]))


def _alive(session: Session, now: datetime) -> tuple[Alive, ...]:
    rows = session.execute(select(Heartbeat.role, Heartbeat.seen_at)).all()
    by_role: dict[str, list[datetime]] = {}
    for role, seen_at in rows:
        by_role.setdefault(role, []).append(seen_at)
    return tuple(
        Alive(role, max(seen), sum(now - one <= ALIVE_FOR for one in seen)) for role, seen in sorted(by_role.items())
    )


def server_figures(session: Session) -> dict[str, float]:
    """What the database server says of itself; nothing on SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return {}
    names = ", ".join(f"'{name}'" for name in SERVER_FIGURES)
    rows = session.execute(text(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({names})"))
    return {str(name): float(value) for name, value in rows}
