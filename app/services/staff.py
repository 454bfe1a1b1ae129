"""Logins and user accounts. Passwords come hashed; nothing here knows how."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.models.staff import LoginSession, User
from app.services import audit


def begin_login(session: Session, *, session_id: str, user_id: int, hours: int, now: datetime) -> None:
    """Record a login that ends by itself after `hours`; logins long over are forgotten."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now - timedelta(days=1)))
    ends = now + timedelta(hours=hours)
    session.execute(insert(LoginSession).values(id=session_id, user_id=user_id, started_at=now, expires_at=ends))
    session.execute(update(User).where(User.id == user_id).values(last_login_at=now))
    audit.record(session, action="login", user_id=user_id, subject_kind="user", subject_id=user_id, now=now)


def end_login(session: Session, *, session_id: str, user_id: int, now: datetime) -> None:
    """End one login at once."""
    session.execute(delete(LoginSession).where(LoginSession.id == session_id))
    audit.record(session, action="logout", user_id=user_id, subject_kind="user", subject_id=user_id, now=now)


def end_all_logins(session: Session, *, user_id: int, by: int | None, now: datetime) -> None:
    """Log a user out everywhere: cookies and tokens carry the old uniquifier and are worth nothing."""
    session.execute(update(User).where(User.id == user_id).values(fs_uniquifier=secrets.token_hex(16)))
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    audit.record(session, action="logout_all", user_id=by, subject_kind="user", subject_id=user_id, now=now)
