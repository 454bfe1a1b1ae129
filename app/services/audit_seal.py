"""The audit log made tamper-evident: every entry gets a link in a chain of hashes, in batches and off the tills' path.

Changing, removing or adding an entry in the past breaks the chain from there on. Removing its end is noticed by whoever
keeps an older head: each run logs it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, RowMapping, func, insert, select
from sqlalchemy.orm import Session

from app.models.staff import AuditEntry, AuditSeal

BATCH: Final = 1000
LATE_IDS: Final = 5000
"""An entry may be committed after entries with higher ids: how far back a run looks for such ones."""
SEALED_WITHIN: Final = timedelta(hours=1)
START: Final = "0" * 64
CONTENT: Final = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.user_id,
    AuditEntry.action,
    AuditEntry.subject_kind,
    AuditEntry.subject_id,
    AuditEntry.details,
)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How many links hold, the last hash, and what is wrong."""

    sealed: int
    head: str
    faults: tuple[str, ...]


def seal(session: Session, *, limit: int = BATCH) -> int:
    """Add up to `limit` entries to the chain; how many were.

    Links are numbered without a gap: of two runs at once the second meets a taken number and runs again.
    """
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    number, before = (last.id, last.hash) if last else (0, START)
    highest = session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    waiting = (
        select(*CONTENT)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.id.is_(None), AuditEntry.id > highest - LATE_IDS)
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    links = list(_links(number, before, session.execute(waiting).all()))
    if links:
        session.execute(insert(AuditSeal), links)
    return len(links)


def verify(session: Session, *, now: datetime) -> ChainReport:
    """Compute the whole chain anew and compare; entries that were never sealed are a fault after an hour."""
    head, sealed = START, 0
    faults: list[str] = []
    rows = select(
        AuditSeal.id.label("number"), AuditSeal.entry_id.label("sealed_id"), AuditSeal.hash, *CONTENT
    ).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    for row in session.execute(rows.order_by(AuditSeal.id).execution_options(yield_per=BATCH)):
        if row.number != sealed + 1:
            faults.append(f"link {sealed + 1} is missing")
        elif row.id is None:
            faults.append(f"entry {row.sealed_id} is missing")
        elif link_hash(head, row._mapping) != row.hash:
            faults.append(f"entry {row.id} or the link before it was changed")
        head, sealed = row.hash, row.number
    return ChainReport(sealed, head, (*faults, *_unsealed(session, now)))


def link_hash(before: str, content: RowMapping) -> str:
    """The hash of one link: the hash before it and the entry as text that is the same on every database."""
    fields = {column.key: content[column.key] for column in CONTENT} | {"at": content["at"].isoformat()}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def _links(last: int, before: str, entries: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(entries, start=last + 1):
        before = link_hash(before, entry._mapping)
        yield {"id": number, "entry_id": entry.id, "hash": before}


def _unsealed(session: Session, now: datetime) -> Iterator[str]:
    statement = (
        select(AuditEntry.id)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.id.is_(None), AuditEntry.at < now - SEALED_WITHIN)
        .order_by(AuditEntry.id)
        .limit(20)
    )
    for entry_id in session.scalars(statement):
        yield f"entry {entry_id} was never sealed"


def head(session: Session) -> str:
    """The last hash of the chain: worth keeping somewhere else."""
    return session.scalar(select(AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1)) or START
