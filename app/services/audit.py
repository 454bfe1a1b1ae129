"""The audit log: who did what to what. Rows are added, never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models.staff import AuditEntry


def record(
    session: Session,
    *,
    user_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: object = "",
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Add one entry; it is kept only if the use case around it is."""
    session.add(
        AuditEntry(
            at=now, user_id=user_id, action=action, subject_kind=subject_kind, subject_id=str(subject_id)[:64],
            details=dict(details or {}),
        )
    )  # fmt: skip


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, as {field: [old, new]}."""
    return {key: [before.get(key), value] for key, value in after.items() if before.get(key) != value}
